import Authorization
import Kernel
import Markup

/// The apps that are open to everybody.
struct PublicAppPages {
  let plane: ControlPlane

  var pages: [PageRoute] { [.page("/me/apps") { visit async throws(Problem) in .page(try await listPage(visit)) }] }

  private func listPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let filter = AppFilter(search: visit.query("q"), isTemplate: visit.query("show") == "templates")
    let page = try await plane.apps.listPublic(filter, visit.page, by: visit.caller)
    let own = filter.search == nil && visit.query("cursor") == nil ? try await plane.collaborators.own(by: visit.caller) : []
    let (here, now): (Link, Timestamp) = ("/me/apps", plane.world.clock())
    return ConsolePage("Apps", in: .personal(section: "apps")) {
      pageHeader("Apps", "Those that you were invited to from outside, and what organizations here have opened to everybody who is signed in.")
      if !own.isEmpty { collaborationSection(own, visit, now: now) }
      pageSection("Public apps") { publicApps(page, filter, here) }
    }
  }

  private func publicApps(_ page: Page<PublicApp>, _ filter: AppFilter, _ here: Link) -> HTML {
    fragment {
      if page.items.isEmpty, filter.isEmpty {
        emptyState("No public apps", "Nobody has opened an app to everybody yet. Who manages one does so in its settings.")
      } else {
        filterBar(here, search: filter.search ?? "", placeholder: "Find by name, * and ? allowed", replaces: "apps") {
          smallSelect("Show", "show", [Choice("", "All apps"), Choice("templates", "Templates")], selected: filter.isTemplate ? "templates" : "")
        }
        div(.id("apps"), .class("list")) { table(page, filter, here) }
      }
    }
  }

  private func table(_ page: Page<PublicApp>, _ filter: AppFilter, _ here: Link) -> HTML {
    fragment {
      if page.items.isEmpty {
        emptyState("No app fits", "No public app is like that. A * stands for any characters, a ? for one.") { linkButton("Show all apps", href: here) }
      } else {
        dataTable(
          "Public apps", [Column("App"), Column("Organization"), Column("Stars", .number)],
          page.items.map { found in
            TableRow(
              personCell(
                id: found.app.id, name: found.app.resource.name.text, detail: found.app.resource.slug.text, portrait: found.app.image,
                href: "/\(found.organization.slug)/apps/\(found.app.resource.slug)"),
              bdi { found.organization.name.text }, HTML(grouped(found.app.stars)))
          })
        pagination(
          shown: page.items.count, total: page.total, "app",
          next: page.next.map {
            here.adding("q", filter.search).adding("show", filter.isTemplate ? "templates" : nil).adding("cursor", $0.description)
          })
      }
    }
  }
}

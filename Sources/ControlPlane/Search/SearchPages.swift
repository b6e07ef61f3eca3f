import Authorization
import Kernel
import Markup

/// Finds pages, organizations and members by a few letters: a page of its own, and a dialog over every other.
struct SearchPages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    [
      .page("/search") { visit async throws(Problem) in
        guard let viewer = try await plane.viewer(as: visit.caller) else { return .redirect(to: "/sign-in?next=/search") }
        return .page(try await searchPage(viewer, try await frame(visit), visit))
      }
    ]
  }

  /// The organization whose pages and people are looked for; `nil` where none is told, or none that the viewer may open.
  private func frame(_ visit: Visit) async throws(Problem) -> OrganizationFrame? {
    guard let reference = visit.query("in") else { return nil }
    do throws(Problem) {
      let (organization, permissions) = try await plane.organizations.open(reference, by: visit.caller)
      return OrganizationFrame(organization, permissions, section: "")
    } catch {
      guard [.missing, .forbidden, .moved, .gone].contains(error.kind) else { throw error }
      return nil
    }
  }

  private func searchPage(_ viewer: Viewer, _ frame: OrganizationFrame?, _ visit: Visit) async throws(Problem) -> ConsolePage {
    let search = visit.query("q")
    let entries = (frame?.entries ?? []) + ConsoleEntry.personal + (viewer.isSuperUser ? ConsoleEntry.operations : [])
    let pages = search.map { text in entries.filter { $0.fits(text) } } ?? frame?.entries ?? ConsoleEntry.personal
    let organizations = try await plane.organizations.list(all: false, search: search, PageRequest(limit: 6), by: visit.caller)
    var people: Page<Member>?
    var portraits: Portraits = [:]
    if let search, let frame, frame.permissions.contains(.memberList) {
      let found = try await plane.members.list(in: frame.organization.id.description, MemberFilter(search: search), PageRequest(limit: 8), by: visit.caller)
      portraits = try await plane.images.portraits(of: found.items.map(\.account))
      people = found
    }
    return ConsolePage("Search", in: frame.map { .organization($0) } ?? .personal(section: "")) {
      pageHeader("Search")
      filterBar(
        "/search", search: search ?? "",
        placeholder: frame.map { "Find people in \($0.organization.name), organizations and pages" } ?? "Find organizations and pages", replaces: "found"
      ) {
        if let frame { input(.hidden, name: "in", .value(frame.organization.slug.text)) }
      }
      div(.id("found"), .class("found")) {
        if let people, let frame, let search, !people.items.isEmpty {
          let all = ("/\(frame.organization.slug)/members" as Link).adding("q", search)
          group("People", more: people.next == nil ? nil : ("Everybody who fits", all)) {
            for member in people.items {
              line(
                "/\(frame.organization.slug)/members/\(member.id)",
                portraits[member.account].map { picture(Image.link($0), .medium, .portrait) } ?? monogram(of: member.account, name: member.name.text, .medium),
                member.name.text, member.email?.text ?? member.handle.text)
            }
          }
        }
        if !pages.isEmpty { group("Pages") { for page in pages { line(page.href, Icon.arrowRight.html, page.title) } } }
        if !organizations.items.isEmpty {
          group("Organizations", more: organizations.next == nil ? nil : ("All that fit", ("/me/organizations" as Link).adding("q", search))) {
            for organization in organizations.items {
              line("/\(organization.slug)", figure(of: organization, .medium), organization.name.text, counted(organization.memberCount, "member"))
            }
          }
        }
        if pages.isEmpty, organizations.items.isEmpty, people?.items.isEmpty != false {
          emptyState("Nothing fits", "No page, organization or person that you may see is called so.")
        }
      }
    }
  }

  private func group(_ title: String, more: (title: String, href: Link)? = nil, @HTMLBuilder _ lines: Content) -> HTML {
    section {
      h2 { title }
      ul(content: lines)
      if let more { p { a(href: more.href) { more.title } } }
    }
  }

  private func line(_ href: Link, _ figure: HTML, _ name: String, _ detail: String? = nil) -> HTML {
    li {
      a(href: href) {
        figure
        span {
          bdi { name }
          if let detail { small { detail } }
        }
      }
    }
  }
}

import Authorization
import Kernel
import Markup

extension Moving {
  var pages: [PageRoute] {
    [
      .page("/{organization}/workspaces/{workspace}/move") { visit async throws(Problem) in .page(try await page(FormState("move"), visit)) },
      .form("/{organization}/workspaces/{workspace}/move") { visit async throws(Problem) in
        try await move(visit) { () async throws(Problem) in
          try await workspace(visit.parameter("workspace"), to: visit.field("organization"), in: visit.parameter("organization"), by: visit.caller).resource
        }
      },
      .page("/{organization}/apps/{app}/move") { visit async throws(Problem) in .page(try await page(FormState("move"), visit)) },
      .form("/{organization}/apps/{app}/move") { visit async throws(Problem) in
        try await move(visit) { () async throws(Problem) in
          try await app(visit.parameter("app"), to: visit.field("organization"), in: visit.parameter("organization"), by: visit.caller).resource
        }
      },
    ]
  }

  private func page(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let (resource, availability): (Resource, Availability)
    if visit.isAboutApp {
      let app = try await plane.apps.find(visit.parameter("app"), in: organization.id.description, by: visit.caller)
      (resource, availability) = (app.resource, try await self.availability(of: app, in: organization, by: visit.caller))
    } else {
      let workspace = try await plane.workspaces.find(visit.parameter("workspace"), in: organization.id.description, by: visit.caller)
      (resource, availability) = (workspace.resource, try await self.availability(of: workspace, in: organization, by: visit.caller))
    }
    let homes = try await homes(besides: organization, by: visit.caller)
    let section = visit.isAboutApp ? "apps" : "workspaces"
    let here: Link = "/\(organization.slug)/\(section)/\(resource.slug)"
    return ConsolePage("Move \(resource.name)", in: .organization(OrganizationFrame(organization, permissions, section: section)), status: status) {
      breadcrumb([(section == "apps" ? "Apps" : "Workspaces", "/\(organization.slug)/\(section)"), (resource.name.text, here)])
      pageHeader("Move \(bdi { resource.name.text }) to another organization")
      if availability == .impossible {
        banner(.attention, "You can't do this.", "What leaves an organization is its admins' matter, and the organization must be active.")
      } else if homes.isEmpty {
        emptyState("No other organization", "You must be an admin of the other organization, too. Ask one of its admins to make you one, or make a new one.")
      } else {
        consequences([
          "All that is in it goes along",
          "Who is a member of both organizations keeps the built-in roles that they hold on it by themselves; all other access ends at once",
          "What it used and cost so far stays in \(bdi { organization.name.text }), and so does the log",
          visit.isAboutApp ? "The other organization owns it; who worked on it from outside is invited anew" : "Its server goes on with its key",
        ])
        postForm("\(here)/move", state, token: visit.token) {
          selectField(
            "To", "organization", in: state, homes.map { Choice($0.slug.text, $0.name.text) }, hint: "Those that you are an admin of.")
          confirmField("Type \(code { resource.slug.text }) to show that you mean it", "confirm", expecting: resource.slug.text, in: state)
          passwordAgain(availability, state)
          buttonRow {
            submitButton("Move \(resource.name)", .danger)
            linkButton("Cancel", href: "\(here)/settings")
          }
        }
      }
    }
  }

  private func move(_ visit: Visit, _ act: () async throws(Problem) -> Resource) async throws(Problem) -> PageAnswer {
    let section = visit.isAboutApp ? "apps" : "workspaces"
    do throws(Problem) {
      let slug = visit.isAboutApp
        ? try await plane.apps.find(visit.parameter("app"), in: visit.parameter("organization"), by: visit.caller).resource.slug
        : try await plane.workspaces.find(visit.parameter("workspace"), in: visit.parameter("organization"), by: visit.caller).resource.slug
      guard visit.field("confirm").lowercased() == slug.text else { throw .invalid("confirm", "Type \"\(slug)\" to confirm that you mean it.") }
      try await plane.sessions.confirm(visit)
      let moved = try await act()
      let home = try await plane.organizations.find(moved.organization.description, by: visit.caller)
      return .redirect(to: "/\(home.slug)/\(section)/\(moved.slug)", flash: Flash(.good, "\(moved.name) is in \(home.name) now."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await page(FormState("move", values: visit.typed, problem: error.atPassword), visit, status: 422))
    }
  }
}

extension Visit {
  fileprivate var isAboutApp: Bool { !parameter("app").isEmpty }
}

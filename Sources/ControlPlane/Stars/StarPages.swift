import Authorization
import Kernel
import Markup

extension Stars {
  var pages: [PageRoute] {
    [
      .page("/{organization}/stars") { visit async throws(Problem) in .page(try await listPage(visit)) },
      .form("/{organization}/stars") { visit async throws(Problem) in try await set(visit) },
    ]
  }

  private func listPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let page = try await list(in: organization.id.description, visit.page, by: visit.caller)
    let found = page.items
    let now = plane.world.clock()
    var places: [ID<Resource>: Link] = [:]
    for star in found { places[star.resource.id] = try await link(of: star.resource, in: organization, by: visit.caller) }
    let here: Link = "/\(organization.slug)/stars"
    return ConsolePage("Starred in \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: ""))) {
      pageHeader("Starred", "What you want to find again. Nobody else sees which these are.")
      if found.isEmpty {
        emptyState("No stars yet", "Star a workspace, a cluster, a project or an app on its page, and it stands here.") {
          linkButton("To the workspaces", href: "/\(organization.slug)/workspaces")
        }
      } else {
        dataTable(
          "Starred", [Column("Name"), Column("Kind"), Column("Since"), .actions],
          found.map { star in
            TableRow(
              personCell(id: star.resource.id, name: star.resource.name.text, detail: star.resource.slug.text, href: places[star.resource.id]),
              HTML(star.resource.type.noun), relativeTime(star.since, now: now), starButton(star.resource, isStarred: true, at: here, visit))
          })
        pagination(shown: found.count, total: page.total, "star", next: page.next.map { here.adding("cursor", $0.description) })
      }
    }
  }

  private func link(of resource: Resource, in organization: Organization, by caller: Caller) async throws(Problem) -> Link? {
    switch resource.type {
    case .workspace: return "/\(organization.slug)/workspaces/\(resource.slug)"
    case .cluster: return "/\(organization.slug)/clusters/\(resource.slug)"
    case .app: return "/\(organization.slug)/apps/\(resource.slug)"
    case .project:
      let outer = resource.parent?.description ?? ""
      for place in [ProjectPlace.workspace(outer), .cluster(outer)] {
        if let project = try? await plane.projects.find(resource.id.description, at: place, in: organization.id.description, by: caller) {
          return projectLink(project, in: organization)
        }
      }
      return nil
    default: return nil
    }
  }

  private func set(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let reference = visit.parameter("organization")
    return try await telling(at: visit.back(or: "/\(reference)/stars")) { () async throws(Problem) in
      let id = ID<Resource>.named(visit.field("resource"))
      if visit.field("lift") == "yes" {
        try await remove(id, in: reference, by: visit.caller)
        return Flash(.good, "Your star is gone.")
      }
      let star = try await add(id, in: reference, by: visit.caller)
      return Flash(.good, "\(star.resource.name) stands among your stars now.")
    }
  }
}

/// Stars something, or takes the star away; comes back to the page that it stands on.
func starButton(_ resource: Resource, isStarred: Bool, at page: Link, in organization: Slug? = nil, _ visit: Visit) -> HTML {
  let action = Link(local: "/\(organization?.text ?? visit.parameter("organization"))/stars") ?? "/"
  return actionForm(action, token: visit.token, fields: ["resource": resource.id.description, "lift": isStarred ? "yes" : "", "back": page.text]) {
    submitButton(
      isStarred ? "Take the star away" : "Star", .plain, small: true,
      .aria("label", "\(isStarred ? "Take the star away from" : "Star") \(resource.name)"))
  }
}

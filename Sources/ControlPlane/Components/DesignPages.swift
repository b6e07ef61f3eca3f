import Contract
import Kernel
import Ledger
import Markup

/// The page that shows every component in every state, for those who build and those who look at a demonstration.
struct DesignPages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    guard plane.settings.isDemonstration else { return [] }
    return [
      .page("/design") { visit async throws(Problem) in
        let pages = try await examples(for: visit.caller)
        // What stands in there does nothing when it is pressed, and its times stand still.
        return .page(
          ConsolePage("Design", in: .personal(section: "design")) {
            div(.class("frozen"), .data("frozen")) { designPage() }
            pageSection("Pages", "Every page, as it stands in this demonstration, and in its other states.", id: "pages") {
              ul(.class("contents paths")) {
                for page in pages {
                  li {
                    a(href: page.href) { code { page.path } }
                    for state in page.states { small { a(href: state.href, .aria("label", "\(page.path), \(state.title)")) { state.title } } }
                  }
                }
              }
            }
          })
      }
    ]
  }

  private struct Example {
    let path: String
    let href: Link
    let states: [(title: String, href: Link)]
  }

  /// What pages look like beside their usual state, by what is added to their address.
  private static let states: [String: [(title: String, query: String)]] = [
    "/{organization}/members": [("nothing fits", "?q=nobody-at-all"), ("some of them", "?role=admin"), ("a cursor of nothing", "?cursor=x")],
    "/{organization}/members/invitations": [("nothing fits", "?q=nobody-at-all"), ("some of them", "?state=pending")],
    "/{organization}/teams": [("nothing fits", "?q=no-such-team"), ("some of them", "?q=m*")],
    "/{organization}/teams/{team}": [("nothing fits", "?q=nobody-at-all")],
    "/{organization}/access": [
      ("who", "?mode=who&action=read&type=workspace"), ("what if", "?action=read&type=project&change=roles&role=guest"),
    ],
    "/{organization}/policies": [("nothing fits", "?q=no-such-policy")],
    "/{organization}/policies/new": [("a template", "?template=free")],
    "/{organization}/roles/new": [
      ("a copy for projects", "?from=project.developer"), ("a copy for the organization", "?from=organization.viewer"), ("made of nothing", "?from=workspace."),
    ],
    "/{organization}/roles/requests": [("all", "?show=all")],
    "/{organization}/workspaces": [("nothing fits", "?q=no-such-workspace"), ("some of them", "?q=r*")],
    "/{organization}/projects": [("nothing fits", "?q=no-such-project")],
    "/{organization}/workspaces/{workspace}": [("nothing fits", "?q=no-such-project")],
    "/{organization}/workspaces/{workspace}/access": [("nothing fits", "?q=nobody-at-all")],
    "/{organization}/audit": [("verified", "?verify=yes"), ("refusals", "?outcome=refused"), ("nothing fits", "?since=2999-01-01")],
    "/{organization}/credits": [("a week", "?days=7"), ("a year", "?days=365")],
    "/{organization}/credits/shares": [("nothing fits", "?of=cluster"), ("some of them", "?of=project")],
    "/{organization}/credits/holds": [("nothing fits", "?state=expired"), ("some of them", "?state=live")],
    "/{organization}/credits/leases": [("nothing fits", "?state=released"), ("some of them", "?state=live")],
    "/{organization}/credits/quotas": [("nobody known", "?who=nobody-at-all")], "/{organization}/credits/budgets": [("nobody known", "?who=nobody-at-all")],
    "/{organization}/credits/statement": [("nothing fits", "?since=2999-01-01"), ("some of them", "?kind=post")],
    "/{organization}/usage": [
      ("a day", "?days=1"), ("a year", "?days=365"), ("by team", "?by=team"), ("one resource", "?resource=gpu"), ("nothing fits", "?resource=nothing"),
    ],
    "/{organization}/usage/events": [("nothing fits", "?id=nothing")],
    "/{organization}/members/outside": [("nothing fits", "?q=nobody-at-all")],
    "/{organization}/apps/{app}/collaborators": [("nothing fits", "?q=nobody-at-all")],
    "/me/activity": [("nothing fits", "?action=account.nothing")], "/me/organizations": [("nothing fits", "?q=nothing-at-all")],
    "/search": [("found", "?q=a"), ("nothing fits", "?q=nothing-at-all")],
    "/operator/accounts": [("nothing fits", "?q=nobody-at-all")], "/operator/organizations": [("nothing fits", "?q=nothing-at-all")],
  ]

  /// Every page, with where one of its kind is to be seen: in an organization of the viewer's, with one of its members, teams, service accounts and shares; those
  /// that a link opens, as they are without it; and one that isn't there.
  private func examples(for caller: Caller) async throws(Problem) -> [Example] {
    var parameters: [String: String] = [:]
    var onCluster: String?
    if let viewer = try await plane.viewer(as: caller), let organization = viewer.organizations.first {
      parameters = ["organization": organization.slug.text, "account": viewer.id.description]
      let members = try await plane.members.list(in: organization.slug.text, MemberFilter(), PageRequest(limit: 1), by: caller).items
      parameters["member"] = members.first?.id.description
      if let account = try await plane.serviceAccounts.list(in: organization.slug.text, PageRequest(limit: 1), by: caller).items.first {
        parameters["service_account"] = account.slug.text
        let keys = try await plane.serviceAccounts.listKeys(of: account.slug.text, in: organization.slug.text, PageRequest(limit: 1), by: caller).items
        parameters["key"] = keys.first?.id.description
      }
      let reference = organization.slug.text
      if let project = try await plane.projects.list(in: reference, .first, by: caller).items.first(where: { $0.place.kind == .workspace }) {
        (parameters["workspace"], parameters["project"]) = (project.place.slug.text, project.resource.slug.text)
        let grants = try await plane.grants.list(on: .workspace(project.place.slug.text), in: reference, PageRequest(limit: 1), by: caller).items
        parameters["grant"] = grants.first?.id.description
      }
      if let cluster = try await plane.organizationClusters.list(in: reference, PageRequest(limit: 1), by: caller).items.first?.resource.slug.text {
        parameters["cluster"] = cluster
        onCluster = try await plane.projects.list(at: .cluster(cluster), in: reference, PageRequest(limit: 1), by: caller).items.first?.resource.slug.text
      }
      if let app = try await plane.apps.list(in: reference, AppFilter(), PageRequest(limit: 1), by: caller).items.first {
        (parameters["app"], parameters["resource"]) = (app.resource.slug.text, app.resource.id.description)
        let outside = try? await plane.collaborators.list(of: app.resource.slug.text, in: reference, PageRequest(limit: 1), by: caller).items
        parameters["collaborator"] = outside?.first?.id.description
      }
      let shares = try await plane.subBalances.list(in: organization.slug.text, PageRequest(limit: 1), by: caller).items
      parameters["share"] = shares.first?.subBalance.id.description
      parameters["client"] = "api"
      let policies = try? await plane.policies.list(in: reference, PageRequest(limit: 1), by: caller).items
      parameters["policy"] = policies?.first?.slug.text
      let budgets = try await plane.budgets.list(in: organization.slug.text, PageRequest(limit: 1), by: caller).items
      parameters["budget"] = budgets.first?.budget.id.description
      let quotas = try await plane.quotas.list(in: organization.slug.text, PageRequest(limit: 1), by: caller).items
      parameters["quota"] = quotas.first?.quota.id.description
      parameters["elevation"] = try await plane.elevations.list(open: false, in: reference, by: caller).first?.elevation.id.description
      let further = try await plane.organizationAccess.list(in: reference, PageRequest(limit: 1), by: caller).items
      parameters["organization_grant"] = further.first?.id.description
      parameters["role"] = try await plane.roles.listDefined(in: reference, PageRequest(limit: 1), by: caller).items.first?.reference
      parameters["team"] = try await plane.teams.list(in: organization.slug.text, TeamFilter(), PageRequest(limit: 1), by: caller).items.first?.team.slug.text
    }
    let routes = plane.features.flatMap(\.pages).filter { $0.method == .get && !$0.isPassage }
    let pages: [Example] = routes.compactMap { route in
      var path = route.path
      if path.contains("/clusters/{cluster}/projects/") {
        guard let onCluster else { return nil }
        path = path.replacing("{project}", with: onCluster)
      }
      for (name, value) in parameters { path = path.replacing("{\(name)}", with: value) }
      guard !path.contains("{"), let href = Link(local: path) else { return nil }
      let states = (Self.states[route.path] ?? []).compactMap { state in Link(local: path + state.query).map { (title: state.title, href: $0) } }
      return Example(path: route.path, href: href, states: states)
    }
    return (pages + [Example(path: "/no/such/page", href: "/no/such/page", states: [])]).sorted { $0.path < $1.path }
  }
}

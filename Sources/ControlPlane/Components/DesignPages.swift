import Contract
import Kernel
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
            pageSection("Pages", "Every page, as it stands in this demonstration.", id: "pages") {
              ul(.class("contents paths")) { for page in pages { li { a(href: page.href) { code { page.path } } } } }
            }
          })
      }
    ]
  }

  /// Every page that needs no secret, with where one of its kind is to be seen: in an organization of the viewer's, with one of its members.
  private func examples(for caller: Caller) async throws(Problem) -> [(path: String, href: Link)] {
    var parameters: [String: String] = [:]
    if let viewer = try await plane.viewer(as: caller), let organization = viewer.organizations.first {
      parameters = ["organization": organization.slug.text, "account": viewer.id.description]
      let members = try await plane.members.list(in: organization.slug.text, MemberFilter(), PageRequest(limit: 1), by: caller).items
      parameters["member"] = members.first?.id.description
    }
    let routes = plane.features.flatMap(\.pages).filter { $0.method == .get && !$0.takesSecret && !$0.isPassage }
    return routes.compactMap { route in
      var path = route.path
      for (name, value) in parameters { path = path.replacing("{\(name)}", with: value) }
      guard !path.contains("{"), let href = Link(local: path) else { return nil }
      return (route.path, href)
    }.sorted { $0.path < $1.path }
  }
}

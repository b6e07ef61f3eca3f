import Authorization
import ControlPlane
import Kernel
import Markup

/// Fills the frame around a page with what holds for the person who looks at it.
struct ConsoleFrames: Sendable {
  let plane: ControlPlane
  let assets: PageAssets
  let imprint: String

  /// What the edge knows of a page's surroundings.
  struct Surroundings {
    let visit: Visit
    let theme: Theme
    let flashes: [Flash]
  }

  func document(_ page: ConsolePage, in surroundings: Surroundings) async throws(Problem) -> HTML {
    switch page.frame {
    case .plain: return plain(page, surroundings)
    case .personal(let section): return try await console(page, nil, surroundings) { ConsoleNavigation.personal(section, isOperator: $0.isSuperUser) }
    case .organization(let frame): return try await console(page, frame, surroundings) { _ in ConsoleNavigation.organization(frame) }
    }
  }

  private func plain(_ page: ConsolePage, _ surroundings: Surroundings) -> HTML {
    plainShell(PlainShellModel(title: page.title, theme: surroundings.theme, assets: assets, flashes: surroundings.flashes, imprint: imprint)) { page.content }
  }

  private func console(
    _ page: ConsolePage, _ frame: OrganizationFrame?, _ surroundings: Surroundings, navigation: (Viewer) -> [ShellModel.NavigationGroup]
  ) async throws(Problem) -> HTML {
    guard let viewer = try await plane.viewer(as: surroundings.visit.caller) else { return plain(page, surroundings) }
    let section = frame?.section ?? OrganizationFrame.overview
    let model = ShellModel(
      title: page.title,
      person: .init(id: viewer.id.description, name: viewer.name.text, handle: viewer.handle.text, portrait: viewer.portrait.map(Image.link)),
      active: frame.map { .init($0.organization, section: section) },
      places: viewer.organizations.map { .init($0, section: section) },
      morePlaces: viewer.organizationCount > viewer.organizations.count
        ? .init(total: viewer.organizationCount, search: ("/me/organizations/found" as Link).adding("section", section)) : nil,
      invitations: viewer.invitations.map {
        .init(organization: (id: $0.organization.id.description, name: $0.organization.name.text), detail: "From \($0.inviterName)", href: "/inbox/\($0.invitation.id)")
      },
      navigation: navigation(viewer), banners: ConsoleBanners.shown(to: viewer, in: frame),
      flashes: surroundings.flashes, theme: surroundings.theme, token: surroundings.visit.token, assets: assets,
      search: ("/search" as Link).adding("in", frame?.organization.slug.text),
      canInvite: frame?.permissions.contains(.invitationManage) ?? false, imprint: imprint,
      outgoingMail: plane.settings.isDemonstration ? "/outbox" : nil)
    return shell(model) { page.content }
  }
}

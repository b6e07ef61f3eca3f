import Authorization
import ControlPlane
import Kernel
import Markup

/// What holds for all pages of a place for now. Nothing of it keeps anybody out of their personal area.
enum ConsoleBanners {
  static func shown(to viewer: Viewer, in frame: OrganizationFrame?) -> [ShellModel.Notice] {
    if let frame { return suspension(frame).map { [$0] } ?? [] }
    return viewer.restorable.compactMap(deletion)
  }

  private static func suspension(_ frame: OrganizationFrame) -> ShellModel.Notice? {
    guard case .suspended(let suspension) = frame.organization.state else { return nil }
    let mayResume = frame.permissions.contains(.organizationSuspend)
    let reason = suspension.reason
    return ShellModel.Notice(
      .attention, "\(frame.organization.name) is suspended.", "It can be read, but not changed.\(reason.isEmpty ? "" : " The reason: \(reason.text)")",
      action: mayResume ? ("Let it work again", "/\(frame.organization.slug)/settings/suspension") : nil)
  }

  private static func deletion(_ organization: Organization) -> ShellModel.Notice? {
    guard case .deleted(_, let purge, _) = organization.state else { return nil }
    return ShellModel.Notice(
      .danger, "\(organization.name) is deleted.", "Until \(dayText(purge)) you can restore it; after that it is gone for good.",
      action: ("Restore", "/me/organizations#deleted"))
  }
}

import Authorization
import ControlPlane
import Kernel
import Markup

/// The entries beside the pages: only what the person may open is there.
enum ConsoleNavigation {
  /// The section of an organization's first page.
  static let overview = "overview"

  static func personal(_ section: String, isOperator: Bool) -> [ShellModel.NavigationGroup] {
    let entries: [(section: String, title: String, href: Link)] = [
      ("organizations", "Organizations", "/me/organizations"), ("profile", "Profile", "/me"), ("security", "Security and sessions", "/me/security"),
      ("tokens", "Access tokens", "/me/tokens"), ("activity", "Activity", "/me/activity"),
    ]
    let operations: [(section: String, title: String, href: Link)] = [
      ("operator-organizations", "All organizations", "/operator/organizations"), ("operator-accounts", "All accounts", "/operator/accounts"),
      ("operator-installation", "Sign-up and tokens", "/operator/installation"),
    ]
    func group(_ title: String?, _ entries: [(section: String, title: String, href: Link)]) -> ShellModel.NavigationGroup {
      ShellModel.NavigationGroup(title, entries.map { .init($0.title, href: $0.href, isCurrent: $0.section == section) })
    }
    return [group(nil, entries)] + (isOperator ? [group("Installation", operations)] : [])
  }

  static func organization(_ frame: OrganizationFrame) -> [ShellModel.NavigationGroup] {
    let entries: [(section: String, title: String, needs: Set<Permission>)] = [
      (overview, "Overview", [.organizationRead]), ("members", "Members", [.memberList]), ("roles", "Roles", [.organizationRead]),
      ("audit", "Audit log", [.eventList]),
      ("settings", "Settings", [.organizationUpdate, .organizationSuspend, .organizationTransfer, .organizationDelete]),
    ]
    let open = entries.filter { !frame.permissions.isDisjoint(with: $0.needs) }
    return [
      ShellModel.NavigationGroup(
        nil, open.map { .init($0.title, href: OrganizationFrame.start(of: $0.section, in: frame.organization), isCurrent: $0.section == frame.section) })
    ]
  }
}

import Authorization
import ControlPlane
import Kernel
import Markup

/// The entries beside the pages: only what the person may open is there.
enum ConsoleNavigation {
  /// The section of an organization's first page.
  static let overview = "overview"

  static func personal(_ section: String) -> [ShellModel.NavigationGroup] {
    let entries: [(section: String, title: String, href: Link)] = [
      ("organizations", "Organizations", "/me/organizations"), ("profile", "Profile", "/me"), ("security", "Security and sessions", "/me/security"),
      ("tokens", "Access tokens", "/me/tokens"),
    ]
    return [ShellModel.NavigationGroup(nil, entries.map { .init($0.title, href: $0.href, isCurrent: $0.section == section) })]
  }

  static func organization(_ frame: OrganizationFrame) -> [ShellModel.NavigationGroup] {
    let entries: [(section: String, title: String, needs: Set<Permission>)] = [
      (overview, "Overview", [.organizationRead]), ("members", "Members", [.memberList]), ("audit", "Audit log", [.eventList]),
      ("settings", "Settings", [.organizationUpdate, .organizationSuspend, .organizationTransfer, .organizationDelete]),
    ]
    let open = entries.filter { !frame.permissions.isDisjoint(with: $0.needs) }
    return [
      ShellModel.NavigationGroup(nil, open.map { .init($0.title, href: link(to: $0.section, of: frame.organization), isCurrent: $0.section == frame.section) })
    ]
  }

  static func link(to section: String, of organization: Organization) -> Link {
    section == overview ? "/\(organization.slug.text)" : "/\(organization.slug.text)/\(section)"
  }
}

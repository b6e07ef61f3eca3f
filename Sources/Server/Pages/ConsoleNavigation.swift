import Authorization
import ControlPlane
import Kernel
import Markup

/// The entries beside the pages: only what the person may open is there.
enum ConsoleNavigation {
  /// The section of an organization's first page.
  static let overview = "overview"

  static func personal(_ section: String) -> [ShellModel.NavigationGroup] {
    [ShellModel.NavigationGroup(nil, [.init("Organizations", href: "/", isCurrent: section == "organizations")])]
  }

  static func organization(_ frame: OrganizationFrame) -> [ShellModel.NavigationGroup] {
    let entries: [(section: String, title: String, needs: Permission)] = [
      (overview, "Overview", .organizationRead), ("members", "Members", .memberList), ("audit", "Audit log", .eventList),
    ]
    let open = entries.filter { frame.permissions.contains($0.needs) }
    return [ShellModel.NavigationGroup(nil, open.map { .init($0.title, href: link(to: $0.section, of: frame.organization), isCurrent: $0.section == frame.section) })]
  }

  static func link(to section: String, of organization: Organization) -> Link {
    section == overview ? "/\(organization.slug.text)" : "/\(organization.slug.text)/\(section)"
  }
}

import ControlPlane
import Markup

/// The entries beside the pages: only what the person may open is there.
enum ConsoleNavigation {
  static func personal(_ section: String, isOperator: Bool) -> [ShellModel.NavigationGroup] {
    [group(nil, ConsoleEntry.personal, section)] + (isOperator ? [group("Installation", ConsoleEntry.operations, section)] : [])
  }

  static func organization(_ frame: OrganizationFrame) -> [ShellModel.NavigationGroup] { [group(nil, frame.entries, frame.section)] }

  private static func group(_ title: String?, _ entries: [ConsoleEntry], _ section: String) -> ShellModel.NavigationGroup {
    ShellModel.NavigationGroup(title, entries.filter { !$0.section.isEmpty }.map { .init($0.title, href: $0.href, isCurrent: $0.section == section) })
  }
}

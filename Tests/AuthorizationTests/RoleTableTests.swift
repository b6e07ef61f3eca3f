import Authorization
import Foundation
import Kernel
import Testing

/// What every organization role may do, as a table that people read and review: `roles.golden` beside this file.
///
/// A change of a role must change the table in the same commit: `GUILDHALL_REWRITE_GOLDEN=1 swift test --filter RoleTableTests` writes it anew.
@Suite struct RoleTableTests {
  @Test func `Every role allows exactly what the table says`() throws {
    let actual = RoleTable.rendered
    if ProcessInfo.processInfo.environment["GUILDHALL_REWRITE_GOLDEN"] == "1" { try Data(actual.utf8).write(to: RoleTable.file) }
    let expected = try String(contentsOf: RoleTable.file, encoding: .utf8)
    let differing = zip(actual.split(separator: "\n", omittingEmptySubsequences: false), expected.split(separator: "\n", omittingEmptySubsequences: false)).filter { $0 != $1 }
    #expect(
      actual == expected,
      "roles.golden differs; if that is meant, run `GUILDHALL_REWRITE_GOLDEN=1 swift test --filter RoleTableTests`. \(differing.prefix(3).map { "now \($0.0) / was \($0.1)" })")
  }

  @Test func `The table reads back as what it was written from`() throws {
    let table = try RoleTable.read()
    for permission in Permission.allCases {
      for role in OrganizationRole.allCases { #expect(table[permission.rawValue]?.contains(role.rawValue) == role.permissions.contains(permission)) }
    }
  }

  @Test func `Each permission and each role has words of its own`() {
    #expect(Set(Permission.allCases.map(\.deed)).count == Permission.allCases.count)
    #expect(Set(OrganizationRole.allCases.map(\.holder)).count == OrganizationRole.allCases.count)
    #expect(RoleSet([.billing, .manager, .viewer])?.holder == "a manager, in charge of billing and a viewer")
  }

  @Test func `Only admin may everything, and a guest may only see that there is an organization`() {
    for role in OrganizationRole.allCases { check((role.permissions == Set(Permission.allCases)) == (role == .admin)) }
    #expect(OrganizationRole.guest.permissions == [.organizationRead])
    check(OrganizationRole.allCases.allSatisfy { $0.permissions.contains(.organizationRead) })
    check(OrganizationRole.viewer.permissions.allSatisfy(\.isReading))
  }
}

enum RoleTable {
  static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("roles.golden")

  static var rendered: String {
    let roles = OrganizationRole.allCases
    func row(_ name: String, _ cells: [String]) -> String {
      let columns = zip(roles, cells).map { role, cell in cell.padding(toLength: role.rawValue.count, withPad: " ", startingAt: 0) }
      return "\(name.padding(toLength: 24, withPad: " ", startingAt: 0))\(columns.joined(separator: "  "))".trimmingTrailingSpace()
    }
    var lines = ["# Each permission, and the organization roles that hold it.", row("", roles.map(\.rawValue))]
    for permission in Permission.allCases { lines.append(row(permission.rawValue, roles.map { $0.permissions.contains(permission) ? "yes" : "-" })) }
    lines += ["", "# Each action, and the organization roles that may do it in an active organization, just signed in.", row("", roles.map(\.rawValue))]
    for action in organizationActions {
      let cells = roles.map { role in
        let organization = OrganizationFacts(id: "o", state: .active, membership: MembershipFacts(roles: RoleSet(role), isSuspended: false, expires: nil))
        let person = Principal.account(AccountFacts(id: "a", isActive: true, isSuperUser: false, authenticatedAt: now, token: nil))
        return action.decision(by: person, in: organization).isAllowed ? "yes" : "-"
      }
      lines.append(row(action.name, cells))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The roles that hold each permission, as the first table of the file says.
  static func read() throws -> [String: Set<String>] {
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
    let roles = lines[1].split(separator: " ").map(String.init)
    var table: [String: Set<String>] = [:]
    for line in lines.dropFirst(2).prefix(while: { !$0.isEmpty }) {
      let cells = line.split(separator: " ").map(String.init)
      table[cells[0]] = Set(zip(roles, cells.dropFirst()).filter { $0.1 == "yes" }.map(\.0))
    }
    return table
  }
}

extension String {
  fileprivate func trimmingTrailingSpace() -> String {
    var rest = self[...]
    while rest.last == " " { rest.removeLast() }
    return String(rest)
  }
}

import Authorization
import Foundation
import Kernel
import Testing

/// What every built-in role may do with what kind of thing, as a table that people read and review: `resource-roles.golden` beside this file.
///
/// A change of a role must change the table in the same commit: `GUILDHALL_REWRITE_GOLDEN=1 swift test --filter ResourceRoleTests` writes it anew.
@Suite struct ResourceRoleTests {
  private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("resource-roles.golden")
  private static let types = ["workspace", "project", "app", "cluster", "node_pool", "stack", "pipeline", "model", "dataset", "concept", "task", "annotation"]
  private static let verbs: [(letter: String, verb: ResourceVerb)] = [
    ("l", .list), ("r", .read), ("c", .create), ("u", .update), ("d", .delete), ("U", .use), ("s", .share), ("m", .manage), ("S", .readSecretValue),
  ]

  private static var rendered: String {
    func row(_ name: String, _ rights: RightSet, _ own: RightSet) -> String {
      let cells = types.map { type in
        let type = ResourceType(type)
        let letters = verbs.map { rights.allows($0.verb, on: type) ? $0.letter : own.allows($0.verb, on: type) ? "o" : "-" }.joined()
        return letters == "---------" ? "-" : letters
      }
      let padded = zip(types, cells).map { $1.padding(toLength: max($0.count, verbs.count), withPad: " ", startingAt: 0) }
      return "\(name.padding(toLength: 28, withPad: " ", startingAt: 0))\(padded.joined(separator: " "))".replacing(/[ ]+$/, with: "")
    }
    var lines = [
      "# Each built-in role, and what it allows on things of some types within its reach:",
      "# \(verbs.map { "\($0.letter) \($0.verb)" }.joined(separator: ", ")), o on one's own alone, - nothing.",
      "\(String(repeating: " ", count: 28))\(types.map { $0.padding(toLength: max($0.count, verbs.count), withPad: " ", startingAt: 0) }.joined(separator: " "))".replacing(/[ ]+$/, with: ""),
    ]
    for role in OrganizationRole.allCases { lines.append(row("organization.\(role.rawValue)", role.resourceRights, [])) }
    for role in ResourceRole.allCases { lines.append(row(role.rawValue, role.rights, role.ownRights)) }
    return lines.joined(separator: "\n") + "\n"
  }

  @Test func `Every role allows exactly what the table says`() throws {
    let actual = Self.rendered
    if ProcessInfo.processInfo.environment["GUILDHALL_REWRITE_GOLDEN"] == "1" { try Data(actual.utf8).write(to: Self.file) }
    let expected = try String(contentsOf: Self.file, encoding: .utf8)
    #expect(actual == expected, "resource-roles.golden differs; if that is meant, run `GUILDHALL_REWRITE_GOLDEN=1 swift test --filter ResourceRoleTests`.")
  }

  @Test func `Every level has one role that allows everything, and it is the first`() {
    for scope in RoleScope.allCases where scope != .organization && scope != .object {
      let roles = ResourceRole.all(of: scope)
      #expect(roles.first?.rights == [.all])
      for role in roles.dropFirst() { #expect(!role.rights.isSuperset(of: [.all]), "\(role)") }
      for role in roles { #expect(ResourceRole(role.name, of: scope) == role) }
    }
    #expect(ResourceRole("admin", of: .organization) == nil)
    #expect(Set(ResourceRole.allCases.map(\.summary)).count == ResourceRole.allCases.count)
  }

  @Test func `Nobody gives what they lack, wildcards included`() {
    let manager = ResourceRole.projectManager.rights
    #expect(GrantedRole.resource(.projectViewer).beyond(manager).isEmpty)
    #expect(GrantedRole.resource(.projectDeveloper).beyond(manager).isEmpty)
    #expect(GrantedRole.resource(.projectAdmin).beyond(manager) == [.all])
    #expect(GrantedRole.actions([.read, .share]).beyond(ResourceRole.projectViewer.rights).map(\.description) == ["object:share"])
    // Holding a verb on every type that is known is less than holding it on every type.
    let custom = CustomRole(id: "r", name: "Reader", scope: .project, rights: [Right(.everything, .read)])
    #expect(GrantedRole.custom(custom).beyond(ResourceRole.workspaceViewer.rights).isEmpty)
    #expect(!GrantedRole.custom(custom).beyond(manager).isEmpty)
  }

  @Test func `A type or a verb that nobody knows is covered by wildcards alone`() {
    let (type, verb) = (ResourceType("quantum-run"), ResourceVerb("entangle"))
    #expect(type == ResourceType("quantum_run"))
    check(ResourceRole.projectAdmin.rights.allows(verb, on: type))
    check(ResourceRole.projectManager.rights.allows(verb, on: type))
    check(ResourceRole.projectDeveloper.rights.allows(.create, on: type))
    check(!ResourceRole.projectDeveloper.rights.allows(verb, on: type))
    check(!ResourceRole.workspaceStackAdmin.rights.allows(.read, on: type))
  }

  @Test func `Rights read back from their texts, and nothing else does`() {
    for right in ResourceRole.allCases.flatMap({ $0.rights.sorted + $0.ownRights.sorted }) { #expect(Right(right.description) == right) }
    for text in ["", ":", "app", "app:", ":read", "app:read:x", "App:read", "app:re ad", "ä:read", "b\u{301}:read", "**:read", String(repeating: "a", count: 65) + ":read"] { #expect(Right(text) == nil, "\(text)") }
  }
}

import Authorization
import Foundation
import Testing

/// Nothing that decides may be left out of these tests.
@Suite struct CoverageTests {
  @Test func `Every action of the source stands in the tables of these tests`() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Sources/Authorization")
    let source = try ["Action", "WorkAction"].map { try String(contentsOf: folder.appendingPathComponent("\($0).swift"), encoding: .utf8) }.joined(separator: "\n")
    var declared: [String: Set<String>] = [:]
    for match in source.matches(of: #/public enum (\w+): (\w+)/#) { declared[String(match.2), default: []].insert(String(match.1)) }
    let inOrganizations = ["OrganizationAction", "TeamAction", "JournaledAction"].flatMap { declared[$0, default: []] }
    #expect(Set(inOrganizations) == Set(organizationActions.map { "\($0)" }))
    #expect(declared["TeamAction"] == Set(teamActions.map { "\($0)" }))
    #expect(declared["AccountAction"] == Set(accountActions.map { "\($0)" }))
    #expect(declared["InstallationAction"] == Set(installationActions.map { "\($0)" }))
    #expect(declared["SecretAction"] == Set(secretActions.map { "\($0)" }))
    #expect(declared["ResourceAction"] == Set(resourceActions.map { "\($0)" }))
    #expect(declared["ObjectAction"] == Set(objectActions.map { "\($0)" }))
    let kinds: Set = ["ObjectAction", "OrganizationAction", "TeamAction", "ResourceAction", "JournaledAction", "AccountAction", "InstallationAction", "SecretAction"]
    #expect(Set(declared.keys) == kinds)
  }

  @Test func `Actions and permissions are named noun dot verb`() {
    let names = organizationActions.map { $0.name } + resourceActions.map { $0.name } + accountActions.map { $0.name } + installationActions.map { $0.name } + secretActions.map { $0.name }
    for name in names + Permission.allCases.map(\.rawValue) { #expect(name.wholeMatch(of: #/[a-z]+(-[a-z]+)*\.[a-z]+(_[a-z]+)*/#) != nil, "\(name)") }
  }

  @Test func `Two actions share a name only where the same thing is done with and without rights`() {
    let withRights = organizationActions.map { $0.name } + resourceActions.map { $0.name } + accountActions.map { $0.name } + installationActions.map { $0.name }
    #expect(Set(withRights).count == withRights.count)
    #expect(Set(secretActions.map { $0.name }).count == secretActions.count)
    #expect(Set(secretActions.map { $0.name }).intersection(withRights) == ["token.revoke", "service-account-key.revoke", "organization.restore"])
  }

  @Test func `Reading works while an organization is suspended, and reading is all that a read token does`() {
    for action in organizationActions where action.permission.isReading { check(action.worksWhileSuspended, "\(action)") }
    for permission in Permission.allCases {
      let verb = permission.rawValue.split(separator: ".").last
      #expect(permission.isReading == (verb == "read" || verb == "list" || verb == "export"), "\(permission.rawValue)")
    }
  }
}

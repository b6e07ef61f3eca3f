import Authorization
@testable import ControlPlane
import Kernel
import Markup
import Testing

@Suite struct RolesTests {
  @Test func `Each role says who holds it, whether one holds it oneself and whether one may give it`() async throws {
    let lab = try await Lab()
    let (bob, _) = try await lab.member("Bob", as: "manager", "billing")
    let (guest, _) = try await lab.member("Gil", as: "guest")
    func standings(_ caller: Caller) async throws -> [OrganizationRole: RoleStanding] {
      let all = try await lab.plane.roles.list(in: lab.slug, by: caller)
      #expect(all.map(\.role) == OrganizationRole.allCases)
      return Dictionary(uniqueKeysWithValues: all.map { ($0.role, $0) })
    }
    let admins = try await standings(lab.admin)
    #expect(admins.values.allSatisfy(\.isGrantable) && admins.values.filter(\.isOwn).map(\.role) == [.admin])
    for role in OrganizationRole.allCases {
      #expect(try await lab.plane.members.list(in: lab.slug, MemberFilter(role: role), .first, by: lab.admin).total == admins[role]?.members, "\(role)")
    }
    let managers = try await standings(lab.house.caller(bob))
    #expect(Set(managers.values.filter(\.isOwn).map(\.role)) == [.manager, .billing])
    // What is offered is what the rule lets through.
    for (number, role) in OrganizationRole.allCases.enumerated() {
      let refused = await refusal { _ = try await lab.invite("p\(number)@x.example", as: role.rawValue, by: lab.house.caller(bob)) }
      #expect((refused == nil) == managers[role]?.isGrantable, "\(role): \(refused ?? "invited")")
    }
    #expect(try await standings(lab.house.caller(guest)).values.allSatisfy { !$0.isGrantable && $0.members == nil })
    #expect(try await standings(lab.operator).values.allSatisfy { $0.isGrantable && !$0.isOwn })
    #expect(await refusal { _ = try await lab.plane.roles.list(in: lab.slug, by: lab.house.caller(try await lab.house.signUpVerified("Eve"))) } == "missing")
  }

  @Test func `Every permission stands in the matrix once`() {
    #expect(Permission.groups.flatMap(\.permissions).sorted() == Permission.allCases.sorted())
    #expect(Permission.groups.allSatisfy { !$0.permissions.isEmpty })
    let text = String(decoding: permissionMatrix().bytes, as: UTF8.self)
    let allowed = OrganizationRole.allCases.reduce(0) { $0 + $1.permissions.count }
    #expect(text.matches(of: />yes</).count == allowed)
    #expect(text.matches(of: />no</).count == OrganizationRole.allCases.count * Permission.allCases.count - allowed)
  }
}

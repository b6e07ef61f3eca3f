import Authorization
@testable import ControlPlane
import Kernel

/// An organization in a house of its own, with an operator outside of it, and an admin who isn't an operator.
struct Lab: Sendable {
  let house: House
  /// Runs the installation, and belongs to no organization.
  let oscar: NewSession
  /// Founded the organization, and is its only admin.
  let ada: NewSession
  let organization: Organization

  init(seed: UInt64 = 1, change: (inout Settings) -> Void = { _ in }) async throws {
    try await self.init(in: House(seed: seed, change: change))
  }

  init(in house: House) async throws {
    self.house = house
    oscar = try await house.signUpVerified("Oscar")
    ada = try await house.signUpVerified("Ada")
    organization = try await house.found("Lab", by: ada)
  }

  var plane: ControlPlane { house.plane }
  var slug: String { organization.slug.text }
  var stream: Stream { .organization(organization.id) }
  var admin: Caller { house.caller(ada) }
  var `operator`: Caller { house.caller(oscar) }

  /// Signs somebody up and takes them in.
  func member(_ name: String, as roles: String...) async throws -> (session: NewSession, member: Member) {
    let session = try await house.signUpVerified(name)
    return (session, try await house.join(organization, as: roles, session, invitedBy: ada))
  }

  func invite(_ address: String, as roles: String..., by inviter: Caller? = nil) async throws(Problem) -> SentInvitation {
    try await plane.invitations.send(InvitationDraft(address: address, roles: roles), to: slug, by: inviter ?? admin)
  }

  /// The invitee's key to the link that was sent.
  func key(_ sent: SentInvitation) -> InvitationKey { .link(house.secret(in: sent.link)) }

  func invitation(_ id: ID<Invitation>) async throws(Problem) -> Invitation { try await plane.invitations.find(id, in: slug, by: admin) }

  /// Ada's own membership.
  func founder() async throws -> Member {
    let page = try await plane.members.list(in: slug, MemberFilter(search: "ada@example.org"), .first, by: admin)
    return try page.items.first.orDefect()
  }

  /// The present roles of everybody, by handle.
  func roles() async throws(Problem) -> [String: String] {
    let members = try await plane.members.list(in: organization.id.description, MemberFilter(), PageRequest(limit: 200), by: self.operator).items
    return Dictionary(uniqueKeysWithValues: members.map { ($0.handle.text, $0.roles.description) })
  }
}

/// How often each outcome came, of many attempts at once.
func outcomes(_ attempts: [@Sendable () async -> String?]) async -> [String: Int] {
  await withTaskGroup(of: String.self) { group in
    for attempt in attempts { group.addTask { await attempt() ?? "success" } }
    return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }
}

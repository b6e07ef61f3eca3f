import Authorization
import Contract
import ControlPlane
import Kernel

/// People, programs, teams and invitations as ZenML's API shows them. Empty texts for what isn't known keep clients from failing.
enum People {
  /// `UserRead`.
  static func user(
    id: String, username: String, name: String, email: String?, isActive: Bool = true, isSuperUser: Bool = false, organization: ID<Organization>? = nil
  ) -> JSON {
    .object([
      .init("id", .string(id)), .init("username", .string(username)), .init("name", .string(name)), .init("email", .optional(email)),
      .init("avatar_url", .null), .init("company", .null), .init("job_title", .null), .init("metadata", .object([])), .init("oauth_provider", .null),
      .init("oauth_id", .null), .init("is_active", .boolean(isActive)), .init("is_superuser", .boolean(isSuperUser)),
      .init("is_service_account", .boolean(organization != nil)), .init("organization_id", .optional(organization?.description)),
      .init("is_onboarded", .boolean(true)), .init("password_expired", .boolean(false)),
    ])
  }

  static func user(_ account: Account) -> JSON {
    user(
      id: account.id.description, username: account.handle.text, name: account.name.text, email: account.email?.text ?? "", isActive: account.isActive,
      isSuperUser: account.isSuperUser)
  }

  static func user(_ member: Member) -> JSON {
    user(
      id: member.account.description, username: member.handle.text, name: member.name.text, email: member.email?.text ?? "",
      isActive: member.accountIsActive && member.suspended == nil)
  }

  static func user(_ account: ServiceAccount) -> JSON {
    user(
      id: account.id.description, username: account.slug.text, name: account.name.text, email: nil, isActive: account.state.isActive,
      organization: account.organization)
  }

  /// `TeamRead`.
  static func team(_ team: Team) -> JSON {
    .object([
      .init("id", .string(team.id.description)), .init("name", .string(team.name.text)), .init("slug", .string(team.slug.text)),
      .init("description", .string(team.description.text)), .init("organization_id", .string(team.organization.description)),
      .init("created", .string(team.createdAt.description)), .init("updated", .string(team.createdAt.description)),
      .init("member_count", .integer(Int64(team.size.members + team.size.serviceAccounts))),
    ])
  }

  /// An invitation, for who manages it.
  static func invitation(_ invitation: Invitation, at now: Timestamp) -> JSON {
    .object([
      .init("id", .string(invitation.id.description)), .init("email", .string(invitation.address.text)),
      .init("organization_id", .string(invitation.organization.description)), .init("status", .string(invitation.state(at: now).rawValue)),
      .init("roles", .array(invitation.roles.roles.map { .string($0.rawValue) })), .init("created", .string(invitation.createdAt.description)),
      .init("expiration_date", .string(invitation.expires.description)),
    ])
  }

  /// The same for who was invited.
  static func received(_ received: ReceivedInvitation) -> JSON {
    .object([
      .init("id", .string(received.invitation.id.description)), .init("organization_name", .string(received.organization.slug.text)),
      .init("organization_logo_url", .null), .init("organization_member_count", .integer(Int64(received.organization.memberCount))),
      .init("inviting_user_name", .string(received.inviterName.text)), .init("inviting_user_avatar_url", .null),
      .init("expiration_date", .string(received.invitation.expires.description)), .init("status", .string(received.state.rawValue)),
    ])
  }
}

extension ControlPlane {
  /// Everything of a list, up to so many: addresses without cursors page by numbers.
  func all<Item>(_ limit: Int, _ list: (PageRequest) async throws(Problem) -> Page<Item>) async throws(Problem) -> [Item] {
    var items: [Item] = []
    var request: PageRequest? = try PageRequest(limit: 200)
    while let next = request, items.count < limit {
      let page = try await list(next)
      items += page.items
      request = try page.next.map { cursor throws(Problem) in try PageRequest(limit: 200, cursor: cursor) }
    }
    return items
  }

  /// The organization of the caller's in which something is found: addresses name many things by their ids alone.
  func place<Found>(of caller: Caller, _ find: (String) async throws(Problem) -> Found) async throws(Problem) -> (organization: String, found: Found) {
    for organization in try await organizations.own(by: caller) {
      do throws(Problem) { return (organization.id.description, try await find(organization.id.description)) } catch {
        guard error.kind == .missing else { throw error }
      }
    }
    throw Problem(.missing, "There is no such thing, or nobody has shared it with you.")
  }
}

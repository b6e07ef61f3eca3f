import Authorization
import ControlPlane
import Kernel
import Secrets
import Storage

/// Carries deeds out on the real product.
struct Player {
  let plane: ControlPlane
  let database: any Database

  /// What the product told: a session's secret, or an invitation's link.
  struct Told {
    var session: String?
    var link: String?
  }

  static let password = "correct gannet staple 41"

  func play(_ deed: Deed, _ bindings: Bindings, _ books: Books) async throws(Problem) -> Told {
    func caller(_ person: Int) -> Caller {
      let origin = Origin(address: "10.0.\(person / 250).\(person % 250 + 1)", userAgent: "simulation", requestID: "")
      guard let secret = bindings.sessions[person] else { return Caller(secret: "gld_ses_none", from: origin) }
      return Caller(secret: secret, from: origin)
    }
    func house(_ number: Int, _ reference: Deed.Reference = .id) -> String {
      switch reference {
      case .id: bindings.houses[number].description
      case .slug: books.houses[number].slug
      case .formerSlug(let slug): slug
      }
    }
    func names(_ roles: Set<String>) -> [String] { roles.sorted() }
    func key(_ key: Deed.Key) -> InvitationKey {
      switch key {
      case .inbox(let invitation): .inbox(bindings.invitations[invitation])
      case .link(_, _, let secret): .link(secret)
      }
    }
    /// The member's id; one that nobody has, for who is no member.
    func member(_ account: Int, _ house: Int) async throws(Problem) -> ID<Member> {
      let (organization, id) = (bindings.houses[house], bindings.accounts[account])
      return try await database.read { tx in try tx.row("SELECT id FROM member WHERE organization = \(organization) AND account = \(id)")?.id("id") ?? .nothing }
    }
    func home(_ invitation: Int) -> String { house(books.invitations[invitation].house) }

    switch deed {
    case .signUp(let person, let handle, let invitation):
      let draft = try AccountDraft(email: Books.address(of: person), name: "Person \(person)", handle: handle, password: Self.password, invitation: invitation?.secret)
      let session = try await plane.accounts.create(draft, by: Caller(.none, from: caller(person).origin))
      return Told(session: session.secret.reveal())
    case .verify(_, let secret): _ = try await plane.emails.verify(secret, by: Caller(.none, from: .inside))
    case .signIn(let person):
      let session = try await plane.sessions.create(login: Books.address(of: person), password: Self.password, by: Caller(.none, from: caller(person).origin))
      return Told(session: session.secret.reveal())
    case .found(let person, let slug):
      let draft = try OrganizationDraft(name: Books.houseName(books.houses.count), slug: slug, description: "", billingEmail: Books.address(of: person))
      _ = try await plane.organizations.found(draft, by: caller(person))
    case .invite(let person, let number, let reference, let address, let roles, let days):
      let draft = try InvitationDraft(address: address, roles: names(roles), message: "", days: days)
      return Told(link: try await plane.invitations.send(draft, to: house(number, reference), by: caller(person)).link)
    case .renew(let person, let invitation, let mail):
      return Told(link: try await plane.invitations.renew(bindings.invitations[invitation], mail: mail, in: home(invitation), by: caller(person)).link)
    case .changeInvitation(let person, let invitation, let roles):
      _ = try await plane.invitations.setRoles(bindings.invitations[invitation], names(roles), seen: nil, in: home(invitation), by: caller(person))
    case .cancel(let person, let invitation): _ = try await plane.invitations.cancel(bindings.invitations[invitation], in: home(invitation), by: caller(person))
    case .accept(let person, let opening): _ = try await plane.invitations.accept(key(opening), by: caller(person))
    case .decline(let person, let opening): _ = try await plane.invitations.decline(key(opening), by: caller(person))
    case .setRoles(let person, let number, let reference, let target, let roles):
      _ = try await plane.members.setRoles(member(target, number), names(roles), seen: nil, in: house(number, reference), by: caller(person))
    case .setExpiry(let person, let number, let target, let ends):
      _ = try await plane.members.setExpiry(member(target, number), ends.map { Timestamp(milliseconds: $0) }, seen: nil, in: house(number), by: caller(person))
    case .suspendMember(let person, let number, let target): _ = try await plane.members.suspend(member(target, number), in: house(number), by: caller(person))
    case .resumeMember(let person, let number, let target): _ = try await plane.members.resume(member(target, number), in: house(number), by: caller(person))
    case .remove(let person, let number, let target): try await plane.members.remove(member(target, number), in: house(number), by: caller(person))
    case .leave(let person, let number): try await plane.members.leave(house(number), by: caller(person))
    case .reinstate(let person, let number, let target):
      let (organization, account) = (bindings.houses[number], bindings.accounts[target])
      let former: ID<FormerMember> = try await database.read { tx in
        try tx.row("SELECT id FROM former_member WHERE organization = \(organization) AND account = \(account)")?.id("id") ?? .nothing
      }
      _ = try await plane.members.reinstate(former, in: house(number), by: caller(person))
    case .transfer(let person, let number, let heir, let stepDown):
      let role = OrganizationRole(rawValue: stepDown) ?? .guest
      _ = try await plane.organizations.transfer(house(number), to: member(heir, number), steppingDownTo: role, by: caller(person))
    case .changeSlug(let person, let number, let slug):
      _ = try await plane.organizations.update(house(number), OrganizationUpdate(slug: slug), seen: nil, by: caller(person))
    case .takeRequests(let person, let number, let takes):
      _ = try await plane.organizations.update(house(number), OrganizationUpdate(acceptsRequests: takes), seen: nil, by: caller(person))
    case .suspend(let person, let number): _ = try await plane.organizations.suspend(house(number), because: "A simulated reason", by: caller(person))
    case .resume(let person, let number): _ = try await plane.organizations.resume(house(number), by: caller(person))
    case .delete(let person, let number): _ = try await plane.organizations.delete(house(number), confirm: books.houses[number].slug, by: caller(person))
    case .restore(let person, let number): _ = try await plane.organizations.restore(house(number), by: caller(person))
    case .restoreByLink(let secret): _ = try await plane.organizations.restore(link: secret, from: .inside)
    case .deactivate(let person, let target): _ = try await plane.accounts.deactivate(bindings.accounts[target], by: caller(person))
    case .reactivate(let person, let target): _ = try await plane.accounts.reactivate(bindings.accounts[target], by: caller(person))
    case .deleteAccount(let person): try await plane.accounts.delete(by: caller(person))
    case .request(let person, let number): _ = try await plane.requests.ask(house(number), message: "", by: caller(person))
    case .approve(let person, let request, let roles):
      _ = try await plane.requests.approve(bindings.requests[request], roles: names(roles), in: house(books.requests[request].house), by: caller(person))
    case .refuse(let person, let request): _ = try await plane.requests.refuse(bindings.requests[request], in: house(books.requests[request].house), by: caller(person))
    case .withdraw(let person, let request): _ = try await plane.requests.withdraw(bindings.requests[request], by: caller(person))
    }
    return Told()
  }
}

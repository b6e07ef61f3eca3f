import Authorization
import Contract
public import Kernel
import Storage

extension ControlPlane {
  public var requests: JoinRequests { JoinRequests(plane: self) }
}

/// Asking to join, and the answers.
public struct JoinRequests: Sendable {
  let plane: ControlPlane

  /// Asks to become a member. Asking again while a request is open answers the open one.
  ///
  /// Refuses as `missing` where the organization takes no requests: who doesn't belong to it learns nothing of it. Where mails go out, it takes a
  /// proven address: admins decide by it.
  public func ask(_ reference: String, message: String, by caller: Caller) async throws(Problem) -> JoinRequest {
    try await plane.write(as: caller) { work in
      let person = try work.person()
      let permit = try work.permit(RequestToJoin.self, on: person.id)
      let message = try Problem.checking("message") { () throws(Rejection) in try Note(message) }
      guard let organization = try work.organizations.find(reference), organization.acceptsRequests, organization.state == .active else {
        throw Problem(.missing, "There is no such organization, or it takes no requests.")
      }
      guard try work.members.of(person.id, in: organization.id) == nil else { throw Problem(.alreadyMember, "You are a member already.") }
      if let open = try work.requests.open(by: person.id, in: organization.id) { return open }
      guard try plane.world.mailer == nil || work.accounts.emails(of: person.id).contains(where: { $0.isPrimary && $0.isVerified }) else {
        throw Problem(.unverifiedEmail, "Confirm your e-mail address first, with the link that was sent to it: those who decide see it.")
      }
      try work.throttle.take("requests by account \(person.id)", limit: 20, per: .hours(24), "requests from you")
      let id = work.tx.newID(JoinRequest.self)
      let proof = try work.record(permit, in: .organization(organization.id), on: Target("request", id.description, named: person.name.text), [])
      try work.requests.insert(id, of: person.id, in: organization.id, message: message, under: proof)
      for admin in try work.members.admins(of: organization.id).prefix(20) {
        guard let address = admin.email else { continue }
        try work.outbox.send(
          MailDraft(
            .joinRequest, to: address, name: admin.name, organization: organization.id, subject: "\(person.name) asks to join \(organization.name)",
            paragraphs: ["\(person.name) (\(person.handle)) asks to join \(organization.name)."] + (message.isEmpty ? [] : [message.text]),
            button: .init("See the request", link: "\(work.settings.publicURL)/\(organization.slug)/members/requests"), because: "you are an admin of \(organization.name)"))
      }
      return try work.requests.find(id, in: organization.id).orDefect()
    }
  }

  public func list(in reference: String, _ state: JoinRequest.State?, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<JoinRequest> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListInvitations.self, in: reference).0
      return try work.requests.list(in: organization.id, state, page)
    }
  }

  /// The caller's own, each with the organization that was asked.
  public func own(_ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<SentJoinRequest> {
    try await plane.read(as: caller) { work in
      let page = try work.requests.list(by: work.person().id, page)
      let sent = try page.items.map { request throws(Problem) in
        SentJoinRequest(request: request, organization: try work.organizations.find(request.organization).orDefect())
      }
      return Page(items: sent, next: page.next, total: page.total, isCapped: page.isCapped)
    }
  }

  /// Makes the person a member with these roles.
  public func approve(_ id: ID<JoinRequest>, roles names: [String], in reference: String, by caller: Caller) async throws(Problem) -> JoinRequest {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(ApproveRequest.self, in: reference)
      let roles = try RoleSet(parsing: names)
      try roles.expectWithin(permit.permissions)
      var request = try work.request(id, in: organization)
      guard try request.answer(.approved) else { return request }
      let isNew = try work.members.of(request.account, in: organization.id) == nil
      if isNew { try work.expectSeats(1, in: organization) }
      let projects = isNew ? try work.defaultProjects(for: roles, in: organization.id) : []
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(request),
        [
          Change("state", from: "pending", to: "approved"), Change("roles", to: roles.description), Change.of("access", nil, GrantNames(projects).logged),
        ])
      try work.requests.answer(request, by: work.person().id, under: proof)
      if isNew {
        let member = try work.members.join(request.account, organization.id, roles, source: .requested, expires: nil, under: proof)
        try work.giveDefaults(projects, to: member, under: proof)
      }
      try work.mailAnswer(to: request, from: organization, "\(organization.name) has taken you in as \(roles).")
      return request
    }
  }

  /// Answers that they aren't taken in.
  public func refuse(_ id: ID<JoinRequest>, in reference: String, by caller: Caller) async throws(Problem) -> JoinRequest {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(RefuseRequest.self, in: reference)
      var request = try work.request(id, in: organization)
      guard try request.answer(.refused) else { return request }
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(request), [Change("state", from: "pending", to: "refused")])
      try work.requests.answer(request, by: work.person().id, under: proof)
      try work.mailAnswer(to: request, from: organization, "\(organization.name) has answered your request to join, and didn't take you in.")
      return request
    }
  }

  /// Takes back one's own request.
  public func withdraw(_ id: ID<JoinRequest>, by caller: Caller) async throws(Problem) -> JoinRequest {
    try await plane.write(as: caller) { work in
      let person = try work.person()
      let permit = try work.permit(WithdrawRequest.self, on: person.id)
      guard var request = try work.requests.find(id, by: person.id) else { throw Problem(.missing, "You have no such request.") }
      guard try request.answer(.withdrawn) else { return request }
      let proof = try work.record(permit, in: .organization(request.organization), on: Target(request), [Change("state", from: "pending", to: "withdrawn")])
      try work.requests.answer(request, by: person.id, under: proof)
      return request
    }
  }
}

extension Work {
  fileprivate func request(_ id: ID<JoinRequest>, in organization: Organization) throws(Problem) -> JoinRequest {
    guard let request = try requests.find(id, in: organization.id) else { throw Problem(.missing, "There is no such request.") }
    return request
  }

  fileprivate func mailAnswer(to request: JoinRequest, from organization: Organization, _ sentence: String) throws(Problem) {
    guard let address = request.email else { return }
    try outbox.send(
      MailDraft(
        .joinAnswer, to: address, name: request.name, organization: organization.id, subject: "Your request to join \(organization.name)", paragraphs: [sentence],
        button: .init("Open Guildhall", link: settings.publicURL), because: "you asked to join \(organization.name)"))
  }
}

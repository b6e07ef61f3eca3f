import Authorization
import Contract
public import Kernel
import Storage

extension ControlPlane {
  public var serviceAccounts: ServiceAccounts { ServiceAccounts(plane: self) }
}

/// The programs that act in an organization, with which roles, and the keys they prove themselves with.
public struct ServiceAccounts: Sendable {
  let plane: ControlPlane

  /// By slug.
  public func list(in reference: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<ServiceAccount> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListServiceAccounts.self, in: reference).0
      return try work.serviceAccounts.list(in: organization.id, page)
    }
  }

  /// `account`: its id or its slug.
  public func find(_ account: String, in reference: String, by caller: Caller) async throws(Problem) -> ServiceAccount {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListServiceAccounts.self, in: reference).0
      return try work.serviceAccount(account, in: organization)
    }
  }

  /// Makes one, without a key. Refuses roles above the caller's own, and a slug that another one of the organization has.
  public func create(_ draft: ServiceAccountDraft, in reference: String, by caller: Caller) async throws(Problem) -> ServiceAccount {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(CreateServiceAccount.self, in: reference)
      let creator = try work.person()
      try draft.roles.expectWithin(permit.permissions)
      guard try work.serviceAccounts.find(draft.slug.text, in: organization.id) == nil else {
        let reason = "Another service account here is called \"\(draft.slug)\"; choose another one."
        throw Problem(.takenName, reason, faults: [FieldFault("slug", reason)])
      }
      guard try work.serviceAccounts.count(in: organization.id) < ServiceAccount.limit else {
        throw Problem(.tooManyServiceAccounts, "An organization can have \(ServiceAccount.limit) service accounts. Delete those you don't need any more.")
      }
      let account = ServiceAccount(
        id: work.tx.newID(), organization: organization.id, slug: draft.slug, name: draft.name, description: draft.description, roles: draft.roles,
        creator: .init(id: creator.id, name: creator.name), createdAt: work.now, state: .active, usedAt: nil, liveKeys: 0, revision: 1)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(account),
        [Change("slug", to: account.slug.text), Change("roles", to: account.roles.description)])
      try work.serviceAccounts.insert(account, under: proof)
      return account
    }
  }

  /// Changes name, description or roles; keys go on, with the new roles at once.
  public func update(
    _ account: String, _ update: ServiceAccountUpdate, seen: Int?, in reference: String, by caller: Caller
  ) async throws(Problem) -> ServiceAccount {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(UpdateServiceAccount.self, in: reference)
      let before = try work.serviceAccount(account, in: organization, within: permit.permissions)
      try before.expect(seen)
      let after = try update.applied(to: before)
      try after.expectReach(of: permit.permissions)
      let changes = [
        Change.of("name", before.name.text, after.name.text), .of("description", before.description.text, after.description.text),
        .of("roles", before.roles.description, after.roles.description),
      ].compactMap { $0 }
      guard !changes.isEmpty else { return before }
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(after), changes)
      return try work.store(after, under: proof)
    }
  }

  /// Stops all its keys until it is enabled again.
  public func disable(_ account: String, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) -> ServiceAccount {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(DisableServiceAccount.self, in: reference)
      var account = try work.serviceAccount(account, in: organization, within: permit.permissions)
      try account.expect(seen)
      guard account.state.isActive else { return account }
      account.state = .disabled(since: work.now)
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(account), [Change("state", from: "active", to: "disabled")])
      return try work.store(account, under: proof)
    }
  }

  /// Lets its keys open again what its roles allow.
  public func enable(_ account: String, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) -> ServiceAccount {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(EnableServiceAccount.self, in: reference)
      var account = try work.serviceAccount(account, in: organization, within: permit.permissions)
      try account.expect(seen)
      guard !account.state.isActive else { return account }
      account.state = .active
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(account), [Change("state", from: "disabled", to: "active")])
      return try work.store(account, under: proof)
    }
  }

  /// Ends it with all its keys, for good. `confirm` is its slug, typed by a person; `nil` where nobody was asked.
  public func delete(_ account: String, confirm: String? = nil, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(DeleteServiceAccount.self, in: reference)
      let account = try work.serviceAccount(account, in: organization, within: permit.permissions)
      try account.expect(seen)
      try account.expectConfirmed(by: confirm)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(account),
        [Change("slug", from: account.slug.text), Change("roles", from: account.roles.description), Change("keys", from: String(account.liveKeys))])
      try work.serviceAccounts.delete(account.id, under: proof)
    }
  }
}

extension Work {
  func serviceAccount(_ reference: String, in organization: Organization) throws(Problem) -> ServiceAccount {
    guard let found = try serviceAccounts.find(reference, in: organization.id) else { throw Problem(.missing, "There is no such service account here.") }
    return found
  }

  /// The service account, if the caller's rights reach it.
  func serviceAccount(_ reference: String, in organization: Organization, within permissions: Set<Permission>) throws(Problem) -> ServiceAccount {
    let found = try serviceAccount(reference, in: organization)
    try found.expectReach(of: permissions)
    try OrganizationRoles(grants: organizationGrants.held(byServiceAccount: found.id).filter { $0.isInForce(at: now) }).expectWithin(permissions)
    return found
  }

  fileprivate func store(_ account: ServiceAccount, under proof: Recorded) throws(Problem) -> ServiceAccount {
    try serviceAccounts.update(account, under: proof)
    return try serviceAccounts.find(account.id, in: account.organization).orDefect()
  }
}

public import Authorization
import Contract
public import Kernel
import Storage

extension ControlPlane {
  public var policies: Policies { Policies(plane: self) }
}

/// The rules that an organization gives itself in Cedar, with all they were, and what they may speak of.
public struct Policies: Sendable {
  let plane: ControlPlane

  /// By slug.
  public func list(
    in reference: String, search: String? = nil, enabled: Bool? = nil, _ page: PageRequest, by caller: Caller
  ) async throws(Problem) -> Page<Policy> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListPolicies.self, in: reference).0
      return try work.policies.list(in: organization.id, search: search, enabled: enabled, page)
    }
  }

  /// `policy`: its id or its slug.
  public func find(_ policy: String, in reference: String, by caller: Caller) async throws(Problem) -> Policy {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListPolicies.self, in: reference).0
      return try work.policy(policy, in: organization)
    }
  }

  /// What it was, the newest first.
  public func versions(of policy: String, in reference: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<PolicyVersion> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListPolicies.self, in: reference).0
      return try work.policies.versions(of: work.policy(policy, in: organization).id, page)
    }
  }

  // MARK: Before saving

  /// Everything that is to be said about a text, errors first, each with its place.
  public func faults(in text: String, of reference: String, by caller: Caller) async throws(Problem) -> [PolicyFault] {
    guard text.utf8.count <= Policy.textLimit else { throw .invalid("text", PolicyDraft.tooLong) }
    return try await plane.read(as: caller) { work in
      let organization = try work.permit(ListPolicies.self, in: reference).0
      return try work.faults(in: text, of: organization).faults
    }
  }

  /// What it would do if a text were in force: as a new policy, or in the place of one; without a text, if that one were switched off, or on.
  public func preview(_ text: String?, of policy: String? = nil, in reference: String, by caller: Caller) async throws(Problem) -> PolicyPreview {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListPolicies.self, in: reference).0
      let before = try policy.map { policy throws(Problem) in try work.policy(policy, in: organization) }
      var sources = try work.policies.sources(in: organization.id).filter { $0.id != before?.id.description }
      if let text {
        sources.append(AccessRules.Source(id: before?.id.description ?? "proposed", text: try work.checked(text, in: organization).compiled))
      } else if let before, !before.isEnabled {
        sources.append(before.source)
      }
      return try work.preview(sources, in: organization, keeps: true)
    }
  }

  // MARK: Changing

  /// Makes one, in force at once unless it says otherwise. Refuses what doesn't validate, and what would lock out the last admin.
  public func create(_ draft: PolicyDraft, in reference: String, by caller: Caller) async throws(Problem) -> Policy {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(CreatePolicy.self, in: reference)
      guard try work.policies.find(draft.slug.text, in: organization.id) == nil else {
        let reason = "Another policy here is called \"\(draft.slug)\"; choose another one."
        throw Problem(.takenName, reason, faults: [FieldFault("slug", reason)])
      }
      guard try work.policies.count(in: organization.id) < Policy.limit else {
        throw Problem(.tooManyPolicies, "An organization can have \(Policy.limit) policies. Delete those you don't need any more, or say more with one.")
      }
      let checked = try work.checked(draft.text, in: organization)
      let policy = Policy(
        id: work.tx.newID(), organization: organization.id, slug: draft.slug, name: draft.name, description: draft.description, text: draft.text,
        references: checked.references, isEnabled: draft.isEnabled, createdAt: work.now, changedAt: work.now, changedBy: try work.ownName(), revision: 1)
      if policy.isEnabled { try work.expectNoLockOut(work.policies.sources(in: organization.id) + [policy.source], in: organization) }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(policy),
        [Change("slug", to: policy.slug.text), Change("text", to: policy.text), Change("state", to: policy.stateWord)])
      try work.policies.insert(policy, under: proof)
      return policy
    }
  }

  /// Changes name, description or text.
  public func update(_ policy: String, _ update: PolicyUpdate, seen: Int?, in reference: String, by caller: Caller) async throws(Problem) -> Policy {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(UpdatePolicy.self, in: reference)
      let before = try work.policy(policy, in: organization)
      try before.expect(seen)
      var after = try update.applied(to: before)
      // A text that is left as it is goes on to mean whom it meant, whatever they are called now.
      if after.text != before.text { after.references = try work.checked(after.text, in: organization).references }
      let changes = [
        Change.of("name", before.name.text, after.name.text), .of("description", before.description.text, after.description.text),
        .of("text", before.text, after.text),
      ].compactMap { $0 }
      guard !changes.isEmpty else { return before }
      (after.changedAt, after.changedBy) = (work.now, try work.ownName())
      if after.isEnabled, after.text != before.text { try work.expectNoLockOut(with: after, in: organization) }
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(after), changes)
      return try work.store(after, under: proof)
    }
  }

  /// Puts it in force. Refuses what doesn't validate any more, and what would lock out the last admin.
  public func enable(_ policy: String, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) -> Policy {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(EnablePolicy.self, in: reference)
      var policy = try work.policy(policy, in: organization)
      try policy.expect(seen)
      guard !policy.isEnabled else { return policy }
      policy.isEnabled = true
      (policy.changedAt, policy.changedBy) = (work.now, try work.ownName())
      try work.expectNoLockOut(with: policy, in: organization)
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(policy), [Change("state", from: "off", to: "on")])
      return try work.store(policy, under: proof)
    }
  }

  /// Takes it out of force; nothing of it is lost.
  public func disable(_ policy: String, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) -> Policy {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(DisablePolicy.self, in: reference)
      var policy = try work.policy(policy, in: organization)
      try policy.expect(seen)
      guard policy.isEnabled else { return policy }
      policy.isEnabled = false
      (policy.changedAt, policy.changedBy) = (work.now, try work.ownName())
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(policy), [Change("state", from: "on", to: "off")])
      return try work.store(policy, under: proof)
    }
  }

  /// Ends it with all it was, for good. `confirm` is its slug, typed by a person; `nil` where nobody was asked.
  public func delete(_ policy: String, confirm: String? = nil, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(DeletePolicy.self, in: reference)
      let policy = try work.policy(policy, in: organization)
      try policy.expect(seen)
      try policy.expectConfirmed(by: confirm)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(policy),
        [Change("slug", from: policy.slug.text), Change("text", from: policy.text), Change("state", from: policy.stateWord)])
      try work.policies.delete(policy, under: proof)
    }
  }

  /// Policies that are almost written.
  public func templates(in reference: String, by caller: Caller) async throws(Problem) -> [PolicyTemplate] {
    try await plane.read(as: caller) { work in
      _ = try work.permit(ListPolicies.self, in: reference)
      return PolicyTemplate.all
    }
  }

  // MARK: What policies may speak of

  /// The schema in force: what is built in, and what the organization added.
  public func schema(of reference: String, by caller: Caller) async throws(Problem) -> PolicySchema {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListPolicies.self, in: reference).0
      return try work.policySchema(of: organization)
    }
  }

  /// Adds types, attributes and actions, in the place of what was added before. Refuses what policies in force wouldn't be valid under.
  ///
  /// `seen` is the version that the caller has read.
  public func updateSchema(_ draft: PolicySchemaDraft, seen: Int?, of reference: String, by caller: Caller) async throws(Problem) -> PolicySchema {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(UpdatePolicySchema.self, in: reference)
      let before = try work.policySchema(of: organization)
      if let seen, seen != before.version { throw Problem(.stale, "The schema was changed since you read it. Read it again, then repeat your change.") }
      let vocabulary = try draft.vocabulary()
      guard vocabulary != before.vocabulary else { return before }
      let after = PolicySchema(version: before.version + 1, vocabulary: vocabulary, changedAt: work.now, changedBy: try work.ownName())
      guard let validator = PolicyValidator(vocabulary) else { throw Problem.invalid("types", "These types make no schema that can be read.") }
      for source in try work.policies.sources(in: organization.id) {
        guard let fault = validator.check(source.text).first(where: \.isError) else { continue }
        let name = try work.policies.names(of: [source.id], in: organization.id)[source.id]?.slug ?? source.id
        throw Problem(.invalidPolicy, "The policy \"\(name)\" in force speaks of what wouldn't be there: \(fault.sentence)")
      }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target("policy-schema", organization.id.description, named: "version \(after.version)"),
        [
          Change.of("types", before.vocabulary.types.map(\.name).joined(separator: ", "), vocabulary.types.map(\.name).joined(separator: ", ")),
          .of("actions", before.vocabulary.actions.joined(separator: ", "), vocabulary.actions.joined(separator: ", ")),
        ])
      try work.policies.insert(after, of: organization.id, under: proof)
      return after
    }
  }
}

extension Policy {
  /// As decisions read it.
  var source: AccessRules.Source { AccessRules.Source(id: id.description, text: compiled) }
  fileprivate var stateWord: String { isEnabled ? "on" : "off" }
}

extension Work {
  /// The name of who acts, for what they change.
  fileprivate func ownName() throws(Problem) -> String {
    switch try actor() {
    case .person(let person): person.name.text
    case .machine(let machine): machine.name.text
    case .system(let job): job
    case .anonymous: ""
    }
  }

  fileprivate func expectNoLockOut(with policy: Policy, in organization: Organization) throws(Problem) {
    try expectNoLockOut(policies.sources(in: organization.id).filter { $0.id != policy.id.description } + [policy.source], in: organization)
  }

  fileprivate func store(_ policy: Policy, under proof: Recorded) throws(Problem) -> Policy {
    try policies.update(policy, under: proof)
    return try policies.find(policy.id.description, in: policy.organization).orDefect()
  }
}

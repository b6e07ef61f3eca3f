public import Authorization
import Contract
public import Kernel
import Storage

extension ControlPlane {
  public var objects: Objects { Objects(plane: self) }
}

/// The things that platforms register, so that decisions, lists and policies know them.
public struct Objects: Sendable {
  let plane: ControlPlane

  /// Those of one place that the caller may read, or of what stands in the organization itself; refuses as `missing` a place where they may read none.
  public func list(
    at place: ThingName.Place? = nil, of type: String? = nil, named id: String? = nil, in reference: String, _ page: PageRequest, by caller: Caller
  ) async throws(Problem) -> Page<RegisteredObject> {
    try await plane.read(as: caller) { work in
      let organization = try work.enter(reference)
      guard type.map({ AccessQuestion.isName($0) }) ?? true else { throw Problem.invalid("type", ThingName.typeRule) }
      let kind = ResourceType(type ?? "object")
      let chain = try place.map { place throws(Problem) in try work.chain(of: place, in: organization, for: ReadObject.self, on: kind) } ?? []
      do throws(Problem) { _ = try work.permit(ReadObject.self, on: kind, in: chain, organization) } catch {
        // What policies keep from somebody depends on what is said of each thing, and is asked for each below.
        guard error.code == .forbidden else { throw error }
      }
      let found = try work.objects.list(in: organization.id, at: chain.first?.id, of: type == nil ? nil : kind, named: id, page)
      // What policies keep from the caller isn't shown, though it is counted.
      let seen = try found.items.filter { item throws(Problem) in try work.may(ReadObject.self, item, within: chain, organization) }
      return Page(
        items: seen.map { RegisteredObject(resource: $0, place: chain.first) }, next: found.next, total: found.total, isCapped: found.isCapped)
    }
  }

  /// Registers objects, or changes what is said of them; what came of each, in their order. One row's refusal is no other's.
  public func register(_ drafts: [Result<ObjectDraft, Problem>], in reference: String, by caller: Caller) async throws(Problem) -> [ObjectOutcome] {
    try await batch(drafts, in: reference, by: caller) { work, organization, draft, deeds throws(Problem) in
      try work.register(draft, in: organization, &deeds)
    }
  }

  /// Deletes objects; what isn't there is refused. What came of each, in their order.
  public func delete(_ names: [Result<ObjectName, Problem>], in reference: String, by caller: Caller) async throws(Problem) -> [ObjectOutcome] {
    try await batch(names, in: reference, by: caller) { work, organization, name, deeds throws(Problem) in
      try work.delete(name, in: organization, &deeds)
    }
  }

  private func batch<Row: Sendable>(
    _ rows: [Result<Row, Problem>], in reference: String, by caller: Caller,
    _ body: @escaping @Sendable (Work, Organization, Row, inout ObjectDeeds) throws(Problem) -> ObjectOutcome
  ) async throws(Problem) -> [ObjectOutcome] {
    guard rows.count <= RegisteredObject.batchLimit else {
      throw Problem(.tooMany, "Name at most \(RegisteredObject.batchLimit) objects at once.")
    }
    return try await plane.write(as: caller) { work in
      let organization = try work.enter(reference)
      var deeds = ObjectDeeds()
      var outcomes: [ObjectOutcome] = []
      for row in rows {
        do throws(Problem) { outcomes.append(try body(work, organization, try row.get(), &deeds)) } catch {
          guard error.kind != .defect, error.kind != .unavailable else { throw error }
          outcomes.append(.refused(error))
        }
      }
      return outcomes
    }
  }
}

/// What a batch has read already: the rows of one place share its chain.
struct ObjectDeeds {
  fileprivate var chains: [ThingName.Place: [Resource]] = [:]
  fileprivate var vocabulary: PolicyVocabulary?
}

extension Work {
  /// What things stand in, by id or as it is called. What isn't here, and what things don't stand in, is refused like any other of its kind to who may not do
  /// this everywhere.
  func chain<A: ObjectAction>(
    of place: ThingName.Place, in organization: Organization, for action: A.Type, on type: ResourceType
  ) throws(Problem) -> [Resource] {
    var id: ID<Resource>?
    switch place.type {
    case .workspace: id = try workspaces.find(place.id, in: organization.id)?.resource.id
    case .cluster: id = try organizationClusters.find(place.id, in: organization.id)?.resource.id
    case .app: id = try apps.find(place.id, in: organization.id)?.resource.id
    case .project:
      id = ID<Resource>(place.id)
      if id == nil { id = try project(called: place.id, in: organization)?.resource.id }
    default: break
    }
    let chain = try id.map { id throws(Problem) in try resources.chain(of: id) } ?? []
    guard let first = chain.first, first.organization == organization.id, first.type == place.type else {
      _ = try permit(action, on: type, in: [], organization)
      throw Problem(.missing, "There is no such \(place.type.noun) here.", faults: [FieldFault("parent", "There is none.")])
    }
    return chain
  }

  /// The proof that the caller may do this with things of a type in a place.
  func permit<A: ObjectAction>(
    _ action: A.Type, on type: ResourceType, in chain: [Resource], _ organization: Organization
  ) throws(Problem) -> Permit<A> {
    let (facts, principal) = (try resourceFacts(chain, in: organization), try actor().principal)
    do throws(Denied) { return try Engine(at: now).permit(action, on: type, by: principal, on: facts) } catch {
      throw try namingPolicies(error.denial, in: organization).problem(doing: A.name)
    }
  }

  /// Whether the caller may do this with an object as it stands.
  fileprivate func may<A: ObjectAction>(_ action: A.Type, _ object: Resource, within chain: [Resource], _ organization: Organization) throws(Problem) -> Bool {
    do throws(Problem) {
      _ = try permit(action, on: object.type, in: [object] + chain, organization)
      return true
    } catch {
      guard error.kind == .missing || error.kind == .forbidden else { throw error }
      return false
    }
  }

  fileprivate func register(_ draft: ObjectDraft, in organization: Organization, _ deeds: inout ObjectDeeds) throws(Problem) -> ObjectOutcome {
    var chain: [Resource] = []
    if let place = draft.place {
      if let known = deeds.chains[place] { chain = known } else {
        chain = try self.chain(of: place, in: organization, for: RegisterObject.self, on: draft.name.type)
        deeds.chains[place] = chain
      }
    }
    let vocabulary: PolicyVocabulary
    if let known = deeds.vocabulary { vocabulary = known } else { vocabulary = try policySchema(of: organization).vocabulary }
    deeds.vocabulary = vocabulary
    let type = draft.name.type
    let title = try draft.title.map { title throws(Problem) in try Problem.checking("name") { () throws(Rejection) in try DisplayName(title) } }
    if let before = try objects.find(draft.name, in: organization.id) {
      let present = try before.parent.map { id throws(Problem) in try resources.chain(of: id) } ?? []
      let permit = try permit(UpdateObject.self, on: type, in: [before] + present, organization)
      guard before.parent == chain.first?.id else {
        throw Problem(
          .objectElsewhere, "The \(draft.name.words) stands in something else. Delete it there first.", faults: [FieldFault("parent", "It stands elsewhere.")])
      }
      var after = before
      after.attributes = try ResourceAttributes(draft.attributes, of: type, in: vocabulary, takesUndeclared: true)
      if let title { after.name = title }
      guard after != before else { return .same(RegisteredObject(resource: before, place: chain.first)) }
      let proof = try record(
        permit, in: .organization(organization.id), on: Target(after),
        [
          Change.of("name", before.name.text, after.name.text), .of("attributes", before.attributes.json.compact, after.attributes.json.compact),
        ])
      try resources.update(after, under: proof)
      return .changed(RegisteredObject(resource: try objects.find(draft.name, in: organization.id).orDefect(), place: chain.first))
    }
    let permit = try permit(RegisterObject.self, on: type, in: chain, organization)
    guard try !objects.reaches(RegisteredObject.limit, in: organization.id) else {
      throw Problem(.tooManyObjects, "An organization can have \(RegisteredObject.limit) objects. Delete those that are gone.")
    }
    let owner = try draft.isOwn ? person().id : nil
    let shown: DisplayName? = title ?? (try? DisplayName(draft.name.id.prefix(128)))
    let name = if let shown { shown } else { try DisplayName(nameOf: type) }
    let resource = Resource(
      id: tx.newID(), organization: organization.id, type: type, parent: chain.first?.id, slug: try slug(draft.name.id), name: name, description: .empty,
      owner: owner, visibility: .inherited, createdAt: now, revision: 1,
      attributes: try ResourceAttributes(draft.attributes, of: type, in: vocabulary, takesUndeclared: true))
    let proof = try record(
      permit, in: .organization(organization.id), on: Target(resource),
      [
        Change("id", to: draft.name.id), chain.first.map { Change($0.type.name, to: $0.slug.text) },
        draft.attributes == .object([]) ? nil : Change("attributes", to: resource.attributes.json.compact),
      ])
    try resources.insert(resource, under: proof)
    return .registered(RegisteredObject(resource: resource, place: chain.first))
  }

  private func slug(_ id: String) throws(Problem) -> Slug {
    do { return try Slug(stored: id) } catch { throw Problem.invalid("id", error.reason) }
  }

  fileprivate func delete(_ name: ObjectName, in organization: Organization, _ deeds: inout ObjectDeeds) throws(Problem) -> ObjectOutcome {
    guard let object = try objects.find(name, in: organization.id) else {
      throw Problem(.missing, "There is no such \(name.type.noun) here, or nobody has shared it with you.")
    }
    let chain = try object.parent.map { id throws(Problem) in try resources.chain(of: id) } ?? []
    let permit = try permit(DeleteObject.self, on: name.type, in: [object] + chain, organization)
    let proof = try record(permit, in: .organization(organization.id), on: Target(object), [Change("id", from: name.id)])
    try shares.drop(SharedObject(name: name, place: chain.first, registered: object), in: organization.id, under: proof)
    try resources.delete(object.id, under: proof)
    return .deleted
  }
}

extension DisplayName {
  /// Of a thing whose id can't be shown.
  init(nameOf type: ResourceType) throws(Problem) {
    do { try self.init(type.noun) } catch { throw Problem(.defect, "A type has no name.", cause: error) }
  }
}

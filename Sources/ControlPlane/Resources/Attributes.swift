import Authorization
public import Contract
public import Kernel
import Storage

extension ControlPlane {
  public var attributes: Attributes { Attributes(plane: self) }
}

/// What is said of workspaces, clusters, projects and apps for policies to look at.
public struct Attributes: Sendable {
  let plane: ControlPlane

  /// A thing with what is said of it, for who may read it.
  public func find(_ id: ID<Resource>, in reference: String, by caller: Caller) async throws(Problem) -> Resource {
    try await plane.read(as: caller) { work in try work.read(id, in: reference).1 }
  }

  /// The same with whether the caller may change it, and what the organization's schema knows of such things.
  func open(
    _ id: ID<Resource>, in reference: String, by caller: Caller
  ) async throws(Problem) -> (resource: Resource, canChange: Bool, known: [PolicyVocabulary.Attribute]) {
    try await plane.read(as: caller) { work in
      let (organization, resource) = try work.read(id, in: reference)
      let facts = try work.resourceFacts(work.resources.chain(of: id), in: organization)
      let canChange: Bool =
        switch resource.type {
        case .workspace: try work.isPossible(UpdateWorkspace.self, facts)
        case .cluster: try work.isPossible(UpdateCluster.self, facts)
        case .project: try work.isPossible(UpdateProject.self, facts)
        default: try work.isPossible(UpdateApp.self, facts)
        }
      return (resource, canChange, try work.policySchema(of: organization).vocabulary.attributes(of: resource.type.name))
    }
  }

  /// Says something else of it from now on. Decisions look at it at once.
  public func set(_ id: ID<Resource>, to json: JSON, seen: Int?, in reference: String, by caller: Caller) async throws(Problem) -> Resource {
    try await plane.write(as: caller) { work in
      try work.changing(id, in: reference) { (organization, before, record) throws(Problem) in
        try before.expect(seen)
        let attributes = try ResourceAttributes(json, of: before.type, in: work.policySchema(of: organization).vocabulary)
        guard attributes != before.attributes else { return before }
        var after = before
        after.attributes = attributes
        let proof = try record([Change("attributes", from: before.attributes.json.compact, to: attributes.json.compact)])
        try work.resources.update(after, under: proof)
        return try work.resources.chain(of: id).first.orDefect()
      }
    }
  }
}

extension Work {
  /// A thing that has a page, for who may read it.
  fileprivate func read(_ id: ID<Resource>, in reference: String) throws(Problem) -> (Organization, Resource) {
    let name = id.description
    switch try placed(id) {
    case .workspace:
      let (organization, found, _) = try permit(ReadWorkspace.self, on: name, in: reference)
      return (organization, found.resource)
    case .cluster:
      let (organization, found, _) = try permit(ReadCluster.self, onCluster: name, in: reference)
      return (organization, found.resource)
    case .projectAt(_, let place):
      let (organization, found, _) = try permit(ReadProject.self, on: name, at: place, in: reference)
      return (organization, found.resource)
    case .app:
      let (organization, found, _) = try permit(ReadApp.self, onApp: name, in: reference)
      return (organization, found.resource)
    case nil:
      _ = try permit(ReadOrganization.self, in: reference)
      throw Problem(.missing, "There is no such thing here that you may see.")
    }
  }

  private func placed(_ id: ID<Resource>) throws(Problem) -> ResourceReference? {
    let chain = try resources.chain(of: id)
    switch chain.first?.type {
    case .workspace?: return .workspace(id.description)
    case .cluster?: return .cluster(id.description)
    case .app?: return .app(id.description)
    case .project? where chain.count > 1:
      let outer = chain[1].id.description
      return .projectAt(id.description, chain[1].type == .cluster ? .cluster(outer) : .workspace(outer))
    default: return nil
    }
  }

  fileprivate func changing<Value>(
    _ id: ID<Resource>, in reference: String, _ body: (Organization, Resource, GrantRecorder) throws(Problem) -> Value
  ) throws(Problem) -> Value {
    func go<A: Action>(_ permitted: (Organization, Resource, Permit<A>)) throws(Problem) -> Value {
      let (organization, resource, permit) = permitted
      return try body(organization, resource) { changes throws(Problem) in
        try record(permit, in: .organization(organization.id), on: Target(resource), changes)
      }
    }
    let name = id.description
    switch try placed(id) {
    case .workspace:
      let (organization, found, permit) = try permit(UpdateWorkspace.self, on: name, in: reference)
      return try go((organization, found.resource, permit))
    case .cluster:
      let (organization, found, permit) = try permit(UpdateCluster.self, onCluster: name, in: reference)
      return try go((organization, found.resource, permit))
    case .projectAt(_, let place):
      let (organization, found, permit) = try permit(UpdateProject.self, on: name, at: place, in: reference)
      return try go((organization, found.resource, permit))
    case .app:
      let (organization, found, permit) = try permit(UpdateApp.self, onApp: name, in: reference)
      return try go((organization, found.resource, permit))
    case nil:
      _ = try permit(ReadOrganization.self, in: reference)
      throw Problem(.missing, "There is no such thing here that you may see.")
    }
  }
}

public import Authorization
import Contract
public import Kernel
import Ledger

/// A thing on a workspace's server that it asks about: one of the workspace itself, or of a project in it.
public struct WorkspaceThing: Sendable, Hashable {
  /// The project that it is in; `nil` for what is of the workspace itself.
  public let project: ID<Project>?
  public let type: ResourceType
  /// As the server calls it; `nil` for one that is only about to be made, and for all of its type.
  public let id: String?

  /// Refuses what can't be names.
  public init(project: ID<Project>? = nil, type: String, id: String? = nil) throws(Problem) {
    // The rules of names are those of any question.
    let name = try ThingName(type: type, id: id)
    // What else stands here isn't the server's to ask about.
    guard !Self.foreign.contains(name.type) else { throw .invalid("resource/type", "A workspace's server asks about what is on it.") }
    guard project == nil || name.type != .project else { throw .invalid("resource/type", "Projects stand in no other project.") }
    (self.project, self.type, self.id) = (project, name.type, name.id)
  }

  private static let foreign: Set<ResourceType> = [.organization, .workspace, .cluster, .app]

  /// The project that it is, or that it is in.
  var named: ID<Project>? { type == .project ? id.flatMap { ID<Project>($0) } : project }

  /// As sharing names it. Refuses what has no id, and projects, on which people have roles.
  func sharedName(in workspace: Workspace) throws(Problem) -> SharedName {
    guard type != .project else { throw .invalid("resource", "A project isn't shared: give people a role in it.") }
    let place = try name(in: ThingName.Place(workspace.id), isKnown: true).parent
    return SharedName(try ObjectName(type: type.name, id: id ?? ""), in: place)
  }

  /// As decisions name it; with `isKnown` false its project isn't one that stands here, and the workspace alone counts.
  func name(in workspace: ThingName.Place, isKnown: Bool) throws(Problem) -> ThingName {
    let place: ThingName.Place
    if let project, isKnown {
      place = try ThingName.Place(type: ResourceType.project.name, id: project.description)
    } else {
      place = workspace
    }
    return try ThingName(type: type.name, id: id, parent: place)
  }
}

extension ThingName.Place {
  init(_ workspace: ID<Workspace>) throws(Problem) { try self.init(type: ResourceType.workspace.name, id: workspace.description) }
}

/// Which things of a type somebody may do something with.
public struct AllowedThings: Sendable, Hashable {
  /// With all of them, those included that nobody has registered here.
  public let isAll: Bool
  /// Otherwise with these, by the server's ids.
  public let ids: [String]
}

/// What a user of a workspace's server gives somebody else of one thing on it; none withdraws it.
public struct WorkspaceShare: Sendable, Hashable {
  /// By the ids that the server was told.
  public enum Holder: Sendable, Hashable {
    case user(String)
    case team(String)
  }

  let thing: WorkspaceThing
  let holder: Holder
  let actions: [String]
  let sharer: String

  public init(thing: WorkspaceThing, with holder: Holder, actions: [String], by sharer: String) {
    (self.thing, self.holder, self.actions, self.sharer) = (thing, holder, actions, sharer)
  }
}

/// Who comes to a workspace's server, as it is told of them.
public struct WorkspaceVisitor: Sendable, Hashable {
  public enum Kind: Sendable, Hashable { case person, serviceAccount }

  /// The id of the account or of the service account.
  public let id: String
  public let kind: Kind
  /// Handle or slug.
  public let handle: String
  public let name: String
  /// The proven address; empty where there is none.
  public let email: String
  public let isSuperUser: Bool
}

/// What a workspace's server counted: something was made on it, or is gone.
public struct WorkspaceCount: Sendable, Hashable {
  /// What kind of thing: `pipeline_run`.
  public let feature: String
  /// Whether it was made; otherwise it is gone.
  public let isMore: Bool
  /// As the server calls it.
  public let thing: String

  /// Refuses what can't be names, and what is neither one more nor one less.
  public init(feature: String, total: Int64, thing: String) throws(Problem) {
    guard AccessQuestion.isName(feature), feature.utf8.count <= 48 else { throw .invalid("feature", ThingName.typeRule) }
    guard total == 1 || total == -1 else { throw .invalid("total", "Tell of one thing at a time: 1 or -1.") }
    guard let id = ID<WorkspaceCount>(thing) else { throw .invalid("metadata/resource_id", "Give the id of the thing.") }
    (self.feature, isMore, self.thing) = (feature, total == 1, id.description)
  }

  /// The quota of which it takes; `nil` for what has none.
  static func dimension(of feature: String) -> QuotaDimension? {
    switch feature {
    case "project": .projects
    case "pipeline": .pipelines
    case "pipeline_run": .pipelineRuns
    case "model": .models
    default: nil
    }
  }

  /// What is counted by this, in prices and reports: `zenml.pipeline_run`, by the piece.
  static func meter(of feature: String) -> UsageMeter { UsageMeter("zenml.\(feature)", unit: "piece") }
}

/// What a server asks for one of its people: as they were told to it.
struct ServerQuestion: Sendable {
  let verb: ResourceVerb
  let principal: String

  init(_ action: String, _ principal: String) throws(Problem) {
    verb = try AccessQuestion(action: action, resource: ThingName(type: ResourceType.organization.name)).action
    guard let id = ID<Account>(principal) else { throw .invalid("user_id", "Give the id of the user.") }
    self.principal = id.description
  }

  /// Who may make a project is remembered until the server tells of it.
  func isIntent(on things: [WorkspaceThing]) -> Bool { verb == .create && things.contains { $0.type == .project && $0.id == nil } }
}

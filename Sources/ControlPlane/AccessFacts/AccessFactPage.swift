public import Authorization
import Contract
public import Kernel

/// One fact that decisions look at, with what people call it where answers name it.
public enum AccessFact: Sendable {
  /// Of everything but policies, and of teams that stand there.
  case change(AccessChange)
  case team(String, slug: String)
  /// A policy that is in force.
  case policy(AccessRules.Source, AccessGround.NamedPolicy)
  case policyRemoved(String)
}

/// Some of the facts of an organization, and where the next begin.
public struct AccessFactPage: Sendable {
  public let organization: Organization
  /// When it was read.
  public let revision: Int64
  public internal(set) var facts: [AccessFact] = []
  /// `nil` on the last page.
  public internal(set) var next: Cursor?

  /// How much goes into one page; a holder with more than that is told at once all the same.
  public static let weight = 5_000
  /// A policy may have so many bytes more than any other fact.
  static let policyWeight = 25
}

/// What has changed behind a revision, in the order in which it is to be applied.
public struct AccessFactChanges: Sendable {
  public let organization: Organization
  public let revision: Int64
  public let facts: [AccessFact]

  /// Who would have to be told more begins again, in pages.
  static let limit = 50_000
  public static let longestWait = 30
}

/// How far somebody has got who reads all facts: each kind behind what it needs.
enum AccessFactPlace: Hashable {
  case roles
  /// Of the kinds that hold others, by type, slug and id; then all others.
  case containers(Int, after: [String])
  case objects(after: [String])
  case teams(after: String)
  case teamGrants(after: String)
  case members(after: String)
  case collaborators(after: String)
  case serviceAccounts(after: String)
  case policies(after: String)
  case end

  /// The kinds that hold others, each behind those it may stand in.
  static let containerTypes: [ResourceType] = [.workspace, .cluster, .app, .project]

  var keys: [String] {
    switch self {
    case .roles: ["roles"]
    case .containers(let type, let keys): ["containers", String(type)] + keys
    case .objects(let keys): ["objects"] + keys
    case .teams(let last): ["teams", last]
    case .teamGrants(let last): ["team-grants", last]
    case .members(let last): ["members", last]
    case .collaborators(let last): ["collaborators", last]
    case .serviceAccounts(let last): ["service-accounts", last]
    case .policies(let last): ["policies", last]
    case .end: ["end"]
    }
  }

  static let list = "access-facts"

  /// The place that a cursor names; the beginning without one. Refuses those of other lists.
  init(_ cursor: Cursor?) throws(Problem) {
    guard let cursor else {
      self = .roles
      return
    }
    let keys = cursor.keys
    switch (cursor.list == Self.list ? keys.first : nil, keys.count) {
    case ("containers"?, 4...5):
      guard let type = Int(keys[1]), Self.containerTypes.indices.contains(type) else { throw Self.strange }
      self = .containers(type, after: Array(keys[2...]))
    case ("objects"?, 4): self = .objects(after: Array(keys[1...]))
    case ("teams"?, 2): self = .teams(after: keys[1])
    case ("team-grants"?, 2): self = .teamGrants(after: keys[1])
    case ("members"?, 2): self = .members(after: keys[1])
    case ("collaborators"?, 2): self = .collaborators(after: keys[1])
    case ("service-accounts"?, 2): self = .serviceAccounts(after: keys[1])
    case ("policies"?, 2): self = .policies(after: keys[1])
    default: throw Self.strange
    }
  }

  var cursor: Cursor? { self == .end ? nil : Cursor(list: Self.list, keys: keys) }

  private static var strange: Problem { .invalid("cursor", "This cursor belongs to another list; start again without it.") }
}

extension Problem {
  static func gap(behind revision: Int64, of head: Int64) -> Problem {
    Problem(
      .accessFactGap, "What has changed behind revision \(revision) isn't known any more, or never was; the newest is \(head). Begin again with all facts.")
  }
}

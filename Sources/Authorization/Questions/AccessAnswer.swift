/// How a question came out.
public enum AccessOutcome: String, Sendable, Hashable, CaseIterable {
  case allowed
  /// A policy says no to what would be allowed.
  case forbidden
  /// There is no right to it, though something else may be done with the thing, or it may be seen.
  case lacking
  /// The thing is none of the principal's business.
  case hidden
  /// The membership is suspended, or the account deactivated.
  case suspended
  /// The membership has expired.
  case expired
  /// The organization is suspended: it is read and not changed, and its service accounts rest.
  case halted
  /// There is no such thing, or nothing that it could stand in.
  case missing
  /// The question can't be one.
  case invalid
}

/// The answer to a question.
public struct AccessAnswer: Sendable, Hashable {
  public let outcome: AccessOutcome
  /// What made it, where one asked for that; the policies that forbid always.
  public let grounds: [AccessGround]
  /// A sentence for people.
  public let sentence: String

  public var isAllowed: Bool { outcome == .allowed }

  public init(outcome: AccessOutcome, grounds: [AccessGround], sentence: String) {
    self.outcome = outcome
    self.grounds = grounds
    self.sentence = sentence
  }

  /// The thing isn't there; who asks only about themselves isn't told that.
  public static func missing(toldToAll: Bool) -> AccessAnswer {
    AccessAnswer(
      outcome: toldToAll ? .missing : .hidden, grounds: [],
      sentence: toldToAll ? "There is no such thing here, or nothing that it could stand in." : AccessQuestion.hiddenSentence)
  }
}

/// One thing that made an answer, with its names.
public struct AccessGround: Sendable, Hashable {
  public enum Effect: String, Sendable, Hashable, CaseIterable {
    case allows, forbids
    /// A policy that was asked and failed; it counted for nothing.
    case fails
  }

  public enum Kind: String, Sendable, Hashable, CaseIterable { case membership, grant, share, ownership, visibility, policy, standing }

  public let effect: Effect
  public let kind: Kind
  /// `organization.viewer`, `project.admin`; of a share the action; nothing for others than memberships, grants and shares.
  public let role: String?
  /// Where a grant's role is held; `nil` for the organization.
  public let resource: NamedThing?
  /// From the principal's own team to the one that holds it, by slug; empty for what they hold themselves.
  public let teams: [String]
  public let policy: NamedPolicy?
  public let sentence: String

  /// A thing with what people call it.
  public struct NamedThing: Sendable, Hashable {
    public let type: String
    public let id: String
    public let name: String

    public init(type: String, id: String, name: String) {
      self.type = type
      self.id = id
      self.name = name
    }
  }

  /// A policy with what people call it.
  public struct NamedPolicy: Sendable, Hashable {
    public let id: String
    public let slug: String
    public let name: String

    public init(id: String, slug: String, name: String) {
      self.id = id
      self.slug = slug
      self.name = name
    }
  }
}

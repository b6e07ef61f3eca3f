/// Who wants to do what to what, and under which circumstances.
public struct Request: Hashable, Sendable {
  public let principal: EntityUID
  public let action: EntityUID
  public let resource: EntityUID
  public let context: Record

  public init(principal: EntityUID, action: EntityUID, resource: EntityUID, context: Record = [:]) {
    self.principal = principal
    self.action = action
    self.resource = resource
    self.context = context
  }
}

/// What a request gets.
public enum Decision: String, Hashable, Sendable {
  case allow, deny
}

/// The answer to a request: the decision and which policies made it.
public struct Response: Hashable, Sendable {
  /// A policy that could not be evaluated, and why; it counted as not satisfied.
  public struct PolicyError: Hashable, Sendable {
    public let policy: PolicyID
    public let error: EvaluationError
  }

  public let decision: Decision
  /// The satisfied permits of an allow, the satisfied forbids of a deny; empty where nothing applied. In the order of their ids.
  public let reasons: [PolicyID]
  /// The policies that failed; they count as not satisfied. In the order of their ids.
  public let errors: [PolicyError]
}

/// Something done with one resource, by somebody whose roles on it, on what it stands in or in the organization allow it.
///
/// An action that makes something new asks for the right on the type of the new thing, and is decided on what the thing will stand in:
/// creating a project asks for `project:create`, on the workspace.
public protocol ResourceAction: Action {
  static var right: Right.Exact { get }
  /// Whether it asks for a sign-in of the last minutes, because it can't easily be undone.
  static var needsFreshSignIn: Bool { get }
  /// Whether it is possible while the organization is suspended.
  static var worksWhileSuspended: Bool { get }
}

extension ResourceAction {
  public static var needsFreshSignIn: Bool { false }
  public static var worksWhileSuspended: Bool { right.verb.isReading }
}

/// Something done with one thing of whatever type: which right it asks for depends on the thing.
///
/// Like a ``ResourceAction``, one that makes something new is decided on what that will stand in.
public protocol ObjectAction: Action {
  static var verb: ResourceVerb { get }
}

extension Right {
  /// One verb on one type: what an action asks for.
  public struct Exact: Hashable, Sendable, CustomStringConvertible {
    public let type: ResourceType
    public let verb: ResourceVerb

    public init(_ type: ResourceType, _ verb: ResourceVerb) {
      self.type = type
      self.verb = verb
    }

    public var description: String { "\(type):\(verb)" }
  }
}

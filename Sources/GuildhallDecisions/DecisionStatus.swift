public import Kernel

/// How well decisions are informed.
public struct DecisionStatus: Sendable {
  public enum Stage: Sendable, Hashable {
    /// The facts are being read for the first time.
    case loading
    /// In touch with the server.
    case following
    /// Out of touch: decided is by what is known, for as long as ``DecisionOptions/staleness`` allows.
    case reconnecting
    /// The server refuses: the token may not follow any more, the organization is deleted or rests. Every question is refused with that. It is tried again
    /// all the same, but for a token that was revoked.
    case refused
    /// Nobody follows any more.
    case ended
  }

  public let stage: Stage
  /// The newest that is known here; `nil` before the first.
  public let revision: Int64?
  /// How long ago the server last said that this is all; the answers are at most so old, and while all is well hardly older than a message takes.
  public let silence: Duration?
  /// What went wrong last, while something does.
  public let problem: Problem?
  /// How many people and service accounts, and how many resources, were heard of.
  public let members: Int
  public let resources: Int
  /// What the facts take in memory, in bytes, without the texts of policies and long names. While everything is read anew it is twice as much.
  public let bytes: Int
}

extension Problem.Code {
  /// The facts aren't read yet.
  public static let decisionsNotReady = Self("decisions.not_ready", .unavailable, "Not ready to decide")
  /// The server was silent for longer than is allowed.
  public static let decisionsOutOfTouch = Self("decisions.out_of_touch", .unavailable, "Out of touch with the server")
  /// Nobody follows the facts any more.
  public static let decisionsEnded = Self("decisions.ended", .unavailable, "No longer following")
  /// The revision isn't here in the time allowed.
  public static let decisionsBehind = Self("decisions.behind", .unavailable, "That revision isn't known here yet")
}

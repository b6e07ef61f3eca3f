public import Kernel

/// What somebody takes of quotas for a while: for a job that runs, until it ends or nobody renews it.
public struct Lease: Sendable, Hashable {
  /// Where a lease stands.
  public enum State: Sendable, Hashable {
    case live
    case released(at: Timestamp)
    case expired
  }

  /// What can't be done with it any more.
  public enum Refusal: Error, Sendable, Hashable {
    /// The id was used for other content.
    case idReused
    case released
    case expired
  }

  /// Chosen by who takes it: the same again is one lease.
  public let id: ID<Lease>
  /// The member or service account that it counts for.
  public let holder: String
  public let cluster: String?
  public let amounts: LeaseAmounts
  public let since: Timestamp
  /// For how long it was taken at first; a repeat asks for the same.
  public let term: Duration
  /// The first instant at which it doesn't count any more.
  public private(set) var expires: Timestamp
  /// As it is stored; whether a live one still counts is a question of the instant.
  private let stored: State

  public init(
    _ id: ID<Lease>, for holder: String, in cluster: String?, _ amounts: LeaseAmounts, since: Timestamp, term: Duration, expires: Timestamp? = nil,
    state: State = .live
  ) {
    (self.id, self.holder, self.cluster, self.amounts) = (id, holder, cluster, amounts)
    (self.since, self.term, self.expires, stored) = (since, term, expires ?? since + term, state)
  }

  /// Where it stands at an instant.
  public func state(at instant: Timestamp) -> State { stored == .live && expires <= instant ? .expired : stored }

  /// Refuses another one that was asked for under the same id.
  public func expectSame(as other: Lease) throws(Refusal) {
    guard holder == other.holder, cluster == other.cluster, amounts == other.amounts, term == other.term else { throw .idReused }
  }

  /// Lets it last `term` from now on, if that is longer.
  public func renewed(for term: Duration, at instant: Timestamp) throws(Refusal) -> Lease {
    switch state(at: instant) {
    case .released: throw .released
    case .expired: throw .expired
    case .live: break
    }
    var copy = self
    copy.expires = max(expires, instant + term)
    return copy
  }

  /// Ends it. What has ended already stays as it ended.
  public func released(at instant: Timestamp) -> Lease {
    guard state(at: instant) == .live else { return self }
    return Lease(id, for: holder, in: cluster, amounts, since: since, term: term, expires: expires, state: .released(at: instant))
  }
}

public import Kernel

/// Credits set aside for something whose price isn't known yet. It has the id of the transfer that made it, and ends once.
public struct Hold: Sendable, Hashable {
  /// Where a hold stands.
  public enum State: Sendable, Hashable {
    case live
    case settled(Amount, by: ID<Transfer>)
    case released(by: ID<Transfer>)
    /// Nobody ended it in time. No transfer says so: that it expires was settled when it was made.
    case expired
  }

  public let id: ID<Hold>
  /// From where it was set aside, to where it goes when it is settled, and how much.
  public let movement: Movement
  /// The most that it may be settled for.
  public let ceiling: Amount
  /// When it was made.
  public let since: Timestamp
  /// The first instant at which it doesn't hold any more.
  public let expires: Timestamp
  /// As it is stored; whether a live one still holds is a question of the instant.
  public internal(set) var state: State

  public init(_ id: ID<Hold>, _ movement: Movement, ceiling: Amount, since: Timestamp, expires: Timestamp, state: State = .live) {
    self.id = id
    self.movement = movement
    self.ceiling = ceiling
    self.since = since
    self.expires = expires
    self.state = state
  }

  /// Whether it counts at an instant.
  public func isLive(at instant: Timestamp) -> Bool { state == .live && instant < expires }
}

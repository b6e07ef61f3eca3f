public import Kernel

/// When somebody is told of an organization's credits.
public enum AlertCondition: Sendable, Hashable {
  /// The balance is at an amount or below; it may lie below zero.
  case amount(Credits)
  /// As credits are used at present, nothing is left within this time.
  case runway(Duration)
  /// Nothing is left.
  case depleted
  /// Something is there again, after nothing was left.
  case recovered
}

/// What rules look at.
public struct AlertReading: Sendable, Hashable {
  public let balance: Credits
  /// What is left until nothing new begins, the overdraft considered; `nil` where nothing limits.
  public let left: Credits?
  /// In what time nothing is left, as credits are used at present; `nil` for never.
  public let runway: Duration?

  public init(balance: Credits, left: Credits?, runway: Duration?) { (self.balance, self.left, self.runway) = (balance, left, runway) }
}

/// A condition with whether it was told: once for each crossing, however often it is looked at.
///
/// It is armed again by what lies clearly on the other side, so that what wavers isn't told again and again: a tenth above an amount, a fifth beyond a time.
public struct AlertRule: Sendable, Hashable {
  public let condition: AlertCondition
  public private(set) var isTold: Bool

  /// A rule that nobody has looked at. Recovery has to be preceded by nothing being left.
  public init(_ condition: AlertCondition) { self.init(condition, isTold: condition == .recovered) }

  public init(_ condition: AlertCondition, isTold: Bool) { (self.condition, self.isTold) = (condition, isTold) }

  /// Looks, and answers whether it is to be told now.
  public mutating func look(at reading: AlertReading) -> Bool {
    if isTold {
      if isCleared(by: reading) { isTold = false }
      return false
    }
    guard isMet(by: reading) else { return false }
    isTold = true
    return true
  }

  private func isMet(by reading: AlertReading) -> Bool {
    switch condition {
    case .amount(let amount): reading.balance <= amount
    case .runway(let time): reading.runway.map { $0 <= time } ?? false
    case .depleted: reading.left.map { $0 <= .zero } ?? false
    case .recovered: reading.left.map { $0 > .zero } ?? true
    }
  }

  private func isCleared(by reading: AlertReading) -> Bool {
    switch condition {
    case .amount(let amount): Int128(reading.balance.micro) > Int128(amount.micro) + Int128(amount.micro.magnitude / 10)
    case .runway(let time): reading.runway.map { $0 > time + time / 5 } ?? true
    case .depleted: reading.left.map { $0 > .zero } ?? true
    case .recovered: reading.left.map { $0 <= .zero } ?? false
    }
  }
}

/// How fast credits are used, from two stretches of a day: the present one, and what the one before still says.
public struct SpendingRate: Sendable, Hashable {
  public static let window = Duration.days(1)

  /// When the present stretch began.
  public private(set) var start: Timestamp
  public private(set) var current: Credits
  public private(set) var previous: Credits

  public init(start: Timestamp, current: Credits = .zero, previous: Credits = .zero) {
    (self.start, self.current, self.previous) = (start, current, previous)
  }

  /// Counts what was used, or less than nothing for what was taken back.
  public mutating func add(_ used: Credits, at instant: Timestamp) {
    advance(to: instant)
    current = Credits(clamping: max(Int128(current.micro) + Int128(used.micro), 0))
  }

  private mutating func advance(to instant: Timestamp) {
    let passed = (instant - start).milliseconds / Self.window.milliseconds
    guard passed > 0 else { return }
    previous = passed == 1 ? current : .zero
    current = .zero
    start = start + .milliseconds(passed * Self.window.milliseconds)
  }

  /// What is used in a day, as it went lately. Who has just begun isn't believed to go on like that.
  public func perDay(at instant: Timestamp) -> Credits {
    var rate = self
    rate.advance(to: instant)
    let window = Int128(Self.window.milliseconds)
    let passed = Int128(max((instant - rate.start).milliseconds, 0))
    return Credits(clamping: Int128(rate.previous.micro) * (window - passed) / window + Int128(rate.current.micro))
  }

  /// In what time this much is used up; `nil` for never, or in more than a thousand years.
  public func runway(of left: Credits, at instant: Timestamp) -> Duration? {
    guard left > .zero else { return .zero }
    let rate = perDay(at: instant)
    guard rate > .zero else { return nil }
    let time = Int128(left.micro) * Int128(Self.window.milliseconds) / Int128(rate.micro)
    return time > Int128(Duration.days(365_000).milliseconds) ? nil : .milliseconds(Int64(time))
  }
}

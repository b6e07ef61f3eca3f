import Contract
import ControlPlane
import Kernel
import Ledger

/// When an organization is told of its credits, as Apolo writes it: rules for alerts.
struct Notifications {
  let plane: ControlPlane

  private enum Point: Hashable {
    case runway(Int)
    case amount(Credits)
    case depleted
  }

  /// `nil` for who may not see the credits.
  func json(in organization: String, by caller: Caller) async throws(Problem) -> JSON? {
    let rules: [AlertSetting]
    do throws(Problem) { rules = try await self.rules(in: organization, by: caller) } catch {
      guard error.kind == .forbidden else { throw error }
      return nil
    }
    var (runways, amounts, depleted): ([Int], [Credits], [JSON]) = ([], [], [])
    for rule in rules {
      switch Self.point(rule) {
      case .runway(let seconds): runways.append(seconds)
      case .amount(let credits): amounts.append(credits)
      case .depleted: depleted = [0]
      case nil: continue
      }
    }
    return [
      "balance_projection_seconds": .array(runways.sorted(by: >).map { .integer(Int64($0)) }),
      "balance_amount": .array(amounts.sorted(by: >).map { $0.micro.isMultiple(of: 1_000_000) ? .integer($0.micro / 1_000_000) : .number($0.description) }),
      "balance_depletion_seconds": .array(depleted),
    ]
  }

  /// Makes the rules what was sent; a list that isn't sent stays as it is. Refuses what can't be told before anything changes.
  func set(_ body: JSON, in organization: String, by caller: Caller) async throws(Problem) {
    guard let sent = try body.optionalObject("notification_intervals") else { return }
    var wanted: Set<Point> = []
    var kinds: Set<AlertKind> = []
    if let items = try Self.list("balance_projection_seconds", of: sent) {
      kinds.insert(.runway)
      for item in items {
        guard case .integer(let seconds) = item, (3600...31_622_400).contains(seconds) else {
          throw .invalid("balance_projection_seconds", "Give times in seconds, from 3,600, an hour, to 366 days.")
        }
        wanted.insert(.runway(Int(seconds)))
      }
    }
    if let items = try Self.list("balance_amount", of: sent) {
      kinds.insert(.amount)
      for item in items { wanted.insert(.amount(try Money.credits(item, "balance_amount"))) }
    }
    if let items = try Self.list("balance_depletion_seconds", of: sent) {
      kinds.insert(.depleted)
      for item in items {
        guard item == 0 else { throw .invalid("balance_depletion_seconds", "It is told at once when the credits are used up, which is 0; not again later.") }
        wanted.insert(.depleted)
      }
    }
    let present = Set(try await rules(in: organization, by: caller).compactMap { Self.point($0) })
    for point in wanted.subtracting(present) {
      switch point {
      case .runway(let seconds): _ = try await plane.alerts.create(.runway, seconds: seconds, in: organization, by: caller)
      case .amount(let credits): _ = try await plane.alerts.create(.amount, amount: credits, in: organization, by: caller)
      case .depleted: _ = try await plane.alerts.create(.depleted, in: organization, by: caller)
      }
    }
    // With the first rule of its own an organization gets the usual ones too.
    for rule in try await rules(in: organization, by: caller) {
      guard let point = Self.point(rule), kinds.contains(Self.kind(point)), !wanted.contains(point) else { continue }
      try await plane.alerts.delete(rule.id, in: organization, by: caller)
    }
  }

  private func rules(in organization: String, by caller: Caller) async throws(Problem) -> [AlertSetting] {
    try await all { page throws(Problem) in try await plane.alerts.rules(in: organization, page, by: caller) }
  }

  private static func list(_ name: String, of body: JSON) throws(Problem) -> [JSON]? {
    switch body[name] {
    case nil, .null?: return nil
    case .array(let items)? where items.count <= AlertSetting.limit: return items
    default: throw .invalid(name, "Give a list of at most \(AlertSetting.limit) numbers.")
    }
  }

  private static func point(_ rule: AlertSetting) -> Point? {
    switch rule.rule.condition {
    case .runway(let time): .runway(Int(time.wholeSeconds))
    case .amount(let credits): .amount(credits)
    case .depleted: .depleted
    case .recovered: nil
    }
  }

  private static func kind(_ point: Point) -> AlertKind {
    switch point {
    case .runway: .runway
    case .amount: .amount
    case .depleted: .depleted
    }
  }
}

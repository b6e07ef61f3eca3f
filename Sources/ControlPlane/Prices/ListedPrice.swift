import Contract
public import Kernel
public import Ledger

/// A price as it is listed.
public struct ListedPrice: Sendable, Hashable {
  /// Where it stands at an instant.
  public enum State: String, Sendable, Hashable, CaseIterable { case coming, current, past }

  public let id: ID<ListedPrice>
  public let version: PriceVersion
  /// With the unit; also where `version.price` is `nil`.
  public let unit: String
  /// The organization that it was agreed with; `nil` for everybody.
  public let organization: ID<Organization>?
  public let note: Note
  public let createdAt: Timestamp
  /// When the next one for the same begins.
  public let ends: Timestamp?

  public func state(at instant: Timestamp) -> State {
    if version.since > instant { return .coming }
    return ends.map { $0 <= instant } ?? false ? .past : .current
  }
}

/// A price that somebody sets.
public struct PriceDraft: Sendable {
  public let key: PriceKey
  /// `nil` for that of the price that it follows.
  public let unit: String?
  /// Whether the unit may be another than that of the price that it follows.
  public let isNewUnit: Bool
  private let per: Quantity
  /// Empty to end the price that there is.
  private let tiers: [Price.Tier]
  /// The beginning of an hour; the present one, or the next where something was recorded already, when `nil`.
  public let since: Timestamp?
  public let note: Note

  /// Whether it ends the price that there is.
  public var isEnd: Bool { tiers.isEmpty }

  /// Reads what somebody typed; an empty `unit` is that of the price that it follows; each tier is up to where, empty for all the rest, and the price.
  /// Refuses with all faults at once.
  public init(
    resource: String, preset: String = "", unit: String = "", isNewUnit: Bool = false, per: String = "1", tiers: [(upTo: String, credits: String)],
    since: Timestamp? = nil, note: String = ""
  ) throws(Problem) {
    var checker = FieldChecker()
    let parsedResource = checker.check("resource") { () throws(Rejection) in try UsageMeter.name(resource) }
    let parsedPreset = preset.isEmpty ? "" : checker.check("preset") { () throws(Rejection) in try UsageMeter.name(preset) }
    let parsedUnit = unit.isEmpty ? "" : checker.check("unit") { () throws(Rejection) in try UsageMeter.name(unit) }
    let parsedPer = checker.check("per") { () throws(Rejection) in try Quantity(decimal: per) }
    var parsedTiers: [Price.Tier] = []
    for (place, tier) in tiers.prefix(Price.tierLimit + 1).enumerated() {
      var bound: Quantity?
      if !tier.upTo.isEmpty { bound = checker.check("tiers/\(place)/up_to") { () throws(Rejection) in try Quantity(decimal: tier.upTo) } }
      let credits = checker.check("tiers/\(place)/credits") { () throws(Rejection) in try Credits(decimal: tier.credits) }
      if let credits { parsedTiers.append(Price.Tier(upTo: bound, credits: credits)) }
    }
    if let since, since.start(of: .hour) != since { checker.reject("since", "Let it begin at a full hour, in UTC.") }
    let parsedNote = checker.check("note") { () throws(Rejection) in try Note(note) }
    try checker.finish()
    guard let parsedResource, let parsedPreset, let parsedUnit, let parsedPer, let parsedNote else { throw Problem(.defect, "A checked field is missing.") }
    key = PriceKey(parsedResource, parsedPreset.isEmpty ? nil : parsedPreset)
    (self.unit, self.isNewUnit, self.since, self.note) = (parsedUnit.isEmpty ? nil : parsedUnit, isNewUnit, since, parsedNote)
    (self.per, self.tiers) = (parsedPer, parsedTiers)
    _ = try price(unit: parsedUnit)
  }

  /// The price in a unit; `nil` where it ends. Refuses tiers that don't rise.
  func price(unit: String) throws(Problem) -> Price? {
    isEnd ? nil : try Problem.checking("tiers") { () throws(Rejection) in try Price(unit: unit, per: per, tiers: tiers) }
  }
}

extension Price {
  /// In words, for the log: `2.5 per 3600 second`, `0 up to 100, then 1 per second`.
  var words: String {
    let tiers = tiers.map { tier in tier.upTo.map { "\(tier.credits) up to \($0)" } ?? tier.credits.description }
    return "\(tiers.joined(separator: ", then ")) per \(per == .one ? "" : "\(per) ")\(unit)"
  }
}

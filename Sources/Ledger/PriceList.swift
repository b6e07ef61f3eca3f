public import Kernel

/// What a price is for: one preset of a resource, or all that have no price of their own.
public struct PriceKey: Sendable, Hashable {
  public let resource: String
  /// `nil` for any, and for none.
  public let preset: String?

  public init(_ resource: String, _ preset: String? = nil) { (self.resource, self.preset) = (resource, preset) }
}

/// A price from an instant on, until the next one for the same begins.
public struct PriceVersion: Sendable, Hashable {
  /// Stands for it in events.
  public let number: Int64
  public let key: PriceKey
  /// Whether it was agreed with one organization alone.
  public let isAgreed: Bool
  public let since: Timestamp
  /// `nil` where there is none from then on: what was agreed, or the price of the one preset, has ended.
  public let price: Price?

  public init(number: Int64, key: PriceKey, isAgreed: Bool = false, since: Timestamp, price: Price?) {
    (self.number, self.key, self.isAgreed, self.since, self.price) = (number, key, isAgreed, since, price)
  }
}

/// The prices that hold for one organization.
public struct PriceList: Sendable {
  private struct Line: Hashable {
    let key: PriceKey
    let isAgreed: Bool
  }

  /// Each by its time.
  private let lines: [Line: [PriceVersion]]

  /// In any order.
  public init(_ versions: some Sequence<PriceVersion>) {
    let lines = Dictionary(grouping: versions) { Line(key: $0.key, isAgreed: $0.isAgreed) }
    self.lines = lines.mapValues { $0.sorted { ($0.since, $0.number) < ($1.since, $1.number) } }
  }

  /// The version that holds at an instant: what was agreed before what holds for everybody, and of each the preset's own before that for any preset.
  /// `nil` where there is no price.
  public func version(for resource: String, preset: String?, at instant: Timestamp) -> PriceVersion? {
    for isAgreed in [true, false] {
      for key in preset == nil ? [PriceKey(resource)] : [PriceKey(resource, preset), PriceKey(resource)] {
        if let found = lines[Line(key: key, isAgreed: isAgreed)]?.last(where: { $0.since <= instant }), found.price != nil { return found }
      }
    }
    return nil
  }
}

public import Kernel

/// What is charged for what was used of one thing in one period: graduated, each tier at its own price.
public struct Price: Sendable, Hashable {
  /// What lies above the tier before, up to `upTo`.
  public struct Tier: Sendable, Hashable {
    /// The last quantity that it is for; `nil` for all the rest.
    public let upTo: Quantity?
    /// The price of so much as `Price.per` says.
    public let credits: Credits

    public init(upTo: Quantity?, credits: Credits) { (self.upTo, self.credits) = (upTo, credits) }
  }

  public static let tierLimit = 20

  /// What quantities are counted in, such as `second`.
  public let unit: String
  /// How much the prices of the tiers are for: 3,600 for a price per hour of what is counted in seconds.
  public let per: Quantity
  public let tiers: [Tier]

  /// Refuses no tiers, too many, prices below zero, bounds that don't rise, and a last tier that has one.
  public init(unit: String, per: Quantity = .one, tiers: [Tier]) throws(Rejection) {
    guard per > .zero else { throw Rejection("Say for how much the price is: more than zero.") }
    guard !tiers.isEmpty, tiers.count <= Self.tierLimit else { throw Rejection("Give 1 to \(Self.tierLimit) tiers.") }
    guard tiers.allSatisfy({ $0.credits >= .zero }) else { throw Rejection("A price isn't below zero.") }
    var last = Quantity.zero
    for tier in tiers.dropLast() {
      guard let bound = tier.upTo, bound > last else { throw Rejection("Each tier but the last ends, and ends above the one before.") }
      last = bound
    }
    guard tiers.last?.upTo == nil else { throw Rejection("The last tier is for all the rest: leave out where it ends.") }
    (self.unit, self.per, self.tiers) = (unit, per, tiers)
  }

  /// The same for everything.
  public init(unit: String, per: Quantity = .one, _ credits: Credits) throws(Rejection) {
    try self.init(unit: unit, per: per, tiers: [Tier(upTo: nil, credits: credits)])
  }

  /// What everything costs that was used in one period; `nil` when it is out of range, or the quantity is below zero.
  ///
  /// It is worked out exactly and rounded once: to the nearest micro-credit, half of one upwards. So the charge of a part is what the whole costs with it less
  /// what it costs without it (`Meter`), and parts add up to the whole, whatever they are and in whatever order they come.
  public func charge(for quantity: Quantity) -> Credits? {
    guard quantity >= .zero else { return nil }
    // Below 2^126: the tiers share out the quantity, and no price is above 2^63.
    var exact: Int128 = 0
    var reached: Int64 = 0
    for tier in tiers where reached < quantity.micro {
      let end = min(tier.upTo?.micro ?? .max, quantity.micro)
      exact += Int128(end - reached) * Int128(tier.credits.micro)
      reached = end
    }
    let (whole, rest) = exact.quotientAndRemainder(dividingBy: Int128(per.micro))
    return Int64(exactly: rest * 2 >= Int128(per.micro) ? whole + 1 : whole).flatMap { Credits(micro: $0) }
  }
}

/// What of one price was used in one period, and what that comes to: charges are what it grows by, whatever the order in which use becomes known.
public struct Meter: Sendable, Hashable {
  public private(set) var quantity: Quantity
  public private(set) var charge: Credits

  public init(quantity: Quantity = .zero, charge: Credits = .zero) { (self.quantity, self.charge) = (quantity, charge) }

  /// Counts what was used, and answers what it costs: nothing without a price. `nil`, and counted not at all, when a sum is out of range.
  public mutating func add(_ used: Quantity, at price: Price?) -> Credits? {
    guard let total = quantity.adding(used) else { return nil }
    guard let price else { return count(total, charge) }
    return price.charge(for: total).map { count(total, $0) }
  }

  /// Takes back what was counted, and answers what it changes: nothing, or less than that. `nil` when there is less than that in it.
  public mutating func remove(_ used: Quantity, at price: Price?) -> Credits? {
    guard let total = quantity.subtracting(used), total >= .zero else { return nil }
    guard let price else { return count(total, charge) }
    return price.charge(for: total).map { count(total, $0) }
  }

  private mutating func count(_ total: Quantity, _ costs: Credits) -> Credits {
    // Both lie between zero and the maximum.
    let change = Credits(clamping: Int128(costs.micro) - Int128(charge.micro))
    (quantity, charge) = (total, costs)
    return change
  }
}

public import Kernel

extension API {
  /// What use costs: prices from an instant on, for everybody or agreed with one organization.
  public enum Prices {
    public static let list = Endpoint<Nothing, Wire.PriceQuery, Nothing, Wire.List<Wire.Price>>(
      "price.list", .get, "/prices", access: .account, summary: "List the prices that hold for everybody, by resource and preset, the latest of each first.")

    public static let create = Endpoint<Nothing, Nothing, Wire.PriceDraft, Wire.Price>(
      "price.create", .post, "/prices", access: .superUser, summary: "Set a price for everybody from an instant on.", status: 201,
      refusals: [.priceTaken, .priceTooLate, .priceUnit, .noPrice])

    public static let delete = Endpoint<Wire.InPrice, Nothing, Nothing, Nothing>(
      "price.delete", .delete, "/prices/{price}", access: .superUser, summary: "Delete a price that hasn't begun.", status: 204, refusals: [.priceBegun])

    public static let listOfOrganization = Endpoint<Wire.InOrganization, Wire.PriceQuery, Nothing, Wire.List<Wire.Price>>(
      "organization_price.list", .get, "/organizations/{organization}/prices", access: .organization(permission: "credits.read"),
      summary: "List the prices that hold for an organization: those agreed with it, which come first, and those for everybody.")

    public static let createForOrganization = Endpoint<Wire.InOrganization, Nothing, Wire.PriceDraft, Wire.Price>(
      "organization_price.create", .post, "/organizations/{organization}/prices", access: .superUser,
      summary: "Agree a price with one organization from an instant on.", status: 201, refusals: [.priceTaken, .priceTooLate, .priceUnit, .noPrice])

    public static let deleteOfOrganization = Endpoint<Wire.InOrganizationPrice, Nothing, Nothing, Nothing>(
      "organization_price.delete", .delete, "/organizations/{organization}/prices/{price}", access: .superUser,
      summary: "Delete a price that was agreed with an organization and hasn't begun.", status: 204, refusals: [.priceBegun])

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(list), AnyEndpoint(create), AnyEndpoint(delete), AnyEndpoint(listOfOrganization), AnyEndpoint(createForOrganization),
        AnyEndpoint(deleteOfOrganization),
      ]
    }
  }
}

extension Wire {
  public struct InPrice: Codable, Sendable, Hashable {
    public var price: ID<Price>

    public init(price: ID<Price>) { self.price = price }
  }

  public struct InOrganizationPrice: Codable, Sendable, Hashable {
    public var organization: String
    public var price: ID<Price>

    public init(organization: String, price: ID<Price>) {
      self.organization = organization
      self.price = price
    }
  }

  public struct PriceQuery: Codable, Sendable, Hashable, PagedQuery {
    /// Only those of this resource.
    public var resource: String?
    public var limit: Int?
    public var cursor: String?

    public init(resource: String? = nil, limit: Int? = nil, cursor: String? = nil) {
      self.resource = resource
      self.limit = limit
      self.cursor = cursor
    }
  }

  /// The price of what lies above the tier before, up to `up_to`.
  public struct PriceTier: SchemaLeaf, Sendable, Hashable {
    /// The last quantity of a month that it is for; absent for all the rest.
    public var upTo: Unchecked<QuantityText>?
    public var credits: Unchecked<PriceText>

    public init(upTo: String? = nil, credits: String) {
      self.upTo = upTo.map { .init($0) }
      self.credits = .init(credits)
    }

    public static var schema: Schema {
      .object(
        name: "PriceTier",
        properties: [
          Schema.Property(name: "up_to", schema: .string(QuantityText.rules), required: false),
          Schema.Property(name: "credits", schema: .string(PriceText.rules), required: true),
        ])
    }

    /// The last tier, which every price has.
    public static var example: PriceTier { PriceTier(credits: PriceText.example) }
  }

  /// `coming`: it begins later. `past`: another one for the same has begun since.
  public enum PriceState: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case coming, current, past }

  public struct Price: Codable, Sendable, Hashable, Addressed {
    public var id: ID<Price>
    public var resource: String
    /// Absent where it is for any preset without a price of its own.
    public var preset: String?
    /// What quantities are counted in.
    public var unit: String
    /// How much the prices are for: `3600` for a price per hour of what is counted in seconds.
    public var per: Unchecked<QuantityText>
    /// Each part of what is used in a month (in UTC) at its own price; empty where there is no price from `since` on.
    public var tiers: [PriceTier]
    public var since: Timestamp
    public var state: PriceState
    /// Whether it was agreed with the organization; it comes before those for everybody then.
    public var agreed: Bool
    public var note: String
    public var createdAt: Timestamp

    public init(
      id: ID<Price>, resource: String, preset: String?, unit: String, per: String, tiers: [PriceTier], since: Timestamp, state: PriceState, agreed: Bool,
      note: String, createdAt: Timestamp
    ) {
      self.id = id
      self.resource = resource
      self.preset = preset
      self.unit = unit
      self.per = .init(per)
      self.tiers = tiers
      self.since = since
      self.state = state
      self.agreed = agreed
      self.note = note
      self.createdAt = createdAt
    }

    public var segment: String { id.description }
  }

  public struct PriceDraft: Codable, Sendable, Hashable {
    public var resource: Unchecked<MeterText>
    /// For any preset without a price of its own when absent.
    public var preset: Unchecked<MeterText>?
    /// Absent for the unit of the price that this one follows.
    public var unit: Unchecked<MeterText>?
    /// Whether `unit` may be another than that of the price that it follows: from then on events in the old unit are refused.
    public var newUnit: Bool?
    /// How much the prices are for; 1 when absent.
    public var per: Unchecked<QuantityText>?
    /// At most 20, rising, the last without an end; empty to end the price that there is.
    public var tiers: [PriceTier]
    /// Now when absent. It may lie in the past as long as nothing was recorded that it would be for.
    public var since: Timestamp?
    public var note: Unchecked<Note>?

    public init(
      resource: String, preset: String? = nil, unit: String? = nil, newUnit: Bool? = nil, per: String? = nil, tiers: [PriceTier], since: Timestamp? = nil,
      note: String? = nil
    ) {
      self.resource = .init(resource)
      self.preset = preset.map { .init($0) }
      self.unit = unit.map { .init($0) }
      self.newUnit = newUnit
      self.per = per.map { .init($0) }
      self.tiers = tiers
      self.since = since
      self.note = note.map { .init($0) }
    }
  }
}

/// A price in credits: digits, and a point with at most 6 digits behind it if need be; zero for what is free.
public enum PriceText: TextRules {
  public static var rules: Schema.StringRules { .init(pattern: "^[0-9]+(\\.[0-9]{1,6})?$", length: 1...40) }
  public static var example: String { "2.5" }
}

extension Problem.Code {
  public static let priceTaken = Self("price.taken", .conflict, "There is a price from that instant on")
  public static let priceTooLate = Self("price.too_late", .conflict, "What it is for was recorded already")
  public static let priceUnit = Self("price.unit", .conflict, "The price is for another unit")
  public static let noPrice = Self("price.none", .conflict, "There is no price to end")
  public static let priceBegun = Self("price.begun", .conflict, "The price has begun")
}

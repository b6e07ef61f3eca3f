import Authorization
import Contract
import Kernel
import Ledger
import Storage

extension Work {
  var prices: PriceRows { PriceRows(tx: tx) }
}

struct PriceRows {
  let tx: any Transaction

  private static let columns: Statement = "p.number, p.id, p.organization, p.resource, p.preset, p.since, p.unit, p.per, p.tiers, p.note, p.created_at"

  /// When the next one for the same begins.
  private static let ends: Statement = """
    CASE WHEN p.organization IS NULL
      THEN (SELECT min(n.since) FROM price n WHERE n.organization IS NULL AND n.resource = p.resource AND n.preset = p.preset AND n.since > p.since)
      ELSE (SELECT min(n.since) FROM price n
        WHERE n.organization = p.organization AND n.organization IS NOT NULL AND n.resource = p.resource AND n.preset = p.preset AND n.since > p.since)
    END AS ends
    """

  /// All that may hold for an organization.
  func versions(of resources: Set<String>, for organization: ID<Organization>) throws(Problem) -> [PriceVersion] {
    var found: [PriceVersion] = []
    for part in resources.sorted().chunks(ofCount: 200) {
      found += try tx.rows(
        """
        SELECT \(Self.columns) FROM price p
        WHERE p.resource IN (\(list: part)) AND (p.organization IS NULL OR p.organization = \(organization))
        """
      ).map { row throws(Problem) in try PriceVersion(row) }
    }
    return found
  }

  func versions(_ numbers: Set<Int64>) throws(Problem) -> [Int64: PriceVersion] {
    var found: [Int64: PriceVersion] = [:]
    for part in numbers.chunks(ofCount: 200) {
      for row in try tx.rows("SELECT \(Self.columns) FROM price p WHERE p.number IN (\(list: part))") {
        let version = try PriceVersion(row)
        found[version.number] = version
      }
    }
    return found
  }

  /// Of everybody, and with an organization also those agreed with it, which come first; by resource and preset, the latest first.
  func list(for organization: ID<Organization>?, resource: String?, _ page: PageRequest) throws(Problem) -> Page<ListedPrice> {
    var fits: Statement = organization.map { "(p.organization IS NULL OR p.organization = \($0))" } ?? "p.organization IS NULL"
    if let resource { fits = fits + " AND p.resource = \(resource)" }
    var after = Statement.none
    if let keys = try page.keys(of: "prices", count: 4) {
      guard let place = Int64(keys[2]), let since = Int64(keys[3]) else {
        throw .invalid("cursor", "This cursor can't be read; use the one that came with the last page.")
      }
      after = " AND (p.resource, p.preset, \(Self.place), -p.since) > (\(keys[0]), \(keys[1]), \(place), \(-since))"
    }
    let found = try tx.rows(
      """
      SELECT \(Self.columns), \(Self.ends) FROM price p WHERE \(fits)\(after)
      ORDER BY p.resource, p.preset, \(Self.place), -p.since LIMIT \(page.limit + 1)
      """
    ).map { row throws(Problem) in try ListedPrice(row) }
    return Page(found, of: "prices", limit: page.limit, total: try tx.count("SELECT count(*) AS n FROM price p WHERE \(fits)")) {
      [$0.version.key.resource, $0.version.key.preset ?? "", $0.organization == nil ? "1" : "0", String($0.version.since.milliseconds)]
    }
  }

  private static let place: Statement = "CASE WHEN p.organization IS NULL THEN 1 ELSE 0 END"

  /// One of everybody's, or of those agreed with an organization.
  func find(_ id: ID<ListedPrice>, for organization: ID<Organization>?) throws(Problem) -> ListedPrice? {
    let whose: Statement = organization.map { "p.organization = \($0)" } ?? "p.organization IS NULL"
    return try tx.row("SELECT \(Self.columns), \(Self.ends) FROM price p WHERE p.id = \(id) AND \(whose)").map(ListedPrice.init)
  }

  func contains(_ key: PriceKey, since: Timestamp, for organization: ID<Organization>?) throws(Problem) -> Bool {
    let whose: Statement = organization.map { "p.organization = \($0)" } ?? "p.organization IS NULL"
    return try tx.count(
      "SELECT count(*) AS n FROM price p WHERE p.resource = \(key.resource) AND p.preset = \(key.preset ?? "") AND p.since = \(since) AND \(whose)") > 0
  }

  /// Whether something was recorded that was used at that time or later, and that the price would be for.
  func isUsed(_ key: PriceKey, since: Timestamp, by organization: ID<Organization>?) throws(Problem) -> Bool {
    var fits: Statement = "s.resource = \(key.resource)"
    if let preset = key.preset { fits = fits + " AND s.preset = \(preset)" }
    if let organization { fits = fits + " AND s.log = (SELECT l.log FROM usage_log l WHERE l.organization = \(organization))" }
    return try !tx.rows(
      """
      SELECT 1 AS one FROM usage_series s WHERE \(fits) AND EXISTS (
        SELECT 1 FROM usage_rollup r WHERE r.log = s.log AND r.span = 'hour' AND r.start >= \(since) AND r.series = s.number) LIMIT 1
      """
    ).isEmpty
  }

  /// All that may hold for one resource in every organization that nothing else was agreed with.
  func versions(of resource: String) throws(Problem) -> [PriceVersion] {
    try tx.rows("SELECT \(Self.columns) FROM price p WHERE p.organization IS NULL AND p.resource = \(resource)")
      .map { row throws(Problem) in try PriceVersion(row) }
  }

  /// All that may hold for an organization, whatever it is for.
  func all(for organization: ID<Organization>) throws(Problem) -> [PriceVersion] {
    try tx.rows("SELECT \(Self.columns) FROM price p WHERE p.organization IS NULL OR p.organization = \(organization)")
      .map { row throws(Problem) in try PriceVersion(row) }
  }

  func insert(
    _ key: PriceKey, _ price: Price?, unit: String, note: Note, since: Timestamp, for organization: ID<Organization>?, under proof: some Proof
  ) throws(Problem) -> ID<ListedPrice> {
    let number = try tx.row("SELECT coalesce(max(number), 0) + 1 AS n FROM price").orDefect().integer("n")
    let id = tx.newID(ListedPrice.self)
    try tx.change(
      """
      INSERT INTO price (number, id, organization, resource, preset, since, unit, per, tiers, note, created_at)
      VALUES (\(number), \(id), \(organization), \(key.resource), \(key.preset ?? ""), \(since), \(unit), \(price?.per.micro ?? Quantity.one.micro),
        \(price?.stored ?? "[]"), \(note), \(tx.now))
      """, under: proof)
    return id
  }

  func delete(_ id: ID<ListedPrice>, under proof: some Proof) throws(Problem) { try tx.change("DELETE FROM price WHERE id = \(id)", under: proof) }
}

extension Price {
  /// `[[100000000,0],[null,2500000]]`
  fileprivate var stored: String {
    JSON.array(tiers.map { [$0.upTo.map { .integer($0.micro) } ?? .null, .integer($0.credits.micro)] }).compact
  }

  /// `nil` where there are no tiers.
  fileprivate static func stored(_ text: String, unit: String, per: Quantity) throws(Problem) -> Price? {
    guard let json = try? JSON(Array(text.utf8)), case .array(let items) = json else { throw unreadable }
    if items.isEmpty { return nil }
    var tiers: [Tier] = []
    for item in items {
      guard case .array(let pair) = item, pair.count == 2, case .integer(let micro) = pair[1], let credits = Credits(micro: micro) else { throw unreadable }
      switch pair[0] {
      case .null: tiers.append(Tier(upTo: nil, credits: credits))
      case .integer(let bound): tiers.append(Tier(upTo: Quantity(micro: bound), credits: credits))
      default: throw unreadable
      }
    }
    do { return try Price(unit: unit, per: per, tiers: tiers) } catch { throw Problem(.defect, "A stored price isn't possible.", cause: error) }
  }

  private static var unreadable: Problem { Problem(.defect, "A stored price can't be read.") }
}

extension PriceVersion {
  fileprivate init(_ row: Row) throws(Problem) {
    let preset = try row.text("preset")
    self.init(
      number: try row.integer("number"), key: PriceKey(try row.text("resource"), preset.isEmpty ? nil : preset), isAgreed: !row.isNull("organization"),
      since: try row.instant("since"),
      price: try Price.stored(row.text("tiers"), unit: row.text("unit"), per: Quantity(micro: try row.integer("per"))))
  }
}

extension ListedPrice {
  fileprivate init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), version: try PriceVersion(row), unit: try row.text("unit"),
      organization: try row.optional("organization") { column throws(Problem) in try row.id(column) },
      note: try row.parsed("note") { text throws(Rejection) in try Note(text) }, createdAt: try row.instant("created_at"),
      ends: try row.optional("ends", row.instant))
  }
}

import Authorization
import Contract
import Kernel
import Storage

extension Work {
  var memberLists: MemberListRows { MemberListRows(tx: tx) }
}

/// Pages of members. A page takes about the same work in an organization of a thousand and of a million, at any place in the list:
///
/// - everybody: the index of the order, and the organization's own counter;
/// - by role and state: the segments that fit, merged, and their counters;
/// - by text, when few hold its terms, or few are in the segments that fit: all of these, sorted;
/// - by text, when many do: the index of the order, since the next that fit are seldom far away. The total is counted up to a thousand.
///
/// What takes more: a text and a role that many hold and hardly anybody holds together, members who expired (they are counted), and members who joined
/// within the last half minute (the term index doesn't know them yet).
struct MemberListRows {
  let tx: any Transaction

  private static let index = TermIndex("member_terms")
  /// How far the matches of a frequent text are counted.
  private static let countLimit = 1000
  /// How many segments are merged at most; there are a few dozen where roles are given with some order.
  private static let mergeLimit = 100

  func page(of organization: Organization, _ filter: MemberFilter, _ page: PageRequest) throws(Problem) -> Page<Member> {
    let order = MemberListOrder(filter.order)
    let after = try order.after(page)
    let extent: Statement = "\(order.clause("m")) LIMIT \(page.limit + 1)"
    let whole: Statement = "SELECT \(MemberRows.columns) FROM member m WHERE m.organization = \(organization.id)"
    if let search = MemberSearch(filter.search) {
      let segments = filter.isOnlySearch ? nil : try fitting(filter, in: organization.id)
      let fits: Statement = "\(condition(search))\(segments.map(among) ?? Statement.none)\(expiry(filter.state))"
      if let all = try fewMatches(of: search, among: segments, in: organization, order.keys, fits) {
        let found = try rows("SELECT * FROM (SELECT *, count(*) OVER () AS total FROM (\(all)) AS found) AS m WHERE 1 = 1\(after)\(extent)", order, with: ", p.total")
        let told = try found.first.map { row throws(Problem) in Int(try row.integer("total")) }
        // Behind the last page there is no row to tell it.
        let total = if let told { told } else { try tx.count("SELECT count(*) AS n FROM (\(all)) AS found") }
        return try assembled(found, order, page, total: total)
      }
      let found = try tx.rows("\(whole) AND \(fits)\(after)\(extent)")
      let total = try tx.count("SELECT count(*) AS n FROM (\(matches(of: search, in: organization.id, "m.id", fits)) LIMIT \(Self.countLimit)) AS found")
      return try assembled(found, order, page, total: total, isCapped: total >= Self.countLimit)
    }
    if filter.isEverybody { return try assembled(tx.rows("\(whole)\(after)\(extent)"), order, page, total: organization.memberCount) }

    let segments = try fitting(filter, in: organization.id)
    let total = try segments.reduce(0) { $0 + $1.members } - uncounted(filter.state, among: segments, in: organization.id)
    guard segments.count <= Self.mergeLimit else {
      return try assembled(tx.rows("\(whole)\(among(segments))\(expiry(filter.state))\(after)\(extent)"), order, page, total: total)
    }
    let base: Statement = "SELECT \(order.keys) FROM member m WHERE m.organization = \(organization.id)"
    var merged = Statement.none
    for segment in segments {
      let separator: Statement = merged.isEmpty ? .none : " UNION ALL "
      merged = "\(merged)\(separator)SELECT * FROM (\(base) AND m.segment = \(segment.text)\(expiry(filter.state))\(after)\(extent)) AS m"
    }
    return try assembled(merged.isEmpty ? [] : rows("SELECT * FROM (\(merged)) AS m\(extent)", order), order, page, total: total)
  }

  // MARK: Search

  /// Every member that fits, as a query; `nil` where too many hold the terms and are in the segments to sort them all.
  ///
  /// The bound makes the two ways cost the same where they meet: sorting takes work by the number of matches, reading in order by the distance between them.
  private func fewMatches(
    of search: MemberSearch, among segments: [MemberSegmentRows.Segment]?, in organization: Organization, _ keys: Statement, _ condition: Statement
  ) throws(Problem) -> Statement? {
    let few = max(Self.countLimit, 5 * Int(Double(organization.memberCount).squareRoot()))
    if let segments, segments.reduce(0, { $0 + $1.members }) <= few {
      return "SELECT \(keys) FROM member m WHERE m.organization = \(organization.id) AND m.segment IN (\(list: segments.map(\.text))) AND \(condition)"
    }
    let terms = MemberTerms(of: organization.id).terms(find: search)
    let hits = try tx.count("SELECT count(*) AS n FROM (SELECT rowid FROM member_terms WHERE \(Self.index.matching(terms)) LIMIT \(few + 1)) AS hit")
    return hits > few ? nil : matches(of: search, in: organization.id, keys, condition)
  }

  /// What the index finds, and those whom it doesn't know yet.
  private func matches(of search: MemberSearch, in organization: ID<Organization>, _ keys: Statement, _ condition: Statement) -> Statement {
    let terms = MemberTerms(of: organization).terms(find: search)
    return """
      SELECT \(keys) FROM (SELECT rowid AS number FROM member_terms WHERE \(Self.index.matching(terms))) AS hit CROSS JOIN member m
      WHERE m.search_number = hit.number AND m.organization = \(organization) AND \(condition)
      UNION ALL
      SELECT \(keys) FROM member m WHERE m.organization = \(organization) AND m.search_number IS NULL AND \(condition)
      """
  }

  private func condition(_ search: MemberSearch) -> Statement {
    search.isWordStart
      ? "' ' || m.search_text LIKE \(Pattern.containing(" " + search.text)) ESCAPE '!'" : "m.search_text LIKE \(Pattern.containing(search.text)) ESCAPE '!'"
  }

  // MARK: Segments

  private func fitting(_ filter: MemberFilter, in organization: ID<Organization>) throws(Problem) -> [MemberSegmentRows.Segment] {
    try MemberSegmentRows(tx: tx).all(of: organization).filter(filter.admits)
  }

  /// The empty text keeps the index of the segments out of it: the rows are read in the order of the list.
  private func among(_ segments: [MemberSegmentRows.Segment]) -> Statement { " AND m.segment || '' IN (\(list: segments.map(\.text)))" }

  /// What the clock decides and segments can't.
  private func expiry(_ state: Member.State?) -> Statement {
    switch state {
    case .active: " AND (m.expires_at IS NULL OR m.expires_at > \(tx.now))"
    case .expired: " AND m.expires_at <= \(tx.now)"
    case nil, .suspended, .deactivated: .none
    }
  }

  /// How many of the segments' members don't fit because of the clock.
  private func uncounted(_ state: Member.State?, among segments: [MemberSegmentRows.Segment], in organization: ID<Organization>) throws(Problem) -> Int {
    let expiring = segments.filter { $0.standing == .expiring }
    guard state == .active || state == .expired, !expiring.isEmpty else { return 0 }
    let expired = try tx.count(
      "SELECT count(*) AS n FROM member m WHERE m.organization = \(organization) AND m.expires_at <= \(tx.now) AND m.segment IN (\(list: expiring.map(\.text)))")
    return state == .active ? expired : expiring.reduce(0) { $0 + $1.members } - expired
  }

  // MARK: Rows

  /// The members whose keys a query answers, in the order of the list.
  private func rows(_ keys: Statement, _ order: MemberListOrder, with more: Statement = .none) throws(Problem) -> [Row] {
    try tx.rows("SELECT \(MemberRows.columns)\(more) FROM (\(keys)) AS p CROSS JOIN member m WHERE m.id = p.id\(order.clause("p"))")
  }

  private func assembled(_ found: [Row], _ order: MemberListOrder, _ page: PageRequest, total: Int, isCapped: Bool = false) throws(Problem) -> Page<Member> {
    var places: [ID<Member>: [String]] = [:]
    let members = try found.map { row throws(Problem) in
      let member = try Member(row)
      places[member.id] = try order.place(row)
      return member
    }
    return Page(members, of: order.list, limit: page.limit, total: total, isCapped: isCapped) { places[$0.id] ?? [] }
  }
}

/// How a list of members is ordered, in SQL.
private struct MemberListOrder {
  private let order: MemberFilter.Order

  init(_ order: MemberFilter.Order) { self.order = order }

  var list: String { "members-by-\(order.rawValue)" }

  var keys: Statement {
    switch order {
    case .name: "m.id, m.sort_name"
    case .since: "m.id, m.since"
    }
  }

  func clause(_ alias: String) -> Statement {
    switch (order, alias) {
    case (.name, "p"): " ORDER BY p.sort_name, p.id"
    case (.name, _): " ORDER BY m.sort_name, m.id"
    case (.since, "p"): " ORDER BY p.since DESC, p.id DESC"
    case (.since, _): " ORDER BY m.since DESC, m.id DESC"
    }
  }

  /// Where the page begins.
  func after(_ page: PageRequest) throws(Problem) -> Statement {
    guard let keys = try page.keys(of: list, count: 2) else { return .none }
    switch order {
    case .name: return " AND (m.sort_name, m.id) > (\(keys[0]), \(keys[1]))"
    case .since:
      guard let since = Int64(keys[0]) else { throw .invalid("cursor", "This cursor can't be read; start again without it.") }
      return " AND (m.since, m.id) < (\(since), \(keys[1]))"
    }
  }

  func place(_ row: Row) throws(Problem) -> [String] {
    switch order {
    case .name: [try row.text("sort_name"), try row.text("id")]
    case .since: [String(try row.integer("since")), try row.text("id")]
    }
  }
}

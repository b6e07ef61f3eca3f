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
/// - by role and state: the segments that fit, merged, and their counters; where many fit, the index of the order;
/// - by text, when few hold its terms, or few are in the segments that fit: all of these, sorted;
/// - by text, when many do: the index of the order, since the next that fit are seldom far away. They are where names are looked for by their beginnings in a list
///   by name, so those are read at their place, and merged with the few who hold the text elsewhere. The total is counted up to a thousand.
///
/// What takes more: a text and a role that many hold and hardly anybody holds together, and members who expired within the last minute or joined within the
/// last half (no segment and no term index knows them yet).
struct MemberListRows {
  let tx: any Transaction

  private static let index = TermIndex("member_terms")
  /// How far the matches of a frequent text are counted.
  private static let countLimit = 1000
  /// So many found by the term index are looked up by their numbers, without another look at the index.
  private static let handful = 32
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
      let found: [Row]
      if filter.order == .name, let keys = try beginning(with: search, in: organization, order.keys, fits, after, extent) {
        found = try rows(keys, order)
      } else {
        found = try tx.rows("\(whole) AND \(fits)\(after)\(extent)")
      }
      let total = try tx.count("SELECT count(*) AS n FROM (\(matches(of: search, in: organization.id, "m.id", fits)) LIMIT \(Self.countLimit)) AS found")
      return try assembled(found, order, page, total: total, isCapped: total >= Self.countLimit)
    }
    if filter.isEverybody { return try assembled(tx.rows("\(whole)\(after)\(extent)"), order, page, total: organization.memberCount) }

    let segments = try fitting(filter, in: organization.id)
    let members = segments.reduce(0) { $0 + $1.members }
    let late = try late(filter.state, among: segments, in: organization.id)
    let total =
      switch filter.state {
      case .active: members - late
      case .expired: segments.reduce(late) { $1.standing == .expired ? $0 + $1.members : $0 }
      case nil, .suspended, .deactivated: members
      }
    // The next that fits is near where a quarter do.
    if segments.count > Self.mergeLimit || filter.state != .expired && members >= organization.memberCount / 4 {
      return try assembled(tx.rows("\(whole)\(among(segments))\(expiry(filter.state))\(after)\(extent)"), order, page, total: total)
    }
    // Where nobody has expired since, nobody is looked for among those who may.
    let parts = filter.state == .expired && late == 0 ? segments.filter { $0.standing == .expired } : segments
    // Nothing to merge, so the rows are read where they are found.
    if parts.count == 1, late == 0 {
      return try assembled(tx.rows("\(whole) AND m.segment = \(parts[0].text)\(expiry(filter.state))\(after)\(extent)"), order, page, total: total)
    }
    let base: Statement = "SELECT \(order.keys) FROM member m WHERE m.organization = \(organization.id)"
    var merged = Statement.none
    for segment in parts {
      let separator: Statement = merged.isEmpty ? .none : " UNION ALL "
      let isLate = filter.state == .expired && segment.standing == .expiring
      // The bound, which is never met, has those who are late found by their expiry.
      merged =
        isLate
        ? "\(merged)\(separator)SELECT * FROM (\(base) AND m.segment = \(segment.text) AND m.expires_at <= \(tx.now) LIMIT \(late)) AS m WHERE 1 = 1\(after)"
        : "\(merged)\(separator)SELECT * FROM (\(base) AND m.segment = \(segment.text)\(expiry(filter.state))\(after)\(extent)) AS m"
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
    let first = try tx.rows("SELECT rowid AS number FROM member_terms WHERE \(Self.index.matching(terms)) LIMIT \(Self.handful + 1)")
    if first.count <= Self.handful {
      // One text for any number of them, so that it is prepared once.
      let numbers = try first.map { row throws(Problem) in try row.integer("number") }
      return matches(among: numbers + Array(repeating: -1, count: Self.handful - numbers.count), in: organization.id, keys, condition)
    }
    let hits = try tx.count("SELECT count(*) AS n FROM (SELECT rowid FROM member_terms WHERE \(Self.index.matching(terms)) LIMIT \(few + 1)) AS hit")
    return hits > few ? nil : matches(of: search, in: organization.id, keys, condition)
  }

  private func matches(among numbers: [Int64], in organization: ID<Organization>, _ keys: Statement, _ condition: Statement) -> Statement {
    // The empty text has them looked up by their numbers, which seem many.
    """
    SELECT \(keys) FROM member m WHERE m.search_number IN (\(list: numbers)) AND m.organization || '' = \(organization) AND \(condition)
    UNION ALL
    SELECT \(keys) FROM member m WHERE m.organization = \(organization) AND m.search_number IS NULL AND \(condition)
    """
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

  /// A page of those who fit, as a query for their keys: the names that begin with the text's first characters, in their place in the list, and the few others, sorted.
  /// `nil` where the others are many.
  private func beginning(
    with search: MemberSearch, in organization: Organization, _ keys: Statement, _ condition: Statement, _ after: Statement, _ extent: Statement
  ) throws(Problem) -> Statement? {
    let scalars = Array(search.text.unicodeScalars.prefix(3))
    guard let end = Self.end(ofBeginning: scalars) else { return nil }
    let vocabulary = MemberTerms(of: organization.id)
    let others = Self.index.matching(vocabulary.terms(find: search), without: vocabulary.term(ofBeginning: scalars[...]))
    let hits = try tx.count("SELECT count(*) AS n FROM (SELECT rowid FROM member_terms WHERE \(others) LIMIT \(Self.countLimit + 1)) AS hit")
    guard hits <= Self.countLimit else { return nil }
    // The bound, which nothing meets, keeps each part from being read in the order of the whole.
    let begins: Statement = "m.sort_name >= \(String(search.text.unicodeScalars.prefix(3))) AND m.sort_name < \(end)"
    return """
      SELECT * FROM (
        SELECT * FROM (SELECT \(keys) FROM member m WHERE m.organization = \(organization.id) AND \(begins) AND \(condition)\(after)\(extent)) AS m
        UNION ALL
        SELECT \(keys) FROM (SELECT rowid AS number FROM member_terms WHERE \(others)) AS hit CROSS JOIN member m
        WHERE m.search_number = hit.number AND m.organization = \(organization.id) AND \(condition)\(after)
        UNION ALL
        SELECT \(keys) FROM member m
        WHERE m.organization = \(organization.id) AND m.search_number IS NULL AND NOT (\(begins)) AND \(condition)\(after)
        LIMIT \(Int(Int32.max))
      ) AS m\(extent)
      """
  }

  /// The first text, by its characters, behind all that begin with these; `nil` where there is none.
  private static func end(ofBeginning scalars: [Unicode.Scalar]) -> String? {
    guard let last = scalars.last, let next = Unicode.Scalar(last.value == 0xD7FF ? 0xE000 : last.value + 1) else { return nil }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars.dropLast() + [next])
    return String(text)
  }

  private func condition(_ search: MemberSearch) -> Statement {
    search.isWordStart
      ? "' ' || m.search_text LIKE \(Pattern.containing(" " + search.text))" : "m.search_text LIKE \(Pattern.containing(search.text))"
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
    // The sum keeps the index of the expiries out of it: they are read in the order of the list.
    case .expired: " AND m.expires_at + 0 <= \(tx.now)"
    case nil, .suspended, .deactivated: .none
    }
  }

  /// How many of the segments' members have expired since they were filed, where that matters.
  private func late(_ state: Member.State?, among segments: [MemberSegmentRows.Segment], in organization: ID<Organization>) throws(Problem) -> Int {
    let expiring = segments.filter { $0.standing == .expiring }
    guard state == .active || state == .expired, !expiring.isEmpty else { return 0 }
    return try tx.count(
      "SELECT count(*) AS n FROM member m WHERE m.organization = \(organization) AND m.expires_at <= \(tx.now) AND m.segment IN (\(list: expiring.map(\.text)))")
  }

  // MARK: Rows

  /// The members whose keys a query answers, in the order of the list.
  private func rows(_ keys: Statement, _ order: MemberListOrder, with more: Statement = .none) throws(Problem) -> [Row] {
    try tx.rows("SELECT \(MemberRows.columns)\(more) FROM (\(keys)) AS p CROSS JOIN member m WHERE m.id = p.id\(order.clause("p"))")
  }

  private func assembled(_ found: [Row], _ order: MemberListOrder, _ page: PageRequest, total: Int, isCapped: Bool = false) throws(Problem) -> Page<Member> {
    let place = found.count > page.limit ? try order.place(found[page.limit - 1]) : []
    return Page(try found.map(Member.init), of: order.list, limit: page.limit, total: total, isCapped: isCapped) { _ in place }
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

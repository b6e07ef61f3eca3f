import Authorization
import Kernel
import Storage

extension Work {
  var memberSegments: MemberSegmentRows { MemberSegmentRows(tx: tx) }
}

/// The segments of an organization's members: those who stand alike and have the same roles. A filter is a choice of segments, so that it reads only what it
/// shows, and counts nothing.
struct MemberSegmentRows {
  let tx: any Transaction

  /// How a member stood when they were filed.
  enum Standing: String, CaseIterable {
    case active
    /// Active until an instant, which may be over by now.
    case expiring
    /// For good, unless the membership is made longer.
    case expired
    case suspended
    case deactivated

    init(isActive: Bool, isSuspended: Bool, expires: Timestamp?, at now: Timestamp) {
      self = !isActive ? .deactivated : isSuspended ? .suspended : expires.map { $0 <= now ? .expired : .expiring } ?? .active
    }
  }

  struct Segment {
    let text: String
    let standing: Standing
    let roles: RoleSet
    let members: Int

    static func text(_ standing: Standing, _ roles: RoleSet) -> String { "\(standing.rawValue) \(roles.stored)" }

    init(_ row: Row) throws(Problem) {
      text = try row.text("segment")
      let words = text.split(separator: " ")
      guard words.count == 2, let standing = Standing(rawValue: String(words[0])) else { throw Problem(.defect, "A stored segment can't be read.") }
      self.standing = standing
      do { roles = try RoleSet(stored: String(words[1])) } catch { throw Problem(.defect, "A stored segment can't be read.") }
      members = Int(try row.integer("members"))
    }
  }

  func all(of organization: ID<Organization>) throws(Problem) -> [Segment] {
    try tx.rows("SELECT segment, members FROM member_segment WHERE organization = \(organization) AND members > 0 ORDER BY segment").map(Segment.init)
  }

  /// Puts the members that `condition` names (`m.`) where they belong now, after their roles, their standing or their account changed.
  func refresh(_ condition: Statement, under proof: some Proof) throws(Problem) {
    let moved = try tx.rows(
      """
      SELECT m.id, m.organization, m.segment, m.roles, m.suspended_at, m.expires_at, a.active FROM member m JOIN account a ON a.id = m.account WHERE \(condition)
      """)
    for row in moved {
      let (id, organization, former) = (try row.id("id", of: Member.self), try row.id("organization", of: Organization.self), try row.text("segment"))
      let roles = try row.parsed("roles") { text throws(Rejection) in try RoleSet(stored: text) }
      let standing = Standing(isActive: try row.bool("active"), isSuspended: !row.isNull("suspended_at"), expires: try row.optional("expires_at", row.instant), at: tx.now)
      let current = Segment.text(standing, roles)
      guard current != former else { continue }
      try tx.change("UPDATE member SET segment = \(current) WHERE id = \(id)", under: proof)
      try count(former, of: organization, by: -1, under: proof)
      try count(current, of: organization, by: 1, under: proof)
    }
  }

  /// Files some of those anew who have expired since they were filed, or haven't yet because the clock was put back; answers whether there may be more.
  func fileByExpiry(_ limit: Int, under proof: some Proof) throws(Problem) -> Bool {
    var isDone = true
    for (standing, isLate) in [(Standing.expiring, "m.expires_at <= \(tx.now)"), (.expired, "m.expires_at > \(tx.now)")] as [(Standing, Statement)] {
      let found = try tx.rows(
        """
        SELECT m.id FROM (SELECT organization, segment FROM member_segment WHERE segment LIKE \("\(standing.rawValue) %") || '' AND members > 0) AS s
        CROSS JOIN member m WHERE m.organization = s.organization AND m.segment = s.segment AND \(isLate) LIMIT \(limit)
        """
      ).map { row throws(Problem) in try row.id("id", of: Member.self) }
      if !found.isEmpty { try refresh("m.id IN (\(list: found))", under: proof) }
      isDone = isDone && found.count < limit
    }
    return !isDone
  }

  func count(_ segment: String, of organization: ID<Organization>, by difference: Int, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO member_segment (organization, segment, members) VALUES (\(organization), \(segment), \(difference))
      ON CONFLICT (organization, segment) DO UPDATE SET members = member_segment.members + excluded.members
      """, under: proof)
  }
}

extension MemberFilter {
  /// Whether the segment may hold members that fit.
  func admits(_ segment: MemberSegmentRows.Segment) -> Bool {
    if let role, !segment.roles.contains(role) { return false }
    switch state {
    case nil: return true
    case .active: return segment.standing == .active || segment.standing == .expiring
    case .expired: return segment.standing == .expired || segment.standing == .expiring
    case .suspended: return segment.standing == .suspended
    case .deactivated: return segment.standing == .deactivated
    }
  }
}

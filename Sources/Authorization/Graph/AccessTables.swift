internal import Cedar

/// The facts of one organization as numbers side by side; what ``AccessGraph`` holds, and what changes are made to.
///
/// Copies share all pages that neither has changed. What something was called once keeps its number.
struct AccessTables: Sendable {
  let organization: String

  var members = Names()
  var teams = Names()
  var resources = Names(hasKinds: true)
  /// ``Holder`` says what stands in them.
  var memberRows = Rows()
  var teamRows = Rows()
  /// For each team the one around it, or −1, doubled, and one more where the team holds roles on the organization: all that a decision asks of most teams.
  var teamParents = Column<Int32>()
  /// ``Thing`` says what stands in them.
  var resourceRows = Rows()
  /// The resources that say themselves who sees them, and say more than nobody.
  var open = Column<Int32>()

  /// Whether anything was ever shared that is merely named.
  var hasNamed = false

  var types: [ResourceType] = []
  var typeNumbers: [ResourceType: Int32] = [:]
  /// For each type its row in the table of roles.
  var typeRows: ContiguousArray<Int32> = []
  var roles = RoleTable.builtIn
  var values = Values()
  var rules = Rules.none
  var policySet = PolicySet()

  init(organization: String) { self.organization = organization }

  var bytes: Int {
    members.bytes + teams.bytes + resources.bytes + memberRows.bytes + teamRows.bytes + teamParents.bytes + resourceRows.bytes + open.bytes + values.bytes
  }
}

/// Where things stand in the row of a member or a team, who can hold grants.
///
/// After the head: the end of the membership in two words where there is one; the teams the member is directly in; roles on the organization for
/// good; roles on it for a time, each with its end; and the resources on which there are grants.
enum Holder {
  /// A member's attributes; nothing of a team.
  static let record = 0
  static let flags = 1
  /// How many teams, how many roles for good and how many for a time.
  static let counts = 2
  static let head = 3

  // Flags. The lowest eight are the organization roles that a member holds.
  static let roles: Int32 = 0xFF
  static let isPresent: Int32 = 1 << 8
  static let isMember: Int32 = 1 << 9
  static let isSuspended: Int32 = 1 << 10
  static let expires: Int32 = 1 << 11
  static let isServiceAccount: Int32 = 1 << 12

  // Kinds of principals.
  static let account: Int32 = 0
  static let serviceAccount: Int32 = 1

  static let mostTeams = 0xFFFF
  static let mostRoles = 0xFF
  static let mostExpiringRoles = 0x7F

  static let absent: [Int32] = [0, 0, 0]

  /// How a row is divided.
  struct Layout {
    let teams: Range<Int>
    /// One word each.
    let roles: Range<Int>
    /// Three words each: the role and its end.
    let expiring: Range<Int>

    @inline(__always)
    init(_ row: borrowing Span<Int32>) {
      let start = row[Holder.flags] & Holder.expires == 0 ? Holder.head : Holder.head + 2
      let counts = Int(row[Holder.counts])
      teams = start..<start + counts & 0xFFFF
      roles = teams.upperBound..<teams.upperBound + counts >> 16 & 0xFF
      expiring = roles.upperBound..<roles.upperBound + counts >> 24 & 0x7F &* 3
    }
  }
}

/// Where things stand in the row of a resource: a head, then grants for good as pairs of holder and role, then grants for a time with their end; both sorted.
enum Thing {
  static let type = 0
  static let parent = 1
  static let record = 2
  static let flags = 3
  /// The member who owns it, or −1.
  static let owner = 4
  static let firstChild = 5
  static let next = 6
  static let previous = 7
  /// Its place among the open ones, or −1.
  static let place = 8
  /// How many grants for good.
  static let grants = 9
  static let head = 10

  // Flags. The lowest two say who sees it.
  static let visibility: Int32 = 3
  static let isPresent: Int32 = 4
  /// Not known, and yet shared: its row holds the shares of what is named so in its parent.
  static let isNamed: Int32 = 8

  /// A row of more words than this isn't read from one end to the other.
  static let most = 512

  /// Resources stand in one another so deep at most.
  static let deepest = 15

  static func absent(_ type: Int32) -> [Int32] { [type, -1, 0, 0, -1, -1, -1, -1, -1, 0] }
}

/// A holder of grants as one number: a member's doubled, a team's doubled and one more.
@inline(__always)
func who(member: Int32) -> Int32 { member << 1 }
@inline(__always)
func who(team: Int32) -> Int32 { team << 1 | 1 }

/// An instant in two words.
@inline(__always)
func instant(_ low: Int32, _ high: Int32) -> Int64 { Int64(high) << 32 | Int64(UInt32(bitPattern: low)) }
func words(_ instant: Int64) -> [Int32] { [Int32(truncatingIfNeeded: instant), Int32(truncatingIfNeeded: instant >> 32)] }

// MARK: Numbers

extension AccessTables {
  mutating func memberNumber(_ id: String) -> Int32 {
    let number = members.number(id)
    if Int(number) == memberRows.count { memberRows.append(Holder.absent) }
    return number
  }

  mutating func teamNumber(_ id: String) -> Int32 {
    let number = teams.number(id)
    if Int(number) == teamRows.count {
      teamRows.append(Holder.absent)
      teamParents.append(Self.noParent)
    }
    return number
  }

  private static let noParent: Int32 = -2

  /// The team around a team, or −1.
  @inline(__always)
  func parent(ofTeam team: Int32) -> Int32 { teamParents[Int(team)] >> 1 }

  mutating func setParent(_ parent: Int32, ofTeam team: Int32) {
    teamParents[Int(team)] = parent << 1 | (teamRows.word(team, Holder.counts) == 0 ? 0 : 1)
  }

  mutating func resourceNumber(_ type: ResourceType, _ id: String) -> Int32 {
    let type = typeNumber(type)
    let number = resources.number(id, kind: type)
    if Int(number) == resourceRows.count { resourceRows.append(Thing.absent(type)) }
    return number
  }

  mutating func typeNumber(_ type: ResourceType) -> Int32 {
    if let number = typeNumbers[type] { return number }
    let number = Int32(types.count)
    types.append(type)
    typeNumbers[type] = number
    typeRows.append(roles.row(type))
    return number
  }
}

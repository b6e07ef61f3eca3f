/// Roles by number, and for each right the roles that have it as bits: what a decision asks of a role is one bit.
///
/// Rows of the table are the types that any role tells apart, columns its verbs; what no role mentions shares the first row and the first column, where only
/// wildcards count. The second column says whether a role has any right at all on the type.
struct RoleTable: Sendable {
  /// What a role's number stands for.
  enum Role: Hashable, Sendable {
    case organization(OrganizationRole)
    case resource(ResourceRole)
    /// By the organization's own id of it.
    case custom(String)
    case actions(Set<ResourceVerb>)
  }

  private(set) var roles: [Role] = []
  private var names: [String] = []
  private var rights: [(rights: RightSet, ownRights: RightSet)] = []
  private var numbers: [Role: Int32] = [:]

  private var rows: [ResourceType: Int32] = [:]
  private var columns: [ResourceVerb: Int32] = [:]
  /// Types with a row of their own, those without one share the row of a type nobody knows.
  private var rowTypes: [ResourceType] = []
  private var columnVerbs: [ResourceVerb] = []
  /// For each row and column `width` words of bits, and as many again for what holders own.
  private var cells: ContiguousArray<UInt64> = []
  private(set) var width = 1
  /// Those who take part, among the first 64 roles.
  private(set) var participants = builtInParticipants
  /// Those behind them.
  private(set) var laterParticipants: Set<Int32> = []

  /// Bits for those that are single actions, which reach nothing within what they are given on.
  private var actionBits: ContiguousArray<UInt64> = []

  /// Of the built-in ones those who take part: roles whose holders see what is open to the organization.
  static let builtInParticipants: UInt64 = OrganizationRole.allCases.enumerated().reduce(0) { $1.element.seesWhatIsOpen ? $0 | 1 << UInt64($1.offset) : $0 }

  /// The built-in roles.
  static let builtIn: RoleTable = {
    var table = RoleTable()
    for role in OrganizationRole.allCases { table.add(.organization(role), "organization.\(role.rawValue)", role.resourceRights, []) }
    for role in ResourceRole.allCases { table.add(.resource(role), role.rawValue, role.rights, role.ownRights) }
    return table
  }()

  private init() {
    let unknown = ResourceType("")
    rowTypes = [unknown]
    rows = [unknown: 0]
    columnVerbs = [ResourceVerb(""), ResourceVerb("*")]
  }

  /// The number of an organization role is its place among them.
  static func bit(_ role: OrganizationRole) -> UInt64 { 1 << UInt64(OrganizationRole.allCases.firstIndex(of: role) ?? 0) }

  // MARK: Asking

  func number(_ role: Role) -> Int32? { numbers[role] }
  func name(_ number: Int32) -> String { names[Int(number)] }

  func row(_ type: ResourceType) -> Int32 { rows[type] ?? 0 }
  func column(_ verb: ResourceVerb) -> Int32 { columns[verb] ?? 0 }

  /// Where the bits of a right begin.
  @inline(__always)
  func cell(row: Int32, column: Int32, own: Bool) -> Int { ((Int(row) * columnVerbs.count + Int(column)) * 2 + (own ? 1 : 0)) * width }

  /// Where the bits of any right on a type begin.
  @inline(__always)
  func anyCell(row: Int32, own: Bool) -> Int { cell(row: row, column: 1, own: own) }

  @inline(__always)
  func has(_ role: Int32, _ cell: Int) -> Bool { cells[cell + Int(role) >> 6] >> UInt64(role & 63) & 1 != 0 }

  /// Whether the role is a single action, which counts on the very thing that it was given on.
  @inline(__always)
  func isAction(_ role: Int32) -> Bool { actionBits[Int(role) >> 6] >> UInt64(role & 63) & 1 != 0 }

  /// The first 64 roles' bits, the organization roles among them.
  @inline(__always)
  func first(_ cell: Int) -> UInt64 { cells[cell] }

  // MARK: Changing

  /// The number of what a grant gives; custom roles are to be there already, sets of actions become roles of their own.
  mutating func number(_ granted: GrantedRole) -> Int32? {
    switch granted {
    case .resource(let role): return numbers[.resource(role)]
    case .organization(let role): return numbers[.organization(role)]
    case .custom(let role): return numbers[.custom(role.id)]
    case .actions(let verbs):
      if let number = numbers[.actions(verbs)] { return number }
      return add(.actions(verbs), granted.name, granted.rights, [])
    }
  }

  /// Adds a custom role, or changes it.
  mutating func set(_ role: CustomRole) {
    guard let number = numbers[.custom(role.id)] else {
      takePart(add(.custom(role.id), role.name, role.rights, role.ownRights), role.seesWhatIsOpen)
      return
    }
    takePart(number, role.seesWhatIsOpen)
    if names[Int(number)] == role.name, rights[Int(number)] == (role.rights, role.ownRights) { return }
    names[Int(number)] = role.name
    rights[Int(number)] = (role.rights, role.ownRights)
    rebuild()
  }

  private mutating func takePart(_ number: Int32, _ takesPart: Bool) {
    if number >= 64 {
      if takesPart { laterParticipants.insert(number) } else { laterParticipants.remove(number) }
    } else if takesPart {
      participants |= 1 << UInt64(number)
    } else {
      participants &= ~(1 << UInt64(number))
    }
  }

  @discardableResult
  private mutating func add(_ role: Role, _ name: String, _ rights: RightSet, _ ownRights: RightSet) -> Int32 {
    let number = Int32(roles.count)
    roles.append(role)
    names.append(name)
    self.rights.append((rights, ownRights))
    numbers[role] = number
    if number & 63 == 0 { actionBits.append(0) }
    if case .actions = role { actionBits[Int(number) >> 6] |= 1 << UInt64(number & 63) }
    if isKnown(rights), isKnown(ownRights), number < width * 64, !cells.isEmpty { fill(number) } else { rebuild() }
    return number
  }

  private func isKnown(_ rights: RightSet) -> Bool {
    rights.rights.allSatisfy { right in
      if case .type(let type) = right.target, rows[type] == nil { return false }
      return right.verb.map { columns[$0] != nil } ?? true
    }
  }

  private mutating func rebuild() {
    for (rights, ownRights) in rights {
      for right in rights.rights.union(ownRights.rights) {
        if case .type(let type) = right.target, rows[type] == nil {
          rows[type] = Int32(rowTypes.count)
          rowTypes.append(type)
        }
        if let verb = right.verb, columns[verb] == nil {
          columns[verb] = Int32(columnVerbs.count)
          columnVerbs.append(verb)
        }
      }
    }
    // What isn't an object has a row, so that the row of the unknown is an object's.
    for type in ResourceType.structural where rows[type] == nil {
      rows[type] = Int32(rowTypes.count)
      rowTypes.append(type)
    }
    width = (roles.count + 63) / 64
    cells = ContiguousArray(repeating: 0, count: rowTypes.count * columnVerbs.count * 2 * width)
    for number in roles.indices { fill(Int32(number)) }
  }

  private mutating func fill(_ number: Int32) {
    let (rights, ownRights) = rights[Int(number)]
    for right in rights.rights {
      fill(number, right, own: false)
      fill(number, right, own: true)
    }
    for right in ownRights.rights { fill(number, right, own: true) }
  }

  private mutating func fill(_ number: Int32, _ right: Right, own: Bool) {
    for (row, type) in rowTypes.enumerated() where right.target.covers(type) {
      for (column, verb) in columnVerbs.enumerated() where column == 1 || right.verb == nil || right.verb == verb {
        cells[cell(row: Int32(row), column: Int32(column), own: own) + Int(number) >> 6] |= 1 << UInt64(number & 63)
      }
    }
  }
}

import Authorization
import Cedar
import Foundation
import Kernel

/// A world of `access_world.py` as graphs, one for each organization.
struct World {
  static let verbs = [
    "read", "list", "update", "create_child", "deploy", "delete", "share", "export", "manage_members", "manage_billing", "view_usage", "impersonate",
  ].map { ResourceVerb($0) }
  static let kinds: [ResourceType] = [.workspace, .project, .app]
  static let now = Timestamp(milliseconds: 1_700_000_000_000)

  private static let regions = ["eu", "us", "ap"]
  private static let departments = ["eng", "sales", "ops", "legal", "finance", "hr", "support", "data", "design", "exec"]
  private static let stages = ["prod", "staging", "dev"]

  struct Request {
    let organization: Int
    let member: Int
    let verb: Int
    let resource: Int
    let context: Record
    let isAllowed: Bool
  }

  private(set) var graphs: [AccessGraph] = []
  var requests: [Request] = []
  var kindOf: [Int] = []
  private(set) var memberCount = 0
  /// Processor seconds that building took.
  private(set) var building = 0.0
  /// Resident bytes that the graphs added, for each member.
  private(set) var resident = 0.0

  init(_ data: Data) throws {
    var reader = Reader(data)
    let standing = reader.next()
    let granted = reader.next()
    let (members, teams, seats, resources, grants, denies, asked) = (reader.next(), reader.next(), reader.next(), reader.next(), reader.next(), reader.next(), reader.next())
    memberCount = members.count / 7
    func verbs(_ mask: Int32) -> [ResourceVerb] { Self.verbs.indices.filter { mask >> Int32($0) & 1 != 0 }.map { Self.verbs[$0] } }
    let standings = ["owner", "admin", "", "billing", ""].enumerated().map { place, name in
      CustomRole(id: name, name: name, scope: .organization, rights: RightSet(verbs(standing[place]).map { Right(.everything, $0) }))
    }
    let roles = ["viewer", "editor", "administrator"].enumerated().map { place, name in
      CustomRole(id: name, name: name, scope: .project, rights: RightSet(verbs(granted[place]).map { Right(.everything, $0) }))
    }
    var texts: [[String]] = []
    var facts: [[AccessChange]] = []
    var organizationOf: [Int] = []
    for row in stride(from: 0, to: resources.count, by: 7) { kindOf.append(Int(resources[row + 1])) }
    func resource(_ number: Int32) -> AccessResource { AccessResource(Self.kinds[kindOf[Int(number)]], String(number)) }

    for (number, row) in stride(from: 0, to: members.count, by: 7).enumerated() {
      let organization = Int(members[row])
      if organization == facts.count {
        facts.append([])
        texts.append([])
      }
      organizationOf.append(organization)
      var attributes: [String: Value] = [:]
      attributes["dept"] = .string(Self.departments[Int(members[row + 2])])
      attributes["region"] = .string(Self.regions[Int(members[row + 3])])
      attributes["employment"] = .string(members[row + 4] == 1 ? "contractor" : "employee")
      attributes["clearance"] = .long(Int64(members[row + 5]))
      attributes["suspended"] = .bool(members[row + 6] == 1)
      let role = Int(members[row + 1])
      let held: OrganizationRole = role == 2 ? .member : .guest
      facts[organization].append(.member(String(number), AccessStanding(roles: [held], attributes: Record(attributes))))
      guard !standings[role].id.isEmpty else { continue }
      let granted = GrantedRole.custom(standings[role])
      facts[organization].append(.grant(.member(String(number)), granted, on: nil, expires: nil))
    }
    for (number, row) in stride(from: 0, to: teams.count, by: 2).enumerated() {
      let parent = teams[row + 1] < 0 ? nil : String(teams[row + 1])
      facts[Int(teams[row])].append(.team(String(number), in: parent))
    }
    for row in stride(from: 0, to: seats.count, by: 2) {
      let organization = organizationOf[Int(seats[row + 1])]
      facts[organization].append(.seat(member: String(seats[row + 1]), team: String(seats[row])))
    }
    for (number, row) in stride(from: 0, to: resources.count, by: 7).enumerated() {
      let isOpen = resources[row + 6] == 1
      var attributes: [String: Value] = [:]
      attributes["env"] = .string(Self.stages[Int(resources[row + 4])])
      attributes["region"] = .string(Self.regions[Int(resources[row + 5])])
      attributes["classification"] = .long(Int64(resources[row + 3]))
      attributes["visibility"] = .string(isOpen ? "org" : "private")
      let parent = resources[row + 2] < 0 ? nil : resource(resources[row + 2])
      facts[Int(resources[row])].append(
        .resource(resource(Int32(number)), in: parent, owner: nil, visibility: isOpen ? .organization : .private, attributes: Record(attributes)))
    }
    for row in stride(from: 0, to: grants.count, by: 4) {
      let id = String(grants[row + 1])
      let holder: AccessHolder = grants[row] == 1 ? .team(id) : .member(id)
      let organization = Int(resources[Int(grants[row + 2]) * 7])
      let granted = GrantedRole.custom(roles[Int(grants[row + 3])])
      facts[organization].append(.grant(holder, granted, on: resource(grants[row + 2]), expires: nil))
    }
    for row in stride(from: 0, to: denies.count, by: 13) { texts[Int(denies[row])].append(Self.policy(denies[row..<row + 13], resource)) }
    for organization in facts.indices {
      facts[organization].append(.policies(try PolicySet(parsing: texts[organization].joined(separator: "\n"))))
    }
    // The roles are the same for all.
    let base = try AccessGraph((standings.filter { !$0.id.isEmpty } + roles).map { .role($0) }, of: "installation")
    let before = Self.residentBytes
    let start = Self.processorTime
    for organization in facts.indices {
      graphs.append(try AccessGraph(facts[organization], of: "o\(organization)", rolesOf: base))
    }
    building = Self.processorTime - start
    resident = Double(Self.residentBytes - before) / Double(memberCount)
    for row in stride(from: 0, to: asked.count, by: 8) {
      let context: Record = ["mfa": .bool(asked[row + 4] == 1), "hour": .long(Int64(asked[row + 5])), "ip_trusted": .bool(asked[row + 6] == 1)]
      let (organization, member, verb, resource) = (Int(asked[row]), Int(asked[row + 1]), Int(asked[row + 2]), Int(asked[row + 3]))
      requests.append(Request(organization: organization, member: member, verb: verb, resource: resource, context: context, isAllowed: asked[row + 7] == 1))
    }
  }

  private static func policy(_ row: ArraySlice<Int32>, _ resource: (Int32) -> AccessResource) -> String {
    let at = row.startIndex
    let slots = [
      "principal.dept", "principal.region", "principal.employment", "principal.clearance", "principal.suspended", "resource.classification", "resource.env",
      "resource.region", "resource.visibility", "context.mfa", "context.hour", "context.ip_trusted",
    ]
    let texts: [Int32: [String]] = [0: departments, 1: regions, 2: ["employee", "contractor"], 6: stages, 7: regions, 8: ["private", "org"]]
    func literal(_ slot: Int32, _ value: Int32) -> String {
      if value >= 256 { return slots[Int(value - 256)] }
      if let names = texts[slot] { return "\"\(names[Int(value)])\"" }
      return [4, 9, 11].contains(slot) ? value == 1 ? "true" : "false" : "\(value)"
    }
    let comparisons = stride(from: at + 4, to: at + 13, by: 3).filter { row[$0] >= 0 }.map { place in
      "\(slots[Int(row[place])]) \(["==", "!=", ">=", "<="][Int(row[place + 1])]) \(literal(row[place], row[place + 2]))"
    }
    let actions = verbs.indices.filter { row[at + 1] >> Int32($0) & 1 != 0 }.map { "Action::\"\(verbs[$0])\"" }
    let team = row[at + 2] < 0 ? "" : " in Team::\"\(row[at + 2])\""
    let scope = row[at + 3] < 0 ? "" : " in \(resource(row[at + 3]).type.name.capitalized)::\"\(row[at + 3])\""
    let condition = comparisons.joined(separator: " && ")
    return "forbid(principal\(team), action in [\(actions.joined(separator: ", "))], resource\(scope)) when { \(condition) };"
  }

  /// Bytes in memory, after what was freed is given back; on Linux, elsewhere 0.
  private static var residentBytes: Int {
    if let symbol = dlsym(dlopen(nil, RTLD_NOW), "malloc_trim") { _ = unsafeBitCast(symbol, to: (@convention(c) (Int) -> Int32).self)(0) }
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
  }

  static var processorTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// Arrays of numbers, each with its length before it.
private struct Reader {
  private let data: Data
  private var place = 0

  init(_ data: Data) { self.data = data }

  mutating func next() -> [Int32] {
    data.withUnsafeBytes { bytes in
      let count = Int(bytes.loadUnaligned(fromByteOffset: place, as: Int32.self))
      let values = (0..<count).map { bytes.loadUnaligned(fromByteOffset: place + 4 + 4 * $0, as: Int32.self) }
      place += 4 + 4 * count
      return values
    }
  }
}

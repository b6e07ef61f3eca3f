internal import Authorization
internal import ControlPlane
internal import Figures
internal import Foundation
internal import Kernel
internal import Logging
internal import Secrets
internal import StorageSQLite

// What pages of members cost in the core, at several sizes in turns:
//
//     member-benchmark ROUNDS SIZE DATABASE [SIZE DATABASE …]
//
// Beside each DATABASE lies DATABASE.json with a token and some of its members (Product/seed.py). Prints one JSON object for each query and size:
// the rows of one page on average, and the median wall and processor time of one call, in microseconds.

struct Facts: Decodable {
  struct Person: Decodable {
    let id: String
    let name: String
    let sort_name: String
    let since: Int64
  }

  let token: String
  let slug: String
  let sample: [Person]
}

struct House {
  let size: Int
  let facts: Facts
  let plane: ControlPlane
  let caller: Caller

  init(size: Int, path: String) throws {
    self.size = size
    facts = try JSONDecoder().decode(Facts.self, from: Data(contentsOf: URL(fileURLWithPath: path + ".json")))
    let clock: @Sendable () -> Timestamp = { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
    let moments: @Sendable () -> Moment = { Moment(now: clock(), draw: { .random(in: 0 ... .max) }) }
    let world = World(
      clock: clock, draw: { .random(in: 0 ... .max) }, passwords: PasswordHasher(threads: 1), mailer: nil, keys: KeyRing(.mint(moments())), log: Logger(label: "benchmark"))
    plane = ControlPlane(database: try SQLiteDatabase(path: path, moments: moments), world: world, settings: Settings(publicURL: "http://127.0.0.1"))
    caller = Caller(secret: facts.token, from: .inside)
  }
}

struct Query {
  let name: String
  let filter: @Sendable (Facts.Person) -> MemberFilter
  var isAnywhere = true

  func page(_ house: House, _ number: Int) async throws -> Int {
    let person = house.facts.sample[number * 37 % house.facts.sample.count]
    let filter = filter(person)
    let cursor = switch filter.order {
    case .name: Cursor(list: "members-by-name", keys: [person.sort_name, person.id])
    case .since: Cursor(list: "members-by-since", keys: [String(person.since), person.id])
    }
    return try await house.plane.members.list(in: house.facts.slug, filter, PageRequest(limit: 50, cursor: isAnywhere ? cursor : nil), by: house.caller).items.count
  }
}

let queries = [
  Query(name: "page") { _ in MemberFilter() },
  Query(name: "page order=since") { _ in MemberFilter(order: .since) },
  Query(name: "page role=viewer") { _ in MemberFilter(role: .viewer) },
  Query(name: "page role=billing", filter: { _ in MemberFilter(role: .billing) }, isAnywhere: false),
  Query(name: "page role=viewer order=since") { _ in MemberFilter(role: .viewer, order: .since) },
  Query(name: "page state=active") { _ in MemberFilter(state: .active) },
  Query(name: "page state=suspended", filter: { _ in MemberFilter(state: .suspended) }, isAnywhere: false),
  Query(name: "page state=expired", filter: { _ in MemberFilter(state: .expired) }, isAnywhere: false),
  Query(name: "search 5", filter: { MemberFilter(search: String($0.name.suffix(5))) }, isAnywhere: false),
  Query(name: "search 3", filter: { MemberFilter(search: String($0.name.suffix(3))) }, isAnywhere: false),
  Query(name: "search 2", filter: { MemberFilter(search: String($0.name.prefix(2))) }, isAnywhere: false),
  Query(name: "search first name", filter: { MemberFilter(search: String($0.name.prefix { $0 != " " })) }, isAnywhere: false),
  Query(name: "search everybody's domain", filter: { _ in MemberFilter(search: "@example.com") }, isAnywhere: false),
  Query(name: "search nobody", filter: { MemberFilter(search: "\($0.name)zzz") }, isAnywhere: false),
]

let arguments = Array(CommandLine.arguments.dropFirst())
let rounds = arguments.first.flatMap { Int($0) } ?? 20
let houses = try stride(from: 1, to: arguments.count - 1, by: 2).map { try House(size: Int(arguments[$0]) ?? 0, path: arguments[$0 + 1]) }

for query in queries {
  var walls: [Int: [Double]] = [:]
  var rows: [Int: [Int]] = [:]
  var processor: [Int: [Double]] = [:]
  let begun = ContinuousClock.now
  // A search that millions fit takes a while: it has fewer rounds.
  for round in 0...rounds where round <= 5 || ContinuousClock.now - begun < .seconds(20) {
    for house in houses {
      let calls = 10
      let before = Usage.processorTime
      for call in 0..<calls {
        let started = ContinuousClock.now
        rows[house.size, default: []].append(try await query.page(house, round * calls + call))
        let span = (ContinuousClock.now - started).components
        // The first round fills the caches.
        if round > 0 { walls[house.size, default: []].append(Double(span.seconds) * 1e6 + Double(span.attoseconds) / 1e12) }
      }
      if round > 0 { processor[house.size, default: []].append((Usage.processorTime - before) / Double(calls) * 1e6) }
    }
  }
  for house in houses {
    let (wall, cpu) = (walls[house.size, default: []].sorted(), processor[house.size, default: []].sorted())
    let counts = rows[house.size, default: []]
    let mean = Double(counts.reduce(0, +)) / Double(max(1, counts.count))
    print("{\"query\":\"\(query.name)\",\"size\":\(house.size),\"rows\":\(mean),\"p50\":\(wall[wall.count / 2]),\"p99\":\(wall[wall.count * 99 / 100]),\"cpu\":\(cpu[cpu.count / 2])}")
  }
}

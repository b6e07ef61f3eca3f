import Contract
import Foundation
import Kernel
import Synchronization
import Testing
import TestSupport

/// How long and from how many sides the books are troubled: a little in every run of the suite, and as long as one likes with
/// `GUILDHALL_KILL_ROUNDS=20 GUILDHALL_KILL_CLIENTS=64`, three seconds for each round.
private struct Trouble {
  private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

  static let (rounds, clients) = (number("GUILDHALL_KILL_ROUNDS") ?? 4, number("GUILDHALL_KILL_CLIENTS") ?? 8)
  static let isLong = number("GUILDHALL_KILL_ROUNDS") != nil
  /// Few enough that clients get in each other's way.
  static let credits: Int64 = isLong ? 20_000 : 400
}

/// Holds, settles, releases and charges one balance from many sides while the servers are killed, and looks at what the books say afterwards.
@Suite(.serialized) struct CreditKillTests {
  enum Setup: String, CaseIterable {
    /// One process has the file.
    case file = "SQLite"
    /// Two servers share the books.
    case shared = "PostgreSQL"
    /// The same, and it is the database that is killed.
    case mortal = "PostgreSQL that is killed itself"
  }

  @Test(arguments: Setup.allCases)
  func `What was acknowledged is in the books once, and nothing was drawn that wasn't there`(_ setup: Setup) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "guildhall-credits-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let postgres = setup == .mortal ? try await PostgresServer.start(flushes: true) : nil
    defer { postgres?.stop() }
    let address: String =
      switch setup {
      case .file: folder.appending(path: "guildhall.db").path
      case .shared: try await PostgresServer.freshDatabase()
      case .mortal: try await postgres?.makeDatabase() ?? ""
      }
    let key = try secretKeyFile(in: folder)
    var servers: [GuildhallProcess] = []
    for number in 0..<(setup == .file ? 1 : 2) {
      let own = folder.appending(path: "server\(number)")
      servers.append(
        try await GuildhallProcess.start(database: address, in: own, with: ["--rate-limits", "off", "--log-level", "critical", "--secret-key-file", key]))
    }
    defer { for server in servers { server.stop() } }

    let bank = try await onThread { [servers] in try Bank(port: servers[0].port) }
    let clients = (0..<Trouble.clients).map { number in Client(number, of: bank, port: servers[number % servers.count].port) }
    var dice = SplitMix(seed: 7)
    for round in 0..<Trouble.rounds {
      let work = clients.map { client in Task { try await onThread { client.work(round: round) } } }
      if Trouble.isLong { try await Task.sleep(for: .milliseconds(Int.random(in: 2000...4000, using: &dice))) }
      let enough = acknowledged(by: clients) + Int.random(in: 40...120, using: &dice)
      try await eventually("\(enough) transfers are acknowledged") { acknowledged(by: clients) >= enough }
      if let postgres {
        try await postgres.kill()
        for client in clients { client.stop() }
        for task in work { try await task.value }
        try await postgres.restart()
        try await eventually("the servers have found the database again") { servers.allSatisfy { bank.isReady(at: $0.port) } }
      } else {
        let victims = round.isMultiple(of: 2) ? servers : [servers[servers.count - 1]]
        try await onThread { for victim in victims { victim.kill() } }
        for client in clients { client.stop() }
        for task in work { try await task.value }
        try await onThread { for victim in victims { try victim.restart() } }
      }
      for client in clients { try await onThread { try client.ask() } }
    }
    try await onThread { try bank.check(clients) }
    if Trouble.isLong { print("\(setup.rawValue): \(acknowledged(by: clients)) transfers acknowledged, \(clients.map(\.asked).reduce(0, +)) asked for again") }
    let verified = try await GuildhallProcess.run(["ledger", "verify", "--database", address, "--secret-key-file", key, "--log-level", "error"], in: folder)
    #expect(verified.status == 0 && verified.output.contains("bank: ") && verified.output.contains("sound"), "\(verified.output) \(verified.errors)")
  }

  @Test func `A database that isn't there is no sound one, and none is made`() async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "guildhall-none-\(UUID().uuidString.prefix(8)).db").path
    let verified = try await GuildhallProcess.run(["ledger", "verify", "--database", path])
    #expect(verified.status != 0 && verified.errors.contains("there is no such database"), "\(verified.errors)")
    #expect(!FileManager.default.fileExists(atPath: path) && !FileManager.default.fileExists(atPath: path + ".key"))
  }

  private func acknowledged(by clients: [Client]) -> Int { clients.map(\.acknowledged).reduce(0, +) }
}

/// An organization with few credits, so that clients get in each other's way.
private struct Bank: Sendable {
  let token: String
  let port: Int
  static let credits = Trouble.credits
  private static let password = "nine lilac kites over water"

  init(port: Int) throws {
    self.port = port
    let made = try HTTPExchange.send(
      "POST", "/api/v1/accounts", port: port, body: ["email": "oscar@kill.example", "name": "Oscar", "handle": "oscar", "password": .string(Self.password)])
    token = try #require(made.json["secret"]?.text, "\(made.text)")
    let founded = try send("POST", "/organizations", ["name": "Bank", "slug": "bank"])
    #expect(founded.status == 201, "\(founded.text)")
    let paid = try send("POST", "/organizations/bank/top-ups", ["amount": .string("\(Self.credits)")])
    #expect(paid.status == 201, "\(paid.text)")
  }

  func send(_ method: String, _ path: String, _ body: JSON? = nil, to port: Int? = nil) throws -> HTTPExchange {
    try HTTPExchange.send(method, "/api/v1\(path)", port: port ?? self.port, token: token, body: body)
  }

  func isReady(at port: Int) -> Bool { (try? HTTPExchange.send("GET", "/readyz", port: port).status) == 200 }

  /// What was drawn is what the clients were told.
  func check(_ clients: [Client]) throws {
    let balance = try send("GET", "/organizations/bank/balance").json
    let drawn = clients.map(\.drawn).reduce(0, +)
    #expect(balance["balance"]?.text.flatMap { try? Credits(signedDecimal: $0) }?.micro == Self.credits * 1_000_000 - drawn)
    #expect(balance["used"]?.text.flatMap { try? Credits(signedDecimal: $0) }?.micro == drawn)
    #expect((balance["available"]?.text.flatMap { try? Credits(signedDecimal: $0) } ?? .zero) >= .zero)
  }
}

/// Sends transfers under ids of its own, and sends those again whose answer never came.
private final class Client: Sendable {
  private struct Book {
    var acknowledged = 0
    /// In micro-credits.
    var drawn: Int64 = 0
    /// The way on of each transfer whose answer never came.
    var doubtful: [Deed] = []
    var asked = 0
  }

  private enum Deed {
    /// A charge of a credit, if the credits suffice.
    case charge(String)
    /// A hold of a credit, which ends in its way.
    case hold(String, End)
    case end(String, End)

    enum End: Int, CaseIterable {
      /// Half of it is charged.
      case settle
      case release
      /// Nobody ends it.
      case expire
    }
  }

  private struct Unanswered: Error {}

  private let number: Int
  private let bank: Bank
  private let port: Int
  private let book = Mutex(Book())
  private let isStopped = Mutex(false)

  var acknowledged: Int { book.withLock { $0.acknowledged } }
  var drawn: Int64 { book.withLock { $0.drawn } }
  /// How many transfers were asked for again.
  var asked: Int { book.withLock { $0.asked } }

  init(_ number: Int, of bank: Bank, port: Int) { (self.number, self.bank, self.port) = (number, bank, port) }

  func stop() { isStopped.withLock { $0 = true } }

  /// Works until the server is gone or it is told to stop.
  func work(round: Int) {
    isStopped.withLock { $0 = false }
    for turn in 0..<10_000 where !isStopped.withLock({ $0 }) {
      let id = "0189f2c0-\(Self.hex(number, 4))-7\(Self.hex(round, 3))-8000-\(Self.hex(turn, 12))"
      do { try carryOut(turn.isMultiple(of: 2) ? .charge(id) : .hold(id, Deed.End.allCases[turn / 2 % Deed.End.allCases.count])) } catch { return }
    }
  }

  /// Asks again for what was in doubt: the answer is the one of the first time, if there was one.
  func ask() throws {
    let doubtful = book.withLock { book in
      defer { (book.asked, book.doubtful) = (book.asked + book.doubtful.count, []) }
      return book.doubtful
    }
    for deed in doubtful { try carryOut(deed) }
  }

  private func carryOut(_ deed: Deed) throws {
    switch deed {
    case .charge(let id):
      let answer = try send(deed, "POST", "/organizations/bank/charges", ["id": .string(id), "amount": "1", "ask_first": true])
      guard answer.status == 201 else { return }
      book.withLock { $0.drawn += 1_000_000 }
      // Twice the same is once.
      let again = try bank.send("POST", "/organizations/bank/charges", ["id": .string(id), "amount": "1", "ask_first": true], to: port)
      if again.status == 201 { #expect(again.json["sequence"] == answer.json["sequence"]) }
    case .hold(let id, let end):
      let answer = try send(deed, "POST", "/organizations/bank/holds", ["id": .string(id), "amount": "1", "expires_in": end == .expire ? 1 : 3600])
      if answer.status == 201 { try carryOut(.end(id, end)) }
    case .end(let id, .settle):
      let answer = try send(deed, "PUT", "/organizations/bank/holds/\(id)/settlement", ["amount": "0.5"])
      if answer.status == 200 { book.withLock { $0.drawn += 500_000 } }
    case .end(let id, .release): _ = try send(deed, "PUT", "/organizations/bank/holds/\(id)/release", nil)
    case .end(_, .expire): break
    }
  }

  private func send(_ deed: Deed, _ method: String, _ path: String, _ body: JSON?) throws -> HTTPExchange {
    let answer: HTTPExchange
    do {
      answer = try bank.send(method, path, body, to: port)
    } catch {
      book.withLock { $0.doubtful.append(deed) }
      throw error
    }
    switch answer.status {
    case 200, 201, 402: book.withLock { $0.acknowledged += 1 }
    case 503:
      book.withLock { $0.doubtful.append(deed) }
      throw Unanswered()
    default: Issue.record("\(method) \(path): \(answer.status) \(answer.text)")
    }
    return answer
  }

  private static func hex(_ number: Int, _ width: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: width - digits.count) + digits
  }
}

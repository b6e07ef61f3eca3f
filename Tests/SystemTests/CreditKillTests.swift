import Contract
import Foundation
import Kernel
import Synchronization
import Testing
import TestSupport

/// Holds, settles and charges one balance from many sides while the servers are killed, and looks at what the books say afterwards.
@Suite(.serialized) struct CreditKillTests {
  @Test(arguments: ["SQLite", "PostgreSQL"])
  func `What was acknowledged is in the books once, and nothing was drawn that wasn't there`(_ engine: String) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "guildhall-credits-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let address = engine == "SQLite" ? folder.appending(path: "guildhall.db").path : try await PostgresServer.freshDatabase()
    let key = try secretKeyFile(in: folder)
    // On SQLite one process has the file; on PostgreSQL two servers share the books.
    var servers: [GuildhallProcess] = []
    for number in 0..<(engine == "SQLite" ? 1 : 2) {
      let own = folder.appending(path: "server\(number)")
      servers.append(
        try await GuildhallProcess.start(database: address, in: own, with: ["--rate-limits", "off", "--log-level", "warning", "--secret-key-file", key]))
    }
    defer { for server in servers { server.stop() } }

    let bank = try await onThread { [servers] in try Bank(port: servers[0].port) }
    let clients = (0..<8).map { number in Client(number, of: bank, port: servers[number % servers.count].port) }
    var dice = SplitMix(seed: 7)
    for round in 0..<4 {
      let work = clients.map { client in Task { try await onThread { client.work(round: round) } } }
      let enough = acknowledged(by: clients) + Int.random(in: 40...120, using: &dice)
      try await eventually("\(enough) transfers are acknowledged") { acknowledged(by: clients) >= enough }
      let victims = round.isMultiple(of: 2) ? servers : [servers[servers.count - 1]]
      try await onThread { for victim in victims { victim.kill() } }
      for client in clients { client.stop() }
      for task in work { try await task.value }
      try await onThread { for victim in victims { try victim.restart() } }
      for client in clients { try await onThread { try client.ask() } }
    }
    try await onThread { try bank.check(clients) }
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
  static let credits: Int64 = 400
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
  }

  private enum Deed {
    /// A charge of a credit, if the credits suffice.
    case charge(String)
    /// A hold of a credit, and half of it charged.
    case hold(String)
    case settle(String)
  }

  private struct Unanswered: Error {}

  private let number: Int
  private let bank: Bank
  private let port: Int
  private let book = Mutex(Book())
  private let isStopped = Mutex(false)

  var acknowledged: Int { book.withLock { $0.acknowledged } }
  var drawn: Int64 { book.withLock { $0.drawn } }

  init(_ number: Int, of bank: Bank, port: Int) { (self.number, self.bank, self.port) = (number, bank, port) }

  func stop() { isStopped.withLock { $0 = true } }

  /// Works until the server is gone or it is told to stop.
  func work(round: Int) {
    isStopped.withLock { $0 = false }
    for turn in 0..<10_000 where !isStopped.withLock({ $0 }) {
      let id = "0189f2c0-\(Self.hex(number, 4))-7\(Self.hex(round, 3))-8000-\(Self.hex(turn, 12))"
      do { try carryOut(turn.isMultiple(of: 2) ? .charge(id) : .hold(id)) } catch { return }
    }
  }

  /// Asks again for what was in doubt: the answer is the one of the first time, if there was one.
  func ask() throws {
    let doubtful = book.withLock { book in
      defer { book.doubtful = [] }
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
    case .hold(let id):
      let answer = try send(deed, "POST", "/organizations/bank/holds", ["id": .string(id), "amount": "1", "expires_in": 3600])
      if answer.status == 201 { try carryOut(.settle(id)) }
    case .settle(let id):
      let answer = try send(deed, "PUT", "/organizations/bank/holds/\(id)/settlement", ["amount": "0.5"])
      if answer.status == 200 { book.withLock { $0.drawn += 500_000 } }
    }
  }

  private func send(_ deed: Deed, _ method: String, _ path: String, _ body: JSON) throws -> HTTPExchange {
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

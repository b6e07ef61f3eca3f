import Contract
import ControlPlane
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Logging
import Markup
import NIOCore
import Secrets
import StorageSQLite
import Synchronization
import Testing

@testable import Server

/// A server on an empty database in memory, in a world that stands still until it is told to go on.
final class TestHouse: Sendable {
  let plane: ControlPlane
  let sink: LineSink
  private let clock: WorldClock

  init(publicURL: String = "https://guildhall.test", paths: GatewayPaths? = nil) async throws {
    var settings = Settings(publicURL: publicURL, isDemonstration: true)
    if let paths { settings.paths = paths }
    let clock = WorldClock()
    self.clock = clock
    let key = SecretKey.mint(Moment(now: clock.now, draw: { clock.draw() }))
    let lines = LineSink()
    sink = lines
    plane = ControlPlane(
      database: try SQLiteDatabase(path: nil, moments: { Moment(now: clock.now, draw: { clock.draw() }) }),
      world: World(
        clock: { clock.now }, draw: { clock.draw() }, passwords: .inline, mailer: nil, keys: KeyRing(key),
        log: Logger(label: "test", factory: { _ in StructuredLogHandler("test", format: .json, level: .trace, clock: { clock.now }, write: { lines.write($0) }) })),
      settings: settings)
    _ = try await plane.migrate()
  }

  func pass(_ span: Duration) { clock.pass(span) }

  /// Runs requests against a server with these features.
  func serve<Value>(
    _ features: [Feature] = [Sketch.feature], gateways: [Gateway] = [], declared: [AnyEndpoint] = Sketch.declared, limits: RateLimits? = nil, bodyLimit: Int = 1 << 20,
    metrics: MetricsRegistry = MetricsRegistry(), assetFolder: String? = nil, maintenance: String? = nil, _ body: @Sendable (any TestClientProtocol) async throws -> Value
  ) async throws -> Value {
    let server = try ServerApplication(
      plane, features: features, gateways: gateways, declared: declared, configuration: ServerConfiguration(bodyLimit: bodyLimit, limits: limits, assetFolder: assetFolder, maintenance: maintenance),
      metrics: metrics)
    return try await server.application().test(.router, body)
  }
}

/// Time that moves when it is told, and randomness from a seed.
final class WorldClock: Sendable {
  private let state = Mutex((now: Timestamp(milliseconds: 1_795_251_600_000), dice: SplitMix(seed: 1)))

  var now: Timestamp { state.withLock { $0.now } }
  func pass(_ span: Duration) { state.withLock { $0.now = $0.now + span } }
  func draw() -> UInt64 { state.withLock { $0.dice.next() } }
}

final class LineSink: Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }
  func write(_ line: String) { lines.withLock { $0.append(line) } }
}

/// A few operations that do in small what the product's do.
enum Sketch {
  struct Note: Codable, Sendable, Versioned, Addressed {
    var id: Int
    var text: String
    var revision: Int
    var segment: String { String(id) }
  }
  struct Draft: Codable, Sendable {
    var text: String
    var copies: Int?
  }
  struct Place: Codable, Sendable { var note: Int }

  static let list = Endpoint<Nothing, Wire.Paging, Nothing, Wire.List<Note>>("note.list", .get, "/notes", access: .account, summary: "List notes.")
  static let create = Endpoint<Nothing, Nothing, Draft, Note>("note.create", .post, "/notes", access: .account, summary: "Write a note.", status: 201, refusals: [.takenName])
  static let show = Endpoint<Place, Nothing, Nothing, Note>("note.show", .get, "/notes/{note}", access: .account, summary: "Show a note.")
  static let change = Endpoint<Place, Nothing, Draft, Note>("note.change", .patch, "/notes/{note}", access: .account, summary: "Change a note.", refusals: [.stale])
  static let remove = Endpoint<Place, Nothing, Nothing, Nothing>("note.remove", .delete, "/notes/{note}", access: .account, summary: "Remove a note.", status: 204)
  static let fail = Endpoint<Nothing, Nothing, Nothing, Nothing>("note.fail", .delete, "/notes", access: .account, summary: "Fail.", status: 204)
  static let move = Endpoint<Name, Nothing, Nothing, Note>("note.move", .get, "/moved/{name}", access: .account, summary: "Lead on.")

  struct Name: Codable, Sendable { var name: String }
  struct Bug: Error { let secret = "the database's password" }

  static let declared = [AnyEndpoint(list), AnyEndpoint(create), AnyEndpoint(show), AnyEndpoint(change), AnyEndpoint(remove), AnyEndpoint(fail), AnyEndpoint(move)]

  static var feature: Feature {
    let count = Counter()
    return Feature(
      "notes",
      operations: [
        BoundEndpoint(list) { call async throws(Problem) in
          _ = try call.query.page()
          return Wire.List(items: [Note(id: 1, text: "a", revision: 3)], nextCursor: Cursor(list: "note", keys: ["a b"]).description, total: 2)
        },
        BoundEndpoint(create) { call async throws(Problem) in
          if call.body.text == "taken" { throw Problem(.takenName, "It is taken.", faults: [FieldFault("text", "It is taken.")]) }
          if call.body.text == "broken" { throw Problem(.defect, "It broke.", cause: Bug()) }
          return Note(id: count.next(), text: call.body.text, revision: 1)
        },
        BoundEndpoint(show) { call async throws(Problem) in
          guard call.path.note == 1 else { throw Problem(.missing, "There is no such note.") }
          return Note(id: 1, text: "a", revision: 3)
        },
        BoundEndpoint(change) { call async throws(Problem) in
          if let seen = call.revision, seen != 3 { throw Problem(.stale, "It has changed.") }
          return Note(id: 1, text: call.body.text, revision: 4)
        },
        BoundEndpoint(remove) { _ in Nothing() },
        BoundEndpoint(fail) { _ async throws(Problem) in throw Problem(.defect, "The disk is on fire.", cause: Bug()) },
        BoundEndpoint(move) { call async throws(Problem) in
          throw Problem(Problem.Code("note.moved", .moved, "Moved"), "It has another name.", relocation: Relocation(from: call.path.name, to: "new name"))
        },
      ],
      pages: [
        .page("/hall/{name}") { visit in
          .page(ConsolePage("Hall", in: .plain) { p { "\(visit.parameter("name")) \(visit.query("q") ?? "-") \(visit.token.text)" } })
        },
        .page("/hall/closed") { _ async throws(Problem) in throw Problem(.signedOut, "Sign in first.") },
        .page("/hall/broken") { _ async throws(Problem) in throw Problem(.defect, "The disk is on fire.", cause: Bug()) },
        .form("/hall/form") { visit in .redirect(to: visit.field("to"), flash: Flash(.good, "Kept \"\(visit.field("name"))\".")) },
        .form("/hall/sign-in") { _ in .signedIn(secret: "gld_ses_test", to: "/hall/in", flash: nil) },
        .page("/hall/file") { _ in .download(name: "é\".csv", mediaType: "text/csv", bytes: Array("a,b\n".utf8)) },
      ])
  }

  final class Counter: Sendable {
    private let value = Mutex(0)
    func next() -> Int { value.withLock { $0 += 1; return $0 } }
  }
}

extension TestClientProtocol {
  func send(_ method: HTTPRequest.Method, _ path: String, _ headers: HTTPFields = [:], body: String? = nil) async throws -> TestResponse {
    var headers = headers
    if body != nil, headers[.contentType] == nil { headers[.contentType] = "application/json" }
    return try await execute(uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }) { $0 }
  }
}

extension TestResponse {
  var text: String { String(buffer: body) }
  var json: JSON { (try? JSON(Array(body.readableBytesView))) ?? .null }
  var code: String? {
    if case .string(let code)? = json["code"] { return code }
    return nil
  }
  var cookies: [String] { headers[values: .setCookie] }
}

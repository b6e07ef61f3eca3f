import Contract
import Foundation
import Hummingbird
import HummingbirdTesting
import Kernel
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Storage
import Synchronization
import TestSupport
import Testing

@testable import ControlPlane
@testable import Server

/// Charges that the lane takes: what they are answered, and what happens on a connection meanwhile.
@Suite struct FastChargesTests {
  /// A connection whose lane answers, and what it hands on.
  private final class Wire: Sendable {
    let channel = NIOAsyncTestingChannel()
    let sink = Sink()

    final class Heads: Sendable {
      private let noted = Mutex(0)
      func note() { noted.withLock { $0 += 1 } }
      var count: Int { noted.withLock { $0 } }
    }

    final class Sink: ChannelInboundHandler, Sendable {
      typealias InboundIn = HTTPServerRequestPart
      let heads = Heads()
      func channelRead(context: ChannelHandlerContext, data: NIOAny) { if case .head = unwrapInboundIn(data) { heads.note() } }
    }

    init(_ answers: FastAnswers) async throws {
      try await channel.testingEventLoop.executeInContext { [channel, sink] in
        let limits = ConnectionGuard.Limits(bodyLimit: 1 << 20, headTime: .seconds(20), bodyTime: .seconds(60))
        let connection = ConnectionGuard(limits) { _ in ("id", []) }
        let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
        try channel.pipeline.syncOperations.addHandlers([FastLane(answers, before: connection), HTTPResponseEncoder(), decoder, connection, sink])
      }
      try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
    }

    func send(_ text: String) async throws { try await channel.writeInbound(ByteBuffer(string: text)) }
    /// Waits for the lane's next answer.
    func answer() async throws -> String { String(buffer: try await channel.waitForOutboundWrite(as: ByteBuffer.self)) }
    var handedOn: Int { sink.heads.count }

    /// Waits until so many requests were handed on.
    func expectHandedOn(_ count: Int) async throws {
      for _ in 0..<2000 where handedOn < count { try await Task.sleep(for: .milliseconds(5)) }
      #expect(handedOn == count)
    }
  }

  private struct Stage {
    let hall: Hall
    let server: ServerApplication

    init(limits: RateLimits? = nil) async throws {
      hall = try await Hall(.plain)
      let configuration = ServerConfiguration(limits: limits)
      let plane = hall.house.plane
      server = try ServerApplication(plane, features: plane.features, declared: API.all, configuration: configuration, metrics: MetricsRegistry())
    }

    var answers: FastAnswers { get throws { try #require(FastAnswers(server.edge)) } }

    func request(_ body: String, as person: Hall.Person = .admin, organization: String = "hall", more: [String] = []) -> String {
      let lines = [
        "POST /api/v1/organizations/\(organization)/charges HTTP/1.1", "Host: a", "Authorization: Bearer \(hall.secret(of: person))",
        "Content-Type: application/json",
        "Content-Length: \(body.utf8.count)",
      ]
      return (lines + more).joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    /// As the framework answers it.
    func otherwise(_ body: String) async throws -> TestResponse {
      try await server.application().test(.router) { client in
        try await client.execute(
          uri: "/api/v1/organizations/hall/charges", method: .post,
          headers: [.authorization: "Bearer \(hall.secret(of: .admin))", .contentType: "application/json"], body: ByteBuffer(string: body)) { $0 }
      }
    }

    func events() async throws -> Int {
      try await hall.house.plane.read(as: .system("test")) { work in Int(try work.tx.count("SELECT count(*) AS n FROM event")) }
    }

    /// How many charges of these tests are recorded.
    func entries() async throws -> Int {
      try await hall.house.plane.read(as: .system("test")) { work in
        Int(try work.tx.count("SELECT count(*) AS n FROM ledger_entry WHERE id LIKE '01976b3c-0000-7000-8000-%'"))
      }
    }

    func balance() async throws -> Credits { try await hall.house.plane.credits.balance(of: "hall", by: hall.caller(.admin)).balance }
  }

  private static func charge(_ number: Int, _ amount: String = "0.5", _ more: String = "") -> String {
    "{\"id\":\"01976b3c-0000-7000-8000-\(String(format: "%012d", number))\",\"amount\":\"\(amount)\"\(more)}"
  }

  // MARK: Reading and writing

  @Test func `What is read at once is read as otherwise, and what is written so is written as otherwise`() throws {
    let id = ID<Contract.Wire.CreditTransfer>("01976b3c-0000-7000-8000-000000000001")
    for body in [Self.charge(1), Self.charge(1, "12", ",\"note\":\"Job 7\""), " { \"amount\" : \"1\" , \"id\" : \"01976B3C-0000-7000-8000-000000000001\" } "] {
      let bytes = Array(body.utf8)
      let read = try #require(Contract.Wire.ChargeDraft.readAtOnce(bytes))
      #expect(read == (try WireCoding.decode(Contract.Wire.ChargeDraft.self, from: bytes)) && read.id == id)
    }
    for body in [
      "", "{}", "[]", "{\"id\":1,\"amount\":\"1\"}", "{\"amount\":\"1\"}",
      Self.charge(1, "1", ",\"ask_first\":true"), Self.charge(1, "1", ",\"note\":\"é\""),
      Self.charge(1) + "x", Self.charge(1, "1", ",\"amount\":\"2\""), "{\"id\":\"x\",\"amount\":\"1\"}",
      Self.charge(1, "1", ",\"sub_balance\":\"01976b3c-0000-7000-8000-000000000001\""),
    ] { #expect(Contract.Wire.ChargeDraft.readAtOnce(Array(body.utf8)) == nil, "\(body)") }
    let kinds: [(String?, ID<Contract.Wire.CreditTransfer>?, String)] = [(nil, nil, ""), ("member:ada", id, "a \"quoted\" line\n"), ("cluster:é", nil, "x")]
    for (holder, subject, note) in kinds {
      let transfer = Contract.Wire.CreditTransfer(
        id: try #require(id), sequence: 77, at: Timestamp(milliseconds: 1_763_800_000_123), kind: .charge, amount: try #require(Credits(micro: 5)),
        from: "balance", to: "used",
        fromHolder: holder, toHolder: holder, subject: subject, note: note, actor: .init(kind: .serviceAccount, id: "k"))
      #expect(String(decoding: transfer.written(), as: UTF8.self) == String(decoding: try WireCoding.encode(transfer), as: UTF8.self))
    }
  }

  // MARK: The lane

  @Test func `A charge is answered with the same body and headers as by the framework, and recorded once`() async throws {
    let stage = try await Stage(limits: RateLimits())
    let wire = try await Wire(stage.answers)
    try await wire.send(stage.request(Self.charge(1, "0.5", ",\"note\":\"Job 7\"")))
    let fast = try await wire.answer()
    let slow = try await stage.otherwise(Self.charge(1, "0.5", ",\"note\":\"Job 7\""))
    let halves = fast.components(separatedBy: "\r\n\r\n")
    #expect(halves.count == 2 && halves[1] == String(buffer: slow.body))
    let lines = halves[0].components(separatedBy: "\r\n")
    #expect(lines[0] == "HTTP/1.1 201 Created" && slow.status == .created)
    #expect(Set(lines.dropFirst().map { $0.prefix { $0 != ":" }.lowercased() }) == Set(slow.headers.map { $0.name.canonicalName } + ["date", "content-length"]))
    for field in slow.headers where !["x-request-id", "content-length"].contains(field.name.canonicalName) && !field.name.canonicalName.contains("ratelimit") {
      #expect(lines.contains("\(field.name.rawName): \(field.value)"))
    }
    // The same again is the same answer.
    try await wire.send(stage.request(Self.charge(1, "0.5", ",\"note\":\"Job 7\"")))
    #expect(try await wire.answer().hasSuffix(halves[1]))
    #expect(wire.handedOn == 0)
    #expect(try await stage.entries() == 1)
  }

  @Test func `What is refused is handed on, and leaves the trace of one attempt alone`() async throws {
    let stage = try await Stage()
    let wire = try await Wire(stage.answers)
    try await wire.send(stage.request(Self.charge(1)))
    _ = try await wire.answer()
    let refused = [
      stage.request(Self.charge(1, "0.7")), stage.request(Self.charge(2, "-1")), stage.request(Self.charge(2), organization: "nowhere"),
      stage.request(Self.charge(2), as: .member),
      stage.request(Self.charge(2, "1", ",\"ask_first\":true")), stage.request(Self.charge(2), more: ["Idempotency-Key: k"]),
    ]
    for (place, text) in refused.enumerated() {
      let other = try await Wire(stage.answers)
      let before = try await stage.events()
      try await other.send(text)
      try await other.expectHandedOn(1)
      let after = try await stage.events()
      #expect(before == after, "\(place)")
    }
    #expect(try await stage.entries() == 1)
  }

  @Test func `While a charge is under way, what follows waits for its turn, and so does who closes`() async throws {
    let stage = try await Stage()
    let wire = try await Wire(stage.answers)
    for number in 1...20 { try await wire.send(stage.request(Self.charge(number))) }
    for number in 1...20 { #expect(try await wire.answer().contains("-\(String(format: "%012d", number))\",\"sequence\":")) }
    try await wire.send(stage.request(Self.charge(21)))
    try await wire.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
    async let closed: Void = wire.channel.close()
    #expect(try await wire.answer().hasPrefix("HTTP/1.1 201"))
    try await closed
    #expect(wire.handedOn == 1)
    #expect(try await stage.entries() == 21)
  }

  @Test func `Many at once on many connections are each recorded once`() async throws {
    let stage = try await Stage()
    let before = try await stage.balance()
    try await withThrowingTaskGroup(of: Int.self) { group in
      for connection in 0..<8 {
        group.addTask {
          let wire = try await Wire(stage.answers)
          var answered = 0
          for number in 0..<25 {
            // Every second one is sent by another connection too.
            let id = number.isMultiple(of: 2) ? number : 1000 * (connection + 1) + number
            try await wire.send(stage.request(Self.charge(id, "0.25")))
            if try await wire.answer().hasPrefix("HTTP/1.1 201") { answered += 1 }
          }
          return answered
        }
      }
      var answered = 0
      for try await count in group { answered += count }
      #expect(answered == 200)
    }
    #expect(try await stage.entries() == 13 + 8 * 12)
    #expect(try await stage.balance().micro == before.micro - (13 + 8 * 12) * 250_000)
  }
}

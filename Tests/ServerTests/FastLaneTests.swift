import Contract
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport
import Testing

@testable import ControlPlane
@testable import Server

/// What is answered before the framework is asked, and that it is answered as otherwise.
@Suite struct FastLaneTests {
  // MARK: Which requests are plain

  private static let body = "{\"action\":\"read\",\"resource\":{\"type\":\"dataset\"}}"

  private static func request(_ lines: [String], first: String = "POST /x HTTP/1.1", body: String = body) -> String {
    ([first] + lines).joined(separator: "\r\n") + "\r\n\r\n" + body
  }

  private static let plain = ["Host: a", "Authorization: Bearer s", "Content-Type: application/json", "Content-Length: \(body.utf8.count)"]

  private static func reading(_ text: String) -> String {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBytes { bytes in
      switch PlainRequest.read(bytes) {
      case .plain(let request): "plain \(request.target) \(request.bearer) \(request.userAgent) \(String(decoding: UnsafeRawBufferPointer(rebasing: bytes[request.body]), as: UTF8.self).count)"
      case .other: "other"
      case .begun(let due): "begun \(due)"
      case .unclear: "unclear"
      }
    }
  }

  @Test func `A whole POST of JSON with a credential is plain`() {
    let size = Self.body.utf8.count
    #expect(Self.reading(Self.request(Self.plain)) == "plain /x s  \(size)")
    #expect(
      Self.reading(Self.request(["accept: */*", "HOST:a", "USER-AGENT: wrk/4 ", "authorization:\tBEARER  s\t", "content-type: APPLICATION/JSON", "Accept-Encoding: gzip", "content-length:\(size)", "Connection: Keep-Alive"]))
        == "plain /x s wrk/4 \(size)")
  }

  @Test(arguments: [
    ["X-Forwarded-For: 10.0.0.1"], ["X-Request-Id: abcdefgh"], ["traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"], ["Cookie: a=b"], ["Idempotency-Key: k"],
    ["If-Match: \"1\""], ["Expect: 100-continue"], ["Content-Encoding: gzip"], ["Origin: http://a"], ["Authorization: Bearer t"], ["X-Anything: 1"], ["User-Agent: a", "User-Agent: b"],
  ])
  func `What asks for more goes the long way, and leaves the lane open`(_ more: [String]) { #expect(Self.reading(Self.request(Self.plain + more)) == "other") }

  @Test func `So do other methods and bodies, and requests without a credential`() {
    #expect(Self.reading(Self.request(["Host: a"], first: "GET /x HTTP/1.1", body: "")) == "other")
    #expect(Self.reading(Self.request(Self.plain, first: "PUT /x HTTP/1.1")) == "other")
    #expect(Self.reading(Self.request(["Host: a", "Content-Type: application/json", "Content-Length: 1"], body: "1")) == "other")
    #expect(Self.reading(Self.request(["Host: a", "Authorization: Basic s", "Content-Type: application/json", "Content-Length: 1"], body: "1")) == "other")
    #expect(Self.reading(Self.request(["Host: a", "Authorization: Bearer s", "Content-Type: text/plain", "Content-Length: 1"], body: "1")) == "other")
    #expect(Self.reading(Self.request(["Host: a", "Authorization: Bearer s", "Content-Type: application/json; charset=utf-8", "Content-Length: 1"], body: "1")) == "other")
  }

  @Test func `What could be read in two ways, or isn't just one request, is unclear`() {
    let size = Self.body.utf8.count
    let unclear: [String] = [
      "", "P", "\r\n", Self.request(Self.plain) + "x", Self.request(Self.plain) + Self.request(Self.plain), String(Self.request(Self.plain).dropLast(size + 1)),
      Self.request(Self.plain + ["Content-Length: \(size)"]), Self.request(Self.plain + ["Transfer-Encoding: chunked"]), Self.request(Self.plain + ["Host: b"]),
      Self.request(Array(Self.plain.dropFirst())), Self.request(Self.plain + ["Connection: close"]), Self.request(Self.plain + ["Upgrade: h2c"]), Self.request(Self.plain + ["TE: trailers"]),
      Self.request(Self.plain + [" folded"]), Self.request(Self.plain + ["Na me: x"]), Self.request(Self.plain + ["Name : x"]), Self.request(Self.plain + [": x"]), Self.request(Self.plain + ["Name"]),
      Self.request(Self.plain + ["Name: a\u{0}b"]), Self.request(Self.plain + ["Name: a\nHost: b"]), Self.request(Self.plain + ["Name: a\rb"]),
      Self.request(Self.plain, first: "POST  /x HTTP/1.1"), Self.request(Self.plain, first: "POST /x HTTP/1.0"), Self.request(Self.plain, first: "POST /x y HTTP/1.1"), Self.request(Self.plain, first: "POST /x"),
      Self.request(Self.plain, first: "POST http://a/x HTTP/1.1"), Self.request(Self.plain, first: "post /x HTTP/1.1"), Self.request(Self.plain, first: "POST /é HTTP/1.1"),
      Self.request(Self.plain).replacingOccurrences(of: "\r\n", with: "\n"),
      Self.request(["Host: a", "Authorization: Bearer s", "Content-Type: application/json", "Content-Length: +\(size)"]),
      Self.request(["Host: a", "Authorization: Bearer s", "Content-Type: application/json", "Content-Length: \(size), \(size)"]),
      Self.request(["Host: a", "Authorization: Bearer s", "Content-Type: application/json", "Content-Length: 9999999999"]),
      Self.request(["Host: a", "Authorization: Bearer s", "Content-Type: application/json", "Content-Length: 0x\(size)"]),
    ]
    for text in unclear { #expect(Self.reading(text) == "unclear", "\(text)") }
  }

  @Test func `Of a request whose body comes later it is known how much is to come`() {
    let size = Self.body.utf8.count
    #expect(Self.reading(String(Self.request(Self.plain).dropLast())) == "begun 1")
    #expect(Self.reading(String(Self.request(Self.plain + ["Cookie: a=b"]).dropLast(size))) == "begun \(size)")
    #expect(Self.reading(Self.request(["Host: a", "Content-Length: 999999999"])) == "begun \(999_999_999 - size)")
    #expect(Self.reading(String(Self.request(Self.plain + ["Transfer-Encoding: chunked"]).dropLast())) == "unclear")
  }

  /// Whatever is changed in a plain request: what the lane takes for one request, the framework's parser takes for just the same one.
  @Test(arguments: 0..<40 as Range<UInt64>)
  func `The framework reads the same requests in the same bytes`(_ seed: UInt64) throws {
    var dice = SplitMix(seed: seed)
    let characters = Array("\r\n:; \t,0123456789abcHPx/\u{0}\u{7F}é".utf8)
    for _ in 0..<200 {
      var bytes = Array(Self.request(Self.plain + ["Accept: */*"]).utf8)
      for _ in 0..<1 + Int(dice.next() % 3) {
        let place = Int(dice.next() % UInt64(bytes.count))
        switch dice.next() % 3 {
        case 0: bytes[place] = characters[Int(dice.next() % UInt64(characters.count))]
        case 1: bytes.insert(characters[Int(dice.next() % UInt64(characters.count))], at: place)
        default: bytes.remove(at: place)
        }
      }
      let body: [UInt8]? = bytes.withUnsafeBytes { raw in
        guard case .plain(let request) = PlainRequest.read(raw) else { return nil }
        return Array(raw[request.body])
      }
      guard let body else { continue }
      let channel = EmbeddedChannel()
      try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)))
      try channel.writeInbound(ByteBuffer(bytes: bytes))
      var (heads, read, ends) = (0, [UInt8](), 0)
      while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
        switch part {
        case .head: heads += 1
        case .body(let buffer): read += Array(buffer.readableBytesView)
        case .end: ends += 1
        }
      }
      #expect(heads == 1 && ends == 1 && read == body, "\(String(decoding: bytes, as: UTF8.self))")
      _ = try? channel.finish()
    }
  }

  // MARK: The lane

  /// A connection whose lane answers, and what it hands on.
  private final class Wire {
    let channel = EmbeddedChannel()
    private let sink = Sink()

    final class Sink: ChannelInboundHandler {
      typealias InboundIn = HTTPServerRequestPart
      var heads = 0
      func channelRead(context: ChannelHandlerContext, data: NIOAny) { if case .head = unwrapInboundIn(data) { heads += 1 } }
    }

    init(_ answers: FastAnswers) throws {
      let connection = ConnectionGuard(ConnectionGuard.Limits(bodyLimit: 1 << 20, headTime: .seconds(20), bodyTime: .seconds(60))) { _ in ("id", []) }
      let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
      try channel.pipeline.syncOperations.addHandlers([FastLane(answers, before: connection), HTTPResponseEncoder(), decoder, connection, sink])
      try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    /// The lane's answer to what came, if it gave one.
    func send(_ text: String) throws -> String? {
      try channel.writeInbound(ByteBuffer(string: text))
      return try channel.readOutbound(as: ByteBuffer.self).map { String(buffer: $0) }
    }

    var handedOn: Int { sink.heads }

    func finishAnswer() throws {
      try channel.writeOutbound(HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .ok)))
      try channel.writeOutbound(HTTPServerResponsePart.end(nil))
      while try channel.readOutbound(as: ByteBuffer.self) != nil {}
    }
  }

  private struct Stage {
    let hall: Hall
    let server: ServerApplication
    let secret: String

    init(limits: RateLimits? = nil, idleTime: Duration = .seconds(75)) async throws {
      hall = try await Hall(.plain)
      secret = hall.secret(of: .admin)
      let configuration = ServerConfiguration(limits: limits, idleTime: idleTime)
      server = try ServerApplication(hall.house.plane, features: hall.house.plane.features, declared: API.all, configuration: configuration, metrics: MetricsRegistry())
    }

    func request(_ body: String = FastLaneTests.body, batch: Bool = false, secret: String? = nil, more: [String] = []) -> String {
      FastLaneTests.request(
        ["Host: a", "Authorization: Bearer \(secret ?? self.secret)", "Content-Type: application/json", "Content-Length: \(body.utf8.count)"] + more,
        first: "POST /api/v1/organizations/hall/decisions/check\(batch ? "-batch" : "") HTTP/1.1", body: body)
    }

    /// As the framework answers it, which also lets the lane answer the next.
    func otherwise(_ body: String, batch: Bool = false) async throws -> TestResponse {
      try await server.application().test(.router) { client in
        try await client.execute(
          uri: "/api/v1/organizations/hall/decisions/check\(batch ? "-batch" : "")", method: .post,
          headers: [.authorization: "Bearer \(secret)", .contentType: "application/json"], body: ByteBuffer(string: body)) { $0 }
      }
    }
  }

  /// Both ways, until the lane had what it needs within its short time.
  private func both(_ stage: Stage, _ wire: Wire, _ body: String, batch: Bool = false) async throws -> (fast: String, slow: TestResponse)? {
    for _ in 0..<100 {
      let slow = try await stage.otherwise(body, batch: batch)
      if let fast = try wire.send(stage.request(body, batch: batch)) { return (fast, slow) }
      try wire.finishAnswer()
    }
    return nil
  }

  @Test func `The lane answers with the same body and headers as the framework`() async throws {
    let stage = try await Stage(limits: RateLimits())
    let wire = try Wire(try #require(FastAnswers(stage.server.edge)))
    let id = try await stage.hall.house.plane.workspaces.find("lab", in: "hall", by: stage.hall.caller(.admin)).id
    let questions = [
      Self.body, "{\"action\":\"delete\",\"resource\":{\"type\":\"workspace\",\"id\":\"\(id)\"}}",
      "{\"principal\":{\"type\":\"account\",\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\"},\"action\":\"update\",\"resource\":{\"type\":\"dataset\",\"parent\":{\"type\":\"workspace\",\"id\":\"\(id)\"}}}",
    ]
    for (body, batch) in questions.map({ ($0, false) }) + [("{\"items\":[\(questions.joined(separator: ","))]}", true), ("{\"items\":[]}", true)] {
      let (fast, slow) = try #require(try await both(stage, wire, body, batch: batch))
      let halves = fast.components(separatedBy: "\r\n\r\n")
      #expect(halves.count == 2 && halves[1] == String(buffer: slow.body))
      let lines = halves[0].components(separatedBy: "\r\n")
      #expect(lines[0] == "HTTP/1.1 200 OK")
      let names = Set(lines.dropFirst().map { $0.prefix { $0 != ":" }.lowercased() })
      // The date is written by the application around the edge.
      #expect(names == Set(slow.headers.map { $0.name.canonicalName } + ["date", "content-length"]))
      for field in slow.headers where !["x-request-id", "content-length"].contains(field.name.canonicalName) && !field.name.canonicalName.contains("ratelimit") {
        #expect(lines.contains("\(field.name.rawName): \(field.value)"))
      }
      #expect(lines.contains("Content-Length: \(halves[1].utf8.count)"))
    }
  }

  @Test func `It answers one request after the other, and those behind hear nothing of them`() async throws {
    let stage = try await Stage()
    let wire = try Wire(try #require(FastAnswers(stage.server.edge)))
    var longest = 0
    for _ in 0..<100 where longest < 5 {
      _ = try await stage.otherwise(Self.body)
      let before = wire.handedOn
      var answered = 0
      while answered < 5, try wire.send(stage.request()) != nil { answered += 1 }
      longest = max(longest, answered)
      if answered < 5 { try wire.finishAnswer() }
      #expect(wire.handedOn == before + (answered < 5 ? 1 : 0))
    }
    #expect(longest == 5)
  }

  @Test func `What the lane can't answer goes on just as it came`() async throws {
    let stage = try await Stage()
    let wire = try Wire(try #require(FastAnswers(stage.server.edge)))
    let others = [
      stage.request(secret: "nonsense"), stage.request(more: ["X-Forwarded-For: 1.2.3.4"]), stage.request("{\"action\":\"read\"}"),
      stage.request("{\"action\":\"read\",\"resource\":{\"type\":\"workspace\",\"id\":\"lab\"}}"),
      stage.request("{\"action\":\"read\",\"resource\":{\"type\":\"dataset\"},\"context\":{\"mfa\":true}}"),
      stage.request().replacingOccurrences(of: "/hall/", with: "/%68all/"), stage.request().replacingOccurrences(of: "/decisions/check", with: "/decisions/explain"),
    ]
    for (place, other) in others.enumerated() {
      _ = try await stage.otherwise(Self.body)
      #expect(try wire.send(other) == nil && wire.handedOn == place + 1)
      try wire.finishAnswer()
    }
    // And then it answers again.
    #expect(try await both(stage, wire, Self.body) != nil)
  }

  @Test func `While an answer is due the lane gives none, and what leaves it unclear closes it`() async throws {
    let stage = try await Stage()
    let answers = try #require(FastAnswers(stage.server.edge))
    let wire = try Wire(answers)
    #expect(try wire.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n") == nil)
    for _ in 0..<20 {
      _ = try await stage.otherwise(Self.body)
      #expect(try wire.send(stage.request()) == nil)
    }
    let half = try Wire(answers)
    let text = stage.request()
    for _ in 0..<20 {
      _ = try await stage.otherwise(Self.body)
      #expect(try half.send(String(text.prefix(40))) == nil)
      #expect(try half.send(String(text.dropFirst(40))) == nil)
      try half.finishAnswer()
      #expect(try half.send(text) == nil)
      try half.finishAnswer()
    }
    #expect(half.handedOn == 40)
  }

  @Test func `A request that comes in parts is handed on, and the lane answers the next`() async throws {
    let stage = try await Stage()
    let wire = try Wire(try #require(FastAnswers(stage.server.edge)))
    let text = stage.request()
    for cut in [1, 7, Self.body.utf8.count] {
      #expect(try wire.send(String(text.dropLast(cut))) == nil)
      #expect(try wire.send(String(text.suffix(cut))) == nil)
      try wire.finishAnswer()
    }
    #expect(wire.handedOn == 3)
    #expect(try await both(stage, wire, Self.body) != nil)
    // More than its rest leaves it unclear where the next begins.
    #expect(try wire.send(String(text.dropLast())) == nil)
    #expect(try wire.send(String(text.suffix(1)) + text) == nil)
    for _ in 0..<2 { try wire.finishAnswer() }
    #expect(try await both(stage, wire, Self.body) == nil)
  }

  @Test func `After half of its term one of those who ask looks anew, and the others go on with what stands`() {
    let caller = Caller(secret: "s", from: .inside)
    var seen: Set<Int> = []
    for _ in 0..<100 where !seen.contains(1) {
      let places = StandingPlaces<Int>(CommitCount())
      let start = ContinuousClock.now
      places.keep(7, for: caller, since: 0)
      var renewals = 0
      while true {
        let found = places.find(for: caller)
        guard ContinuousClock.now - start < StandingTerm.length else { break }
        if found == nil { renewals += 1 }
      }
      seen.insert(renewals)
    }
    #expect(seen.isSubset(of: [0, 1]) && seen.contains(1))
  }

  @Test func `What is committed is in force for the next request, and a key that is revoked opens nothing`() async throws {
    let stage = try await Stage()
    let (plane, admin) = (stage.hall.house.plane, stage.hall.caller(.admin))
    let wire = try Wire(try #require(FastAnswers(stage.server.edge)))
    for _ in 0..<10 {
      #expect(try await both(stage, wire, Self.body) != nil)
      _ = try await plane.teams.create(TeamDraft(name: "T", slug: "t"), in: "hall", by: admin)
      #expect(try wire.send(stage.request()) == nil)
      try wire.finishAnswer()
      _ = try await stage.otherwise(Self.body)
      try await plane.teams.delete("t", in: "hall", by: admin)
      #expect(try wire.send(stage.request()) == nil)
      try wire.finishAnswer()
    }
    #expect(try await both(stage, wire, Self.body) != nil)
    try await plane.sessions.end(by: admin)
    #expect(try wire.send(stage.request()) == nil)
  }

  @Test func `Limits count what the lane answers, and beyond them it answers nothing`() async throws {
    let stage = try await Stage(limits: RateLimits(address: RateLimit(1000, per: .seconds(3600)), principal: RateLimit(60, per: .seconds(3600))))
    let wire = try Wire(try #require(FastAnswers(stage.server.edge)))
    var (fast, slow) = (0, 0)
    for _ in 0..<200 {
      let response = try await stage.otherwise(Self.body)
      if response.status == .ok { slow += 1 }
      if try wire.send(stage.request()) != nil { fast += 1 } else { try wire.finishAnswer() }
    }
    #expect(fast + slow == 60 && fast > 0)
  }

  @Test func `Behind a proxy and under maintenance there is no lane`() async throws {
    let plane = try await Hall(.plain).house.plane
    for configuration in [ServerConfiguration(trustedProxies: 1), ServerConfiguration(maintenance: "Back soon.")] {
      let server = try ServerApplication(plane, features: plane.features, declared: API.all, configuration: configuration, metrics: MetricsRegistry())
      #expect(FastAnswers(server.edge) == nil)
    }
  }
}

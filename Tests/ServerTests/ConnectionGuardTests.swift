import Contract
import Kernel
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Server

/// The guard of a connection, on a clock that the test moves.
@Suite struct ConnectionGuardTests {
  private static let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/", headers: ["Host": "h", "Content-Length": "10"])

  private final class Wire {
    let channel = EmbeddedChannel()

    init() throws {
      let limits = ConnectionGuard.Limits(bodyLimit: 100, headTime: .seconds(20), bodyTime: .seconds(60))
      try channel.pipeline.syncOperations.addHandler(ConnectionGuard(limits) { problem in ("id", Array(problem.code.name.utf8)) })
      try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    func receive(_ parts: HTTPServerRequestPart...) throws { for part in parts { try channel.writeInbound(part) } }

    func answer(_ status: HTTPResponseStatus = .ok) throws {
      try channel.writeOutbound(HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: status)))
      try channel.writeOutbound(HTTPServerResponsePart.end(nil))
    }

    /// What went out, a word for each part.
    func sent() throws -> [String] {
      var words: [String] = []
      while let part = try channel.readOutbound(as: HTTPServerResponsePart.self) {
        switch part {
        case .head(let head): words.append("\(head.status.code)\(head.headers["connection"].first.map { " \($0)" } ?? "")")
        case .body(.byteBuffer(let bytes)): words.append(String(buffer: bytes))
        default: break
        }
      }
      return words
    }

    func pass(_ seconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }
  }

  @Test("A head that doesn't become whole in its time is refused, and the connection ends a moment later")
  func slowHead() throws {
    let wire = try Wire()
    wire.channel.pipeline.fireChannelReadComplete()
    wire.pass(15)
    wire.channel.pipeline.fireChannelReadComplete()
    #expect(try wire.sent().isEmpty)
    wire.pass(5)
    #expect(try wire.sent() == ["408 close", "slow_request"])
    wire.pass(2)
    #expect(!wire.channel.isActive)
  }

  @Test("A connection between two requests isn't slow")
  func idle() throws {
    let wire = try Wire()
    try wire.receive(.head(Self.head), .body(ByteBuffer(string: "0123456789")), .end(nil))
    try wire.answer()
    wire.pass(1000)
    #expect(try wire.sent() == ["200"] && wire.channel.isActive)
  }

  @Test("A body that takes too long is an error to whoever waits for it, and the connection ends with the answer")
  func slowBody() throws {
    let wire = try Wire()
    try wire.receive(.head(Self.head), .body(ByteBuffer(string: "0")))
    wire.pass(60)
    #expect(throws: ConnectionGuard.TooSlow.self) { try wire.channel.throwIfErrorCaught() }
    try wire.answer(.requestTimeout)
    #expect(try wire.sent() == ["408 close"])
    wire.pass(2)
    #expect(!wire.channel.isActive)
  }

  @Test("A body that was answered before its end is read on; past the limit it isn't")
  func early() throws {
    let wire = try Wire()
    try wire.receive(.head(Self.head), .body(ByteBuffer(string: "0")))
    try wire.answer(.unauthorized)
    #expect(try wire.sent() == ["401"])
    try wire.receive(.body(ByteBuffer(string: "123456789")), .end(nil), .head(Self.head))
    try wire.answer()
    #expect(try wire.sent() == ["200"])
    try wire.receive(.body(ByteBuffer(repeating: 48, count: 101)))
    wire.pass(2)
    #expect(!wire.channel.isActive)
  }

  @Test("A body that can't be read ends the connection; where it was answered before, without a second answer")
  func unreadable() throws {
    let wire = try Wire()
    try wire.receive(.head(Self.head), .body(ByteBuffer(string: "0")))
    wire.channel.pipeline.fireErrorCaught(HTTPParserError.invalidChunkSize)
    #expect(throws: HTTPParserError.self) { try wire.channel.throwIfErrorCaught() }
    try wire.answer(.badRequest)
    #expect(try wire.sent() == ["400 close"])

    let answered = try Wire()
    try answered.receive(.head(Self.head), .body(ByteBuffer(string: "0")))
    try answered.answer(.notFound)
    answered.channel.pipeline.fireErrorCaught(HTTPParserError.invalidChunkSize)
    try answered.channel.throwIfErrorCaught()
    answered.pass(2)
    #expect(try answered.sent() == ["404"] && !answered.channel.isActive)
  }

  @Test("A refusal waits for the answers that are due before it")
  func order() throws {
    let wire = try Wire()
    try wire.receive(.head(HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: ["Host": "h"])), .end(nil))
    try wire.receive(.head(HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")))
    #expect(try wire.sent().isEmpty)
    try wire.answer()
    #expect(try wire.sent() == ["200", "400 close", "malformed"])
  }

  @Test("Only who is waiting is told to go on", arguments: [("10", ["100"]), ("101", [])])
  func expects(length: String, sent: [String]) throws {
    let wire = try Wire()
    var head = Self.head
    head.headers = ["Host": "h", "Content-Length": length, "Expect": "100-Continue"]
    try wire.receive(.head(head))
    #expect(try wire.sent() == sent)
    head.version = .http1_0
    let old = try Wire()
    try old.receive(.head(head))
    #expect(try old.sent().isEmpty)
  }
}

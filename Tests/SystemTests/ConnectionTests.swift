import Contract
import Foundation
import Testing
import TestSupport

/// Bytes on live connections, as no well-behaved client sends them.
@Suite struct ConnectionTests {
  /// A server, and the token of an account on it; the body runs on a thread of its own.
  private func serve(_ body: @escaping @Sendable (_ port: Int, _ token: String) throws -> Void) async throws {
    let server = try await GuildhallProcess.start()
    defer { server.stop() }
    let token = try await server.signUp()
    try await onThread { [port = server.port] in try body(port, token) }
    #expect(server.isRunning && !server.log.contains(#""level":"error""#), "\(server.log.suffix(2000))")
  }

  private func talk(_ port: Int, _ bytes: String) throws -> HTTPExchange {
    let connection = try Loopback(port: port)
    try connection.send(bytes)
    return try connection.receive()
  }

  private static let session = "POST /api/v1/sessions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"

  private static let unreadable = [
    ("nothing like HTTP", "\u{16}\u{3}\u{1}\u{2}\r\n\r\n", 400), ("HTTP/0.9", "GET /healthz\r\n\r\n", 400), ("HTTP/2 without being asked", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    ("a method in small letters", "get /healthz HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("a method that nobody knows", "BREW /healthz HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    ("no host", "GET /healthz HTTP/1.1\r\n\r\n", 400), ("two hosts", "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    ("a null character in the path", "GET /a\0b HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("a null character in a header", "GET /healthz HTTP/1.1\r\nHost: h\r\nX-A: a\0b\r\n\r\n", 400),
    ("letters beyond ASCII in the path", "GET /é HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("a folded header", "GET /healthz HTTP/1.1\r\nHost: h\r\nX-A: a\r\n b\r\n\r\n", 400),
    ("a space before the colon", "GET /healthz HTTP/1.1\r\nHost : h\r\n\r\n", 400), ("two lengths", session + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
    ("a negative length", session + "Content-Length: -2\r\n\r\n{}", 400), ("a length and chunks", session + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("a header of a megabyte", "GET /healthz HTTP/1.1\r\nHost: h\r\nX-A: " + String(repeating: "a", count: 1 << 20) + "\r\n\r\n", 431),
    ("ten thousand headers", "GET /healthz HTTP/1.1\r\nHost: h\r\n" + String(repeating: "X-A: a\r\n", count: 10_000) + "\r\n", 431),
    ("an address of 100,000 characters", "GET /" + String(repeating: "a", count: 100_000) + " HTTP/1.1\r\nHost: h\r\n\r\n", 431),
  ]

  @Test("What isn't a request is refused with a reason, and the connection ends")
  func unreadable() async throws {
    try await serve { port, _ in
      for (what, bytes, status) in Self.unreadable {
        let connection = try Loopback(port: port)
        // The server may refuse before it has read all of a megabyte.
        try? connection.send(bytes)
        let answer = try connection.receive()
        #expect(answer.status == status && answer["content-type"] == "application/problem+json" && answer["connection"] == "close", "\(what): \(answer.text)")
        #expect(answer.json["status"]?.number == status && answer.detail.hasSuffix(".") && answer.json["request_id"]?.text == answer["x-request-id"])
        #expect(connection.isEnded(), "\(what): the connection goes on.")
      }
    }
  }

  private static let readable = [
    ("a path that can't be decoded", "GET /api/v1/organizations/%zz HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer TOKEN\r\n\r\n", 404, "missing"),
    ("a path that isn't UTF-8", "GET /api/v1/organizations/%ff HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer TOKEN\r\n\r\n", 404, "missing"),
    ("a null character in percent signs", "GET /api/v1/organizations/a%00b HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer TOKEN\r\n\r\n", 404, "missing"),
    ("a query that can't be decoded", "GET /api/v1/organizations?cursor=%zz HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer TOKEN\r\n\r\n", 400, "malformed"),
    ("an address of 10,000 characters", "GET /api/v1/organizations/\(String(repeating: "a", count: 10_000)) HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer TOKEN\r\n\r\n", 404, "missing"),
    ("a body in pieces", session + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", 422, "invalid"),
    ("a piece whose length is none", session + "Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n", 400, "malformed"),
    ("a compressed body", session + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", 415, "unsupported_media"),
    ("a body of another type", session.replacing("application/json", with: "text/plain") + "Content-Length: 2\r\n\r\n{}", 415, "unsupported_media"),
    ("100,000 brackets", session + "Content-Length: 100000\r\n\r\n" + String(repeating: "[", count: 100_000), 400, "malformed"),
    ("a name twice", session + "Content-Length: 23\r\n\r\n{\"login\":\"\",\"login\":\"\"}", 400, "malformed"),
    ("a number for a text", session + "Content-Length: 11\r\n\r\n{\"login\":1}", 422, "invalid"),
    ("a bare control character", session + "Content-Length: 13\r\n\r\n{\"login\":\"\u{1}\"}", 400, "malformed"),
    ("a null character in a text", session + "Content-Length: 18\r\n\r\n{\"login\":\"\\u0000\"}", 422, "invalid"),
    ("half a surrogate", session + "Content-Length: 18\r\n\r\n{\"login\":\"\\ud800\"}", 400, "malformed"),
    ("no body", session + "\r\n", 400, "malformed"), ("two values", session + "Content-Length: 4\r\n\r\n{}{}", 400, "malformed"),
    ("OPTIONS", "OPTIONS /api/v1/sessions HTTP/1.1\r\nHost: h\r\n\r\n", 405, "unsupported_method"), ("TRACE", "TRACE /api/v1/sessions HTTP/1.1\r\nHost: h\r\n\r\n", 405, "unsupported_method"),
    ("PROPFIND", "PROPFIND /api/v1/sessions HTTP/1.1\r\nHost: h\r\n\r\n", 405, "unsupported_method"),
  ]

  @Test("Every answer says once when it was made, and not by whom")
  func date() async throws {
    try await serve { port, _ in
      let answers = try (0..<2).map { _ in try HTTPExchange.get("/healthz", port: port) }
      for answer in answers {
        #expect(answer.headers.filter { $0.name == "date" }.count == 1 && answer["server"] == nil)
        #expect(answer["date"]?.wholeMatch(of: /(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} 20\d\d \d\d:\d\d:\d\d GMT/) != nil, "\(answer["date"] ?? "none")")
      }
    }
  }

  @Test("A request that can be read is answered, whatever it says")
  func readable() async throws {
    try await serve { port, token in
      for (what, bytes, status, code) in Self.readable {
        let answer = try talk(port, bytes.replacing("TOKEN", with: token))
        #expect(answer.status == status && answer.code == code && answer.detail.hasSuffix("."), "\(what): \(answer.status) \(answer.text.prefix(400))")
        if status == 405 { #expect(answer["allow"] == "POST") }
      }
    }
  }

  @Test("Requests sent together are answered in their order, and one that can't be read doesn't take the answers before it")
  func pipelined() async throws {
    try await serve { port, token in
      let connection = try Loopback(port: port)
      try connection.send(HTTPExchange.request("GET", "/healthz") + HTTPExchange.request("GET", "/api/v1/account", token: token) + HTTPExchange.request("HEAD", "/api/v1/account", token: token) + "junk\r\n\r\n")
      #expect(try connection.receive().text == "alive\n")
      #expect(try connection.receive().json["handle"]?.text == "ada")
      let head = try connection.receive(toHead: true)
      #expect(head.status == 200 && head["content-length"].flatMap { Int($0) } ?? 0 > 0)
      let refusal = try connection.receive()
      #expect(refusal.status == 400 && refusal.code == "malformed")
      #expect(connection.isEnded())
    }
  }

  @Test("A body over the limit is refused and not read to its end", arguments: [true, false])
  func tooLarge(isTold: Bool) async throws {
    try await serve { port, _ in
      let connection = try Loopback(port: port)
      let megabyte = String(repeating: "a", count: 1 << 20)
      if isTold {
        try connection.send(Self.session + "Content-Length: \(1 << 30)\r\n\r\n")
      } else {
        try connection.send(Self.session + "Transfer-Encoding: chunked\r\n\r\n")
      }
      for _ in 0..<3 { try? connection.send(isTold ? megabyte : "100000\r\n\(megabyte)\r\n") }
      let answer = try connection.receive()
      #expect(answer.status == 413 && answer.code == "too_large" && answer["connection"] == "close")
      #expect(connection.isEnded())
    }
  }

  @Test("A client that asks whether to go on is told, and one whose body would be too large is refused at once")
  func expectations() async throws {
    try await serve { port, _ in
      let connection = try Loopback(port: port)
      try connection.send(Self.session + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
      #expect(try connection.receive().status == 100)
      try connection.send("{}")
      #expect(try connection.receive().status == 422)
      let large = try Loopback(port: port)
      try large.send(Self.session + "Expect: 100-continue\r\nContent-Length: \(1 << 30)\r\n\r\n")
      #expect(try large.receive().status == 413)
    }
  }

  @Test("A body shorter than was said is refused when the client stops")
  func cutShort() async throws {
    try await serve { port, _ in
      let connection = try Loopback(port: port)
      try connection.send(Self.session + "Content-Length: 200\r\n\r\n{}")
      connection.finishSending()
      let answer = try connection.receive()
      #expect(answer.status == 400 && answer.code == "malformed")
    }
  }

  @Test("HTTP/1.0 is answered, and the connection ends; so it does where a client asks for it", arguments: ["GET /healthz HTTP/1.0\r\n\r\n", "GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"])
  func closing(bytes: String) async throws {
    try await serve { port, _ in
      let connection = try Loopback(port: port, within: 5)
      try connection.send(bytes)
      let answer = try connection.receive()
      #expect(answer.status == 200 && answer["connection"] == "close" && connection.isEnded())
    }
  }

  @Test("An address written in full is read for its path alone, and no answer repeats the host a client made up")
  func hosts() async throws {
    try await serve { port, _ in
      #expect(try talk(port, "GET http://evil.example/healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n").text == "alive\n")
      let page = try talk(port, "GET /sign-in HTTP/1.1\r\nHost: evil.example\r\n\r\n")
      #expect(page.status == 200 && !page.text.contains("evil.example") && !page.headers.contains { $0.value.contains("evil.example") })
    }
  }
}

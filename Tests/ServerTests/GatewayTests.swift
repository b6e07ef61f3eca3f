import Contract
import ControlPlane
import HTTPTypes
import HummingbirdTesting
import Kernel
import Synchronization
import Testing

@testable import Server

/// What a gateway gets of a request, and what its clients get of an answer.
@Suite struct GatewayTests {
  /// A platform that answers what it was asked, and writes its refusals as one line.
  private static func gateway(_ routes: [GatewayRoute] = [], below base: String = "/sketch/v1") -> Gateway {
    let echo = GatewayRoute(.post, "\(base)/things/{thing}") { request in
      let inner = Caller(secret: "inner", from: .inside).credential.digest
      let caller = request.caller.credential.digest.map { $0 == inner ? "inner" : "other" } ?? "nobody"
      return .json([
        ("thing", .string(request.parameter("thing"))), ("query", .array(request.query.map { .string("\($0.0)=\($0.1)") })),
        ("body", .string(String(decoding: request.body, as: UTF8.self))),
        ("media", .string(request.mediaType ?? "none")), ("bearer", .string(request.bearer ?? "none")), ("caller", .string(caller)),
        ("server", .string(request.header("Zenml-Server-Id") ?? "none")),
      ].json)
    }
    let broken = GatewayRoute(.delete, "\(base)/things/{thing}") { request async throws(Problem) in
      if request.parameter("thing") == "disk" { throw Problem(.defect, "The disk is on fire.") }
      guard request.body.isEmpty else { return .json(.string(String(decoding: request.body, as: UTF8.self))) }
      return GatewayAnswer(status: 204, mediaType: "application/json", body: [], headers: [.init("x-left", "none")])
    }
    let unwrap: @Sendable (String) -> String = { $0.hasPrefix("WRAPPED_") ? String($0.dropFirst(8)) : $0 }
    return Gateway("sketch", bases: [base], routes: [echo, broken] + routes, secret: unwrap) { problem, request in
      GatewayAnswer(status: problem.kind.status, mediaType: "text/plain", body: Array("no: \(problem.detail) \(request?.parameter("thing") ?? "")".utf8))
    }
  }

  @Test("A request arrives whole, its credential without the platform's wrapping")
  func request() async throws {
    try await TestHouse().serve(gateways: [Self.gateway()]) { client in
      let answer = try await client.send(
        .post, "/sketch/v1/things/a%20b?x=1&x=True",
        [.authorization: "Bearer WRAPPED_inner", .contentType: "application/x-www-form-urlencoded; charset=utf-8", .init("zenml-server-id")!: "w"], body: "k=v")
      #expect(answer.status == .ok && answer.headers[.contentType] == "application/json")
      let heard = #"{"thing":"a b","query":["x=1","x=True"],"body":"k=v","media":"application/x-www-form-urlencoded","bearer":"WRAPPED_inner","#
      #expect(answer.text == heard + #""caller":"inner","server":"w"}"#)
      #expect(answer.headers[.requestID] != nil)
    }
  }

  @Test("A cookie is nobody's credential at a gateway")
  func cookie() async throws {
    try await TestHouse().serve(gateways: [Self.gateway()]) { client in
      let answer = try await client.send(.post, "/sketch/v1/things/a", [.cookie: "__Host-guildhall=inner"], body: "{}")
      #expect(answer.text.contains(#""bearer":"none","caller":"nobody""#))
    }
  }

  @Test("Refusals are told in the platform's manner, wherever below its base, and say nothing of our mistakes")
  func refusals() async throws {
    try await TestHouse().serve(gateways: [Self.gateway()]) { client in
      let nowhere = try await client.send(.get, "/sketch/v1/nowhere", [.accept: "text/html"])
      #expect(nowhere.status == .notFound && nowhere.text == "no: There is nothing at this address. ")
      let slash = try await client.send(.get, "/sketch/v1/things/", [.accept: "text/html"])
      #expect(slash.status == .notFound && slash.text.hasPrefix("no: "))
      let method = try await client.send(.put, "/sketch/v1/things/a", body: "{}")
      #expect(method.status == .methodNotAllowed && method.headers[.allow] == "DELETE, POST" && method.text.hasPrefix("no: "))
      let defect = try await client.send(.delete, "/sketch/v1/things/disk")
      #expect(defect.status == .internalServerError && !defect.text.contains("fire") && defect.text.hasSuffix("disk"))
      let query = try await client.send(.delete, "/sketch/v1/things/a?x=%zz")
      #expect(query.status == .badRequest && query.text.hasPrefix("no: "))
      let beside = try await client.send(.get, "/sketch/v10", [.accept: "application/json"])
      #expect(beside.status == .notFound && !beside.text.hasPrefix("no: "))
    }
  }

  @Test("A DELETE may have a body, and an answer none")
  func delete() async throws {
    try await TestHouse().serve(gateways: [Self.gateway()]) { client in
      #expect(try await client.send(.delete, "/sketch/v1/things/a", body: "b").text == "\"b\"")
      let nothing = try await client.send(.delete, "/sketch/v1/things/a")
      #expect(nothing.status == .noContent && nothing.headers[.init("x-left")!] == "none" && nothing.headers[.contentType] == nil)
    }
  }

  @Test("The limits count a gateway's requests")
  func limits() async throws {
    try await TestHouse().serve(gateways: [Self.gateway()], limits: RateLimits(address: RateLimit(1, per: .seconds(60)))) { client in
      #expect(try await client.send(.delete, "/sketch/v1/things/a").status == .noContent)
      let refused = try await client.send(.delete, "/sketch/v1/things/a")
      #expect(refused.status == .tooManyRequests && refused.text.hasPrefix("no: ") && refused.headers[.retryAfter] != nil)
    }
  }

  @Test("A server with an address outside its gateway's own, or with one address twice, doesn't start")
  func faults() async throws {
    let house = try await TestHouse()
    let nothing = GatewayRoute(.get, "/elsewhere/a") { _ in .json(.null) }
    let twice = GatewayRoute(.post, "/sketch/v1/things/{other}") { _ in .json(.null) }
    for gateway in [Self.gateway([nothing]), Self.gateway([twice])] {
      #expect(throws: Problem.self) { try ServerApplication(house.plane, features: [Sketch.feature], gateways: [gateway], declared: Sketch.declared) }
    }
    _ = try ServerApplication(house.plane, features: [Sketch.feature], gateways: [Self.gateway()], declared: Sketch.declared)
  }
}

extension [(String, JSON)] {
  fileprivate var json: JSON { .object(map { JSON.Member($0.0, $0.1) }) }
}

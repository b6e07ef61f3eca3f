import Client
import Contract
import Kernel
import Synchronization
import Testing

/// Answers what a list says, one after the other, and remembers what was asked.
private final class Script: Transport {
  private let state: Mutex<(steps: [Result<TransportAnswer, TransportFailure>], requests: [TransportRequest])>

  init(_ steps: Result<TransportAnswer, TransportFailure>...) { state = Mutex((steps, [])) }

  var requests: [TransportRequest] { state.withLock { $0.requests } }

  func send(_ request: TransportRequest) async throws(TransportFailure) -> TransportAnswer {
    let step = state.withLock { state in
      state.requests.append(request)
      return state.steps.isEmpty ? .failure(.other(reason: "the script is over")) : state.steps.removeFirst()
    }
    return try step.get()
  }
}

@Suite("The client")
struct ClientTests {
  private func client(_ script: Script, host: String = "https://guildhall.example.org", token: String? = "gld_pat_x") throws -> GuildhallClient {
    GuildhallClient(base: try ServerAddress(host), token: token, transport: script, rest: { _ in })
  }

  private let inAcme = Wire.InOrganization(organization: "acme")

  private func problem(_ script: Script, host: String = "https://guildhall.example.org", token: String? = "gld_pat_x") async throws -> Problem {
    let client = try client(script, host: host, token: token)
    return try await #require(throws: Problem.self) { try await client.call(API.Organizations.read, path: inAcme) }
  }

  @Test func sendsPathQueryBodyTokenAndRevision() async throws {
    let script = Script(.success(.json(Wire.Organization.named("acme"))))
    let after = try await client(script).call(
      API.Organizations.update, path: Wire.InOrganization(organization: "a/b"), query: Nothing(), body: Wire.OrganizationUpdate(name: "Acme"), revision: 7)
    #expect(after.slug == "acme")
    let request = try #require(script.requests.first)
    #expect(request.address == "https://guildhall.example.org/api/v1/organizations/a%2Fb")
    #expect(request.method == .patch)
    #expect(request.text == #"{"name":"Acme"}"#)
    #expect(request.header("Authorization") == "Bearer gld_pat_x")
    #expect(request.header("If-Match") == "\"7\"")
    #expect(request.header("Content-Type") == "application/json")
  }

  @Test func readsProblemsWithFaultsAndRequestID() async throws {
    let found = try await problem(
      Script(.success(.refusal(422, "invalid", "A name is needed.", errors: [.init(pointer: "#/billing_email", detail: "Enter an address."), .init(pointer: "/name", detail: "Enter a name.")]))))
    #expect(found.code.name == "invalid")
    #expect(found.kind == .invalid)
    #expect(found.detail == "A name is needed.")
    #expect(found.faults == [FieldFault("billing_email", "Enter an address."), FieldFault("name", "Enter a name.")])
    #expect(found.requestID == "req-7")
  }

  @Test func everyKindOfRefusalSurvivesTheWay() async throws {
    for kind in Problem.Kind.allCases where kind != .moved {
      #expect(try await problem(Script(.success(.refusal(kind.status, "some.code", "x")))).kind == kind)
    }
  }

  @Test func keepsRetryAfter() async throws {
    let found = try await problem(Script(.success(.refusal(429, "throttled", "Slow down.", headers: [("Retry-After", "40")]))))
    #expect(found.retryAfter == .seconds(40))
  }

  // MARK: The second try

  @Test func triesOnceMoreWhenTheConnectionBreaks() async throws {
    let script = Script(.failure(.lost), .success(.json(Wire.Organization.named("acme"))))
    #expect(try await client(script).call(API.Organizations.read, path: inAcme).slug == "acme")
    #expect(script.requests.count == 2)
  }

  @Test func triesOnceMoreWhenAskedTo() async throws {
    let script = Script(.success(.refusal(503, "unavailable", "Busy.", headers: [("Retry-After", "1")])), .success(.json(Wire.Organization.named("acme"))))
    #expect(try await client(script).call(API.Organizations.read, path: inAcme).slug == "acme")
  }

  @Test func triesNoThirdTime() async throws {
    let script = Script(.failure(.lost), .failure(.lost), .success(.json(Wire.Organization.named("acme"))))
    #expect(try await problem(script).code == .noConnection)
    #expect(script.requests.count == 2)
  }

  @Test(arguments: [503, 502])
  func doesNotTryAgainWithoutATerm(status: Int) async throws {
    let script = Script(.success(.refusal(status, "unavailable", "Busy.")), .success(.json(Wire.Organization.named("acme"))))
    #expect(try await problem(script).kind == .unavailable)
    #expect(script.requests.count == 1)
  }

  @Test func doesNotWaitForMinutes() async throws {
    let script = Script(.success(.refusal(503, "unavailable", "Busy.", headers: [("Retry-After", "600")])))
    #expect(try await problem(script).retryAfter == .seconds(600))
    #expect(script.requests.count == 1)
  }

  @Test(arguments: [TransportFailure.unknownHost, .unreachable(reason: "x"), .timedOut, .untrusted(reason: "x"), .interrupted])
  func doesNotRepeatWhatAnotherTryWontMend(failure: TransportFailure) async throws {
    let script = Script(.failure(failure))
    _ = try await problem(script)
    #expect(script.requests.count == 1)
  }

  @Test func bothTriesOfAPostCarryOneKey() async throws {
    let script = Script(.failure(.lost), .success(.json(201, Wire.Organization.named("acme"))))
    _ = try await client(script).call(API.Organizations.create, body: Wire.OrganizationDraft(name: "Acme"))
    let keys = script.requests.map { $0.header("Idempotency-Key") }
    #expect(keys.count == 2)
    #expect(keys[0] != nil && keys[0] == keys[1])
  }

  @Test func everyPostHasAKeyOfItsOwn() async throws {
    let script = Script(.success(.json(201, Wire.Organization.named("a"))), .success(.json(201, Wire.Organization.named("b"))))
    let client = try client(script)
    for _ in 0..<2 { _ = try await client.call(API.Organizations.create, body: Wire.OrganizationDraft(name: "Acme")) }
    #expect(script.requests[0].header("Idempotency-Key") != script.requests[1].header("Idempotency-Key"))
  }

  // MARK: Other places

  @Test func followsAMovedOrganizationOnce() async throws {
    let moved = TransportAnswer(status: 308, headers: [("Location", "/api/v1/organizations/acme-labs")])
    let script = Script(.success(moved), .success(.json(Wire.Organization.named("acme-labs"))))
    #expect(try await client(script).call(API.Organizations.read, path: inAcme).slug == "acme-labs")
    #expect(script.requests[1].address == "https://guildhall.example.org/api/v1/organizations/acme-labs")
    #expect(script.requests[1].header("Authorization") == "Bearer gld_pat_x")

    let circle = Script(.success(moved), .success(moved), .success(moved))
    #expect(try await problem(circle).code == .notGuildhall)
    #expect(circle.requests.count == 2)
  }

  @Test(arguments: ["https://evil.example.org/api/v1/organizations/acme", "//evil.example.org/x", "http://guildhall.example.org/api/v1/organizations/acme", "https://guildhall.example.org.evil/x"])
  func neverTakesTheTokenToAnotherServer(location: String) async throws {
    let script = Script(.success(TransportAnswer(status: 308, headers: [("Location", location)])))
    #expect(try await problem(script).code == .notGuildhall)
    #expect(script.requests.count == 1)
  }

  @Test func sendsNothingInTheClearToAnotherMachine() async throws {
    let script = Script()
    #expect(try await problem(script, host: "http://guildhall.example.org").code == .plainHTTP)
    #expect(script.requests.isEmpty)
  }

  @Test func speaksPlainlyOnThisMachine() async throws {
    let script = Script(.success(.json(Wire.Organization.named("acme"))))
    #expect(try await client(script, host: "http://localhost:8080").call(API.Organizations.read, path: inAcme).slug == "acme")
  }

  @Test(arguments: ["", "a b", "a\r\nX-Admin: 1", "gld_pät", String(repeating: "x", count: 5000)])
  func refusesWhatIsNoToken(token: String) async throws {
    let script = Script()
    #expect(try await problem(script, token: token).code == .unusableToken)
    #expect(script.requests.isEmpty)
  }

  // MARK: What isn't Guildhall

  @Test(arguments: [
    TransportAnswer(status: 200, headers: [("Content-Type", "text/html; charset=utf-8")], body: Array("<html>Sign in to the network</html>".utf8)),
    TransportAnswer(status: 404, headers: [("Content-Type", "text/html")]),
    TransportAnswer(status: 200),
    TransportAnswer(status: 302, headers: [("Location", "https://login.example.org/")]),
  ])
  func tellsAWebPageFromAnAnswer(answer: TransportAnswer) async throws {
    #expect(try await problem(Script(.success(answer))).code == .notGuildhall)
  }

  @Test func tellsAProxyFromTheServer() async throws {
    let found = try await problem(Script(.success(TransportAnswer(status: 502, headers: [("Content-Type", "text/html")], body: Array("<h1>Bad gateway</h1>".utf8)))))
    #expect(found.kind == .unavailable)
    #expect(found.detail.contains("proxy"))
  }

  @Test(arguments: ["", "{", "[]", "{\"slug\":1}", "null", String(repeating: "[", count: 100_000)])
  func saysThatANewerServerIsntUnderstood(body: String) async throws {
    let answer = TransportAnswer(status: 200, headers: [("Content-Type", "application/json")], body: Array(body.utf8))
    #expect(try await problem(Script(.success(answer))).code == .newerServer)
  }

  @Test func ignoresFieldsItDoesNotKnow() async throws {
    guard case .object(let members) = try JSON(WireCoding.encode(Wire.Organization.named("acme"))) else { return }
    let answer = TransportAnswer(status: 200, headers: [("Content-Type", "application/json")], body: Array(JSON.object(members + [.init("mood", "sunny")]).compact.utf8))
    #expect(try await client(Script(.success(answer))).call(API.Organizations.read, path: inAcme).slug == "acme")
  }

  // MARK: Pages

  @Test func pagesThroughAListToItsEnd() async throws {
    let script = Script(
      .success(.json(Wire.List(items: [Wire.Member.named("ada"), .named("bo")], nextCursor: "c1", total: 3))), .success(.json(Wire.List(items: [Wire.Member.named("cy")], nextCursor: nil, total: 3))))
    var handles: [String] = []
    for try await page in try client(script).pages(API.Members.list, path: inAcme, query: Wire.MemberQuery(search: "a b", limit: 2)) { handles += page.items.map(\.handle) }
    #expect(handles == ["ada", "bo", "cy"])
    #expect(script.requests.map { String($0.address.split(separator: "?")[1]) } == ["search=a%20b&limit=2", "search=a%20b&limit=2&cursor=c1"])
  }

  @Test func leavesACircleOfPages() async throws {
    let page = Result<TransportAnswer, TransportFailure>.success(.json(Wire.List(items: [Wire.Member.named("ada")], nextCursor: "c1", total: 9)))
    let client = try client(Script(page, page, page, page))
    let found = try await #require(throws: Problem.self) {
      for try await _ in client.pages(API.Members.list, path: inAcme, query: Wire.MemberQuery()) {}
    }
    #expect(found.code == .newerServer)
  }
}

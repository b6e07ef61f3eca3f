import Authorization
import Client
import Contract
import GuildhallDecisions
import Kernel
import Synchronization
import TestSupport
import Testing

/// What follows the facts, held against a server that says anything.
@Suite(.timeLimit(.minutes(2))) struct DecisionTransportTests {
  private static let organization = "01890a5d-ac96-774b-bcce-b302099a8057"
  private static let eve = "01890a5d-ac96-774b-bcce-b302099a8001"

  /// Answers pages and changes as they are written down; where no change is left, that there is none.
  private final class Script: Transport {
    struct State {
      var pages: [JSON] = []
      var changes: [(status: Int, body: JSON)] = []
      var revision = 10
      var readings = 0
    }

    let state: Mutex<State>

    init(_ pages: [JSON]) { state = Mutex(State(pages: pages)) }

    func say(_ status: Int, _ body: JSON) { state.withLock { $0.changes.append((status, body)) } }

    func send(_ request: TransportRequest) async throws(TransportFailure) -> TransportAnswer {
      if request.address.contains("/changes") {
        let (next, revision) = state.withLock { ($0.changes.isEmpty ? nil : $0.changes.removeFirst(), $0.revision) }
        guard let next else {
          try? await Task.sleep(for: .milliseconds(20))
          return Self.answer(200, ["organization": .string(organization), "revision": .integer(Int64(revision)), "facts": []])
        }
        if next.status == 200, let number = next.body["revision"]?.number { state.withLock { $0.revision = number } }
        return Self.answer(next.status, next.body)
      }
      let page = state.withLock { state -> JSON in
        let number = request.address.split(separator: "cursor=").count > 1 ? Int(request.address.split(separator: "cursor=")[1]) ?? 0 : 0
        if number == 0 { state.readings += 1 }
        var members: [JSON.Member] = [
          .init("organization", .string(organization)), .init("revision", .integer(Int64(state.revision))), .init("facts", state.pages[number]),
        ]
        if number + 1 < state.pages.count { members.append(.init("next_cursor", .string(String(number + 1)))) }
        return .object(members)
      }
      return Self.answer(200, page)
    }

    private static func answer(_ status: Int, _ body: JSON) -> TransportAnswer {
      TransportAnswer(
        status: status, headers: [(name: "Content-Type", value: status == 200 ? "application/json" : "application/problem+json")],
        body: Array(body.compact.utf8))
    }
  }

  private static func member(_ roles: JSON = ["guest"]) -> JSON { ["kind": "member", "id": .string(eve), "roles": roles] }
  private static let project: JSON = [
    "kind": "resource", "resource": ["type": "project", "id": "01890a5d-ac96-774b-bcce-b302099a8002"], "visibility": "inherited",
    "parent": ["type": "workspace", "id": "01890a5d-ac96-774b-bcce-b302099a8003"],
  ]
  private static let workspace: JSON = [
    "kind": "resource", "resource": ["type": "workspace", "id": "01890a5d-ac96-774b-bcce-b302099a8003"], "visibility": "inherited",
  ]
  private static let grant: JSON = [
    "kind": "grant", "holder": ["type": "member", "id": .string(eve)], "role": "project.viewer",
    "resource": ["type": "project", "id": "01890a5d-ac96-774b-bcce-b302099a8002"],
  ]

  private static func changes(_ revision: Int, _ facts: [JSON]) -> JSON {
    ["organization": .string(organization), "revision": .integer(Int64(revision)), "facts": .array(facts)]
  }

  private static func problem(_ code: String, _ status: Int) -> JSON {
    ["type": "/problems", "title": "No", "status": .integer(Int64(status)), "detail": "No.", "code": .string(code), "instance": "/"]
  }

  /// Runs with a follower of the script, which is stopped in the end.
  private func following(_ script: Script, staleness: Duration = .seconds(60), _ body: (Decisions) async throws -> Void) async throws {
    var options = DecisionOptions()
    (options.staleness, options.wait, options.firstPause, options.longestPause, options.clock) = (
      staleness, .seconds(1), .milliseconds(10), .milliseconds(50), { Timestamp(milliseconds: 1_800_000_000_000) }
    )
    let client = GuildhallClient(base: try ServerAddress("http://127.0.0.1:1"), token: "gld_test", transport: script)
    let decisions = Decisions(client, organization: "acme", options)
    let run = Task { try await decisions.run() }
    try await eventually("it is ready", within: 5) { (try? decisions.snapshot()) != nil }
    try await body(decisions)
    run.cancel()
    _ = await run.result
    #expect(decisions.status.stage == .ended)
  }

  private static func question() throws -> AccessQuestion {
    try AccessQuestion(principal: .account(eve), action: "read", resource: ThingName(type: "project", id: "01890a5d-ac96-774b-bcce-b302099a8002"))
  }

  @Test func `Pages may speak of what comes later`() async throws {
    try await following(Script([[Self.grant, Self.project], [Self.workspace], [Self.member()]])) { decisions in
      let question = try Self.question()
      #expect(try decisions.check(question).isAllowed)
      #expect(try decisions.explain(question).grounds.map(\.role) == ["project.viewer"])
    }
  }

  @Test func `After a gap it begins again, and goes on deciding meanwhile`() async throws {
    let script = Script([[Self.workspace, Self.project, Self.member(), Self.grant]])
    try await following(script) { decisions in
      let question = try Self.question()
      #expect(try decisions.check(question).isAllowed)
      script.state.withLock { state in
        (state.pages, state.revision) = ([[Self.workspace, Self.project, Self.member()]], 20)
        state.changes.append((410, Self.problem("access_fact.gap", 410)))
      }
      let snapshot = try await decisions.atLeast(20)
      #expect(try !snapshot.check(question).isAllowed && script.state.withLock { $0.readings } == 2)
    }
  }

  @Test func `What doesn't fit what is known is a gap, too`() async throws {
    let script = Script([[Self.workspace, Self.project, Self.member()]])
    try await following(script) { decisions in
      let question = try Self.question()
      script.say(
        200, Self.changes(30, [["kind": "grant-removed", "holder": ["type": "team", "id": "x"], "role": "project.viewer"], Self.member(["viewer"])]))
      #expect(try await decisions.atLeast(30).check(question).isAllowed, "what takes back may find nothing")
      script.say(200, Self.changes(40, [["kind": "seat", "id": "no such team", "holder": ["type": "member", "id": .string(Self.eve)]]]))
      script.say(200, Self.changes(50, []))
      #expect(try await !decisions.atLeast(50).check(question).isAllowed && script.state.withLock { $0.readings } == 2, "all of it was read again")
    }
  }

  @Test func `Of what it doesn't understand nothing is taken, and nothing is decided in the end`() async throws {
    let strange: [[JSON]] = [
      [["kind": "wormhole", "id": "x"]], [Self.member(["emperor"])], [["kind": "policy", "id": "p", "text": "forbid (everything);"]], [["kind": "team"]],
      [["kind": "grant", "holder": ["type": "member", "id": .string(Self.eve)], "role": "project.emperor"]],
    ]
    for facts in strange {
      let script = Script([[Self.workspace, Self.project, Self.member(), Self.grant]])
      try await following(script, staleness: .milliseconds(600)) { decisions in
        let question = try Self.question()
        for _ in 0..<200 { script.say(200, Self.changes(60, [["kind": "member-removed", "id": .string(Self.eve)]] + facts)) }
        try await eventually("it notices", within: 5) { decisions.status.stage == .reconnecting }
        #expect(decisions.status.problem?.code == .newerServer, "\(facts)")
        if let answer = try? decisions.check(question) { #expect(answer.isAllowed, "half of a change is none") }
        try await eventually("it refuses", within: 5) { (try? decisions.check(question)) == nil }
        #expect(throws: Problem.self) { _ = try decisions.snapshot() }
      }
    }
  }

  @Test func `Who may not follow any more is refused at once, and comes back when they may`() async throws {
    let script = Script([[Self.workspace, Self.project, Self.member(), Self.grant]])
    try await following(script) { decisions in
      let question = try Self.question()
      for _ in 0..<8 { script.say(403, Self.problem("forbidden", 403)) }
      try await eventually("it is refused", within: 5) { decisions.status.stage == .refused }
      #expect(throws: Problem.self) { _ = try decisions.check(question) }
      try await eventually("it is back", within: 5) { decisions.status.stage == .following }
      #expect(try decisions.check(question).isAllowed)
    }
  }
}

import Authorization
import Client
import Contract
import Foundation
import GuildhallDecisions
import Kernel
import TestSupport
import Testing

/// Decisions in a process of its own against those of real servers, which change, die and come back.
@Suite(.serialized, .timeLimit(.minutes(8))) struct DecisionsTests {
  @Test(arguments: ["SQLite", "PostgreSQL"]) func `Both sides answer alike, whatever is done`(_ engine: String) async throws {
    if engine == "PostgreSQL", PostgresServer.programs == nil { return }
    try await withFolder { folder in
      let hall = try await DecisionHall(engine, in: folder)
      defer { hall.stop() }
      let decisions = try await hall.following()
      var dice = SplitMix(seed: 42)
      var (asked, explained, allowed) = (0, 0, 0)
      for round in 0..<48 {
        let before = asked
        for _ in 0..<3 { try await hall.change(&dice) }
        if round % 16 == 15 {
          // A change just before it dies, which may or may not be told before.
          try await hall.change(&dice)
          try await hall.killAndRestart()
        }
        let revision = try await hall.revision()
        let snapshot = try await decisions.atLeast(revision, within: .seconds(20))
        try #require(snapshot.revision == revision, "round \(round)")
        let questions = hall.questions(&dice, 250)
        allowed += try await hall.expectSame(questions, snapshot, "round \(round)")
        for question in questions.prefix(3) { try await hall.expectSameExplanation(question, snapshot, "round \(round)") }
        (asked, explained) = (asked + questions.count, explained + 3)
        #expect(asked > before)
      }
      #expect(asked == 12_000 && explained > 140 && allowed > asked / 20 && allowed < asked * 19 / 20, "\(allowed) of \(asked) were allowed")
      #expect(hall.done.count >= 14, "too little was done: \(hall.done.sorted())")
      try await hall.expectSameLists(decisions.snapshot())
      await decisions.stop()
      #expect(decisions.status.stage == .ended && code { _ = try decisions.snapshot() } == "decisions.ended")
    }
  }

  @Test func `What is held for a time ends at its instant, without a word from the server`() async throws {
    try await withFolder { folder in
      let hall = try await DecisionHall("SQLite", in: folder)
      defer { hall.stop() }
      let decisions = try await hall.following()
      let eve = hall.people[0]
      let end = try #require(Timestamp("2031-05-06T07:08:09.123Z"))
      let project = try await hall.project()
      try await hall.must(
        "POST", "/workspaces/\(project.place)/projects/\(project.slug)/grants",
        ["holder": .string(eve.handle), "role": "viewer", "expires_at": .string(end.description)])
      let snapshot = try await decisions.atLeast(hall.revision())
      let question = try AccessQuestion(principal: .account(eve.account), action: "read", resource: ThingName(type: "project", id: project.id))
      #expect(try snapshot.check(question, at: end - .milliseconds(1)).isAllowed)
      #expect(try snapshot.check(question, at: end).outcome == .hidden)
      // The membership itself, by the running clock.
      let soon = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) + .seconds(3)
      try await hall.must("PUT", "/members/\(eve.member)/expiry", ["expires_at": .string(soon.description)])
      let later = try await decisions.atLeast(hall.revision())
      #expect(try later.check(question, at: soon - .milliseconds(1)).isAllowed && later.check(question, at: soon).outcome == .expired)
      let revision = later.revision
      try await eventually("it ends by the clock", within: 10) { try decisions.check(question).outcome == .expired }
      #expect(try decisions.snapshot().revision == revision, "no revision belongs to it")
      await decisions.stop()
    }
  }

  @Test func `Without the server it decides for as long as was said, and goes on when that is back`() async throws {
    try await withFolder { folder in
      let hall = try await DecisionHall("SQLite", in: folder)
      defer { hall.stop() }
      var options = DecisionOptions()
      (options.staleness, options.wait, options.firstPause, options.longestPause) = (.seconds(3), .seconds(1), .milliseconds(50), .milliseconds(400))
      let decisions = try await hall.following(options)
      let question = try AccessQuestion(principal: .account(hall.people[0].account), action: "read", resource: ThingName(type: "dataset", id: "x"))
      _ = try decisions.check(question)
      let server = hall.servers[0]
      try await onThread { server.kill() }
      try await eventually("it notices", within: 5) { decisions.status.stage == .reconnecting }
      _ = try decisions.check(question)
      try await eventually("it refuses in the end", within: 10) { code { _ = try decisions.check(question) } == "decisions.out_of_touch" }
      #expect(decisions.status.silence.map { $0 > .seconds(3) } == true && decisions.status.problem?.code == .noConnection)
      try await onThread { try server.restart() }
      try await eventually("it is back", within: 10) { decisions.status.stage == .following }
      _ = try decisions.check(question)
      await decisions.stop()
    }
  }

  @Test func `A key that is revoked ends it, what isn't permitted is refused, and so is what doesn't fit`() async throws {
    try await withFolder { folder in
      let hall = try await DecisionHall("SQLite", in: folder)
      defer { hall.stop() }
      let decisions = try await hall.following()
      let running = try Decisions(following: "acme", at: hall.servers[0].address, token: hall.key)
      let run = Task { try await running.run() }
      try await eventually("it is ready") { (try? running.snapshot()) != nil }
      let again = await #expect(throws: Problem.self) { try await running.run() }
      #expect(again?.code == .decisionsEnded)
      try await hall.must("DELETE", "/service-accounts/\(hall.robot)/keys/\(hall.keyID)")
      // The next answer is the last: a change wakes who waits.
      try await hall.must("POST", "/teams", ["name": "Last"])
      try await eventually("both have ended", within: 30) { decisions.status.stage == .ended && running.status.stage == .ended }
      #expect(code { _ = try decisions.snapshot() } == "credential.invalid")
      await #expect(throws: Problem.self) { try await run.value }
      // Those who may not follow.
      for (secret, expected) in [("gld_nobody", "credential.invalid"), (hall.people[0].secret, "forbidden")] {
        let problem = await #expect(throws: Problem.self) { _ = try await Decisions.following("acme", at: hall.servers[0].address, token: secret) }
        #expect(problem?.code.name == expected)
      }
      let missing = await #expect(throws: Problem.self) { _ = try await Decisions.following("nowhere", at: hall.servers[0].address, token: hall.token) }
      #expect(missing?.kind == .missing)
      #expect(throws: Problem.self) { _ = try Decisions(following: "acme", at: "no address at all", token: "x") }
    }
  }

  @Test func `What can't be asked is refused by its field, and alone in a batch`() async throws {
    try await withFolder { folder in
      let hall = try await DecisionHall("SQLite", in: folder)
      defer { hall.stop() }
      let decisions = try await hall.following()
      let eve = AccessQuestion.PrincipalName.account(hall.people[0].account)
      let fine = try AccessQuestion(principal: eve, action: "read", resource: ThingName(type: "dataset", id: "x"))
      let nobody = try AccessQuestion(action: "read", resource: ThingName(type: "dataset", id: "x"))
      let byHandle = try AccessQuestion(principal: .account("eve"), action: "read", resource: ThingName(type: "dataset", id: "x"))
      let bySlug = try AccessQuestion(principal: eve, action: "read", resource: ThingName(type: "project", id: "research/forecast"))
      let elsewhere = try AccessQuestion(
        principal: eve, action: "read", resource: ThingName(type: "dataset", id: "x", parent: ThingName.Place(type: "project", id: UUID().uuidString)))
      let unknown = try AccessQuestion(principal: .account(UUID().uuidString), action: "transmogrify", resource: ThingName(type: "spaceship"))
      #expect(
        try decisions.check([fine, nobody, byHandle, bySlug, elsewhere, unknown]).map(\.outcome) == [
          .hidden, .invalid, .invalid, .invalid, .missing, .hidden,
        ])
      for question in [nobody, byHandle, bySlug] { #expect(code { _ = try decisions.explain(question) } == "invalid") }
      #expect(await codeOf { _ = try await decisions.atLeast(.max, within: .milliseconds(100)) } == "decisions.behind")
      #expect(try decisions.check(Array(repeating: fine, count: 20_000)).count == 20_000)
      // The last one who holds it ends it.
      await decisions.stop()
    }
  }

  @Test func `The program of the documentation works`() async throws {
    let document = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/decisions-in-process.md"), encoding: .utf8)
    let program = try String(contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "DecisionsProgram.swift"), encoding: .utf8)
    #expect(document.contains("```swift\n\(program)```"))
    try await withFolder { folder in
      let hall = try await DecisionHall("SQLite", in: folder)
      defer { hall.stop() }
      #expect(try await mayRead("customers", hall.people[0].account, at: hall.servers[0].address, key: hall.key) == false)
    }
  }
}

/// The code of what is refused; `nil` where nothing is.
private func codeOf(_ body: () async throws -> Void) async -> String? {
  do { try await body() } catch { return (error as? Problem)?.code.name ?? "\(error)" }
  return nil
}

private func code(_ body: () throws -> Void) -> String? {
  do { try body() } catch { return (error as? Problem)?.code.name ?? "\(error)" }
  return nil
}

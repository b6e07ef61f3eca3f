import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Secrets
import Storage
import Testing

@Suite struct EventsTests {
  /// What an intruder with access to the database writes under.
  private struct Intruder: Proof {}

  private func tamper(_ lab: Lab, _ statement: Statement) async throws {
    let touched = try await lab.plane.database.write { tx in try tx.change(statement, under: Intruder()) }
    #expect(touched > 0)
  }

  @Test func `Every change leaves one event in its organization's stream, and what fails leaves none`() async throws {
    let lab = try await Lab()
    let plane = lab.plane
    let (bobs, bob) = try await lab.member("Bob", as: "member")
    var expected = ["organization.create", "invitation.create", "invitation.accept"]
    func expectEvent(_ action: String?, _ change: () async throws -> Void) async throws {
      _ = await refusal { try await change() }
      if let action { expected.append(action) }
      #expect(try await lab.house.actions(in: lab.stream) == expected)
    }
    try await expectEvent("organization.update") {
      _ = try await plane.organizations.update("lab", OrganizationUpdate(name: "Works"), seen: nil, by: lab.admin)
    }
    try await expectEvent(nil) { _ = try await plane.organizations.update("lab", OrganizationUpdate(name: "Works"), seen: nil, by: lab.admin) }
    try await expectEvent(nil) { _ = try await plane.organizations.update("lab", OrganizationUpdate(slug: "oscar"), seen: nil, by: lab.admin) }
    try await expectEvent(nil) { _ = try await plane.organizations.update("lab", OrganizationUpdate(name: "Other"), seen: 1, by: lab.admin) }
    try await expectEvent("member.update") { _ = try await plane.members.setRoles(bob.id, ["viewer"], seen: nil, in: "lab", by: lab.admin) }
    try await expectEvent(nil) { _ = try await plane.members.setRoles(bob.id, ["viewer"], seen: nil, in: "lab", by: lab.admin) }
    try await expectEvent("member.leave!") { try await plane.members.leave("lab", by: lab.admin) }
    try await expectEvent("member.suspend") { _ = try await plane.members.suspend(bob.id, in: "lab", by: lab.admin) }
    try await expectEvent("member.resume") { _ = try await plane.members.resume(bob.id, in: "lab", by: lab.admin) }
    try await expectEvent("organization.update!") {
      _ = try await plane.organizations.update("lab", OrganizationUpdate(name: "Mine"), seen: nil, by: lab.house.caller(bobs))
    }
    try await expectEvent("invitation.create!") { _ = try await lab.invite("x@example.net", as: "guest", by: lab.house.caller(bobs)) }
    try await expectEvent("member.remove") { try await plane.members.remove(bob.id, in: "lab", by: lab.admin) }
    // Who doesn't belong to it writes nothing into its log.
    try await expectEvent(nil) { _ = try await plane.organizations.update("lab", OrganizationUpdate(name: "Mine"), seen: nil, by: lab.house.caller(bobs)) }
    try await expectEvent(nil) { _ = try await plane.organizations.update("lab", OrganizationUpdate(name: "Mine"), seen: nil, by: lab.house.visitor()) }
  }

  @Test func `An event tells who, from where, what, to whom, before and after, and why it was allowed or not`() async throws {
    let lab = try await Lab()
    let (bobs, bob) = try await lab.member("Bob", as: "member")
    _ = try await lab.plane.members.setRoles(bob.id, ["viewer", "billing"], seen: nil, in: "lab", by: lab.house.caller(lab.ada, from: "198.51.100.9"))
    _ = await refusal { try await lab.plane.members.remove(bob.id, in: "lab", by: lab.house.caller(bobs)) }
    let events = try await lab.plane.events.list(in: "lab", EventFilter(), try PageRequest(limit: 2), by: lab.admin)
    #expect(events.total == 5)
    let (refused, allowed) = (events.items[0], events.items[1])
    #expect(allowed.action == "member.update" && allowed.outcome == .allowed && allowed.reason == "role admin" && allowed.sequence == 4)
    #expect(allowed.actor == EventActor(kind: .account, id: lab.ada.account.id.description, name: "Ada", via: "session"))
    #expect(allowed.target == Target("member", bobs.account.id.description, named: "Bob"))
    #expect(allowed.changes == [Change("roles", from: "member", to: "billing, viewer")])
    #expect(allowed.origin.address == "198.51.100.9" && allowed.at == lab.house.now)
    #expect(
      refused.action == "member.remove" && refused.outcome == .refused && refused.reason == "forbidden" && refused.actor.name == "Bob"
        && refused.changes.isEmpty)
    #expect(refused.previous == allowed.hash)
    // A name that is changed later doesn't change what was written then.
    _ = try await lab.plane.accounts.update(AccountUpdate(name: "Robert"), seen: nil, by: lab.house.caller(bobs))
    #expect(try await lab.plane.events.list(in: "lab", EventFilter(action: "member.update"), .first, by: lab.admin).items.first?.target.name == "Bob")
  }

  @Test func `The log is filtered and paged through, the newest first, by those who may read it`() async throws {
    let lab = try await Lab()
    let bob = try await lab.member("Bob", as: "viewer").session
    for number in 0..<20 {
      lab.house.pass(.seconds(1))
      _ = try await lab.plane.organizations.update("lab", OrganizationUpdate(description: "\(number)"), seen: nil, by: lab.admin)
    }
    _ = await refusal { try await lab.plane.organizations.update("lab", OrganizationUpdate(name: "Mine"), seen: nil, by: lab.house.caller(bob)) }
    let table: [(EventFilter, Int)] = [
      (EventFilter(), 24), (EventFilter(action: "organization.update"), 21), (EventFilter(outcome: .refused), 1),
      (EventFilter(actor: bob.account.id.description), 2),
      (EventFilter(target: lab.organization.id.description), 22), (EventFilter(since: lab.house.now), 2), (EventFilter(until: lab.house.now), 22),
      (EventFilter(action: "' OR 1 = 1 --"), 0),
    ]
    for (filter, total) in table {
      var (sequences, cursor): ([Int], Cursor?) = ([], nil)
      repeat {
        let page = try await lab.plane.events.list(in: "lab", filter, try PageRequest(limit: 7, cursor: cursor), by: lab.admin)
        #expect(page.total == total)
        sequences += page.items.map(\.sequence)
        cursor = page.next
      } while cursor != nil
      #expect(sequences.count == total && sequences == sequences.sorted(by: >) && Set(sequences).count == total)
    }
    #expect(await refusal { try await lab.plane.events.list(in: "lab", EventFilter(), .first, by: lab.house.caller(bob)) } == "forbidden")
    #expect(await refusal { try await lab.plane.events.verify("lab", by: lab.house.caller(bob)) } == "forbidden")
    #expect(await refusal { try await lab.plane.events.range(in: "lab", after: 0, limit: 10, by: lab.house.caller(bob)) } == "forbidden")
    for (after, limit) in [(0, 0), (0, 1001), (-1, 10)] {
      #expect(await faultyFields { try await lab.plane.events.range(in: "lab", after: after, limit: limit, by: lab.admin) } == ["limit"])
    }
  }

  @Test func `A chain that nobody touched verifies, in the database and from an export`() async throws {
    let lab = try await Lab()
    for number in 0..<1100 {
      _ = try await lab.plane.organizations.update(
        "lab", OrganizationUpdate(description: number.isMultiple(of: 3) ? "1:\(number)-2:-" : "\(number)"), seen: nil, by: lab.admin)
    }
    let found = try await lab.plane.events.verify("lab", by: lab.admin)
    #expect(found.fault == nil && found.events == 1101)
    var verifier = ChainVerifier()
    while true {
      let events = try await lab.plane.events.range(in: "lab", after: verifier.count, limit: 1000, by: lab.admin)
      for event in events { verifier.take(event) }
      if events.count < 1000 { break }
    }
    verifier.finish(head: (1101, found.head))
    #expect(verifier.fault == nil && verifier.last == found.head)
  }

  @Test(arguments: [
    "action", "outcome", "reason", "actor_kind", "actor", "actor_name", "via", "target_kind", "target", "target_name", "address", "user_agent", "request_id",
    "changes", "at", "id", "unreadable id", "unreadable changes",
    "previous", "hash",
  ])
  func `A change of any column of any row is found`(column: String) async throws {
    let lab = try await Lab()
    _ = try await lab.member("Bob", as: "member")
    #expect(try await lab.plane.events.verify(lab.stream).fault == nil)
    let name = lab.stream.description
    switch column {
    case "outcome": try await tamper(lab, "UPDATE event SET outcome = 'refused' WHERE stream = \(name) AND sequence = 2")
    case "actor_kind": try await tamper(lab, "UPDATE event SET actor_kind = 'system' WHERE stream = \(name) AND sequence = 2")
    case "at": try await tamper(lab, "UPDATE event SET at = at + 1 WHERE stream = \(name) AND sequence = 2")
    case "id":
      try await tamper(lab, "UPDATE event SET id = (SELECT id FROM event WHERE stream = \(name) AND sequence = 1) WHERE stream = \(name) AND sequence = 2")
    case "unreadable id": try await tamper(lab, "UPDATE event SET id = 'none' WHERE stream = \(name) AND sequence = 2")
    case "changes": try await tamper(lab, "UPDATE event SET changes = '5:roles-5:guest' WHERE stream = \(name) AND sequence = 2")
    case "unreadable changes": try await tamper(lab, "UPDATE event SET changes = '{' WHERE stream = \(name) AND sequence = 2")
    case "action": try await tamper(lab, "UPDATE event SET action = action || 'x' WHERE stream = \(name) AND sequence = 2")
    case "reason": try await tamper(lab, "UPDATE event SET reason = reason || 'x' WHERE stream = \(name) AND sequence = 2")
    case "actor": try await tamper(lab, "UPDATE event SET actor = actor || 'x' WHERE stream = \(name) AND sequence = 2")
    case "actor_name": try await tamper(lab, "UPDATE event SET actor_name = actor_name || 'x' WHERE stream = \(name) AND sequence = 2")
    case "via": try await tamper(lab, "UPDATE event SET via = 'token' WHERE stream = \(name) AND sequence = 2")
    case "target_kind": try await tamper(lab, "UPDATE event SET target_kind = target_kind || 'x' WHERE stream = \(name) AND sequence = 2")
    case "target": try await tamper(lab, "UPDATE event SET target = target || 'x' WHERE stream = \(name) AND sequence = 2")
    case "target_name": try await tamper(lab, "UPDATE event SET target_name = target_name || 'x' WHERE stream = \(name) AND sequence = 2")
    case "address": try await tamper(lab, "UPDATE event SET address = '' WHERE stream = \(name) AND sequence = 2")
    case "user_agent": try await tamper(lab, "UPDATE event SET user_agent = '' WHERE stream = \(name) AND sequence = 2")
    case "request_id": try await tamper(lab, "UPDATE event SET request_id = '' WHERE stream = \(name) AND sequence = 2")
    case "previous": try await tamper(lab, "UPDATE event SET previous = '' WHERE stream = \(name) AND sequence = 2")
    default: try await tamper(lab, "UPDATE event SET hash = previous WHERE stream = \(name) AND sequence = 2")
    }
    let found = try await lab.plane.events.verify("lab", by: lab.admin)
    #expect(found.fault?.sequence == 2 && found.events == 1)
    // The log can still be read, and an export tells the same.
    #expect(try await lab.plane.events.list(in: "lab", EventFilter(), .first, by: lab.admin).items.count == 3)
    var verifier = ChainVerifier()
    for event in try await lab.plane.events.range(in: "lab", after: 0, limit: 1000, by: lab.admin) { verifier.take(event) }
    #expect(verifier.fault?.sequence == 2)
  }

  enum Cut: CaseIterable { case first, middle, end, all, moved, endAndHead }

  @Test(arguments: Cut.allCases)
  func `What was taken out of the chain is missed`(cut: Cut) async throws {
    let lab = try await Lab()
    _ = try await lab.member("Bob", as: "member")
    let name = lab.stream.description
    let noted = try await lab.plane.events.verify(lab.stream)
    #expect(noted.events == 3 && noted.fault == nil)
    let expected: Int
    switch cut {
    case .first:
      try await tamper(lab, "DELETE FROM event WHERE stream = \(name) AND sequence = 1")
      expected = 1
    case .middle:
      try await tamper(lab, "DELETE FROM event WHERE stream = \(name) AND sequence = 2")
      expected = 2
    case .end:
      try await tamper(lab, "DELETE FROM event WHERE stream = \(name) AND sequence = 3")
      expected = 3
    case .all:
      try await tamper(lab, "DELETE FROM event WHERE stream = \(name)")
      expected = 1
    case .moved:
      try await tamper(lab, "DELETE FROM event WHERE stream = \(name) AND sequence = 2")
      try await tamper(lab, "UPDATE event SET sequence = 2 WHERE stream = \(name) AND sequence = 3")
      expected = 2
    case .endAndHead:
      // Consistent in itself: only a head that was noted elsewhere gives it away.
      try await tamper(lab, "DELETE FROM event WHERE stream = \(name) AND sequence = 3")
      try await tamper(
        lab, "UPDATE event_head SET sequence = 2, hash = (SELECT hash FROM event WHERE stream = \(name) AND sequence = 2) WHERE stream = \(name)")
      var verifier = ChainVerifier()
      for event in try await lab.plane.events.range(in: "lab", after: 0, limit: 1000, by: lab.admin) { verifier.take(event) }
      verifier.finish(head: (noted.events, noted.head))
      #expect(verifier.fault?.sequence == 3)
      return
    }
    #expect(try await lab.plane.events.verify("lab", by: lab.admin).fault?.sequence == expected)
  }

  @Test func `Events of attempts at once stand in one chain without gaps`() async throws {
    let lab = try await Lab()
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<20 { group.addTask { _ = await refusal { try await lab.invite("\(number)@example.net", as: "guest") } } }
    }
    let found = try await lab.plane.events.verify("lab", by: lab.admin)
    #expect(found.fault == nil && found.events == 21)
  }

  @Test(arguments: [
    [], [Change("a")], [Change("a", from: "", to: "-")], [Change("a", from: "1:x", to: nil), Change("b", to: "ü\n\u{0}1:")], [Change("", from: "", to: "")],
  ])
  func `Changes are read as they were written`(changes: [Change]) {
    #expect(Change.read(Change.written(changes)) == changes)
  }

  @Test(arguments: ["x", "1", "2:a", "-1:a", "1:a", "1:a-", "---", "999999999999999999999:a", ":a--"])
  func `What no change writes is not read`(text: String) { #expect(Change.read(text) == nil) }

  @Test func `The end of a log is signed, and the signature holds for nothing else`() async throws {
    let lab = try await Lab()
    let keys = try lab.plane.events.verifyingKeys()
    let key = try #require(keys.first)
    let head = try await lab.plane.events.head(of: lab.slug, by: lab.admin)
    let verified = try await lab.plane.events.verify(lab.slug, by: lab.admin)
    #expect(head.hash == verified.head && head.sequence == verified.events && head.key == key.id)
    #expect(head.isSigned(by: key))
    let kept = Wire.EventHead(head)
    #expect(EventHead(kept)?.isSigned(by: key) == true)
    for change in [
      { $0.sequence += 1 }, { $0.sequence -= 1 }, { $0.hash = String($0.hash.reversed()) }, { $0.stream = "installation" }, { $0.at = $0.at + .milliseconds(1) },
      { $0.signature = String($0.signature.reversed()) },
    ] as [(inout Wire.EventHead) -> Void] {
      var changed = kept
      change(&changed)
      #expect(EventHead(changed)?.isSigned(by: key) != true)
    }
    let (session, _) = try await lab.member("Bob", as: "member")
    #expect(await refusal { try await lab.plane.events.head(of: lab.slug, by: lab.house.caller(session)) } == "forbidden")
    #expect(await refusal { try await lab.plane.events.head(of: "nowhere", by: lab.admin) } == "missing")
    // A head that was kept finds out what the log itself doesn't show: its last events cut off.
    let later = try await lab.plane.events.head(of: lab.slug, by: lab.admin)
    #expect(later.sequence > head.sequence && later.isSigned(by: key))
    var verifier = ChainVerifier()
    for event in try await lab.plane.events.range(in: lab.slug, after: 0, limit: later.sequence - 1, by: lab.admin) { verifier.take(event) }
    #expect(verifier.fault == nil)
    verifier.finish(head: later)
    #expect(verifier.fault?.sequence == later.sequence)
  }
}

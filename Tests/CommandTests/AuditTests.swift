import Client
import Contract
import Foundation
import Kernel
import Secrets
import Testing

@testable import Commands
@testable import ControlPlane

@Suite("An exported log")
struct AuditTests {
  /// A chain as the server would have written it.
  private func events(_ count: Int) -> [Wire.Event] {
    var previous = ""
    return (1...count).map { sequence in
      let id = ID<Event>(high: 0x0189_0a5d_ac96_7000, low: 1 << 63 | UInt64(sequence))
      let actor = EventActor(kind: .account, id: "a", name: "Ada", via: "session")
      let target = Target("member", "m\(sequence)", named: "Bo")
      let changes = [Change("roles", from: sequence == 1 ? nil : "member", to: "viewer")]
      let origin = Origin(address: "192.0.2.7", userAgent: "test", requestID: "r\(sequence)")
      let hash = Event.hash(
        stream: .account(.nothing), sequence: sequence, id: id, at: Stage.now, action: "member.set_roles", outcome: .allowed, reason: "role admin", actor: actor, target: target,
        changes: Change.written(changes), origin: origin, previous: previous)
      defer { previous = hash }
      return Wire.Event(
        Event(
          stream: .account(.nothing), sequence: sequence, id: id, at: Stage.now, action: "member.set_roles", outcome: .allowed, reason: "role admin", actor: actor, target: target,
          changes: changes, origin: origin, previous: previous, hash: hash))
    }
  }

  private func lines(_ events: [Wire.Event]) throws -> [String] { try events.map { String(decoding: try WireCoding.encode($0), as: UTF8.self) } }

  private func verify(_ text: String, _ flags: String...) async throws -> (exit: Exit, output: String, errors: String) {
    let stage = try Stage(config: nil)
    let path = stage.folder + "/log.jsonl"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    let exit = await GuildhallCommand<NoLocalCommands>.run(["audit", "verify", "--file", path] + flags, in: stage.surroundings())
    #expect(stage.recorded.requests.isEmpty)
    return (exit, stage.output, stage.errors)
  }

  @Test func verifiesWithoutANetwork() async throws {
    let events = events(5)
    let result = try await verify(lines(events).joined(separator: "\n") + "\n")
    #expect(result.exit == .success)
    #expect(result.output == events[4].hash + "\n")
    #expect(result.errors.hasPrefix("Intact: 5 events"))
  }

  @Test(arguments: [
    ("an event is changed", 3), ("an event is missing", 3), ("two are exchanged", 3), ("the first is missing", 1), ("one stands twice", 4),
  ])
  func showsTheFirstEventThatDoesNotFit(what: String, sequence: Int) async throws {
    var lines = try lines(events(5))
    switch what {
    case "an event is changed": lines[2] = lines[2].replacing("\"viewer\"", with: "\"admin\"")
    case "an event is missing": lines.remove(at: 2)
    case "two are exchanged": lines.swapAt(2, 3)
    case "the first is missing": lines.removeFirst()
    default: lines.insert(lines[2], at: 3)
    }
    let result = try await verify(lines.joined(separator: "\n"))
    #expect(result.exit == .failure)
    #expect(result.errors.contains("Event \(sequence) "))
  }

  @Test func aShortenedLogIsFoundOutByItsHead() async throws {
    let events = events(5)
    let short = try lines(Array(events.prefix(4))).joined(separator: "\n")
    #expect(try await verify(short).exit == .success)
    #expect(try await verify(short, "--head", events[4].hash).exit == .failure)
    #expect(try await verify(short, "--head", events[3].hash).exit == .success)
  }

  @Test func theSignedEndFindsOutACutAndAForgery() async throws {
    let events = events(5)
    let key = try signer(1)
    let log = try lines(events).joined(separator: "\n") + "\n"
    let end = try line(head(of: events, by: key))
    #expect(try await verify(log + end, "--key", key.verifyingKey.text).exit == .success)
    #expect(try await verify(log + end).errors.contains("signed with the key \(key.verifyingKey.id)"))
    let short = try lines(Array(events.prefix(4))).joined(separator: "\n") + "\n"
    #expect(try await verify(short + end).errors.contains("Events 5 to 5 are missing"))
    // Who rewrote the log can't sign its end.
    let forged = try line(head(of: Array(events.prefix(4)), by: try signer(2)))
    #expect(try await verify(short + forged, "--key", key.verifyingKey.text).exit == .failure)
    #expect(try await verify(log, "--key", key.verifyingKey.text).errors.contains("no signed end"))
    #expect(try await verify(log + end, "--key", "nonsense").exit == .failure)
    #expect(try await verify(log + end + log).exit == .failure)
    // An end that was signed for another log, or moved to another sequence.
    var other = try #require(try? head(of: events, by: key))
    other.stream = "organization:\(ID<Wire.Organization>.nothing)"
    #expect(try await verify(log + line(other)).exit == .failure)
    #expect(try await verify(line(other), "--key", key.verifyingKey.text).exit == .failure)
  }

  private func signer(_ digit: Int) throws -> SigningKey {
    try SigningKey(SecretKey(String(repeating: "0\(digit)", count: 32)), purpose: "event heads")
  }

  private func head(of events: [Wire.Event], by key: SigningKey) throws -> Wire.EventHead {
    let message = "guildhall event head 1\n\(events[0].stream)\n\(events.count)\n\(events.last?.hash ?? "")\n\(Stage.now.milliseconds)\n"
    return Wire.EventHead(
      stream: events[0].stream, sequence: events.count, hash: events.last?.hash ?? "", at: Stage.now, key: key.verifyingKey.id, signature: try key.sign(Array(message.utf8)).text)
  }

  private func line(_ head: Wire.EventHead) throws -> String { String(decoding: try WireCoding.encode(Wire.EventLogEnd(head: head)), as: UTF8.self) + "\n" }

  @Test(arguments: ["", "\n\n", "nonsense", "{}", "[]", "{\"stream\":1}"])
  func whatIsNoLogIsRefused(text: String) async throws {
    #expect(try await verify(text).exit == .failure)
  }

  @Test func exportsPartAfterPartToAFileAndReplacesNothing() async throws {
    let all = events(5)
    let end = try head(of: all, by: signer(1))
    let stage = try Stage { request in
      if request.address.hasSuffix("/head") { return .json(end) }
      let after = request.address.split(separator: "after=").last.flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
      // What comes behind the signed end isn't exported.
      return .json(Wire.EventExport(events: Array(all.filter { $0.sequence > after }.prefix(2))))
    }
    let path = stage.folder + "/out.jsonl"
    #expect(await stage.run("audit", "export", "--output", path) == .success)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == lines(all).joined(separator: "\n") + "\n" + line(end))
    #expect(await stage.run("audit", "export", "--output", path) == .failure)
    #expect(await stage.run("audit", "verify", "--file", path) == .success)
  }

  @Test func aBrokenExportLeavesNoFile() async throws {
    let all = events(3)
    let end = try head(of: all, by: signer(1))
    let stage = try Stage { request in
      if request.address.hasSuffix("/head") { return .json(end) }
      return request.address.contains("after=0") ? .json(Wire.EventExport(events: Array(all.prefix(1)))) : .refusal(503, "unavailable", "Busy.")
    }
    #expect(await stage.run("audit", "export", "--output", stage.folder + "/out.jsonl") == .failure)
    #expect(try FileManager.default.contentsOfDirectory(atPath: stage.folder).filter { $0.hasPrefix("out") }.isEmpty)
  }
}

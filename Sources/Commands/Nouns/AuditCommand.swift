import ArgumentParser
import Client
import Contract
import ControlPlane
import Kernel

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "What happened in an organization, who did it, and the proof that nothing was changed since.",
    subcommands: [List.self, Export.self, Verify.self, Head.self, Keys.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List what happened, the newest first.", discussion: "Example: guildhall audit list --since 7d --action member.remove", aliases: ["ls"])
    @Option(help: ArgumentHelp("Only this action, such as member.remove.", valueName: "action")) var action: String?
    @Option(help: "Only what was allowed, or what was refused.") var outcome: Wire.EventOutcome?
    @Option(help: ArgumentHelp("Only what this person did: handle, e-mail address, account id or me.", valueName: "person")) var actor: String?
    @Option(help: ArgumentHelp("Only what was done to the thing with this id.", valueName: "id")) var target: String?
    @Option(help: ArgumentHelp("From this time on: 7d ago, or 2026-11-01.", valueName: "time")) var since: PointInTime?
    @Option(help: ArgumentHelp("Up to this time.", valueName: "time")) var until: PointInTime?
    @Flag(help: "What happened to your own account instead.") var mine = false
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let now = invocation.printer.now
      var query = Wire.EventQuery(action: action, outcome: outcome, target: target, since: since?.before(now), until: until?.before(now))
      if mine {
        query.actor = actor
        return try await invocation.list(API.Events.own, path: Nothing(), query: query, list, whenEmpty: "Nothing matches.")
      }
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      query.actor = try await actorID(in: path.organization, invocation)
      try await invocation.list(API.Events.list, path: path, query: query, list, whenEmpty: "Nothing matches.")
    }

    /// What the log calls the person: the account's id. Jobs are called by their name.
    private func actorID(in organization: String, _ invocation: Invocation) async throws(Problem) -> String? {
      guard let actor, ID<Wire.Account>(actor) == nil else { return actor }
      do {
        return try await invocation.member(actor, in: organization).account.description
      } catch {
        guard error.kind == .missing else { throw error }
        return actor
      }
    }
  }

  struct Export: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "export", abstract: "Write the whole log as JSON lines, to keep and to verify elsewhere.",
      discussion: "The last line is the signed end of the log. Verify all off-line with: guildhall audit verify --file FILE --key KEY")
    @Option(name: [.customLong("file"), .customLong("output")], help: ArgumentHelp("The file; the standard output when absent.", valueName: "file")) var file: String?
    @Option(help: ArgumentHelp("Only the events behind this sequence number.", valueName: "n")) var after: Int = 0
    @Flag(help: "Replace the file if there is one.") var force = false
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      guard after >= 0 else { throw ValidationError("--after takes a number from 0 on.") }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      guard let path = file, path != "-" else {
        return try await each(of: organization, invocation) { text, _ throws(Problem) in try invocation.terminal.write(text) }
      }
      if !force, PlainFile.exists(path) { throw Problem(.unusableFile, "\(path) exists. Choose another file, or replace it with --force.") }
      let written = try ReplacedFile(path, mode: 0o600)
      let count = try await write(to: written, organization, invocation)
      try written.finish()
      invocation.printer.say("Wrote \(count.of("event", "events")) to \(path). Verify with: guildhall audit verify --file \(path)")
    }

    private func write(to file: borrowing ReplacedFile, _ organization: String, _ invocation: Invocation) async throws(Problem) -> Int {
      var count = 0
      try await each(of: organization, invocation) { text, events throws(Problem) in
        try file.write(Array(text.utf8))
        count += events
        invocation.progress.note("\(count.of("event", "events")) written")
      }
      return count
    }

    /// The events up to the end that is signed now, part after part, and then that end.
    private func each(of organization: String, _ invocation: Invocation, _ body: (String, Int) throws(Problem) -> Void) async throws(Problem) {
      let client = try invocation.client()
      let head = try await client.call(API.Events.head, path: Wire.InOrganization(organization: organization))
      var last = after
      while last < head.sequence, let (text, events, end) = try await part(after: last, upTo: head.sequence, of: organization, client) {
        try body(text, events)
        last = end
      }
      guard last >= head.sequence else { throw Problem(.brokenChain, "The log ends at event \(last), but its signed end is event \(head.sequence): events are missing.") }
      try body(try JSONFields.json(of: Wire.EventLogEnd(head: head)).compact + "\n", 0)
    }

    /// The next thousand events as lines, how many they are, and the sequence of the last; `nil` at the end of the log.
    private func part(after sequence: Int, upTo last: Int, of organization: String, _ client: GuildhallClient) async throws(Problem) -> (String, Int, Int)? {
      let range = Wire.EventRange(after: sequence, limit: min(last - sequence, 1000))
      let part = try await client.call(API.Events.export, path: Wire.InOrganization(organization: organization), query: range)
      guard let end = part.events.last?.sequence else { return nil }
      guard end > sequence else { throw Problem(.newerServer, "The server repeats events; the export can't go on.") }
      var text = ""
      for event in part.events { text += try JSONFields.json(of: event).compact + "\n" }
      return (text, part.events.count, end)
    }
  }

  struct Verify: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify", abstract: "Compute the chain of hashes again, to find what was changed, left out or cut off.",
      discussion: """
        Without --file the server looks through its whole log. With --file an export is verified here, without any network. \
        Its last line is the signed end of the log, so that a shortened file is found out; --key checks the signature with the key that \
        guildhall audit keys showed. --head gives the hash of the last event instead, as you noted it down.
        """)
    @Option(help: ArgumentHelp("An export, or - for the standard input.", valueName: "file")) var file: String?
    @Option(help: ArgumentHelp("The hash that the last event should have.", valueName: "hash")) var head: String?
    @Option(help: ArgumentHelp("The public key that signed the end of the log.", valueName: "key")) var key: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      guard key == nil || file != nil else { throw ValidationError("--key goes with --file: a server checks with its own.") }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let result: Wire.ChainVerification
      var end: EventHead?
      if let file {
        (result, end) = try verified(file)
        if let key { try expect(end, signedBy: key) }
      } else {
        result = try await invocation.client().call(API.Events.verify, path: Wire.InOrganization(organization: invocation.organization(organization)))
      }
      if case .json = invocation.printer.form { try invocation.printer.done("", result) }
      guard result.intact else { throw Problem(.brokenChain, "The log doesn't hold: \(result.faultReason ?? "an event doesn't fit.") \(result.events.of("event", "events")) before it \(result.events == 1 ? "is" : "are") intact.") }
      if let head, head != result.head { throw Problem(.brokenChain, "The events fit together, but the last has another hash than \(head.prefix(80)): events may be cut off, or it is another log.") }
      if case .json = invocation.printer.form { return }
      invocation.printer.say("Intact: \(result.events.of("event", "events")), none changed and none missing.\(reservation(end))")
      try invocation.terminal.write(result.head + "\n")
    }

    /// What the verification leaves open.
    private func reservation(_ end: EventHead?) -> String {
      guard file != nil, head == nil, key == nil else { return "" }
      guard let end else { return " Whether some are cut off at the end, only the head tells." }
      return " The end is signed with the key \(end.key); check that with --key."
    }

    private func expect(_ end: EventHead?, signedBy key: String) throws(Problem) {
      guard let end else { throw Problem(.brokenChain, "The log has no signed end, as its last line: it was cut off, or exported by an older version.") }
      guard try end.isSigned(byKey: key) else { throw Problem(.brokenChain, "The end of the log isn't signed with this key: it is forged, or signed with another key (\(end.key.prefix(8))).") }
    }

    private func verified(_ path: String) throws(Problem) -> (Wire.ChainVerification, EventHead?) {
      var verifier = ChainVerifier()
      var stream: String?
      var end: EventHead?
      var number = 0
      try PlainFile.eachLine(of: path) { line throws(Problem) in
        number += 1
        guard !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) else { return }
        guard end == nil else { throw Problem(.unusableFile, "Line \(number) of \(path) stands behind the end of the log.") }
        if let last = try? WireCoding.decode(Wire.EventLogEnd.self, from: line, unknownFields: .ignored), let head = EventHead(last.head) {
          if let stream, stream != last.head.stream { throw Problem(.brokenChain, "The signed end belongs to \(last.head.stream), the events to \(stream).") }
          (end, stream) = (head, last.head.stream)
          return
        }
        guard let wire = try? WireCoding.decode(Wire.Event.self, from: line, unknownFields: .ignored), let event = Event(wire) else {
          throw Problem(.unusableFile, "Line \(number) of \(path) isn't an event. Give a file that guildhall audit export wrote.")
        }
        guard (try? WireCoding.decode(Wire.Event.self, from: line)) != nil else {
          throw Problem(
            .brokenChain, "Line \(number) of \(path) holds fields that the chain doesn't vouch for: somebody put them in, or a newer version wrote it.")
        }
        if let stream, stream != wire.stream { throw Problem(.unusableFile, "Line \(number) of \(path) belongs to \(wire.stream), the lines before it to \(stream). Give the log of one organization.") }
        stream = wire.stream
        verifier.take(event)
      }
      guard stream != nil else { throw Problem(.unusableFile, "\(path == "-" ? "The standard input" : path) holds no event.") }
      if let end { verifier.finish(head: end) }
      let fault = verifier.fault
      return (Wire.ChainVerification(intact: fault == nil, events: verifier.count, head: verifier.last, faultSequence: fault?.sequence, faultReason: fault?.reason), end)
    }
  }

  struct Head: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "head", abstract: "Show the end of the log as it is now, signed.",
      discussion: "Keep it where nobody who runs the server reaches it: it proves later that no event before it was cut off or rewritten.")
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try invocation.printer.show(try await invocation.client().call(API.Events.head, path: path))
    }
  }

  struct Keys: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "keys", abstract: "List the public keys that sign the ends of logs, the one in use first.",
      discussion: "Note them down once; whoever verifies an export later gives one to: guildhall audit verify --key")
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      try invocation.printer.list(try await invocation.client().call(API.Events.keys).keys, whenEmpty: "The server has no keys.")
    }
  }
}

extension Wire.EventHead: Listable {
  static let noun = (one: "end", many: "ends")
  var identity: String { hash }

  static let columns: [Column<Wire.EventHead>] = [
    Column("Log") { .name($0.stream) },
    Column("Events") { .number($0.sequence) },
    Column("Hash of the last") { .id($0.hash) },
    Column("At") { .time($0.at) },
    Column("Key") { .id($0.key) },
    Column("Signature") { .id($0.signature) },
  ]
}

extension Wire.VerifyingKey: Listable {
  static let noun = (one: "key", many: "keys")
  var identity: String { key }

  static let columns: [Column<Wire.VerifyingKey>] = [
    Column("Id") { .id($0.id) },
    Column("Key") { .name($0.key) },
  ]
}

extension Wire.Event: Listable {
  static let noun = (one: "event", many: "events")
  var identity: String { id.description }

  static let columns: [Column<Wire.Event>] = [
    Column("When") { .time($0.at) },
    Column("Who") { .text($0.actor.name.isEmpty ? $0.actor.kind : $0.actor.name) },
    Column("Action") { .name($0.action) },
    Column("Outcome") { .state($0.outcome.rawValue, $0.outcome == .allowed ? .good : .bad) },
    Column("To") { .text($0.target.name.isEmpty ? $0.target.kind : $0.target.name) },
    Column("Changes") { .text($0.changes.map(\.summary).joined(separator: ", ")) },
    Column("Why", .whenWide) { .text($0.reason) },
    Column("From", .whenWide) { .text($0.address) },
    Column("No.", .whenWide) { .number($0.sequence) },
  ]
}

extension Wire.EventChange {
  fileprivate var summary: String {
    switch (before, after) {
    case (let before?, let after?): "\(field): \(before) → \(after)"
    case (nil, let after?): "\(field): \(after)"
    case (_?, nil): "\(field) taken away"
    case (nil, nil): field
    }
  }
}

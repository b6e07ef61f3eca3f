import ArgumentParser
import Client
import Contract
import Kernel

struct UsageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "usage", abstract: "What was used, by whom and what for, and what it came to.",
    subcommands: [Report.self, Events.self, Record.self, Import.self, Correct.self], defaultSubcommand: Report.self)

  struct Report: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "report", abstract: "Show what was used in a time.",
      discussion: """
        Of a time of up to two days whole hours are shown, else whole days. Who may not see what others used asks for their own with --member me.

        Example: guildhall usage report --since 7d --by member
        Example: guildhall usage report --since 2026-01-01 --step month --by team --all --json
        """)
    @Option(help: ArgumentHelp("From this time on: 7d for the last 7 days, 12h, or 2026-11-01; 30 days ago unless told.", valueName: "time"))
    var since: PointInTime?
    @Option(help: ArgumentHelp("Before this time; now unless told.", valueName: "time")) var until: PointInTime?
    @Option(help: ArgumentHelp("How time is cut, in UTC.", valueName: "step")) var step: Wire.UsageStep = .all
    @Option(help: ArgumentHelp("What rows are told apart by, besides resource and unit.", valueName: "what")) var by: Wire.UsageDimension = .nothing
    @Option(help: ArgumentHelp("Only what this member used, by handle or id; me for your own, none for what names no member.", valueName: "member"))
    var member: String?
    @Option(help: ArgumentHelp("Only what was for this project, as WORKSPACE/PROJECT or by id.", valueName: "project")) var project: String?
    @Option(help: ArgumentHelp("Only what was used on this cluster.", valueName: "cluster")) var cluster: String?
    @Option(help: ArgumentHelp("Only this resource.", valueName: "resource")) var resource: String?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let now = invocation.printer.now
      let query = Wire.UsageQuery(
        since: since?.before(now), until: until?.before(now), step: step, by: by, member: member, project: project, cluster: cluster, resource: resource)
      let isFiltered = member != nil || project != nil || cluster != nil || resource != nil
      try await invocation.list(
        API.Usage.report, path: path, query: query, list, whenEmpty: isFiltered ? "Nothing such was used in this time." : "Nothing was used in this time.")
    }
  }

  struct Events: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "events", abstract: "List what was recorded, event by event, the latest first.")
    @Option(help: ArgumentHelp("Only what this source measured.", valueName: "source")) var source: String?
    @Option(help: ArgumentHelp("Only the event with this id.", valueName: "id")) var id: String?
    @Option(help: ArgumentHelp("Used from this time on: 7d for the last 7 days, or 2026-11-01.", valueName: "time")) var since: PointInTime?
    @Option(help: ArgumentHelp("Used before this time.", valueName: "time")) var until: PointInTime?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let now = invocation.printer.now
      let query = Wire.UsageEventQuery(source: source, id: id, since: since?.before(now), until: until?.before(now))
      try await invocation.list(API.Usage.listEvents, path: path, query: query, list, whenEmpty: "No such event was recorded.")
    }
  }

  struct Record: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "record", abstract: "Record something that was used; the same under the same id is recorded once.",
      discussion: "Example: guildhall usage record job-41 gpu 3600 --unit second --preset a100 --member bob --source scheduler")
    @Argument(help: "An id of yours.") var id: String
    @Argument(help: "What was used, such as gpu.") var resource: String
    @Argument(help: "How much of it.") var quantity: String
    @Option(help: ArgumentHelp("What the quantity counts, such as second.", valueName: "unit")) var unit: String
    @Option(help: ArgumentHelp("Who measured it.", valueName: "source")) var source: String
    @Option(help: ArgumentHelp("Which kind of it.", valueName: "preset")) var preset: String?
    @Option(help: ArgumentHelp("When: 2h for 2 hours ago, or 2026-11-21T09:00:00Z; when it is first received unless told.", valueName: "time"))
    var at: PointInTime?
    @Option(help: ArgumentHelp("The member who used it, by handle or id.", valueName: "member")) var member: String?
    @Option(help: ArgumentHelp("The service account that used it, by slug or id.", valueName: "slug")) var serviceAccount: String?
    @Option(help: ArgumentHelp("What for, as WORKSPACE/PROJECT or by id.", valueName: "project")) var project: String?
    @Option(help: ArgumentHelp("Where.", valueName: "cluster")) var cluster: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let now = invocation.printer.now
      let event = Wire.UsageEventDraft(
        id: id, at: at?.before(now).description, resource: resource, preset: preset, unit: unit, quantity: quantity, member: member,
        serviceAccount: serviceAccount, project: project, cluster: cluster)
      try await invocation.record(event, of: source, organization)
    }
  }

  struct Correct: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "correct", abstract: "Take back an event that was recorded by mistake, with what it was charged.",
      discussion: "Example: guildhall usage correct job-41 --source scheduler")
    @Argument(help: "The id of the event.") var event: String
    @Option(help: ArgumentHelp("Who measured it.", valueName: "source")) var source: String
    @Option(help: ArgumentHelp("An id of yours for the correction; correction-of-EVENT unless told.", valueName: "id")) var id: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      try await invocation.record(Wire.UsageEventDraft(id: id ?? "correction-of-\(event)", corrects: event), of: source, organization)
    }
  }

  struct Import: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "import", abstract: "Record many events from a file, one JSON object to a line; again changes nothing.",
      discussion: """
        Each line is an event as the API takes it. Ends with an error when any was refused, and says which.

        Example: guildhall usage import november.jsonl --source scheduler
        """)
    @Argument(help: ArgumentHelp("The file; - for the standard input.", valueName: "file")) var file: String
    @Option(help: ArgumentHelp("Who measured it.", valueName: "source")) var source: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    private static let (fileLimit, batch) = (256 << 20, 2000)

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let events = try events(invocation)
      var counts: [Wire.UsageOutcome: Int] = [:]
      var refused: [Wire.UsageResult] = []
      for start in stride(from: 0, to: events.count, by: Self.batch) {
        let part = Array(events[start..<min(start + Self.batch, events.count)])
        let answer = try await invocation.client().call(API.Usage.record, path: path, body: Wire.UsageEventDrafts(source: source, events: part))
        for result in answer.results { counts[result.outcome, default: 0] += 1 }
        refused += answer.results.filter { $0.outcome == .refused }
        invocation.progress.note("\((start + part.count).grouped) of \(events.count.of("event", "events"))")
      }
      try invocation.printer.list(refused, whenEmpty: "")
      invocation.printer.say("Recorded \(counts[.recorded, default: 0].of("event", "events")); \(counts[.known, default: 0].grouped) were known.")
      guard !refused.isEmpty else { return }
      // Where all of them have one reason, it is the reason of the whole.
      let kinds = Set(refused.compactMap { $0.problem?.kind })
      let code = refused.count == events.count && kinds.count == 1 ? kinds.first.map { Problem.Code.refusedUsage($0) } : nil
      throw Problem(code ?? .partlyRefused, "\(refused.count.of("event was", "events were")) refused; the list says why.")
    }

    private func events(_ invocation: Invocation) throws(Problem) -> [Wire.UsageEventDraft] {
      let bytes: [UInt8]
      if file == "-" {
        bytes = try invocation.terminal.readAll(limit: Self.fileLimit)
      } else {
        guard let found = try PlainFile.read(file, limit: Self.fileLimit) else { throw Problem(.unusableFile, "There is no file \(file.onOneLine).") }
        bytes = found.bytes
      }
      var events: [Wire.UsageEventDraft] = []
      for (place, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
        do throws(Problem) {
          events.append(try WireCoding.decode(Wire.UsageEventDraft.self, from: line))
        } catch {
          throw Problem(.invalid, "Line \(place + 1) is no event: \(error.detail) Nothing was sent.")
        }
      }
      guard !events.isEmpty else { throw Problem(.unusableFile, "\(file == "-" ? "The standard input" : file.onOneLine) holds no event.") }
      return events
    }
  }
}


extension Invocation {
  /// Records one event, or says why not.
  fileprivate func record(_ event: Wire.UsageEventDraft, of source: String, _ organization: OrganizationOption) async throws(Problem) {
    let path = Wire.InOrganization(organization: try await self.organization(organization))
    let answer = try await client().call(API.Usage.record, path: path, body: Wire.UsageEventDrafts(source: source, events: [event]))
    guard let result = answer.results.first else { throw Problem(.defect, "The server gave no result.") }
    if let problem = result.problem { throw Problem(.refusedUsage(problem.kind), problem.inWords) }
    let cost = result.credits.map { ", for \($0.inWords)" } ?? ""
    try printer.done(result.outcome == .known ? "This was recorded before\(cost)." : "Recorded\(cost).", result)
  }
}

extension Problem.Code {
  fileprivate static func refusedUsage(_ kind: Problem.Kind) -> Self { Self("usage_event.refused", kind, "The event was refused") }
}

extension Wire.ProblemSummary {
  private static let kinds: [String: Problem.Kind] = {
    let codes: [Problem.Code] = [.missing, .usageReused, .closedUsage, .usageCorrected, .usageFinal]
    return Dictionary(codes.map { ($0.name, $0.kind) }, uniquingKeysWith: { first, _ in first })
  }()

  /// Of an event; what isn't known here counts as something that isn't acceptable.
  fileprivate var kind: Problem.Kind { Self.kinds[code] ?? .invalid }

  /// With the fields that it is about.
  fileprivate var inWords: String {
    let faults = (errors ?? []).map { (field: $0.pointer.drop { $0 == "#" || $0 == "/" }, detail: $0.detail) }
    if faults.count == 1 { return "\(detail) (\(faults[0].field))" }
    return faults.isEmpty ? detail : "\(detail) \(faults.map { "\($0.field): \($0.detail)" }.joined(separator: " "))"
  }
}

extension Wire.UsageRow: Listable {
  static let noun = (one: "row", many: "rows")
  var identity: String { "\(start) \(key) \(resource)" }

  static let columns: [Column<Wire.UsageRow>] = [
    Column("From") { .text(String($0.start.description.prefix(16)).replacing("T", with: " ")) },
    Column("What") { .name($0.name) },
    Column("Resource") { .name($0.resource) },
    Column("Used") { .text($0.quantity.text) },
    Column("Unit") { .text($0.unit) },
    Column("Credits") { .text($0.credits.description) },
    Column("Events") { .number($0.events) },
  ]
}

extension Wire.UsageEvent: Listable {
  static let noun = (one: "event", many: "events")
  var identity: String { id }

  static let columns: [Column<Wire.UsageEvent>] = [
    Column("When") { .time($0.at) },
    Column("Id") { .name($0.id) },
    Column("Resource") { .name($0.resource) },
    Column("Preset", .whenWide) { .text($0.preset) },
    Column("Used") { .text($0.quantity.text) },
    Column("Unit") { .text($0.unit) },
    Column("Credits") { .text($0.credits?.description) },
    Column("Source", .whenWide) { .text($0.source) },
    Column("Cluster", .whenWide) { .text($0.cluster) },
    Column("Takes back", .whenWide) { .text($0.corrects) },
  ]
}

extension Wire.UsageResult: Listable {
  static let noun = (one: "event", many: "events")
  var identity: String { id }

  static let columns: [Column<Wire.UsageResult>] = [
    Column("Id") { .name($0.id) },
    Column("Outcome") { .state($0.outcome.rawValue, $0.outcome == .refused ? .bad : .good) },
    Column("Credits") { .text($0.credits?.description) },
    Column("Why") { .text($0.problem?.inWords) },
  ]
}

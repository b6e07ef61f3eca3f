import ArgumentParser
import Client
import Contract
import Kernel

/// Asking for a role for a time, and the answers.
struct RoleRequestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "request", abstract: "Ask for a role for a time, and answer those who ask.",
    subcommands: [List.self, Ask.self, Approve.self, Refuse.self, Withdraw.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List your own requests and those that you may answer, the newest first.", aliases: ["ls"])
    @Flag(name: .customLong("answered"), help: "Those that have an answer, too.") var all = false
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let query = Wire.ElevationQuery(all: all ? true : nil)
      try await invocation.list(API.Elevations.list, path: path, query: query, list, whenEmpty: "There are no requests for roles that you may see.")
    }
  }

  struct Ask: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "ask", abstract: "Ask for a role, for a time and with a reason.",
      discussion: "Example: guildhall role request ask admin --on research/forecast --for 4h --reason \"Mend the nightly run\"")
    @Argument(help: "A role that is given there, such as developer.") var role: String
    @Option(help: ArgumentHelp("A workspace, or a project; the organization unless told.", valueName: "workspace/project")) var on: String?
    @Option(name: .customLong("for"), help: ArgumentHelp("For how long: 30m, 4h, 2d.", valueName: "time")) var term: RoleTerm
    @Option(help: ArgumentHelp("What you need it for.", valueName: "text")) var reason: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let draft = Wire.ElevationDraft(on: on, role: role, minutes: term.minutes, reason: reason)
      let asked = try await invocation.client().call(API.Elevations.ask, path: path, body: draft)
      try invocation.printer.made("Asked for \(asked.role.onOneLine). Those who could give it were told.", asked, named: asked.id.description)
    }
  }

  struct Approve: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "approve", abstract: "Give the role that somebody asked for, for as long or shorter.")
    @Argument(help: "The id that guildhall role request list shows.") var request: String
    @Option(name: .customLong("for"), help: ArgumentHelp("For how long, where not as was asked: 30m, 4h, 2d.", valueName: "time")) var term: RoleTerm?
    @Option(help: ArgumentHelp("What they are told with it.", valueName: "text")) var note: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InElevation(organization: try await invocation.organization(organization), request: request)
      let answered = try await invocation.client().call(API.Elevations.approve, path: path, body: Wire.ElevationApproval(minutes: term?.minutes, note: note))
      try invocation.printer.done("\(answered.name.onOneLine) has the role \(answered.role.onOneLine) now, for a time.", answered)
    }
  }

  struct Refuse: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "refuse", abstract: "Answer that the role isn't given.")
    @Argument(help: "The id that guildhall role request list shows.") var request: String
    @Option(help: ArgumentHelp("What they are told with it.", valueName: "text")) var note: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InElevation(organization: try await invocation.organization(organization), request: request)
      let answered = try await invocation.client().call(API.Elevations.refuse, path: path, body: Wire.ElevationRefusal(note: note))
      try invocation.printer.done("\(answered.name.onOneLine) isn't given the role \(answered.role.onOneLine).", answered)
    }
  }

  struct Withdraw: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "withdraw", abstract: "Take back your own request.", aliases: ["rm"])
    @Argument(help: "The id that guildhall role request list shows.") var request: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InElevation(organization: try await invocation.organization(organization), request: request)
      try invocation.printer.done("Your request is taken back.", try await invocation.client().call(API.Elevations.withdraw, path: path))
    }
  }
}

/// How long a role is asked for: `30m`, `4h`, `2d`.
struct RoleTerm: ExpressibleByArgument, Sendable {
  let minutes: Int

  init?(argument: String) {
    let units: [Character: Int] = ["m": 1, "h": 60, "d": 1440]
    guard let unit = argument.last.flatMap({ units[$0] }), let number = Int(argument.dropLast()), number > 0, number <= 100_000 else { return nil }
    minutes = number * unit
  }
}

extension Wire.Elevation: Listable {
  static let noun = (one: "request", many: "requests")
  var identity: String { id.description }

  static let columns: [Column<Wire.Elevation>] = [
    Column("Who") { .name($0.handle) },
    Column("Role") { .text($0.role) },
    Column("On") { .text($0.on ?? "the organization") },
    Column("Minutes") { .number($0.minutes) },
    Column("State") { .text($0.answerable ? "waits for you" : $0.state.rawValue) },
    Column("Reason") { .text($0.reason) },
    Column("Id") { .id($0.id.description) },
  ]

  static let details: [Column<Wire.Elevation>] = columns
}

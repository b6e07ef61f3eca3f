import ArgumentParser
import Client
import Contract
import Kernel

/// What a question is about, as options.
struct QuestionOptions: ParsableArguments {
  @Argument(help: "What is done: read, update, delete, manage, or what your platform calls it.") var action: String
  @Argument(help: "With what: a type, or a type and an id such as project:research/forecast or dataset:customers.") var thing: ThingArgument
  @Option(help: ArgumentHelp("Who: a handle, an address or an id; you unless told.", valueName: "person")) var who: String?
  @Option(help: ArgumentHelp("A service account instead, by slug or id.", valueName: "account")) var serviceAccount: String?
  @Option(name: .customLong("in"), help: ArgumentHelp("What it stands in: workspace:research, project:research/forecast.", valueName: "thing"))
  var place: ThingArgument?
  @Option(help: ArgumentHelp("An attribute of the thing, in JSON or as a text; may come several times.", valueName: "name=value"))
  var attribute: [FilledField] = []
  @Option(name: .customLong("with"), help: ArgumentHelp("What the request brings, such as address=10.0.0.7; may come several times.", valueName: "name=value"))
  var brought: [FilledField] = []
  @Option(help: ArgumentHelp("The answer knows of everything up to this revision.", valueName: "revision")) var atLeast: Int?

  func validate() throws {
    if who != nil, serviceAccount != nil { throw ValidationError("Name a person or a service account, not both.") }
    if let place, place.id == nil { throw ValidationError("Give what it stands in with its name: --in project:research/forecast.") }
  }

  var question: Wire.DecisionQuestion {
    var principal: Wire.DecisionPrincipal?
    if let who { principal = .init(type: .account, id: who) }
    if let serviceAccount { principal = .init(type: .serviceAccount, id: serviceAccount) }
    return Wire.DecisionQuestion(
      principal: principal, action: action,
      resource: Wire.DecisionResource(
        type: thing.type, id: thing.id, parent: place.map { Wire.DecisionSubject(type: $0.type, id: $0.id ?? "") }, attributes: Self.object(attribute)),
      context: Self.object(brought), atLeastRevision: atLeast)
  }

  /// What reads as JSON is JSON; all else is a text.
  private static func object(_ fields: [FilledField]) -> JSON? {
    fields.isEmpty ? nil : .object(fields.map { JSON.Member($0.name, (try? JSON(Array($0.value.utf8))) ?? .string($0.value)) })
  }
}

/// A thing on the command line: `project:research/forecast`, or a type alone.
struct ThingArgument: ExpressibleByArgument, Hashable, Sendable {
  let type: String
  let id: String?

  init?(argument: String) {
    let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
    guard let first = parts.first, !first.isEmpty else { return nil }
    type = first
    id = parts.count == 2 && !parts[1].isEmpty ? parts[1] : nil
  }
}

struct CheckCommand: ClientCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Ask whether somebody may do something; the exit code is 0 for yes and 5 for no.",
    discussion: "Example: guildhall check read project:research/forecast --who ada")
  @OptionGroup var question: QuestionOptions
  @OptionGroup var organization: OrganizationOption
  @OptionGroup var general: GeneralOptions

  func perform(_ invocation: Invocation) async throws(Problem) {
    let path = Wire.InOrganization(organization: try await invocation.organization(organization))
    let answer = try await invocation.client().call(API.Decisions.check, path: path, body: question.question)
    try invocation.printer.show(answer)
    guard answer.allowed else { throw Problem(.deniedByCheck, answer.sentence) }
  }
}

struct ExplainCommand: ClientCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Ask why somebody may do something, or why they can't.",
    discussion: "Example: guildhall explain read dataset:customers --in project:research/forecast --attribute 'compliance=[\"gdpr\"]'")
  @OptionGroup var question: QuestionOptions
  @OptionGroup var organization: OrganizationOption
  @OptionGroup var general: GeneralOptions

  func perform(_ invocation: Invocation) async throws(Problem) {
    let path = Wire.InOrganization(organization: try await invocation.organization(organization))
    let answer = try await invocation.client().call(API.Decisions.explain, path: path, body: question.question)
    try invocation.printer.show(answer)
  }
}

struct SimulateCommand: ClientCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate", abstract: "Ask what a change would do that nobody makes: the answer as it is, and as it would be.",
    discussion: """
      The change is about who is asked about, or about the team of --team.

      Examples: guildhall simulate read project:research/forecast --who ada --grant viewer@project:research/forecast
      guildhall simulate read dataset:customers --in project:research/forecast --who ada --share read,use
      guildhall simulate delete workspace:research --who ada --gone --impact
      """)
  @OptionGroup var question: QuestionOptions
  @Option(help: ArgumentHelp("They had this role on a thing: viewer@project:research/forecast; may come several times.", valueName: "role@thing"))
  var grant: [PlacedRole] = []
  @Option(help: ArgumentHelp("They hadn't this role on a thing; may come several times.", valueName: "role@thing")) var noGrant: [PlacedRole] = []
  @Option(help: ArgumentHelp("The thing were shared with them, for these actions with commas between.", valueName: "actions")) var share: String?
  @Option(help: ArgumentHelp("They were in this team; may come several times.", valueName: "slug")) var seat: [String] = []
  @Option(help: ArgumentHelp("They weren't in this team; may come several times.", valueName: "slug")) var noSeat: [String] = []
  @Option(help: ArgumentHelp("They had this role or these in the organization.", valueName: "role,…")) var roles: RoleList?
  @Flag(help: "They had left the organization.") var gone = false
  @Option(help: ArgumentHelp("Grants and shares are this team's.", valueName: "slug")) var team: String?
  @Flag(help: "Tell how many would gain or lose it, too.") var impact = false
  @OptionGroup var organization: OrganizationOption
  @OptionGroup var general: GeneralOptions

  func validate() throws {
    if grant.isEmpty, noGrant.isEmpty, share == nil, seat.isEmpty, noSeat.isEmpty, roles == nil, !gone {
      throw ValidationError("Say what would change: --grant, --no-grant, --share, --seat, --no-seat, --roles or --gone.")
    }
    if share != nil, question.thing.id == nil { throw ValidationError("Give the object that would be shared by its id: dataset:customers.") }
    if gone, roles != nil { throw ValidationError("Choose --gone or --roles.") }
  }

  private var changes: [Wire.SimulatedChange] {
    let asked = question.question
    let who = asked.principal ?? Wire.DecisionPrincipal(type: .account, id: "me")
    let holder = team.map { Wire.DecisionPrincipal(type: .team, id: $0) } ?? who
    var changes = seat.map { Wire.SimulatedChange(kind: .seat, principal: who, team: $0) }
    changes += noSeat.map { Wire.SimulatedChange(kind: .seatRemoved, principal: who, team: $0) }
    changes += grant.map { Wire.SimulatedChange(kind: .grant, principal: holder, roles: [$0.role], resource: $0.thing) }
    changes += noGrant.map { Wire.SimulatedChange(kind: .grantRemoved, principal: holder, roles: [$0.role], resource: $0.thing) }
    if let share {
      let actions = share.split(separator: ",").map { String($0.filter { !$0.isWhitespace }) }.filter { !$0.isEmpty }
      let object = Wire.DecisionSubject(type: question.thing.type, id: question.thing.id ?? "")
      changes.append(Wire.SimulatedChange(kind: .share, principal: holder, resource: object, parent: asked.resource.parent, actions: actions))
    }
    if let roles { changes.append(Wire.SimulatedChange(kind: .roles, principal: who, roles: roles.roles.map(\.rawValue))) }
    if gone { changes.append(Wire.SimulatedChange(kind: .roles, principal: who, roles: [])) }
    return changes
  }

  func perform(_ invocation: Invocation) async throws(Problem) {
    let path = Wire.InOrganization(organization: try await invocation.organization(organization))
    let asked = question.question
    let body = Wire.Simulation(changes: changes, questions: [asked], impact: impact ? asked : nil, atLeastRevision: asked.atLeastRevision)
    let result = try await invocation.client().call(API.Decisions.simulate, path: path, body: body)
    if case .json = invocation.printer.form { return try invocation.printer.done("", result) }
    let rows = result.before.map { SimulatedRow(when: "as it is", answer: $0) } + result.after.map { SimulatedRow(when: "as it would be", answer: $0) }
    try invocation.printer.list(rows, whenEmpty: "")
    if let gained = result.gainedCount, let lost = result.lostCount {
      invocation.printer.say("\(gained.of("principal", "principals")) would gain it, \(lost.of("principal", "principals")) would lose it.")
    }
  }
}

/// A role on a thing, as `viewer@project:research/forecast`.
struct PlacedRole: ExpressibleByArgument, Hashable, Sendable {
  let role: String
  let thing: Wire.DecisionSubject

  init?(argument: String) {
    let parts = argument.split(separator: "@", maxSplits: 1).map { String($0) }
    guard parts.count == 2, let thing = ThingArgument(argument: parts[1]), let id = thing.id else { return nil }
    (role, self.thing) = (parts[0], Wire.DecisionSubject(type: thing.type, id: id))
  }
}

private struct SimulatedRow: Listable {
  var when: String
  var answer: Wire.Decision

  static let noun = (one: "answer", many: "answers")
  var identity: String { when }

  static let columns: [Column<SimulatedRow>] = [
    Column("") { .text($0.when) },
    Column("Allowed") { .state($0.answer.allowed ? "yes" : "no", $0.answer.allowed ? .good : .bad) },
    Column("Answer") { .text($0.answer.sentence) },
    Column("Because") { .text($0.answer.grounds.map { "\($0.effect) by \($0.sentence)" }.joined(separator: "; ")) },
  ]
}

extension Problem.Code {
  static let deniedByCheck = Self("check.denied", .forbidden, "Not allowed")
}

extension Wire.Decision: Listable {
  static let noun = (one: "answer", many: "answers")
  var identity: String { outcome.rawValue }

  static let columns: [Column<Wire.Decision>] = details
  static let details: [Column<Wire.Decision>] = [
    Column("Allowed") { .state($0.allowed ? "yes" : "no", $0.allowed ? .good : .bad) },
    Column("Outcome") { .text($0.outcome.rawValue) },
    Column("Answer") { .text($0.sentence) },
    Column("Because") { .text($0.grounds.map { "\($0.effect) by \($0.sentence)" }.joined(separator: "; ")) },
    Column("Revision") { .text(String($0.revision)) },
  ]
}

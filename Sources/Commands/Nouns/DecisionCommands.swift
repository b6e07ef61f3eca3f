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

import ArgumentParser
import Client
import Contract
import Kernel

struct ObjectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "object", abstract: "Things of any type that platforms register, so that decisions and policies know them.",
    discussion: "What they stand in is named by type and name: project/research/forecast, app/defect-finder.",
    subcommands: [List.self, Register.self, Delete.self, Share.self, Unshare.self, Shares.self, Received.self, Given.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the objects of one place.", aliases: ["ls"])
    @Option(name: .customLong("in"), help: ArgumentHelp("What they stand in; the organization itself unless told.", valueName: "place")) var place: PlaceName?
    @Option(help: ArgumentHelp("Only those of this type.", valueName: "type")) var type: String?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let query = Wire.ObjectQuery(type: type, parentType: place?.type, parent: place?.name)
      try await invocation.list(API.Objects.list, path: path, query: query, list, whenEmpty: "Nothing of the kind is registered there.")
    }
  }

  struct Register: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "register", abstract: "Register an object, or change what is said of it.",
      discussion: "Example: guildhall object register model resnet-50 --in app/defect-finder --attributes '{\"compliance\":[\"gdpr\"]}'")
    @Argument(help: "Its type, in small letters.") var type: String
    @Argument(help: "What its platform calls it.") var id: String
    @Option(name: .customLong("in"), help: ArgumentHelp("What it stands in; the organization itself unless told.", valueName: "place")) var place: PlaceName?
    @Option(help: ArgumentHelp("What people call it.", valueName: "text")) var name: String?
    @Option(help: ArgumentHelp("What policies may look at, as a JSON object.", valueName: "json")) var attributes: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      var json: JSON?
      if let attributes {
        do { json = try JSON(Array(attributes.utf8)) } catch { throw Problem.invalid("attributes", "Give a JSON object of attributes.") }
      }
      let draft = Wire.ObjectDraft(type: type, id: id, parent: place?.wire, name: name, attributes: json)
      let answer = try await invocation.client().call(API.Objects.register, path: path, body: Wire.ObjectDrafts(objects: [draft]))
      try invocation.tell(answer)
    }
  }

  struct Delete: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete an object.", aliases: ["rm"])
    @Argument(help: "Its type, in small letters.") var type: String
    @Argument(help: "What its platform calls it.") var id: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let names = Wire.ObjectNames(objects: [Wire.ObjectName(type: type, id: id)])
      try invocation.tell(try await invocation.client().call(API.Objects.delete, path: path, body: names))
    }
  }
}

/// What objects stand in, as it is typed: `project/research/forecast`.
struct PlaceName: ExpressibleByArgument, Hashable {
  let type: String
  let name: String

  init?(argument: String) {
    let parts = argument.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    (type, name) = (parts[0], parts[1])
  }

  var wire: Wire.ObjectName { Wire.ObjectName(type: type, id: name) }
}

extension Invocation {
  fileprivate func tell(_ answer: Wire.ObjectResults) throws(Problem) {
    guard let result = answer.results.first else { throw Problem(.defect, "The server answered nothing.") }
    if result.outcome == .refused { throw Problem(Problem.Code(result.code ?? "refused", .conflict, "Refused"), result.detail ?? "The server refused it.") }
    let what = "\(result.type.onOneLine) \(result.id.onOneLine)"
    let sentence: String =
      switch result.outcome {
      case .registered: "Registered the \(what)."
      case .changed: "Changed the \(what)."
      case .same: "The \(what) stood there already, just so."
      case .deleted: "Deleted the \(what)."
      case .refused: ""
      }
    try printer.done(sentence, result)
  }
}

extension Wire.RegisteredObject: Listable {
  static let noun = (one: "object", many: "objects")
  var identity: String { "\(type) \(id)" }

  static let columns: [Column<Wire.RegisteredObject>] = [
    Column("Type") { .text($0.type) },
    Column("Id") { .name($0.id) },
    Column("Name") { .text($0.name) },
    Column("Attributes", .whenWide) { .text($0.attributes.compact) },
    Column("Since", .whenWide) { .time($0.createdAt) },
  ]
}

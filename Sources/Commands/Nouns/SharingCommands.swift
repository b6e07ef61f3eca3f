import ArgumentParser
import Client
import Contract
import Kernel

extension ObjectCommand {
  /// Which object: one that is registered, or one that its platform merely names.
  struct Named: ParsableArguments {
    @Argument(help: "Its type, in small letters.") var type: String
    @Argument(help: "What its platform calls it.") var id: String
    @Option(
      name: .customLong("in"),
      help: ArgumentHelp("What it stands in, where it isn't registered; the organization itself unless told.", valueName: "place")) var place: PlaceName?

    var wire: Wire.SharedName { Wire.SharedName(type: type, id: id, parent: place?.wire) }
  }

  struct Share: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "share", abstract: "Let somebody do some things with one object.",
      discussion: """
        What is given replaces what was. Nobody shares what they lack.
        Example: guildhall object share dataset mnist --in project/research/forecast --with bob --actions read,use
        """)
    @OptionGroup var named: Named
    @Option(name: .customLong("with"), help: ArgumentHelp("A handle or an address; a service account's or a team's slug.", valueName: "who")) var holder: String
    @Option(help: ArgumentHelp("What they may do, with commas between.", valueName: "actions")) var actions: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let actions = actions.split(separator: ",").map { String($0.filter { !$0.isWhitespace }) }.filter { !$0.isEmpty }
      guard !actions.isEmpty else { throw Problem.invalid("actions", "Name what they may do; to end a share there is: guildhall object unshare.") }
      let draft = Wire.ShareDraft(object: named.wire, holder: holder, actions: actions)
      let answer = try await invocation.client().call(API.Sharing.set, path: path, body: draft)
      guard let share = answer.share else { throw Problem(.defect, "The server answered nothing.") }
      try invocation.printer.done(
        "\(share.name.onOneLine) may \(share.actions.joined(separator: ", ")) the \(named.type.onOneLine) \(named.id.onOneLine).", share)
    }
  }

  struct Unshare: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "unshare", abstract: "End what somebody was given of one object by sharing.")
    @OptionGroup var named: Named
    @Option(name: .customLong("with"), help: ArgumentHelp("A handle or an address; a service account's or a team's slug.", valueName: "who")) var holder: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      _ = try await invocation.client().call(API.Sharing.set, path: path, body: Wire.ShareDraft(object: named.wire, holder: holder, actions: []))
      invocation.printer.say("Nothing of the \(named.type.onOneLine) \(named.id.onOneLine) is shared with \(holder.onOneLine) any more.")
    }
  }

  struct Shares: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "shares", abstract: "List with whom one object is shared.")
    @OptionGroup var named: Named
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let query = Wire.ShareQuery(type: named.type, id: named.id, parentType: named.place?.type, parent: named.place?.name)
      try await invocation.list(API.Sharing.list, path: path, query: query, list, whenEmpty: "It isn't shared with anybody.")
    }
  }

  struct Received: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "received", abstract: "List what was shared with you or with a team of yours.")
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(API.Sharing.received, path: path, query: Wire.Paging(), list, whenEmpty: "Nothing was shared with you there.")
    }
  }
}

extension ObjectCommand {
  struct Given: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "given", abstract: "List what you shared with others.")
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(API.Sharing.given, path: path, query: Wire.Paging(), list, whenEmpty: "You shared nothing there.")
    }
  }
}

extension Wire.ObjectShare: Listable {
  static let noun = (one: "share", many: "shares")
  var identity: String { id.description }

  static let columns: [Column<Wire.ObjectShare>] = [
    Column("Type") { .text($0.object.type) },
    Column("Id") { .name($0.object.id) },
    Column("Name") { .text($0.name) },
    Column("May") { .text($0.actions.joined(separator: ", ")) },
    Column("Shared by") { .text($0.sharedBy) },
    Column("Handle", .whenWide) { .text($0.handle) },
    Column("Since", .whenWide) { .time($0.since) },
  ]
}

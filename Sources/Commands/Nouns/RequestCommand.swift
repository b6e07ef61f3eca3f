import ArgumentParser
import Client
import Contract
import Kernel

struct RequestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "request", abstract: "Ask to join an organization, and answer who asks.",
    subcommands: [List.self, Create.self, Approve.self, Refuse.self, Mine.self, Withdraw.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List who asks to join, the newest first.", aliases: ["ls"])
    @Option(help: "Only those in this state.") var state: Wire.JoinRequestState?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(
        API.Requests.list, path: path, query: Wire.JoinRequestQuery(state: state), list,
        whenEmpty: state == nil ? "Nobody has asked to join \(path.organization). Whether people may: guildhall org update --accept-requests" : "No request matches.")
    }
  }

  struct Create: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Ask to join an organization that takes requests.")
    @Argument(help: "The organization's slug.") var name: String
    @Option(name: .shortAndLong, help: ArgumentHelp("A few words for who decides.", valueName: "text")) var message: String?
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let request = try await invocation.client().call(API.Requests.create, path: Wire.InOrganization(organization: name), body: Wire.JoinRequestDraft(message: message))
      try invocation.printer.made("You have asked to join \(name.onOneLine). See what comes of it with: guildhall request mine", request, named: request.id.description)
    }
  }

  struct Approve: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "approve", abstract: "Take a person in.")
    @Argument(help: "The person's handle or address, or the request's id.") var request: String
    @Option(name: .shortAndLong, help: ArgumentHelp("The role or roles they will have.", valueName: "role,…")) var role: RoleList = RoleList([.member])
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      let id = try await invocation.request(request, in: organization)
      let after = try await invocation.client().call(API.Requests.approve, path: Wire.InJoinRequest(organization: organization, request: id), body: Wire.Roles(roles: role.roles))
      try invocation.printer.done("\(after.name.onOneLine) belongs to \(organization) now, as \(role.inWords).", after)
    }
  }

  struct Refuse: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "refuse", abstract: "Refuse a request to join.")
    @Argument(help: "The person's handle or address, or the request's id.") var request: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      let id = try await invocation.request(request, in: organization)
      let after = try await invocation.client().call(API.Requests.refuse, path: Wire.InJoinRequest(organization: organization, request: id))
      try invocation.printer.done("Refused the request of \(after.name.onOneLine).", after)
    }
  }

  struct Mine: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "mine", abstract: "List your own requests.")
    @OptionGroup var list: ListOptions
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      try await invocation.list(
        API.Requests.own, path: Nothing(), query: Wire.Paging(), list, whenEmpty: "You haven't asked to join anywhere. Ask with: guildhall request create ORGANIZATION")
    }
  }

  struct Withdraw: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "withdraw", abstract: "Take back your own request.")
    @Argument(help: "The organization's slug, or the request's id.") var request: String
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let id = try await invocation.ownRequest(request)
      let after = try await invocation.client().call(API.Requests.withdraw, path: Wire.OwnJoinRequest(request: id))
      try invocation.printer.done("Your request is withdrawn.", after)
    }
  }
}

extension Invocation {
  /// The id of one's own open request that an id or an organization's slug means.
  fileprivate func ownRequest(_ name: String) async throws(Problem) -> String {
    if let id = ID<Wire.JoinRequest>(name) { return id.description }
    for try await page in try client().pages(API.Requests.own, query: Wire.Paging(limit: 200)) {
      if let found = page.items.first(where: { $0.state == .pending && $0.organization.slug == name.lowercased() }) { return found.id.description }
    }
    throw Problem(.missing, "You have no open request in \(name.prefix(80).onOneLine). guildhall request mine shows yours.")
  }

  /// The id of the open request that an id, a handle or an address means.
  fileprivate func request(_ name: String, in organization: String) async throws(Problem) -> String {
    if let id = ID<Wire.JoinRequest>(name) { return id.description }
    let wanted = PersonName(name)
    for try await page in try client().pages(API.Requests.list, path: Wire.InOrganization(organization: organization), query: Wire.JoinRequestQuery(state: .pending, limit: 200)) {
      if let found = page.items.first(where: { wanted.means(handle: $0.handle, email: $0.email) }) { return found.id.description }
    }
    throw Problem(.missing, "\(name.prefix(80).onOneLine) has no open request in \(organization). guildhall request list shows them.")
  }
}

extension Wire.JoinRequest: Listable {
  static let noun = (one: "request", many: "requests")
  var identity: String { id.description }

  static let columns: [Column<Wire.JoinRequest>] = [
    Column("Handle") { .name($0.handle) },
    Column("Name") { .text($0.name) },
    Column("E-mail") { .text($0.email) },
    Column("Message") { .text($0.message) },
    Column("State") { .state($0.state.rawValue, $0.state.tone) },
    Column("Asked") { .time($0.createdAt) },
    Column("Id") { .id($0.id.description) },
  ]
}

extension Wire.SentJoinRequest: Listable {
  static let noun = (one: "request", many: "requests")
  var identity: String { organization.slug }

  static let columns: [Column<Wire.SentJoinRequest>] = [
    Column("Slug") { .name($0.organization.slug) },
    Column("Organization") { .text($0.organization.name) },
    Column("Message") { .text($0.message) },
    Column("State") { .state($0.state.rawValue, $0.state.tone) },
    Column("Asked") { .time($0.createdAt) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}

extension Wire.JoinRequestState {
  fileprivate var tone: Cell.Tone { self == .pending ? .attention : self == .approved ? .good : .quiet }
}

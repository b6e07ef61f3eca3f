import ArgumentParser
import Client
import Contract
import Kernel

struct MemberCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "member", abstract: "See and change who belongs to an organization.",
    discussion: "Members are named by handle, e-mail address or id; me is yourself.",
    subcommands: [
      List.self, Show.self, Access.self, Add.self, SetRole.self, Expiry.self, Suspend.self, Resume.self, Remove.self, Former.self, Reinstate.self,
    ])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List members.", aliases: ["ls"])
    @Option(help: ArgumentHelp("Part of a name, a handle or an address.", valueName: "text")) var search: String?
    @Option(help: "Only who has this role.") var role: Wire.OrganizationRole?
    @Option(help: "Only who is in this state.") var state: Wire.MemberState?
    @Option(help: "By name, or by how long they have belonged.") var order: Wire.MemberOrder?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(
        API.Members.list, path: path, query: Wire.MemberQuery(search: search, role: role, state: state, order: order), list,
        whenEmpty: "No member of \(path.organization) matches.")
    }
  }

  struct Show: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one member.")
    @Argument(help: "Handle, e-mail address or id.") var member: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      try invocation.printer.show(try await invocation.member(member, in: invocation.organization(organization)))
    }
  }

  struct Access: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "access", abstract: "List what a member holds beside the roles of the membership, and through which team.",
      discussion: "Example: guildhall member access ada")
    @Argument(help: "Handle, e-mail address or id.") var member: String
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      let found = try await invocation.member(member, in: organization)
      try await invocation.list(
        API.Members.access, path: Wire.InMember(organization: organization, member: found.id.description), query: Wire.Paging(), list,
        whenEmpty: "\(found.name.onOneLine) holds nothing beside the roles of the membership.")
    }
  }

  struct Add: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Add a known account at once, without an invitation (operators).")
    @Argument(help: "The account's id.") var account: String
    @Option(name: .shortAndLong, help: ArgumentHelp("The role or roles.", valueName: "role,…")) var role: RoleList = RoleList([.member])
    @Option(help: ArgumentHelp("When the membership ends by itself: 30d, 2026-12-31.", valueName: "time")) var expires: PointInTime?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      guard let id = ID<Wire.Account>(account) else { throw Problem.invalid("account", "Give the account's id; guildhall account list --search NAME shows it.") }
      let organization = try await invocation.organization(organization)
      let draft = Wire.MemberDraft(account: id, roles: role.roles, expiresAt: expires?.ahead(of: invocation.printer.now))
      let member = try await invocation.client().call(API.Members.add, path: Wire.InOrganization(organization: organization), body: draft)
      try invocation.printer.made("\(member.name.onOneLine) belongs to \(organization) now, as \(role.inWords).", member, named: member.handle)
    }
  }

  struct SetRole: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "set-role", abstract: "Give members exactly these roles.", usage: "guildhall member set-role <member> ... <role,…> [--org <slug>] [<options>]",
      discussion: "Example: guildhall member set-role ada@example.org manager,billing")
    @Argument(help: ArgumentHelp("Handles, e-mail addresses or ids, then the role or roles with commas.", valueName: "member… role")) var words: [String]
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      guard words.count > 1 else { throw ValidationError("Say who, and which role: guildhall member set-role ada@example.org viewer") }
      guard roles != nil else {
        throw ValidationError("\"\(words[words.count - 1].prefix(60))\" is no role. The roles are: \(RoleList.allValueStrings.joined(separator: ", ")).")
      }
    }

    private var roles: RoleList? { words.last.flatMap { RoleList(argument: $0) } }

    func perform(_ invocation: Invocation) async throws(Problem) {
      guard let roles else { return }
      let organization = try await invocation.organization(organization)
      var members: [Wire.Member] = []
      for name in words.dropLast() { members.append(try await invocation.member(name, in: organization)) }
      if members.count == 1 { return try await setOne(members[0], roles, organization, invocation) }
      let body = Wire.ManyRoles(members: members.map(\.id), roles: roles.roles)
      let answer = try await invocation.client().call(API.Members.setManyRoles, path: Wire.InOrganization(organization: organization), body: body)
      let rows = zip(members, answer.results).map { RoleResult(handle: $0.handle, name: $0.name, roles: ($1.member ?? $0).roles, problem: $1.problem?.detail) }
      try invocation.printer.list(rows, whenEmpty: "")
      let refused = rows.count { $0.problem != nil }
      if refused > 0 { throw Problem(.partlyRefused, "\(refused) of \(rows.count.of("member", "members")) kept their roles; the list says why.") }
    }

    private func setOne(_ member: Wire.Member, _ roles: RoleList, _ organization: String, _ invocation: Invocation) async throws(Problem) {
      let path = Wire.InMember(organization: organization, member: member.id.description)
      let after = try await invocation.client().call(API.Members.setRoles, path: path, body: Wire.Roles(roles: roles.roles), revision: member.revision)
      try invocation.printer.done("\(after.name.onOneLine) is \(RoleList(after.roles).inWords) in \(organization) now.", after)
    }
  }

  struct Expiry: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "expiry", abstract: "Set when a membership ends by itself, or let it last.", discussion: "Examples: guildhall member expiry ada 30d, guildhall member expiry ada never")
    @Argument(help: "Handle, e-mail address or id.") var member: String
    @Argument(help: ArgumentHelp("30d, 12w, 2026-12-31, or never.", valueName: "time")) var time: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      guard time == "never" || PointInTime(argument: time) != nil else { throw ValidationError("\"\(time.prefix(40))\" is no time. Say 30d, 12w, 2026-12-31, or never.") }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      let before = try await invocation.member(member, in: organization)
      let path = Wire.InMember(organization: organization, member: before.id.description)
      guard let end = PointInTime(argument: time)?.ahead(of: invocation.printer.now) else {
        let after = try await invocation.client().call(API.Members.clearExpiry, path: path, revision: before.revision)
        return try invocation.printer.done("The membership of \(after.name.onOneLine) lasts now.", after)
      }
      let after = try await invocation.client().call(API.Members.setExpiry, path: path, body: Wire.Expiry(expiresAt: end), revision: before.revision)
      try invocation.printer.done("The membership of \(after.name.onOneLine) ends on \(end.dayInWords).", after)
    }
  }

  struct Suspend: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "suspend", abstract: "Keep a member out until resumed; nothing they hold is lost.")
    @Argument(help: "Handle, e-mail address or id.") var member: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      let member = try await invocation.member(member, in: organization)
      let after = try await invocation.client().call(API.Members.suspend, path: Wire.InMember(organization: organization, member: member.id.description))
      try invocation.printer.done("\(after.name.onOneLine) is kept out of \(organization). Let them in again with: guildhall member resume \(after.handle)", after)
    }
  }

  struct Resume: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Let a suspended member in again.")
    @Argument(help: "Handle, e-mail address or id.") var member: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      let member = try await invocation.member(member, in: organization)
      let after = try await invocation.client().call(API.Members.resume, path: Wire.InMember(organization: organization, member: member.id.description))
      try invocation.printer.done("\(after.name.onOneLine) is in \(organization) again.", after)
    }
  }

  struct Remove: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "remove", abstract: "Remove a member with all that hangs on the membership, at once.",
      discussion: "For as long as the organization says, guildhall member reinstate brings them back with the roles they had.",
      aliases: ["rm"])
    @Argument(help: "Handle, e-mail address or id.") var member: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      let member = try await invocation.member(member, in: organization)
      try invocation.confirm("Remove \(member.name.onOneLine) (\(member.handle)) from \(organization)?", confirmation)
      _ = try await invocation.client().call(API.Members.remove, path: Wire.InMember(organization: organization, member: member.id.description))
      invocation.printer.say("\(member.name.onOneLine) is out of \(organization). Bring them back with: guildhall member reinstate \(member.handle)")
    }
  }

  struct Former: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "former", abstract: "List who was a member, for as long as they can be reinstated.")
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(API.Members.listFormer, path: path, query: Wire.Paging(), list,
        whenEmpty: "Nobody who left \(path.organization) can be reinstated.")
    }
  }

  struct Reinstate: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "reinstate", abstract: "Make a former member a member again, with the roles they had.")
    @Argument(help: "Handle, e-mail address or id.") var member: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      let former = try await find(organization, invocation)
      let after = try await invocation.client().call(API.Members.reinstate, path: Wire.InFormerMember(organization: organization, formerMember: former))
      try invocation.printer.done("\(after.name.onOneLine) belongs to \(organization) again, as \(RoleList(after.roles).inWords).", after)
    }

    private func find(_ organization: String, _ invocation: Invocation) async throws(Problem) -> String {
      if let id = ID<Wire.FormerMember>(member) { return id.description }
      let name = PersonName(member)
      for try await page in try invocation.client().pages(API.Members.listFormer, path: Wire.InOrganization(organization: organization), query: Wire.Paging(limit: 200)) {
        if let found = page.items.first(where: { name.means(handle: $0.handle, email: $0.email) || name.means(id: $0.account.description) }) { return found.id.description }
      }
      throw Problem(.missing, "No former member of \(organization) has the handle or address \(member.prefix(80).onOneLine). guildhall member former shows all.")
    }
  }
}

/// How a person is named on the command line.
struct PersonName {
  private let text: String

  init(_ text: String) { self.text = text.lowercased().drop { $0 == "@" }.description }

  func means(handle: String, email: String?) -> Bool { handle.lowercased() == text || email?.lowercased() == text }
  func means(id: String) -> Bool { id == text }
}

extension Invocation {
  /// The member whom a handle, an address, an id or `me` means.
  func member(_ name: String, in organization: String) async throws(Problem) -> Wire.Member {
    let client = try client()
    if let id = ID<Wire.Member>(name) { return try await client.call(API.Members.read, path: Wire.InMember(organization: organization, member: id.description)) }
    var search = name.drop { $0 == "@" }.description
    if search == "me" { search = try await client.call(API.Accounts.read).handle }
    guard !search.isEmpty, search.utf8.count <= 254 else { throw Problem(.missing, "Give a member's handle, e-mail address or id; guildhall member list shows them.") }
    let wanted = PersonName(search)
    for try await page in client.pages(API.Members.list, path: Wire.InOrganization(organization: organization), query: Wire.MemberQuery(search: search, limit: 200)) {
      if let found = page.items.first(where: { wanted.means(handle: $0.handle, email: $0.email) }) { return found }
    }
    throw Problem(.missing, "Nobody in \(organization) has the handle or address \(search.prefix(80).onOneLine). Look for them with: guildhall member list --search NAME")
  }
}

extension Wire.Member: Listable {
  static let noun = (one: "member", many: "members")
  var identity: String { handle }

  static let columns: [Column<Wire.Member>] = [
    Column("Handle") { .name($0.handle) },
    Column("Name") { .text($0.name) },
    Column("E-mail") { .text($0.email) },
    Column("Roles") { .words($0.roles.map(\.rawValue)) },
    Column("State") { .state($0.state.rawValue, $0.state.tone) },
    Column("Since") { .time($0.since) },
    Column("Expires", .whenWide) { .time($0.expiresAt) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]

  static let details: [Column<Wire.Member>] = [
    Column("Name") { .text($0.name) },
    Column("Handle") { .name($0.handle) },
    Column("E-mail") { .text($0.email) },
    Column("Roles") { .words($0.roles.map(\.rawValue)) },
    Column("State") { .state($0.state.rawValue, $0.state.tone) },
    Column("Joined by") { .text($0.source.rawValue) },
    Column("Since") { .time($0.since) },
    Column("Expires") { .time($0.expiresAt) },
    Column("Suspended") { .time($0.suspendedAt) },
    Column("Id") { .id($0.id.description) },
    Column("Account") { .id($0.account.description) },
  ]
}

extension Wire.MemberState {
  fileprivate var tone: Cell.Tone {
    switch self {
    case .active: .good
    case .suspended: .attention
    case .expired, .deactivated: .bad
    }
  }
}

extension Wire.FormerMember: Listable {
  static let noun = (one: "former member", many: "former members")
  var identity: String { handle }

  static let columns: [Column<Wire.FormerMember>] = [
    Column("Handle") { .name($0.handle) },
    Column("Name") { .text($0.name) },
    Column("E-mail") { .text($0.email) },
    Column("Roles") { .words($0.roles.map(\.rawValue)) },
    Column("Why") { .text($0.reason.rawValue) },
    Column("Left") { .time($0.leftAt) },
    Column("Forgotten") { .time($0.forgottenAt) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}

/// What came of one member when many were given roles.
private struct RoleResult: Listable {
  var handle: String
  var name: String
  var roles: [Wire.OrganizationRole]
  var problem: String?

  static let noun = (one: "member", many: "members")
  var identity: String { handle }

  static let columns: [Column<RoleResult>] = [
    Column("Handle") { .name($0.handle) },
    Column("Name") { .text($0.name) },
    Column("Roles") { .words($0.roles.map(\.rawValue)) },
    Column("Result") { $0.problem == nil ? .state("changed", .good) : .state("refused", .bad) },
    Column("Why") { .text($0.problem) },
  ]
}

extension Wire.MemberAccess: Listable {
  static let noun = (one: "role", many: "roles")
  var identity: String { "\(role) \(path ?? "")" }

  static let columns: [Column<Wire.MemberAccess>] = [
    Column("Role") { .name($0.role) },
    Column("Level") { .text($0.level) },
    Column("On") { .text($0.path) },
    Column("Through team") { .text($0.team) },
    Column("Ends") { .time($0.expiresAt) },
    Column("Since", .whenWide) { .time($0.since) },
  ]
}

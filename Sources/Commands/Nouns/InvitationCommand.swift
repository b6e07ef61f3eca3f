import ArgumentParser
import Client
import Contract
import Kernel

struct InvitationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invitation", abstract: "Invite people, and answer invitations of your own.",
    subcommands: [List.self, Send.self, Show.self, Resend.self, Link.self, SetRole.self, Cancel.self, Inbox.self, Accept.self, Decline.self],
    aliases: ["invite"])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List invitations, the newest first.", aliases: ["ls"])
    @Option(help: "Only those in this state.") var state: Wire.InvitationState?
    @Option(help: ArgumentHelp("Part of an address.", valueName: "text")) var search: String?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(
        API.Invitations.list, path: path, query: Wire.InvitationQuery(state: state, search: search), list,
        whenEmpty: state == nil && search == nil ? "Nobody was invited to \(path.organization) yet. Invite with: guildhall invitation send ada@example.org" : "No invitation matches.")
    }
  }

  struct Send: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "send", abstract: "Invite people by address.",
      discussion: """
        Give addresses, or - to read them from the standard input, separated by spaces, commas or line ends. Inviting an address again renews its invitation. \
        Where no mail server is set up, you get the links to hand over.

        Example: guildhall invitation send ada@example.org bo@example.org --role contributor --expires 30d
        """)
    @Argument(help: "E-mail addresses, or - for the standard input.") var addresses: [String] = []
    @Option(name: .shortAndLong, help: ArgumentHelp("The role or roles they will have; what the organization's settings say when absent.",
      valueName: "role,…")) var role: RoleList?
    @Option(name: .shortAndLong, help: ArgumentHelp("A few words that stand in the mail.", valueName: "text")) var message: String?
    @Option(help: ArgumentHelp("How long it can be answered: 14d, 4w.", valueName: "term")) var expires: Term?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    /// As many as the server takes at once.
    private static let batch = 500

    func perform(_ invocation: Invocation) async throws(Problem) {
      let addresses = try all(invocation)
      let organization = try await invocation.organization(organization)
      if addresses.count == 1 { return try await sendOne(addresses[0], organization, invocation) }
      let client = try invocation.client()
      var rows: [InvitationRow] = []
      for start in stride(from: 0, to: addresses.count, by: Self.batch) {
        let part = Array(addresses[start..<min(start + Self.batch, addresses.count)])
        let body = Wire.ManyInvitations(emails: part, roles: role?.roles, message: message, expiresInDays: expires?.days)
        let answer = try await client.call(API.Invitations.createMany, path: Wire.InOrganization(organization: organization), body: body)
        rows += answer.results.map(InvitationRow.init)
        invocation.progress.note("\(rows.count.grouped) of \(addresses.count.of("address", "addresses"))")
      }
      try invocation.printer.list(rows, whenEmpty: "")
      let refused = rows.count { $0.problem != nil }
      invocation.printer.say("Invited \((rows.count - refused).of("person", "people")) to \(organization)\(role.map { " as \($0.inWords)" } ?? "").")
      if refused > 0 { throw Problem(.partlyRefused, "\(refused.of("address was", "addresses were")) refused; the list says why.") }
    }

    private func sendOne(_ address: String, _ organization: String, _ invocation: Invocation) async throws(Problem) {
      let draft = Wire.InvitationDraft(email: address, roles: role?.roles, message: message, expiresInDays: expires?.days)
      let sent = try await invocation.client().call(API.Invitations.create, path: Wire.InOrganization(organization: organization), body: draft)
      try invocation.report(sent, "Invited \(sent.invitation.email) to \(organization) as \(RoleList(sent.invitation.roles).inWords)")
    }

    private func all(_ invocation: Invocation) throws(Problem) -> [String] {
      var words = addresses.filter { $0 != "-" }.flatMap(AddressList.split)
      if addresses.contains("-") || addresses.isEmpty && !invocation.terminal.hasKeyboard {
        words += AddressList.split(String(decoding: try invocation.terminal.readAll(limit: 8 << 20), as: UTF8.self))
      }
      var seen: Set<String> = []
      let unique = words.filter { seen.insert($0.lowercased()).inserted }
      // Nobody is invited on a guess: what isn't even meant as an address may be a role, or half of one that was mistyped.
      let others = unique.filter { !$0.contains("@") }
      guard others.isEmpty else {
        let first = others.prefix(5).map { "\"\($0.prefix(60).onOneLine)\"" }.joined(separator: ", ")
        let named = others.count > 5 ? "\(first) and \(others.count - 5) more" : first
        throw Problem.invalid("addresses", "No address: \(named). Nobody was invited; mend or leave out what is no address, and give roles with --role.")
      }
      guard !unique.isEmpty else { throw Problem.invalid("addresses", addresses.contains("-") || !invocation.terminal.hasKeyboard ? "The standard input holds no address." : "Say whom: guildhall invitation send ada@example.org") }
      return unique
    }
  }

  struct Show: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one invitation.")
    @Argument(help: "Its id, or the address it went to.") var invitation: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      try invocation.printer.show(try await invocation.invitation(invitation, in: invocation.organization(organization)))
    }
  }

  struct Resend: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "resend", abstract: "Mail an invitation again, with a new link and a new term; the old link is dead.")
    @Argument(help: "Its id, or the address it went to.") var invitation: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      let found = try await invocation.invitation(invitation, in: organization)
      let path = Wire.InInvitation(organization: organization, invitation: found.id.description)
      let sent = try await invocation.client().call(API.Invitations.renew, path: path, body: Wire.Renewal(mail: true))
      try invocation.report(sent, "Renewed the invitation of \(sent.invitation.email) to \(organization)")
    }
  }

  struct Link: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "link", abstract: "Make a new link for an invitation, to hand over yourself; the old link is dead.", discussion: "No mail goes out. The link stands alone on the standard output.")
    @Argument(help: "Its id, or the address it went to.") var invitation: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      let found = try await invocation.invitation(invitation, in: organization)
      let path = Wire.InInvitation(organization: organization, invitation: found.id.description)
      let sent = try await invocation.client().call(API.Invitations.renew, path: path, body: Wire.Renewal(mail: false))
      if case .json = invocation.printer.form { return try invocation.printer.done("", sent) }
      invocation.printer.say("Only \(sent.invitation.email) can use this link, until \(sent.invitation.expiresAt.dayInWords):")
      try invocation.terminal.write(sent.link.onOneLine + "\n")
    }
  }

  struct SetRole: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "set-role", abstract: "Change which roles the invited person will have.")
    @Argument(help: "Its id, or the address it went to.") var invitation: String
    @Argument(help: ArgumentHelp("The role or roles, with commas.", valueName: "role,…")) var role: RoleList
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      let found = try await invocation.invitation(invitation, in: organization)
      let path = Wire.InInvitation(organization: organization, invitation: found.id.description)
      let after = try await invocation.client().call(API.Invitations.setRoles, path: path, body: Wire.Roles(roles: role.roles), revision: found.revision)
      try invocation.printer.done("\(after.email) is invited as \(RoleList(after.roles).inWords) now.", after)
    }
  }

  struct Cancel: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "cancel", abstract: "Withdraw an invitation; its link is dead.")
    @Argument(help: "Its id, or the address it went to.") var invitation: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      let found = try await invocation.invitation(invitation, in: organization)
      let after = try await invocation.client().call(API.Invitations.cancel, path: Wire.InInvitation(organization: organization, invitation: found.id.description))
      try invocation.printer.done("The invitation of \(after.email) is withdrawn.", after)
    }
  }

  struct Inbox: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "inbox", abstract: "List the open invitations to your own addresses.")
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let inbox = try await invocation.client().call(API.Invitations.inbox)
      try invocation.printer.list(inbox.items, whenEmpty: "No open invitations. They go to your verified addresses; guildhall account email list shows those.")
      if !inbox.items.isEmpty, case .screen = invocation.printer.form { invocation.printer.say(invocation.printer.style.quiet("Answer with: guildhall invitation accept ORGANIZATION")) }
    }
  }

  struct Accept: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "accept", abstract: "Accept an invitation.")
    @Argument(help: "The organization, the invitation's id, or the link you got.") var invitation: String
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let client = try invocation.client()
      let acceptance: Wire.Acceptance
      if let token = SecretInLink.find("gld_inv_", in: invitation) {
        acceptance = try await client.call(API.Invitations.acceptLink, body: Wire.LinkAnswer(token: token))
      } else {
        let received = try await invocation.received(invitation)
        acceptance = try await client.call(API.Invitations.accept, path: Wire.OwnInvitation(invitation: received.description))
      }
      let organization = try? await client.call(API.Organizations.read, path: Wire.InOrganization(organization: acceptance.organization.description))
      let switching = organization.map { " Work in it with: guildhall config switch-org \($0.slug)" } ?? ""
      try invocation.printer.done("You belong to \(organization?.name.onOneLine ?? acceptance.organization.description) now, as \(RoleList(acceptance.member.roles).inWords).\(switching)", acceptance)
    }
  }

  struct Decline: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "decline", abstract: "Decline an invitation.")
    @Argument(help: "The organization, the invitation's id, or the link you got.") var invitation: String
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let client = try invocation.client()
      if let token = SecretInLink.find("gld_inv_", in: invitation) {
        _ = try await client.call(API.Invitations.declineLink, body: Wire.LinkAnswer(token: token))
      } else {
        let received = try await invocation.received(invitation)
        _ = try await client.call(API.Invitations.decline, path: Wire.OwnInvitation(invitation: received.description))
      }
      invocation.printer.say("Declined. Who invited you can see that.")
    }
  }
}

/// Addresses as people paste them.
enum AddressList {
  /// Separated by white space, commas or semicolons; `Ada <ada@example.org>` gives the address alone, without the name before it.
  static func split(_ text: String) -> [String] {
    text.split { $0 == "," || $0 == ";" || $0.isNewline }.flatMap { field in
      if let start = field.lastIndex(of: "<"), let end = field[start...].firstIndex(of: ">") {
        let name = field[..<start].split(whereSeparator: \.isWhitespace).filter { $0.contains("@") }
        return name.map(String.init) + [field[field.index(after: start)..<end]].map(String.init)
      }
      return field.split(whereSeparator: \.isWhitespace).map(String.init)
    }
  }
}

extension Invocation {
  /// The invitation that an id or an address means: of an address the open one, or else the newest.
  func invitation(_ name: String, in organization: String) async throws(Problem) -> Wire.Invitation {
    let client = try client()
    if let id = ID<Wire.Invitation>(name) { return try await client.call(API.Invitations.read, path: Wire.InInvitation(organization: organization, invitation: id.description)) }
    let address = name.lowercased()
    var newest: Wire.Invitation?
    for try await page in client.pages(API.Invitations.list, path: Wire.InOrganization(organization: organization), query: Wire.InvitationQuery(search: address, limit: 200)) {
      for item in page.items where item.email.lowercased() == address {
        if item.state == .pending { return item }
        newest = newest ?? item
      }
    }
    if let newest { return newest }
    throw Problem(.missing, "\(name.prefix(80).onOneLine) wasn't invited to \(organization). guildhall invitation list shows who was.")
  }

  /// The invitation in one's own inbox that an id, or the organization it is for, means.
  func received(_ name: String) async throws(Problem) -> ID<Wire.Invitation> {
    if let id = ID<Wire.Invitation>(name) { return id }
    let inbox = try await client().call(API.Invitations.inbox)
    let wanted = name.lowercased()
    let matching = inbox.items.filter { $0.organization.slug.lowercased() == wanted || $0.organization.name.lowercased() == wanted }
    switch matching.count {
    case 1: return matching[0].id
    case 0: throw Problem(.missing, "No open invitation to \(name.prefix(80).onOneLine). guildhall invitation inbox shows yours.")
    default: throw Problem.invalid("invitation", "Several open invitations are to \(name.prefix(80).onOneLine); give the id of one, as guildhall invitation inbox --json shows it.")
    }
  }

  fileprivate func report(_ sent: Wire.SentInvitation, _ what: String) throws(Problem) {
    if case .json = printer.form { return try printer.done("", sent) }
    if sent.mailed {
      try printer.made("\(what). A mail is on its way; the link holds until \(sent.invitation.expiresAt.dayInWords).", sent, named: sent.invitation.id.description)
    } else {
      printer.say("\(what). No mail goes out from this server: hand the link over yourself. It holds until \(sent.invitation.expiresAt.dayInWords) and isn't shown again.")
      try terminal.write(sent.link.onOneLine + "\n")
    }
  }
}

extension Wire.Invitation: Listable {
  static let noun = (one: "invitation", many: "invitations")
  var identity: String { email }

  static let columns: [Column<Wire.Invitation>] = [
    Column("E-mail") { .text($0.email) },
    Column("Roles") { .words($0.roles.map(\.rawValue)) },
    Column("State") { $0.mailTrouble == nil ? .state($0.state.rawValue, $0.state.tone) : .state("\($0.state.rawValue), not mailed", .bad) },
    Column("Sent") { .time($0.sentAt) },
    Column("Expires") { .time($0.expiresAt) },
    Column("Times sent", .whenWide) { .number($0.timesSent) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]

  static let details: [Column<Wire.Invitation>] = [
    Column("E-mail") { .text($0.email) },
    Column("Roles") { .words($0.roles.map(\.rawValue)) },
    Column("State") { .state($0.state.rawValue, $0.state.tone) },
    Column("Message") { .text($0.message) },
    Column("Created") { .time($0.createdAt) },
    Column("Sent") { .time($0.sentAt) },
    Column("Times sent") { .number($0.timesSent) },
    Column("Mail trouble") { .text($0.mailTrouble ?? "") },
    Column("Expires") { .time($0.expiresAt) },
    Column("Id") { .id($0.id.description) },
  ]
}

extension Wire.InvitationState {
  fileprivate var tone: Cell.Tone {
    switch self {
    case .pending: .attention
    case .accepted: .good
    case .declined, .cancelled, .expired: .quiet
    }
  }
}

extension Wire.ReceivedInvitation: Listable {
  static let noun = (one: "invitation", many: "invitations")
  var identity: String { organization.slug }

  static let columns: [Column<Wire.ReceivedInvitation>] = [
    Column("Organization") { .name($0.organization.slug) },
    Column("Name") { .text($0.organization.name) },
    Column("From") { .text($0.inviterName) },
    Column("Roles") { .words($0.roles.map(\.rawValue)) },
    Column("Message") { .text($0.message) },
    Column("Expires") { .time($0.expiresAt) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}

/// What came of one address when many were invited.
private struct InvitationRow: Listable {
  var email: String
  var state: String
  var problem: String?
  var link: String?

  init(_ result: Wire.InvitationResult) {
    email = result.email
    problem = result.problem?.detail
    state = result.problem != nil ? "refused" : result.sent?.mailed == true ? "mailed" : "invited"
    link = result.sent.flatMap { $0.mailed ? nil : $0.link }
  }

  static let noun = (one: "address", many: "addresses")
  var identity: String { email }

  static let columns: [Column<InvitationRow>] = [
    Column("E-mail") { .text($0.email) },
    Column("Result") { .state($0.state, $0.problem == nil ? .good : .bad) },
    Column("Why, or the link to hand over") { row in row.problem.map { .text($0) } ?? .id(row.link ?? "") },
  ]
}

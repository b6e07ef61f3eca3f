import ArgumentParser
import Client
import Contract
import Kernel

struct OrganizationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "org", abstract: "Found, look at and change organizations.",
    subcommands: [
      List.self, Show.self, Create.self, Update.self, SettingsCommand.self, Logo.self,
      Transfer.self, Leave.self, Suspend.self, Resume.self, Export.self, Import.self, Delete.self,
      Restore.self,
    ],
    aliases: ["organization"])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the organizations you belong to.", aliases: ["ls"])
    @Option(help: ArgumentHelp("Part of a name or slug.", valueName: "text")) var search: String?
    @Flag(help: "Those of everybody, for operators.") var everybody = false
    @OptionGroup var list: ListOptions
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      try await invocation.list(
        API.Organizations.list, path: Nothing(), query: Wire.OrganizationQuery(search: search, all: everybody ? true : nil), list,
        whenEmpty: search == nil ? "You belong to no organization yet. Found one with: guildhall org create NAME, or look for invitations: guildhall invitation inbox" : "No organization matches.")
    }
  }

  struct Show: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show an organization.")
    @Argument(help: "The organization, by slug or id; the chosen one when absent.") var name: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(name ?? organization.org))
      try invocation.printer.show(try await invocation.client().call(API.Organizations.read, path: path))
    }
  }

  struct Create: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Found an organization; you become its admin.", discussion: "Example: guildhall org create \"Ada's Lab\" --slug adas-lab")
    @Argument(help: "Its name, as people read it.") var name: String
    @Option(help: ArgumentHelp("Its name in addresses; made from the name when absent.", valueName: "slug")) var slug: String?
    @Option(help: ArgumentHelp("What it is for.", valueName: "text")) var description: String?
    @Option(help: ArgumentHelp("Where invoices go; your own address when absent.", valueName: "address")) var billingEmail: String?
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let draft = Wire.OrganizationDraft(name: name, slug: slug, description: description, billingEmail: billingEmail)
      let made = try await invocation.client().call(API.Organizations.create, body: draft)
      try invocation.printer.made("Founded \(made.name.onOneLine). Work in it with: guildhall config switch-org \(made.slug)", made, named: made.slug)
    }
  }

  struct Update: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "update", abstract: "Change name, slug, description, billing address, or whether people may ask to join.", discussion: "An old slug leads to the new one for ever.")
    @OptionGroup var organization: OrganizationOption
    @Option(help: ArgumentHelp("Its new name.", valueName: "name")) var name: String?
    @Option(help: ArgumentHelp("Its new name in addresses.", valueName: "slug")) var slug: String?
    @Option(help: ArgumentHelp("What it is for.", valueName: "text")) var description: String?
    @Option(help: ArgumentHelp("Where invoices go.", valueName: "address")) var billingEmail: String?
    @Flag(inversion: .prefixedNo, help: "Whether people may ask to join.") var acceptRequests: Bool?
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      guard name != nil || slug != nil || description != nil || billingEmail != nil || acceptRequests != nil else { throw ValidationError("Say what to change: --name, --slug, --description, --billing-email or --accept-requests.") }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let client = try invocation.client()
      let before = try await client.call(API.Organizations.read, path: path)
      let update = Wire.OrganizationUpdate(name: name, slug: slug, description: description, billingEmail: billingEmail, acceptsRequests: acceptRequests)
      let after = try await client.call(API.Organizations.update, path: path, body: update, revision: before.revision)
      if after.slug != before.slug { try follow(from: before.slug, to: after.slug, invocation) }
      try invocation.printer.done(after.slug == before.slug ? "Changed \(after.name.onOneLine)." : "Changed: \(before.slug) is \(after.slug) now; the old name leads on.", after)
    }

    /// The context goes along with the slug.
    private func follow(from old: String, to new: String, _ invocation: Invocation) throws(Problem) {
      guard let name = invocation.settings.contextName, invocation.settings.context?.organization == old else { return }
      try invocation.store.update { file throws(Problem) in file.contexts[name]?.organization = new }
    }
  }

  struct Transfer: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "transfer", abstract: "Hand an organization to another member, who becomes admin, and step down yourself.")
    @Argument(help: "Who takes over: handle, e-mail address or id.") var member: String
    @Option(help: "Which role you keep.") var keep: Wire.OrganizationRole = .member
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      let heir = try await invocation.member(member, in: organization)
      try invocation.confirm("Hand \(organization) to \(heir.name.onOneLine) (\(heir.handle)), and keep only the role \(keep.rawValue) yourself?", confirmation)
      let body = Wire.Transfer(member: heir.id, stepDownTo: keep)
      let after = try await invocation.withFreshSignIn { client async throws(Problem) in
        try await client.call(API.Organizations.transfer, path: Wire.InOrganization(organization: organization), body: body)
      }
      try invocation.printer.done("\(after.name.onOneLine) is in the hands of \(heir.name.onOneLine) now; you keep the role \(keep.rawValue).", after)
    }
  }

  struct Leave: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "leave", abstract: "Leave an organization.")
    @Argument(help: "The organization, by slug or id; the chosen one when absent.") var name: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(name ?? organization.org)
      try invocation.confirm("Leave \(organization)? Your roles there end at once.", confirmation)
      _ = try await invocation.client().call(API.Organizations.leave, path: Wire.InOrganization(organization: organization))
      try invocation.forget(organization)
      invocation.printer.say("You have left \(organization).")
    }
  }

  struct Suspend: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "suspend", abstract: "Suspend an organization: it can be read, but not changed.")
    @Option(help: ArgumentHelp("Why, as its members will read it.", valueName: "text")) var reason: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      try invocation.confirm("Suspend \(organization)? Nobody can change anything in it until it is resumed.", confirmation)
      let after = try await invocation.client().call(API.Organizations.suspend, path: Wire.InOrganization(organization: organization), body: Wire.Suspension(reason: reason))
      try invocation.printer.done("\(after.name.onOneLine) is suspended. Lift it with: guildhall org resume --org \(after.slug)", after)
    }
  }

  struct Resume: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Lift the suspension of an organization.")
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let after = try await invocation.client().call(API.Organizations.resume, path: path)
      try invocation.printer.done("\(after.name.onOneLine) is active again.", after)
    }
  }

  struct Delete: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "delete", abstract: "Delete an organization: hidden at once, restorable for a while.",
      discussion: "On a terminal you type its slug. In scripts: guildhall org delete acme --yes --confirm acme")
    @Argument(help: "The organization, by slug or id.") var name: String
    @Option(help: ArgumentHelp("Its slug once more.", valueName: "slug")) var confirm: String?
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.client().call(API.Organizations.read, path: Wire.InOrganization(organization: name))
      let typed = try typedSlug(of: organization, invocation)
      guard typed.lowercased() == organization.slug.lowercased() else { throw Problem(.cancelled, "\"\(typed.prefix(64))\" isn't \(organization.slug), so nothing was deleted.") }
      let path = Wire.InOrganization(organization: organization.id.description)
      let after = try await invocation.withFreshSignIn { client async throws(Problem) in
        try await client.call(API.Organizations.delete, path: path, query: Wire.SlugConfirmation(confirm: typed))
      }
      try invocation.forget(organization.slug)
      let term = after.purgeAt.map { " Until \($0.dayInWords) it can be brought back with: guildhall org restore \(after.id)" } ?? ""
      try invocation.printer.done("\(after.name.onOneLine) is deleted.\(term)", after)
    }

    private func typedSlug(of organization: Wire.Organization, _ invocation: Invocation) throws(Problem) -> String {
      if confirmation.yes {
        guard let confirm else { throw Problem(.noTerminal, "To delete without being asked, name the slug once more: --yes --confirm \(organization.slug)") }
        return confirm
      }
      if let confirm { return confirm }
      guard invocation.terminal.isInteractive else { throw Problem(.noTerminal, "This asks first, and there is nobody to ask. If you mean it, add: --yes --confirm \(organization.slug)") }
      invocation.terminal.tell("This deletes \(organization.name.onOneLine) with its \(organization.memberCount.of("member", "members")) and all that belongs to it.\n")
      return try invocation.ask("Type \(organization.slug) to delete it:") ?? ""
    }
  }

  struct Restore: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "restore", abstract: "Bring a deleted organization back.")
    @Argument(help: "The organization, by slug or id, or the link of the mail about its deletion.") var name: String
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      if let token = SecretInLink.find("gld_rsr_", in: name) {
        let restored = try await invocation.client().call(API.Organizations.restoreByLink, body: Wire.LinkAnswer(token: token))
        return try invocation.printer.done("\(restored.name.onOneLine) is back.", restored)
      }
      let restored = try await invocation.client().call(API.Organizations.restore, path: Wire.InOrganization(organization: name))
      try invocation.printer.done("\(restored.name.onOneLine) is back.", restored)
    }
  }
}

extension OrganizationCommand {
  struct Logo: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "logo", abstract: "Give an organization a logo, or take it away.", discussion: "PNG, JPEG or WebP of at most 256 kB and 2,048 pixels a side.")
    @Argument(help: ArgumentHelp("The picture.", valueName: "file")) var file: String?
    @Flag(help: "Take the logo away.") var remove = false
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      guard (file == nil) == remove else { throw ValidationError("Give either a file, or --remove.") }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let client = try invocation.client()
      guard let file else {
        return try invocation.printer.done("\(path.organization) has no logo any more.", try await client.call(API.Images.removeLogo, path: path))
      }
      guard let picture = try PlainFile.read(file) else { throw Problem(.unusableFile, "There is no file \(file).") }
      let after = try await client.call(API.Images.setLogo, path: path, body: Wire.ImageDraft(content: Base64URL.encode(picture.bytes)))
      try invocation.printer.done("\(after.name.onOneLine) has a new logo.", after)
    }
  }
}

extension Invocation {
  /// The context doesn't stay in an organization that isn't there any more.
  fileprivate func forget(_ organization: String) throws(Problem) {
    guard let name = settings.contextName, settings.context?.organization?.lowercased() == organization.lowercased() else { return }
    try store.update { file throws(Problem) in file.contexts[name]?.organization = nil }
    printer.say("Choose where to work now with: guildhall config switch-org NAME")
  }
}

extension Wire.Organization: Listable {
  static let noun = (one: "organization", many: "organizations")
  var identity: String { slug }

  static let columns: [Column<Wire.Organization>] = [
    Column("Slug") { .name($0.slug) },
    Column("Name") { .text($0.name) },
    Column("State") { .state($0.state.rawValue, $0.state.tone) },
    Column("Members") { .number($0.memberCount) },
    Column("Since") { .time($0.createdAt) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]

  static let details: [Column<Wire.Organization>] = [
    Column("Name") { .text($0.name) },
    Column("Slug") { .name($0.slug) },
    Column("Id") { .id($0.id.description) },
    Column("State") { .state($0.state.rawValue, $0.state.tone) },
    Column("Description") { .text($0.description) },
    Column("Members") { .number($0.memberCount) },
    Column("Billing e-mail") { .text($0.billingEmail) },
    Column("Takes requests") { .flag($0.acceptsRequests) },
    Column("Since") { .time($0.createdAt) },
    Column("Suspended") { .time($0.suspendedAt) },
    Column("Suspended because") { .text($0.suspensionReason) },
    Column("Deleted") { .time($0.deletedAt) },
    Column("Gone for good") { .time($0.purgeAt) },
  ]
}

extension Wire.OrganizationState {
  fileprivate var tone: Cell.Tone {
    switch self {
    case .active: .good
    case .suspended: .attention
    case .deleted: .bad
    }
  }
}

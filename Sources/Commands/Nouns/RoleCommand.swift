import ArgumentParser
import Client
import Contract
import Kernel

struct RoleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "role", abstract: "See what the roles of an organization allow, and make others.",
    discussion: "Roles of the organization's own are named by level and slug, such as project.auditor, or by id.",
    subcommands: [List.self, Show.self, Palette.self, Create.self, Set.self, Delete.self, Holders.self, FurtherRoleCommand.self, RoleRequestCommand.self], defaultSubcommand: List.self)

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the built-in roles on the organization, the most powerful first; with --own those that it made.", aliases: ["ls"])
    @Flag(help: "Those that the organization made, of every level.") var own = false
    @Option(help: ArgumentHelp("Only those that are given there: organization, workspace, project, cluster, app.", valueName: "level"))
    var level: Wire.RoleLevel?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      guard own || level != nil else { return try invocation.printer.list(try await invocation.roles(organization), whenEmpty: "There are no roles.") }
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(
        API.Roles.listCustom, path: path, query: Wire.CustomRoleQuery(level: level), list,
        whenEmpty: "\(path.organization) has made no such roles. Make one with: guildhall role create NAME --copy project.viewer")
    }
  }

  struct Show: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show everything that one role allows.")
    @Argument(help: "The role, such as manager, or project.auditor.") var role: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      if let found = try await invocation.roles(organization).first(where: { $0.name.rawValue == role }) { return try invocation.printer.show(found) }
      guard role.contains(".") || role.count == 36 else {
        throw Problem(.missing, "There is no built-in role \(role.prefix(40)). One of your own is named with its level, such as project.auditor.")
      }
      try invocation.printer.show(try await invocation.client().call(API.Roles.readCustom, path: try await invocation.role(role, organization)))
    }
  }

  struct Palette: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "palette", abstract: "Show the built-in roles of a level, and what they allow, to copy from.",
      discussion: "With --json it holds every right that a role of the level can be made of.")
    @Argument(help: "organization, workspace, project, cluster or app.") var level: Wire.RoleLevel
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InRoleLevel(organization: try await invocation.organization(organization), level: level.rawValue)
      try invocation.printer.list(try await invocation.client().call(API.Roles.palette, path: path).builtIn, whenEmpty: "There are no roles.")
    }
  }

  struct Create: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Make a role: a copy of another, or of rights that you name.",
      discussion: """
        Rights are permissions at the level of the organization, such as member.list, and type:action at others: dataset:read, object:create, *:read.

        Example: guildhall role create Auditor --copy project.viewer --add dataset:share --remove object:list
        """)
    @Argument(help: "What people call it.") var name: String
    @Option(name: .customLong("copy"), help: ArgumentHelp("The role to copy from, with its level.", valueName: "level.role")) var source: String?
    @Option(help: ArgumentHelp("Where it is given, without --copy.", valueName: "level")) var level: Wire.RoleLevel?
    @Option(help: ArgumentHelp("What scripts call it; made from the name unless told.", valueName: "slug")) var slug: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("Who is to have it.", valueName: "text")) var description: String?
    @OptionGroup var rights: RoleRightOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      let parts = source?.split(separator: ".", maxSplits: 1) ?? []
      if let source, parts.count != 2 || Wire.RoleLevel(rawValue: String(parts[0])) == nil {
        throw ValidationError("\"\(source.prefix(40))\" is no role with its level. Say project.viewer, or organization.member.")
      }
      if source == nil, level == nil || rights.allow.isEmpty {
        throw ValidationError("Say what to copy with --copy LEVEL.ROLE, or --level with --allow RIGHT,….")
      }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let name = try await invocation.organization(organization)
      let client = try invocation.client()
      let parts = (source ?? "").split(separator: ".", maxSplits: 1).map(String.init)
      guard let place = parts.first.flatMap(Wire.RoleLevel.init) ?? level else { throw Problem(.invalid, "There is no such level.") }
      var (allowed, own): ([String]?, [String]?)
      if rights.isGiven {
        var (present, presentOwn): ([String], [String]) = ([], [])
        if parts.count == 2 {
          let palette = try await client.call(API.Roles.palette, path: Wire.InRoleLevel(organization: name, level: place.rawValue))
          if let found = palette.builtIn.first(where: { $0.name == parts[1] }) {
            (present, presentOwn) = (found.rights, found.ownRights)
          } else {
            let found = try await client.call(API.Roles.readCustom, path: Wire.InCustomRole(organization: name, role: source ?? ""))
            (present, presentOwn) = (found.rights, found.ownRights)
          }
        }
        (allowed, own) = (rights.changed(present), rights.changedOwn(presentOwn))
      }
      let draft = Wire.CustomRoleDraft(
        level: place, name: self.name, slug: slug, description: description, copyFrom: parts.count == 2 ? parts[1] : nil, rights: allowed, ownRights: own)
      let made = try await client.call(API.Roles.createCustom, path: Wire.InOrganization(organization: name), body: draft)
      try invocation.printer.made("Made the role \(made.reference.onOneLine), given on \(made.level.rawValue).", made, named: made.reference)
    }
  }

  struct Set: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Change what a role is called or allows, at once for all who hold it.",
      discussion: "Example: guildhall role set project.auditor --add model:read --remove dataset:share")
    @Argument(help: "The role, such as project.auditor.") var role: String
    @Option(help: ArgumentHelp("What people call it.", valueName: "text")) var name: String?
    @Option(help: ArgumentHelp("What scripts call it from now on.", valueName: "slug")) var slug: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("Who is to have it.", valueName: "text")) var description: String?
    @OptionGroup var rights: RoleRightOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      if name == nil, slug == nil, description == nil, !rights.isGiven {
        throw ValidationError("Say what to change: --name, --slug, --description, --allow, --add or --remove.")
      }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.role(role, organization), try invocation.client())
      let before = try await client.call(API.Roles.readCustom, path: path)
      let update = Wire.CustomRoleUpdate(
        name: name, slug: slug, description: description, rights: rights.isGiven ? rights.changed(before.rights) : nil,
        ownRights: rights.isGiven ? rights.changedOwn(before.ownRights) : nil)
      let after = try await client.call(API.Roles.updateCustom, path: path, body: update, revision: before.revision)
      try invocation.printer.done("\(after.reference.onOneLine) is version \(after.revision) now, for \(after.holders.of("holder", "holders")).", after)
    }
  }

  struct Delete: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete a role that nobody holds, for good.", aliases: ["rm"])
    @Argument(help: "The role, such as project.auditor.") var role: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.role(role, organization), try invocation.client())
      let found = try await client.call(API.Roles.readCustom, path: path)
      try invocation.confirm("Delete the role \(found.reference.onOneLine) of \(path.organization)?", confirmation)
      _ = try await client.call(API.Roles.deleteCustom, path: path)
      invocation.printer.say("Deleted the role \(found.reference.onOneLine) of \(path.organization).")
    }
  }

  struct Holders: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "holders", abstract: "List who holds a role that the organization made, and on what.")
    @Argument(help: "The role, such as project.auditor.") var role: String
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.role(role, organization)
      try await invocation.list(API.Roles.holders, path: path, query: Wire.Paging(), list, whenEmpty: "Nobody holds \(role.onOneLine).")
    }
  }
}

/// What a role allows, as it is said on the command line.
struct RoleRightOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Exactly what it allows.", valueName: "right,…")) var allow: [String] = []
  @Option(help: ArgumentHelp("What it allows besides what it does.", valueName: "right,…")) var add: [String] = []
  @Option(help: ArgumentHelp("What it allows no more.", valueName: "right,…")) var remove: [String] = []
  @Option(name: .customLong("allow-own"), help: ArgumentHelp("Exactly what it allows on what its holder made.", valueName: "right,…")) var own: [String] = []

  var isGiven: Bool { !(allow.isEmpty && add.isEmpty && remove.isEmpty && own.isEmpty) }

  func changed(_ present: [String]) -> [String] {
    let gone = Set(Self.split(remove))
    return ((allow.isEmpty ? present : Self.split(allow)) + Self.split(add)).filter { !gone.contains($0) }
  }

  func changedOwn(_ present: [String]) -> [String] { own.isEmpty ? present : Self.split(own) }

  private static func split(_ texts: [String]) -> [String] { texts.flatMap { $0.split(separator: ",").map(String.init) } }
}

/// Roles on the organization beside those of the membership.
struct FurtherRoleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grant", abstract: "Roles on the organization beside those of the membership: of people, programs and teams.",
    subcommands: [List.self, Give.self, Set.self, Take.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List who holds further roles.", aliases: ["ls"])
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(
        API.OrganizationAccess.list, path: path, query: Wire.OrganizationGrantQuery(), list,
        whenEmpty: "Nobody in \(path.organization) holds a role beside those of the membership.")
    }
  }

  struct Give: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "give", abstract: "Give somebody a role on the organization, for good or for a time.",
      discussion: "Example: guildhall role grant give --team data --role viewer")
    @Argument(help: "A member, by handle, e-mail address or id.") var member: String?
    @Option(help: ArgumentHelp("A service account, by slug or id.", valueName: "slug")) var serviceAccount: String?
    @Option(help: ArgumentHelp("A team, by slug or id; everybody in it has the role.", valueName: "slug")) var team: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("The role: viewer, or one of the organization's own.", valueName: "role")) var role: String
    @Option(help: ArgumentHelp("When it ends by itself: 30d, 2026-12-31.", valueName: "time")) var expires: PointInTime?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      guard [member, serviceAccount, team].count(where: { $0 != nil }) == 1 else {
        throw ValidationError("Say who gets the role: a handle or an address, --service-account SLUG, or --team SLUG.")
      }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let kind: Wire.GrantHolderKind = serviceAccount != nil ? .serviceAccount : team != nil ? .team : .account
      let draft = Wire.GrantDraft(
        holder: member ?? serviceAccount ?? team ?? "", kind: kind, role: role, expiresAt: expires?.ahead(of: invocation.printer.now))
      let given = try await invocation.client().call(API.OrganizationAccess.give, path: path, body: draft)
      let end = given.expiresAt.map { ", until \($0.dayInWords)" } ?? ""
      try invocation.printer.done("\(given.name.onOneLine) has the role \(given.role) in \(path.organization)\(end).", given)
    }
  }

  struct Set: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "set", abstract: "Change a further role, or when it ends.")
    @Argument(help: "The id that guildhall role grant list shows.") var grant: String
    @Option(name: .shortAndLong, help: ArgumentHelp("The new role.", valueName: "role")) var role: String?
    @Option(help: ArgumentHelp("When it ends by itself: 30d, 2026-12-31, or never.", valueName: "time")) var expires: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      if role == nil, expires == nil { throw ValidationError("Say what to change: --role or --expires.") }
      if let expires, expires != "never", PointInTime(argument: expires) == nil {
        throw ValidationError("\"\(expires.prefix(40))\" is no time. Say 30d, 12w, 2026-12-31, or never.")
      }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganizationGrant(organization: try await invocation.organization(organization), grant: grant)
      let update = Wire.GrantUpdate(
        role: role, expiresAt: expires.flatMap { PointInTime(argument: $0) }?.ahead(of: invocation.printer.now), lasts: expires == "never" ? true : nil)
      let after = try await invocation.client().call(API.OrganizationAccess.update, path: path, body: update)
      try invocation.printer.done("\(after.name.onOneLine) has the role \(after.role) in \(path.organization).", after)
    }
  }

  struct Take: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "take", abstract: "Take a further role away, at once.", aliases: ["rm"])
    @Argument(help: "The id that guildhall role grant list shows.") var grant: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganizationGrant(organization: try await invocation.organization(organization), grant: grant)
      _ = try await invocation.client().call(API.OrganizationAccess.withdraw, path: path)
      invocation.printer.say("The role is taken away in \(path.organization).")
    }
  }
}

extension Wire.CustomRole: Listable {
  static let noun = (one: "role", many: "roles")
  var identity: String { reference }

  static let columns: [Column<Wire.CustomRole>] = [
    Column("Role") { .name($0.reference) },
    Column("Name") { .text($0.name) },
    Column("Held") { .number($0.holders) },
    Column("Copied from") { .text($0.copiedFrom) },
    Column("Version", .whenWide) { .number($0.revision) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]

  static let details: [Column<Wire.CustomRole>] = [
    Column("Name") { .text($0.name) },
    Column("Role") { .name($0.reference) },
    Column("Description") { .text($0.description) },
    Column("Copied from") { .text($0.copiedFrom) },
    Column("Allows") { .words($0.rights) },
    Column("On what its holder made") { .words($0.ownRights) },
    Column("Held") { .number($0.holders) },
    Column("Version") { .number($0.revision) },
    Column("Made") { .time($0.createdAt) },
    Column("Id") { .id($0.id.description) },
  ]
}

extension Wire.BuiltInRole: Listable {
  static let noun = (one: "role", many: "roles")
  var identity: String { name }

  static let columns: [Column<Wire.BuiltInRole>] = [
    Column("Role") { .name($0.name) },
    Column("What it is for") { .text($0.summary) },
    Column("Allows", .whenWide) { .words($0.rights) },
  ]

  static let details: [Column<Wire.BuiltInRole>] = columns
}

extension Wire.RoleHolder: Listable {
  static let noun = (one: "holder", many: "holders")
  var identity: String { id }

  static let columns: [Column<Wire.RoleHolder>] = [
    Column("Name") { .name($0.name) },
    Column("Kind") { .text($0.kind.rawValue) },
    Column("Handle") { .text($0.handle) },
    Column("On") { .text($0.on ?? "the organization") },
    Column("Ends") { .time($0.expiresAt) },
  ]

  static let details: [Column<Wire.RoleHolder>] = columns
}

extension Invocation {
  fileprivate func role(_ role: String, _ option: OrganizationOption) async throws(Problem) -> Wire.InCustomRole {
    Wire.InCustomRole(organization: try await organization(option), role: role)
  }

  fileprivate func roles(_ option: OrganizationOption) async throws(Problem) -> [Wire.RoleDescription] {
    let path = Wire.InOrganization(organization: try await organization(option))
    return try await client().call(API.Roles.list, path: path).roles
  }
}

extension Wire.RoleDescription: Listable {
  static let noun = (one: "role", many: "roles")
  var identity: String { name.rawValue }

  private var standing: [String] { (own ? ["yours"] : []) + (grantable ? ["yours to give"] : []) }

  static let columns: [Column<Wire.RoleDescription>] = [
    Column("Role") { .name($0.name.rawValue) },
    Column("Members") { $0.members.map { .number($0) } ?? .text("") },
    Column("You") { .words($0.standing) },
    Column("What it is for") { .text($0.summary) },
  ]

  static let details: [Column<Wire.RoleDescription>] = columns + [Column("Allows") { .words($0.permissions) }]
}

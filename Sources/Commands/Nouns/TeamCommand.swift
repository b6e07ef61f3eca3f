import ArgumentParser
import Client
import Contract
import Kernel

struct TeamCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "team", abstract: "Teams of an organization, and who is in them.", discussion: "Teams are named by slug or id.",
    subcommands: [List.self, Show.self, Create.self, Set.self, Delete.self, TeamMemberCommand.self, TeamMaintainerCommand.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the teams; guests see their own.", discussion: "Example: guildhall team list --search 'ml-*'", aliases: ["ls"])
    @Option(help: ArgumentHelp("Part of a slug or a name; with * and ? the whole of it.", valueName: "text")) var search: String?
    @Option(help: ArgumentHelp("Only the teams of this member, by handle, address or id.", valueName: "member")) var member: String?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      var who: Wire.Member?
      if let member { who = try await invocation.member(member, in: path.organization) }
      try await invocation.list(
        API.Teams.list, path: path, query: Wire.TeamQuery(search: search, member: who?.id.description), list,
        whenEmpty: search == nil && member == nil
          ? "\(path.organization) has no teams that you may see. Make one with: guildhall team create NAME" : "No team of \(path.organization) matches.")
    }
  }

  struct Show: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one team; guildhall team member list tells who is in it.")
    @Argument(help: "Slug or id.") var team: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.team(team, organization)
      try invocation.printer.show(try await invocation.client().call(API.Teams.read, path: path))
    }
  }

  struct Create: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Make a team, with nobody in it.", discussion: "Example: guildhall team create \"Machine learning\" --slug ml")
    @Argument(help: "What people call it.") var name: String
    @Option(help: ArgumentHelp("What scripts and addresses call it; made from the name unless told.", valueName: "slug")) var slug: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("What it is for.", valueName: "text")) var description: String?
    @Option(help: ArgumentHelp("What it has on apps that it is added to without a role: labeler-worker.", valueName: "role"))
    var defaultRole: Wire.TeamDefaultRole?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let draft = Wire.TeamDraft(name: name, slug: slug, description: description, defaultRole: defaultRole)
      let made = try await invocation.client().call(API.Teams.create, path: path, body: draft)
      let slug = made.slug.onOneLine
      try invocation.printer.made("Made the team \(slug). Add people with: guildhall team member add \(slug) HANDLE", made, named: made.slug)
    }
  }

  struct Set: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Change name, slug or description.", discussion: "Example: guildhall team set ml --slug machine-learning",
      aliases: ["rename"])
    @Argument(help: "Slug or id.") var team: String
    @Option(help: ArgumentHelp("What people call it.", valueName: "text")) var name: String?
    @Option(help: ArgumentHelp("What scripts and addresses call it from now on.", valueName: "slug")) var slug: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("What it is for.", valueName: "text")) var description: String?
    @Option(help: ArgumentHelp("What it has on apps that it is added to without a role: labeler-worker, or none.", valueName: "role"))
    var defaultRole: Wire.TeamDefaultRole?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      if name == nil, slug == nil, description == nil, defaultRole == nil {
        throw ValidationError("Say what to change: --name, --slug, --description or --default-role.")
      }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.team(team, organization), try invocation.client())
      let before = try await client.call(API.Teams.read, path: path)
      let update = Wire.TeamUpdate(name: name, slug: slug, description: description, defaultRole: defaultRole)
      let after = try await client.call(API.Teams.update, path: path, body: update, revision: before.revision)
      try invocation.printer.done("\(after.name.onOneLine) (\(after.slug.onOneLine)) is changed in \(path.organization).", after)
    }
  }

  struct Delete: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "delete", abstract: "Delete a team, at once and for good; its people stay in the organization.", aliases: ["rm"])
    @Argument(help: "Slug or id.") var team: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.team(team, organization), try invocation.client())
      let found = try await client.call(API.Teams.read, path: path)
      let people = found.members == 0 ? "" : ", with \(found.members.of("member", "members"))"
      try invocation.confirm("Delete the team \(found.name.onOneLine) (\(found.slug.onOneLine)) of \(path.organization)\(people)?", confirmation)
      _ = try await client.call(API.Teams.delete, path: path)
      invocation.printer.say("Deleted the team \(found.slug.onOneLine) of \(path.organization). Its people stay in the organization.")
    }
  }
}

extension Invocation {
  /// The place of the team with this slug or id, in the organization that the command works in.
  func team(_ team: String, _ option: OrganizationOption) async throws(Problem) -> Wire.InTeam {
    Wire.InTeam(organization: try await organization(option), team: team)
  }
}

extension Wire.Team: Listable {
  static let noun = (one: "team", many: "teams")
  var identity: String { slug }

  static let columns: [Column<Wire.Team>] = [
    Column("Slug") { .name($0.slug) },
    Column("Name") { .text($0.name) },
    Column("Members") { .number($0.members) },
    Column("Service accounts") { .number($0.serviceAccounts) },
    Column("Invited") { .text($0.invitations.map(String.init)) },
    Column("You") { .text($0.ownSeat?.rawValue) },
    Column("Created", .whenWide) { .time($0.createdAt) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]

  static let details: [Column<Wire.Team>] = [
    Column("Name") { .text($0.name) },
    Column("Slug") { .name($0.slug) },
    Column("Description") { .text($0.description) },
    Column("Role on apps") { .text($0.defaultRole) },
    Column("Members") { .number($0.members) },
    Column("Service accounts") { .number($0.serviceAccounts) },
    Column("Invited") { .text($0.invitations.map(String.init)) },
    Column("You") { .text($0.ownSeat?.rawValue) },
    Column("Created") { .time($0.createdAt) },
    Column("Id") { .id($0.id.description) },
  ]
}

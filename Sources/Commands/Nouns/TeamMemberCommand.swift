import ArgumentParser
import Client
import Contract
import Kernel

struct TeamMemberCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "member", abstract: "Who is in a team.",
    discussion: "Members are named by handle, e-mail address or id, invitations by address or id, service accounts by slug; me is yourself.",
    subcommands: [List.self, Add.self, Remove.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List who is in a team.", aliases: ["ls"])
    @Argument(help: "The team's slug or id.") var team: String
    @Option(help: ArgumentHelp("Part of a name, with * and ? the whole of it.", valueName: "text")) var search: String?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.team(team, organization)
      try await invocation.list(
        API.Teams.listMembers, path: path, query: Wire.TeamMemberQuery(search: search), list,
        whenEmpty: search == nil
          ? "Nobody is in \(team.onOneLine). Add people with: guildhall team member add \(team.onOneLine) HANDLE" : "Nobody in \(team.onOneLine) matches.")
    }
  }

  struct Add: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "add", abstract: "Add members, invited people and service accounts to a team.",
      discussion: """
        An address that was invited and hasn't answered keeps its place until it does.

        Example: guildhall team member add ml ada bo@example.org --service-account nightly-report
        """)
    @Argument(help: "The team's slug or id.") var team: String
    @Argument(help: "Handles, e-mail addresses or ids of members; addresses of open invitations.") var members: [String] = []
    @Option(help: ArgumentHelp("A service account, by slug or id; may be repeated.", valueName: "slug")) var serviceAccount: [String] = []
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      if members.isEmpty, serviceAccount.isEmpty { throw ValidationError("Say whom to add: handles, addresses, or --service-account SLUG.") }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.team(team, organization), try invocation.client())
      var named: [String] = []
      for member in members { named.append(member == "me" ? try await client.call(API.Accounts.read).handle : member) }
      let body = Wire.TeamMemberDrafts(members: named.isEmpty ? nil : named, serviceAccounts: serviceAccount.isEmpty ? nil : serviceAccount)
      let rows = try await client.call(API.Teams.addMembers, path: path, body: body).results.map(AddedRow.init)
      if rows.count == 1, let refused = rows[0].problem { throw Problem(.partlyRefused, "\(rows[0].given.onOneLine) wasn't added: \(refused)") }
      try invocation.printer.list(rows, whenEmpty: "")
      let refused = rows.count { $0.problem != nil }
      invocation.printer.say("Added \(rows.count - refused) to the team \(team.onOneLine) of \(path.organization).")
      if refused > 0 { throw Problem(.partlyRefused, "\(refused) of \(rows.count) were refused; the list says why.") }
    }
  }

  struct Remove: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "remove", abstract: "Take somebody from a team; they stay in the organization.", aliases: ["rm"])
    @Argument(help: "The team's slug or id.") var team: String
    @Argument(help: "Handle, e-mail address, slug of a service account, or id.") var member: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.teamMember(member, of: team, organization)
      _ = try await invocation.client().call(API.Teams.removeMember, path: path)
      invocation.printer.say("\(path.teamMember.onOneLine) isn't in \(team.onOneLine) any more, and stays in \(path.organization).")
    }
  }
}

struct TeamMaintainerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "maintainer", abstract: "Who looks after a team: its people, its name and its description.", subcommands: [Add.self, Remove.self])

  struct Add: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Let a member of the team look after it.")
    @Argument(help: "The team's slug or id.") var team: String
    @Argument(help: "Handle, e-mail address or id.") var member: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let after = try await invocation.client().call(API.Teams.addMaintainer, path: invocation.teamMember(member, of: team, organization))
      try invocation.printer.done("\(after.name.onOneLine) maintains \(team.onOneLine) now.", after)
    }
  }

  struct Remove: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Dismiss a maintainer, who stays in the team.", aliases: ["rm"])
    @Argument(help: "The team's slug or id.") var team: String
    @Argument(help: "Handle, e-mail address or id.") var member: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let after = try await invocation.client().call(API.Teams.removeMaintainer, path: invocation.teamMember(member, of: team, organization))
      try invocation.printer.done("\(after.name.onOneLine) maintains \(team.onOneLine) no longer.", after)
    }
  }
}

extension Invocation {
  /// The place of somebody in a team; `me` is the caller.
  fileprivate func teamMember(_ member: String, of team: String, _ option: OrganizationOption) async throws(Problem) -> Wire.InTeamMember {
    let place = try await self.team(team, option)
    let name = member == "me" ? try await client().call(API.Accounts.read).handle : member
    return Wire.InTeamMember(organization: place.organization, team: team, teamMember: name)
  }
}

extension Wire.TeamMember: Listable {
  static let noun = (one: "place", many: "places")
  var identity: String { handle ?? name }

  static let columns: [Column<Wire.TeamMember>] = [
    Column("Handle") { .name($0.handle ?? $0.name) },
    Column("Name") { .text($0.name) },
    Column("Kind") { .state($0.kind.words, $0.kind == .invitation ? .attention : .quiet) },
    Column("Maintainer") { .flag($0.maintainer) },
    Column("Since") { .time($0.since) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}

extension Wire.TeamMemberKind {
  fileprivate var words: String {
    switch self {
    case .account: "member"
    case .invitation: "invited"
    case .serviceAccount: "service account"
    }
  }
}

/// What came of adding one of many.
private struct AddedRow: Listable {
  var given: String
  var name: String?
  var problem: String?

  init(_ result: Wire.TeamMemberResult) { (given, name, problem) = (result.given, result.added?.name, result.problem?.detail) }

  static let noun = (one: "name", many: "names")
  var identity: String { given }

  static let columns: [Column<AddedRow>] = [
    Column("Given") { .name($0.given) },
    Column("Name") { .text($0.name) },
    Column("Result") { $0.problem == nil ? .state("added", .good) : .state("refused", .bad) },
    Column("Why") { .text($0.problem) },
  ]
}

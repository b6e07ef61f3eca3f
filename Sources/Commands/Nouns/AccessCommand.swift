import ArgumentParser
import Client
import Contract
import Kernel

/// Something that people have roles on: a workspace, a cluster, a project or an app.
protocol AccessPlace: ExpressibleByArgument, Sendable {
  /// `workspace`, and how one is typed.
  static var noun: String { get }
  static var typed: String { get }
  /// The roles that there are, the most powerful first.
  static var roles: [String] { get }
  /// Whether a role must be told.
  static var needsRole: Bool { get }
  var text: String { get }

  func list(_ query: Wire.ResourceQuery, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.List<Wire.Grant>
  func show(_ query: Wire.ResourceQuery, in organization: String, _ list: ListOptions, _ invocation: Invocation) async throws(Problem)
  func give(_ draft: Wire.GrantDraft, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.Grant
  func update(_ grant: Wire.Grant, _ update: Wire.GrantUpdate, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.Grant
  func withdraw(_ grant: Wire.Grant, in organization: String, _ client: GuildhallClient) async throws(Problem)
}

struct WorkspacePlace: AccessPlace {
  static let noun = "workspace"
  static let typed = "workspace"
  static let roles = ["admin", "developer", "contributor", "viewer", "stack-admin"]
  static let needsRole = true
  let text: String

  init?(argument: String) { text = argument }

  private func path(_ organization: String) -> Wire.InWorkspace { Wire.InWorkspace(organization: organization, workspace: text) }
  private func path(_ grant: Wire.Grant, _ organization: String) -> Wire.InWorkspaceGrant {
    Wire.InWorkspaceGrant(organization: organization, workspace: text, grant: grant.id.description)
  }

  func list(_ query: Wire.ResourceQuery, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.List<Wire.Grant> {
    try await client.call(API.Grants.listOfWorkspace, path: path(organization), query: query)
  }

  func show(_ query: Wire.ResourceQuery, in organization: String, _ list: ListOptions, _ invocation: Invocation) async throws(Problem) {
    try await invocation.list(
      API.Grants.listOfWorkspace, path: path(organization), query: query, list,
      whenEmpty: "Nobody was given access to \(text.onOneLine) but by their roles above it.")
  }

  func give(_ draft: Wire.GrantDraft, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.Grant {
    try await client.call(API.Grants.giveOnWorkspace, path: path(organization), body: draft)
  }

  func update(_ grant: Wire.Grant, _ update: Wire.GrantUpdate, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.Grant {
    try await client.call(API.Grants.updateOnWorkspace, path: path(grant, organization), body: update, revision: grant.revision)
  }

  func withdraw(_ grant: Wire.Grant, in organization: String, _ client: GuildhallClient) async throws(Problem) {
    _ = try await client.call(API.Grants.withdrawOnWorkspace, path: path(grant, organization), revision: grant.revision)
  }
}

struct ClusterPlace: AccessPlace {
  static let noun = "cluster"
  static let typed = "cluster"
  static let roles = ["admin", "manager", "user"]
  static let needsRole = false
  let text: String

  init?(argument: String) { text = argument }

  private func path(_ organization: String) -> Wire.InCluster { Wire.InCluster(organization: organization, cluster: text) }
  private func path(_ grant: Wire.Grant, _ organization: String) -> Wire.InClusterGrant {
    Wire.InClusterGrant(organization: organization, cluster: text, grant: grant.id.description)
  }

  func list(_ query: Wire.ResourceQuery, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.List<Wire.Grant> {
    try await client.call(API.Grants.listOfCluster, path: path(organization), query: query)
  }

  func show(_ query: Wire.ResourceQuery, in organization: String, _ list: ListOptions, _ invocation: Invocation) async throws(Problem) {
    try await invocation.list(
      API.Grants.listOfCluster, path: path(organization), query: query, list,
      whenEmpty: "Nobody was given access to \(text.onOneLine) but by their roles above it.")
  }

  func give(_ draft: Wire.GrantDraft, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.Grant {
    try await client.call(API.Grants.giveOnCluster, path: path(organization), body: draft)
  }

  func update(_ grant: Wire.Grant, _ update: Wire.GrantUpdate, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.Grant {
    try await client.call(API.Grants.updateOnCluster, path: path(grant, organization), body: update, revision: grant.revision)
  }

  func withdraw(_ grant: Wire.Grant, in organization: String, _ client: GuildhallClient) async throws(Problem) {
    _ = try await client.call(API.Grants.withdrawOnCluster, path: path(grant, organization), revision: grant.revision)
  }
}

struct AppPlace: AccessPlace {
  static let noun = "app"
  static let typed = "app"
  static let roles = ["full-access", "model-trainer", "labeler-lead", "labeler-worker"]
  static let needsRole = true
  let text: String

  init?(argument: String) { text = argument }

  private func path(_ organization: String) -> Wire.InApp { Wire.InApp(organization: organization, app: text) }
  private func path(_ grant: Wire.Grant, _ organization: String) -> Wire.InAppGrant {
    Wire.InAppGrant(organization: organization, app: text, grant: grant.id.description)
  }

  func list(_ query: Wire.ResourceQuery, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.List<Wire.Grant> {
    try await client.call(API.Grants.listOfApp, path: path(organization), query: query)
  }

  func show(_ query: Wire.ResourceQuery, in organization: String, _ list: ListOptions, _ invocation: Invocation) async throws(Problem) {
    try await invocation.list(
      API.Grants.listOfApp, path: path(organization), query: query, list,
      whenEmpty: "Nobody was given access to \(text.onOneLine) but by their roles above it.")
  }

  func give(_ draft: Wire.GrantDraft, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.Grant {
    try await client.call(API.Grants.giveOnApp, path: path(organization), body: draft)
  }

  func update(_ grant: Wire.Grant, _ update: Wire.GrantUpdate, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.Grant {
    try await client.call(API.Grants.updateOnApp, path: path(grant, organization), body: update, revision: grant.revision)
  }

  func withdraw(_ grant: Wire.Grant, in organization: String, _ client: GuildhallClient) async throws(Problem) {
    _ = try await client.call(API.Grants.withdrawOnApp, path: path(grant, organization), revision: grant.revision)
  }
}

struct ProjectPlace: AccessPlace {
  static let noun = "project"
  static let typed = "place/project"
  static let roles = ["admin", "manager", "developer", "contributor", "viewer"]
  static let needsRole = false
  let name: ProjectName
  var text: String { name.text }

  init?(argument: String) {
    guard let name = ProjectName(argument: argument) else { return nil }
    self.name = name
  }

  /// The same, where each place has calls of its own.
  private var place: any AccessPlace { name.place.isCluster ? ClusterProjectPlace(name) : WorkspaceProjectPlace(name) }

  func list(_ query: Wire.ResourceQuery, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.List<Wire.Grant> {
    try await place.list(query, in: organization, client)
  }

  func show(_ query: Wire.ResourceQuery, in organization: String, _ list: ListOptions, _ invocation: Invocation) async throws(Problem) {
    try await place.show(query, in: organization, list, invocation)
  }

  func give(_ draft: Wire.GrantDraft, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.Grant {
    try await place.give(draft, in: organization, client)
  }

  func update(_ grant: Wire.Grant, _ update: Wire.GrantUpdate, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.Grant {
    try await place.update(grant, update, in: organization, client)
  }

  func withdraw(_ grant: Wire.Grant, in organization: String, _ client: GuildhallClient) async throws(Problem) {
    try await place.withdraw(grant, in: organization, client)
  }
}

private struct WorkspaceProjectPlace: AccessPlace {
  static let noun = "project"
  static let typed = "place/project"
  static let roles = ["admin", "manager", "developer", "contributor", "viewer"]
  static let needsRole = false
  private let name: ProjectName
  var text: String { name.text }

  init(_ name: ProjectName) { self.name = name }
  init?(argument: String) {
    guard let name = ProjectName(argument: argument) else { return nil }
    self.name = name
  }

  private func path(_ organization: String) -> Wire.InProject { Wire.InProject(organization: organization, workspace: name.place.name, project: name.project) }
  private func path(_ grant: Wire.Grant, _ organization: String) -> Wire.InProjectGrant {
    Wire.InProjectGrant(organization: organization, workspace: name.place.name, project: name.project, grant: grant.id.description)
  }

  func list(_ query: Wire.ResourceQuery, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.List<Wire.Grant> {
    try await client.call(API.Grants.listOfProject, path: path(organization), query: query)
  }

  func show(_ query: Wire.ResourceQuery, in organization: String, _ list: ListOptions, _ invocation: Invocation) async throws(Problem) {
    try await invocation.list(
      API.Grants.listOfProject, path: path(organization), query: query, list,
      whenEmpty: "Nobody was given access to \(text.onOneLine) but by their roles above it.")
  }

  func give(_ draft: Wire.GrantDraft, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.Grant {
    try await client.call(API.Grants.giveOnProject, path: path(organization), body: draft)
  }

  func update(_ grant: Wire.Grant, _ update: Wire.GrantUpdate, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.Grant {
    try await client.call(API.Grants.updateOnProject, path: path(grant, organization), body: update, revision: grant.revision)
  }

  func withdraw(_ grant: Wire.Grant, in organization: String, _ client: GuildhallClient) async throws(Problem) {
    _ = try await client.call(API.Grants.withdrawOnProject, path: path(grant, organization), revision: grant.revision)
  }
}

private struct ClusterProjectPlace: AccessPlace {
  static let noun = "project"
  static let typed = "place/project"
  static let roles = ["admin", "manager", "developer", "contributor", "viewer"]
  static let needsRole = false
  private let name: ProjectName
  var text: String { name.text }

  init(_ name: ProjectName) { self.name = name }
  init?(argument: String) {
    guard let name = ProjectName(argument: argument) else { return nil }
    self.name = name
  }

  private func path(_ organization: String) -> Wire.InClusterProject {
    Wire.InClusterProject(organization: organization, cluster: name.place.name, project: name.project)
  }
  private func path(_ grant: Wire.Grant, _ organization: String) -> Wire.InClusterProjectGrant {
    Wire.InClusterProjectGrant(organization: organization, cluster: name.place.name, project: name.project, grant: grant.id.description)
  }

  func list(_ query: Wire.ResourceQuery, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.List<Wire.Grant> {
    try await client.call(API.Grants.listOfClusterProject, path: path(organization), query: query)
  }

  func show(_ query: Wire.ResourceQuery, in organization: String, _ list: ListOptions, _ invocation: Invocation) async throws(Problem) {
    try await invocation.list(
      API.Grants.listOfClusterProject, path: path(organization), query: query, list,
      whenEmpty: "Nobody was given access to \(text.onOneLine) but by their roles above it.")
  }

  func give(_ draft: Wire.GrantDraft, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.Grant {
    try await client.call(API.Grants.giveOnClusterProject, path: path(organization), body: draft)
  }

  func update(_ grant: Wire.Grant, _ update: Wire.GrantUpdate, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.Grant {
    try await client.call(API.Grants.updateOnClusterProject, path: path(grant, organization), body: update, revision: grant.revision)
  }

  func withdraw(_ grant: Wire.Grant, in organization: String, _ client: GuildhallClient) async throws(Problem) {
    _ = try await client.call(API.Grants.withdrawOnClusterProject, path: path(grant, organization), revision: grant.revision)
  }
}

extension AccessPlace {
  /// One as somebody types it.
  fileprivate static var example: String {
    if typed.contains("/") { return "research/forecast" }
    return ["cluster": "berlin", "app": "defect-finder"][noun] ?? "research"
  }
}

/// Who has access to a workspace, a cluster, a project or an app.
struct AccessCommand<Place: AccessPlace>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "member", abstract: "Who has access to a \(Place.noun), with which role and until when.",
      discussion: """
        Members are named by handle, e-mail address or id, invitations by address, service accounts and teams by slug; me is yourself.
        Roles: \(Place.roles.joined(separator: ", ")).
        """,
      subcommands: [List.self, Add.self, Set.self, Remove.self])
  }

  struct List: ClientCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(commandName: "list", abstract: "List who was given access.", aliases: ["ls"])
    }
    @Argument(help: ArgumentHelp("The \(Place.noun).", valueName: Place.typed)) var place: Place
    @Option(help: ArgumentHelp("Part of a name, with * and ? the whole of it.", valueName: "text")) var search: String?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      try await place.show(Wire.ResourceQuery(search: search), in: try await invocation.organization(organization), list, invocation)
    }
  }

  struct Add: ClientCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        commandName: "add", abstract: "Give somebody a role, for good or for a time.",
        discussion: """
          An address that was invited and hasn't answered keeps its access until it does.

          Example: guildhall \(Place.noun) member add \(Place.example) ada --role \(Place.roles[Place.roles.count - 1]) --expires 30d
          """)
    }
    @Argument(help: ArgumentHelp("The \(Place.noun).", valueName: Place.typed)) var place: Place
    @Argument(help: "A member, by handle, e-mail address or id; or the address of an open invitation.") var member: String?
    @Option(help: ArgumentHelp("A service account, by slug or id.", valueName: "slug")) var serviceAccount: String?
    @Option(help: ArgumentHelp("A team, by slug or id.", valueName: "slug")) var team: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("The role.", valueName: "role")) var role: String?
    @Option(help: ArgumentHelp("When it ends by itself: 30d, 2026-12-31.", valueName: "time")) var expires: PointInTime?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      guard [member, serviceAccount, team].count(where: { $0 != nil }) == 1 else {
        throw ValidationError("Say who gets access: a handle or an address, --service-account SLUG, or --team SLUG.")
      }
      if Place.needsRole, role == nil { throw ValidationError("Say the role with --role: \(Place.roles.joined(separator: ", ")).") }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (name, client) = (try await invocation.organization(organization), try invocation.client())
      var kind: Wire.GrantHolderKind? = serviceAccount != nil ? .serviceAccount : team != nil ? .team : nil
      var who = member ?? serviceAccount ?? team ?? ""
      if member == "me" { (who, kind) = (try await client.call(API.Accounts.read).handle, .account) }
      let draft = Wire.GrantDraft(holder: who, kind: kind, role: role, expiresAt: expires?.ahead(of: invocation.printer.now))
      let given = try await place.give(draft, in: name, client)
      let end = given.expiresAt.map { ", until \($0.dayInWords)" } ?? ""
      try invocation.printer.done("\(given.name.onOneLine) has access to \(place.text.onOneLine) as \(given.role)\(end).", given)
    }
  }

  struct Set: ClientCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(commandName: "set", abstract: "Change somebody's role, or when their access ends.")
    }
    @Argument(help: ArgumentHelp("The \(Place.noun).", valueName: Place.typed)) var place: Place
    @Argument(help: "Handle, e-mail address, slug, or the id of the access.") var member: String
    @Option(help: ArgumentHelp("Which of several roles of theirs.", valueName: "role")) var present: String?
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
      let (name, client) = (try await invocation.organization(organization), try invocation.client())
      let grant = try await invocation.grant(of: member, present, at: place, in: name)
      let update = Wire.GrantUpdate(
        role: role, expiresAt: expires.flatMap { PointInTime(argument: $0) }?.ahead(of: invocation.printer.now), lasts: expires == "never" ? true : nil)
      let after = try await place.update(grant, update, in: name, client)
      let end = after.expiresAt.map { ", until \($0.dayInWords)" } ?? ""
      try invocation.printer.done("\(after.name.onOneLine) has access to \(place.text.onOneLine) as \(after.role)\(end).", after)
    }
  }

  struct Remove: ClientCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(commandName: "remove", abstract: "End somebody's access, at once; or your own, with me.", aliases: ["rm"])
    }
    @Argument(help: ArgumentHelp("The \(Place.noun).", valueName: Place.typed)) var place: Place
    @Argument(help: "Handle, e-mail address, slug, or the id of the access.") var member: String
    @Option(help: ArgumentHelp("Which of several roles of theirs.", valueName: "role")) var present: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (name, client) = (try await invocation.organization(organization), try invocation.client())
      let grant = try await invocation.grant(of: member, present, at: place, in: name)
      try await place.withdraw(grant, in: name, client)
      invocation.printer.say("\(grant.name.onOneLine) has no access to \(place.text.onOneLine) as \(grant.role) any more.")
    }
  }
}

extension Invocation {
  /// The one access of who is named; of several the one with the role.
  fileprivate func grant(of who: String, _ role: String?, at place: some AccessPlace, in organization: String) async throws(Problem) -> Wire.Grant {
    let client = try client()
    let name = who == "me" ? try await client.call(API.Accounts.read).handle : who
    var found: [Wire.Grant] = []
    var cursor: String?
    repeat {
      let page = try await place.list(Wire.ResourceQuery(limit: 200, cursor: cursor), in: organization, client)
      found += page.items.filter { $0.isCalled(name) && (role == nil || $0.role == role) }
      cursor = page.nextCursor
    } while cursor != nil
    guard let first = found.first else { throw Problem(.missing, "\(name.onOneLine) wasn't given access to \(place.text.onOneLine).") }
    guard found.count == 1 else {
      throw .invalid("present", "\(name.onOneLine) has several roles there: \(found.map(\.role).joined(separator: ", ")). Say which with --present ROLE.")
    }
    return first
  }
}

extension Wire.Grant: Listable {
  static let noun = (one: "grant", many: "grants")
  var identity: String { handle ?? name }

  fileprivate func isCalled(_ who: String) -> Bool {
    if id.description == who { return true }
    let ids = [account?.description, member?.description, invitation?.description, serviceAccount?.description, team?.description]
    return handle?.lowercased() == who.lowercased() || kind == .invitation && name.lowercased() == who.lowercased() || ids.contains(who)
  }

  static let columns: [Column<Wire.Grant>] = [
    Column("Handle") { .name($0.handle ?? $0.name) },
    Column("Name") { .text($0.name) },
    Column("Kind") { .state($0.kind.words, $0.kind == .invitation ? .attention : .quiet) },
    Column("Role") { .text($0.role) },
    Column("Ends") { $0.expired ? .state("ended", .attention) : .time($0.expiresAt) },
    Column("Since", .whenWide) { .time($0.since) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}

extension Wire.GrantHolderKind {
  fileprivate var words: String {
    switch self {
    case .account: "member"
    case .invitation: "invited"
    case .serviceAccount: "service account"
    case .team: "team"
    }
  }
}

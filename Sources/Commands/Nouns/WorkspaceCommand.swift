import ArgumentParser
import Client
import Contract
import Kernel

struct WorkspaceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workspace", abstract: "Workspaces of an organization, their servers, and who has access.", discussion: "Workspaces are named by slug or id.",
    subcommands: [
      List.self, Show.self, Create.self, Set.self, Deactivate.self, Activate.self, Key.self, Move.self, Delete.self,
      AccessCommand<WorkspacePlace>.self,
    ])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the workspaces that you may see.", discussion: "Example: guildhall workspace list --search 'research*'",
      aliases: ["ls"])
    @Option(help: ArgumentHelp("Part of a slug or a name; with * and ? the whole of it.", valueName: "text")) var search: String?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(
        API.Workspaces.list, path: path, query: Wire.ResourceQuery(search: search), list,
        whenEmpty: search == nil
          ? "\(path.organization) has no workspaces that you may see. Enroll one with: guildhall workspace create NAME"
          : "No workspace of \(path.organization) matches.")
    }
  }

  struct Show: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one workspace; guildhall workspace member list tells who has access.")
    @Argument(help: "Slug or id.") var workspace: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.workspace(workspace, organization)
      try invocation.printer.show(try await invocation.client().call(API.Workspaces.read, path: path))
    }
  }

  struct Create: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Enroll a workspace; the settings for its server, with their key, are shown only now.",
      discussion: """
        The settings stand alone on the standard output, a line for each variable of the server's environment.

        Example: guildhall workspace create Research --slug research > research.env
        """, aliases: ["enroll"])
    @Argument(help: "What people call it.") var name: String
    @Option(help: ArgumentHelp("What scripts and addresses call it; made from the name unless told.", valueName: "slug")) var slug: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("What it is for.", valueName: "text")) var description: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let draft = Wire.WorkspaceDraft(name: name, slug: slug, description: description)
      let made = try await invocation.client().call(API.Workspaces.create, path: path, body: draft)
      try invocation.tell(made, "Enrolled the workspace \(made.workspace.slug.onOneLine).")
    }
  }

  struct Set: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Change name, slug or description.",
      discussion: "Example: guildhall workspace set research --name 'Research and development'",
      aliases: ["rename"])
    @Argument(help: "Slug or id.") var workspace: String
    @Option(help: ArgumentHelp("What people call it.", valueName: "text")) var name: String?
    @Option(help: ArgumentHelp("What scripts and addresses call it from now on.", valueName: "slug")) var slug: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("What it is for.", valueName: "text")) var description: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      if name == nil, slug == nil, description == nil { throw ValidationError("Say what to change: --name, --slug or --description.") }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.workspace(workspace, organization), try invocation.client())
      let before = try await client.call(API.Workspaces.read, path: path)
      let update = Wire.WorkspaceUpdate(name: name, slug: slug, description: description)
      let after = try await client.call(API.Workspaces.update, path: path, body: update, revision: before.revision)
      try invocation.printer.done("\(after.name.onOneLine) (\(after.slug.onOneLine)) is changed in \(path.organization).", after)
    }
  }

  struct Deactivate: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "deactivate", abstract: "Keep a workspace's server out until it is activated; nothing is lost.")
    @Argument(help: "Slug or id.") var workspace: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.workspace(workspace, organization)
      let after = try await invocation.client().call(API.Workspaces.deactivate, path: path)
      try invocation.printer.done(
        "\(after.name.onOneLine) is deactivated. Let its server in again with: guildhall workspace activate \(after.slug.onOneLine)", after)
    }
  }

  struct Activate: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "activate", abstract: "Let a deactivated workspace's server in again.")
    @Argument(help: "Slug or id.") var workspace: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.workspace(workspace, organization)
      let after = try await invocation.client().call(API.Workspaces.activate, path: path)
      try invocation.printer.done("\(after.name.onOneLine) is active again.", after)
    }
  }

  struct Key: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "key", abstract: "Make a new key for a workspace's server; the old one stops at once.",
      discussion: "The server's settings, with the new key, stand alone on the standard output.")
    @Argument(help: "Slug or id.") var workspace: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.workspace(workspace, organization)
      try invocation.confirm("Make a new key for \(workspace.onOneLine)? Its server can't sign in with the old one any more.", confirmation)
      try invocation.tell(try await invocation.client().call(API.Workspaces.renewKey, path: path), "The old key has ended.")
    }
  }

  struct Move: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "move", abstract: "Carry a workspace with all that is in it to another organization.",
      discussion: """
        You must be an admin of both. Who is a member of both keeps built-in roles on it; all other access ends.

        Example: guildhall workspace move research --to acme-labs
        """)
    @Argument(help: "Slug or id.") var workspace: String
    @Option(help: ArgumentHelp("The other organization, by slug or id.", valueName: "organization")) var to: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.workspace(workspace, organization), try invocation.client())
      let found = try await client.call(API.Workspaces.read, path: path)
      try invocation.confirm("Move the workspace \(found.slug.onOneLine) from \(path.organization) to \(to.onOneLine)?", confirmation)
      let moved = try await client.call(API.Workspaces.move, path: path, body: Wire.NewHome(organization: to), revision: found.revision)
      try invocation.printer.done("The workspace \(moved.slug.onOneLine) is in \(to.onOneLine) now.", moved)
    }
  }

  struct Delete: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "delete", abstract: "Delete a workspace with its projects and all access to them, at once and for good.", aliases: ["rm"])
    @Argument(help: "Slug or id.") var workspace: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.workspace(workspace, organization), try invocation.client())
      let found = try await client.call(API.Workspaces.read, path: path)
      let projects = found.projects == 0 ? "" : ", with \(found.projects.of("project", "projects"))"
      try invocation.confirm("Delete the workspace \(found.name.onOneLine) (\(found.slug.onOneLine)) of \(path.organization)\(projects)?", confirmation)
      _ = try await client.call(API.Workspaces.delete, path: path, revision: found.revision)
      invocation.printer.say("Deleted the workspace \(found.slug.onOneLine) of \(path.organization).")
    }
  }
}

extension Invocation {
  /// The place of the workspace with this slug or id, in the organization that the command works in.
  func workspace(_ workspace: String, _ option: OrganizationOption) async throws(Problem) -> Wire.InWorkspace {
    Wire.InWorkspace(organization: try await organization(option), workspace: workspace)
  }

  fileprivate func tell(_ made: Wire.NewWorkspace, _ sentence: String) throws(Problem) {
    if case .json = printer.form { return try printer.done("", made) }
    printer.say("\(sentence) Start its server with these settings, and keep them safe: the key among them isn't shown again.")
    try terminal.write(made.settings.map { "\($0.name)=\($0.value)".onOneLine + "\n" }.joined())
  }
}

extension Wire.Workspace: Listable {
  static let noun = (one: "workspace", many: "workspaces")
  var identity: String { slug }

  static let columns: [Column<Wire.Workspace>] = [
    Column("Slug") { .name($0.slug) },
    Column("Name") { .text($0.name) },
    Column("Status") { .state($0.status.rawValue, $0.status.tone) },
    Column("Projects") { .number($0.projects) },
    Column("Server") { .text($0.address) },
    Column("Created", .whenWide) { .time($0.createdAt) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]

  static let details: [Column<Wire.Workspace>] = [
    Column("Name") { .text($0.name) },
    Column("Slug") { .name($0.slug) },
    Column("Description") { .text($0.description) },
    Column("Status") { .state($0.status.rawValue, $0.status.tone) },
    Column("Why") { .text($0.statusReason) },
    Column("Server") { .text($0.address) },
    Column("Version") { .text($0.version) },
    Column("Reported") { .time($0.reportedAt) },
    Column("Projects") { .number($0.projects) },
    Column("Created") { .time($0.createdAt) },
    Column("Id") { .id($0.id.description) },
  ]
}

extension Wire.WorkspaceStatus {
  fileprivate var tone: Cell.Tone {
    switch self {
    case .available: .good
    case .failed, .deleted: .bad
    case .notInitialized, .deactivated: .attention
    case .pending: .quiet
    }
  }
}

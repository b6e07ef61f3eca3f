import ArgumentParser
import Client
import Contract
import Kernel

struct ProjectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "project", abstract: "Projects in workspaces, and who has access.",
    discussion: "Projects are named by their workspace and their own name: research/forecast; ids do as well.",
    subcommands: [List.self, Show.self, Create.self, Set.self, Delete.self, AccessCommand<ProjectPlace>.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the projects that you may see, of one workspace or of all.",
      discussion: "Example: guildhall project list --workspace research", aliases: ["ls"])
    @Option(help: ArgumentHelp("Only those of this workspace, by slug or id.", valueName: "workspace")) var workspace: String?
    @Option(help: ArgumentHelp("Part of a slug or a name; with * and ? the whole of it.", valueName: "text")) var search: String?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (query, name) = (Wire.ResourceQuery(search: search), try await invocation.organization(organization))
      let nothing = "\(workspace?.onOneLine ?? name) has no projects that you may see. Make one with: guildhall project create WORKSPACE NAME"
      let empty = search == nil ? nothing : "No project matches."
      if let workspace {
        try await invocation.list(
          API.Projects.list, path: Wire.InWorkspace(organization: name, workspace: workspace), query: query, list, whenEmpty: empty)
      } else {
        try await invocation.list(API.Projects.listAll, path: Wire.InOrganization(organization: name), query: query, list, whenEmpty: empty)
      }
    }
  }

  struct Show: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one project; guildhall project member list tells who has access.")
    @Argument(help: ArgumentHelp("Workspace and project.", valueName: "workspace/project")) var project: ProjectName
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.project(project, organization)
      try invocation.printer.show(try await invocation.client().call(API.Projects.read, path: path))
    }
  }

  struct Create: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Make a project in a workspace; you are its admin.",
      discussion: "Example: guildhall project create research Forecast --default-role viewer")
    @Argument(help: "The workspace's slug or id.") var workspace: String
    @Argument(help: "What people call it.") var name: String
    @Option(help: ArgumentHelp("What scripts and addresses call it; made from the name unless told.", valueName: "slug")) var slug: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("What it is for.", valueName: "text")) var description: String?
    @Option(help: ArgumentHelp("The role of who gets access without one being told.", valueName: "role")) var defaultRole: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.workspace(workspace, organization)
      let draft = Wire.ProjectDraft(name: name, slug: slug, description: description, defaultRole: defaultRole)
      let made = try await invocation.client().call(API.Projects.create, path: path, body: draft)
      try invocation.printer.made(
        "Made the project \(made.identity.onOneLine). Give access with: guildhall project member add \(made.identity.onOneLine) HANDLE", made,
        named: made.identity)
    }
  }

  struct Set: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Change name, slug, description or default role.",
      discussion: "Example: guildhall project set research/forecast --default-role viewer", aliases: ["rename"])
    @Argument(help: ArgumentHelp("Workspace and project.", valueName: "workspace/project")) var project: ProjectName
    @Option(help: ArgumentHelp("What people call it.", valueName: "text")) var name: String?
    @Option(help: ArgumentHelp("What scripts and addresses call it from now on.", valueName: "slug")) var slug: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("What it is for.", valueName: "text")) var description: String?
    @Option(help: ArgumentHelp("The role of who gets access without one being told.", valueName: "role")) var defaultRole: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      if name == nil, slug == nil, description == nil, defaultRole == nil {
        throw ValidationError("Say what to change: --name, --slug, --description or --default-role.")
      }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.project(project, organization), try invocation.client())
      let before = try await client.call(API.Projects.read, path: path)
      let update = Wire.ProjectUpdate(name: name, slug: slug, description: description, defaultRole: defaultRole)
      let after = try await client.call(API.Projects.update, path: path, body: update, revision: before.revision)
      try invocation.printer.done("\(after.name.onOneLine) (\(after.identity.onOneLine)) is changed.", after)
    }
  }

  struct Delete: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "delete", abstract: "Delete a project and all access to it, at once and for good.", aliases: ["rm"])
    @Argument(help: ArgumentHelp("Workspace and project.", valueName: "workspace/project")) var project: ProjectName
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.project(project, organization), try invocation.client())
      let found = try await client.call(API.Projects.read, path: path)
      try invocation.confirm("Delete the project \(found.name.onOneLine) (\(found.identity.onOneLine)) of \(path.organization)?", confirmation)
      _ = try await client.call(API.Projects.delete, path: path, revision: found.revision)
      invocation.printer.say("Deleted the project \(found.identity.onOneLine) of \(path.organization).")
    }
  }
}

/// A project as it is typed: `research/forecast`.
struct ProjectName: ExpressibleByArgument, Hashable {
  let workspace: String
  let project: String

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    (workspace, project) = (String(parts[0]), String(parts[1]))
  }
}

extension Invocation {
  /// The place of the project, in the organization that the command works in.
  func project(_ name: ProjectName, _ option: OrganizationOption) async throws(Problem) -> Wire.InProject {
    Wire.InProject(organization: try await organization(option), workspace: name.workspace, project: name.project)
  }
}

extension Wire.Project: Listable {
  static let noun = (one: "project", many: "projects")
  var identity: String { "\(workspaceSlug)/\(slug)" }

  static let columns: [Column<Wire.Project>] = [
    Column("Project") { .name($0.identity) },
    Column("Name") { .text($0.name) },
    Column("Default role", .whenWide) { .text($0.defaultRole) },
    Column("Created") { .time($0.createdAt) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]

  static let details: [Column<Wire.Project>] = [
    Column("Name") { .text($0.name) },
    Column("Project") { .name($0.identity) },
    Column("Description") { .text($0.description) },
    Column("Default role") { .text($0.defaultRole) },
    Column("Created") { .time($0.createdAt) },
    Column("Id") { .id($0.id.description) },
  ]
}

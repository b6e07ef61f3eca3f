import ArgumentParser
import Client
import Contract
import Kernel

struct ProjectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "project", abstract: "Projects in workspaces and on clusters, and who has access.",
    discussion: """
      Projects are named by their workspace and their own name: research/forecast; those on a cluster with cluster: before its name: \
      cluster:berlin/forecast. Ids do as well.
      """,
    subcommands: [List.self, Show.self, Create.self, Personal.self, Set.self, Delete.self, AccessCommand<ProjectPlace>.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the projects that you may see, of one workspace or cluster or of all.",
      discussion: "Example: guildhall project list --workspace research", aliases: ["ls"])
    @Option(help: ArgumentHelp("Only those of this workspace, by slug or id.", valueName: "workspace")) var workspace: String?
    @Option(help: ArgumentHelp("Only those on this cluster, by slug or id.", valueName: "cluster")) var cluster: String?
    @Option(help: ArgumentHelp("Part of a slug or a name; with * and ? the whole of it.", valueName: "text")) var search: String?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      if workspace != nil, cluster != nil { throw ValidationError("Say --workspace or --cluster; a project is in one place.") }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (query, name) = (Wire.ResourceQuery(search: search), try await invocation.organization(organization))
      let nothing = "\((workspace ?? cluster)?.onOneLine ?? name) has no projects that you may see. Make one with: guildhall project create WORKSPACE NAME"
      let empty = search == nil ? nothing : "No project matches."
      if let workspace {
        try await invocation.list(
          API.Projects.list, path: Wire.InWorkspace(organization: name, workspace: workspace), query: query, list, whenEmpty: empty)
      } else if let cluster {
        try await invocation.list(
          API.Projects.listOnCluster, path: Wire.InCluster(organization: name, cluster: cluster), query: query, list, whenEmpty: empty)
      } else {
        try await invocation.list(API.Projects.listAll, path: Wire.InOrganization(organization: name), query: query, list, whenEmpty: empty)
      }
    }
  }

  struct Show: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one project; guildhall project member list tells who has access.")
    @Argument(help: ArgumentHelp("Workspace or cluster, and project.", valueName: "place/project")) var project: ProjectName
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let name = try await invocation.organization(organization)
      try invocation.printer.show(try await project.read(in: name, invocation.client()))
    }
  }

  struct Create: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Make a project in a workspace or on a cluster; you are its admin.",
      discussion: """
        Example: guildhall project create research Forecast --default-role viewer
        Example: guildhall project create cluster:berlin Forecast
        """)
    @Argument(help: ArgumentHelp("The workspace's slug or id, or cluster: and the cluster's.", valueName: "place")) var place: OuterName
    @Argument(help: "What people call it.") var name: String
    @Option(help: ArgumentHelp("What scripts and addresses call it; made from the name unless told.", valueName: "slug")) var slug: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("What it is for.", valueName: "text")) var description: String?
    @Option(help: ArgumentHelp("The role of who gets access without one being told.", valueName: "role")) var defaultRole: String?
    @Flag(inversion: .prefixedNo, help: "Whether who joins the organization gets access, with the default role.") var `default`: Bool?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (organization, client) = (try await invocation.organization(organization), try invocation.client())
      let draft = Wire.ProjectDraft(name: name, slug: slug, description: description, defaultRole: defaultRole, isDefault: `default`)
      let made =
        place.isCluster
        ? try await client.call(API.Projects.createOnCluster, path: Wire.InCluster(organization: organization, cluster: place.name), body: draft)
        : try await client.call(API.Projects.create, path: Wire.InWorkspace(organization: organization, workspace: place.name), body: draft)
      try invocation.printer.made(
        "Made the project \(made.identity.onOneLine). Give access with: guildhall project member add \(made.identity.onOneLine) HANDLE", made,
        named: made.identity)
    }
  }

  struct Personal: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "personal", abstract: "Show your own project on a cluster, called as you are; it is made where there is none.",
      discussion: "Example: guildhall project personal berlin")
    @Argument(help: "The cluster's slug or id.") var cluster: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InCluster(organization: try await invocation.organization(organization), cluster: cluster)
      try invocation.printer.show(try await invocation.client().call(API.Projects.personal, path: path))
    }
  }

  struct Set: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Change name, slug, description or default role.",
      discussion: "Example: guildhall project set research/forecast --default-role viewer", aliases: ["rename"])
    @Argument(help: ArgumentHelp("Workspace or cluster, and project.", valueName: "place/project")) var project: ProjectName
    @Option(help: ArgumentHelp("What people call it.", valueName: "text")) var name: String?
    @Option(help: ArgumentHelp("What scripts and addresses call it from now on.", valueName: "slug")) var slug: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("What it is for.", valueName: "text")) var description: String?
    @Option(help: ArgumentHelp("The role of who gets access without one being told.", valueName: "role")) var defaultRole: String?
    @Flag(inversion: .prefixedNo, help: "Whether who joins the organization gets access, with the default role.") var `default`: Bool?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      if name == nil, slug == nil, description == nil, defaultRole == nil, `default` == nil {
        throw ValidationError("Say what to change: --name, --slug, --description, --default-role or --default.")
      }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (name, client) = (try await invocation.organization(organization), try invocation.client())
      let before = try await project.read(in: name, client)
      let update = Wire.ProjectUpdate(name: self.name, slug: slug, description: description, defaultRole: defaultRole, isDefault: `default`)
      let after = try await project.update(update, seen: before.revision, in: name, client)
      try invocation.printer.done("\(after.name.onOneLine) (\(after.identity.onOneLine)) is changed.", after)
    }
  }

  struct Delete: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "delete", abstract: "Delete a project and all access to it, at once and for good.", aliases: ["rm"])
    @Argument(help: ArgumentHelp("Workspace or cluster, and project.", valueName: "place/project")) var project: ProjectName
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (name, client) = (try await invocation.organization(organization), try invocation.client())
      let found = try await project.read(in: name, client)
      try invocation.confirm("Delete the project \(found.name.onOneLine) (\(found.identity.onOneLine)) of \(name)?", confirmation)
      try await project.delete(seen: found.revision, in: name, client)
      invocation.printer.say("Deleted the project \(found.identity.onOneLine) of \(name).")
    }
  }
}

/// What projects are in, as it is typed: `research`, or `cluster:berlin`.
struct OuterName: ExpressibleByArgument, Hashable {
  let name: String
  let isCluster: Bool

  init?(argument: String) {
    let prefix = "cluster:"
    isCluster = argument.hasPrefix(prefix)
    name = isCluster ? String(argument.dropFirst(prefix.count)) : argument
    if name.isEmpty { return nil }
  }

  var text: String { isCluster ? "cluster:\(name)" : name }
}

/// A project as it is typed: `research/forecast`, or `cluster:berlin/forecast`.
struct ProjectName: ExpressibleByArgument, Hashable {
  let place: OuterName
  let project: String

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[1].isEmpty, let place = OuterName(argument: String(parts[0])) else { return nil }
    (self.place, project) = (place, String(parts[1]))
  }

  var text: String { "\(place.text)/\(project)" }

  fileprivate func inWorkspace(_ organization: String) -> Wire.InProject {
    Wire.InProject(organization: organization, workspace: place.name, project: project)
  }

  fileprivate func onCluster(_ organization: String) -> Wire.InClusterProject {
    Wire.InClusterProject(organization: organization, cluster: place.name, project: project)
  }

  func read(in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.Project {
    place.isCluster
      ? try await client.call(API.Projects.readOnCluster, path: onCluster(organization))
      : try await client.call(API.Projects.read, path: inWorkspace(organization))
  }

  fileprivate func update(_ update: Wire.ProjectUpdate, seen: Int, in organization: String, _ client: GuildhallClient) async throws(Problem) -> Wire.Project {
    place.isCluster
      ? try await client.call(API.Projects.updateOnCluster, path: onCluster(organization), body: update, revision: seen)
      : try await client.call(API.Projects.update, path: inWorkspace(organization), body: update, revision: seen)
  }

  fileprivate func delete(seen: Int, in organization: String, _ client: GuildhallClient) async throws(Problem) {
    _ = place.isCluster
      ? try await client.call(API.Projects.deleteOnCluster, path: onCluster(organization), revision: seen)
      : try await client.call(API.Projects.delete, path: inWorkspace(organization), revision: seen)
  }
}

extension Wire.Project: Listable {
  static let noun = (one: "project", many: "projects")
  var identity: String { "\(workspaceSlug ?? "cluster:\(clusterSlug ?? "")")/\(slug)" }

  static let columns: [Column<Wire.Project>] = [
    Column("Project") { .name($0.identity) },
    Column("Name") { .text($0.name) },
    Column("Default role", .whenWide) { .text($0.defaultRole) },
    Column("Default", .whenWide) { .flag($0.isDefault) },
    Column("Created") { .time($0.createdAt) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]

  static let details: [Column<Wire.Project>] = [
    Column("Name") { .text($0.name) },
    Column("Project") { .name($0.identity) },
    Column("Description") { .text($0.description) },
    Column("Default role") { .text($0.defaultRole) },
    Column("Default") { .flag($0.isDefault) },
    Column("Created") { .time($0.createdAt) },
    Column("Id") { .id($0.id.description) },
  ]
}

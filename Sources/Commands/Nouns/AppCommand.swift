import ArgumentParser
import Client
import Contract
import Kernel

struct AppCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "app", abstract: "Apps of an organization, and who has access.", discussion: "Apps are named by slug or id.",
    subcommands: [
      List.self, Public.self, Show.self, Create.self, Set.self, Copy.self, Transfer.self, Move.self, Star.self, Unstar.self, Delete.self,
      AccessCommand<AppPlace>.self,
    ])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the apps that you may see.", discussion: "Example: guildhall app list --starred", aliases: ["ls"])
    @Option(help: ArgumentHelp("Part of a slug or a name; with * and ? the whole of it.", valueName: "text")) var search: String?
    @Flag(help: "Only what you have starred.") var starred = false
    @Flag(help: "Only templates.") var templates = false
    @Option(help: ArgumentHelp("Only those open to: private, organization or public.", valueName: "who")) var visibility: AppVisibilityOption?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let query = Wire.AppQuery(search: search, starred: starred ? true : nil, template: templates ? true : nil, visibility: visibility?.wire)
      try await invocation.list(
        API.Apps.list, path: path, query: query, list,
        whenEmpty: search == nil && !starred && !templates && visibility == nil
          ? "\(path.organization) has no apps that you may see. Make one with: guildhall app create NAME" : "No app of \(path.organization) matches.")
    }
  }

  struct Public: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "public", abstract: "List the apps of all organizations that are open to everybody.")
    @Option(help: ArgumentHelp("Part of a slug or a name; with * and ? the whole of it.", valueName: "text")) var search: String?
    @Flag(help: "Only templates.") var templates = false
    @OptionGroup var list: ListOptions
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let query = Wire.PublicAppQuery(search: search, template: templates ? true : nil)
      try await invocation.list(API.Apps.listPublic, path: Nothing(), query: query, list, whenEmpty: "No app is open to everybody.")
    }
  }

  struct Show: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one app; guildhall app member list tells who has access.")
    @Argument(help: "Slug or id.") var app: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.app(app, organization)
      try invocation.printer.show(try await invocation.client().call(API.Apps.read, path: path))
    }
  }

  struct Create: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Make an app, on which you have full access.",
      discussion: "Example: guildhall app create 'Defect finder' --visibility organization")
    @Argument(help: "What people call it.") var name: String
    @Option(help: ArgumentHelp("What scripts and addresses call it; made from the name unless told.", valueName: "slug")) var slug: String?
    @OptionGroup var details: AppOptions
    @Flag(help: "You own it, until you hand it over to the organization.") var mine = false
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let draft = Wire.AppDraft(
        name: name, slug: slug, description: details.description, notes: details.notes, visibility: details.visibility?.wire, template: details.template,
        owner: mine ? .me : nil)
      let made = try await invocation.client().call(API.Apps.create, path: path, body: draft)
      try invocation.printer.made(
        "Made the app \(made.slug.onOneLine). Give access with: guildhall app member add \(made.slug.onOneLine) HANDLE --role labeler-worker", made,
        named: made.slug)
    }
  }

  struct Set: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Change an app.", discussion: "Example: guildhall app set defect-finder --visibility public", aliases: ["rename"])
    @Argument(help: "Slug or id.") var app: String
    @Option(help: ArgumentHelp("What people call it.", valueName: "text")) var name: String?
    @Option(help: ArgumentHelp("What scripts and addresses call it from now on.", valueName: "slug")) var slug: String?
    @OptionGroup var details: AppOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      if name == nil, slug == nil, details.isEmpty { throw ValidationError("Say what to change, such as --name or --visibility.") }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.app(app, organization), try invocation.client())
      let before = try await client.call(API.Apps.read, path: path)
      let update = Wire.AppUpdate(
        name: name, slug: slug, description: details.description, notes: details.notes, visibility: details.visibility?.wire, template: details.template)
      let after = try await client.call(API.Apps.update, path: path, body: update, revision: before.revision)
      try invocation.printer.done("\(after.name.onOneLine) (\(after.slug.onOneLine)) is changed in \(path.organization).", after)
    }
  }

  struct Copy: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "copy", abstract: "Make an app with what is said of another; neither access nor content is copied.",
      discussion: "Example: guildhall app copy defect-finder 'Crack finder' --to other-organization", aliases: ["duplicate"])
    @Argument(help: "Slug or id.") var app: String
    @Argument(help: "What people call the copy.") var name: String
    @Option(help: ArgumentHelp("What scripts and addresses call the copy.", valueName: "slug")) var slug: String?
    @Option(help: ArgumentHelp("Another organization, by slug or id.", valueName: "organization")) var to: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.app(app, organization)
      let made = try await invocation.client().call(API.Apps.duplicate, path: path, body: Wire.AppCopy(name: name, slug: slug, organization: to))
      try invocation.printer.made("Made \(made.slug.onOneLine) as a copy of \(app.onOneLine).", made, named: made.slug)
    }
  }

  struct Transfer: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "transfer", abstract: "Let the organization own an app that a member owns.")
    @Argument(help: "Slug or id.") var app: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.app(app, organization), try invocation.client())
      try invocation.confirm("Let \(path.organization) own the app \(app.onOneLine)? That can't be taken back.", confirmation)
      let after = try await client.call(API.Apps.transfer, path: path)
      try invocation.printer.done("\(path.organization) owns \(after.slug.onOneLine).", after)
    }
  }

  struct Move: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "move", abstract: "Carry an app with all that is in it to another organization.",
      discussion: """
        You must be an admin of both. Who is a member of both keeps built-in roles on it; all other access ends.

        Example: guildhall app move defect-finder --to acme-labs
        """)
    @Argument(help: "Slug or id.") var app: String
    @Option(help: ArgumentHelp("The other organization, by slug or id.", valueName: "organization")) var to: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.app(app, organization), try invocation.client())
      let found = try await client.call(API.Apps.read, path: path)
      try invocation.confirm("Move the app \(found.slug.onOneLine) from \(path.organization) to \(to.onOneLine)?", confirmation)
      let moved = try await client.call(API.Apps.move, path: path, body: Wire.NewHome(organization: to), revision: found.revision)
      try invocation.printer.done("The app \(moved.slug.onOneLine) is in \(to.onOneLine) now.", moved)
    }
  }

  struct Star: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "star", abstract: "Star an app, so that you find it again.")
    @Argument(help: "Slug or id.") var app: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.app(app, organization), try invocation.client())
      let found = try await client.call(API.Apps.read, path: path)
      _ = try await client.call(API.Stars.add, path: Wire.InStar(organization: path.organization, resource: found.id.cast()))
      invocation.printer.say("\(found.name.onOneLine) stands among your stars.")
    }
  }

  struct Unstar: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "unstar", abstract: "Take your star away.")
    @Argument(help: "Slug or id.") var app: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.app(app, organization), try invocation.client())
      let found = try await client.call(API.Apps.read, path: path)
      _ = try await client.call(API.Stars.remove, path: Wire.InStar(organization: path.organization, resource: found.id.cast()))
      invocation.printer.say("\(found.name.onOneLine) has no star of yours any more.")
    }
  }

  struct Delete: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "delete", abstract: "Delete an app and all access to it, at once and for good.", aliases: ["rm"])
    @Argument(help: "Slug or id.") var app: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.app(app, organization), try invocation.client())
      let found = try await client.call(API.Apps.read, path: path)
      try invocation.confirm("Delete the app \(found.name.onOneLine) (\(found.slug.onOneLine)) of \(path.organization)?", confirmation)
      _ = try await client.call(API.Apps.delete, path: path, revision: found.revision)
      invocation.printer.say("Deleted the app \(found.slug.onOneLine) of \(path.organization).")
    }
  }
}

/// What is said of an app besides its name.
struct AppOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("What it is for.", valueName: "text")) var description: String?
  @Option(help: ArgumentHelp("What whoever opens it should know.", valueName: "text")) var notes: String?
  @Option(help: ArgumentHelp("Who sees it besides those with access: private, organization or public.", valueName: "who")) var visibility: AppVisibilityOption?
  @Flag(inversion: .prefixedNo, help: "Whether others are meant to begin with a copy of it.") var template: Bool?

  var isEmpty: Bool { description == nil && notes == nil && visibility == nil && template == nil }
}

enum AppVisibilityOption: String, ExpressibleByArgument, CaseIterable {
  case `private`
  case organization
  case `public`

  var wire: Wire.AppVisibility {
    switch self {
    case .private: .private
    case .organization: .organization
    case .public: .public
    }
  }
}

extension Invocation {
  /// The place of the app with this slug or id, in the organization that the command works in.
  fileprivate func app(_ app: String, _ option: OrganizationOption) async throws(Problem) -> Wire.InApp {
    Wire.InApp(organization: try await organization(option), app: app)
  }
}

extension Wire.App: Listable {
  static let noun = (one: "app", many: "apps")
  var identity: String { slug }

  static let columns: [Column<Wire.App>] = [
    Column("Slug") { .name($0.slug) },
    Column("Name") { .text($0.name) },
    Column("Open to") { .state($0.visibility.rawValue, $0.visibility == .public ? .attention : .quiet) },
    Column("Owner") { .text($0.ownerName) },
    Column("Stars") { .number($0.stars) },
    Column("Template", .whenWide) { .flag($0.template) },
    Column("Changed", .whenWide) { .time($0.changedAt) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]

  static let details: [Column<Wire.App>] = [
    Column("Name") { .text($0.name) },
    Column("Slug") { .name($0.slug) },
    Column("Description") { .text($0.description) },
    Column("Notes") { .text($0.notes) },
    Column("Open to") { .state($0.visibility.rawValue, $0.visibility == .public ? .attention : .quiet) },
    Column("Owner") { .text($0.ownerName) },
    Column("Template") { .flag($0.template) },
    Column("Stars") { .number($0.stars) },
    Column("Starred") { .flag($0.starred) },
    Column("Created") { .time($0.createdAt) },
    Column("Changed") { .time($0.changedAt) },
    Column("Id") { .id($0.id.description) },
  ]
}

extension Wire.PublicApp: Listable {
  static let noun = (one: "app", many: "apps")
  var identity: String { app.id.description }

  static let columns: [Column<Wire.PublicApp>] = [
    Column("Organization") { .text($0.organization.slug) },
    Column("Slug") { .name($0.app.slug) },
    Column("Name") { .text($0.app.name) },
    Column("Stars") { .text(String($0.app.stars)) },
    Column("Id", .whenWide) { .id($0.app.id.description) },
  ]
}

import ArgumentParser
import Client
import Contract
import Kernel

struct CollaboratorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collaborator", abstract: "People who aren't members and work on one app.",
    discussion: """
      They take no seat and see their app and nothing else of the organization. Name one by handle, by the address that was invited, or by id. What you have \
      yourself in other organizations: guildhall collaboration list.
      """,
    subcommands: [List.self, Invite.self, Set.self, Resend.self, Link.self, Remove.self], aliases: ["outsider"])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List outside collaborators and who is invited to be one: of an app, or of all.", aliases: ["ls"])
    @Option(help: ArgumentHelp("Slug or id of one app.", valueName: "app")) var app: String?
    @Option(help: ArgumentHelp("Part of a name; with * and ? the whole of it.", valueName: "text")) var search: String?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      let query = Wire.ResourceQuery(search: search)
      if let app {
        try await invocation.list(
          API.Collaborators.list, path: Wire.InApp(organization: organization, app: app), query: query, list,
          whenEmpty: """
            Nobody from outside works on \(app.onOneLine). Invite with: \
            guildhall collaborator invite \(app.onOneLine) ada@example.org --role labeler-worker
            """)
      } else {
        try await invocation.list(
          API.Collaborators.listAll, path: Wire.InOrganization(organization: organization), query: query, list,
          whenEmpty: "\(organization) has no outside collaborators.")
      }
    }
  }

  struct Invite: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "invite", abstract: "Invite somebody who isn't a member to one app.",
      discussion: """
        By address, or by the handle of an account. Inviting the same person again renews the invitation. Where no mail server is set up, hand over the link.

        Example: guildhall collaborator invite defect-finder lee@example.org --role labeler-worker --expires 90d
        """, aliases: ["add"])
    @Argument(help: "Slug or id of the app.") var app: String
    @Argument(help: "An address, or a handle.") var who: String
    @Option(
      name: .shortAndLong,
      help: ArgumentHelp("full-access, model-trainer, labeler-lead, labeler-worker, or a role of apps that the organization made.", valueName: "role"))
    var role: String
    @Option(help: ArgumentHelp("When the access ends by itself: 30d, 2026-12-31.", valueName: "time")) var expires: PointInTime?
    @Option(name: .shortAndLong, help: ArgumentHelp("A few words that stand in the mail.", valueName: "text")) var message: String?
    @Option(help: ArgumentHelp("How long the invitation can be answered: 14d, 4w.", valueName: "term")) var answerIn: Term?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InApp(organization: try await invocation.organization(organization), app: app)
      let draft = Wire.CollaboratorDraft(
        who: who, role: role, expiresAt: expires?.ahead(of: invocation.printer.now), message: message, expiresInDays: answerIn?.days)
      let sent = try await invocation.client().call(API.Collaborators.invite, path: path, body: draft)
      try invocation.report(sent, "Invited \(sent.collaborator.name.onOneLine) to the app \(sent.collaborator.app.slug) as \(sent.collaborator.role.onOneLine)")
    }
  }

  struct Set: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Change somebody's role on the app, or when their access ends.",
      discussion: "Example: guildhall collaborator set defect-finder lee --role labeler-lead --expires never")
    @Argument(help: "Slug or id of the app.") var app: String
    @Argument(help: "Handle, address or id.") var who: String
    @Option(name: .shortAndLong, help: ArgumentHelp("The role from now on.", valueName: "role")) var role: String?
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
      let organization = try await invocation.organization(organization)
      let found = try await invocation.collaborator(who, on: app, in: organization)
      let path = Wire.InCollaborator(organization: organization, app: app, collaborator: found.id.description)
      let update = Wire.CollaboratorUpdate(
        role: role, expiresAt: expires.flatMap { PointInTime(argument: $0) }?.ahead(of: invocation.printer.now), lasts: expires == "never" ? true : nil)
      let after = try await invocation.client().call(API.Collaborators.update, path: path, body: update, revision: found.revision)
      try invocation.printer.done("\(after.name.onOneLine) has the role \(after.role.onOneLine) on \(after.app.slug).", after)
    }
  }

  struct Resend: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "resend", abstract: "Mail the invitation again, with a new link and a new term; the old link is dead.")
    @Argument(help: "Slug or id of the app.") var app: String
    @Argument(help: "Handle, address or id.") var who: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let sent = try await invocation.renewCollaborator(who, on: app, mail: true, organization)
      try invocation.report(sent, "Renewed the invitation of \(sent.collaborator.name.onOneLine) to the app \(sent.collaborator.app.slug)")
    }
  }

  struct Link: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "link", abstract: "Make a new link for the invitation, to hand over yourself; the old link is dead.",
      discussion: "No mail goes out. The link stands alone on the standard output.")
    @Argument(help: "Slug or id of the app.") var app: String
    @Argument(help: "Handle, address or id.") var who: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let sent = try await invocation.renewCollaborator(who, on: app, mail: false, organization)
      if case .json = invocation.printer.form { return try invocation.printer.done("", sent) }
      let end = sent.collaborator.answerBy.map { ", until \($0.dayInWords)" } ?? ""
      invocation.printer.say("Only \(sent.collaborator.name.onOneLine) can use this link\(end):")
      try invocation.terminal.write(sent.link.onOneLine + "\n")
    }
  }

  struct Remove: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "remove", abstract: "End somebody's access to the app at once, or withdraw the invitation.", aliases: ["rm"])
    @Argument(help: "Slug or id of the app.") var app: String
    @Argument(help: "Handle, address or id.") var who: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      let found = try await invocation.collaborator(who, on: app, in: organization)
      try invocation.confirm("End the access of \(found.name.onOneLine) to the app \(found.app.slug)?", confirmation)
      let path = Wire.InCollaborator(organization: organization, app: app, collaborator: found.id.description)
      _ = try await invocation.client().call(API.Collaborators.remove, path: path, revision: found.revision)
      invocation.printer.say("\(found.name.onOneLine) has no access to \(found.app.slug) any more.")
    }
  }
}

struct CollaborationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collaboration", abstract: "Apps of other organizations that you work on from outside.", subcommands: [List.self, Accept.self, Leave.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the apps that you work on from outside, and those that you are invited to.", aliases: ["ls"])
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let own = try await invocation.client().call(API.Collaborators.listOwn)
      try invocation.printer.list(own.items, whenEmpty: "You work on no app from outside.")
    }
  }

  struct Accept: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "accept", abstract: "Accept an invitation to an app.", discussion: "Example: guildhall collaboration accept acme/defect-finder")
    @Argument(help: "organization/app, or the id.") var app: String
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let found = try await invocation.ownCollaboration(app)
      let taken = try await invocation.client().call(API.Collaborators.accept, path: Wire.OwnCollaboration(collaboration: found.id.description))
      try invocation.printer.done("You work on \(taken.app.slug) of \(taken.organization.slug) as \(taken.role.onOneLine).", taken)
    }
  }

  struct Leave: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "leave", abstract: "Give up your access to an app, or decline an invitation to one.", aliases: ["decline"])
    @Argument(help: "organization/app, or the id.") var app: String
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let found = try await invocation.ownCollaboration(app)
      try invocation.confirm("Give up the app \(found.app.slug) of \(found.organization.slug)?", confirmation)
      _ = try await invocation.client().call(API.Collaborators.leave, path: Wire.OwnCollaboration(collaboration: found.id.description))
      invocation.printer.say("You have no access to \(found.app.slug) of \(found.organization.slug) any more.")
    }
  }
}

extension Invocation {
  /// One of an app's, by handle, address or id.
  fileprivate func collaborator(_ who: String, on app: String, in organization: String) async throws(Problem) -> Wire.Collaborator {
    var cursor: String?
    repeat {
      let page = try await client().call(
        API.Collaborators.list, path: Wire.InApp(organization: organization, app: app), query: Wire.ResourceQuery(limit: 200, cursor: cursor))
      let match = page.items.first { found in
        [found.handle, found.email, found.id.description].contains { $0?.lowercased() == who.lowercased() }
      }
      if let match { return match }
      cursor = page.nextCursor
    } while cursor != nil
    throw Problem(.missing, "Nobody from outside on \(app.onOneLine) is called \(who.onOneLine). See: guildhall collaborator list --app \(app.onOneLine)")
  }

  fileprivate func renewCollaborator(_ who: String, on app: String, mail: Bool, _ option: OrganizationOption) async throws(Problem) -> Wire.SentCollaboration {
    let organization = try await organization(option)
    let found = try await collaborator(who, on: app, in: organization)
    let path = Wire.InCollaborator(organization: organization, app: app, collaborator: found.id.description)
    return try await client().call(API.Collaborators.renew, path: path, body: Wire.Renewal(mail: mail))
  }

  /// One of the caller's own, as organization/app or by id.
  fileprivate func ownCollaboration(_ name: String) async throws(Problem) -> Wire.Collaboration {
    let own = try await client().call(API.Collaborators.listOwn).items
    let match = own.first { found in
      [found.id.description, "\(found.organization.slug)/\(found.app.slug)"].contains { $0.lowercased() == name.lowercased() }
    }
    guard let match else { throw Problem(.missing, "You have no such app and no such invitation. See: guildhall collaboration list") }
    return match
  }

  fileprivate func report(_ sent: Wire.SentCollaboration, _ sentence: String) throws(Problem) {
    if case .json = printer.form { return try printer.done("", sent) }
    let end = sent.collaborator.answerBy.map { " until \($0.dayInWords)" } ?? ""
    if sent.mailed {
      try printer.made("\(sentence). A mail is on its way; the link holds\(end).", sent, named: sent.collaborator.id.description)
    } else {
      printer.say("\(sentence). No mail goes out from this server: hand the link over yourself. It holds\(end) and isn't shown again.")
      try terminal.write(sent.link.onOneLine + "\n")
    }
  }
}

extension Wire.Collaborator: Listable {
  static let noun = (one: "outside collaborator", many: "outside collaborators")
  var identity: String { id.description }

  static let columns: [Column<Wire.Collaborator>] = [
    Column("Name") { .text($0.name) },
    Column("Handle") { .name($0.handle ?? "") },
    Column("App") { .text($0.app.slug) },
    Column("Role") { .text($0.role) },
    Column("State") { .state($0.state.rawValue, $0.state == .active ? .good : $0.state == .invited ? .quiet : .attention) },
    Column("Ends") { .time($0.expiresAt) },
    Column("Invited by", .whenWide) { .text($0.invitedBy) },
    Column("Address", .whenWide) { .text($0.email) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}

extension Wire.Collaboration: Listable {
  static let noun = (one: "app", many: "apps")
  var identity: String { id.description }

  static let columns: [Column<Wire.Collaboration>] = [
    Column("Organization") { .text($0.organization.slug) },
    Column("App") { .name($0.app.slug) },
    Column("Role") { .text($0.role) },
    Column("State") { .state($0.state.rawValue, $0.state == .active ? .good : $0.state == .invited ? .quiet : .attention) },
    Column("Ends") { .time($0.expiresAt) },
    Column("Invited by", .whenWide) { .text($0.invitedBy) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}

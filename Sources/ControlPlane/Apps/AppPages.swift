import Authorization
import Kernel
import Markup

extension Apps {
  var pages: [PageRoute] {
    [
      .page("/{organization}/apps") { visit async throws(Problem) in .page(try await listPage(visit)) },
      .page("/{organization}/apps/new") { visit async throws(Problem) in
        .page(try await newPage(FormState("app", ["visibility": Visibility.private.rawValue, "owner": "organization"]), visit))
      },
      .form("/{organization}/apps/new") { visit async throws(Problem) in try await create(visit) },
      .page("/{organization}/apps/{app}") { visit async throws(Problem) in .page(try await overviewPage(visit)) },
    ] + AppSettingsPages(plane: plane).pages
  }

  // MARK: The list

  private func listPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let filter = AppFilter(
      search: visit.query("q"), isStarred: visit.query("show") == "starred", isTemplate: visit.query("show") == "templates",
      visibility: visit.query("visibility").flatMap(Visibility.init(rawValue:)))
    let page = try await list(in: organization.id.description, filter, visit.page, by: visit.caller)
    let starred = try await starred(among: page.items, by: visit.caller)
    let here: Link = "/\(organization.slug)/apps"
    return ConsolePage("Apps of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "apps"))) {
      pageHeader(
        "Apps", permissions.contains(.appRead) ? nil : "You see those that you have access to, and those that are open to you.",
        actions: { if permissions.contains(.appCreate) { linkButton("New app", href: "\(here)/new", .primary) } })
      if page.items.isEmpty, filter.isEmpty {
        emptyState(
          "No apps yet",
          permissions.contains(.appCreate)
            ? "An app holds models, data and workflows, with people and teams that have access to it."
            : "An app holds models, data and workflows. Who manages one gives you access, or a team that you are in.") {
          if permissions.contains(.appCreate) { linkButton("Make the first app", href: "\(here)/new") }
        }
      } else {
        filterBar(here, search: filter.search ?? "", placeholder: "Find by name, * and ? allowed", replaces: "apps") {
          smallSelect(
            "Show", "show", [Choice("", "All apps"), Choice("starred", "Starred by you"), Choice("templates", "Templates")],
            selected: filter.isStarred ? "starred" : filter.isTemplate ? "templates" : "")
          smallSelect(
            "Open to", "visibility", [Choice("", "Open to anybody")] + Self.visibilities.map { Choice($0.rawValue, $0.words) },
            selected: filter.visibility?.rawValue ?? "")
        }
        div(.id("apps"), .class("list")) { table(page, filter, starred, here) }
      }
    }
  }

  static let visibilities: [Visibility] = [.private, .organization, .public]

  private func table(_ page: Page<App>, _ filter: AppFilter, _ starred: Set<ID<Resource>>, _ here: Link) -> HTML {
    fragment {
      if page.items.isEmpty {
        emptyState("No app fits", "No app that you may see is like that. A * stands for any characters, a ? for one.") {
          linkButton("Show all apps", href: here)
        }
      } else {
        dataTable(
          "Apps", [Column("App"), Column("Owner"), Column("Open to"), Column("Stars", .number)],
          page.items.map { app in
            TableRow(
              personCell(
                id: app.id, name: app.resource.name.text, detail: app.resource.slug.text, portrait: app.image, href: "\(here)/\(app.resource.slug)"),
              app.ownerName.map { owner in bdi { owner.text } } ?? "the organization",
              badgeRow {
                badge(app.resource.visibility.words, app.resource.visibility == .public ? .attention : .neutral)
                if app.isTemplate { badge("template", .accent) }
              }, HTML(starred.contains(app.resource.id) ? "\(grouped(app.stars)), one of them yours" : grouped(app.stars)))
          })
        pagination(
          shown: page.items.count, total: page.total, "app",
          next: page.next.map {
            here.adding("q", filter.search).adding("show", filter.isStarred ? "starred" : filter.isTemplate ? "templates" : nil)
              .adding("visibility", filter.visibility?.rawValue).adding("cursor", $0.description)
          })
      }
    }
  }

  // MARK: A new one

  private func newPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let here: Link = "/\(organization.slug)/apps"
    return ConsolePage(
      "New app in \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "apps")), status: status
    ) {
      breadcrumb([("Apps", here)])
      pageHeader("New app", "You have full access to it, and give others access on the next page.")
      if permissions.contains(.appCreate) {
        postForm("\(here)/new", state, token: visit.token) {
          onceField(visit)
          resourceFields(state, example: "What people call it, such as Defect finder.", slug: "Unique here. Made from the name if you leave it empty.")
          appFields(state)
          radioField(
            "Who owns it", "owner", in: state,
            [
              Choice("organization", "The organization"),
              Choice("me", "You", hint: "Until you hand it over to the organization; its admins see it all the same."),
            ])
          buttonRow {
            submitButton("Make the app")
            linkButton("Cancel", href: here)
          }
        }
      } else {
        banner(.attention, "You can't do this.", "Only admins and contributors of an active organization make apps.")
      }
    }
  }

  private func create(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let draft = try ResourceDraft(name: visit.field("name"), slug: visit.field("slug"), description: visit.field("description"))
      let app = try await create(
        draft, visit.appDetails, isOwn: visit.field("owner") == "me", in: visit.parameter("organization"), by: visit.caller)
      return .redirect(
        to: "/\(visit.parameter("organization"))/apps/\(app.resource.slug)/access",
        flash: Flash(.good, "\(app.resource.name) is there. Give people access now."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await newPage(FormState("app", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  // MARK: One of them

  private func overviewPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (app, isStarred, options) = try await open(visit.parameter("app"), in: visit.parameter("organization"), by: visit.caller)
    let now = plane.world.clock()
    let (frame, organization) = try await frame(visit, app)
    let here: Link = "/\(organization)/apps/\(app.resource.slug)"
    return ConsolePage(app.resource.name.text, in: frame) {
      appHead(app, in: organization, options, current: "overview")
      if let image = app.image { picture(Image.link(image), .huge, .logo) }
      definitions([
        ("Owner", app.ownerName.map { owner in bdi { owner.text } } ?? "the organization"), ("Open to", HTML(app.resource.visibility.words)),
        ("Stars", HTML(grouped(app.stars))), ("Made", relativeTime(app.resource.createdAt, now: now)), ("Changed", relativeTime(app.changedAt, now: now)),
      ])
      starButton(app.resource, isStarred: isStarred, at: here, visit)
      pageSection("Notes") {
        if app.notes.isEmpty {
          emptyState("No notes", options.canChange ? "What whoever opens it should know: write it in the settings." : "Nobody has written any.")
        } else {
          p(.class("notes")) { app.notes.text }
        }
      }
    }
  }

  /// The frame of an app's page: that of the organization, or for who isn't in it the personal one.
  private func frame(_ visit: Visit, _ app: App) async throws(Problem) -> (ConsolePage.Frame, organization: String) {
    do throws(Problem) {
      let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
      return (.organization(OrganizationFrame(organization, permissions, section: "apps")), organization.slug.text)
    } catch {
      guard error.kind == .missing else { throw error }
      return (.personal(section: ""), visit.parameter("organization"))
    }
  }
}

/// The head of every page about one app.
func appHead(_ app: App, in organization: String, _ options: AppOptions, current: String) -> HTML {
  let home = Link(local: "/\(organization)/apps") ?? "/"
  let here: Link = "\(home)/\(app.resource.slug)"
  return fragment {
    breadcrumb([("Apps", options.isInside ? home : "/me/apps")])
    pageHeader(bdi { app.resource.name.text }, app.resource.description.isEmpty ? nil : HTML(app.resource.description.text)) {
    } badges: {
      code { app.resource.slug.text }
      if app.isTemplate { badge("template", .accent) }
      if app.resource.visibility == .public { badge("public", .attention) }
    }
    tabBar(
      "Pages of the app",
      [Tab("Overview", href: here, isCurrent: current == "overview")]
        + (options.canSeeAccess ? [Tab("People with access", href: "\(here)/access", isCurrent: current == "access")] : [])
        + (options.canSeeCollaborators ? [Tab("Outside collaborators", href: "\(here)/collaborators", isCurrent: current == "collaborators")] : [])
        + (options.isInside ? [objectsTab(app.resource, in: organization)] : [])
        + (options.canChange ? [Tab("Settings", href: "\(here)/settings", isCurrent: current == "settings")] : []))
  }
}

/// What is asked of an app besides its name.
func appFields(_ state: FormState) -> HTML {
  fragment {
    textAreaField("Notes", "notes", in: state, rows: 6, limit: AppNotes.limit, hint: "What whoever opens it should know.", optional: true)
    radioField(
      "Who sees it besides those with access", "visibility", in: state,
      [
        Choice("private", "Nobody", hint: "And those who see all apps by their role in the organization."),
        Choice("organization", "The organization", hint: "Everybody who takes part in it; guests don't."),
        Choice("public", "Everybody who is signed in", hint: "People of other organizations, too."),
      ])
    checkField("It is a template", "is_template", value: "yes", in: state, hint: "Others are meant to begin with a copy of it.")
  }
}

extension Visibility {
  /// In a few words.
  var words: String {
    switch self {
    case .inherited, .private: "who has access"
    case .organization: "the organization"
    case .public: "everybody"
    }
  }
}

extension Visit {
  /// Where the page of the app in the path stands.
  var app: String { "/\(parameter("organization"))/apps/\(parameter("app"))" }

  var appDetails: AppUpdate { AppUpdate(notes: field("notes"), visibility: field("visibility"), isTemplate: field("is_template") == "yes") }
}

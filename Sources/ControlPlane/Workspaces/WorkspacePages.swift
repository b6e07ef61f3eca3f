import Authorization
import Kernel
import Markup
import Secrets

extension Workspaces {
  var pages: [PageRoute] {
    [
      .page("/{organization}/workspaces") { visit async throws(Problem) in .page(try await listPage(visit)) },
      .page("/{organization}/workspaces/new") { visit async throws(Problem) in .page(try await newPage(FormState("workspace"), visit)) },
      .form("/{organization}/workspaces/new") { visit async throws(Problem) in try await enroll(visit) },
      .page("/{organization}/workspaces/{workspace}") { visit async throws(Problem) in .page(try await overviewPage(visit)) },
    ] + WorkspaceSettingsPages(plane: plane).pages
  }

  // MARK: The list

  private func listPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let search = visit.query("q")
    let page = try await list(in: organization.id.description, search: search, visit.page, by: visit.caller)
    let here: Link = "/\(organization.slug)/workspaces"
    return ConsolePage("Workspaces of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "workspaces"))) {
      pageHeader(
        "Workspaces", permissions.contains(.workspaceRead) ? nil : "You see those that you have access to.",
        actions: { if permissions.contains(.workspaceCreate) { linkButton("New workspace", href: "\(here)/new", .primary) } })
      workspaceTabs(organization, current: "workspaces")
      if page.items.isEmpty, search == nil {
        emptyState("No workspaces yet", beginning(permissions)) {
          if permissions.contains(.workspaceCreate) { linkButton("Enroll the first workspace", href: "\(here)/new") }
        }
      } else {
        filterBar(here, search: search ?? "", placeholder: "Find by name, * and ? allowed", replaces: "workspaces")
        div(.id("workspaces"), .class("list")) { table(page, search, here) }
      }
    }
  }

  private func beginning(_ permissions: Set<Permission>) -> HTML {
    permissions.contains(.workspaceCreate)
      ? "A workspace is a server of its own that people work on, with projects in it. You run the server; here stands who may do what on it."
      : "A workspace is a server that people work on, with projects in it. Its admins give you access."
  }

  private func table(_ page: Page<Workspace>, _ search: String?, _ here: Link) -> HTML {
    fragment {
      if page.items.isEmpty {
        emptyState("No workspace fits", "No workspace that you may see is called so. A * stands for any characters, a ? for one.") {
          linkButton("Show all workspaces", href: here)
        }
      } else {
        dataTable(
          "Workspaces", [Column("Workspace"), Column("Status"), Column("Projects", .number), Column("Server")],
          page.items.map { workspace in
            TableRow(
              personCell(
                id: workspace.id, name: workspace.resource.name.text, detail: workspace.resource.slug.text, href: "\(here)/\(workspace.resource.slug)"),
              workspace.state.statusBadge, HTML("\(grouped(workspace.projects))"), workspace.address.map { HTML($0) } ?? "–")
          })
        pagination(
          shown: page.items.count, total: page.total, "workspace", next: page.next.map { here.adding("q", search).adding("cursor", $0.description) })
      }
    }
  }

  // MARK: A new one

  private func newPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let here: Link = "/\(organization.slug)/workspaces"
    return ConsolePage(
      "New workspace in \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "workspaces")), status: status
    ) {
      breadcrumb([("Workspaces", here)])
      pageHeader("New workspace", "You run its server. The next page shows the key with which it signs in, and what to start it with.")
      if permissions.contains(.workspaceCreate) {
        postForm("\(here)/new", state, token: visit.token) {
          onceField(visit)
          resourceFields(
            state, example: "What people call it, such as Research.", slug: "Unique on this installation. Made from the name if you leave it empty.")
          buttonRow {
            submitButton("Enroll the workspace")
            linkButton("Cancel", href: here)
          }
        }
      } else {
        banner(.attention, "You can't do this.", "Only admins and managers of an active organization make workspaces.")
      }
    }
  }

  private func enroll(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let draft = try ResourceDraft(name: visit.field("name"), slug: visit.field("slug"), description: visit.field("description"))
      return .page(try await overviewPage(visit, fresh: try await enroll(draft, in: visit.parameter("organization"), by: visit.caller)))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await newPage(FormState("workspace", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  // MARK: One of them

  /// The first page of one, with a key that was made a moment ago.
  func overviewPage(_ visit: Visit, fresh: NewWorkspace? = nil) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let reference = organization.id.description
    let workspace = try await find(fresh?.workspace.id.description ?? visit.parameter("workspace"), in: reference, by: visit.caller)
    let options = try await options(of: workspace, in: organization, by: visit.caller)
    let search = fresh == nil ? visit.query("q") : nil
    let projects = try await plane.projects.list(
      of: workspace.id.description, in: reference, search: search, fresh == nil ? visit.page : .first, by: visit.caller)
    let people =
      options.canGrant
      ? try await plane.grants.list(on: .workspace(workspace.id.description), in: reference, PageRequest(limit: 1), by: visit.caller).total : 0
    let here: Link = "/\(organization.slug)/workspaces/\(workspace.resource.slug)"
    let isStarred = try await plane.stars.contains(workspace.resource.id, by: visit.caller)
    let settings =
      fresh?.settings
      ?? ServerSetting.all(of: workspace, in: organization, at: plane.settings, key: "the enrollment key")
    return ConsolePage(
      "\(workspace.resource.name) in \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "workspaces")),
      isShownOnce: fresh != nil
    ) {
      workspaceHead(workspace, of: organization, options, current: "overview")
      if let fresh {
        pageSection("Its enrollment key", "Keep it now: it isn't shown again. With it the workspace's server signs in and reports.") {
          secretLine(fresh.secret.reveal(), label: "Enrollment key")
        }
      }
      if options.canChange, workspace.state.status == .notInitialized { guide(workspace, settings, people: people, isFresh: fresh != nil, options, here) }
      facts(workspace, now: plane.world.clock())
      if fresh == nil { starButton(workspace.resource, isStarred: isStarred, at: here, visit) }
      projectSection(projects, search, options, here)
      if options.canChange, workspace.state.status != .notInitialized, fresh != nil { settingSection(settings) }
    }
  }

  private func facts(_ workspace: Workspace, now: Timestamp) -> HTML {
    definitions([
      ("Status", HTML(workspace.state.reason)),
      ("Server", workspace.address.map { address in code { address } } ?? "none yet"), ("Version", workspace.server.map { HTML($0.version) } ?? "unknown"),
      ("Reported", workspace.server.map { relativeTime($0.reported, now: now) } ?? "never"), ("Made", relativeTime(workspace.resource.createdAt, now: now)),
    ])
  }

  /// First steps, until the server has reported.
  private func guide(_ workspace: Workspace, _ settings: [ServerSetting], people: Int, isFresh: Bool, _ options: WorkspaceOptions, _ here: Link) -> HTML {
    fragment {
      pageSection("First steps") {
        stepList([
          Step("Enroll it", "Its place is here, with a key for its server.", isDone: true),
          Step(
            "Start its server with these settings", isFresh ? "They are below, with the key in them." : "They are below; put in the key, or make a new one.",
            isDone: workspace.server != nil, action: isFresh ? nil : linkButton("A new key", href: "\(here)/settings#enrollment-key")),
          Step("Give people access", "You are its admin. Add people and teams, each with a role.", isDone: people > 1,
            action: options.canGrant ? linkButton("Give access", href: "\(here)/access") : nil),
          Step("Make a project", "Work is kept in projects, each with people of its own.", isDone: workspace.projects > 0,
            action: options.canCreateProjects ? linkButton("New project", href: "\(here)/projects/new") : nil),
        ])
      }
      settingSection(settings)
    }
  }

  private func settingSection(_ settings: [ServerSetting]) -> HTML {
    pageSection(
      "Settings of its server",
      "For the environment of a ZenML server, 0.84 or newer. Put its own address in the last line: clients find it by that."
    ) {
      codeBlock(settings.map(\.line).joined(separator: "\n"), title: "Environment")
    }
  }

  // MARK: Its projects

  private func projectSection(_ page: Page<Project>, _ search: String?, _ options: WorkspaceOptions, _ here: Link) -> HTML {
    pageSection("Projects") {
      if page.items.isEmpty, search == nil {
        emptyState("No projects", options.canCreateProjects ? "Make one: you are its admin." : "None here that you have access to.") {
          if options.canCreateProjects { linkButton("New project", href: "\(here)/projects/new") }
        }
      } else {
        filterBar(here, search: search ?? "", placeholder: "Find a project by name", replaces: "projects") {
        } actions: {
          if options.canCreateProjects { linkButton("New project", href: "\(here)/projects/new", small: true) }
        }
        div(.id("projects"), .class("list")) { projectTable(page, search, here) { "\(here)/projects/\($0.resource.slug)" } }
      }
    }
  }
}

/// Projects in a list, with where each stands.
func projectTable(_ page: Page<Project>, _ search: String?, _ here: Link, showsWorkspace: Bool = false, _ place: (Project) -> Link) -> HTML {
  fragment {
    if page.items.isEmpty {
      emptyState("No project fits", "No project that you may see is called so. A * stands for any characters, a ? for one.") {
        linkButton("Show all projects", href: here)
      }
    } else {
      dataTable(
        "Projects", [Column("Project"), Column(showsWorkspace ? "Workspace or cluster" : "What it is for")],
        page.items.map { project in
          TableRow(
            personCell(id: project.id, name: project.resource.name.text, detail: project.resource.slug.text, href: place(project)),
            showsWorkspace ? code { project.place.slug.text } : HTML(project.resource.description.text))
        })
      pagination(shown: page.items.count, total: page.total, "project", next: page.next.map { here.adding("q", search).adding("cursor", $0.description) })
    }
  }
}

/// The two lists of what an organization's people work on.
func workspaceTabs(_ organization: Organization, current: String) -> HTML {
  tabBar(
    "Workspaces and projects",
    [
      Tab("Workspaces", href: "/\(organization.slug)/workspaces", isCurrent: current == "workspaces"),
      Tab("All projects", href: "/\(organization.slug)/projects", isCurrent: current == "projects"),
    ])
}

/// The head of every page about one workspace.
func workspaceHead(_ workspace: Workspace, of organization: Organization, _ options: WorkspaceOptions, current: String) -> HTML {
  let here: Link = "/\(organization.slug)/workspaces/\(workspace.resource.slug)"
  return fragment {
    breadcrumb([("Workspaces", "/\(organization.slug)/workspaces")])
    pageHeader(bdi { workspace.resource.name.text }, workspace.resource.description.isEmpty ? nil : HTML(workspace.resource.description.text)) {
    } badges: {
      code { workspace.resource.slug.text }
      workspace.state.statusBadge
    }
    tabBar(
      "Pages of the workspace",
      [Tab("Overview", href: here, isCurrent: current == "overview")]
        + (options.canSeeAccess ? [Tab("People with access", href: "\(here)/access", isCurrent: current == "access")] : [])
        + [objectsTab(workspace.resource, in: organization.slug.text)]
        + (options.canChange ? [Tab("Settings", href: "\(here)/settings", isCurrent: current == "settings")] : []))
  }
}

/// What is asked of everything new: name, slug, description.
func resourceFields(_ state: FormState, example: HTML, slug: HTML) -> HTML {
  fragment {
    textField("Name", "name", in: state, hint: example, .maxlength(128))
    textField("Handle", "slug", in: state, hint: slug, optional: true, .maxlength(32), .autocapitalize("none"), .spellcheck(false))
    textAreaField("Description", "description", in: state, rows: 2, limit: 2000, hint: "What it is for.", optional: true)
  }
}

extension WorkspaceState {
  /// How it stands, for people.
  fileprivate var statusBadge: HTML {
    switch status {
    case .notInitialized: badge("not started", .attention)
    case .pending: badge("pending", .accent)
    case .available: badge("available", .good)
    case .failed: badge("failed", .danger)
    case .deactivated: badge("deactivated", .attention)
    case .deleted: badge("deleted", .danger)
    }
  }
}

extension Visit {
  /// Where the list of the organization's workspaces stands.
  var workspaces: String { "/\(parameter("organization"))/workspaces" }
  /// Where the page of the workspace in the path stands.
  var workspace: String { "\(workspaces)/\(parameter("workspace"))" }
  /// Where the page of the cluster in the path stands.
  var cluster: String { "/\(parameter("organization"))/clusters/\(parameter("cluster"))" }
  /// What the project in the path is in.
  var projectPlace: ProjectPlace { parameter("cluster").isEmpty ? .workspace(parameter("workspace")) : .cluster(parameter("cluster")) }
  /// Where the page of that stands.
  var place: String { parameter("cluster").isEmpty ? workspace : cluster }
  /// Where the page of the project in the path stands.
  var project: String { "\(place)/projects/\(parameter("project"))" }
}

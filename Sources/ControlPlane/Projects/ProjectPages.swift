import Authorization
import Kernel
import Markup

extension Projects {
  var pages: [PageRoute] {
    [.page("/{organization}/projects") { visit async throws(Problem) in .page(try await listPage(visit)) }]
      + ["/{organization}/workspaces/{workspace}", "/{organization}/clusters/{cluster}"].flatMap { place -> [PageRoute] in
        [
          .page("\(place)/projects/new") { visit async throws(Problem) in
            .page(try await newPage(FormState("project", ["default_role": ResourceRole.projectContributor.name]), visit))
          },
          .form("\(place)/projects/new") { visit async throws(Problem) in try await create(visit) },
          .passage("\(place)/projects") { $0.place },
          .page("\(place)/projects/{project}/settings") { visit async throws(Problem) in .page(try await settingsPage(nil, visit)) },
          .form("\(place)/projects/{project}/settings") { visit async throws(Problem) in try await save(visit) },
          .page("\(place)/projects/{project}/deletion") { visit async throws(Problem) in .page(try await deletionPage(FormState("delete"), visit)) },
          .form("\(place)/projects/{project}/deletion") { visit async throws(Problem) in try await delete(visit) },
        ]
      }
  }

  // MARK: All of them

  private func listPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let search = visit.query("q")
    let page = try await list(in: organization.id.description, search: search, visit.page, by: visit.caller)
    let here: Link = "/\(organization.slug)/projects"
    return ConsolePage("Projects of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "workspaces"))) {
      pageHeader(
        "Projects",
        permissions.contains(.projectRead) ? "Of all workspaces and clusters." : "Of all workspaces and clusters, as far as you have access to them.")
      workspaceTabs(organization, current: "projects")
      if page.items.isEmpty, search == nil {
        emptyState("No projects yet", "Projects are made in a workspace or on a cluster that you may see: open one, and make a project there.") {
          linkButton("To the workspaces", href: "/\(organization.slug)/workspaces")
        }
      } else {
        filterBar(here, search: search ?? "", placeholder: "Find by name, * and ? allowed", replaces: "projects")
        div(.id("projects"), .class("list")) {
          projectTable(page, search, here, showsWorkspace: true) { projectLink($0, in: organization) }
        }
      }
    }
  }

  // MARK: A new one

  private func newPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let outer = try await outer(visit, in: organization)
    let place = outer.page
    return ConsolePage(
      "New project in \(outer.name)", in: .organization(OrganizationFrame(organization, permissions, section: outer.section)), status: status
    ) {
      breadcrumb([(sectionTitle(outer.section), "/\(organization.slug)/\(outer.section)"), (outer.name.text, place)])
      pageHeader("New project", "You are its admin, and give others access on the next page.")
      if outer.takesProjects {
        postForm("\(place)/projects/new", state, token: visit.token) {
          let among = outer.section == "clusters" ? "on the cluster" : "in the workspace"
          resourceFields(
            state, example: "What people call it, such as Forecast.", slug: HTML("Unique \(among). Made from the name if you leave it empty."))
          defaultRoleField(state)
          buttonRow {
            submitButton("Make the project")
            linkButton("Cancel", href: place)
          }
        }
      } else {
        banner(.attention, "You can't do this.", "Your roles don't let you make projects here. Ask one of its admins.")
      }
    }
  }

  private func defaultRoleField(_ state: FormState) -> HTML {
    fragment {
      selectField(
        "Default role", "default_role", in: state, ResourceRole.all(of: .project).filter { $0 != .projectAdmin }.map { Choice($0.name, $0.name) },
        hint: "Of who gets access without a role being told.")
      checkField(
        "Who joins the organization gets access, with the default role", "is_default", value: "yes", in: state,
        hint: "From now on; guests, and those who only pay, don't.")
    }
  }

  private func create(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let draft = try ResourceDraft(name: visit.field("name"), slug: visit.field("slug"), description: visit.field("description"))
      let project = try await create(
        draft, defaultRole: visit.field("default_role"), isDefault: visit.field("is_default") == "yes",
        at: visit.projectPlace, in: visit.parameter("organization"), by: visit.caller)
      return .redirect(
        to: "\(visit.place)/projects/\(project.resource.slug)", flash: Flash(.good, "\(project.resource.name) is there. Give people access now."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await newPage(FormState("project", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  // MARK: Settings

  private func settingsPage(_ returned: FormState?, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let project = try await find(visit.parameter("project"), at: visit.projectPlace, in: organization.id.description, by: visit.caller)
    let options = try await options(of: project, in: organization, by: visit.caller)
    let here = projectLink(project, in: organization)
    let state = returned ?? FormState(
      "project",
      [
        "name": project.resource.name.text, "slug": project.resource.slug.text, "description": project.resource.description.text,
        "default_role": project.defaultRole.name, "is_default": project.isDefault ? "yes" : "", "revision": String(project.resource.revision),
      ])
    return ConsolePage(
      "Settings of \(project.resource.name)", in: .organization(OrganizationFrame(organization, permissions, section: project.section)), status: status
    ) {
      projectHead(project, of: organization, options, current: "settings")
      if options.canChange {
        pageSection("Name and description") {
          postForm("\(here)/settings", state, token: visit.token) {
            revisionField(project.resource.revision, in: state)
            textField("Name", "name", in: state, .maxlength(128))
            textField(
              "Handle", "slug", in: state, hint: "Scripts and addresses with the present one stop working when you change it.", .maxlength(32),
              .autocapitalize("none"), .spellcheck(false))
            textAreaField("Description", "description", in: state, rows: 2, limit: 2000, hint: "What it is for.", optional: true)
            defaultRoleField(state)
            buttonRow { submitButton("Save changes", .plain) }
          }
        }
        attributesLink(project.resource, in: organization)
        if options.canDelete {
          dangerZone([
            DangerousAct(
              "Delete \(project.resource.name)", "It ends with all access to it, at once and for good.",
              action: linkButton("Delete", href: "\(here)/deletion", .danger))
          ])
        }
      } else {
        banner(.attention, "You can't do this.", "Only admins and managers of the project, and admins above it, change it.")
      }
    }
  }

  private func save(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let changes = ProjectUpdate(
        ResourceUpdate(name: visit.field("name"), slug: visit.field("slug"), description: visit.field("description")), defaultRole: visit.field("default_role"),
        isDefault: visit.field("is_default") == "yes")
      let saved = try await update(
        visit.parameter("project"), changes, seen: Int(visit.field("revision")), at: visit.projectPlace, in: visit.parameter("organization"),
        by: visit.caller)
      return .redirect(
        to: "\(visit.place)/projects/\(saved.resource.slug)/settings", flash: Flash(.good, "\(saved.resource.name) is saved."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await settingsPage(FormState("project", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  // MARK: Deleting

  private func deletionPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let project = try await find(visit.parameter("project"), at: visit.projectPlace, in: organization.id.description, by: visit.caller)
    let options = try await options(of: project, in: organization, by: visit.caller)
    let (here, name) = (projectLink(project, in: organization), project.resource.name)
    return ConsolePage("Delete \(name)", in: .organization(OrganizationFrame(organization, permissions, section: project.section)), status: status) {
      breadcrumb(projectPath(project, in: organization) + [(name.text, here)])
      pageHeader(HTML("Delete \(name)"))
      if options.canDelete {
        consequences([
          "Everybody's access to it ends at once", "It can't be brought back, and its handle is free again",
          "What was done with it stays in the audit log, under its name",
        ])
        postForm("\(here)/deletion", state, token: visit.token) {
          confirmField("Type \(code { project.resource.slug.text }) to show that you mean it", "confirm", expecting: project.resource.slug.text, in: state)
          buttonRow {
            submitButton("Delete \(name)", .final)
            linkButton("Cancel", href: "\(here)/settings")
          }
        }
      } else {
        banner(.attention, "You can't do this.", "Only admins of the project, and admins above it, delete it.")
      }
    }
  }

  private func delete(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let (project, place, reference) = (visit.parameter("project"), visit.projectPlace, visit.parameter("organization"))
      let name = try await find(project, at: place, in: reference, by: visit.caller).resource.name
      try await delete(project, confirm: visit.field("confirm"), at: place, in: reference, by: visit.caller)
      return .redirect(to: visit.place, flash: Flash(.attention, "\(name) is deleted, with all access to it."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await deletionPage(FormState("delete", values: visit.typed, problem: error), visit, status: 422))
    }
  }
}

/// What a project is made in, as its page shows it.
private struct OuterPlace {
  let name: DisplayName
  let page: Link
  /// Of the navigation.
  let section: String
  let takesProjects: Bool
}

extension Projects {
  private func outer(_ visit: Visit, in organization: Organization) async throws(Problem) -> OuterPlace {
    let id = organization.id.description
    switch visit.projectPlace {
    case .workspace(let workspace):
      let found = try await plane.workspaces.find(workspace, in: id, by: visit.caller)
      let options = try await plane.workspaces.options(of: found, in: organization, by: visit.caller)
      return OuterPlace(
        name: found.resource.name, page: "/\(organization.slug)/workspaces/\(found.resource.slug)", section: "workspaces",
        takesProjects: options.canCreateProjects)
    case .cluster(let cluster):
      let found = try await plane.organizationClusters.find(cluster, in: id, by: visit.caller)
      let options = try await plane.organizationClusters.options(of: found, in: organization, by: visit.caller)
      return OuterPlace(
        name: found.resource.name, page: "/\(organization.slug)/clusters/\(found.resource.slug)", section: "clusters",
        takesProjects: options.canCreateProjects)
    }
  }
}

/// What a section of the navigation is called.
func sectionTitle(_ section: String) -> String { section.prefix(1).uppercased() + section.dropFirst() }

extension Project {
  /// Of the navigation.
  var section: String { place.kind == .cluster ? "clusters" : "workspaces" }
}

/// Where the page of a project stands.
func projectLink(_ project: Project, in organization: Organization) -> Link {
  "/\(organization.slug)/\(project.section)/\(project.place.slug)/projects/\(project.resource.slug)"
}

/// What leads to it.
func projectPath(_ project: Project, in organization: Organization) -> [(title: String, href: Link)] {
  let list: Link = "/\(organization.slug)/\(project.section)"
  return [(sectionTitle(project.section), list), (project.place.slug.text, "\(list)/\(project.place.slug)")]
}

/// The head of every page about one project.
func projectHead(_ project: Project, of organization: Organization, _ options: ProjectOptions, current: String) -> HTML {
  let here = projectLink(project, in: organization)
  return fragment {
    breadcrumb(projectPath(project, in: organization))
    pageHeader(bdi { project.resource.name.text }, project.resource.description.isEmpty ? nil : HTML(project.resource.description.text)) {
    } badges: {
      code { "\(project.place.slug)/\(project.resource.slug)" }
      if project.isDefault { badge("default project", .accent) }
    }
    tabBar(
      "Pages of the project",
      [Tab("People with access", href: here, isCurrent: current == "access"), objectsTab(project.resource, in: organization.slug.text)]
        + (options.canChange ? [Tab("Settings", href: "\(here)/settings", isCurrent: current == "settings")] : []))
  }
}

import Authorization
import Kernel
import Markup

/// The pages of the clusters that an organization has.
struct OrganizationClusterPages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    [
      .page("/{organization}/clusters") { visit async throws(Problem) in .page(try await listPage(visit)) },
      .page("/{organization}/clusters/{cluster}") { visit async throws(Problem) in .page(try await overviewPage(visit)) },
      .form("/{organization}/clusters/{cluster}/personal-project") { visit async throws(Problem) in try await personal(visit) },
      .passage("/{organization}/clusters/{cluster}/personal-project") { $0.cluster },
      .page("/{organization}/clusters/{cluster}/settings") { visit async throws(Problem) in .page(try await settingsPage(nil, visit)) },
      .form("/{organization}/clusters/{cluster}/settings") { visit async throws(Problem) in try await save(visit) },
    ]
  }

  // MARK: The list

  private func listPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let search = visit.query("q")
    let page = try await plane.organizationClusters.list(in: organization.id.description, search: search, visit.page, by: visit.caller)
    let isOperator = try await plane.viewer(as: visit.caller)?.isSuperUser ?? false
    let here: Link = "/\(organization.slug)/clusters"
    return ConsolePage("Clusters of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "clusters"))) {
      pageHeader(
        "Clusters", permissions.contains(.clusterRead) ? "Machines on which your work runs." : "You see those that you have.",
        actions: { if isOperator { linkButton("All clusters", href: "/operator/clusters") } })
      if page.items.isEmpty, search == nil {
        emptyState(
          "No clusters yet", "Operators of this installation register clusters and let organizations have them. Who has a cluster makes projects on it.") {
          if isOperator { linkButton("Let it have one", href: "/operator/clusters") }
        }
      } else {
        filterBar(here, search: search ?? "", placeholder: "Find by name, * and ? allowed", replaces: "clusters")
        div(.id("clusters"), .class("list")) {
          if page.items.isEmpty {
            emptyState("No cluster fits", "No cluster that you may see is called so. A * stands for any characters, a ? for one.") {
              linkButton("Show all clusters", href: here)
            }
          } else {
            dataTable(
              "Clusters", [Column("Cluster"), Column("State"), Column("Presets", .number), Column("Projects", .number)],
              page.items.map { found in
                TableRow(
                  personCell(
                    id: found.resource.id, name: found.resource.name.text, detail: found.resource.slug.text, href: "\(here)/\(found.resource.slug)"),
                  tenantBadge(found), HTML(grouped(found.cluster.presets.count)), HTML(grouped(found.projects)))
              })
            pagination(shown: page.items.count, total: page.total, "cluster", next: page.next.map { here.adding("q", search).adding("cursor", $0.description) })
          }
        }
      }
    }
  }

  // MARK: One of them

  private func overviewPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let reference = organization.id.description
    let (found, limits) = try await plane.organizationClusters.open(visit.parameter("cluster"), in: reference, by: visit.caller)
    let options = try await plane.organizationClusters.options(of: found, in: organization, by: visit.caller)
    let search = visit.query("q")
    let projects = try await plane.projects.list(
      at: .cluster(found.resource.id.description), in: reference, search: search, visit.page, by: visit.caller)
    let here: Link = "/\(organization.slug)/clusters/\(found.resource.slug)"
    let isStarred = try await plane.stars.contains(found.resource.id, by: visit.caller)
    return ConsolePage(
      "\(found.resource.name) in \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "clusters"))
    ) {
      clusterHead(found, of: organization, options, current: "overview")
      if found.isInMaintenance { banner(.attention, "It is in maintenance.", "Nothing new begins on it. What runs goes on.") }
      pageSection("Projects", "What runs here runs in a project.") {
        if projects.items.isEmpty, search == nil {
          emptyState(
            "No projects yet", options.canCreateProjects ? "Make the first one, or one of your own, called as you are." : "Its managers give you access.") {
            if options.canCreateProjects { linkButton("Make a project", href: "\(here)/projects/new") }
          }
        } else {
          filterBar(here, search: search ?? "", placeholder: "Find by name, * and ? allowed", replaces: "projects") {
          } actions: {
            if options.canCreateProjects { linkButton("New project", href: "\(here)/projects/new", small: true) }
          }
          div(.id("projects"), .class("list")) { projectTable(projects, search, here) { "\(here)/projects/\($0.resource.slug)" } }
        }
        if options.canCreateProjects {
          actionForm("\(here)/personal-project", token: visit.token) { submitButton("Open a project of your own", .plain) }
        }
      }
      pageSection("Presets", "What you choose for a job, with the price of an hour. What is charged stands in the price list.") {
        if found.cluster.presets.isEmpty { emptyState("No presets yet", "Operators of this installation set them.") } else { presetTable(found.cluster) }
      }
      if !found.cluster.nodePools.isEmpty { pageSection("Node pools") { poolTable(found.cluster) } }
      pageSection("About it") {
        clusterFacts(
          found.cluster, behind: [("The organization may have", HTML(limits.words)), ("Who joins gets", code { found.defaultRole.name })],
          now: plane.world.clock())
        starButton(found.resource, isStarred: isStarred, at: here, visit)
        if permissions.contains(.creditsRead) { p { a(href: "/\(organization.slug)/credits/quotas") { "Quotas of members" } } }
      }
    }
  }

  private func personal(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let project = try await plane.projects.personal(on: visit.parameter("cluster"), in: visit.parameter("organization"), by: visit.caller)
      return .redirect(to: "\(visit.cluster)/projects/\(project.resource.slug)")
    } catch {
      guard error.isMendable else { throw error }
      return .redirect(to: visit.cluster, flash: Flash(.danger, error.detail))
    }
  }

  // MARK: Settings

  private func settingsPage(_ returned: FormState?, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let found = try await plane.organizationClusters.find(visit.parameter("cluster"), in: organization.id.description, by: visit.caller)
    let options = try await plane.organizationClusters.options(of: found, in: organization, by: visit.caller)
    let here: Link = "/\(organization.slug)/clusters/\(found.resource.slug)"
    let state = returned ?? FormState("cluster", ["default_role": found.defaultRole.name, "revision": String(found.resource.revision)])
    return ConsolePage(
      "Settings of \(found.resource.name)", in: .organization(OrganizationFrame(organization, permissions, section: "clusters")), status: status
    ) {
      clusterHead(found, of: organization, options, current: "settings")
      if options.canChange {
        postForm("\(here)/settings", state, token: visit.token) {
          revisionField(found.resource.revision, in: state)
          selectField(
            "Who joins gets", "default_role", in: state, clusterRoleChoices,
            hint: "Of who joins the organization from now on, and of who is given access without a role being told.")
          buttonRow { submitButton("Save changes") }
        }
        attributesLink(found.resource, in: organization)
      } else {
        banner(.attention, "You can't do this.", "Only managers of the cluster, and managers and admins of an active organization, change it.")
      }
    }
  }

  private func save(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let saved = try await plane.organizationClusters.update(
        visit.parameter("cluster"), defaultRole: visit.field("default_role"), seen: Int(visit.field("revision")), in: visit.parameter("organization"),
        by: visit.caller)
      return .redirect(to: "\(visit.cluster)/settings", flash: Flash(.good, "Who joins gets the role \(saved.defaultRole.name) from now on."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await settingsPage(FormState("cluster", values: visit.typed, problem: error), visit, status: 422))
    }
  }
}

/// The head of every page about one cluster of an organization.
func clusterHead(_ found: OrganizationCluster, of organization: Organization, _ options: ClusterOptions, current: String) -> HTML {
  let here: Link = "/\(organization.slug)/clusters/\(found.resource.slug)"
  return fragment {
    breadcrumb([("Clusters", "/\(organization.slug)/clusters")])
    pageHeader(bdi { found.resource.name.text }, found.cluster.description.isEmpty ? nil : HTML(found.cluster.description.text)) {
    } badges: {
      code { found.resource.slug.text }
      tenantBadge(found)
    }
    tabBar(
      "Pages of the cluster",
      [Tab("Overview", href: here, isCurrent: current == "overview")]
        + (options.canSeeAccess ? [Tab("People with access", href: "\(here)/access", isCurrent: current == "access")] : [])
        + (options.canChange ? [Tab("Settings", href: "\(here)/settings", isCurrent: current == "settings")] : []))
  }
}

private func tenantBadge(_ found: OrganizationCluster) -> HTML {
  found.isInMaintenance ? badge("maintenance", .attention) : badge("available", .good)
}

import Authorization
import Kernel
import Markup

extension Roles {
  var pages: [PageRoute] {
    [.page("/{organization}/roles") { visit async throws(Problem) in .page(try await rolesPage(visit)) }] + RoleEditorPages(plane: plane).pages
  }

  private func rolesPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let standings = try await list(in: organization.id.description, by: visit.caller)
    let defined = try await listDefined(in: organization.id.description, visit.page, by: visit.caller)
    return ConsolePage("Roles in \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "roles"))) {
      pageHeader(
        "Roles", "What the holders of each role may do here. Several roles add up, and nobody gives a role that allows more than their own.",
        actions: {
          linkButton("Requests", href: "/\(organization.slug)/roles/requests")
          if permissions.contains(.memberList) { linkButton("Who holds more", href: "/\(organization.slug)/roles/holders") }
          if permissions.contains(.roleManage) { linkButton("New role", href: "/\(organization.slug)/roles/new", .primary) }
        })
      roleTable(standings, of: organization)
      pageSection("Roles of your own", "Copies of others, changed to fit: on the organization, or on what is in it.", id: "own") {
        definedTable(defined, of: organization, permissions)
      }
      pageSection("What each of them allows", id: "permissions") { permissionMatrix() }
    }
  }

  private func definedTable(_ page: Page<DefinedRole>, of organization: Organization, _ permissions: Set<Permission>) -> HTML {
    let here: Link = "/\(organization.slug)/roles"
    return fragment {
      if page.items.isEmpty {
        emptyState(
          "No roles of your own",
          permissions.contains(.roleManage) ? "Copy one that almost fits, and choose what it allows." : "Admins make them, where the built-in ones don't fit.")
      } else {
        dataTable(
          "Roles of your own", [Column("Role"), Column("Given on"), Column("Copied from"), Column("Held", .number)],
          page.items.map { role in
            TableRow(
              fragment {
                a(href: "\(here)/\(role.reference)") { bdi { role.name.text } }
                " "
                code { role.slug.text }
              }, HTML(role.scope.place), role.base.isEmpty ? "–" : HTML(role.base), HTML(grouped(role.holders)))
          })
        pagination(shown: page.items.count, total: page.total, "role", next: page.next.map { here.adding("cursor", $0.description) })
      }
    }
  }

  private func roleTable(_ standings: [RoleStanding], of organization: Organization) -> HTML {
    let isCounted = standings.contains { $0.members != nil }
    return dataTable(
      "Roles", [Column("Role"), Column("What it is for"), Column("You")] + (isCounted ? [Column("Members", .number)] : []),
      standings.map { standing in
        let name = standing.role.rawValue
        let you = badgeRow {
          if standing.isOwn { badge("yours", .accent) }
          if standing.isGrantable { badge("yours to give") }
        }
        guard let members = standing.members else { return TableRow(HTML(name), HTML(standing.role.summary), you) }
        let count: HTML =
          members == 0
          ? "0" : a(href: ("/\(organization.slug)/members" as Link).adding("role", name), .aria("label", "\(counted(members, "member")) with the role \(name)")) { grouped(members) }
        return TableRow(HTML(name), HTML(standing.role.summary), you, count)
      })
  }
}

/// Who may do what, from the table that every decision looks at.
func permissionMatrix() -> HTML {
  matrix(
    "What each role allows", corner: "May", columns: OrganizationRole.allCases.map(\.rawValue),
    Permission.groups.map { group in
      MatrixGroup(
        group.title,
        group.permissions.map { permission in
          (permission.deed.prefix(1).uppercased() + permission.deed.dropFirst(), OrganizationRole.allCases.map { $0.permissions.contains(permission) })
        })
    })
}

extension Permission {
  /// All permissions, in the groups in which people look for them.
  static let groups: [(title: String, permissions: [Permission])] = [
    ("The organization", ["organization", "event"]), ("People", ["member", "invitation", "request"]),
    ("Teams, roles and policies", ["team", "role", "policy", "access"]),
    ("Workspaces and clusters", ["workspace", "cluster"]), ("Projects and apps", ["project", "app", "object"]),
    ("Money", ["credits", "quota", "usage", "billing"]), ("Machines", ["service-account"]),
  ].map { title, nouns in (title, nouns.flatMap { noun in allCases.filter { $0.rawValue.prefix { $0 != "." } == noun } }) }
}

/// The way from where a role is chosen to what the roles allow.
func rolesLink(of organization: Organization, _ text: String = "What the roles allow") -> HTML { a(href: "/\(organization.slug)/roles") { text } }

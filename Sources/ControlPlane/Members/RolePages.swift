import Authorization
import Kernel
import Markup

extension Roles {
  var pages: [PageRoute] {
    [.page("/{organization}/roles") { visit async throws(Problem) in .page(try await rolesPage(visit)) }]
  }

  private func rolesPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let standings = try await list(in: organization.id.description, by: visit.caller)
    return ConsolePage("Roles in \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "roles"))) {
      pageHeader("Roles", "What the holders of each role may do here. Several roles add up, and nobody gives a role that allows more than their own.")
      roleTable(standings, of: organization)
      pageSection("What each of them allows", id: "permissions") { permissionMatrix() }
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
    ("The organization", ["organization", "event"]), ("People", ["member", "invitation", "request"]), ("Teams and policies", ["team", "policy", "access"]),
    ("Workspaces and clusters", ["workspace", "cluster"]), ("Projects and apps", ["project", "app", "object"]),
    ("Money", ["credits", "quota", "usage", "billing"]), ("Machines", ["service-account"]),
  ].map { title, nouns in (title, nouns.flatMap { noun in allCases.filter { $0.rawValue.prefix { $0 != "." } == noun } }) }
}

/// The way from where a role is chosen to what the roles allow.
func rolesLink(of organization: Organization, _ text: String = "What the roles allow") -> HTML { a(href: "/\(organization.slug)/roles") { text } }

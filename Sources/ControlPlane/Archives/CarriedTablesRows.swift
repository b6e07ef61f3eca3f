import Authorization
import Contract
import Kernel
import Storage

/// All that archives carry as it is stored, each behind what it names.
extension CarriedTable {
  static let all: [CarriedTable] = roles + things + access + money + usage + limits

  /// Which stay behind, and why.
  static let left: [String: String] = [
    "account": "people stand in the archive's own list", "account_email": "people stand in the archive's own list",
    "organization": "in the archive's own words", "organization_setting": "in the archive's own list", "name": "in the archive's own list",
    "member": "in the archive's own list", "former_member": "in the archive's own list", "invitation": "in the archive's own list",
    "join_request": "in the archive's own list", "service_account": "in the archive's own list", "team_seat": "in the archive's own list",
    "former_team_seat": "in the archive's own list", "workspace": "in the archive's own list", "policy": "in the archive's own list",
    "policy_schema": "in the archive's own list", "event": "in the archive's own list", "event_head": "in the archive's own list",
    "policy_version": "what a policy was before", "policy_set": "made anew", "member_segment": "made anew", "access_head": "counts this installation's changes",
    "access_change": "counts this installation's changes", "project_intent": "of minutes", "service_account_key": "secret", "derived_token": "secret",
    "code_login": "secret", "device_login": "secret",
  ]

  // MARK: Roles

  private static let roles: [CarriedTable] = [
    CarriedTable("custom_role",
      fault: { row in
        let isOrganization = row.text("scope") == RoleScope.organization.rawValue
        let rights = (row.text("rights") ?? "").pieces(between: ",").filter { !$0.isEmpty }
        let own = (row.text("own_rights") ?? "").pieces(between: ",").filter { !$0.isEmpty }
        let areRights = isOrganization ? rights.allSatisfy { Permission(rawValue: $0) != nil } && own.isEmpty : (rights + own).allSatisfy { Right($0) != nil }
        return areRights ? nil : "This role has rights that there aren't."
      },
      [
        .id, .choice("scope", RoleScope.defining.map(\.rawValue)), .slug("slug"), .name("name"), .note("description"), .text("base", atMost: 200),
        .text("rights", atMost: 200_000), .text("own_rights", atMost: 200_000), .flag("reads_projects"), .instant("created_at"), .revision,
      ]),
    // Teams have a list of their own, from before they had this.
    CarriedTable("team_default_role", in: "team",
      of: .condition { organization, _ in "t.organization = \(organization) AND t.default_role <> ''" }, taken: .changed,
      left: ["organization", "slug", "name", "search_name", "description", "created_at", "revision"],
      [.id(of: "team"), appRole]),
  ]

  private static let appRole = CarriedColumn.parsed("default_role") { text throws(Rejection) in
    if ResourceRole(rawValue: text) == nil || !text.hasPrefix("app.") { throw Rejection("There is no such role.") }
  }

  // MARK: Things

  /// What the archive's own list of workspaces holds.
  private static func listed(_ organization: ID<Organization>) -> Statement {
    """
    SELECT w.id FROM resource w WHERE w.organization = \(organization) AND w.type = 'workspace'
    UNION ALL SELECT p.id FROM resource w CROSS JOIN resource p
    WHERE w.organization = \(organization) AND w.type = 'workspace' AND p.parent = w.id AND p.type = 'project'
    """
  }

  private static func own(_ organization: ID<Organization>) -> Statement { "SELECT r.id FROM resource r WHERE r.organization = \(organization)" }

  private static let attributes = CarriedColumn.parsed("attributes") { text throws(Rejection) in
    guard text.utf8.count <= ResourceAttributes.limit else { throw Rejection("Attributes take at most \(ResourceAttributes.limit) bytes.") }
    do { _ = try ResourceAttributes(stored: text) } catch { throw Rejection("These can't be read as attributes.") }
  }

  private static let things: [CarriedTable] = [
    // Clusters are the installation's: one that has this slug where the organization is taken in stands for it.
    CarriedTable("cluster",
      of: .condition { organization, _ in "t.id IN (SELECT o.cluster FROM organization_cluster o WHERE o.organization = \(organization))" }, taken: .special,
      computed: [.lowercased("search_name", of: "name")],
      [
        .id, .slug("slug"), .name("name"), .note("description"), .text("location"), .text("addresses", atMost: 100_000), .text("node_pools", atMost: 1_000_000),
        .text("presets", atMost: 1_000_000), .role("default_role"), .flag("is_default"), .flag("maintenance"), .integer("running_jobs", 0...Int64.max).optional,
        .integer("member_running_jobs", 0...Int64.max).optional, .integer("storage", 0...Int64.max).optional, .instant("created_at"), .revision,
      ]),
    CarriedTable("image",
      of: .condition { organization, _ in
        "t.digest IN (SELECT a.image FROM resource r CROSS JOIN app a WHERE r.organization = \(organization) AND r.type = 'app' AND a.resource = r.id)"
      }, taken: .special, by: "t.digest", [.key("digest"), .text("media_type", atMost: 100), .text("content", atMost: 10_000_000)]),
    CarriedTable("resource", of: .condition { organization, _ in "t.organization = \(organization) AND t.id NOT IN (\(listed(organization)))" },
      computed: [.lowercased("search_name", of: "name"), CarriedComputation("organization") { _, organization in organization.sqlValue }],
      fault: { row in row.text("type") == "workspace" ? "Workspaces stand in a list of their own." : nil },
      [
        .id, .person("owner").optional, .text("type", atMost: 200), .reference("parent", to: "resource").optional, .slug("slug"), .name("name"),
        .note("description"), .choice("visibility", Visibility.allCases.map(\.rawValue)), attributes, .instant("created_at"), .revision,
      ]),
    // Workspaces and their projects have a list of their own, from before they had this.
    CarriedTable("resource_attributes", in: "resource",
      of: .condition { organization, _ in "t.attributes <> '{}' AND t.id IN (\(listed(organization)))" }, taken: .changed,
      left: ["organization", "owner", "type", "parent", "slug", "name", "search_name", "description", "visibility", "created_at", "revision"],
      [.id(of: "resource"), attributes]),
    CarriedTable("organization_cluster", by: "t.resource",
      [.id(of: "resource", "resource"), .cluster("cluster"), .role("default_role"), .flag("maintenance")]),
    CarriedTable("project",
      of: .condition { organization, _ in
        "t.resource IN (\(own(organization)) AND r.type = 'project') AND t.resource NOT IN (\(listed(organization)))"
      }, by: "t.resource", [.id(of: "resource", "resource"), .flag("is_default"), .role("default_role")]),
    CarriedTable("app", of: .condition { organization, _ in "t.resource IN (\(own(organization)) AND r.type = 'app')" }, by: "t.resource",
      [
        .id(of: "resource", "resource"), .text("notes", atMost: 65_536), .flag("is_template"), .reference("image", to: "image").optional,
        .instant("changed_at"),
      ]),
    CarriedTable("star",
      of: .condition { organization, _ in
        "t.resource IN (\(own(organization))) AND t.account IN (SELECT m.account FROM member m WHERE m.organization = \(organization))"
      }, by: "t.resource, t.account", [.person("account"), .reference("resource", to: "resource"), .instant("since")]),
  ]

  // MARK: Access

  /// A holder's kind and the column that names them go together.
  @Sendable private static func holderFault(_ row: CarriedRow) -> String? {
    let columns = ["account": "member", "invitation": "invitation", "service-account": "service_account", "team": "team"]
    let named = columns.values.filter { !row.isNull($0) }
    return named.count == 1 && named.first == columns[row.text("kind") ?? ""] ? nil : "Give the one holder that its kind says."
  }

  @Sendable private static func customRoleFault(_ row: CarriedRow) -> String? {
    row.isNull("custom_role") || row.text("custom_role") == row.text("role") ? nil : "A role of one's own stands in both columns."
  }

  /// What people are called where they are taken in.
  private static func renamed(_ table: StaticString) -> @Sendable (ID<Organization>) -> Statement {
    { organization in
      let table = Statement(table)
      return """
        UPDATE \(table) SET sort_name = (SELECT m.sort_name FROM member m WHERE m.id = \(table).member)
        WHERE member IN (SELECT m.id FROM member m WHERE m.organization = \(organization))
        """
    }
  }

  private static let holder: [CarriedColumn] = [
    .reference("member", to: "member").optional, .reference("service_account", to: "service_account").optional, .reference("team", to: "team").optional,
  ]

  private static let access: [CarriedTable] = [
    CarriedTable("access_grant",
      of: .condition { organization, _ in
        "t.resource IN (\(own(organization))) AND (t.custom_role IS NOT NULL OR t.resource NOT IN (\(listed(organization))))"
      }, after: [renamed("access_grant")], fault: { holderFault($0) ?? customRoleFault($0) },
      [.id, .reference("resource", to: "resource"), .choice("kind", of: Grant.Kind.self)] + holder + [
        .reference("invitation", to: "invitation").optional, .role("role"), .reference("custom_role", to: "custom_role").optional,
        .instant("expires_at").optional, .text("sort_name"), .instant("since"), .revision,
      ]),
    CarriedTable("former_access_grant",
      of: .condition { organization, now in
        """
        t.organization = \(organization) AND (t.custom_role IS NOT NULL OR t.resource NOT IN (\(listed(organization)))) AND t.account IN (
          SELECT f.account FROM former_member f WHERE f.organization = \(organization) AND f.forget_at > \(now))
        """
      }, by: "t.account, t.resource, t.role", computed: [CarriedComputation("organization") { _, organization in organization.sqlValue }],
      fault: customRoleFault,
      [
        .person("account"), .reference("resource", to: "resource"), .role("role"), .reference("custom_role", to: "custom_role").optional,
        .instant("expires_at").optional,
      ]),
    CarriedTable("organization_grant", after: [renamed("organization_grant")], fault: { holderFault($0) ?? customRoleFault($0) },
      [.id, .choice("kind", ["account", "service-account", "team"])] + holder + [
        organizationRole, .reference("custom_role", to: "custom_role").optional, .instant("expires_at").optional, .text("sort_name"), .instant("since"),
        .revision,
      ]),
    CarriedTable("former_organization_grant",
      of: .condition { organization, now in
        """
        t.organization = \(organization) AND t.account IN (
          SELECT f.account FROM former_member f WHERE f.organization = \(organization) AND f.forget_at > \(now))
        """
      }, by: "t.account, t.role", computed: [CarriedComputation("organization") { _, organization in organization.sqlValue }], fault: customRoleFault,
      [.person("account"), organizationRole, .reference("custom_role", to: "custom_role").optional, .instant("expires_at").optional]),
    CarriedTable("elevation", fault: customRoleFault,
      [
        .id, .reference("member", to: "member"), .reference("resource", to: "resource").optional, anyRole,
        .reference("custom_role", to: "custom_role").optional, .integer("minutes", 1...Int64.max), .note("reason"),
        .choice("state", ["pending", "approved", "refused", "withdrawn"]), .instant("created_at"), .instant("answer_by"), .instant("answered_at").optional,
        .text("answered_by").optional, .note("answer"), .instant("granted_until").optional,
      ]),
    // Whoever hasn't answered finds the invitation in the list of their own; its link is a secret, and a new one can be made.
    CarriedTable("collaborator", left: ["digest"],
      fault: { row in
        let isOpen = row.isNull("since")
        let isWhole = isOpen != row.isNull("answer_by") && !(row.isNull("account") && (row.isNull("address") || !isOpen))
        return isWhole ? customRoleFault(row) : "Say whom it is for, and when it was accepted or until when it can be."
      },
      [
        .id, .reference("app", to: "resource"), .person("account").optional,
        CarriedColumn.parsed("address") { text throws(Rejection) in _ = try EmailAddress(text) }.optional, .role("role"),
        .reference("custom_role", to: "custom_role").optional, .instant("expires_at").optional, .note("message"), .person("inviter"),
        .text("inviter_name"), .instant("answer_by").optional, .instant("since").optional, .text("sort_name"), .instant("created_at"), .instant("sent_at"),
        .revision,
      ]),
    CarriedTable("object_share",
      computed: [CarriedComputation("home") { row, organization in row.isNull("place") ? organization.sqlValue : row["place"] }],
      after: [renamed("object_share")], fault: holderFault,
      [.id, .reference("place", to: "resource").optional, .text("type", atMost: 200), .text("name"), .choice("kind", ["account", "service-account", "team"])]
        + holder + [
          .parsed("actions") { text throws(Rejection) in if text.isEmpty || text.utf8.count > 10_000 { throw Rejection("Give some actions.") } },
          .anybody("shared_by"), .name("sharer"), .text("sort_name"), .instant("since"), .revision,
        ]),
  ]

  /// A role on the organization, or one of the archive's own.
  private static let organizationRole = CarriedColumn.parsed("role") { text throws(Rejection) in
    if OrganizationRole(rawValue: text) == nil, ID<Resource>(text) == nil { throw Rejection("There is no such role.") }
  }

  private static let anyRole = CarriedColumn.parsed("role") { text throws(Rejection) in
    if OrganizationRole(rawValue: text) == nil, ResourceRole(rawValue: text) == nil, ID<Resource>(text) == nil { throw Rejection("There is no such role.") }
  }
}

extension CarriedColumn {
  /// The id of something that stands elsewhere in the archive, of which this row says more.
  static func id(of table: String, _ name: StaticString = "id") -> CarriedColumn { .reference(name, to: table) }
}

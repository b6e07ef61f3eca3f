public import Kernel

extension API {
  /// What people may do in an organization.
  public enum Roles {
    private static let reading = Access.organization(permission: "organization.read")
    private static let managing = Access.organization(permission: "role.manage")

    public static let list = Endpoint<Wire.InOrganization, Nothing, Nothing, Wire.RoleDescriptions>(
      "role.list", .get, "/organizations/{organization}/roles", access: .organization(permission: "organization.read"),
      summary: "List the organization roles, the most powerful first: what each allows, how many hold it, and whether you may give it.")

    public static let palette = Endpoint<Wire.InRoleLevel, Nothing, Nothing, Wire.RolePalette>(
      "role.palette", .get, "/organizations/{organization}/role-levels/{level}", access: reading,
      summary: "Read what roles of a level can be made of, and the built-in roles there that can be copied.")

    public static let listCustom = Endpoint<Wire.InOrganization, Wire.CustomRoleQuery, Nothing, Wire.List<Wire.CustomRole>>(
      "custom_role.list", .get, "/organizations/{organization}/custom-roles", access: reading,
      summary: "List the roles that the organization made, by level and slug.")

    public static let createCustom = Endpoint<Wire.InOrganization, Nothing, Wire.CustomRoleDraft, Wire.CustomRole>(
      "custom_role.create", .post, "/organizations/{organization}/custom-roles", access: managing,
      summary: "Make a role: a copy of another, or of rights that you choose; nobody puts in what they lack.", status: 201,
      refusals: [.aboveOwnRights, .takenName, .tooMany])

    public static let readCustom = Endpoint<Wire.InCustomRole, Nothing, Nothing, Wire.CustomRole>(
      "custom_role.read", .get, "/organizations/{organization}/custom-roles/{role}", access: reading,
      summary: "Read one role that the organization made, by id or by level and slug: project.auditor.")

    public static let updateCustom = Endpoint<Wire.InCustomRole, Nothing, Wire.CustomRoleUpdate, Wire.CustomRole>(
      "custom_role.update", .patch, "/organizations/{organization}/custom-roles/{role}", access: managing,
      summary: "Change what a role is called or allows, at once for all who hold it.", refusals: [.aboveOwnRights, .takenName, .stale])

    public static let deleteCustom = Endpoint<Wire.InCustomRole, Nothing, Nothing, Nothing>(
      "custom_role.delete", .delete, "/organizations/{organization}/custom-roles/{role}", access: managing,
      summary: "Delete a role that nobody holds, for good; while somebody holds it, the refusal says who.", status: 204,
      refusals: [.aboveOwnRights, .roleInUse, .stale])

    public static let holders = Endpoint<Wire.InCustomRole, Wire.Paging, Nothing, Wire.List<Wire.RoleHolder>>(
      "custom_role.holders", .get, "/organizations/{organization}/custom-roles/{role}/holders", access: .organization(permission: "member.list"),
      summary: "List who holds a role that the organization made, and on what, by name.")

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(list), AnyEndpoint(palette), AnyEndpoint(listCustom), AnyEndpoint(createCustom), AnyEndpoint(readCustom), AnyEndpoint(updateCustom),
        AnyEndpoint(deleteCustom), AnyEndpoint(holders),
      ]
    }
  }
}

extension Wire {
  /// One organization role, as the caller stands to it.
  public struct RoleDescription: Codable, Sendable, Hashable {
    public var name: OrganizationRole
    public var summary: String
    /// `noun.verb`, in the order of the alphabet; what several roles allow adds up.
    public var permissions: [String]
    /// How many members hold it, whatever state they are in; absent for who may not see the members.
    public var members: Int?
    /// Whether the caller holds it.
    public var own: Bool
    /// Whether the caller may give it: nobody gives what they lack.
    public var grantable: Bool

    public init(name: OrganizationRole, summary: String, permissions: [String], members: Int?, own: Bool, grantable: Bool) {
      self.name = name
      self.summary = summary
      self.permissions = permissions
      self.members = members
      self.own = own
      self.grantable = grantable
    }
  }

  public struct RoleDescriptions: Codable, Sendable, Hashable {
    public var roles: [RoleDescription]

    public init(roles: [RoleDescription]) { self.roles = roles }
  }
}

extension Wire {
  public struct InRoleLevel: Codable, Sendable, Hashable {
    public var organization: String
    /// `organization`, `workspace`, `project`, `cluster` or `app`.
    public var level: String

    public init(organization: String, level: String) {
      self.organization = organization
      self.level = level
    }
  }

  public struct InCustomRole: Codable, Sendable, Hashable {
    public var organization: String
    /// By id, or by level and slug: `project.auditor`.
    public var role: String

    public init(organization: String, role: String) {
      self.organization = organization
      self.role = role
    }
  }

  /// Where a role is given.
  public enum RoleLevel: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case organization, workspace, project, cluster, app }

  public struct CustomRoleQuery: Codable, Sendable, Hashable, PagedQuery {
    public var level: RoleLevel?
    public var limit: Int?
    public var cursor: String?

    public init(level: RoleLevel? = nil, limit: Int? = nil, cursor: String? = nil) {
      self.level = level
      self.limit = limit
      self.cursor = cursor
    }
  }

  /// A role that an organization made.
  public struct CustomRole: Codable, Sendable, Hashable, Versioned, Addressed {
    public var id: ID<CustomRole>
    public var level: RoleLevel
    /// In small letters, unique at its level.
    public var slug: String
    /// With its level, as decisions and events call it: `project.auditor`.
    public var reference: String
    public var name: String
    public var description: String
    /// The role that it was copied from, as it was called then.
    public var copiedFrom: String?
    /// Permissions such as `member.list` at the level of the organization; `type:action` at others, such as `dataset:read`, `object:create` and `*:read`.
    public var rights: [String]
    /// What it allows besides on what its holder made.
    public var ownRights: [String]
    /// How many hold it, on each thing once.
    public var holders: Int
    public var createdAt: Timestamp
    /// Counts its versions.
    public var revision: Int

    public init(
      id: ID<CustomRole>, level: RoleLevel, slug: String, reference: String, name: String, description: String, copiedFrom: String?, rights: [String],
      ownRights: [String], holders: Int, createdAt: Timestamp, revision: Int
    ) {
      (self.id, self.level, self.slug, self.reference, self.name) = (id, level, slug, reference, name)
      (self.description, self.copiedFrom, self.rights, self.ownRights) = (description, copiedFrom, rights, ownRights)
      (self.holders, self.createdAt, self.revision) = (holders, createdAt, revision)
    }

    public var segment: String { id.description }
  }

  public struct CustomRoleDraft: Codable, Sendable, Hashable {
    public var level: RoleLevel
    public var name: Unchecked<DisplayName>
    /// Made from the name when absent.
    public var slug: Unchecked<Slug>?
    public var description: Unchecked<Note>?
    /// The role to copy from, built in or the organization's own, by its name at the level.
    public var copyFrom: String?
    /// What it allows; what the copied one allows when absent. Seeing what it is given on belongs to it, written or not.
    public var rights: [String]?
    /// What it allows besides on what its holder made.
    public var ownRights: [String]?

    public init(
      level: RoleLevel, name: String, slug: String? = nil, description: String? = nil, copyFrom: String? = nil, rights: [String]? = nil,
      ownRights: [String]? = nil
    ) {
      (self.level, self.name, self.slug, self.description) = (level, .init(name), slug.map { .init($0) }, description.map { .init($0) })
      (self.copyFrom, self.rights, self.ownRights) = (copyFrom, rights, ownRights)
    }
  }

  /// What is absent stays as it is.
  public struct CustomRoleUpdate: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>?
    public var slug: Unchecked<Slug>?
    public var description: Unchecked<Note>?
    public var rights: [String]?
    public var ownRights: [String]?

    public init(name: String? = nil, slug: String? = nil, description: String? = nil, rights: [String]? = nil, ownRights: [String]? = nil) {
      (self.name, self.slug, self.description) = (name.map { .init($0) }, slug.map { .init($0) }, description.map { .init($0) })
      (self.rights, self.ownRights) = (rights, ownRights)
    }
  }

  /// Somebody who holds a role, and on what.
  public struct RoleHolder: Codable, Sendable, Hashable {
    public var kind: GrantHolderKind
    /// Of the membership, invitation, service account or team.
    public var id: String
    public var name: String
    public var handle: String?
    /// The type of what it is held on.
    public var onType: String
    /// What it is held on, by slug: `research/forecast`; absent for the organization.
    public var on: String?
    public var expiresAt: Timestamp?

    public init(kind: GrantHolderKind, id: String, name: String, handle: String?, onType: String, on: String?, expiresAt: Timestamp?) {
      (self.kind, self.id, self.name, self.handle, self.onType, self.on, self.expiresAt) = (kind, id, name, handle, onType, on, expiresAt)
    }
  }

  /// What roles of a level can be made of.
  public struct RolePalette: Codable, Sendable, Hashable {
    public var level: RoleLevel
    /// What an editor offers: any other type and action may be written, too.
    public var rights: [String]
    /// Those of them that the caller may not put in, since they lack them.
    public var lacking: [String]
    public var builtIn: [BuiltInRole]

    public init(level: RoleLevel, rights: [String], lacking: [String], builtIn: [BuiltInRole]) {
      (self.level, self.rights, self.lacking, self.builtIn) = (level, rights, lacking, builtIn)
    }
  }

  public struct BuiltInRole: Codable, Sendable, Hashable {
    public var name: String
    public var summary: String
    public var rights: [String]
    public var ownRights: [String]

    public init(name: String, summary: String, rights: [String], ownRights: [String]) {
      (self.name, self.summary, self.rights, self.ownRights) = (name, summary, rights, ownRights)
    }
  }
}

extension Problem.Code {
  public static let roleInUse = Self("role.in_use", .conflict, "Role in use")
}

public import Kernel

extension Wire {
  /// Without its key.
  public struct ArchivedWorkspace: Codable, Sendable, Hashable {
    public var id: ID<Workspace>
    public var slug: Unchecked<Slug>
    public var name: Unchecked<DisplayName>
    public var description: Unchecked<Note>
    public var kind: WorkspaceKind
    public var desiredState: DesiredWorkspaceState
    public var status: WorkspaceStatus
    public var statusReason: Unchecked<Note>
    /// Where its server was, when it reported.
    public var address: String?
    public var version: String?
    public var reportedAt: Timestamp?
    public var createdAt: Timestamp
    public var revision: Int
    /// By id.
    public var grants: [ArchivedGrant]
    /// What former members have again when they are reinstated, by account and role.
    public var formerGrants: [ArchivedFormerGrant]
    /// By slug.
    public var projects: [ArchivedProject]

    public init(
      id: ID<Workspace>, slug: String, name: String, description: String, kind: WorkspaceKind, desiredState: DesiredWorkspaceState, status: WorkspaceStatus,
      statusReason: String, address: String?, version: String?, reportedAt: Timestamp?, createdAt: Timestamp, revision: Int, grants: [ArchivedGrant],
      formerGrants: [ArchivedFormerGrant], projects: [ArchivedProject]
    ) {
      (self.id, self.slug, self.name, self.description) = (id, .init(slug), .init(name), .init(description))
      (self.kind, self.desiredState, self.status, self.statusReason) = (kind, desiredState, status, .init(statusReason))
      (self.address, self.version, self.reportedAt, self.createdAt, self.revision) = (address, version, reportedAt, createdAt, revision)
      (self.grants, self.formerGrants, self.projects) = (grants, formerGrants, projects)
    }
  }

  public struct ArchivedProject: Codable, Sendable, Hashable {
    public var id: ID<Project>
    public var slug: Unchecked<Slug>
    public var name: Unchecked<DisplayName>
    public var description: Unchecked<Note>
    public var defaultRole: String
    public var createdAt: Timestamp
    public var revision: Int
    /// By id.
    public var grants: [ArchivedGrant]
    /// What former members have again when they are reinstated, by account and role.
    public var formerGrants: [ArchivedFormerGrant]

    public init(
      id: ID<Project>, slug: String, name: String, description: String, defaultRole: String, createdAt: Timestamp, revision: Int, grants: [ArchivedGrant],
      formerGrants: [ArchivedFormerGrant]
    ) {
      (self.id, self.slug, self.name, self.description) = (id, .init(slug), .init(name), .init(description))
      (self.defaultRole, self.createdAt, self.revision) = (defaultRole, createdAt, revision)
      (self.grants, self.formerGrants) = (grants, formerGrants)
    }
  }

  /// A role on a workspace or a project: a member's, that of an open invitation, a service account's, or a team's; one of the four.
  public struct ArchivedGrant: Codable, Sendable, Hashable {
    public var id: ID<Grant>
    public var member: ID<Member>?
    public var invitation: ID<Invitation>?
    public var serviceAccount: ID<ServiceAccount>?
    public var team: ID<Team>?
    public var role: String
    public var expiresAt: Timestamp?
    public var since: Timestamp
    public var revision: Int

    public init(
      id: ID<Grant>, member: ID<Member>? = nil, invitation: ID<Invitation>? = nil, serviceAccount: ID<ServiceAccount>? = nil, team: ID<Team>? = nil,
      role: String, expiresAt: Timestamp?, since: Timestamp, revision: Int
    ) {
      (self.id, self.member, self.invitation, self.serviceAccount, self.team) = (id, member, invitation, serviceAccount, team)
      (self.role, self.expiresAt, self.since, self.revision) = (role, expiresAt, since, revision)
    }
  }

  public struct ArchivedFormerGrant: Codable, Sendable, Hashable {
    public var account: ID<Account>
    public var role: String
    public var expiresAt: Timestamp?

    public init(account: ID<Account>, role: String, expiresAt: Timestamp?) {
      (self.account, self.role, self.expiresAt) = (account, role, expiresAt)
    }
  }
}

public import Kernel

extension API {
  /// What people give one another of single objects, which are registered or merely named, without a role.
  public enum Sharing {
    private static let asking = Access.organization(permission: "organization.read")

    public static let list = Endpoint<Wire.InOrganization, Wire.ShareQuery, Nothing, Wire.List<Wire.ObjectShare>>(
      "share.list", .get, "/organizations/{organization}/object-shares", access: .resource(permission: "object.read", seen: "object.read"),
      summary: "List with whom an object is shared, for who may read it: people first, then service accounts and teams, each by name.")

    public static let received = Endpoint<Wire.InOrganization, Wire.Paging, Nothing, Wire.List<Wire.ObjectShare>>(
      "share.received", .get, "/organizations/{organization}/object-shares/received", access: asking,
      summary: "List what was shared with you or with a team of yours, by type and id.")

    public static let given = Endpoint<Wire.InOrganization, Wire.Paging, Nothing, Wire.List<Wire.ObjectShare>>(
      "share.given", .get, "/organizations/{organization}/object-shares/given", access: asking,
      summary: "List what you shared with others, by type and id.")

    public static let set = Endpoint<Wire.InOrganization, Nothing, Wire.ShareDraft, Wire.ShareResult>(
      "share.set", .put, "/organizations/{organization}/object-shares", access: .resource(permission: "object.manage", seen: "object.read"),
      summary: """
        Share an object: the actions given replace those that were, and none withdraw the share. It takes owning the object or the right to share it, and all \
        that is given.
        """,
      refusals: [.aboveOwnRights, .tooMany])

    public static let drop = Endpoint<Wire.InOrganization, Nothing, Wire.SharedNames, Wire.DroppedShares>(
      "share.drop", .post, "/organizations/{organization}/object-shares/deletions", access: asking,
      summary: "End all that was shared of objects that are gone, each row by itself, as who may delete such objects there.", refusals: [.tooMany],
      bodyLimit: 1 << 20)

    static var all: [AnyEndpoint] { [AnyEndpoint(list), AnyEndpoint(received), AnyEndpoint(given), AnyEndpoint(set), AnyEndpoint(drop)] }
  }
}

extension Wire {
  /// Which object.
  public struct ShareQuery: Codable, Sendable, Hashable, PagedQuery {
    public var type: String?
    /// What its platform calls it. Both are needed.
    public var id: String?
    /// The type of what it stands in, where it isn't registered: `workspace`, `cluster`, `project` or `app`; absent for the organization itself.
    public var parentType: String?
    /// What it stands in, by id or as it is called: `research/forecast`.
    public var parent: String?
    public var limit: Int?
    public var cursor: String?

    public init(type: String, id: String, parentType: String? = nil, parent: String? = nil, limit: Int? = nil, cursor: String? = nil) {
      (self.type, self.id, self.parentType, self.parent, self.limit, self.cursor) = (type, id, parentType, parent, limit, cursor)
    }
  }

  /// An object that stands here, or that its platform merely names.
  public struct SharedName: Codable, Sendable, Hashable {
    /// In small letters: `model_version`.
    public var type: String
    /// What its platform calls it.
    public var id: String
    /// What it stands in, by type and id or as it is called; the organization itself when absent. Of what is registered it is known, and this doesn't count.
    public var parent: ObjectName?

    public init(type: String, id: String, parent: ObjectName? = nil) { (self.type, self.id, self.parent) = (type, id, parent) }
  }

  public struct ShareDraft: Codable, Sendable, Hashable {
    public var object: SharedName
    /// A member by handle, address or id; a service account or a team by slug or id.
    public var holder: String
    /// Which of these it is; looked for in this order when absent. Nothing is shared with an invitation.
    public var kind: GrantHolderKind?
    /// All that they may do with it from now on: `read`, `update`, or whatever the organization's schema knows. None withdraws the share.
    public var actions: [String]
    /// On whose behalf a platform shares; yourself when absent.
    public var sharer: DecisionPrincipal?
    /// Whether the platform says that the object is the sharer's own, who then needs no right to it here; of what is registered it is known.
    public var own: Bool?

    public init(
      object: SharedName, holder: String, kind: GrantHolderKind? = nil, actions: [String], sharer: DecisionPrincipal? = nil, own: Bool? = nil
    ) {
      (self.object, self.holder, self.kind, self.actions, self.sharer, self.own) = (object, holder, kind, actions, sharer, own)
    }
  }

  /// What somebody may do with one object because it was shared with them.
  public struct ObjectShare: Codable, Sendable, Hashable, Versioned {
    public var id: ID<ObjectShare>
    public var object: SharedName
    public var kind: GrantHolderKind
    /// Of a member.
    public var account: ID<Account>?
    public var member: ID<Member>?
    public var serviceAccount: ID<ServiceAccount>?
    /// Everybody in it has the share.
    public var team: ID<Team>?
    public var name: String
    /// The handle or slug.
    public var handle: String
    public var actions: [String]
    /// Who shared it last, as they were called then.
    public var sharedBy: String
    public var since: Timestamp
    public var revision: Int

    public init(
      id: ID<ObjectShare>, object: SharedName, kind: GrantHolderKind, account: ID<Account>? = nil, member: ID<Member>? = nil,
      serviceAccount: ID<ServiceAccount>? = nil, team: ID<Team>? = nil, name: String, handle: String, actions: [String], sharedBy: String, since: Timestamp,
      revision: Int
    ) {
      (self.id, self.object, self.kind, self.account, self.member) = (id, object, kind, account, member)
      (self.serviceAccount, self.team, self.name, self.handle) = (serviceAccount, team, name, handle)
      (self.actions, self.sharedBy, self.since, self.revision) = (actions, sharedBy, since, revision)
    }
  }

  public struct ShareResult: Codable, Sendable, Hashable {
    /// Absent when nothing is shared with them any more.
    public var share: ObjectShare?

    public init(share: ObjectShare?) { self.share = share }
  }

  public struct SharedNames: Codable, Sendable, Hashable {
    /// At most 1,000.
    public var objects: [SharedName]

    public init(objects: [SharedName]) { self.objects = objects }
  }

  /// What came of one row.
  public struct DroppedShare: Codable, Sendable, Hashable {
    public var type: String
    public var id: String
    /// How many shares there were; absent when it was refused.
    public var shares: Int?
    /// Why it was refused.
    public var code: String?
    public var detail: String?

    public init(type: String, id: String, shares: Int? = nil, code: String? = nil, detail: String? = nil) {
      (self.type, self.id, self.shares, self.code, self.detail) = (type, id, shares, code, detail)
    }
  }

  public struct DroppedShares: Codable, Sendable, Hashable {
    /// In the order of the rows.
    public var results: [DroppedShare]

    public init(results: [DroppedShare]) { self.results = results }
  }
}

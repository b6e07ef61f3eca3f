public import Kernel

extension API {
  /// Programs that act in an organization for themselves, and their keys.
  public enum ServiceAccounts {
    private static let reading = Access.organization(permission: "service-account.read")
    private static let managing = Access.organization(permission: "service-account.manage")

    public static let list = Endpoint<Wire.InOrganization, Wire.Paging, Nothing, Wire.List<Wire.ServiceAccount>>(
      "service_account.list", .get, "/organizations/{organization}/service-accounts", access: reading,
      summary: "List the service accounts of an organization, by slug.")

    public static let create = Endpoint<Wire.InOrganization, Nothing, Wire.ServiceAccountDraft, Wire.ServiceAccount>(
      "service_account.create", .post, "/organizations/{organization}/service-accounts", access: managing,
      summary: "Make a service account, without a key; it may have roles that you could give.", status: 201,
      refusals: [.aboveOwnRights, .takenName, .tooManyServiceAccounts])

    public static let read = Endpoint<Wire.InServiceAccount, Nothing, Nothing, Wire.ServiceAccount>(
      "service_account.read", .get, "/organizations/{organization}/service-accounts/{service_account}", access: reading,
      summary: "Read one service account, by id or by slug.")

    public static let update = Endpoint<Wire.InServiceAccount, Nothing, Wire.ServiceAccountUpdate, Wire.ServiceAccount>(
      "service_account.update", .patch, "/organizations/{organization}/service-accounts/{service_account}", access: managing,
      summary: "Change a service account's name, description or roles; its keys go on, with the new roles at once.", refusals: [.aboveOwnRights, .stale])

    public static let disable = Endpoint<Wire.InServiceAccount, Nothing, Nothing, Wire.ServiceAccount>(
      "service_account.disable", .put, "/organizations/{organization}/service-accounts/{service_account}/disablement", access: managing,
      summary: "Stop all keys of a service account, until it is enabled again.", refusals: [.aboveOwnRights, .stale])

    public static let enable = Endpoint<Wire.InServiceAccount, Nothing, Nothing, Wire.ServiceAccount>(
      "service_account.enable", .delete, "/organizations/{organization}/service-accounts/{service_account}/disablement", access: managing,
      summary: "Let a disabled service account act again.", refusals: [.aboveOwnRights, .stale])

    public static let delete = Endpoint<Wire.InServiceAccount, Nothing, Nothing, Nothing>(
      "service_account.delete", .delete, "/organizations/{organization}/service-accounts/{service_account}", access: managing,
      summary: "Delete a service account with all its keys, at once and for good.", status: 204, refusals: [.aboveOwnRights, .stale])

    public static let listKeys = Endpoint<Wire.InServiceAccount, Wire.Paging, Nothing, Wire.List<Wire.ServiceAccountKey>>(
      "service_account_key.list", .get, "/organizations/{organization}/service-accounts/{service_account}/keys", access: reading,
      summary: "List the keys of a service account that aren't revoked, the newest first.")

    public static let createKey = Endpoint<Wire.InServiceAccount, Nothing, Wire.ServiceAccountKeyDraft, Wire.NewServiceAccountKey>(
      "service_account_key.create", .post, "/organizations/{organization}/service-accounts/{service_account}/keys", access: managing,
      summary: "Make a key for a service account; its secret is told only now.", status: 201, refusals: [.aboveOwnRights, .tooManyServiceAccountKeys])

    public static let rotateKey = Endpoint<Wire.InServiceAccountKey, Nothing, Wire.KeyRotation, Wire.NewServiceAccountKey>(
      "service_account_key.rotate", .post, "/organizations/{organization}/service-accounts/{service_account}/keys/{key}/rotation", access: managing,
      summary: "Make a key in place of another, which goes on for a while and then ends.", status: 201,
      refusals: [.aboveOwnRights, .tooManyServiceAccountKeys, .expiredKey])

    public static let revokeKey = Endpoint<Wire.InServiceAccountKey, Nothing, Nothing, Nothing>(
      "service_account_key.revoke", .delete, "/organizations/{organization}/service-accounts/{service_account}/keys/{key}", access: managing,
      summary: "Revoke a key of a service account, at once.", status: 204, refusals: [.aboveOwnRights])

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(list), AnyEndpoint(create), AnyEndpoint(read), AnyEndpoint(update), AnyEndpoint(disable), AnyEndpoint(enable), AnyEndpoint(delete),
        AnyEndpoint(listKeys), AnyEndpoint(createKey), AnyEndpoint(rotateKey), AnyEndpoint(revokeKey),
      ]
    }
  }
}

extension Wire {
  public struct InServiceAccount: Codable, Sendable, Hashable {
    public var organization: String
    /// By id or by slug.
    public var serviceAccount: String

    public init(organization: String, serviceAccount: String) {
      self.organization = organization
      self.serviceAccount = serviceAccount
    }
  }

  public struct InServiceAccountKey: Codable, Sendable, Hashable {
    public var organization: String
    /// By id or by slug.
    public var serviceAccount: String
    public var key: String

    public init(organization: String, serviceAccount: String, key: String) {
      self.organization = organization
      self.serviceAccount = serviceAccount
      self.key = key
    }
  }

  public enum ServiceAccountState: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case active, disabled }

  /// A program that acts in one organization for itself.
  public struct ServiceAccount: Codable, Sendable, Hashable, Versioned, Addressed {
    public var id: ID<ServiceAccount>
    /// In small letters, unique in its organization, and its own for good.
    public var slug: String
    public var name: String
    public var description: String
    public var roles: [OrganizationRole]
    public var state: ServiceAccountState
    public var createdBy: ID<Account>
    public var createdByName: String
    public var createdAt: Timestamp
    public var disabledAt: Timestamp?
    /// Up to a minute behind.
    public var usedAt: Timestamp?
    /// How many of its keys hold.
    public var liveKeys: Int
    public var revision: Int

    public init(
      id: ID<ServiceAccount>, slug: String, name: String, description: String, roles: [OrganizationRole], state: ServiceAccountState, createdBy: ID<Account>,
      createdByName: String, createdAt: Timestamp, disabledAt: Timestamp?, usedAt: Timestamp?, liveKeys: Int, revision: Int
    ) {
      self.id = id
      self.slug = slug
      self.name = name
      self.description = description
      self.roles = roles
      self.state = state
      self.createdBy = createdBy
      self.createdByName = createdByName
      self.createdAt = createdAt
      self.disabledAt = disabledAt
      self.usedAt = usedAt
      self.liveKeys = liveKeys
      self.revision = revision
    }

    public var segment: String { slug }
  }

  public struct ServiceAccountDraft: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>
    /// Made from the name when absent.
    public var slug: Unchecked<Slug>?
    public var description: Unchecked<Note>?
    public var roles: [OrganizationRole]

    public init(name: String, slug: String? = nil, description: String? = nil, roles: [OrganizationRole]) {
      self.name = .init(name)
      self.slug = slug.map { .init($0) }
      self.description = description.map { .init($0) }
      self.roles = roles
    }
  }

  /// What is absent stays as it is.
  public struct ServiceAccountUpdate: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>?
    public var description: Unchecked<Note>?
    public var roles: [OrganizationRole]?

    public init(name: String? = nil, description: String? = nil, roles: [OrganizationRole]? = nil) {
      self.name = name.map { .init($0) }
      self.description = description.map { .init($0) }
      self.roles = roles
    }
  }

  /// A key of a service account, without its secret.
  public struct ServiceAccountKey: Codable, Sendable, Hashable, Addressed {
    public var id: ID<ServiceAccountKey>
    public var name: String
    /// The beginning and a few characters of its secret, to tell keys apart.
    public var hint: String
    public var createdAt: Timestamp
    public var expiresAt: Timestamp?
    /// Up to a minute behind.
    public var usedAt: Timestamp?

    public init(id: ID<ServiceAccountKey>, name: String, hint: String, createdAt: Timestamp, expiresAt: Timestamp?, usedAt: Timestamp?) {
      self.id = id
      self.name = name
      self.hint = hint
      self.createdAt = createdAt
      self.expiresAt = expiresAt
      self.usedAt = usedAt
    }

    public var segment: String { id.description }
  }

  public struct ServiceAccountKeyDraft: Codable, Sendable, Hashable {
    /// What it is for, or where it is kept.
    public var name: Unchecked<DisplayName>
    /// 1 to 366, 90 when absent; 0 for a key without an end, where the installation allows it.
    public var expiresInDays: Int?

    public init(name: String, expiresInDays: Int? = nil) {
      self.name = .init(name)
      self.expiresInDays = expiresInDays
    }
  }

  public struct KeyRotation: Codable, Sendable, Hashable {
    /// How long the old key still holds: 0 to 720, 24 when absent.
    public var overlapHours: Int?
    /// Of the new key: 1 to 366, 90 when absent; 0 for a key without an end, where the installation allows it.
    public var expiresInDays: Int?

    public init(overlapHours: Int? = nil, expiresInDays: Int? = nil) {
      self.overlapHours = overlapHours
      self.expiresInDays = expiresInDays
    }
  }

  public struct NewServiceAccountKey: Codable, Sendable, Hashable, Addressed {
    /// Give it as a bearer token. It can't be shown again.
    public var secret: String
    public var key: ServiceAccountKey

    public init(secret: String, key: ServiceAccountKey) {
      self.secret = secret
      self.key = key
    }

    public var segment: String { key.segment }
  }
}

extension Problem.Code {
  public static let tooManyServiceAccounts = Self("service_account.too_many", .conflict, "Too many service accounts")
  public static let tooManyServiceAccountKeys = Self("service_account.too_many_keys", .conflict, "Too many keys")
  public static let expiredKey = Self("service_account.expired_key", .conflict, "The key has expired")
}

public import Kernel

extension API {
  /// Things of any type that platforms register, so that decisions, lists and policies know them: models, pipelines, datasets.
  public enum Objects {
    public static let list = Endpoint<Wire.InOrganization, Wire.ObjectQuery, Nothing, Wire.List<Wire.RegisteredObject>>(
      "object.list", .get, "/organizations/{organization}/objects", access: .resource(permission: "object.read", seen: "object.read"),
      summary: """
        List the objects of one place, or of the organization itself, by id. It takes a right to read such objects there; what policies keep from you is \
        counted and not shown.
        """)

    public static let register = Endpoint<Wire.InOrganization, Nothing, Wire.ObjectDrafts, Wire.ObjectResults>(
      "object.register", .post, "/organizations/{organization}/objects", access: .organization(permission: "organization.read"),
      summary: "Register objects, or change what is said of them; each row by itself, as who may create such objects there, or update them.",
      refusals: [.tooMany], bodyLimit: 4 << 20)

    public static let delete = Endpoint<Wire.InOrganization, Nothing, Wire.ObjectNames, Wire.ObjectResults>(
      "object.delete", .post, "/organizations/{organization}/objects/deletions", access: .organization(permission: "organization.read"),
      summary: "Delete objects, each row by itself, as who may delete such objects there.", refusals: [.tooMany])

    static var all: [AnyEndpoint] { [AnyEndpoint(list), AnyEndpoint(register), AnyEndpoint(delete)] }
  }
}

extension Wire {
  public struct ObjectQuery: Codable, Sendable, Hashable, PagedQuery {
    /// Only those of this type.
    public var type: String?
    /// Only the one that its platform calls so.
    public var id: String?
    /// The type of the place: `workspace`, `cluster`, `project` or `app`; absent for what stands in the organization itself.
    public var parentType: String?
    /// The place, by id or as it is called: `research/forecast`.
    public var parent: String?
    public var limit: Int?
    public var cursor: String?

    public init(
      type: String? = nil, id: String? = nil, parentType: String? = nil, parent: String? = nil, limit: Int? = nil, cursor: String? = nil
    ) {
      (self.type, self.id, self.parentType, self.parent, self.limit, self.cursor) = (type, id, parentType, parent, limit, cursor)
    }
  }

  /// An object by its type and its platform's id.
  public struct ObjectName: Codable, Sendable, Hashable {
    /// In small letters: `model_version`. Unknown ones are accepted.
    public var type: String
    public var id: String

    public init(type: String, id: String) { (self.type, self.id) = (type, id) }
  }

  public struct ObjectDraft: Codable, Sendable, Hashable {
    /// In small letters: `model_version`. Unknown ones are accepted.
    public var type: String
    /// The platform's, unique for the type in the organization.
    public var id: String
    /// What it stands in, by type and id or as it is called; the organization itself when absent.
    public var parent: ObjectName?
    /// What people call it; its id when absent.
    public var name: String?
    /// What policies may look at. Attributes that the organization's schema knows for the type have the kind that it says; others are free.
    public var attributes: JSON?
    /// Whether it is yours; `false` when absent.
    public var own: Bool?

    public init(type: String, id: String, parent: ObjectName? = nil, name: String? = nil, attributes: JSON? = nil, own: Bool? = nil) {
      (self.type, self.id, self.parent, self.name, self.attributes, self.own) = (type, id, parent, name, attributes, own)
    }
  }

  public struct ObjectDrafts: Codable, Sendable, Hashable {
    /// At most 1,000.
    public var objects: [ObjectDraft]

    public init(objects: [ObjectDraft]) { self.objects = objects }
  }

  public struct ObjectNames: Codable, Sendable, Hashable {
    /// At most 1,000.
    public var objects: [ObjectName]

    public init(objects: [ObjectName]) { self.objects = objects }
  }

  public struct RegisteredObject: Codable, Sendable, Hashable {
    public var type: String
    public var id: String
    public var name: String
    public var parent: ObjectName?
    public var attributes: JSON
    /// The account that owns it.
    public var owner: ID<Account>?
    public var createdAt: Timestamp
    public var revision: Int

    public init(
      type: String, id: String, name: String, parent: ObjectName?, attributes: JSON, owner: ID<Account>?, createdAt: Timestamp, revision: Int
    ) {
      (self.type, self.id, self.name, self.parent, self.attributes) = (type, id, name, parent, attributes)
      (self.owner, self.createdAt, self.revision) = (owner, createdAt, revision)
    }
  }

  /// `same`: it stood there already, just so.
  public enum ObjectOutcome: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case registered, changed, same, deleted, refused }

  /// What came of one row.
  public struct ObjectResult: Codable, Sendable, Hashable {
    public var type: String
    public var id: String
    public var outcome: ObjectOutcome
    /// Why it was refused.
    public var code: String?
    public var detail: String?

    public init(type: String, id: String, outcome: ObjectOutcome, code: String? = nil, detail: String? = nil) {
      (self.type, self.id, self.outcome, self.code, self.detail) = (type, id, outcome, code, detail)
    }
  }

  public struct ObjectResults: Codable, Sendable, Hashable {
    /// In the order of the rows.
    public var results: [ObjectResult]

    public init(results: [ObjectResult]) { self.results = results }
  }
}

extension Problem.Code {
  public static let objectElsewhere = Self("object.elsewhere", .conflict, "It stands in something else")
  public static let tooManyObjects = Self("object.too_many", .conflict, "Too many objects")
}

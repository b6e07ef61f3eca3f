public import Kernel

extension API {
  /// The rules that an organization gives itself, in Cedar.
  public enum Policies {
    private static let reading = Access.organization(permission: "policy.read")
    private static let managing = Access.organization(permission: "policy.manage")

    public static let list = Endpoint<Wire.InOrganization, Wire.PolicyQuery, Nothing, Wire.List<Wire.Policy>>(
      "policy.list", .get, "/organizations/{organization}/policies", access: reading, summary: "List the policies of an organization, by slug.")

    public static let create = Endpoint<Wire.InOrganization, Nothing, Wire.PolicyDraft, Wire.Policy>(
      "policy.create", .post, "/organizations/{organization}/policies", access: managing,
      summary: "Make a policy, in force at once unless told; what doesn't validate is refused with the place of each error.", status: 201,
      refusals: [.invalidPolicy, .policyLockOut, .takenName, .tooManyPolicies])

    public static let read = Endpoint<Wire.InPolicy, Nothing, Nothing, Wire.Policy>(
      "policy.read", .get, "/organizations/{organization}/policies/{policy}", access: reading, summary: "Read one policy, by id or by slug.")

    public static let update = Endpoint<Wire.InPolicy, Nothing, Wire.PolicyUpdate, Wire.Policy>(
      "policy.update", .patch, "/organizations/{organization}/policies/{policy}", access: managing,
      summary: "Change a policy's name, description or text; what it was is kept.", refusals: [.invalidPolicy, .policyLockOut, .stale])

    public static let enable = Endpoint<Wire.InPolicy, Nothing, Nothing, Wire.Policy>(
      "policy.enable", .put, "/organizations/{organization}/policies/{policy}/enablement", access: managing, summary: "Put a policy in force.",
      refusals: [.policyLockOut, .stale])

    public static let disable = Endpoint<Wire.InPolicy, Nothing, Nothing, Wire.Policy>(
      "policy.disable", .delete, "/organizations/{organization}/policies/{policy}/enablement", access: managing,
      summary: "Take a policy out of force; nothing of it is lost.", refusals: [.stale])

    public static let delete = Endpoint<Wire.InPolicy, Nothing, Nothing, Nothing>(
      "policy.delete", .delete, "/organizations/{organization}/policies/{policy}", access: managing,
      summary: "Delete a policy with all it was, at once and for good.", status: 204, refusals: [.stale])

    public static let listVersions = Endpoint<Wire.InPolicy, Wire.Paging, Nothing, Wire.List<Wire.PolicyVersion>>(
      "policy_version.list", .get, "/organizations/{organization}/policies/{policy}/versions", access: reading,
      summary: "List what a policy was, the newest first.")

    public static let validate = Endpoint<Wire.InOrganization, Nothing, Wire.PolicyTextCheck, Wire.PolicyTextFaults>(
      "policy.validate", .post, "/organizations/{organization}/policy-validation", access: reading,
      summary: "Check a policy's text against the schema, and be told everything that is wrong with it and where.")

    public static let preview = Endpoint<Wire.InOrganization, Nothing, Wire.PolicyTextCheck, Wire.PolicyPreview>(
      "policy.preview", .post, "/organizations/{organization}/policy-preview", access: reading,
      summary: "See who would gain or lose access by a policy before it is saved, found on a sample that says how large it is.", refusals: [.invalidPolicy])

    public static let listTemplates = Endpoint<Wire.InOrganization, Nothing, Nothing, Wire.List<Wire.PolicyTemplate>>(
      "policy_template.list", .get, "/organizations/{organization}/policy-templates", access: reading, summary: "List the templates of policies.")

    public static let fill = Endpoint<Wire.InPolicyTemplate, Nothing, Wire.PolicyTemplateValues, Wire.PolicyTextCheck>(
      "policy_template.fill", .post, "/organizations/{organization}/policy-templates/{template}", access: reading,
      summary: "Make a policy's text of a template; nothing is saved.")

    public static let readSchema = Endpoint<Wire.InOrganization, Nothing, Nothing, Wire.PolicySchema>(
      "policy_schema.read", .get, "/organizations/{organization}/policy-schema", access: reading,
      summary: "Read what policies may speak of, also as a schema in Cedar.")

    public static let updateSchema = Endpoint<Wire.InOrganization, Nothing, Wire.PolicySchemaUpdate, Wire.PolicySchema>(
      "policy_schema.update", .put, "/organizations/{organization}/policy-schema", access: managing,
      summary: "Add types, attributes and actions that policies may speak of, in the place of those that were added before.",
      refusals: [.invalidPolicy, .stale])

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(list), AnyEndpoint(create), AnyEndpoint(read), AnyEndpoint(update), AnyEndpoint(enable), AnyEndpoint(disable), AnyEndpoint(delete),
        AnyEndpoint(listVersions), AnyEndpoint(validate), AnyEndpoint(preview), AnyEndpoint(listTemplates), AnyEndpoint(fill), AnyEndpoint(readSchema),
        AnyEndpoint(updateSchema),
      ]
    }
  }
}

extension Wire {
  public struct InPolicy: Codable, Sendable, Hashable {
    public var organization: String
    /// By id or by slug.
    public var policy: String

    public init(organization: String, policy: String) {
      self.organization = organization
      self.policy = policy
    }
  }

  public struct InPolicyTemplate: Codable, Sendable, Hashable {
    public var organization: String
    public var template: String

    public init(organization: String, template: String) {
      self.organization = organization
      self.template = template
    }
  }

  public struct PolicyQuery: Codable, Sendable, Hashable, PagedQuery {
    /// In slugs and names; `*` stands for anything.
    public var search: String?
    /// Only those that are in force, or only those that aren't.
    public var enabled: Bool?
    public var limit: Int?
    public var cursor: String?

    public init(search: String? = nil, enabled: Bool? = nil, limit: Int? = nil, cursor: String? = nil) {
      self.search = search
      self.enabled = enabled
      self.limit = limit
      self.cursor = cursor
    }
  }

  public struct Policy: Codable, Sendable, Hashable, Versioned, Addressed {
    public var id: ID<Policy>
    public var slug: String
    public var name: String
    public var description: String
    /// In Cedar. Names such as `Team::"contractors"` mean whoever was called so when it was saved.
    public var text: String
    public var enabled: Bool
    public var createdAt: Timestamp
    public var changedAt: Timestamp
    public var changedBy: String
    public var revision: Int

    public init(
      id: ID<Policy>, slug: String, name: String, description: String, text: String, enabled: Bool, createdAt: Timestamp, changedAt: Timestamp,
      changedBy: String, revision: Int
    ) {
      self.id = id
      self.slug = slug
      self.name = name
      self.description = description
      self.text = text
      self.enabled = enabled
      self.createdAt = createdAt
      self.changedAt = changedAt
      self.changedBy = changedBy
      self.revision = revision
    }

    public var segment: String { slug }
  }

  public struct PolicyDraft: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>
    /// Made from the name when absent.
    public var slug: Unchecked<Slug>?
    public var description: Unchecked<Note>?
    public var text: Unchecked<PolicyText>
    /// Whether it is in force at once; true when absent.
    public var enabled: Bool?

    public init(name: String, slug: String? = nil, description: String? = nil, text: String, enabled: Bool? = nil) {
      self.name = .init(name)
      self.slug = slug.map { .init($0) }
      self.description = description.map { .init($0) }
      self.text = .init(text)
      self.enabled = enabled
    }
  }

  /// What is absent stays as it is.
  public struct PolicyUpdate: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>?
    public var description: Unchecked<Note>?
    public var text: Unchecked<PolicyText>?

    public init(name: String? = nil, description: String? = nil, text: String? = nil) {
      self.name = name.map { .init($0) }
      self.description = description.map { .init($0) }
      self.text = text.map { .init($0) }
    }
  }

  /// What a policy was.
  public struct PolicyVersion: Codable, Sendable, Hashable {
    public var revision: Int
    public var name: String
    public var description: String
    public var text: String
    public var enabled: Bool
    public var at: Timestamp
    public var changedBy: String

    public init(revision: Int, name: String, description: String, text: String, enabled: Bool, at: Timestamp, changedBy: String) {
      self.revision = revision
      self.name = name
      self.description = description
      self.text = text
      self.enabled = enabled
      self.at = at
      self.changedBy = changedBy
    }
  }

  /// A text that could become a policy.
  public struct PolicyTextCheck: Codable, Sendable, Hashable {
    /// Of a preview without one: what it would do to switch `policy` over.
    public var text: Unchecked<PolicyText>?
    /// The policy whose text this would be, by slug or id; a new one when absent.
    public var policy: Unchecked<FreeText>?

    public init(text: String? = nil, policy: String? = nil) {
      self.text = text.map { .init($0) }
      self.policy = policy.map { .init($0) }
    }
  }

  /// Something to say about a policy's text.
  public struct PolicyTextFault: Codable, Sendable, Hashable {
    /// `error` or `warning`.
    public var severity: String
    public var message: String
    public var hint: String?
    /// From 1; absent where it is about the text as a whole.
    public var line: Int?
    /// From 1, in characters.
    public var column: Int?

    public init(severity: String, message: String, hint: String?, line: Int?, column: Int?) {
      self.severity = severity
      self.message = message
      self.hint = hint
      self.line = line
      self.column = column
    }
  }

  public struct PolicyTextFaults: Codable, Sendable, Hashable {
    /// Whether it can be saved.
    public var valid: Bool
    public var faults: [PolicyTextFault]
    /// The text in the usual form; absent for what is no policy.
    public var formatted: String?

    public init(valid: Bool, faults: [PolicyTextFault], formatted: String?) {
      self.valid = valid
      self.faults = faults
      self.formatted = formatted
    }
  }

  public struct PolicyPreview: Codable, Sendable, Hashable {
    /// For people: "7 members would lose access …".
    public var sentence: String
    public var losing: Int
    public var gaining: Int
    /// What each of the first 20 would lose, and would gain.
    public var losses: [String]
    public var gains: [String]
    /// How many were looked at, of how many.
    public var asked: Int
    public var total: Int
    /// It would leave no admin who may read and manage, and can't be put in force.
    public var locksOut: Bool

    public init(
      sentence: String, losing: Int, gaining: Int, losses: [String], gains: [String], asked: Int, total: Int, locksOut: Bool
    ) {
      self.sentence = sentence
      self.losing = losing
      self.gaining = gaining
      self.losses = losses
      self.gains = gains
      self.asked = asked
      self.total = total
      self.locksOut = locksOut
    }
  }

  /// A policy that is almost written.
  public struct PolicyTemplate: Codable, Sendable, Hashable {
    public var name: String
    public var title: String
    public var summary: String
    /// What is to be filled in, by name, with what each means.
    public var fields: [String: String]
    /// Fields that may be left out.
    public var optional: [String]

    public init(name: String, title: String, summary: String, fields: [String: String], optional: [String]) {
      self.name = name
      self.title = title
      self.summary = summary
      self.fields = fields
      self.optional = optional
    }
  }

  public struct PolicyTemplateValues: Codable, Sendable, Hashable {
    public var values: [String: String]

    public init(values: [String: String]) { self.values = values }
  }

  /// What policies may speak of besides what is built in. Kinds of values: `String`, `Long`, `Bool`, `Set<String>`, `ipaddr`, `datetime`, `decimal`.
  public struct PolicySchemaUpdate: Codable, Sendable, Hashable {
    /// The attributes of each type, by name; also more attributes of types that are built in.
    public var types: [String: [String: String]]?
    public var actions: [String]?
    /// What requests bring.
    public var context: [String: String]?

    public init(types: [String: [String: String]]? = nil, actions: [String]? = nil, context: [String: String]? = nil) {
      self.types = types
      self.actions = actions
      self.context = context
    }
  }

  public struct PolicySchema: Codable, Sendable, Hashable, Versioned {
    /// 0 where nothing was added to what is built in.
    public var version: Int
    /// As Cedar.
    public var schema: String
    public var types: [String: [String: String]]
    public var actions: [String]
    public var context: [String: String]
    public var changedAt: Timestamp?
    public var changedBy: String?

    public init(
      version: Int, schema: String, types: [String: [String: String]], actions: [String], context: [String: String], changedAt: Timestamp?, changedBy: String?
    ) {
      self.version = version
      self.schema = schema
      self.types = types
      self.actions = actions
      self.context = context
      self.changedAt = changedAt
      self.changedBy = changedBy
    }

    public var revision: Int { version }
  }
}

extension Problem.Code {
  public static let invalidPolicy = Self("policy.invalid", .invalid, "The policy isn't valid")
  public static let policyLockOut = Self("policy.lock_out", .conflict, "No admin could get in any more")
  public static let tooManyPolicies = Self("policy.too_many", .conflict, "Too many policies")
}

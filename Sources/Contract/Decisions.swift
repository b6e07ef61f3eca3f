public import Kernel

extension API {
  /// Who may do what with which thing: for Guildhall's own pages and for any platform.
  public enum Decisions {
    /// Everybody asks about themselves; about others those who may ask who may do what, and service accounts.
    private static let asking = Access.organization(permission: "organization.read")
    private static let reading = Access.organization(permission: "access.read")

    public static let revision = Endpoint<Wire.InOrganization, Nothing, Nothing, Wire.DecisionRevision>(
      "decision.revision", .get, "/organizations/{organization}/decisions", access: asking,
      summary: "Read the number of the last change that decisions look at; answers of at least this revision know of it.")

    public static let check = Endpoint<Wire.InOrganization, Nothing, Wire.DecisionQuestion, Wire.Decision>(
      "decision.check", .post, "/organizations/{organization}/decisions/check", access: asking,
      summary: "Ask whether somebody may do something with a thing that stands here or is merely named.", refusals: [.decisionAhead])

    public static let checkMany = Endpoint<Wire.InOrganization, Nothing, Wire.DecisionQuestions, Wire.DecisionList>(
      "decision.check_many", .post, "/organizations/{organization}/decisions/check-batch", access: asking,
      summary: "Ask up to 1,000 questions at one revision; each has its own answer, also one that can't be a question.", refusals: [.decisionAhead, .tooMany],
      bodyLimit: 4 << 20)

    public static let explain = Endpoint<Wire.InOrganization, Nothing, Wire.DecisionQuestion, Wire.Decision>(
      "decision.explain", .post, "/organizations/{organization}/decisions/explain", access: asking,
      summary: "Ask like a check, and be told every role, team, grant and policy that made the answer.", refusals: [.decisionAhead])

    public static let listResources = Endpoint<Wire.InOrganization, Nothing, Wire.DecisionSearch, Wire.DecisionSubjects>(
      "decision.list_resources", .post, "/organizations/{organization}/decisions/list-resources", access: reading,
      summary: "List the workspaces and projects with which somebody may do something, by id.", refusals: [.decisionAhead])

    public static let listPrincipals = Endpoint<Wire.InOrganization, Nothing, Wire.DecisionSearch, Wire.DecisionSubjects>(
      "decision.list_principals", .post, "/organizations/{organization}/decisions/list-principals", access: reading,
      summary: "List the people and service accounts who may do something with a thing, by id.", refusals: [.decisionAhead])

    public static let simulate = Endpoint<Wire.InOrganization, Nothing, Wire.Simulation, Wire.SimulationResult>(
      "decision.simulate", .post, "/organizations/{organization}/decisions/simulate", access: reading,
      summary: "Ask what changes would do that nobody makes: the answers before and after, and who would gain or lose something.",
      refusals: [.decisionAhead, .tooMany, .invalidPolicy], bodyLimit: 4 << 20)

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(revision), AnyEndpoint(check), AnyEndpoint(checkMany), AnyEndpoint(explain), AnyEndpoint(listResources), AnyEndpoint(listPrincipals),
        AnyEndpoint(simulate),
      ]
    }
  }
}

extension Wire {
  public struct DecisionRevision: Codable, Sendable, Hashable {
    public var revision: Int

    public init(revision: Int) { self.revision = revision }
  }

  /// `account`: a person, by id, handle or address. `service-account`: by id or slug. `team` only where one could hold something.
  public enum DecisionPrincipalType: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
    case account
    case serviceAccount = "service-account"
    case team
  }

  /// A thing, a person or a team by its kind and its id.
  public struct DecisionSubject: Codable, Sendable, Hashable {
    /// `account`, `service-account`, or the type of a thing such as `project`.
    public var type: Unchecked<DecisionTypeText>
    public var id: Unchecked<DecisionIDText>
    /// In answers: the handle or slug; of a project with its workspace, `research/forecast`.
    public var slug: String?
    public var name: String?
    /// In answers: `true` of somebody who isn't a member, and has access to an app as an outside collaborator.
    public var outside: Bool?

    public init(type: String, id: String, slug: String? = nil, name: String? = nil, outside: Bool? = nil) {
      self.type = .init(type)
      self.id = .init(id)
      self.slug = slug
      self.name = name
      self.outside = outside
    }
  }

  /// Somebody who is asked about, or who would hold something.
  public struct DecisionPrincipal: Codable, Sendable, Hashable {
    public var type: DecisionPrincipalType
    /// `me` is whoever asks.
    public var id: Unchecked<DecisionPrincipalText>

    public init(type: DecisionPrincipalType, id: String) {
      self.type = type
      self.id = .init(id)
    }
  }

  /// A thing that stands here, or one that is merely named.
  public struct DecisionResource: Codable, Sendable, Hashable {
    /// `workspace`, `project`, or any type that a platform knows: `dataset`, `model_version`.
    public var type: Unchecked<DecisionTypeText>
    /// By id; a workspace also by slug, a project as `workspace/project`. Absent for something that is only about to be made.
    public var id: Unchecked<DecisionIDText>?
    /// What it stands in, of what stands here; the organization itself when absent.
    public var parent: DecisionSubject?
    /// Whether whoever is asked about owns it; known of what stands here.
    public var own: Bool?
    /// What policies may ask of it: texts, integers, booleans, lists of these, and `{"__extn":{"fn":"ip","arg":"192.0.2.1"}}` for addresses (`ip`), instants
    /// (`datetime`) and decimals (`decimal`). Known of what stands here.
    public var attributes: JSON?

    public init(type: String, id: String? = nil, parent: DecisionSubject? = nil, own: Bool? = nil, attributes: JSON? = nil) {
      self.type = .init(type)
      self.id = id.map { .init($0) }
      self.parent = parent
      self.own = own
      self.attributes = attributes
    }
  }

  public struct DecisionQuestion: Codable, Sendable, Hashable {
    /// Who is asked about; the one who asks when absent.
    public var principal: DecisionPrincipal?
    /// `read`, `update`, `delete`, or any verb that a platform knows.
    public var action: Unchecked<DecisionActionText>
    public var resource: DecisionResource
    /// What the request brings: `address` as a text, `mfa`, and what the schema of policies knows besides. The time is that of the decision.
    public var context: JSON?
    /// The answer knows of everything up to this revision.
    public var atLeastRevision: Int?

    public init(
      principal: DecisionPrincipal? = nil, action: String, resource: DecisionResource, context: JSON? = nil, atLeastRevision: Int? = nil
    ) {
      self.principal = principal
      self.action = .init(action)
      self.resource = resource
      self.context = context
      self.atLeastRevision = atLeastRevision
    }
  }

  /// 1,000 at most. The revision of the whole counts, and that of none of them.
  public struct DecisionQuestions: Codable, Sendable, Hashable {
    public var items: [DecisionQuestion]
    public var atLeastRevision: Int?

    public init(items: [DecisionQuestion], atLeastRevision: Int? = nil) {
      self.items = items
      self.atLeastRevision = atLeastRevision
    }
  }

  public enum DecisionOutcome: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
    case allowed, forbidden, lacking, hidden, suspended, expired, halted, missing, invalid
  }

  /// One thing that made an answer: a role, a grant, or a policy.
  public struct DecisionGround: Codable, Sendable, Hashable {
    /// `allows`, `forbids` or `fails`.
    public var effect: String
    /// `membership`, `grant`, `share`, `ownership`, `visibility`, `policy` or `standing`.
    public var kind: String
    public var role: String?
    /// Where a grant's role is held; absent for the organization.
    public var resource: DecisionSubject?
    /// From the principal's own team to the one that holds it, by slug.
    public var teams: [String]
    /// A policy's id, slug and name.
    public var policy: DecisionSubject?
    public var sentence: String

    public init(
      effect: String, kind: String, role: String?, resource: DecisionSubject?, teams: [String], policy: DecisionSubject?, sentence: String
    ) {
      self.effect = effect
      self.kind = kind
      self.role = role
      self.resource = resource
      self.teams = teams
      self.policy = policy
      self.sentence = sentence
    }
  }

  public struct Decision: Codable, Sendable, Hashable {
    public var allowed: Bool
    public var outcome: DecisionOutcome
    /// The answer knows of everything up to here, and of nothing behind it.
    public var revision: Int
    /// For people.
    public var sentence: String
    /// Everything that made it in an explanation; in a check the policy that forbids.
    public var grounds: [DecisionGround]

    public init(allowed: Bool, outcome: DecisionOutcome, revision: Int, sentence: String, grounds: [DecisionGround]) {
      self.allowed = allowed
      self.outcome = outcome
      self.revision = revision
      self.sentence = sentence
      self.grounds = grounds
    }
  }

  /// In the order of the questions.
  public struct DecisionList: Codable, Sendable, Hashable {
    public var revision: Int
    public var items: [Decision]

    public init(revision: Int, items: [Decision]) {
      self.revision = revision
      self.items = items
    }
  }

  /// Half a question, for a list of what makes it whole: without a thing the things are listed, and with one those who may.
  public struct DecisionSearch: Codable, Sendable, Hashable, PagedQuery {
    /// Of a list of things: who is asked about; the one who asks when absent.
    public var principal: DecisionPrincipal?
    public var action: Unchecked<DecisionActionText>
    /// Of a list of things: only those of its type, and all when absent. Of a list of those who may: the thing.
    public var resource: DecisionResource?
    public var context: JSON?
    public var atLeastRevision: Int?
    public var limit: Int?
    public var cursor: String?

    public init(
      principal: DecisionPrincipal? = nil, action: String, resource: DecisionResource? = nil, context: JSON? = nil, atLeastRevision: Int? = nil,
      limit: Int? = nil, cursor: String? = nil
    ) {
      self.principal = principal
      self.action = .init(action)
      self.resource = resource
      self.context = context
      self.atLeastRevision = atLeastRevision
      self.limit = limit
      self.cursor = cursor
    }
  }

  public struct DecisionSubjects: Codable, Sendable, Hashable {
    public var revision: Int
    public var items: [DecisionSubject]
    /// Give it as `cursor` to get the next page; absent on the last.
    public var nextCursor: String?
    public var total: Int

    public init(revision: Int, items: [DecisionSubject], nextCursor: String?, total: Int) {
      self.revision = revision
      self.items = items
      self.nextCursor = nextCursor
      self.total = total
    }
  }

  public enum SimulatedChangeKind: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
    /// `principal` has `roles` of the organization, and goes without any.
    case roles
    /// `principal` is in `team`, or isn't.
    case seat
    case seatRemoved = "seat-removed"
    /// `principal` has the first of `roles` on `resource`, or hasn't.
    case grant
    case grantRemoved = "grant-removed"
    /// `resource`, an object in `parent`, is shared with `principal` for `actions`, instead of what is shared with them now.
    case share
    /// A policy of `text` is in force, in the place of `policy` where one is named.
    case policy
    /// `policy` isn't in force.
    case policyRemoved = "policy-removed"
  }

  public struct SimulatedChange: Codable, Sendable, Hashable {
    public var kind: SimulatedChangeKind
    public var principal: DecisionPrincipal?
    public var team: Unchecked<FreeText>?
    public var roles: [Unchecked<RoleText>]?
    public var resource: DecisionSubject?
    /// What an object stands in that isn't registered; the organization itself when absent.
    public var parent: DecisionSubject?
    public var actions: [Unchecked<DecisionActionText>]?
    /// By slug or id.
    public var policy: Unchecked<FreeText>?
    public var text: Unchecked<PolicyText>?

    public init(
      kind: SimulatedChangeKind, principal: DecisionPrincipal? = nil, team: String? = nil, roles: [String]? = nil, resource: DecisionSubject? = nil,
      parent: DecisionSubject? = nil, actions: [String]? = nil, policy: String? = nil, text: String? = nil
    ) {
      self.kind = kind
      self.principal = principal
      self.team = team.map { .init($0) }
      self.roles = roles.map { $0.map { .init($0) } }
      self.resource = resource
      self.parent = parent
      self.actions = actions.map { $0.map { .init($0) } }
      self.policy = policy.map { .init($0) }
      self.text = text.map { .init($0) }
    }
  }

  public struct Simulation: Codable, Sendable, Hashable {
    /// 100 at most, one after the other.
    public var changes: [SimulatedChange]
    /// Answered before and after, with everything that made each.
    public var questions: [DecisionQuestion]?
    /// Who would gain or lose this, of the first 10,000 people and service accounts by id; its principal doesn't count.
    public var impact: DecisionQuestion?
    public var atLeastRevision: Int?

    public init(changes: [SimulatedChange], questions: [DecisionQuestion]? = nil, impact: DecisionQuestion? = nil, atLeastRevision: Int? = nil) {
      self.changes = changes
      self.questions = questions
      self.impact = impact
      self.atLeastRevision = atLeastRevision
    }
  }

  public struct SimulationResult: Codable, Sendable, Hashable {
    public var revision: Int
    public var before: [Decision]
    public var after: [Decision]
    /// Where an impact was asked for: how many would gain it and lose it, and the first 100 of each.
    public var gainedCount: Int?
    public var lostCount: Int?
    public var gained: [DecisionSubject]?
    public var lost: [DecisionSubject]?

    public init(
      revision: Int, before: [Decision], after: [Decision], gainedCount: Int?, lostCount: Int?, gained: [DecisionSubject]?, lost: [DecisionSubject]?
    ) {
      self.revision = revision
      self.before = before
      self.after = after
      self.gainedCount = gainedCount
      self.lostCount = lostCount
      self.gained = gained
      self.lost = lost
    }
  }
}

/// The type of a thing.
public enum DecisionTypeText: TextRules {
  public static var rules: Schema.StringRules { .init(pattern: "^[a-z][a-z0-9_-]*$", length: 1...64) }
  public static var example: String { "dataset" }
}

/// What is done to a thing.
public enum DecisionActionText: TextRules {
  public static var rules: Schema.StringRules { .init(pattern: "^[a-z][a-z0-9_-]*$", length: 1...64) }
  public static var example: String { "read" }
}

/// The id of a thing.
public enum DecisionIDText: TextRules {
  public static var rules: Schema.StringRules { .init(length: 1...256) }
  public static var example: String { "customers-2026" }
}

/// Somebody by id, handle, address or slug.
public enum DecisionPrincipalText: TextRules {
  public static var rules: Schema.StringRules { .init(length: 1...256) }
  public static var example: String { "me" }
}

/// A role of the organization, or of a workspace or project: `project.viewer`.
public enum RoleText: TextRules {
  public static var rules: Schema.StringRules { .init(length: 1...64) }
  public static var example: String { "viewer" }
}

/// A policy in Cedar.
public enum PolicyText: TextRules {
  public static var rules: Schema.StringRules { .init(length: 1...16_384) }
  public static var example: String { "forbid (principal, action == Action::\"delete\", resource is Dataset);" }
}

extension Problem.Code {
  public static let decisionAhead = Self("decision.ahead", .conflict, "That revision hasn't happened yet")
}

public import Kernel

extension API {
  /// Asking for a role for a time, and the answers.
  public enum Elevations {
    private static let place = "/organizations/{organization}/elevation-requests"
    private static let reading = Access.organization(permission: "organization.read")

    public static let list = Endpoint<Wire.InOrganization, Wire.ElevationQuery, Nothing, Wire.List<Wire.Elevation>>(
      "elevation.list", .get, place, access: reading,
      summary: "List the requests for roles that you may answer and your own, the newest first: the open ones, or all of the last 500.")

    public static let ask = Endpoint<Wire.InOrganization, Nothing, Wire.ElevationDraft, Wire.Elevation>(
      "elevation.ask", .post, place, access: reading,
      summary: "Ask for a role on the organization, or on a workspace, cluster, project or app that you see, for a time and with a reason.", status: 201,
      refusals: [.tooMany])

    public static let read = Endpoint<Wire.InElevation, Nothing, Nothing, Wire.Elevation>(
      "elevation.read", .get, place + "/{request}", access: reading, summary: "Read one of your own requests for a role, or one that you may answer.")

    public static let approve = Endpoint<Wire.InElevation, Nothing, Wire.ElevationApproval, Wire.Elevation>(
      "elevation.approve", .post, place + "/{request}/approval", access: reading,
      summary: "Give the role that was asked for, from now on, for as long or shorter; for who could give it unasked, and never one's own.",
      refusals: [.aboveOwnRights, .alreadyGranted, .elevationAnswered, .ownElevation])

    public static let refuse = Endpoint<Wire.InElevation, Nothing, Wire.ElevationRefusal, Wire.Elevation>(
      "elevation.refuse", .post, place + "/{request}/refusal", access: reading, summary: "Answer that the role isn't given.",
      refusals: [.elevationAnswered, .ownElevation])

    public static let withdraw = Endpoint<Wire.InElevation, Nothing, Nothing, Wire.Elevation>(
      "elevation.withdraw", .post, place + "/{request}/withdrawal", access: reading, summary: "Take back your own request, while it is open.",
      refusals: [.elevationAnswered])

    static var all: [AnyEndpoint] {
      [AnyEndpoint(list), AnyEndpoint(ask), AnyEndpoint(read), AnyEndpoint(approve), AnyEndpoint(refuse), AnyEndpoint(withdraw)]
    }
  }
}

extension Wire {
  public struct InElevation: Codable, Sendable, Hashable {
    public var organization: String
    public var request: String

    public init(organization: String, request: String) {
      self.organization = organization
      self.request = request
    }
  }

  public struct ElevationQuery: Codable, Sendable, Hashable, PagedQuery {
    /// Those that have an answer, too.
    public var all: Bool?
    public var limit: Int?
    public var cursor: String?

    public init(all: Bool? = nil, limit: Int? = nil, cursor: String? = nil) { (self.all, self.limit, self.cursor) = (all, limit, cursor) }
  }

  public enum ElevationState: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case pending, approved, refused, withdrawn, expired }

  /// Somebody's request for a role, for a time.
  public struct Elevation: Codable, Sendable, Hashable, Addressed {
    public var id: ID<Elevation>
    /// Who asks.
    public var account: ID<Account>
    public var handle: String
    public var name: String
    /// `organization`, `workspace`, `cluster`, `project` or `app`.
    public var onType: String
    /// What the role is to count on, by slug: `research`, `research/forecast`; absent for the organization.
    public var on: String?
    public var role: String
    /// For how long they ask.
    public var minutes: Int
    public var reason: String
    public var state: ElevationState
    /// Whether it is your own.
    public var own: Bool
    /// Whether you may approve or refuse it now.
    public var answerable: Bool
    public var createdAt: Timestamp
    /// From then on nobody can answer it.
    public var answerBy: Timestamp
    public var answeredBy: String?
    /// What was said with the answer.
    public var answer: String?
    /// Until when the role was given.
    public var grantedUntil: Timestamp?

    public init(
      id: ID<Elevation>, account: ID<Account>, handle: String, name: String, onType: String, on: String?, role: String, minutes: Int, reason: String,
      state: ElevationState, own: Bool, answerable: Bool, createdAt: Timestamp, answerBy: Timestamp, answeredBy: String?, answer: String?,
      grantedUntil: Timestamp?
    ) {
      (self.id, self.account, self.handle, self.name, self.onType, self.on) = (id, account, handle, name, onType, on)
      (self.role, self.minutes, self.reason, self.state, self.own, self.answerable) = (role, minutes, reason, state, own, answerable)
      (self.createdAt, self.answerBy, self.answeredBy, self.answer, self.grantedUntil) = (createdAt, answerBy, answeredBy, answer, grantedUntil)
    }

    public var segment: String { id.description }
  }

  public struct ElevationDraft: Codable, Sendable, Hashable {
    /// `research` for a workspace, `research/forecast` for a project, `cluster:gpu` and `cluster:gpu/forecast` for a cluster and a project
    /// on it, `app:painter` for an app; the organization when absent.
    public var on: String?
    /// A role that is given there, built in or the organization's own.
    public var role: String
    /// 5 minutes to 30 days.
    public var minutes: Int
    public var reason: Unchecked<Note>

    public init(on: String? = nil, role: String, minutes: Int, reason: String) {
      (self.on, self.role, self.minutes, self.reason) = (on, role, minutes, .init(reason))
    }
  }

  public struct ElevationApproval: Codable, Sendable, Hashable {
    /// For how long; as was asked when absent, and never longer.
    public var minutes: Int?
    public var note: Unchecked<Note>?

    public init(minutes: Int? = nil, note: String? = nil) {
      self.minutes = minutes
      self.note = note.map { .init($0) }
    }
  }

  public struct ElevationRefusal: Codable, Sendable, Hashable {
    public var note: Unchecked<Note>?

    public init(note: String? = nil) { self.note = note.map { .init($0) } }
  }
}

extension Problem.Code {
  public static let elevationAnswered = Self("elevation.answered", .conflict, "Answered already")
  public static let ownElevation = Self("elevation.own", .forbidden, "Your own request")
}

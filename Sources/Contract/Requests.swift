public import Kernel

extension API {
  public enum Requests {
    public static let create = Endpoint<Wire.InOrganization, Nothing, Wire.JoinRequestDraft, Wire.JoinRequest>(
      "request.create", .post, "/organizations/{organization}/requests", access: .account, summary: "Ask to join an organization that takes requests.", status: 201,
      refusals: [.alreadyMember, .unverifiedEmail, .throttled])

    public static let list = Endpoint<Wire.InOrganization, Wire.JoinRequestQuery, Nothing, Wire.List<Wire.JoinRequest>>(
      "request.list", .get, "/organizations/{organization}/requests", access: .organization(permission: "invitation.list"), summary: "List requests to join, the newest first.")

    public static let approve = Endpoint<Wire.InJoinRequest, Nothing, Wire.Roles, Wire.JoinRequest>(
      "request.approve", .put, "/organizations/{organization}/requests/{request}/approval", access: .organization(permission: "request.decide"),
      summary: "Take the person in, with these roles.", refusals: [.requestAnswered, .aboveOwnRights])

    public static let refuse = Endpoint<Wire.InJoinRequest, Nothing, Nothing, Wire.JoinRequest>(
      "request.refuse", .put, "/organizations/{organization}/requests/{request}/refusal", access: .organization(permission: "request.decide"),
      summary: "Refuse a request to join.", refusals: [.requestAnswered])

    public static let own = Endpoint<Nothing, Wire.Paging, Nothing, Wire.List<Wire.SentJoinRequest>>(
      "request.own", .get, "/account/requests", access: .account, summary: "List your own requests to join.")

    public static let withdraw = Endpoint<Wire.OwnJoinRequest, Nothing, Nothing, Wire.JoinRequest>(
      "request.withdraw", .delete, "/account/requests/{request}", access: .account, summary: "Take back your own request.", refusals: [.requestAnswered])

    static var all: [AnyEndpoint] {
      [AnyEndpoint(create), AnyEndpoint(list), AnyEndpoint(approve), AnyEndpoint(refuse), AnyEndpoint(own), AnyEndpoint(withdraw)]
    }
  }
}

extension Wire {
  public struct InJoinRequest: Codable, Sendable, Hashable {
    public var organization: String
    public var request: String

    public init(organization: String, request: String) {
      self.organization = organization
      self.request = request
    }
  }

  public struct OwnJoinRequest: Codable, Sendable, Hashable {
    public var request: String

    public init(request: String) { self.request = request }
  }

  public enum JoinRequestState: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case pending, approved, refused, withdrawn }

  public struct JoinRequest: Codable, Sendable, Hashable, Addressed {
    public var id: ID<JoinRequest>
    public var organization: ID<Organization>
    public var account: ID<Account>
    public var handle: String
    public var name: String
    public var email: String?
    public var message: String
    public var state: JoinRequestState
    public var createdAt: Timestamp

    public init(
      id: ID<JoinRequest>, organization: ID<Organization>, account: ID<Account>, handle: String, name: String, email: String?, message: String, state: JoinRequestState,
      createdAt: Timestamp
    ) {
      self.id = id
      self.organization = organization
      self.account = account
      self.handle = handle
      self.name = name
      self.email = email
      self.message = message
      self.state = state
      self.createdAt = createdAt
    }

    public var segment: String { id.description }
  }

  /// A request as the person sees it who asked.
  public struct SentJoinRequest: Codable, Sendable, Hashable {
    public var id: ID<JoinRequest>
    public var organization: OrganizationName
    public var message: String
    public var state: JoinRequestState
    public var createdAt: Timestamp

    public init(id: ID<JoinRequest>, organization: OrganizationName, message: String, state: JoinRequestState, createdAt: Timestamp) {
      self.id = id
      self.organization = organization
      self.message = message
      self.state = state
      self.createdAt = createdAt
    }
  }

  public struct JoinRequestDraft: Codable, Sendable, Hashable {
    public var message: Unchecked<Note>?

    public init(message: String? = nil) { self.message = message.map { .init($0) } }
  }

  public struct JoinRequestQuery: Codable, Sendable, Hashable, PagedQuery {
    public var state: JoinRequestState?
    public var limit: Int?
    public var cursor: String?

    public init(state: JoinRequestState? = nil, limit: Int? = nil, cursor: String? = nil) {
      self.state = state
      self.limit = limit
      self.cursor = cursor
    }
  }
}

extension Problem.Code {
  public static let requestAnswered = Self("request.answered", .conflict, "The request has an answer already")
}

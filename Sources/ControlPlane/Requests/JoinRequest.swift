import Contract
public import Kernel

/// A person's wish to become a member.
public struct JoinRequest: Sendable, Hashable {
  public let id: ID<JoinRequest>
  public let organization: ID<Organization>
  public let account: ID<Account>
  public let handle: Slug
  public let name: DisplayName
  public let email: EmailAddress?
  public let message: Note
  public private(set) var state: State
  public let createdAt: Timestamp

  public enum State: String, Sendable, Hashable, CaseIterable { case pending, approved, refused, withdrawn }

  /// Refuses when it has an answer already; the same answer again is no refusal and changes nothing.
  mutating func answer(_ answer: State) throws(Problem) -> Bool {
    if state == answer { return false }
    guard state == .pending else { throw Problem(.requestAnswered, "This request is \(state.rawValue) already.") }
    state = answer
    return true
  }
}

/// A request as its sender sees it.
public struct SentJoinRequest: Sendable {
  public let request: JoinRequest
  public let organization: Organization
}

extension Target {
  init(_ request: JoinRequest) { self.init("request", request.id.description, named: request.name.text) }
}

import Contract
public import Kernel
import Secrets

/// Lets a request be repeated without harm: the answer that a key's first request got is kept for a day and given again.
public struct Idempotency: Sendable {
  private let plane: ControlPlane

  /// How long an answer is kept.
  public static let term = Duration.days(1)

  public init(_ plane: ControlPlane) { self.plane = plane }

  public enum Outcome: Sendable {
    /// The key is new and now taken: carry the request out, then `settle` or `release`.
    case new(Claim)
    /// The same request was answered before.
    case answered(StoredAnswer)
  }

  /// The right to settle a key.
  public struct Claim: Sendable {
    let scope: String
    let key: String
    let context: String
  }

  /// Looks the key up among the caller's own at this place.
  ///
  /// Refuses as `idempotency.reused_key` when the payload is another one, and as `idempotency.pending` while the first request is still being answered.
  public func claim(_ key: String, at place: String, payload: [UInt8], by caller: Caller) async throws(Problem) -> Outcome {
    let payload = SHA256Digest(of: payload).text
    let found: (row: AnsweredRequest?, claim: Claim) = try await plane.write(as: caller) { work in
      let scope = SHA256Digest(of: "\(try work.keyOwner())\n\(place)").text
      let claim = Claim(scope: scope, key: key, context: "answered_request \(scope) \(key)")
      let row = try work.answeredRequests.find(scope: scope, key: key)
      if let row, row.at + Self.term > work.now { return (row, claim) }
      try work.answeredRequests.begin(scope: scope, key: key, payload: payload)
      return (nil, claim)
    }
    guard let row = found.row else { return .new(found.claim) }
    guard row.payload == payload else { throw Problem(.repeatedKey, "This Idempotency-Key was used for another request. Choose a new one.") }
    guard let status = row.status else {
      throw Problem(.pendingKey, "A request with this Idempotency-Key is still being answered, or its end was lost. Look what became of it before you send it with a new key.")
    }
    let body = try row.body.map { sealed throws(Problem) in try Seal(plane.world.keys).open(sealed, context: found.claim.context).reveal() } ?? ""
    return .answered(StoredAnswer(status: status, headers: row.headers, body: Array(body.utf8)))
  }

  /// The answer that was kept under a key of the caller's; `nil` where there is none, or none any more: what is marked as `shownOnce` is forgotten with this.
  public func recall(_ key: String, at place: String, by caller: Caller) async throws(Problem) -> StoredAnswer? {
    guard let found = try await plane.read(as: caller, { work throws(Problem) in try work.answer(to: key, at: place) }) else { return nil }
    guard found.row.isShownOnce else { return try opened(found) }
    // Of many who ask at once, one is shown it.
    let taken = try await plane.write(as: caller) { work throws(Problem) in
      let found = try work.answer(to: key, at: place)
      if let found { try work.answeredRequests.forgetBody(scope: found.scope, key: key) }
      return found
    }
    guard let taken, taken.row.body != nil else { return nil }
    return try opened(taken)
  }

  private func opened(_ found: FoundAnswer) throws(Problem) -> StoredAnswer? {
    guard let status = found.row.status else { return nil }
    let body = try found.row.body.map { sealed throws(Problem) in try Seal(plane.world.keys).open(sealed, context: found.context).reveal() } ?? ""
    return StoredAnswer(status: status, headers: found.row.headers, body: Array(body.utf8))
  }

  /// Keeps the answer; sealed, since it may show a secret that is stored nowhere else.
  public func settle(_ claim: Claim, _ answer: StoredAnswer) async throws(Problem) {
    let sealed = try Seal(plane.world.keys).close(SecretText(String(decoding: answer.body, as: UTF8.self)), context: claim.context, plane.world.moment())
    try await plane.write(as: .system("idempotency")) { work in
      try work.answeredRequests.settle(scope: claim.scope, key: claim.key, status: answer.status, headers: answer.headers, body: sealed)
    }
  }

  /// Frees the key of a request that has changed nothing.
  public func release(_ claim: Claim) async throws(Problem) {
    try await plane.write(as: .system("idempotency")) { work in try work.answeredRequests.delete(scope: claim.scope, key: claim.key) }
  }
}

/// An answer as it was given the first time.
public struct StoredAnswer: Sendable {
  public let status: Int
  public let headers: [(String, String)]
  public let body: [UInt8]

  /// Marks an answer that `recall` gives a single time.
  public static let shownOnce = ("show", "once")

  public init(status: Int, headers: [(String, String)], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

private struct FoundAnswer: Sendable {
  let row: AnsweredRequest
  let scope: String
  let context: String
}

extension Work {
  fileprivate func answer(to key: String, at place: String) throws(Problem) -> FoundAnswer? {
    let scope = SHA256Digest(of: "\(try keyOwner())\n\(place)").text
    guard let row = try answeredRequests.find(scope: scope, key: key), row.at + Idempotency.term > now else { return nil }
    return FoundAnswer(row: row, scope: scope, context: "answered_request \(scope) \(key)")
  }

  /// Whose keys these are: the account's or the service account's, or for nobody in particular those of the network address.
  fileprivate func keyOwner() throws(Problem) -> String {
    switch try actor() {
    case .person(let person): "account \(person.id)"
    case .machine(let machine): "service account \(machine.id)"
    case .system(let job): "system \(job)"
    case .anonymous: "address \(caller.origin.address)"
    }
  }
}

/// Forgets answers that were kept long enough.
struct ForgetAnsweredRequests: Job {
  static let name = "forget-answered-requests"
  static let interval = Duration.hours(1)
  let plane: ControlPlane

  func run() async throws(Problem) {
    try await plane.write(as: .system(Self.name)) { work in try work.answeredRequests.delete(before: work.now - Idempotency.term) }
  }
}

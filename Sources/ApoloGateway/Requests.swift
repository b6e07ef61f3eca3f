import Contract
import ControlPlane
import Kernel
import Ledger
import Secrets

extension GatewayRequest {
  /// The object in the body. Refuses everything else.
  func object() throws(Problem) -> JSON {
    guard case .object = try json() else { throw Problem(.malformed, "The body must be a JSON object.") }
    return try json()
  }

  /// The value in the body.
  func json() throws(Problem) -> JSON {
    do { return try JSON(body) } catch { throw Problem(.malformed, "The body isn't JSON: \(error.reason), at byte \(error.offset).") }
  }

  /// Whether a query parameter says yes.
  func flag(_ name: String) -> Bool { ["true", "1", "yes"].contains(query.first { $0.0 == name }?.1.lowercased() ?? "") }

  /// All values of a query parameter.
  func values(_ name: String) -> [String] { query.filter { $0.0 == name }.map(\.1) }

  var organization: String { parameter("organization") }
  var cluster: String { parameter("cluster") }
  var project: String { parameter("project") }
  var user: String { parameter("user") }

  /// What the client calls this request, so that a repetition changes nothing; `nil` where it doesn't say.
  var key: String? {
    get throws(Problem) {
      guard let key = values("idempotency_key").first, !key.isEmpty else { return nil }
      guard key.utf8.count <= 256 else { throw .invalid("idempotency_key", "Use at most 256 characters.") }
      return key
    }
  }

  /// The transfer that the key stands for in this place, whoever sends it.
  func transfer(in organization: ID<Organization>, _ place: String) throws(Problem) -> ID<Transfer>? {
    try key.map { key in
      let bytes = SHA256Digest(of: "apolo\n\(organization)\n\(place)\n\(key)").hex
      return bytes
    }.flatMap { hex in
      let digits = Array(hex)
      // Version 8 (RFC 9562 §5.8): made by a rule of ours.
      let parts = [digits[0..<8], digits[8..<12], ["8"] + digits[13..<16], ["a"] + digits[17..<20], digits[20..<32]]
      return ID(parts.map { String($0) }.joined(separator: "-"))
    }
  }
}

extension JSON {
  /// A text that must be there.
  func text(_ name: String) throws(Problem) -> String {
    guard let text = try optionalText(name) else { throw .invalid(name, "Give \(name), a text.") }
    return text
  }

  /// A text, or nothing.
  func optionalText(_ name: String) throws(Problem) -> String? {
    switch self[name] {
    case nil, .null: return nil
    case .string(let text): return text
    default: throw .invalid(name, "\(name) is a text.")
    }
  }

  /// A truth value, or nothing.
  func optionalFlag(_ name: String) throws(Problem) -> Bool? {
    switch self[name] {
    case nil, .null: return nil
    case .boolean(let flag): return flag
    default: throw .invalid(name, "\(name) is true or false.")
    }
  }

  /// An object, or nothing.
  func optionalObject(_ name: String) throws(Problem) -> JSON? {
    switch self[name] {
    case nil, .null: return nil
    case .object(let members): return .object(members)
    default: throw .invalid(name, "\(name) is an object.")
    }
  }

  /// A whole number, which some clients write as a text; or nothing.
  func optionalNumber(_ name: String) throws(Problem) -> Int? {
    switch self[name] {
    case nil, .null, .string(""): return nil
    case .integer(let number): return Int(number)
    case .string(let text):
      guard let number = Int(text) else { throw .invalid(name, "\(name) is a whole number.") }
      return number
    default: throw .invalid(name, "\(name) is a whole number.")
    }
  }

  /// An object with these members, without those that have no value.
  static func members(_ members: [(String, JSON?)]) -> JSON {
    .object(members.compactMap { name, value in value.map { Member(name, $0) } })
  }
}

extension Timestamp {
  /// As the clients' Python reads it: with an offset, and not with a Z.
  var offsetText: String { description.dropLast() + "+00:00" }
}

/// All pages of a list.
func all<Item: Sendable>(_ page: (PageRequest) async throws(Problem) -> Page<Item>) async throws(Problem) -> [Item] {
  var items: [Item] = []
  var cursor: Cursor?
  repeat {
    let found = try await page(PageRequest(limit: PageRequest.limits.upperBound, cursor: cursor))
    items += found.items
    cursor = found.next
  } while cursor != nil
  return items
}

extension ControlPlane {
  /// Answers a request that may be repeated: under the key of the first time with the answer of the first time.
  func once(_ request: GatewayRequest, _ place: String, _ answer: () async throws(Problem) -> GatewayAnswer) async throws(Problem) -> GatewayAnswer {
    guard let key = try request.key else { return try await answer() }
    let idempotency = Idempotency(self)
    switch try await idempotency.claim(key, at: "apolo \(place)", payload: request.body, by: request.caller) {
    case .answered(let stored): return GatewayAnswer(status: stored.status, mediaType: "application/json", body: stored.body)
    case .new(let claim):
      do throws(Problem) {
        let made = try await answer()
        try await idempotency.settle(claim, StoredAnswer(status: made.status, headers: [], body: made.body))
        return made
      } catch {
        try await idempotency.release(claim)
        throw error
      }
    }
  }
}

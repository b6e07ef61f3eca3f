import Contract
import ControlPlane
import Kernel
import Secrets

/// Where the clients fetch their tokens: with a code that somebody allowed in the browser, and again before a token ends (RFC 6749 §4.1.3, §6).
struct LoginRoutes {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    [
      GatewayRoute(.post, "\(Apolo.base)/token") { request async throws(Problem) in
        do throws(Problem) {
          return try await token(request)
        } catch {
          guard [.gone, .invalid, .unauthenticated].contains(error.kind) else { throw error }
          let name = error.kind == .invalid ? "invalid_request" : "invalid_grant"
          return .json(["error": .string(name), "error_description": .string(error.detail)], status: 400)
        }
      }
    ]
  }

  private func token(_ request: GatewayRequest) async throws(Problem) -> GatewayAnswer {
    let form = Form(request.body)
    switch form["grant_type"] {
    case "authorization_code":
      let login = try await plane.codeLogins.redeem(
        form["code"], verifier: form["code_verifier"], client: form["client_id"], redirect: form["redirect_uri"], by: request.caller)
      return try await answer(login.secret, isNew: true, request)
    case "refresh_token": return try await answer(SecretText(BearerEnvelope.secret(in: form["refresh_token"])), isNew: false, request)
    default: throw .invalid("grant_type", "There are authorization_code and refresh_token.")
    }
  }

  /// A token of an hour for what the program keeps, which ends with that.
  private func answer(_ secret: SecretText, isNew: Bool, _ request: GatewayRequest) async throws(Problem) -> GatewayAnswer {
    let caller = Caller(secret: secret.reveal(), from: request.caller.origin)
    guard case .person(let person) = try await plane.accounts.speaker(by: caller) else { throw Problem(.spentLink, "Sign in again.") }
    let derived = try await plane.derivedTokens.create(by: caller)
    let name = person.handle.text
    var answer = GatewayAnswer.json(
      .members([
        ("access_token", .string(BearerEnvelope.text(derived.secret, for: name))), ("token_type", "Bearer"),
        ("expires_in", .integer(derived.term.wholeSeconds)),
        ("refresh_token", isNew ? .string(BearerEnvelope.text(secret, for: name)) : nil),
      ]))
    answer.headers.append(GatewayAnswer.Header("cache-control", "no-store"))
    return answer
  }
}

/// The fields of a form as it is sent (`application/x-www-form-urlencoded`): the first of each name.
struct Form {
  private var fields: [String: String] = [:]

  init(_ body: [UInt8]) {
    for pair in body.split(separator: UInt8(ascii: "&")) {
      let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.decoded(parts[0]), fields[name] == nil else { continue }
      fields[name] = parts.count > 1 ? Self.decoded(parts[1]) : ""
    }
  }

  /// The empty text where there is none.
  subscript(name: String) -> String { fields[name] ?? "" }

  private static func decoded(_ bytes: ArraySlice<UInt8>) -> String? {
    var text: [UInt8] = []
    var rest = bytes
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): text.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst(), let low = rest.popFirst(), let pair = Hex.decode(String(decoding: [high, low], as: UTF8.self)) else { return nil }
        text += pair
      default: text.append(byte)
      }
    }
    return String(validating: text, as: UTF8.self)
  }
}

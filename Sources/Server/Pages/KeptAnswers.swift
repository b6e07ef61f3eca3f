import ControlPlane
import Contract
import HTTPTypes
import Hummingbird
import Kernel
import Markup
import Secrets

/// Lets a form that carries a key act once, however often it is sent: what came of it is kept for a day and shown at an address of its own, which a browser may
/// reload and come back to.
///
/// The same key with other input is another request: a browser brings an old form back, key and all, and somebody fills it in anew. What was kept is shown to the
/// session that sent it and to nobody else; a page with a secret that is told only once, once.
struct KeptAnswers: Sendable {
  let idempotency: Idempotency

  /// A form with a key, on its way.
  struct Sending: Sendable {
    fileprivate let key: String
    fileprivate let path: String
    fileprivate let claim: Idempotency.Claim
  }

  enum Beginning {
    /// Nothing came of this form yet: act, then `keep` or `release`.
    case new(Sending)
    /// It was sent before: where that led.
    case done(location: String)
  }

  /// `nil` for a form without a key.
  func begin(_ form: [(String, String)], _ visit: Visit, _ exchange: Exchange) async throws(Problem) -> Beginning? {
    guard let given = form.first(where: { $0.0 == "once" })?.1, !given.isEmpty else { return nil }
    let key = SHA256Digest(of: FormText.encode(form)).text
    let outcome: Idempotency.Outcome
    do throws(Problem) {
      outcome = try await idempotency.claim(key, at: place(visit, exchange), payload: [], by: exchange.caller)
    } catch {
      guard error.code == .pendingKey else { throw error }
      throw Problem(.pendingKey, "This form was sent already and is still being worked on. Look at what came of it before you send it again.")
    }
    switch outcome {
    case .new(let claim): return .new(Sending(key: key, path: exchange.path, claim: claim))
    case .answered(let answer): return .done(location: answer.headers.first { $0.0 == "location" }?.1 ?? exchange.path)
    }
  }

  /// Keeps a page that shows what came of the form; answers where it stands. Whoever comes back to a page that is shown once finds what stands at its path.
  func keep(_ page: HTML, isShownOnce: Bool, of sending: Sending) async throws(Problem) -> String {
    let location = "\(sending.path)?\(FormText.encode([("sent", sending.key)]))"
    let headers = [("location", location)] + (isShownOnce ? [StoredAnswer.shownOnce] : [])
    try await idempotency.settle(sending.claim, StoredAnswer(status: 200, headers: headers, body: page.bytes))
    return location
  }

  /// Remembers that the form led on to another page.
  func keep(location: String, of sending: Sending) async throws(Problem) {
    try await idempotency.settle(sending.claim, StoredAnswer(status: 303, headers: [("location", location)], body: []))
  }

  /// Frees the key of a form that has changed nothing.
  func release(_ sending: Sending) async throws(Problem) { try await idempotency.release(sending.claim) }

  /// What was kept for the address that is asked for.
  func recall(_ query: [(String, String)], _ visit: Visit, _ exchange: Exchange) async throws(Problem) -> Response? {
    guard case .session = exchange.credential, let key = query.first(where: { $0.0 == "sent" })?.1, SHA256Digest(key) != nil else { return nil }
    guard let answer = try await idempotency.recall(key, at: place(visit, exchange), by: exchange.caller), answer.status == 200 else { return nil }
    return Response(200, "text/html; charset=utf-8", answer.body)
  }

  /// The form's token stands for the session.
  private func place(_ visit: Visit, _ exchange: Exchange) -> String { "form \(exchange.path) \(visit.token.text)" }
}

import Contract
import Kernel
import Storage

extension Work {
  var answeredRequests: AnsweredRequestRows { AnsweredRequestRows(tx: tx) }
}

/// A request under a key, with its answer once there is one.
struct AnsweredRequest {
  /// The digest of what was sent.
  let payload: String
  let at: Timestamp
  /// `nil` while it is being answered.
  let status: Int?
  let headers: [(String, String)]
  /// Sealed; `nil` where there is none, or none any more.
  let body: String?

  var isShownOnce: Bool { headers.contains { $0 == StoredAnswer.shownOnce } }
}

struct AnsweredRequestRows {
  let tx: any Transaction

  func find(scope: String, key: String) throws(Problem) -> AnsweredRequest? {
    try tx.row("SELECT payload, at, status, headers, body FROM answered_request WHERE scope = \(scope) AND key = \(key)").map { row throws(Problem) in
      AnsweredRequest(
        payload: try row.text("payload"), at: try row.instant("at"), status: try row.optional("status", row.integer).map { Int($0) },
        headers: FormText.decode(try row.text("headers")) ?? [], body: try row.optional("body", row.text))
    }
  }

  /// Takes the key, or takes it anew after its answer was kept long enough.
  func begin(scope: String, key: String, payload: String) throws(Problem) {
    try tx.change(
      """
      INSERT INTO answered_request (scope, key, payload, at, status, headers, body) VALUES (\(scope), \(key), \(payload), \(tx.now), NULL, '', NULL)
      ON CONFLICT (scope, key) DO UPDATE SET payload = excluded.payload, at = excluded.at, status = NULL, headers = '', body = NULL
      """, under: Housekeeping())
  }

  func settle(scope: String, key: String, status: Int, headers: [(String, String)], body: String) throws(Problem) {
    try tx.change(
      "UPDATE answered_request SET status = \(status), headers = \(FormText.encode(headers)), body = \(body) WHERE scope = \(scope) AND key = \(key)", under: Housekeeping())
  }

  /// Keeps that the request was answered, and forgets with what.
  func forgetBody(scope: String, key: String) throws(Problem) {
    try tx.change("UPDATE answered_request SET body = NULL WHERE scope = \(scope) AND key = \(key)", under: Housekeeping())
  }

  func delete(scope: String, key: String) throws(Problem) {
    try tx.change("DELETE FROM answered_request WHERE scope = \(scope) AND key = \(key) AND status IS NULL", under: Housekeeping())
  }

  func delete(before instant: Timestamp) throws(Problem) {
    try tx.change("DELETE FROM answered_request WHERE at < \(instant)", under: Housekeeping())
  }
}

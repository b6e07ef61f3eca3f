import Kernel
import Secrets
import Storage

extension Work {
  var codeLogins: CodeLoginRows { CodeLoginRows(tx: tx) }
}

struct CodeLoginRows {
  let tx: any Transaction

  func insert(_ login: CodeLogin, _ digest: SHA256Digest, expires: Timestamp, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO code_login (digest, account, client, redirect, challenge, expires_at)
      VALUES (\(digest.text), \(login.account), \(login.client), \(login.redirect), \(login.challenge), \(expires))
      """, under: proof)
  }

  /// Uses it up, whatever becomes of it then; `nil` for what is unknown, used or too old.
  func take(_ digest: SHA256Digest) throws(Problem) -> CodeLogin? {
    let row = try tx.rows(
      "DELETE FROM code_login WHERE digest = \(digest.text) RETURNING account, client, redirect, challenge, expires_at", under: Housekeeping()
    ).first
    guard let row, try row.instant("expires_at") > tx.now else { return nil }
    return CodeLogin(account: try row.id("account"), client: try row.text("client"), redirect: try row.text("redirect"), challenge: try row.text("challenge"))
  }

  /// Removes those that nobody fetched.
  func purge() throws(Problem) { try tx.change("DELETE FROM code_login WHERE expires_at <= \(tx.now)", under: Housekeeping()) }
}

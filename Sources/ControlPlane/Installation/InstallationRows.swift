import Kernel
import Storage

extension Work {
  var installation: InstallationRows { InstallationRows(tx: tx) }
}

struct InstallationRows {
  let tx: any Transaction

  private enum Name: String { case signUp = "sign_up", endlessTokens = "endless_tokens", directMembers = "direct_members", secretKey = "secret_key" }

  func read() throws(Problem) -> Installation {
    var installation = Installation.initial
    for row in try tx.rows("SELECT name, value FROM installation_setting") {
      switch Name(rawValue: try row.text("name")) {
      case .signUp: installation.signUp = try row.choice("value")
      case .endlessTokens: installation.allowsEndlessTokens = try row.text("value") == "true"
      case .directMembers: installation.letsMembersBeAdded = try row.text("value") == "true"
      case .secretKey, nil: continue
      }
    }
    return installation
  }

  func save(_ installation: Installation, under proof: some Proof) throws(Problem) {
    try set(.signUp, installation.signUp.rawValue, under: proof)
    try set(.endlessTokens, String(installation.allowsEndlessTokens), under: proof)
    try set(.directMembers, String(installation.letsMembersBeAdded), under: proof)
  }

  /// The key that was in use when the server started last; `nil` before its first start.
  func secretKey() throws(Problem) -> String? {
    try tx.row("SELECT value FROM installation_setting WHERE name = \(Name.secretKey.rawValue)").map { row throws(Problem) in try row.text("value") }
  }

  func setSecretKey(_ id: String, under proof: some Proof) throws(Problem) { try set(.secretKey, id, under: proof) }

  private func set(_ name: Name, _ value: String, under proof: some Proof) throws(Problem) {
    try tx.change(
      "INSERT INTO installation_setting (name, value) VALUES (\(name.rawValue), \(value)) ON CONFLICT (name) DO UPDATE SET value = excluded.value", under: proof)
  }
}

import Contract
import Kernel

/// A key as ZenML's clients want it: `ZENPROKEY_` and JSON in base64, in which our secret stands.
enum ProKey {
  static let prefix = "ZENPROKEY_"

  /// The secret of ours in a credential; the credential itself where it wraps none.
  static func secret(in credential: String) -> String {
    guard credential.hasPrefix(prefix) else { return credential }
    // Both alphabets, with and without what fills up the end.
    let text = String(credential.dropFirst(prefix.count).prefix { $0 != "=" }.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
    guard let bytes = Base64URL.decode(text), let json = try? JSON(bytes), case .string(let secret)? = json["key"] else { return credential }
    return secret
  }

  /// The key that holds a secret of ours; `id` is that of the token or key.
  static func wrapping(_ secret: String, id: String) -> String {
    let json = JSON.object([.init("id", .string(id)), .init("key", .string(secret))]).compact
    var text = String(Base64URL.encode(Array(json.utf8)).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
    while !text.utf8.count.isMultiple(of: 4) { text += "=" }
    return prefix + text
  }
}

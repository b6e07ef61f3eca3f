import Contract
import Kernel
public import Secrets

/// The form in which Apolo's clients carry a credential: a JSON Web Token (RFC 7519) that says who they are and holds a secret of ours.
///
/// The clients read the name and believe it; we read the secret alone, so what else it says can't be forged to any use.
public enum BearerEnvelope {
  /// A token for a person, or for a service account by its slug.
  public static func text(_ secret: SecretText, for name: String) -> String {
    let claims: JSON = ["identity": .string(name), claim: .string(secret.reveal())]
    return [#"{"alg":"none","typ":"JWT"}"#, claims.compact, "guildhall"].map { Base64URL.encode(Array($0.utf8)) }.joined(separator: ".")
  }

  /// What a token holds; the text itself where it is none.
  public static func secret(in text: String) -> String {
    let parts = text.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[1].utf8.count <= 2048, let bytes = Base64URL.decode(parts[1]), let claims = try? JSON(bytes),
      case .string(let secret)? = claims[claim]
    else { return text }
    return secret
  }

  private static let claim = "guildhall_secret"
}

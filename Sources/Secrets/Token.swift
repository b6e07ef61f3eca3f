public import Kernel

/// A bearer secret of ours: a prefix that names its kind, 30 random characters, and a checksum of 6.
///
/// The prefix lets secret scanners find one that was published, and the checksum refuses a mistyped one without a look into the database.
/// Only `digest` is stored. A single fast hash suffices there, unlike for passwords: nobody can try 2^178 candidates.
public struct Token: Sendable {
  public let kind: Kind
  private let characters: String

  /// What a token opens.
  public enum Kind: String, Sendable, CaseIterable {
    case personalAccess = "pat"
    case session = "ses"
    case invitation = "inv"
    case emailVerification = "vfy"
    case passwordReset = "rst"
    case signInLink = "lnk"
    case serviceAccountKey = "svc"
    case appKey = "app"
    case workspaceEnrolment = "enr"
    case organizationRestore = "rsr"
    /// What another credential was exchanged for.
    case derived = "drv"
    case loginCode = "cod"
    case deviceLogin = "dvc"

    /// What the kind's tokens begin with, `gld_pat_`.
    public var prefix: String { "gld_\(rawValue)_" }
  }

  /// A new token; two from one source of random numbers differ unless 178 random bits repeat.
  public static func mint(_ kind: Kind, _ moment: Moment) -> Token {
    var entropy = ""
    while entropy.utf8.count < entropyLength {
      // 248 is the largest multiple of 62 in a byte: dropping what lies above keeps all characters equally likely.
      for byte in moment.bytes(8) where byte < 248 && entropy.utf8.count < entropyLength { entropy.append(Base62.digits[Int(byte % 62)]) }
    }
    return Token(kind: kind, characters: entropy + checksum(kind, entropy))
  }

  /// Refuses what we can't have made, in a sentence for the person who pasted it.
  public init(parsing text: some StringProtocol) throws(Rejection) {
    guard let kind = Kind.allCases.first(where: { text.hasPrefix($0.prefix) }) else {
      throw Rejection("This is no token of Guildhall; copy it again, from its gld_ to its end.")
    }
    let characters = String(text.dropFirst(kind.prefix.count))
    let entropy = String(characters.prefix(Self.entropyLength))
    guard characters.utf8.count == Self.entropyLength + Self.checksumLength, characters.utf8.allSatisfy(Base62.holds),
      characters == entropy + Self.checksum(kind, entropy)
    else { throw Rejection("This token is incomplete or mistyped; copy it again, from its gld_ to its end.") }
    self.init(kind: kind, characters: characters)
  }

  private init(kind: Kind, characters: String) {
    self.kind = kind
    self.characters = characters
  }

  /// The whole token, to be shown once.
  public var secret: SecretText { SecretText(kind.prefix + characters) }

  /// What is stored and looked up in its place.
  public var digest: SHA256Digest { SHA256Digest(of: kind.prefix + characters) }

  /// What tells a person's tokens apart in a list: `gld_pat_…9fK2`, the last four random characters.
  public var hint: String { "\(kind.prefix)…\(characters.prefix(Self.entropyLength).suffix(4))" }

  /// The regular expression that secret scanners need.
  public static let pattern = "gld_(\(Kind.allCases.map(\.rawValue).joined(separator: "|")))_[0-9A-Za-z]{\(entropyLength + checksumLength)}"

  private static let entropyLength = 30
  private static let checksumLength = 6

  private static func checksum(_ kind: Kind, _ entropy: String) -> String {
    Base62.encode(CRC32.checksum(of: (kind.prefix + entropy).utf8), width: checksumLength)
  }
}

extension Token: Redacted {}

private enum Base62 {
  static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

  static func holds(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
    default: false
    }
  }

  /// Filled up with zeros from the left.
  static func encode(_ number: UInt32, width: Int) -> String {
    var rest = number
    var text = ""
    for _ in 0..<width {
      text = String(digits[Int(rest % 62)]) + text
      rest /= 62
    }
    return text
  }
}

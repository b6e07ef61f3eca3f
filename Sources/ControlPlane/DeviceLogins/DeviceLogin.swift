import Contract
public import Kernel
public import Secrets

/// A program that asks to be signed in by somebody who is at a browser (RFC 8628): it shows a code, they type it there, and it asks until they have.
public struct DeviceLogin: Sendable, Hashable {
  public let code: UserCode
  /// What the program calls itself or its device.
  public let client: String
  /// From where it asked.
  public let address: String
  public let userAgent: String
  public let createdAt: Timestamp
  /// The first instant at which it can't be answered any more.
  public let expiresAt: Timestamp
  /// When the program asked last whether it was answered.
  let askedAt: Timestamp?
  public internal(set) var state: State

  public enum State: Sendable, Hashable {
    case waiting
    case refused
    case approved(Approval)
  }

  /// By whom, and for what.
  public struct Approval: Sendable, Hashable {
    public let account: ID<Account>
    /// When they had given their password last.
    public let authenticatedAt: Timestamp
    public let term: Duration
    public let workspace: ID<Workspace>?
  }

  /// How long it can be answered.
  static let patience = Duration.minutes(10)
  /// How long a program waits between two questions.
  public static let interval = Duration.seconds(5)
  /// For how long a device is signed in, and one that is trusted.
  public static let (term, trustedTerm) = (Duration.hours(24), Duration.days(30))

  /// Whether the program asks sooner than it may.
  func isHasty(at now: Timestamp) -> Bool { askedAt.map { now - $0 < Self.interval - .seconds(1) } ?? false }
}

/// The code that a person types: eight consonants, so that it spells nothing, compared without case, hyphens and spaces.
public struct UserCode: Sendable, Hashable, CustomStringConvertible {
  /// As it is stored: `BCDFGHJK`.
  let letters: String

  private static let alphabet = Array("BCDFGHJKLMNPQRSTVWXZ")
  private static let length = 8

  /// `nil` for what can't be one.
  public init?(_ text: String) {
    let letters = text.uppercased().filter { $0 != "-" && $0 != " " }
    guard letters.count == Self.length, letters.allSatisfy(Self.alphabet.contains) else { return nil }
    self.letters = letters
  }

  /// A new one.
  init(_ moment: Moment) {
    var letters = ""
    while letters.utf8.count < Self.length {
      // 240 is the largest multiple of 20 in a byte: dropping what lies above keeps all letters equally likely.
      for byte in moment.bytes(8) where byte < 240 && letters.utf8.count < Self.length { letters.append(Self.alphabet[Int(byte % 20)]) }
    }
    self.letters = letters
  }

  /// As it is shown: `BCDF-GHJK`.
  public var description: String { "\(letters.prefix(4))-\(letters.suffix(4))" }
}

/// A login that was begun a moment ago; its secret is told only now.
public struct NewDeviceLogin: Sendable {
  /// What the program asks again with.
  public let secret: SecretText
  public let login: DeviceLogin
}

/// What a program is told that asks whether it was answered.
public enum DeviceLoginOutcome: Sendable {
  case waiting
  /// It waits, and asks too often.
  case hasty
  case refused
  /// It was never there, was fetched already, or its time is over.
  case gone
  case granted(NewSession, workspace: ID<Workspace>?)
}

extension Target {
  init(_ login: DeviceLogin) { self.init("device-login", login.code.description, named: login.client) }
}

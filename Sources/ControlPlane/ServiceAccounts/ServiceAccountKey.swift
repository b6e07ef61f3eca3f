import Contract
public import Kernel
public import Secrets

/// A secret with which a program proves that it is a service account.
public struct ServiceAccountKey: Sendable, Hashable {
  public let id: ID<ServiceAccountKey>
  public let account: ID<ServiceAccount>
  /// What it is for, or where it is kept.
  public let name: DisplayName
  /// The beginning and a few characters of its secret, to tell keys apart.
  public let hint: String
  public let createdAt: Timestamp
  /// The first instant at which it doesn't hold any more.
  public internal(set) var expiresAt: Timestamp?
  /// Up to a minute behind.
  public let usedAt: Timestamp?

  /// How many that hold a service account may have.
  static let limit = 10

  /// Whether it opens anything at that instant.
  public func holds(at instant: Timestamp) -> Bool { expiresAt.map { instant < $0 } ?? true }

  /// Lets another key take its place: it goes on for `overlap`, unless it ends before. Refuses when it has ended already.
  mutating func giveWay(after overlap: Duration, at now: Timestamp) throws(Problem) {
    guard holds(at: now) else { throw Problem(.expiredKey, "This key has expired. Make a new one instead.") }
    expiresAt = min(expiresAt ?? now + overlap, now + overlap)
  }
}

/// A key that was made a moment ago; its secret is told only now.
public struct NewServiceAccountKey: Sendable {
  public let secret: SecretText
  public let key: ServiceAccountKey
}

/// How long a new key holds.
public struct KeyTerm: Sendable, Hashable {
  /// `nil` for ever.
  public let duration: Duration?

  /// Refuses what tokens can't have either. `days`: 0 for a key without an end, `nil` for the usual.
  public init(days: Int?) throws(Problem) {
    let days = days ?? AccessTokenDraft.usualDays
    guard days == 0 || AccessTokenDraft.days.contains(days) else { throw .invalid("expires_in_days", "Choose 1 to 366 days.") }
    duration = days == 0 ? nil : .days(days)
  }

  /// Refuses a key without an end where the installation allows none.
  func expectAllowed(by installation: Installation) throws(Problem) {
    guard duration != nil || installation.allowsEndlessTokens else {
      throw .invalid("expires_in_days", "Keys without an end aren't allowed on this installation. Choose 1 to 366 days.")
    }
  }
}

/// How a key gives way to a new one.
public struct KeyRotation: Sendable {
  public let term: KeyTerm
  /// How long the old key still holds.
  public let overlap: Duration

  public static let hours = 0...720
  public static let usualHours = 24

  /// `hours`: how long the old key still holds, 0 for not at all, `nil` for a day.
  public init(hours: Int? = nil, days: Int? = nil) throws(Problem) {
    let hours = hours ?? Self.usualHours
    guard Self.hours.contains(hours) else { throw .invalid("overlap_hours", "Choose 0 to 720 hours.") }
    (term, overlap) = (try KeyTerm(days: days), .hours(hours))
  }
}

public import Kernel

/// Removes sessions that ended, tickets, tokens and keys that have opened nothing for a while, and counters of forgotten attempts.
public struct PurgeSecrets: Job {
  public static let name = "purge-secrets"
  public static let interval = Duration.hours(1)

  let plane: ControlPlane

  public init(_ plane: ControlPlane) { self.plane = plane }

  public func run() async throws(Problem) {
    try await plane.write(as: .system(Self.name)) { work in
      try work.sessions.purge()
      try work.tickets.purge(before: work.now - .days(7))
      try work.tokens.purge(before: work.now - .days(90))
      try work.codeLogins.purge()
      try work.serviceAccountKeys.purge(before: work.now - .days(90))
      try work.derivedTokens.purge()
      try work.deviceLogins.purge()
      try work.throttle.rows.purge()
    }
  }
}

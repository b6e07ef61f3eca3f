public import Kernel

/// Deletes what was told long ago, and doesn't hold any more.
public struct ForgetAlerts: Job {
  public static let name = "forget-alerts"
  public static let interval = Duration.hours(6)
  /// For how long what has ended stays.
  static let memory = Duration.days(90)

  let plane: ControlPlane

  public init(_ plane: ControlPlane) { self.plane = plane }

  public func run() async throws(Problem) {
    while true {
      let found = try await plane.read(as: .system(Self.name)) { work in
        try work.alertRows.organizationsWithEnded(before: work.now - Self.memory, limit: 100)
      }
      if found.isEmpty { return }
      // Each part in a transaction of its own, so that nobody waits long for the writer.
      for organization in found {
        try await plane.write(as: .system(Self.name)) { work in
          try work.alertRows.deleteEnded(before: work.now - Self.memory, in: organization, limit: 500, under: Housekeeping())
        }
      }
    }
  }
}

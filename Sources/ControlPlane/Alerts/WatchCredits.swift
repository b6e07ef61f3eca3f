public import Kernel

/// Writes to people what was noticed, and looks again where a projected time gets longer by itself.
public struct WatchCredits: Job {
  public static let name = "watch-credits"
  public static let interval = Duration.seconds(30)

  let plane: ControlPlane

  public init(_ plane: ControlPlane) { self.plane = plane }

  public func run() async throws(Problem) {
    // Each in a transaction of its own, so that nobody waits long for the writer.
    let due = try await plane.read(as: .system(Self.name)) { work in try work.alertRows.due(at: work.now, limit: 1000) }
    for organization in due {
      try await plane.write(as: .system(Self.name)) { work in try work.lookAtCredits(of: organization, under: Housekeeping()) }
    }
    while true {
      let alerts = try await plane.read(as: .system(Self.name)) { work in try work.alertRows.unmailed(limit: 50) }
      if alerts.isEmpty { return }
      for alert in alerts { try await plane.write(as: .system(Self.name)) { work in try work.mail(alert) } }
    }
  }
}

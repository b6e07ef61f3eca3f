import Authorization
public import Kernel

/// Moves members who expired to the segments of those who did, so that lists and their totals needn't ask the clock about each. Until then they do.
public struct FileByExpiry: Job {
  public static let name = "file-by-expiry"
  public static let interval = Duration.seconds(60)

  let plane: ControlPlane

  public init(_ plane: ControlPlane) { self.plane = plane }

  public func run() async throws(Problem) {
    // A few at a time, so that nobody waits long for the writer.
    while try await plane.write(as: .system(Self.name), { work in try work.memberSegments.fileByExpiry(250, under: Housekeeping()) }) {}
  }
}

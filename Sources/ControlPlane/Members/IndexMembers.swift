import Authorization
public import Kernel

/// Puts members into the term index, many at once: on its own, each would cost as much as all the rest of joining. Until then a search reads them one by one.
public struct IndexMembers: Job {
  public static let name = "index-members"
  public static let interval = Duration.seconds(30)

  let plane: ControlPlane

  public init(_ plane: ControlPlane) { self.plane = plane }

  public func run() async throws(Problem) {
    while try await plane.read(as: .system(Self.name), { work in try work.memberIndex.isBehind() }) {
      // A few at a time, so that nobody waits long for the writer.
      try await plane.write(as: .system(Self.name)) { work in try work.memberIndex.advance(by: 250, under: Housekeeping()) }
    }
  }
}

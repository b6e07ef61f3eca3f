public import Kernel

/// Deletes what says in which budget a transfer counted, once that can't matter any more: the budget's period is over, and no hold waits to give it back.
///
/// What is taken back later lowers no period that is over, and a budget without periods forgets after `memory`.
public struct ForgetBudgetCounts: Job {
  public static let name = "forget-budget-counts"
  public static let interval = Duration.hours(6)
  /// For how long it is known at least: charges of a period that is over are put right in it for so long.
  static let memory = Duration.days(90)

  let plane: ControlPlane

  public init(_ plane: ControlPlane) { self.plane = plane }

  /// Part by part, until nothing old is left.
  public func run() async throws(Problem) {
    while true {
      let found = try await plane.read(as: .system(Self.name)) { work in try work.budgetRows.booksWithOldCounts(before: work.now - Self.memory, limit: 100) }
      if found.isEmpty { return }
      // Each part in a transaction of its own, so that nobody waits long for the writer.
      for book in found {
        try await plane.write(as: .system(Self.name)) { work in
          try work.budgetRows.deleteOldCounts(before: work.now - Self.memory, in: book, limit: 500, under: Housekeeping())
        }
      }
    }
  }
}

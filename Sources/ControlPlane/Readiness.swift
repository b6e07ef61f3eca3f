public import Kernel
import Storage

extension ControlPlane {
  /// Refuses as `unavailable` unless the database answers and has this program's schema.
  public func checkReadiness() async throws(Problem) {
    let applied: Set<String>
    do {
      let names = try await database.read { tx in try tx.rows("SELECT name FROM migration").map { row in try row.text("name") } }
      applied = Set(names)
    } catch {
      throw Problem(.unavailable, "The database doesn't answer, or was never migrated.", cause: error.cause ?? error)
    }
    guard Migrations.all.allSatisfy({ applied.contains($0.name) }) else { throw Problem(.unavailable, "The database is waiting for its migration.") }
  }
}

public import Kernel
import Secrets
import Storage

extension ControlPlane {
  /// Refuses as `wrongKey` when the keys at hand lack the one that was in use last: what it sealed couldn't be opened, and the log would be signed by another.
  ///
  /// A key is exchanged by putting the new one before it; the database then remembers the new one.
  public func checkKeys() async throws(Problem) {
    let current = world.keys.current.id
    let known = try await database.read { tx in try InstallationRows(tx: tx).secretKey() }
    guard known != current else { return }
    if let known, !world.keys.earlier.contains(where: { $0.id == known }) {
      throw Problem(.wrongKey, "The secrets in this database were sealed with another key; put that key's file back, or its line beneath the new key's.")
    }
    try await database.write { tx in try InstallationRows(tx: tx).setSecretKey(current, under: Housekeeping()) }
  }
}

extension Problem.Code {
  /// The key file isn't the one that belongs to the database.
  public static let wrongKey = Self("installation.wrong_key", .unavailable, "The secret key is another one")
}

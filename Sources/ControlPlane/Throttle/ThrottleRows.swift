import Kernel
import Storage

struct ThrottleRows {
  let tx: any Transaction

  func find(_ key: String) throws(Problem) -> Throttle? {
    try tx.row("SELECT tried_at, clears_at FROM throttle WHERE key = \(key)").map { row throws(Problem) in
      Throttle(triedAt: try row.instant("tried_at"), clearsAt: try row.instant("clears_at"))
    }
  }

  func save(_ throttle: Throttle, for key: String) throws(Problem) {
    try tx.change(
      """
      INSERT INTO throttle (key, tried_at, clears_at) VALUES (\(key), \(throttle.triedAt), \(throttle.clearsAt))
      ON CONFLICT (key) DO UPDATE SET tried_at = excluded.tried_at, clears_at = excluded.clears_at
      """, under: Housekeeping())
  }

  func forget(_ key: String) throws(Problem) { try tx.change("DELETE FROM throttle WHERE key = \(key)", under: Housekeeping()) }

  /// Removes what is forgotten anyway.
  func purge() throws(Problem) { try tx.change("DELETE FROM throttle WHERE clears_at <= \(tx.now)", under: Housekeeping()) }
}

import Secrets
import Storage

/// The database's schema, as the migrations that make it.
enum Migrations {
  static let migrator = Migrator(all) { SHA256Digest(of: $0).text }

  static let all = [
    Migration(name: "0001-accounts", sql: text(PackageResources._001_accounts_sql)),
    Migration(name: "0002-organizations", sql: text(PackageResources._002_organizations_sql)),
    Migration(name: "0003-records", sql: text(PackageResources._003_records_sql)),
    Migration(name: "0004-answered-requests", sql: text(PackageResources._004_answered_requests_sql)),
  ]

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

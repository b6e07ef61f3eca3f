import Secrets
import Storage

/// The database's schema, as the migrations that make it.
enum Schema {
  static let migrator = Migrator(migrations) { SHA256Digest(of: $0).text }

  static let migrations = [
    Migration(name: "0001-accounts", sql: text(PackageResources._0001_accounts_sql)),
    Migration(name: "0002-organizations", sql: text(PackageResources._0002_organizations_sql)),
    Migration(name: "0003-records", sql: text(PackageResources._0003_records_sql)),
  ]

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

import Authorization
@testable import ControlPlane
import Kernel
import Secrets
import Storage
import StoragePostgres
import StorageSQLite
import TestSupport
import Testing

/// What was stored under an older schema is there under the newer one, as the program reads it now.
@Suite(.timeLimit(.minutes(5))) struct UpgradeTests {
  private struct Setup: Proof {}

  private static func moment() -> Moment {
    Moment(now: Timestamp(milliseconds: 1_700_000_000_000)) { UInt64.random(in: .min ... .max) }
  }

  /// A database as version 0.1 of the schema (0006) left it: three members who stand differently, in two organizations, one of which takes requests.
  private func older(_ database: some Database) async throws -> (taking: ID<Organization>, closed: ID<Organization>) {
    try await Migrator(Migrations.all.filter { $0.name < "0007" }) { SHA256Digest(of: $0).text }.migrate(database)
    return try await database.write { tx in
      let now = tx.now
      var organizations: [ID<Organization>] = []
      for (slug, takes) in [("open", 1), ("closed", 0)] {
        let id = tx.newID(Organization.self)
        try tx.change(
          """
          INSERT INTO organization (id, name, description, billing_email, accepts_requests, created_at, suspended_by_operator, members, revision)
          VALUES (\(id), \(slug), '', 'books@example.org', \(takes), \(now), 0, 3, 1)
          """, under: Setup())
        try tx.change("INSERT INTO name (key, text, kind, owner, current, since) VALUES (\(slug), \(slug), 'organization', \(id), 1, \(now))", under: Setup())
        organizations.append(id)
      }
      let people: [(String, String, suspended: Timestamp?, expires: Timestamp?)] = [
        ("ada", "admin", nil, nil), ("bob", "member", now, nil), ("eve", "billing,viewer", nil, now + .days(1)),
      ]
      for (name, roles, suspended, expires) in people {
        let account = tx.newID(Account.self)
        try tx.change("INSERT INTO account (id, name, active, super_user, created_at, revision) VALUES (\(account), \(name), 1, 0, \(now), 1)", under: Setup())
        try tx.change("INSERT INTO name (key, text, kind, owner, current, since) VALUES (\(name), \(name), 'account', \(account), 1, \(now))", under: Setup())
        try tx.change(
          """
          INSERT INTO account_email (id, account, address, verified_at, is_primary, created_at)
          VALUES (\(tx.newID(AccountEmail.self)), \(account), \("\(name)@example.org"), \(now), 1, \(now))
          """, under: Setup())
        for organization in organizations {
          try tx.change(
            """
            INSERT INTO member (id, organization, account, roles, is_admin, source, since, expires_at, suspended_at, sort_name, search_text, revision)
            VALUES (\(tx.newID(Member.self)), \(organization), \(account), \(roles), \(roles == "admin"), 'added', \(now), \(expires), \(suspended), \(name),
              \("\(name) \(name)@example.org"), 1)
            """, under: Setup())
        }
      }
      for (place, kind) in ["account", "system", "anonymous"].enumerated() {
        try tx.change(
          """
          INSERT INTO event (stream, sequence, id, at, action, outcome, reason, actor_kind, actor, actor_name, via, target_kind, target, target_name, changes, address, user_agent,
            request_id, previous, hash)
          VALUES ('installation', \(place + 1), \(tx.newID(Event.self)), \(now), 'x', 'allowed', '', \(kind), '', '', '', '', '', '', '', '', '', '', '', '')
          """, under: Setup())
      }
      return (organizations[0], organizations[1])
    }
  }

  private func scenario(_ database: some Database) async throws {
    let (taking, closed) = try await older(database)
    #expect(try await Migrations.migrator.migrate(database) == Migrations.all.map(\.name).filter { $0 >= "0007" })
    try await database.read { tx in
      #expect(try EventRows(tx: tx).range(in: .installation, after: 0, limit: 9).map(\.actor.kind) == [.account, .system, .anonymous])
      let settings = Settings(publicURL: "https://guildhall.test")
      let rows = OrganizationRows(tx: tx, settings: settings)
      #expect(try rows.find(taking)?.acceptsRequests == true)
      #expect(try rows.find(closed)?.acceptsRequests == false)
      let own = OrganizationSettingRows(tx: tx, settings: settings)
      #expect(try own.own(of: taking) == [.joinRequests(true)])
      #expect(try own.own(of: closed) == [])
      for id in [taking, closed] {
        let organization = try rows.find(id).orDefect()
        func names(_ filter: MemberFilter) throws(Problem) -> [String] {
          let page = try MemberListRows(tx: tx).page(of: organization, filter, .first)
          #expect(page.total == page.items.count)
          return page.items.map { "\($0.name) \($0.handle) \($0.email?.text ?? "-")" }
        }
        #expect(try names(MemberFilter()) == ["ada ada ada@example.org", "bob bob bob@example.org", "eve eve eve@example.org"])
        #expect(try names(MemberFilter(state: .suspended)) == ["bob bob bob@example.org"])
        #expect(try names(MemberFilter(role: .viewer, state: .active)) == ["eve eve eve@example.org"])
        #expect(try names(MemberFilter(search: "ad")) == ["ada ada ada@example.org"])
      }
    }
  }

  @Test func `An older SQLite database goes on as it was`() async throws {
    try await scenario(SQLiteDatabase(path: nil, options: House.patient, moments: Self.moment))
  }

  @Test(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed")) func `An older PostgreSQL database goes on as it was`() async throws {
    let database = try PostgresDatabase(address: try await PostgresServer.freshDatabase(), moments: Self.moment)
    try await scenario(database)
    await database.close()
  }
}

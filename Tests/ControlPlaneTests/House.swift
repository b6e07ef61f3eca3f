import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Logging
import Secrets
import Storage
import StoragePostgres
import StorageSQLite
import Synchronization
import TestSupport
import Testing

/// The whole core on an empty database, in memory unless told, in a world that stands still until it is told to go on.
final class House: Sendable {
  let plane: ControlPlane
  private let world: TestWorld

  /// The password of everybody here.
  static let password = "nine lilac kites over water"

  init(
    seed: UInt64 = 1, change: (inout Settings) -> Void = { _ in },
    database: (@escaping @Sendable () -> Moment) throws -> any Database = { try SQLiteDatabase(path: nil, options: House.patient, moments: $0) }
  ) async throws {
    let world = TestWorld(seed: seed)
    var settings = Settings(publicURL: "https://guildhall.test", isDemonstration: true)
    change(&settings)
    let key = SecretKey.mint(world.moment())
    self.world = world
    plane = ControlPlane(
      database: try database { world.moment() },
      world: World(
        clock: { world.now }, draw: { world.draw() }, passwords: .inline, mailer: nil, keys: KeyRing(key),
        log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })),
      settings: settings)
    _ = try await plane.migrate()
  }

  /// On a database of its own in the PostgreSQL of the tests.
  static func onPostgres(seed: UInt64 = 1) async throws -> House {
    let address = try await PostgresServer.freshDatabase()
    return try await House(
      seed: seed,
      database: { moments in
        var options = PostgresDatabase.Options()
        (options.patience, options.connectTimeout, options.lockTimeout) = (.seconds(60), .seconds(60), .seconds(60))
        return try PostgresDatabase(address: address, options: options, moments: moments)
      })
  }

  /// A busy machine is no reason to fail.
  static var patient: SQLiteDatabase.Options {
    var options = SQLiteDatabase.Options()
    options.patience = .minutes(1)
    return options
  }

  var now: Timestamp { world.now }
  func pass(_ span: Duration) { world.pass(span) }

  // MARK: People

  func visitor(from address: String = "203.0.113.7") -> Caller { Caller(.none, from: origin(address)) }

  func origin(_ address: String = "203.0.113.7") -> Origin {
    Origin(address: address, userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", requestID: "request")
  }

  func caller(_ secret: SecretText, from address: String = "203.0.113.7") -> Caller { Caller(secret: secret.reveal(), from: origin(address)) }
  func caller(_ session: NewSession, from address: String = "203.0.113.7") -> Caller { caller(session.secret, from: address) }

  /// Signs up from a place of their own, so that nobody stands in another's way.
  func signUp(_ name: String, email: String? = nil, handle: String? = nil, invitation: String? = nil) async throws(Problem) -> NewSession {
    let address = email ?? "\(name.lowercased().split(separator: " ").joined(separator: "."))@example.org"
    let draft = try AccountDraft(email: address, name: name, handle: handle, password: Self.password, invitation: invitation)
    return try await plane.accounts.create(draft, by: visitor(from: "sign-up of \(address)"))
  }

  /// Signs up and proves the address with the mail.
  func signUpVerified(_ name: String, email: String? = nil) async throws -> NewSession {
    let session = try await signUp(name, email: email)
    let address = try #require(session.account.email?.text)
    _ = try await plane.emails.verify(try #require(await token(mailedTo: address)), by: visitor())
    return session
  }

  func found(_ name: String, by session: NewSession) async throws(Problem) -> Organization {
    try await plane.organizations.found(OrganizationDraft(name: name, slug: "", description: "", billingEmail: "billing@example.org"), by: caller(session))
  }

  /// Invites and accepts.
  func join(_ organization: Organization, as roles: [String], _ person: NewSession, invitedBy inviter: NewSession) async throws -> Member {
    let address = try #require(person.account.email?.text)
    let sent = try await plane.invitations.send(try InvitationDraft(address: address, roles: roles), to: organization.slug.text, by: caller(inviter))
    return try await plane.invitations.accept(.link(secret(in: sent.link)), by: caller(person))
  }

  // MARK: Mail

  struct Mail { let purpose: MailDraft.Purpose, subject: String, text: String }

  /// All mails to an address, the newest first.
  func mails(to address: String) async throws(Problem) -> [Mail] {
    try await plane.read(as: .system("test")) { work in
      try work.outbox.list(try PageRequest(limit: 200)).items.filter { $0.recipient.text == address }.map { entry in
        let found = try work.outbox.find(entry.id).orDefect()
        return Mail(purpose: entry.purpose, subject: entry.subject, text: try work.outbox.open(found.content, of: entry.id)?.text ?? "")
      }
    }
  }

  /// The secret in the newest mail to an address that has one.
  func token(mailedTo address: String, _ purpose: MailDraft.Purpose = .emailVerification) async throws(Problem) -> String? {
    try await mails(to: address).first { $0.purpose == purpose }.map { secret(in: $0.text) }
  }

  func secret(in text: String) -> String {
    let parts = text.split(separator: "token=", maxSplits: 1)
    return parts.count == 2 ? String(parts[1].prefix { $0.isLetter || $0.isNumber || $0 == "_" }) : ""
  }

  // MARK: Records

  /// The actions that stand in a stream, in their order, those refused with an exclamation mark.
  func actions(in stream: Stream) async throws(Problem) -> [String] {
    try await plane.read(as: .system("test")) { work in
      try work.tx.rows("SELECT action, outcome FROM event WHERE stream = \(stream.description) ORDER BY sequence").map { row in
        try row.text("action") + (row.text("outcome") == "refused" ? "!" : "")
      }
    }
  }
}

/// Time that moves when it is told, and randomness from a seed.
private final class TestWorld: Sendable {
  private let state: Mutex<(now: Timestamp, dice: SplitMix)>

  init(seed: UInt64) { state = Mutex((Timestamp(milliseconds: 1_795_251_600_000), SplitMix(seed: seed))) }

  var now: Timestamp { state.withLock { $0.now } }
  func pass(_ span: Duration) { state.withLock { $0.now = $0.now + span } }
  func draw() -> UInt64 { state.withLock { $0.dice.next() } }
  func moment() -> Moment { Moment(now: now) { [self] in draw() } }
}

/// The name of the refusal; `nil` when there was none.
func refusal(_ body: () async throws -> some Sendable) async -> String? {
  do {
    _ = try await body()
    return nil
  } catch let problem as Problem {
    return problem.code.name
  } catch {
    return "\(error)"
  }
}

/// The names of the fields that were refused.
func faultyFields(_ body: () async throws -> some Sendable) async -> [String] {
  do {
    _ = try await body()
    return []
  } catch let problem as Problem {
    return problem.faults.map(\.field)
  } catch {
    return ["\(error)"]
  }
}

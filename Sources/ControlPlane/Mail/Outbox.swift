import Kernel
import Secrets
import Storage

/// A mail on its way, or that went.
struct OutboxEntry: Sendable {
  let id: ID<MailMessage>
  let purpose: MailDraft.Purpose
  let recipient: EmailAddress
  let recipientName: String?
  let subject: String
  let createdAt: Timestamp
  let state: State
  let attempts: Int
  let sentAt: Timestamp?
  /// Why the last attempt failed, in a sentence that may be shown.
  let lastError: String?

  enum State: String, Sendable { case waiting, sent, failed }
}

extension Work {
  var outbox: Outbox { Outbox(work: self) }
}

/// Where mails wait in the same transaction as the change that causes them, so that none goes out for what didn't happen, and none is lost.
struct Outbox {
  let work: Work
  private var tx: any Transaction { work.tx }

  init(work: Work) { self.work = work }

  /// Whether mails go anywhere: to a mail server, or to the demonstration's page.
  var isOpen: Bool { work.plane.world.mailer != nil || work.settings.isDemonstration }

  /// Queues the mail, sealed, since it may carry a link that opens something. Does nothing where no mail goes out.
  func send(_ draft: MailDraft) throws(Problem) {
    guard isOpen else { return }
    let id = tx.newID(MailMessage.self)
    let content = try Seal(work.plane.world.keys).close(SecretText(Self.joined([draft.text, draft.html])), context: "mail \(id)", tx.moment)
    try tx.change(
      """
      INSERT INTO mail (id, organization, purpose, recipient, recipient_name, subject, content, state, created_at, due_at, attempts)
      VALUES (\(id), \(draft.organization), \(draft.purpose.rawValue), \(draft.recipient), \(draft.recipientName?.text ?? ""), \(draft.subject), \(content), 'waiting', \(tx.now),
        \(tx.now), 0)
      """, under: Housekeeping())
    work.wake(SendMail.self)
  }

  /// Stops what still waits and has lost its sense: its link is dead. With `subject` only what has this one.
  func takeBack(_ purpose: MailDraft.Purpose, to recipient: EmailAddress, from organization: ID<Organization>, subject: String? = nil) throws(Problem) {
    let one: Statement = subject.map { " AND subject = \($0)" } ?? .none
    try tx.change(
      """
      UPDATE mail SET state = 'failed', content = '', last_error = NULL
      WHERE organization = \(organization) AND recipient = \(recipient) AND purpose = \(purpose.rawValue) AND state = 'waiting'\(one)
      """, under: Housekeeping())
  }

  // MARK: For the job that sends

  /// Up to `limit` mails that are due, put off by a lease so that no other process sends them too.
  func claim(_ limit: Int, lease: Duration) throws(Problem) -> [(entry: OutboxEntry, content: String)] {
    let rows = try tx.rows("SELECT \(Self.columns), content FROM mail WHERE state = 'waiting' AND due_at <= \(tx.now) ORDER BY due_at, id LIMIT \(limit)")
    return try rows.map { row throws(Problem) in
      let entry = try OutboxEntry(row)
      try tx.change("UPDATE mail SET due_at = \(tx.now + lease), attempts = attempts + 1 WHERE id = \(entry.id)", under: Housekeeping())
      return (entry, try row.text("content"))
    }
  }

  /// The mail went out; its content is forgotten, unless a demonstration shows it.
  func settleSent(_ id: ID<MailMessage>) throws(Problem) {
    if work.settings.isDemonstration {
      try tx.change("UPDATE mail SET state = 'sent', sent_at = \(tx.now), last_error = NULL WHERE id = \(id)", under: Housekeeping())
    } else {
      try tx.change("UPDATE mail SET state = 'sent', sent_at = \(tx.now), last_error = NULL, content = '' WHERE id = \(id)", under: Housekeeping())
    }
  }

  func settleFailed(_ id: ID<MailMessage>, _ reason: String, retryAt: Timestamp?) throws(Problem) {
    let state: OutboxEntry.State = retryAt == nil ? .failed : .waiting
    try tx.change(
      """
      UPDATE mail SET state = \(state.rawValue), due_at = coalesce(\(retryAt), due_at), last_error = \(String(reason.prefix(500)))
      WHERE id = \(id) AND state = 'waiting'
      """, under: Housekeeping())
  }

  // MARK: For those who look

  func list(_ page: PageRequest) throws(Problem) -> Page<OutboxEntry> {
    var after = Statement.none
    if let keys = try page.keys(of: "mail", count: 2) {
      guard let created = Int64(keys[0]) else { throw .invalid("cursor", "This cursor can't be read; start again without it.") }
      after = " AND (created_at, id) < (\(created), \(keys[1]))"
    }
    let found = try tx.rows("SELECT \(Self.columns) FROM mail WHERE 1 = 1\(after) ORDER BY created_at DESC, id DESC LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try OutboxEntry(row) }
    return Page(found, of: "mail", limit: page.limit, total: try tx.count("SELECT count(*) AS n FROM mail")) { [String($0.createdAt.milliseconds), $0.id.description] }
  }

  func find(_ id: ID<MailMessage>) throws(Problem) -> (entry: OutboxEntry, content: String)? {
    guard let row = try tx.row("SELECT \(Self.columns), content FROM mail WHERE id = \(id)") else { return nil }
    return (try OutboxEntry(row), try row.text("content"))
  }

  /// Text and HTML of a sealed content.
  func open(_ content: String, of id: ID<MailMessage>) throws(Problem) -> (text: String, html: String)? {
    guard !content.isEmpty else { return nil }
    let parts = Self.split(try Seal(work.plane.world.keys).open(content, context: "mail \(id)").reveal())
    guard parts.count == 2 else { throw Problem(.defect, "A stored mail can't be read.") }
    return (parts[0], parts[1])
  }

  private static let columns: Statement = "id, purpose, recipient, recipient_name, subject, created_at, state, attempts, sent_at, last_error"

  private static func joined(_ parts: [String]) -> String { parts.joined(separator: "\u{1F}") }
  private static func split(_ text: String) -> [String] { text.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init) }
}

extension OutboxEntry {
  init(_ row: Row) throws(Problem) {
    let name = try row.text("recipient_name")
    self.init(
      id: try row.id("id"), purpose: try row.choice("purpose"), recipient: try row.parsed("recipient") { text throws(Rejection) in try EmailAddress(text) },
      recipientName: name.isEmpty ? nil : name, subject: try row.text("subject"), createdAt: try row.instant("created_at"), state: try row.choice("state"),
      attempts: Int(try row.integer("attempts")), sentAt: try row.optional("sent_at", row.instant), lastError: try row.optional("last_error", row.text))
  }
}

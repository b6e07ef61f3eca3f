import Contract
import Kernel
import Secrets
import Storage

/// The right to do one thing once, proven by a secret that came in a mail.
struct Ticket {
  let account: ID<Account>
  /// What it is about: an address's id, an organization's id.
  let subject: String

  enum Purpose: String {
    case emailVerification = "email-verification"
    case passwordReset = "password-reset"
    case signIn = "sign-in"
    case organizationRestore = "organization-restore"

    var kind: Token.Kind {
      switch self {
      case .emailVerification: .emailVerification
      case .passwordReset: .passwordReset
      case .signIn: .signInLink
      case .organizationRestore: .organizationRestore
      }
    }
  }
}

extension Work {
  var tickets: TicketRows { TicketRows(tx: tx) }
}

struct TicketRows {
  let tx: any Transaction

  func issue(_ token: Token, for purpose: Ticket.Purpose, account: ID<Account>, subject: String, expires: Timestamp) throws(Problem) {
    try tx.change(
      """
      INSERT INTO ticket (digest, purpose, account, subject, created_at, expires_at)
      VALUES (\(token.digest.text), \(purpose.rawValue), \(account), \(subject), \(tx.now), \(expires))
      """, under: Housekeeping())
  }

  /// Uses the ticket up. Refuses as `gone` when it is unknown, used, too old, or for something else.
  func take(_ secret: String, for purpose: Ticket.Purpose) throws(Problem) -> Ticket {
    let digest = try digest(of: secret, for: purpose)
    guard
      let row = try tx.row("SELECT account, subject FROM ticket WHERE digest = \(digest) AND purpose = \(purpose.rawValue) AND used_at IS NULL AND expires_at > \(tx.now)")
    else { throw Problem.spentLink }
    try tx.change("UPDATE ticket SET used_at = \(tx.now) WHERE digest = \(digest)", under: Housekeeping())
    return Ticket(account: try row.id("account"), subject: try row.text("subject"))
  }

  /// The ticket, left unused: for the page that asks before it acts.
  func peek(_ secret: String, for purpose: Ticket.Purpose) throws(Problem) -> Ticket? {
    guard
      let row = try tx.row(
        "SELECT account, subject FROM ticket WHERE digest = \(digest(of: secret, for: purpose)) AND purpose = \(purpose.rawValue) AND used_at IS NULL AND expires_at > \(tx.now)")
    else { return nil }
    return Ticket(account: try row.id("account"), subject: try row.text("subject"))
  }

  /// The ticket even if it was used, until it is too old: for what may be repeated without harm.
  func recall(_ secret: String, for purpose: Ticket.Purpose) throws(Problem) -> Ticket? {
    guard let row = try tx.row("SELECT account, subject FROM ticket WHERE digest = \(digest(of: secret, for: purpose)) AND purpose = \(purpose.rawValue) AND expires_at > \(tx.now)") else {
      return nil
    }
    return Ticket(account: try row.id("account"), subject: try row.text("subject"))
  }

  /// Makes all of a kind useless, when a newer one takes their place.
  func void(_ purpose: Ticket.Purpose, of account: ID<Account>, about subject: String? = nil) throws(Problem) {
    let among: Statement = subject.map { " AND subject = \($0)" } ?? .none
    try tx.change("UPDATE ticket SET used_at = \(tx.now) WHERE account = \(account) AND purpose = \(purpose.rawValue)\(among) AND used_at IS NULL", under: Housekeeping())
  }

  /// Removes those that ended before `instant`.
  func purge(before instant: Timestamp) throws(Problem) { try tx.change("DELETE FROM ticket WHERE expires_at <= \(instant) OR used_at <= \(instant)", under: Housekeeping()) }

  private func digest(of secret: String, for purpose: Ticket.Purpose) throws(Problem) -> String {
    guard let token = try? Token(parsing: secret), token.kind == purpose.kind else { throw Problem.spentLink }
    return token.digest.text
  }
}

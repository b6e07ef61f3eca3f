import Kernel
import Secrets
import Storage

extension Work {
  /// A mail with a link that proves the address; links sent before are dead.
  func mailVerification(of email: AccountEmail, to account: Account) throws(Problem) {
    guard outbox.isOpen else { return }
    let token = Token.mint(.emailVerification, tx.moment)
    try tickets.void(.emailVerification, of: account.id, about: email.id.description)
    try tickets.issue(token, for: .emailVerification, account: account.id, subject: email.id.description, expires: now + AccountEmail.verificationTerm)
    try outbox.send(
      MailDraft(
        .emailVerification, to: email.address, name: account.name, subject: "Verify your address",
        paragraphs: ["Is \(email.address) your address? Then verify it, so that invitations sent to it reach your account \(account.handle).", "The link works for three days."],
        button: .init("Verify the address", link: "\(settings.publicURL)/verify?token=\(token.secret.reveal())"),
        because: "somebody entered this address at \(settings.publicURL). If it wasn't you, do nothing"))
  }

  /// A mail with a link that sets a new password; links sent before are dead.
  func mailReset(to email: AccountEmail, of account: Account) throws(Problem) {
    guard outbox.isOpen else { return }
    let token = Token.mint(.passwordReset, tx.moment)
    try tickets.void(.passwordReset, of: account.id)
    try tickets.issue(token, for: .passwordReset, account: account.id, subject: email.id.description, expires: now + Passwords.resetTerm)
    try outbox.send(
      MailDraft(
        .passwordReset, to: email.address, name: account.name, subject: "Set a new password",
        paragraphs: ["With this link you set a new password for your account \(account.handle). It works once, within one hour."],
        button: .init("Set a new password", link: "\(settings.publicURL)/reset?token=\(token.secret.reveal())"),
        because: "somebody asked for a new password at \(settings.publicURL). If it wasn't you, do nothing: your password stays as it is"))
  }

  /// A mail with a link that sets the first password of an account that an operator made.
  func mailWelcome(to email: AccountEmail, of account: Account) throws(Problem) {
    guard outbox.isOpen else { return }
    let token = Token.mint(.passwordReset, tx.moment)
    try tickets.issue(token, for: .passwordReset, account: account.id, subject: email.id.description, expires: now + AccountEmail.verificationTerm)
    try outbox.send(
      MailDraft(
        .passwordReset, to: email.address, name: account.name, subject: "Your account at \(settings.publicURL)",
        paragraphs: ["An operator made an account for you, \(account.handle). Choose a password, and you can sign in.",
          "The link works once, within three days."],
        button: .init("Choose a password", link: "\(settings.publicURL)/reset?token=\(token.secret.reveal())"),
        because: "somebody who runs \(settings.publicURL) made an account for this address"))
  }

  /// Tells the person, at the primary address, of a change that somebody else could have made in their name.
  func mailNotice(_ subject: String, _ sentence: String, to account: Account) throws(Problem) {
    guard let address = account.email else { return }
    let place = caller.origin.address.isEmpty ? "" : ", from the address \(caller.origin.address)"
    try outbox.send(
      MailDraft(
        .securityNotice, to: address, name: account.name, subject: subject,
        paragraphs: [sentence, "It happened on \(instantText(now))\(place). If it wasn't you, set a new password at once: \(settings.publicURL)/forgot"],
        because: "it is the primary address of the account \(account.handle)"))
  }
}

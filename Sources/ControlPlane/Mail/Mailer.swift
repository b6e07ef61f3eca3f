public import Kernel

/// One mail to one person, complete but for its sender, which the mailer knows.
public struct MailMessage: Sendable, Hashable {
  /// Becomes the Message-ID: a message that is sent again after a doubtful attempt can be recognized as the same.
  public let id: ID<MailMessage>
  /// When it was written; a later attempt doesn't change it.
  public let date: Timestamp
  public let to: EmailAddress
  public let toName: String?
  /// One line; a mailer writes line breaks and other control characters as spaces, in here and in all names and headers.
  public let subject: String
  public let text: String
  public let html: String
  public let headers: [MailHeader: String]

  public init(
    id: ID<MailMessage>, date: Timestamp, to: EmailAddress, toName: String? = nil, subject: String, text: String, html: String,
    headers: [MailHeader: String] = [:]
  ) {
    self.id = id
    self.date = date
    self.to = to
    self.toName = toName
    self.subject = subject
    self.text = text
    self.html = html
    self.headers = headers
  }
}

/// The header fields that a feature may add; a closed list, so that none can pass for one of the mailer's own.
public enum MailHeader: String, Sendable, Hashable, CaseIterable {
  case listUnsubscribe = "List-Unsubscribe"
  case listUnsubscribePost = "List-Unsubscribe-Post"
  case references = "References"
}

/// Hands mails to a mail server.
public protocol Mailer: Sendable {
  /// Returns once the server has taken the message over.
  ///
  /// `unavailable` where a later attempt may succeed (no connection, a temporary refusal, a wrong set-up);
  /// `invalid` where none will (the server refuses this recipient or this message for good).
  func send(_ message: MailMessage) async throws(Problem)
}

extension Problem.Code {
  /// Try again later.
  public static let mailUnavailable = Self("mail.unavailable", .unavailable, "The mail can't be sent right now")
  /// Never try this one again.
  public static let mailRefused = Self("mail.refused", .invalid, "The mail was refused")
}

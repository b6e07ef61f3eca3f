public import ControlPlane
public import Kernel

/// Sends mails through one mail server (RFC 5321), on threads of its own.
public struct SMTPMailer: Mailer {
  private let sender: Mailbox
  private let replyTo: Mailbox?
  private let connections: SMTPConnections

  /// Opens no connection before the first mail.
  public init(_ configuration: SMTPConfiguration) {
    sender = configuration.sender
    replyTo = configuration.replyTo
    connections = SMTPConnections(configuration)
  }

  public func send(_ message: MailMessage) async throws(Problem) {
    try await connections.send(Letter(from: sender.address, to: message.to, content: MIMEMessage(message, from: sender, replyTo: replyTo).bytes))
  }
}

/// A message in its envelope.
struct Letter: Sendable {
  let from: EmailAddress
  let to: EmailAddress
  let content: [UInt8]
}

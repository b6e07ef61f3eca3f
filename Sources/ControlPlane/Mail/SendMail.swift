public import Kernel
import Logging

/// Hands waiting mails to the mail server: each until it is taken or refused for good, with growing pauses, for three days.
public struct SendMail: Job {
  public static let name = "send-mail"
  public static let interval = Duration.seconds(30)

  /// A mail that waited this long is given up.
  static let patience = Duration.days(3)

  let plane: ControlPlane

  public init(_ plane: ControlPlane) { self.plane = plane }

  public func run() async throws(Problem) {
    while try await sendSome() {}
  }

  /// Whether there may be more.
  private func sendSome() async throws(Problem) -> Bool {
    let batch = 20
    let claimed = try await plane.write(as: .system(Self.name)) { work in try work.outbox.claim(batch, lease: .minutes(5)) }
    for (entry, content) in claimed { try await send(entry, content) }
    return claimed.count == batch
  }

  private func send(_ entry: OutboxEntry, _ content: String) async throws(Problem) {
    // A demonstration without a mail server shows its mails on a page, and that is all.
    guard let mailer = plane.world.mailer else {
      try await plane.write(as: .system(Self.name)) { work in try work.outbox.settleSent(entry.id) }
      return
    }
    do {
      let parts = try await plane.read(as: .system(Self.name)) { work in try work.outbox.open(content, of: entry.id) }
      guard let parts else { return }
      try await mailer.send(
        MailMessage(id: entry.id, date: entry.createdAt, to: entry.recipient, toName: entry.recipientName, subject: entry.subject, text: parts.text, html: parts.html))
      try await plane.write(as: .system(Self.name)) { work in try work.outbox.settleSent(entry.id) }
    } catch {
      plane.world.log.warning("mail not sent", metadata: ["mail": "\(entry.id)", "attempts": "\(entry.attempts)", "reason": "\(error.detail)"])
      try await plane.write(as: .system(Self.name)) { work in
        let isHopeless = error.kind == .invalid || work.now - entry.createdAt > Self.patience
        let pause = Duration.seconds(30 << min(entry.attempts, 9))
        try work.outbox.settleFailed(entry.id, error.detail, retryAt: isHopeless ? nil : work.now + pause)
      }
    }
  }
}

public import ControlPlane
import Kernel

/// A mail as it travels (RFC 5322, RFC 2045): a text and an HTML part, in lines that every server lets pass.
///
/// All bytes are printable ASCII, space, tab or CRLF, and no value of the message can end a line of the header.
public struct MIMEMessage: Sendable {
  public let bytes: [UInt8]

  /// Writes the message; the same values always give the same bytes.
  public init(_ message: MailMessage, from sender: Mailbox, replyTo: Mailbox? = nil) {
    // Quoted-printable never writes `=_`, so the boundary occurs in no part (RFC 2045 §6.7).
    let boundary = "=_\(message.id)"
    var lines = [
      HeaderField.mailbox("From", sender),
      HeaderField.mailbox("To", Mailbox(name: message.toName, address: message.to)),
    ]
    if let replyTo { lines.append(HeaderField.mailbox("Reply-To", replyTo)) }
    lines += [
      HeaderField.text("Subject", message.subject),
      "Date: \(message.date.inMailFormat)",
      "Message-ID: <\(message.id)@\(sender.address.domain)>",
      // Asks out-of-office robots not to answer (RFC 3834).
      "Auto-Submitted: auto-generated",
    ]
    lines += MailHeader.allCases.compactMap { header in message.headers[header].flatMap { HeaderField.structured(header.rawValue, $0) } }
    lines += [
      "MIME-Version: 1.0",
      "Content-Type: multipart/alternative;\r\n boundary=\"\(boundary)\"",
      "",
    ]
    for (type, content) in [("plain", message.text), ("html", message.html)] {
      lines += [
        "--\(boundary)",
        "Content-Type: text/\(type); charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        QuotedPrintable.encode(content),
      ]
    }
    lines += ["--\(boundary)--", ""]
    bytes = Array(lines.joined(separator: "\r\n").utf8)
  }
}

extension Timestamp {
  /// RFC 5322 §3.3: `Fri, 21 Nov 2025 04:55:39 +0000`.
  var inMailFormat: String {
    let fields = description.split { !$0.isNumber }
    let days = (milliseconds - milliseconds % 86_400_000 - (milliseconds % 86_400_000 < 0 ? 86_400_000 : 0)) / 86_400_000
    // 1970-01-01 was a Thursday.
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int((days % 7 + 7) % 7)]
    let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][(Int(fields[1]) ?? 1) - 1]
    return "\(weekday), \(fields[2]) \(month) \(fields[0]) \(fields[3]):\(fields[4]):\(fields[5]) +0000"
  }
}

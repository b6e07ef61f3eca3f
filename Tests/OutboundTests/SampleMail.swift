import ControlPlane
import Kernel
import Outbound

let mailDate = Timestamp(milliseconds: 1_763_700_939_120)

/// A mail with an id of its own.
func mail(
  to: String = "ada@example.org", name: String? = "Ada Lovelace", subject: String = "Join Analytical Engines", text: String = "Come in.\n",
  html: String = "<p>Come in.</p>\n",
  headers: [MailHeader: String] = [:]
) throws -> MailMessage {
  return MailMessage(id: moment.newID(), date: mailDate, to: try EmailAddress(to), toName: name, subject: subject, text: text, html: html, headers: headers)
}

private let moment = Moment(now: mailDate) {
  var generator = SystemRandomNumberGenerator()
  return generator.next()
}

/// Attempts to begin a header field, or the body, from within a text.
let injections = [
  "Hello\r\nBcc: eve@example.net", "Hello\nX-Evil: 1", "Hello\rX-Evil: 1", "Hello\u{0}\u{1}\u{7F}X", "Hello\u{2028}X-Evil: 1", "Hello\u{85}X-Evil: 1",
  "\r\n\r\nA body", "Hi\r\n\t=?utf-8?Q?=0D=0AX-Evil:_1?=",
]

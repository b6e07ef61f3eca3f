import CCurl
import ControlPlane
import Kernel

/// What the server said last, and to which command: curl's own code doesn't tell a refused recipient from a broken connection.
final class SMTPDialogue {
  private var isAboutTheMessage = false
  private var hasLeft = false
  private var reply: [Substring] = []

  /// Keeps no more of our side than which command it was, since credentials pass here too. What follows a refusal, our leave, doesn't count.
  func note(_ kind: curl_infotype, _ data: UnsafeRawBufferPointer) {
    switch kind {
    case CURLINFO_HEADER_OUT:
      let verb = String(decoding: data.prefix(4), as: UTF8.self)
      hasLeft = verb == "QUIT"
      if hasLeft { return }
      isAboutTheMessage = ["MAIL", "RCPT", "DATA"].contains(verb)
      reply = []
    case CURLINFO_HEADER_IN where !hasLeft:
      for line in String(decoding: data.prefix(2000), as: UTF8.self).split(whereSeparator: \.isNewline) {
        // `250-` announces another line of the same reply, `250 ` is the last.
        if reply.last?.dropFirst(3).first != "-" { reply = [] }
        if reply.count < 10 { reply.append(line) }
      }
    default: break
    }
  }

  /// Why a transfer ended with `code`.
  func problem(_ code: CURLcode, host: String) -> Problem {
    let cause = SMTPFailure(curl: Int(code.rawValue), message: String(cString: curl_easy_strerror(code)), reply: text)
    if isAboutTheMessage, isForGood { return Problem(.mailRefused, "The mail server refused this mail for good: \(text)", cause: cause) }
    if isAboutTheMessage, isRefusal { return Problem(.mailUnavailable, "The mail server did not take this mail for now: \(text)", cause: cause) }
    let reason =
      switch code {
      case CURLE_COULDNT_RESOLVE_HOST: "The mail server \(host) has no address; check its name."
      case CURLE_COULDNT_CONNECT: "The mail server \(host) can't be reached."
      case CURLE_OPERATION_TIMEDOUT: "The mail server \(host) did not answer in time."
      case CURLE_LOGIN_DENIED, CURLE_AUTH_ERROR: "The mail server refused the user name or the password that mails are sent with."
      case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR: "The mail server's certificate is not trusted."
      case CURLE_USE_SSL_FAILED: "The mail server does not offer the encryption that is required."
      case CURLE_SSL_CONNECT_ERROR: "No encrypted connection to the mail server could be made."
      case CURLE_SSL_CACERT_BADFILE: "The file with the mail server's authorities can't be read."
      default: isRefusal ? "The mail server refused to serve us: \(text)" : "The connection to the mail server broke off."
      }
    return Problem(.mailUnavailable, reason, cause: cause)
  }

  private var status: Int? { reply.last.flatMap { Int($0.prefix(3)) } }
  private var isRefusal: Bool { status.map { $0 >= 400 } ?? false }

  /// 530, 534, 535 and 538 ask for credentials (RFC 4954 §6): no fault of the message.
  private var isForGood: Bool { status.map { $0 >= 500 && ![530, 534, 535, 538].contains($0) } ?? false }

  /// The reply on one line, without what could disturb a page or a log.
  private var text: String {
    let joined = ([reply.last?.prefix(3) ?? ""] + reply.map { $0.dropFirst(4) }).joined(separator: " ")
    return String(joined.unicodeScalars.filter { $0.value >= 0x20 && $0.value < 0x7F }.map(Character.init).prefix(300))
  }
}

private struct SMTPFailure: Error {
  let curl: Int
  let message: String
  let reply: String
}

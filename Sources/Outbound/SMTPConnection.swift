import CCurl
import ControlPlane
import Foundation
import Kernel

/// One connection to the mail server, kept open between letters. It belongs to one thread, which it blocks.
final class SMTPConnection {
  private let configuration: SMTPConfiguration
  private var handle: UnsafeMutableRawPointer?

  init(_ configuration: SMTPConfiguration) {
    self.configuration = configuration
    guard SMTPMailer.libraryFault == nil else { return }
    _ = Self.library
    handle = curl_easy_init()
  }

  /// Takes leave of the server.
  deinit {
    if let handle { curl_easy_cleanup(handle) }
  }

  /// Must come before any other call, and only once in a process.
  private static let library = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

  func send(_ letter: Letter) -> Result<Void, Problem> {
    if let fault = SMTPMailer.libraryFault { return .failure(Problem(.mailUnavailable, fault)) }
    guard let handle else { return .failure(Problem(.mailUnavailable, "There is no memory left to send mails.")) }
    let dialogue = SMTPDialogue()
    let content = Content(letter.content)
    let recipients = curl_slist_append(nil, "<\(letter.to.text)>")
    defer { curl_slist_free_all(recipients) }

    curl_easy_reset(handle)
    let wasSet = configure(handle) && address(handle, letter, recipients) && observe(handle, dialogue, content)
    guard wasSet else { return .failure(Problem(.defect, "The mail could not be prepared.")) }

    let code = withExtendedLifetime((dialogue, content)) { curl_easy_perform(handle) }
    if code == CURLE_OK { return .success(()) }
    cut(handle)
    return .failure(dialogue.problem(code, host: configuration.host))
  }

  /// Ends the connection without a word. curl keeps one whose server was late, and would then take the late answer for that to the next letter.
  private func cut(_ handle: UnsafeMutableRawPointer) {
    let socket = curl_active_socket(handle)
    if socket != CURL_SOCKET_BAD { shutdown(socket, Int32(SHUT_RDWR)) }
    curl_easy_cleanup(handle)
    self.handle = curl_easy_init()
  }

  private func configure(_ handle: UnsafeMutableRawPointer) -> Bool {
    let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
    let scheme = configuration.encryption == .implicit ? "smtps" : "smtp"
    // The path is the name that curl greets with; the sender's domain is one that the server can look up.
    let url = "\(scheme)://\(host):\(configuration.port)/\(configuration.sender.address.domain)"
    let verifies = configuration.encryption == .opportunistic ? 0 : 1
    let encryption =
      switch configuration.encryption {
      case .implicit, .required: CURLUSESSL_ALL
      case .opportunistic: CURLUSESSL_TRY
      case .none: CURLUSESSL_NONE
      }
    var isSet =
      text(handle, CURLOPT_URL, url) && text(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps") && text(handle, CURLOPT_PROXY, "")
      && number(handle, CURLOPT_NOSIGNAL, 1) && number(handle, CURLOPT_USE_SSL, Int(encryption.rawValue))
      && number(handle, CURLOPT_SSL_VERIFYPEER, verifies) && number(handle, CURLOPT_SSL_VERIFYHOST, verifies * 2)
      && number(handle, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
      && number(handle, CURLOPT_CONNECTTIMEOUT_MS, Int(configuration.connectTimeout.milliseconds))
      && number(handle, CURLOPT_SERVER_RESPONSE_TIMEOUT, max(1, Int(configuration.timeout.wholeSeconds)))
      && number(handle, CURLOPT_TIMEOUT_MS, Int(configuration.timeout.milliseconds))
    if let authorities = configuration.authorities { isSet = isSet && text(handle, CURLOPT_CAINFO, authorities) }
    if !configuration.user.isEmpty {
      isSet = isSet && text(handle, CURLOPT_USERNAME, configuration.user) && text(handle, CURLOPT_PASSWORD, configuration.password)
    }
    return isSet
  }

  private func address(_ handle: UnsafeMutableRawPointer, _ letter: Letter, _ recipients: UnsafeMutablePointer<curl_slist>?) -> Bool {
    text(handle, CURLOPT_MAIL_FROM, "<\(letter.from.text)>") && recipients != nil && curl_set_list(handle, CURLOPT_MAIL_RCPT, recipients) == CURLE_OK
  }

  /// curl borrows both objects until the transfer ends.
  private func observe(_ handle: UnsafeMutableRawPointer, _ dialogue: SMTPDialogue, _ content: Content) -> Bool {
    number(handle, CURLOPT_UPLOAD, 1)
      && curl_set_size(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(content.bytes.count)) == CURLE_OK
      && curl_set_read(
        handle,
        { buffer, size, count, context in
          guard let buffer, let context else { return 0 }
          return Unmanaged<Content>.fromOpaque(context).takeUnretainedValue().read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
        }, Unmanaged.passUnretained(content).toOpaque()) == CURLE_OK
      && curl_set_debug(
        handle,
        { _, kind, data, count, context in
          guard let data, let context else { return 0 }
          Unmanaged<SMTPDialogue>.fromOpaque(context).takeUnretainedValue().note(kind, UnsafeRawBufferPointer(start: data, count: count))
          return 0
        }, Unmanaged.passUnretained(dialogue).toOpaque()) == CURLE_OK
  }

  private func text(_ handle: UnsafeMutableRawPointer, _ option: CURLoption, _ value: String) -> Bool { curl_set_text(handle, option, value) == CURLE_OK }
  private func number(_ handle: UnsafeMutableRawPointer, _ option: CURLoption, _ value: Int) -> Bool { curl_set_number(handle, option, value) == CURLE_OK }
}

/// What is left to send of a letter.
private final class Content {
  let bytes: [UInt8]
  private var sent = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, bytes.count - sent)
    buffer.copyBytes(from: bytes[sent..<sent + count])
    sent += count
    return count
  }
}

extension SMTPMailer {
  /// Why no mail can be sent from this machine at all, in a sentence that says what to install; `nil` where it can. The first look loads libcurl.
  public static let libraryFault: String? = curl_library_fault().map { "libcurl can't be loaded (\(String(cString: $0))); install it: apt-get install libcurl4" }
}

import ControlPlane
import Kernel
import Outbound
import Testing

/// What we write, as Python's email package reads it at the other end of a real connection.
@Suite struct MIMEMessageTests {
  private func delivered(_ message: MailMessage, from sender: String = "Guildhall <guildhall@example.org>", replyTo: String? = nil) async throws
    -> SMTPServer.Receipt
  {
    let server = try await SMTPServer.plain()
    try await SMTPMailer(SMTPConfiguration(address: "smtp://127.0.0.1:\(server.port)", sender: sender, replyTo: replyTo)).send(message)
    let receipt = try server.receipt(message)
    #expect(receipt.defects == [])
    #expect(receipt.longestLine <= 78)
    #expect(receipt.loneBreaks == 0)
    #expect(receipt.foreignBytes == [])
    #expect(receipt.parts.map(\.type) == ["text/plain", "text/html"])
    return receipt
  }

  @Test func `A mail arrives with all its fields, each once`() async throws {
    let message = try mail(headers: [.listUnsubscribe: "<https://guildhall.example.org/unsubscribe?t=1>", .listUnsubscribePost: "List-Unsubscribe=One-Click"])
    let receipt = try await delivered(message, replyTo: "Help <help@example.org>")
    #expect(receipt.from == "guildhall@example.org")
    #expect(receipt.to == ["ada@example.org"])
    #expect(receipt.greeting == "example.org")
    #expect(
      receipt.headers.map { $0[0] } == [
        "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version",
        "Content-Type",
      ])
    #expect(receipt.header("From") == ["Guildhall <guildhall@example.org>"])
    #expect(receipt.header("To") == ["Ada Lovelace <ada@example.org>"])
    #expect(receipt.header("Reply-To") == ["Help <help@example.org>"])
    #expect(receipt.header("Subject") == ["Join Analytical Engines"])
    #expect(receipt.header("Date") == ["Fri, 21 Nov 2025 04:55:39 +0000"])
    #expect(receipt.header("Message-ID") == ["<\(message.id)@example.org>"])
    #expect(receipt.header("Auto-Submitted") == ["auto-generated"])
    #expect(receipt.header("List-Unsubscribe") == ["<https://guildhall.example.org/unsubscribe?t=1>"])
    #expect(receipt.parts == [.init(type: "text/plain", content: "Come in.\n"), .init(type: "text/html", content: "<p>Come in.</p>\n")])
  }

  @Test(arguments: injections)
  func `No text can begin a header field or the body`(text: String) async throws {
    let message = try mail(name: text, subject: text, headers: [.references: text])
    let receipt = try await delivered(message)
    let names = receipt.headers.map { $0[0] }
    #expect(Set(names).isSubset(of: ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "References", "MIME-Version", "Content-Type"]))
    #expect(Set(names).count == names.count)
    #expect(receipt.to == ["ada@example.org"])
    #expect(receipt.recipients.map { $0[1] } == ["ada@example.org"])
    #expect(receipt.parts.map(\.content) == ["Come in.\n", "<p>Come in.</p>\n"])
    #expect(receipt.header("Subject").allSatisfy { !$0.contains { $0.isNewline } })
  }

  @Test(arguments: [
    "Zürich: Einladung für Ännchen", "招待状：解析機関に参加してください。招待状：解析機関に参加してください。招待状：解析機関に参加してください。", "👩‍👩‍👧‍👦 joins 🏛️",
    "مرحبا بالعالم", "=?utf-8?Q?not_encoded?=", "a=?b",
    "Hello \"World\" \\ (comment) <x@y>, z; @", "x", "",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    String(repeating: "long words again ", count: 30) + "end", String(repeating: "ü", count: 500), ".", "e\u{301}",
  ])
  func `Subjects and names arrive letter by letter`(text: String) async throws {
    let receipt = try await delivered(mail(name: text, subject: text), from: "guildhall@example.org")
    #expect(receipt.header("Subject").map { Array($0.unicodeScalars) } == [Array(text.unicodeScalars)])
    #expect(receipt.recipients.map { Array($0[0].unicodeScalars) } == [Array(text.unicodeScalars)])
    #expect(receipt.senders == [["", "guildhall@example.org"]])
  }

  @Test(arguments: [
    "", "\n", "x", "one\ntwo\n", "trailing space \nand tab\t\n \n", ".\n..\n.hidden\n", "From the start\nFrom here\n", "= equals =3D =\n", "naïve 日本語 👩‍👩‍👧‍👦\n",
    String(repeating: "x", count: 10_000) + "\n" + String(repeating: "ü", count: 10_000) + "\n", String(repeating: ".", count: 10_000),
    String(repeating: "From ", count: 2000), String(repeating: " ", count: 1000),
    "--=_boundary\n--\n", "\u{0}\u{1}\u{7F}\u{FEFF}", String(repeating: "ordinary words of a letter\n", count: 5000),
  ])
  func `Bodies arrive letter by letter`(text: String) async throws {
    let message = try mail(text: text, html: "<pre>" + text + "</pre>")
    let receipt = try await delivered(message)
    #expect(receipt.parts.map { Array($0.content.unicodeScalars) } == [Array(text.unicodeScalars), Array("<pre>\(text)</pre>".unicodeScalars)])
  }

  @Test func `A body can't contain its own boundary`() async throws {
    let plain = try mail()
    let message = MailMessage(
      id: plain.id, date: plain.date, to: plain.to, subject: "x", text: "--=_\(plain.id)\n--=_\(plain.id)--\n",
      html: "--=_\(plain.id)--\r\n\r\n--=_\(plain.id)\r\n")
    let receipt = try await delivered(message)
    #expect(receipt.parts.map(\.content) == [message.text, message.html.replacing("\r\n", with: "\n")])
  }

  @Test func `All kinds of line ends become the mail's own`() async throws {
    let receipt = try await delivered(mail(text: "one\r\ntwo\rthree\nfour\n\r\n\rfive"))
    #expect(receipt.parts[0].content == "one\ntwo\nthree\nfour\n\n\nfive")
  }

  @Test(
    arguments: [
      (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 +0000"), (1_763_700_939_999, "Fri, 21 Nov 2025 04:55:39 +0000"),
      (4_102_444_799_000, "Thu, 31 Dec 2099 23:59:59 +0000"),
      (-1, "Wed, 31 Dec 1969 23:59:59 +0000"), (-86_400_000, "Wed, 31 Dec 1969 00:00:00 +0000"),
    ] as [(Int64, String)])
  func `Dates are written as mail writes them`(milliseconds: Int64, text: String) throws {
    let plain = try mail()
    let message = MailMessage(id: plain.id, date: Timestamp(milliseconds: milliseconds), to: plain.to, subject: "x", text: "x", html: "x")
    let bytes = MIMEMessage(message, from: try Mailbox("guildhall@example.org")).bytes
    #expect(String(decoding: bytes, as: UTF8.self).contains("\r\nDate: \(text)\r\n"))
  }

  @Test func `The same message is written the same way`() throws {
    let message = try mail(headers: Dictionary(uniqueKeysWithValues: MailHeader.allCases.map { ($0, "<x>") }))
    let sender = try Mailbox("guildhall@example.org")
    #expect(MIMEMessage(message, from: sender).bytes == MIMEMessage(message, from: sender).bytes)
  }

  @Test func `A machine's header that can't be written is left out, not spoiled`() throws {
    let sender = try Mailbox("guildhall@example.org")
    for value in ["<https://exämple.org>", "<https://example.org/\(String(repeating: "x", count: 1000))>"] {
      #expect(!String(decoding: MIMEMessage(try mail(headers: [.listUnsubscribe: value]), from: sender).bytes, as: UTF8.self).contains("List-Unsubscribe"))
    }
  }
}

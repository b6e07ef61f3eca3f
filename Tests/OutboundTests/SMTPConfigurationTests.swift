import Kernel
import Outbound
import Testing

@Suite struct SMTPConfigurationTests {
  private typealias Encryption = SMTPConfiguration.Encryption

  @Test(
    arguments: [
      ("smtp://mail.example.org", "mail.example.org", 587, .required), ("smtp://mail.example.org:25/", "mail.example.org", 25, .required),
      ("SMTPS://mail.example.org", "mail.example.org", 465, .implicit), ("smtps://mail.example.org:1465?tls=required", "mail.example.org", 1465, .implicit),
      ("smtp://localhost:2525", "localhost", 2525, .none), ("smtp://127.0.0.1:25", "127.0.0.1", 25, .none), ("smtp://[::1]:25", "::1", 25, .none),
      ("smtp://127.0.0.1.example.org", "127.0.0.1.example.org", 587, .required), ("smtp://[2001:db8::7]:587", "2001:db8::7", 587, .required),
      ("smtp://localhost:25?tls=required", "localhost", 25, .required), ("smtp://relay?tls=none", "relay", 587, .none),
      ("smtp://relay?tls=opportunistic", "relay", 587, .opportunistic),
      ("smtp://ada:s%40cr%2Fet%23@mail.example.org:587", "mail.example.org", 587, .required), ("smtp://ada%40example.org:x@localhost", "localhost", 587, .none),
    ] as [(String, String, Int, SMTPConfiguration.Encryption)])
  func `An address of a mail server reads as it says`(address: String, host: String, port: Int, encryption: SMTPConfiguration.Encryption) throws {
    let configuration = try SMTPConfiguration(address: address, sender: "Guildhall <guildhall@example.org>")
    #expect(configuration.host == host)
    #expect(configuration.port == port)
    #expect(configuration.encryption == encryption)
  }

  @Test(arguments: [
    "", " ", "mail.example.org", "mail.example.org:587", "http://mail.example.org", "smtp:", "smtp://", "smtp://:587", "smtp://ada:hunter2@:587",
    "smtp://mail example.org", "smtp://mail.example.org:0",
    "smtp://mail.example.org:65536", "smtp://mail.example.org:-1", "smtp://mail.example.org:smtp", "smtp://mail.example.org/inbox", "smtp://mail.example.org#x",
    "smtp://mail.example.org?tls=maybe",
    "smtp://mail.example.org?tls", "smtp://mail.example.org?tls=", "smtp://mail.example.org?starttls=1", "smtp://mail.example.org?tls=none&tls=required",
    "smtps://mail.example.org?tls=none",
    "smtp://ada@mail.example.org", "smtp://:hunter2@mail.example.org", "smtp://ada:hunter2@mail.example.org?tls=none",
    "smtp://ada:hunter2@mail.example.org?tls=opportunistic",
    "smtp://ada:hunter2%0D%0ANOOP@mail.example.org", "smtp://mail.example.org?ca=/does/not/exist.pem", "smtp://ada:hunter2/@mail.example.org",
    "smtp://mail.example.org\r\n", "smtp://\u{0}",
  ])
  func `A wrong address is refused in one sentence that doesn't show the password`(address: String) throws {
    let problem = try #require(throws: Problem.self) { try SMTPConfiguration(address: address, sender: "guildhall@example.org") }
    #expect(problem.kind == .invalid)
    #expect(problem.faults.map(\.field) == ["smtp"])
    #expect(problem.detail.hasSuffix("."))
    #expect(!problem.detail.contains("\n"))
    #expect(!"\(problem)".contains("hunter2"))
  }

  @Test(arguments: [
    "", "guildhall", "Guildhall <guildhall>", "Guild\r\nhall <guildhall@example.org>", "<guildhall@example.org", "guildhall@example.org, eve@example.net",
  ])
  func `A sender that isn't one address is refused`(sender: String) throws {
    let problem = try #require(throws: Problem.self) { try SMTPConfiguration(address: "smtp://localhost", sender: sender) }
    #expect(problem.faults.map(\.field) == ["mail_from"])
    #expect(throws: Problem.self) { try SMTPConfiguration(address: "smtp://localhost", sender: "guildhall@example.org", replyTo: sender) }
  }

  @Test func `A sender may have a name`() throws {
    #expect(
      try Mailbox("Guildhall at Example <guildhall@example.org>") == Mailbox(name: "Guildhall at Example", address: try EmailAddress("guildhall@example.org")))
    #expect(try Mailbox(" guildhall@example.org") == Mailbox(name: nil, address: try EmailAddress("guildhall@example.org")))
    #expect(try Mailbox("<guildhall@example.org>").name == nil)
  }

  @Test func `The password never shows`() throws {
    let configuration = try SMTPConfiguration(address: "smtp://ada:hunter2@mail.example.org", sender: "guildhall@example.org")
    var dumped = ""
    dump(configuration, to: &dumped)
    for shown in ["\(configuration)", String(reflecting: configuration), dumped, "\(SMTPMailer(configuration))"] {
      #expect(!shown.contains("hunter2"))
    }
    #expect("\(configuration)" == "mail.example.org:587, TLS required, as ada, from guildhall@example.org")
  }
}

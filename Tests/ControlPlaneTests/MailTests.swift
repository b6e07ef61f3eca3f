import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Storage
import Synchronization
import Testing

@Suite struct MailTests {
  /// A mail server that does as it is told, and remembers what it was given.
  private final class Postbox: Mailer {
    private let state = Mutex<(taken: [MailMessage], refusal: Problem?)>(([], nil))

    var taken: [MailMessage] { state.withLock { $0.taken } }
    func refuse(with problem: Problem?) { state.withLock { $0.refusal = problem } }

    func send(_ message: MailMessage) async throws(Problem) {
      let refusal = state.withLock { state in
        if state.refusal == nil { state.taken.append(message) }
        return state.refusal
      }
      if let refusal { throw refusal }
    }
  }

  /// The core with a mail server.
  private struct Office {
    let house: House
    let plane: ControlPlane
    let postbox = Postbox()

    init(isDemonstration: Bool = false) async throws {
      house = try await House(change: { $0.isDemonstration = isDemonstration })
      var world = house.plane.world
      world.mailer = postbox
      plane = ControlPlane(database: house.plane.database, world: world, settings: house.plane.settings)
    }

    static func draft(to address: String) throws -> MailDraft {
      MailDraft(
        .invitation, to: try EmailAddress(address), name: nil, subject: "Come in", paragraphs: ["Ada invites you."],
        button: .init("Join", link: "https://guildhall.test/join?token=secret-of-the-link"), because: "Ada invited this address")
    }

    func queue(_ count: Int = 1) async throws {
      try await plane.write(as: .system("test")) { work in for number in 0..<count { try work.outbox.send(Self.draft(to: "\(number)@example.net")) } }
    }

    func entries() async throws(Problem) -> [OutboxEntry] {
      try await plane.read(as: .system("test")) { work in try work.outbox.list(PageRequest(limit: 200)).items }
    }

    func contents() async throws(Problem) -> [String] {
      try await plane.read(as: .system("test")) { work in try work.tx.rows("SELECT content FROM mail ORDER BY id").map { row in try row.text("content") } }
    }
  }

  private static let down = Problem(.mailUnavailable, "The mail server doesn't answer.")

  @Test func `Nothing is mailed for what didn't happen`() async throws {
    let office = try await Office()
    let outcome = await refusal {
      try await office.plane.write(as: .system("test")) { work in
        try work.outbox.send(Office.draft(to: "bob@example.org"))
        throw Problem(.invalid, "It doesn't come to this.")
      }
    }
    #expect(outcome == "invalid")
    let lab = try await Lab()
    _ = await refusal { try await lab.invite("ADA@example.org", as: "member") }
    let eve = try await lab.house.signUpVerified("Eve")
    _ = await refusal { try await lab.invite("bob@example.org", as: "member", by: lab.house.caller(eve)) }
    #expect(try await lab.house.mails(to: "bob@example.org").isEmpty)
    try await SendMail(office.plane).run()
    #expect(try await office.entries().isEmpty && office.postbox.taken.isEmpty)
  }

  @Test func `A waiting mail is sealed, and forgotten once it was sent`() async throws {
    let office = try await Office()
    try await office.queue()
    let entry = try #require(try await office.entries().first)
    #expect(entry.state == .waiting && entry.attempts == 0)
    let sealed = try await office.contents()[0]
    for part in ["secret-of-the-link", "Ada", "guildhall.test"] { #expect(!sealed.contains(part)) }
    // The seal of one mail opens no other.
    let other = office.plane.world.moment().newID(MailMessage.self)
    #expect(await refusal { try await office.plane.read(as: .system("test")) { work in try work.outbox.open(sealed, of: other)?.text } } != nil)
    try await SendMail(office.plane).run()
    try await SendMail(office.plane).run()
    let sent = office.postbox.taken
    #expect(sent.count == 1 && sent[0].id == entry.id && sent[0].to == entry.recipient && sent[0].date == entry.createdAt)
    #expect(sent[0].text.contains("secret-of-the-link") && sent[0].html.contains("secret-of-the-link"))
    #expect(try await office.contents() == [""])
    #expect(try await office.entries().map(\.state) == [.sent])
  }

  @Test func `A demonstration keeps its mails for its page`() async throws {
    let office = try await Office(isDemonstration: true)
    try await office.queue()
    try await SendMail(office.plane).run()
    #expect(office.postbox.taken.count == 1)
    #expect(try await office.house.mails(to: "0@example.net").first?.text.contains("secret-of-the-link") == true)
  }

  @Test func `A mail that isn't taken is tried again with growing pauses, for three days`() async throws {
    let office = try await Office()
    office.postbox.refuse(with: Self.down)
    try await office.queue()
    let start = office.house.now
    var pauses: [Duration] = []
    while true {
      let job = SendMail(office.plane)
      try await job.run()
      let entry = try #require(try await office.entries().first)
      #expect(entry.attempts == pauses.count + 1 && entry.lastError == "The mail server doesn't answer.")
      guard entry.state == .waiting else { break }
      let due = try await office.plane.read(as: .system("test")) { work in try work.tx.row("SELECT due_at FROM mail")?.instant("due_at") }
      let pause = try #require(due) - office.house.now
      pauses.append(pause)
      try #require(pauses.count < 100)
      // A moment too early nothing happens.
      office.house.pass(pause - .milliseconds(1))
      try await job.run()
      #expect(try await office.entries().first?.attempts == pauses.count)
      office.house.pass(.milliseconds(1))
    }
    #expect(pauses.prefix(4) == [.seconds(30), .seconds(60), .seconds(120), .seconds(240)])
    #expect(pauses == pauses.sorted() && pauses.last == .seconds(15_360))
    #expect(office.house.now - start > .days(3) && office.house.now - start <= .days(3) + .seconds(15_360))
    #expect(try await office.entries().map(\.state) == [.failed])
    // Given up is given up.
    office.postbox.refuse(with: nil)
    office.house.pass(.days(1))
    try await SendMail(office.plane).run()
    #expect(office.postbox.taken.isEmpty)
  }

  @Test func `Once the server answers again, what waited goes out`() async throws {
    let office = try await Office()
    office.postbox.refuse(with: Self.down)
    try await office.queue(3)
    try await SendMail(office.plane).run()
    office.postbox.refuse(with: nil)
    office.house.pass(.seconds(30))
    try await SendMail(office.plane).run()
    #expect(office.postbox.taken.count == 3)
    #expect(try await office.entries().allSatisfy { $0.state == .sent && $0.lastError == nil && $0.attempts == 2 })
  }

  @Test func `A mail that is refused for good is given up at once`() async throws {
    let office = try await Office()
    office.postbox.refuse(with: Problem(.mailRefused, "There is no such mailbox."))
    try await office.queue()
    try await SendMail(office.plane).run()
    let entry = try #require(try await office.entries().first)
    #expect(entry.state == .failed && entry.attempts == 1 && entry.lastError == "There is no such mailbox.")
  }

  @Test func `Several senders at once send each mail once`() async throws {
    let office = try await Office()
    try await office.queue(90)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 { group.addTask { _ = await refusal { try await SendMail(office.plane).run() } } }
    }
    #expect(office.postbox.taken.count == 90 && Set(office.postbox.taken.map(\.id)).count == 90)
  }

  @Test func `A mail whose sender died is sent by another, under the same name, after the lease`() async throws {
    let office = try await Office()
    try await office.queue()
    let claimed = try await office.plane.write(as: .system("test")) { work in try work.outbox.claim(20, lease: .minutes(5)).map(\.entry.id) }
    office.house.pass(.minutes(5) - .milliseconds(1))
    try await SendMail(office.plane).run()
    #expect(office.postbox.taken.isEmpty)
    office.house.pass(.milliseconds(1))
    try await SendMail(office.plane).run()
    #expect(office.postbox.taken.map(\.id) == claimed)
  }

  enum Turn: CaseIterable { case cancel, decline, accept, renew, again }

  @Test(arguments: Turn.allCases) func `A mail that still waits when its link has died never goes out`(turn: Turn) async throws {
    let lab = try await Lab()
    let bob = lab.house.caller(try await lab.house.signUpVerified("Bob"))
    var world = lab.plane.world
    let postbox = Postbox()
    world.mailer = postbox
    let plane = ControlPlane(database: lab.plane.database, world: world, settings: lab.plane.settings)
    try await SendMail(plane).run()
    postbox.refuse(with: Self.down)
    func invite() async throws -> SentInvitation {
      try await plane.invitations.send(try InvitationDraft(address: "bob@example.org", roles: ["member"]), to: "lab", by: lab.admin)
    }
    let sent = try await invite()
    _ = try await plane.invitations.send(try InvitationDraft(address: "eve@example.org", roles: ["member"]), to: "lab", by: lab.admin)
    try await SendMail(plane).run()
    let id = sent.invitation.id
    switch turn {
    case .cancel: _ = try await plane.invitations.cancel(id, in: "lab", by: lab.admin)
    case .decline: _ = try await plane.invitations.decline(.inbox(id), by: bob)
    case .accept: _ = try await plane.invitations.accept(.inbox(id), by: bob)
    case .renew: _ = try await plane.invitations.renew(id, mail: true, in: "lab", by: lab.admin)
    case .again: _ = try await invite()
    }
    let before = postbox.taken.count
    postbox.refuse(with: nil)
    lab.house.pass(.minutes(1))
    try await SendMail(plane).run()
    let addresses = postbox.taken.dropFirst(before).filter { $0.subject.contains("invites you") }.map(\.to.text).sorted()
    #expect(addresses == (turn == .renew || turn == .again ? ["bob@example.org", "eve@example.org"] : ["eve@example.org"]))
  }

  @Test func `Who invited is told what keeps the latest mail from going out`() async throws {
    let lab = try await Lab()
    var world = lab.plane.world
    let postbox = Postbox()
    world.mailer = postbox
    let plane = ControlPlane(database: lab.plane.database, world: world, settings: lab.plane.settings)
    try await SendMail(plane).run()
    postbox.refuse(with: Self.down)
    let sent = try await lab.invite("bob@example.org", as: "member").invitation.id
    try await SendMail(plane).run()
    let later = try await lab.invite("eve@example.org", as: "member").invitation.id
    let trouble: @Sendable () async throws -> [String?] = { [try await lab.invitation(sent).mailTrouble, try await lab.invitation(later).mailTrouble] }
    #expect(try await trouble() == [Self.down.detail, nil])
    postbox.refuse(with: nil)
    lab.house.pass(.seconds(30))
    try await SendMail(plane).run()
    #expect(try await trouble() == [nil, nil])
  }

  @Test func `Markup and lines in names stay what they are in a mail`() throws {
    let draft = MailDraft(
      .joinRequest, to: try EmailAddress("ada@example.org"), name: try DisplayName("<b>Ada</b>"), subject: "<script>",
      paragraphs: ["<img src=x onerror=alert(1)>"],
      button: .init("Open", link: "javascript:alert(1)"), because: "<i>you</i> asked")
    for part in ["<b>", "<script>", "<img", "<i>you", "href=\"javascript:"] { #expect(!draft.html.contains(part)) }
    #expect(draft.text.contains("<img src=x onerror=alert(1)>"))
  }
}

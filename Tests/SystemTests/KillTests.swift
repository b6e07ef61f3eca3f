import Contract
import Foundation
import Kernel
import Synchronization
import Testing
import TestSupport

/// Kills the server in the middle of writes, again and again, and looks at what it left behind.
@Suite(.serialized) struct KillTests {
  @Test(arguments: ["SQLite", "PostgreSQL"])
  func whatWasAcknowledgedIsThereAfterAKillAndNothingIsHalfDone(_ engine: String) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "guildhall-kill-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let database = engine == "SQLite" ? nil : try await PostgresServer.freshDatabase()
    let key = try secretKeyFile(in: folder)
    let server = try await GuildhallProcess.start(database: database, in: folder, with: ["--rate-limits", "off", "--log-level", "warning", "--secret-key-file", key])
    defer { server.stop() }

    let founders = try await onThread { [server] in try (0..<4).map { try Founder($0, port: server.port) } }
    var dice = SplitMix(seed: 20)
    for round in 0..<4 {
      let shops = founders.map { founder in Task { try await onThread { founder.work(round: round) } } }
      let enough = acknowledged(by: founders) + Int.random(in: 10...60, using: &dice)
      try await eventually("\(enough) changes are acknowledged") { acknowledged(by: founders) >= enough }
      try await Task.sleep(for: .milliseconds(Int.random(in: 0...200, using: &dice)))
      try await onThread { server.kill() }
      for shop in shops { try await shop.value }
      try await onThread { try server.restart() }
      for founder in founders {
        do { try await onThread { try founder.check() } } catch { Issue.record("\(error), the server says: \(server.log.suffix(2000))") }
      }
    }
  }

  private func acknowledged(by founders: [Founder]) -> Int { founders.map(\.acknowledgedCount).reduce(0, +) }
}

/// A client that founds organizations and fills them, one change after the other, and keeps a book of what was acknowledged.
private final class Founder: Sendable {
  /// A fact about an organization: how the change that makes it so went.
  private enum Fate { case unsent, unknown, acknowledged }

  private struct Hall: Sendable {
    let slug: String
    var founded = Fate.unsent
    var invited = Fate.unsent
    var joined = Fate.unsent
    var guest: String?
    /// The roles that the guest was given, the last acknowledged and the one whose answer never came.
    var roles = "member"
    var doubtfulRoles: String?
  }

  private struct Unanswered: Error {}

  private let port: Int
  private let number: Int
  private let token: String
  private let guestEmail: String
  private let halls = Mutex<[Hall]>([])
  private let guestToken: String
  private let acknowledged = Mutex(0)

  var acknowledgedCount: Int { acknowledged.withLock { $0 } }

  init(_ number: Int, port: Int) throws {
    (self.number, self.port) = (number, port)
    guestEmail = "guest\(number)@kill.example"
    token = try Self.signUp("founder\(number)@kill.example", "founder-\(number)", port: port)
    guestToken = try Self.signUp(guestEmail, "guest-\(number)", port: port)
  }

  private static func signUp(_ email: String, _ handle: String, port: Int) throws -> String {
    let made = try HTTPExchange.send(
      "POST", "/api/v1/accounts", port: port, body: ["email": .string(email), "name": "Somebody", "handle": .string(handle), "password": "nine lilac kites over water"])
    return try #require(made.json["secret"]?.text, "\(made.text)")
  }

  /// Works until the server is gone.
  func work(round: Int) {
    for turn in 0..<1000 {
      do {
        try found("k\(number)-r\(round)-n\(turn)")
      } catch {
        return
      }
    }
  }

  private func found(_ slug: String) throws {
    halls.withLock { $0.append(Hall(slug: slug)) }
    try attempt({ $0.founded = $1 }) { try self.send("POST", "/organizations", body: ["name": "Hall", "slug": .string(slug)]) }
    let roles = ["viewer", "billing", "contributor", "manager"]
    let sent = try attempt({ $0.invited = $1 }) {
      try self.send("POST", "/organizations/\(slug)/invitations", body: ["email": .string(self.guestEmail), "roles": ["member"]])
    }
    let secret = sent.json["link"]?.text?.split(separator: "=").last.map(String.init) ?? ""
    let joined = try attempt({ $0.joined = $1 }) { try self.send("PUT", "/invitation-links/acceptance", as: self.guestToken, body: ["token": .string(secret)]) }
    let member = try #require(joined.json["member"]?["id"]?.text, "\(joined.text)")
    change { $0.guest = member }
    for role in roles {
      try attempt({ $1 == .acknowledged ? ($0.roles, $0.doubtfulRoles) = (role, nil) : ($0.doubtfulRoles = role) }) {
        try self.send("PUT", "/organizations/\(slug)/members/\(member)/roles", body: ["roles": [.string(role)]])
      }
    }
  }

  /// Notes in the book that a change is under way, then that it is acknowledged.
  @discardableResult private func attempt(_ note: (inout Hall, Fate) -> Void, _ send: () throws -> HTTPExchange) throws -> HTTPExchange {
    change { note(&$0, .unknown) }
    let answer = try send()
    guard answer.status < 300 else {
      // Only a server that is going down may say no.
      if answer.status != 503 { Issue.record("refused: \(answer.status) \(answer.text)") }
      throw Unanswered()
    }
    change { note(&$0, .acknowledged) }
    acknowledged.withLock { $0 += 1 }
    return answer
  }

  private func change(_ body: (inout Hall) -> Void) { halls.withLock { body(&$0[$0.count - 1]) } }

  private func send(_ method: String, _ path: String, as secret: String? = nil, body: JSON? = nil) throws -> HTTPExchange {
    try HTTPExchange.send(method, "/api/v1\(path)", port: port, token: secret ?? token, body: body)
  }

  /// Compares the server with the book. What was in doubt becomes certain.
  func check() throws {
    for (place, hall) in halls.withLock({ $0 }).enumerated() {
      let shown = try send("GET", "/organizations/\(hall.slug)")
      guard shown.status == 200 else {
        #expect(hall.founded != .acknowledged && shown.status == 404, "\(hall.slug) was founded and is gone: \(shown.text)")
        continue
      }
      let members = try send("GET", "/organizations/\(hall.slug)/members?limit=200").json
      let people = members["items"]?.items ?? []
      #expect(members["total"]?.number == people.count && shown.json["member_count"]?.number == people.count, "\(hall.slug): the counter differs from the rows.")
      #expect(people.contains { $0["roles"] == ["admin"] }, "\(hall.slug) has no admin.")
      let invitations = try send("GET", "/organizations/\(hall.slug)/invitations?limit=200").json
      #expect(invitations["total"]?.number == invitations["items"]?.items.count)

      let guest = people.first { $0["email"]?.text == guestEmail }
      let invitation = try send("GET", "/organizations/\(hall.slug)/invitations?state=accepted").json["items"]?.items.first ?? invitations["items"]?.items.first
      if hall.invited == .acknowledged { #expect(invitation != nil, "\(hall.slug): an invitation was sent and is gone.") }
      if hall.joined == .acknowledged { #expect(guest != nil, "\(hall.slug): the guest joined and is gone.") }
      #expect((guest != nil) == (invitation?["state"]?.text == "accepted"), "\(hall.slug): a member without an accepted invitation, or the other way round.")
      if let guest {
        let roles = guest["roles"]?.items.compactMap(\.text) ?? []
        #expect(roles == [hall.roles] || hall.doubtfulRoles.map { roles == [$0] } == true, "\(hall.slug): the guest is \(roles), \(hall.roles) was acknowledged.")
      }

      let events = try send("GET", "/organizations/\(hall.slug)/events/verification").json
      #expect(events["intact"] == true, "\(hall.slug): the chain is broken: \(events.compact)")
      let actions = try send("GET", "/organizations/\(hall.slug)/events?limit=200").json["items"]?.items.compactMap { $0["action"]?.text } ?? []
      #expect(actions.count == events["events"]?.number && actions.contains("organization.create"))
      #expect(actions.contains { $0.hasPrefix("invitation.") } == (invitation != nil), "\(hall.slug): an invitation without its event, or the other way round.")
      halls.withLock {
        $0[place].founded = .acknowledged
        if let guest {
          $0[place].joined = .acknowledged
          $0[place].roles = guest["roles"]?.items.first?.text ?? ""
          $0[place].doubtfulRoles = nil
        }
      }
    }
  }
}

import ControlPlane
import Kernel
import Storage

/// Compares what is stored with what the books expect. It reads the tables by itself: nothing of the product's reading is trusted.
struct Auditor {
  let database: any Database

  /// The first things found wrong; nothing when all is right.
  func faults(_ books: Books, _ bindings: Bindings, mailer: FlakyMailer) async throws(Problem) -> [String] {
    let stored = try await database.read { tx in try Stored(tx) }
    var faults: [String] = []
    compareAccounts(stored, books, bindings, &faults)
    compareHouses(stored, books, bindings, &faults)
    compareInvitations(stored, books, bindings, &faults)
    compareNames(stored, books, bindings, &faults)
    compareChains(stored, books, bindings, &faults)
    compareMails(stored, books, mailer.taken, &faults)
    return faults
  }

  private func compareAccounts(_ stored: Stored, _ books: Books, _ bindings: Bindings, _ faults: inout [String]) {
    check("accounts", stored.accounts.count, books.accounts.count, &faults)
    for (number, account) in books.accounts.enumerated() {
      let id = bindings.accounts[number].description
      check("account \(number)", stored.accounts[id], "active \(account.isActive), operator \(account.isOperator), deleted \(account.isDeleted)", &faults)
      check("address of account \(number)", stored.addresses[id], account.address.map { "\($0) proven \(account.isProven)" }, &faults)
      let session = books.sessions[account.person]
      if stored.sessions[id] != nil, !account.isActive { faults.append("account \(number) is out, but has a session") }
      if let session, session.account == number, books.now < session.ends, stored.sessions[id] == nil { faults.append("account \(number) has lost its session") }
    }
  }

  private func compareHouses(_ stored: Stored, _ books: Books, _ bindings: Bindings, _ faults: inout [String]) {
    check("organizations", stored.houses.count, books.houses.count { $0.standing != .purged }, &faults)
    for (number, house) in books.houses.enumerated() {
      let id = bindings.houses[number].description
      guard house.standing != .purged else {
        if stored.houses[id] != nil { faults.append("house \(number) should be gone") }
        continue
      }
      let standing =
        switch house.standing {
        case .active: "active"
        case .suspended: "suspended"
        case .deleted(let purge): "deleted until \(purge)"
        case .purged: "purged"
        }
      check("house \(number)", stored.houses[id], "\(standing), requests \(house.takesRequests), members \(house.seats.count)", &faults)
      let seats = Dictionary(uniqueKeysWithValues: house.seats.map { account, seat in (bindings.accounts[account].description, describe(seat)) })
      check("members of house \(number)", stored.members[id] ?? [:], seats, &faults)
      check("counters of house \(number)", stored.segmentCounters[id] ?? [:], stored.segments[id] ?? [:], &faults)
      let past = Dictionary(uniqueKeysWithValues: house.past.map { account, past in (bindings.accounts[account].description, "\(Stored.ordered(past.roles)) until \(past.forgotten)") })
      check("former members of house \(number)", stored.former[id] ?? [:], past, &faults)
      if !house.standing.isDeleted, !books.hasLastingAdmin(number) { faults.append("house \(number) has nobody who can be relied on to run it") }
    }
    faults += stored.wrongRepetitions
    check("requests", stored.requests.count, books.requests.count { books.houses[$0.house].standing != .purged }, &faults)
    for (number, request) in books.requests.enumerated() where books.houses[request.house].standing != .purged {
      check("request \(number)", stored.requests[bindings.requests[number].description], request.state, &faults)
    }
  }

  private func compareInvitations(_ stored: Stored, _ books: Books, _ bindings: Bindings, _ faults: inout [String]) {
    let expected = books.invitations.indices.filter { books.houses[books.invitations[$0].house].standing != .purged }
    check("invitations", stored.invitations.count, expected.count, &faults)
    var open: Set<String> = []
    for number in expected {
      let invitation = books.invitations[number]
      let by = invitation.acceptedBy.map { bindings.accounts[$0].description } ?? "nobody"
      check(
        "invitation \(number)", stored.invitations[bindings.invitations[number].description],
        "\(invitation.state), \(Stored.ordered(invitation.roles)), until \(invitation.ends), sent \(invitation.timesSent), by \(by)", &faults)
      if invitation.state == "pending", !open.insert("\(invitation.house) \(invitation.address)").inserted {
        faults.append("\(invitation.address) has two open invitations to house \(invitation.house)")
      }
    }
  }

  private func compareNames(_ stored: Stored, _ books: Books, _ bindings: Bindings, _ faults: inout [String]) {
    let expected = books.names.mapValues { owner in
      let number = Int(owner.dropFirst()) ?? 0
      return owner.hasPrefix("a") ? bindings.accounts[number].description : bindings.houses[number].description
    }
    check("names", stored.names, expected, &faults)
    for (number, house) in books.houses.enumerated() { check("slug of house \(number)", stored.presentNames[bindings.houses[number].description], house.slug, &faults) }
  }

  private func compareChains(_ stored: Stored, _ books: Books, _ bindings: Bindings, _ faults: inout [String]) {
    for (stream, events) in stored.chains.sorted(by: { $0.key < $1.key }) {
      var previous = ""
      for (place, event) in events.enumerated() {
        if event.sequence != place + 1 { faults.append("\(stream) has a gap before event \(event.sequence)") }
        if event.previous != previous { faults.append("\(stream) is broken at event \(event.sequence)") }
        previous = event.hash
      }
      check("head of \(stream)", stored.heads[stream], "\(events.count) \(previous)", &faults)
    }
    for (number, house) in books.houses.enumerated() {
      let told = (stored.chains["organization:\(bindings.houses[number])"] ?? []).map(\.text)
      let expected = house.story.map { entry in "\(entry.action) \(entry.isAllowed ? "allowed" : "refused") \(entry.actor.map { bindings.accounts[$0].description } ?? "")" }
      // Restoring by a link is done in the name of whom the link was sent to, which the books don't follow.
      let place = (0..<min(told.count, expected.count)).first { told[$0] != expected[$0] && !(expected[$0].hasSuffix(" ") && told[$0].hasPrefix(expected[$0])) }
      if let place { faults.append("event \(place + 1) of house \(number) is \"\(told[place])\", not \"\(expected[place])\"") } else {
        check("events of house \(number)", told.count, expected.count, &faults)
        if told.count != expected.count { faults.append("  the last stored are \(told.suffix(2)), expected \(expected.suffix(2))") }
      }
    }
  }

  private func compareMails(_ stored: Stored, _ books: Books, _ taken: [MailMessage], _ faults: inout [String]) {
    check("mails", stored.mails, Dictionary(uniqueKeysWithValues: books.mails.map { key, count in ("\(key.purpose) to \(key.recipient)", count) }), &faults)
    for message in taken where !stored.mailIDs.contains(message.id.description) { faults.append("a mail went to \(message.to) that nobody sent") }
    let ids = Set(taken.map(\.id.description))
    for id in stored.sentMailIDs where !ids.contains(id) { faults.append("mail \(id) counts as sent, but the server never got it") }
  }

  private func describe(_ seat: Books.Seat) -> String { "\(Stored.ordered(seat.roles)), suspended \(seat.isSuspended), until \(seat.ends.map(String.init) ?? "ever")" }

  private func check<Value: Equatable>(_ what: String, _ found: Value?, _ expected: Value?, _ faults: inout [String]) {
    if found != expected { faults.append("\(what): stored \(found.map { "\($0)" } ?? "nothing"), expected \(expected.map { "\($0)" } ?? "nothing")") }
  }

  private func check(_ what: String, _ found: [String: some Equatable], _ expected: [String: some Equatable], _ faults: inout [String]) {
    for key in Set(found.keys).union(expected.keys).sorted() {
      let (one, other) = (found[key].map { "\($0)" } ?? "nothing", expected[key].map { "\($0)" } ?? "nothing")
      if one != other { faults.append("\(what): \(key) is stored as \(one), expected \(other)") }
    }
  }
}

/// The tables, read without any help.
private struct Stored: Sendable {
  struct Event: Sendable {
    let sequence: Int
    let text: String
    let previous: String
    let hash: String
  }

  var accounts: [String: String] = [:]
  var addresses: [String: String] = [:]
  var sessions: [String: Int] = [:]
  var houses: [String: String] = [:]
  var members: [String: [String: String]] = [:]
  /// How many members are in each segment by their rows, and how many by the counters.
  var segments: [String: [String: Int]] = [:]
  var segmentCounters: [String: [String: Int]] = [:]
  /// Members whose rows repeat their accounts, their roles or their standing wrongly.
  var wrongRepetitions: [String] = []
  var former: [String: [String: String]] = [:]
  var invitations: [String: String] = [:]
  var requests: [String: String] = [:]
  var names: [String: String] = [:]
  var presentNames: [String: String] = [:]
  var chains: [String: [Event]] = [:]
  var heads: [String: String] = [:]
  var mails: [String: Int] = [:]
  var mailIDs: Set<String> = []
  var sentMailIDs: Set<String> = []

  static func ordered(_ roles: Set<String>) -> String { Books.roles.filter(roles.contains).joined(separator: ",") }

  init(_ tx: any Transaction) throws(Problem) {
    for row in try tx.rows("SELECT id, active, super_user, deleted_at FROM account") {
      accounts[try row.text("id")] = "active \(try row.bool("active")), operator \(try row.bool("super_user")), deleted \(!row.isNull("deleted_at"))"
    }
    for row in try tx.rows("SELECT account, address, verified_at FROM account_email") {
      addresses[try row.text("account")] = "\(try row.text("address")) proven \(!row.isNull("verified_at"))"
    }
    for row in try tx.rows("SELECT account, count(*) AS n FROM session GROUP BY account") { sessions[try row.text("account")] = Int(try row.integer("n")) }
    let houseRows = try tx.rows(
      """
      SELECT o.id, s.value AS join_requests, o.suspended_at, o.purge_at, o.members FROM organization o
      LEFT JOIN organization_setting s ON s.organization = o.id AND s.name = 'join_requests'
      """)
    for row in houseRows {
      let purge = try row.optional("purge_at", row.integer)
      let standing = purge.map { "deleted until \($0)" } ?? (row.isNull("suspended_at") ? "active" : "suspended")
      houses[try row.text("id")] = "\(standing), requests \(try row.optional("join_requests", row.text) == "yes"), members \(try row.integer("members"))"
    }
    for row in try tx.rows("SELECT organization, account, roles, is_admin, suspended_at, expires_at FROM member") {
      let roles = try row.text("roles")
      let ends = try row.optional("expires_at", row.integer)
      let marked = try row.bool("is_admin") == roles.split(separator: ",").contains("admin")
      members[try row.text("organization"), default: [:]][try row.text("account")] =
        "\(roles), suspended \(!row.isNull("suspended_at")), until \(ends.map { String($0) } ?? "ever")\(marked ? "" : ", wrongly marked")"
    }
    try readRepetitions(tx)
    for row in try tx.rows("SELECT organization, account, roles, forget_at FROM former_member") {
      former[try row.text("organization"), default: [:]][try row.text("account")] = "\(try row.text("roles")) until \(try row.integer("forget_at"))"
    }
    for row in try tx.rows("SELECT id, state, roles, expires_at, times_sent, answered_by FROM invitation") {
      let by = try row.optional("answered_by", row.text) ?? "nobody"
      invitations[try row.text("id")] = "\(try row.text("state")), \(try row.text("roles")), until \(try row.integer("expires_at")), sent \(try row.integer("times_sent")), by \(by)"
    }
    for row in try tx.rows("SELECT id, state FROM join_request") { requests[try row.text("id")] = try row.text("state") }
    for row in try tx.rows("SELECT key, text, owner, current FROM name") {
      names[try row.text("key")] = try row.text("owner")
      if try row.bool("current") { presentNames[try row.text("owner")] = try row.text("text") }
    }
    for row in try tx.rows("SELECT stream, sequence, action, outcome, actor_kind, actor, previous, hash FROM event ORDER BY stream, sequence") {
      let actor = try row.text("actor_kind") == "account" ? try row.text("actor") : ""
      let event = Event(
        sequence: Int(try row.integer("sequence")), text: "\(try row.text("action")) \(try row.text("outcome")) \(actor)", previous: try row.text("previous"),
        hash: try row.text("hash"))
      chains[try row.text("stream"), default: []].append(event)
    }
    for row in try tx.rows("SELECT stream, sequence, hash FROM event_head") { heads[try row.text("stream")] = "\(try row.integer("sequence")) \(try row.text("hash"))" }
    for row in try tx.rows("SELECT id, purpose, recipient, state FROM mail") {
      mails["\(try row.text("purpose")) to \(try row.text("recipient"))", default: 0] += 1
      mailIDs.insert(try row.text("id"))
      if try row.text("state") == "sent" { sentMailIDs.insert(try row.text("id")) }
    }
  }

  /// What the list of members repeats: the person's names, and the segment with its counter.
  private mutating func readRepetitions(_ tx: any Transaction) throws(Problem) {
    let rows = try tx.rows(
      """
      SELECT m.id, m.organization, m.roles, m.suspended_at, m.expires_at, m.segment, m.handle, m.name, m.address, m.sort_name, m.search_text,
        a.active, a.name AS account_name, n.text AS account_handle, e.address AS account_address
      FROM member m JOIN account a ON a.id = m.account JOIN name n ON n.owner = a.id AND n.current = 1
      LEFT JOIN account_email e ON e.account = a.id AND e.is_primary = 1
      """)
    for row in rows {
      let segment = try row.text("segment")
      // Those who expire are filed by the minute, so either may be.
      let expiring = segment.hasPrefix("expired ") ? "expired" : "expiring"
      let standing = try !row.bool("active") ? "deactivated" : !row.isNull("suspended_at") ? "suspended" : !row.isNull("expires_at") ? expiring : "active"
      let (name, handle, address) = (try row.text("account_name"), try row.text("account_handle"), try row.optional("account_address", row.text))
      let listed: [String?] = [segment, try row.text("name"), try row.text("handle"), try row.optional("address", row.text), try row.text("sort_name")]
      let expected: [String?] = ["\(standing) \(try row.text("roles"))", name, handle, address, name.lowercased()]
      let isFound = try row.text("search_text").hasPrefix("\(name) \(handle)".lowercased())
      if listed != expected || !isFound { wrongRepetitions.append("member \(try row.text("id")) is listed as somebody else") }
      segments[try row.text("organization"), default: [:]][segment, default: 0] += 1
    }
    for row in try tx.rows("SELECT organization, segment, members FROM member_segment WHERE members <> 0") {
      segmentCounters[try row.text("organization"), default: [:]][try row.text("segment")] = Int(try row.integer("members"))
    }
    if try tx.count("SELECT count(*) AS n FROM member") != rows.count { wrongRepetitions.append("a member has no account") }
  }
}

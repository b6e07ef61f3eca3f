import Authorization
@testable import ControlPlane
import Kernel
import Storage
import TestSupport
import Testing

/// Members are found by their texts whether the term index knows them or not, and however often it was told something else.
@Suite(.timeLimit(.minutes(10))) struct MemberSearchTests {
  private struct Setup: Proof {}

  private struct Someone {
    let name: String
    let handle: String
    let address: String

    var text: String { "\(name) \(handle) \(address)".lowercased() }
  }

  private static let someones =
    [("Zoë Müller", "zoe-m"), ("王伟", "wang"), ("Anna Berg", "anna"), ("Ann Nash", "nash"), ("Bergman", "b"), ("100% Real_Name!", "real"), ("İnci Ünlü", "inci"), ("O'Neil \"Tab\"", "oneil"), ("and or not", "near")]
    .map { Someone(name: $0.0, handle: $0.1, address: "\($0.1)@example.org") }
    + (0..<60).map { Someone(name: "Person \($0)", handle: "p\($0)", address: "p\($0)@long.example.com") }

  private static let searches = [
    "zoë", "ZOË", "müll", "mull", "王", "王伟", "an", "AN", "a", "ber", "berg", "nna b", "na", "0%", "100%", "l_n", "_", "real_name!", "İnci", "ünl", "'", "o'neil", "\"tab", "and", "or", "not", "near", "person 1", "person 11", "p1",
    "@example.org", "example.com", "@long.example.com", "p59@long.example.com", "zzz", "  ", " ", "b ", " b", " an  ", "person  1", "m zoe", "nobody at all", "*", "an*", "-", "^an",
  ]

  private func add(_ people: [Someone], to lab: Lab, _ organization: ID<Organization>) async throws {
    try await lab.plane.write(as: .system("test")) { work in
      for person in people {
        let account = work.tx.newID(Account.self)
        try work.tx.change("INSERT INTO account (id, name, active, super_user, created_at, revision) VALUES (\(account), \(person.name), 1, 0, \(work.now), 1)", under: Setup())
        let key = "\(person.handle)-\(organization)".lowercased()
        try work.tx.change("INSERT INTO name (key, text, kind, owner, current, since) VALUES (\(key), \(person.handle), 'account', \(account), 1, \(work.now))", under: Setup())
        try work.tx.change(
          """
          INSERT INTO account_email (id, account, address, verified_at, is_primary, created_at)
          VALUES (\(work.tx.newID(AccountEmail.self)), \(account), \("\(organization)\(person.address)"), \(work.now), 1, \(work.now))
          """, under: Setup())
        try work.members.join(account, organization, RoleSet(.member), source: .added, expires: nil, under: Setup())
        // The address is told apart by its organization and found by its text.
        try work.tx.change("UPDATE member SET search_text = \(person.text) WHERE account = \(account)", under: Setup())
      }
    }
  }

  private func found(_ search: String, in lab: Lab, order: MemberFilter.Order = .name) async throws -> [String] {
    var (names, cursor, total): ([String], Cursor?, Int?) = ([], nil, nil)
    repeat {
      let page = try await lab.plane.members.list(in: lab.slug, MemberFilter(search: search, order: order), try PageRequest(limit: 7, cursor: cursor), by: lab.admin)
      if let total { #expect(page.total == total, "\(search)") }
      total = page.total
      names += page.items.map(\.name.text)
      cursor = page.next
    } while cursor != nil
    #expect(names.count == total, "\(search)")
    return names
  }

  /// What a search must find, by the letter of the promise.
  private func expected(_ search: String, among people: [Someone]) -> [String] {
    let search = MemberSearch.normalized(search)
    if search.isEmpty { return (people.map(\.name) + ["Ada"]).sorted() }
    return people.filter { person in
      let text = Array(" \(person.text)".unicodeScalars)
      let wanted = Array((search.unicodeScalars.count < 3 ? " \(search)" : search).unicodeScalars)
      return text.indices.contains { text[$0...].starts(with: wanted) }
    }.map(\.name).sorted()
  }

  private func scenario(_ house: House) async throws {
    let lab = try await Lab(in: house)
    // The admin's own texts are out of the way.
    _ = try await lab.plane.write(as: .system("test")) { work in try work.tx.change("UPDATE member SET search_text = ''", under: Setup()) }
    let eve = try await lab.house.signUpVerified("Eve")
    let other = try await lab.house.found("Other", by: eve)
    try await add(Self.someones, to: lab, lab.organization.id)
    try await add(Self.someones, to: lab, other.id)
    func check(_ people: [Someone], _ when: Comment) async throws {
      for search in Self.searches {
        #expect(try await found(search, in: lab).sorted() == expected(search, among: people), "\(search), \(when)")
        #expect(try await found(search, in: lab, order: .since).sorted() == expected(search, among: people), "\(search), \(when)")
      }
    }
    try await check(Self.someones, "before they are entered")
    try await IndexMembers(lab.plane).run()
    try await check(Self.someones, "when all are entered")
    #expect(try await lab.plane.read(as: .system("test")) { work in try work.memberIndex.isBehind() } == false)

    // One gets another name, one leaves.
    let changed = Self.someones.filter { $0.handle != "anna" && $0.handle != "nash" } + [Someone(name: "Grace Hopper", handle: "anna", address: "anna@example.org")]
    try await lab.plane.write(as: .system("test")) { work in
      let id = lab.organization.id
      let anna = try work.tx.row("SELECT m.account FROM member m WHERE m.organization = \(id) AND m.search_text LIKE 'anna berg%'").orDefect().id("account", of: Account.self)
      try work.accounts.rename(anna, DisplayName("Grace Hopper"), under: Setup())
      try work.members.refreshNames(of: anna, under: Setup())
      try work.tx.change("UPDATE member SET search_text = 'grace hopper anna anna@example.org' WHERE account = \(anna)", under: Setup())
      let nash = try work.tx.row("SELECT m.account FROM member m WHERE m.organization = \(id) AND m.search_text LIKE 'ann nash%'").orDefect().id("account", of: Account.self)
      try work.members.remove(work.members.of(nash, in: id).orDefect(), because: .left, under: Setup())
    }
    try await check(changed, "after changes")
    try await IndexMembers(lab.plane).run()
    try await check(changed, "after changes that are entered")
    #expect(try await found("grace", in: lab) == ["Grace Hopper"])
    #expect(try await found("anna berg", in: lab) == [])
  }

  @Test func `A search finds exactly those who hold its text, entered or not, changed or not`() async throws { try await scenario(House()) }

  @Test(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed")) func `PostgreSQL finds the same`() async throws {
    try await scenario(House.onPostgres())
  }

  @Test func `What very many hold is paged through whole, and counted up to a thousand`() async throws {
    let lab = try await Lab()
    try await add((0..<1300).map { Someone(name: "Person \($0 % 40)", handle: "q\($0)", address: "q\($0)@example.org") }, to: lab, lab.organization.id)
    try await IndexMembers(lab.plane).run()
    for order in MemberFilter.Order.allCases {
      var (seen, cursor): (Set<ID<Member>>, Cursor?) = ([], nil)
      repeat {
        let page = try await lab.plane.members.list(in: lab.slug, MemberFilter(search: "person", order: order), try PageRequest(limit: 200, cursor: cursor), by: lab.admin)
        #expect(page.total == 1000 && page.isCapped)
        for member in page.items { #expect(seen.insert(member.id).inserted) }
        cursor = page.next
      } while cursor != nil
      #expect(seen.count == 1300)
    }
    let few = try await lab.plane.members.list(in: lab.slug, MemberFilter(search: "person 7"), .first, by: lab.admin)
    #expect(few.total == 33 && !few.isCapped)
    // Many hold the text, few the role.
    let rare = try await lab.plane.members.list(in: lab.slug, MemberFilter(search: "person", role: .viewer), .first, by: lab.admin)
    #expect(rare.total == 0 && !rare.isCapped)
    let admins = try await lab.plane.members.list(in: lab.slug, MemberFilter(search: "a", role: .admin), .first, by: lab.admin)
    #expect(admins.items.map(\.name.text) == ["Ada"] && admins.total == 1 && !admins.isCapped)
  }

  @Test func `Many whose names begin with the text, and a few who hold it elsewhere, are one list in order`() async throws {
    let lab = try await Lab()
    let many = (0..<1200).map { Someone(name: "Zoe \($0 % 30)", handle: "z\($0)", address: "z\($0)@example.org") }
    let few = ["Ann Zoe", "Zo", "Zoë", "Berzoe", "zz"].enumerated().map { Someone(name: $1, handle: "x\($0)", address: "x\($0)@zoe.example.org") }
    try await add(many + few, to: lab, lab.organization.id)
    func check(_ when: Comment) async throws {
      for search in ["zoe", "zo", "z", "Zoe 2", "zoe 29"] {
        var (names, cursor): ([String], Cursor?) = ([], nil)
        repeat {
          let page = try await lab.plane.members.list(in: lab.slug, MemberFilter(search: search), try PageRequest(limit: 170, cursor: cursor), by: lab.admin)
          names += page.items.map(\.name.text)
          cursor = page.next
        } while cursor != nil
        let wanted = (search.count < 3 ? " " : "") + search.lowercased()
        let expected = (many + few).filter { " \($0.text)".contains(wanted) }.map(\.name).sorted { Array($0.lowercased().utf8).lexicographicallyPrecedes(Array($1.lowercased().utf8)) }
        #expect(names == expected, "\(search), \(when)")
      }
    }
    try await check("before they are entered")
    try await IndexMembers(lab.plane).run()
    try await check("when all are entered")
    // Some are called otherwise, and not entered yet.
    try await lab.plane.write(as: .system("test")) { work in
      _ = try work.tx.change("UPDATE member SET search_number = NULL WHERE name LIKE 'Zoe 1%'", under: Setup())
    }
    try await check("when some aren't")
  }

  @Test func `Terms are made of letters and digits, few for any search, and other organizations have others`() throws {
    let (one, other) = (MemberTerms(of: ID("019370a0-7b1c-7def-8abc-0123456789ab") ?? .nothing), MemberTerms(of: .nothing))
    for text in ["", "a", "ab", "abc", "王伟", "🧑‍🚀 rocket", String(repeating: "x", count: 5000), "a\u{301}e"] {
      let terms = one.terms(of: text)
      #expect(Set(terms).count == terms.count)
      #expect(terms.allSatisfy { $0.utf8.count == 6 && $0.utf8.allSatisfy { (97...122).contains($0) || (50...55).contains($0) } })
      guard let search = MemberSearch(text) else { continue }
      #expect(one.terms(find: search).count <= 8)
      if search.text == text { #expect(Set(one.terms(find: search)).isSubset(of: terms), "\(text.prefix(20))") }
    }
    #expect(Set(one.terms(of: "ada lovelace")).isDisjoint(with: other.terms(of: "ada lovelace")))
    #expect(one.terms(of: "abcd") == one.terms(of: "abcd") && one.terms(of: "abcd") != one.terms(of: "abce"))
  }
}

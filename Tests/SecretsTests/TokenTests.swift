import Kernel
import Secrets
import Testing

@Suite struct TokenTests {
  @Test(arguments: Token.Kind.allCases)
  func `A minted token reads back as itself`(kind: Token.Kind) throws {
    let token = Token.mint(kind, seededMoment())
    let text = token.secret.reveal()
    let parsed = try Token(parsing: text)
    #expect(parsed.kind == kind)
    #expect(parsed.digest == token.digest)
    #expect(parsed.secret == token.secret)
    #expect(text.utf8.count == 8 + 36)
    #expect(text.wholeMatch(of: try Regex(Token.pattern)) != nil)
  }

  @Test func `The same random numbers give the same token, others another`() {
    #expect(Token.mint(.session, seededMoment(7)).secret == Token.mint(.session, seededMoment(7)).secret)
    let moment = seededMoment()
    let texts = (0..<10_000).map { _ in Token.mint(.session, moment).secret.reveal() }
    #expect(Set(texts).count == texts.count)
  }

  @Test func `All 62 characters are about equally likely`() {
    let moment = seededMoment()
    var counts: [Character: Int] = [:]
    for _ in 0..<5000 {
      for character in Token.mint(.session, moment).secret.reveal().dropFirst(8).prefix(30) { counts[character, default: 0] += 1 }
    }
    let mean = 5000.0 * 30 / 62
    #expect(counts.count == 62)
    #expect(counts.values.allSatisfy { abs(Double($0) - mean) < mean * 0.12 })
  }

  @Test func `Every single changed character is noticed`() throws {
    let text = Array(Token.mint(.personalAccess, seededMoment()).secret.reveal())
    for place in text.indices {
      for replacement in "0aZ_- é" where text[place] != replacement {
        var changed = text
        changed[place] = replacement
        #expect(throws: Rejection.self) { try Token(parsing: String(changed)) }
      }
    }
  }

  @Test func `A prefix of another kind doesn't fit the checksum`() throws {
    let text = Token.mint(.invitation, seededMoment()).secret.reveal()
    #expect(throws: Rejection.self) { try Token(parsing: "gld_pat_" + text.dropFirst(8)) }
  }

  @Test(arguments: [
    "", " ", "gld_", "gld_pat_", "gld_xyz_" + String(repeating: "a", count: 36), "ghp_" + String(repeating: "a", count: 36),
    String(repeating: "gld_pat_", count: 100_000),
    "gld_pat_" + String(repeating: "\u{0}", count: 36), "gld_pat_" + String(repeating: "é", count: 36), "GLD_PAT_" + String(repeating: "a", count: 36),
  ])
  func `What we can't have made is refused`(text: String) { #expect(throws: Rejection.self) { try Token(parsing: text) } }

  @Test func `Cut, doubled and surrounded tokens are refused`() {
    let text = Token.mint(.session, seededMoment()).secret.reveal()
    for wrong in [String(text.dropLast()), text + "0", text + text, " " + text, text + "\n", "Bearer " + text] {
      #expect(throws: Rejection.self) { try Token(parsing: wrong) }
    }
  }

  @Test func `A token shows nothing of itself but its hint`() {
    let token = Token.mint(.personalAccess, seededMoment())
    let text = token.secret.reveal()
    var dumped = ""
    dump(token, to: &dumped)
    for shown in ["\(token)", String(reflecting: token), String(describing: Optional(token)), "\([token])", dumped] {
      #expect(!shown.contains(text.dropFirst(8).prefix(6)))
    }
    #expect(token.hint == "gld_pat_…\(text.dropFirst(34).prefix(4))")
  }

  @Test func `What is stored is the SHA-256 of the whole text`() {
    let token = Token.mint(.session, seededMoment())
    #expect(token.digest == SHA256Digest(of: token.secret.reveal()))
    #expect(token.digest.text.utf8.count == 43)
  }
}

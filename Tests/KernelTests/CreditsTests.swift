import Kernel
import Testing

@Suite struct CreditsTests {
  @Test(arguments: [
    (0, "0"), (1, "0.000001"), (10, "0.00001"), (100_000, "0.1"), (1_000_000, "1"), (1_000_001, "1.000001"), (12_500_000, "12.5"), (-1, "-0.000001"), (-1_000_000, "-1"),
    (-12_050_000, "-12.05"), (.max, "9223372036854.775807"), (-.max, "-9223372036854.775807"),
  ] as [(Int64, String)])
  func `An amount is written as the shortest decimal that is exactly it, and read back`(micro: Int64, text: String) throws {
    let credits = try #require(Credits(micro: micro))
    #expect(credits.description == text)
    #expect(try Credits(signedDecimal: text) == credits)
    if micro >= 0 { #expect(try Credits(decimal: text) == credits) } else { #expect(throws: Rejection.self) { try Credits(decimal: text) } }
  }

  @Test(arguments: [("007", 7_000_000), ("1.0", 1_000_000), ("1.500000", 1_500_000), ("0.000000", 0), ("000", 0)] as [(String, Int64)])
  func `Zeros that say nothing are read too`(text: String, micro: Int64) throws { #expect(try Credits(decimal: text).micro == micro) }

  @Test(arguments: [
    "", " ", ".", "-", "1.", ".5", "-.5", "+1", "++1", "--1", "1-", "1e3", "1E3", "0x10", "1,000", "1_000", "1 000", " 1", "1 ", "1\n", "1..2", "1.2.3", "1.-2", "NaN", "inf", "Infinity",
    "١", "１", "1\u{301}", "½", "0.0000001", "1.0000000", "9223372036854.775808", "9223372036855", "99999999999999999999999", "null", "1\0",
    String(repeating: "0", count: 41),
  ])
  func `Anything else is refused with a sentence, on either side of zero`(text: String) {
    for text in [text, "-" + text] {
      let refusal = #expect(throws: Rejection.self) { try Credits(signedDecimal: text) }
      #expect(refusal?.reason.hasSuffix(".") == true)
    }
    #expect(throws: Rejection.self) { try Credits(decimal: text) }
    #expect(throws: Rejection.self) { try Credits(decimal: "-1") }
  }

  @Test func `What is out of range is no sum`() throws {
    let one = try #require(Credits(micro: 1))
    #expect(Credits.maximum.adding(one) == nil)
    #expect((-Credits.maximum).subtracting(one) == nil)
    #expect(Credits.maximum.adding(-Credits.maximum) == .zero)
    #expect(Credits.maximum.subtracting(-one) == nil)
    #expect(Credits(micro: .min) == nil)
    #expect(Credits(clamping: .max) == .maximum && Credits(clamping: .min) == -.maximum)
  }

  @Test func `Random amounts keep every digit, and their order`() throws {
    var random = SplitMix(seed: 7)
    var last = Credits.zero
    for _ in 0..<2000 {
      let credits = Credits(clamping: Int128(Int64(bitPattern: random.next()) >> Int64(random.next() % 63)))
      #expect(try Credits(signedDecimal: credits.description) == credits)
      #expect((last < credits) == (last.micro < credits.micro))
      #expect(-(-credits) == credits)
      if let sum = last.adding(credits) { #expect(sum.subtracting(credits) == last) }
      last = credits
    }
  }
}

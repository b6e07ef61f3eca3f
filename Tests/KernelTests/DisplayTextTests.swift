import Kernel
import Testing

@Suite struct DisplayNameTests {
  @Test(arguments: [
    ("Ada", "Ada"), ("  Ada  Lovelace\n", "Ada  Lovelace"), ("李小龙", "李小龙"), ("O’Neil-Żółć", "O’Neil-Żółć"), ("אדה", "אדה"), ("👩‍🔬 Lab", "👩‍🔬 Lab"), ("a", "a"), ("<script>", "<script>"),
    ("عَلِيّ\u{200F}", "عَلِيّ\u{200F}"),
  ])
  func `Names of all writings are taken`(raw: String, text: String) throws { #expect(try DisplayName(raw).text == text) }

  @Test(arguments: [
    "", " ", "\n\t", "\u{A0}\u{3000}", "a\nb", "a\rb", "a\tb", "a\u{0}b", "a\u{7}b", "a\u{1B}[31mb", "a\u{7F}b", "a\u{85}b", "a\u{2028}b", "a\u{2029}b", "abc\u{202E}cba", "\u{202A}a", "a\u{2066}b",
    "a\u{2069}",
  ])
  func `Emptiness, control characters and turns of direction are refused`(raw: String) { #expect(throws: Rejection.self) { try DisplayName(raw) } }

  @Test(arguments: ["\u{200B}", "\u{200B}\u{200D}\u{FEFF}", "\u{AD}", "\u{3164}", "\u{115F}", "\u{2800}", "\u{2060} \u{200E}", "\u{E0041}", "\u{301}\u{FE0F}\u{200C}" ])
  func `A name that nobody could see is refused`(raw: String) { #expect(throws: Rejection.self) { try DisplayName(raw) } }

  @Test func `128 characters are the longest, however many bytes they are`() throws {
    #expect(try DisplayName(String(repeating: "ß", count: 128)).text.count == 128)
    #expect(throws: Rejection.self) { try DisplayName(String(repeating: "ß", count: 129)) }
    #expect(throws: Rejection.self) { try DisplayName("a" + String(repeating: "\u{301}", count: 1000)) }
  }

  @Test func `A name reads back as itself`() throws {
    var random = Randomness(seed: 31)
    let letters = Array("ab éß李אع👩‍🔬\u{301}\u{200D}\u{202E}\n\u{0}")
    for _ in 0..<2000 {
      guard let name = try? DisplayName(random.text(of: letters, upTo: 140)) else { continue }
      #expect(try DisplayName(name.text) == name)
      #expect(name.text.count <= 128 && !name.text.isEmpty)
    }
  }
}

@Suite struct NoteTests {
  @Test(arguments: [("", ""), ("  ", ""), ("two\nlines", "two\nlines"), ("a\r\nb", "a\r\nb"), ("a\tb", "a\tb"), ("\n\n a \n", "a"), ("日本\n語", "日本\n語")])
  func `Lines and emptiness are taken`(raw: String, text: String) throws { #expect(try Note(raw).text == text) }

  @Test(arguments: ["a\u{0}b", "a\u{1B}[31m", "a\u{7F}", "a\u{2028}b", "abc\u{202E}cba", "a\u{2067}"])
  func `Control characters and turns of direction are refused`(raw: String) { #expect(throws: Rejection.self) { try Note(raw) } }

  @Test func `2,000 characters are the longest`() throws {
    #expect(try Note(String(repeating: "é", count: 2000)).text.count == 2000)
    #expect(throws: Rejection.self) { try Note(String(repeating: "é", count: 2001)) }
    #expect(Note.empty.isEmpty)
  }
}

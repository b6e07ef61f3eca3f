import Kernel
import Testing

@Suite struct SlugTests {
  @Test(arguments: ["a", "A1", "ada-lab", "Ada_Lab", "a-b_c-d", "0", "x2y", String(repeating: "a", count: 32)])
  func `Groups of letters and digits are taken as they are written`(raw: String) throws {
    let slug = try Slug(raw)
    #expect(slug.text == raw)
    #expect(slug.key == raw.lowercased())
  }

  @Test(arguments: [
    "", " ", "-", "_", "-a", "a-", "_a", "a_", "a--b", "a__b", "a-_b", "a b", " a", "a ", "a.b", "a/b", "a@b", "ä", "а", "ａ", "a\u{301}", "🐦", "a\n", "a\0", "%61", "..",
    String(repeating: "a", count: 33), String(repeating: "-", count: 32),
  ])
  func `Anything else is refused with a sentence`(raw: String) {
    let refusal = #expect(throws: Rejection.self) { try Slug(raw) }
    #expect(refusal?.reason.hasSuffix(".") == true)
  }

  @Test(arguments: [
    "admin", "Admin", "ADMIN", "adm1n", "adrnin", "ad-min", "a_d_m_i_n", "api", "ap1", "login", "l0gin", "log1n", "settings", "5ettings", "s3ttings", "support", "supp0rt", "root",
    "r00t", "guildhall", "gui1dha11", "GU1LD-HALL", "www", "wvvw", "vvvvvv", "v1", "sign-in", "signin", "s1gn_1n", "system", "team", "members", "rnembers", "invitations", "null", "me",
    "rne", "health", "zenml", "apolo", "clarifai", "clarlfai",
  ])
  func `Reserved words and their look-alikes are refused`(raw: String) {
    let refusal = #expect(throws: Rejection.self) { try Slug(raw) }
    #expect(refusal?.reason.contains("reserved") == true)
  }

  @Test(arguments: ["administration", "apiary", "team-rocket", "adas-lab", "login-works", "modern", "memo", "barn", "v3"])
  func `Words that merely contain or resemble are free`(raw: String) { #expect(throws: Never.self) { try Slug(raw) } }

  @Test func `Slugs are equal without regard to case`() throws {
    #expect(try Slug("Ada-Lab") == Slug("ada-lab"))
    #expect(try Set([Slug("Ada"), Slug("ADA"), Slug("ada")]).count == 1)
    #expect(try Slug("ada-lab") != Slug("ada_lab"))
  }

  @Test func `A slug that was stored stays acceptable, whatever is reserved since`() throws {
    #expect(try Slug(stored: "admin").text == "admin")
    #expect(throws: Rejection.self) { try Slug(stored: "") }
  }

  @Test(arguments: [
    ("Ada's Lab", "adas-lab"), ("Ada’s Lab", "adas-lab"), ("  Two   Words ", "two-words"), ("Çelik & Söhne", "celik-sohne"), ("Straße", "strasse"), ("ŁÓDŹ Œuvre", "lodz-oeuvre"), ("Re\u{301}sume\u{301}", "resume"), ("2nd Floor", "2nd-floor"), ("a_b", "a-b"),
    (String(repeating: "long ", count: 20), "long-long-long-long-long-long-lo"),
  ])
  func `A name proposes a slug`(name: String, slug: String) { #expect(Slug.proposed(for: name)?.text == slug) }

  @Test(arguments: ["", "   ", "!!!", "日本語", "Admin", "-", "'", "🐦"])
  func `A name that leaves nothing usable proposes none`(name: String) { #expect(Slug.proposed(for: name) == nil) }

  @Test func `What is proposed is always acceptable`() throws {
    var random = Randomness(seed: 21)
    let letters = Array("abcXYZ019 -_'’.é日🐦\u{301}\n")
    for _ in 0..<3000 {
      guard let slug = Slug.proposed(for: random.text(of: letters, upTo: 60)) else { continue }
      #expect(throws: Never.self) { try Slug(slug.text) }
    }
  }
}

import Contract
import Kernel
import Testing

@testable import Commands

@Suite("Texts on a screen")
struct RenderingTests {
  @Test(arguments: [
    ("", 0), ("Ada", 3), ("Ådå", 3), ("e\u{301}", 1), ("山田太郎", 8), ("한국", 4), ("ｱ", 1), ("Ａ", 2), ("👩‍💻", 2), ("🇩🇪", 2), ("❤️", 2), ("❤", 1), ("👍🏽", 2), ("\u{200B}x", 1), ("שלום", 4),
    ("a\u{1B}[31m", 5),
  ])
  func takesItsColumns(text: String, width: Int) {
    #expect(text.displayWidth == width)
  }

  @Test(arguments: [("abcdef", 6, "abcdef"), ("abcdef", 4, "abc…"), ("山田太郎", 8, "山田太郎"), ("山田太郎", 7, "山田太…"), ("山田太郎", 6, "山田…"), ("👩‍💻👩‍💻👩‍💻", 5, "👩‍💻👩‍💻…")])
  func isCutToFit(text: String, room: Int, cut: String) {
    #expect(text.fitted(to: room) == cut)
    #expect(text.fitted(to: room).displayWidth <= room)
  }

  @Test(arguments: [
    ("plain", "plain"), ("a\nb", "a b"), ("a\r\n\tb", "a b"), ("\u{1B}]0;title\u{7}x", " ]0;title x"), ("a\u{9B}31mb", "a 31mb"), ("adm\u{202E}nigol", "adm nigol"), ("👩‍💻", "👩‍💻"),
  ])
  func canNotCommandTheTerminal(text: String, shown: String) {
    #expect(text.onOneLine == shown)
  }

  @Test(arguments: [
    (0, "just now"), (-44, "just now"), (30, "in a moment"), (-60, "1 minute ago"), (-600, "10 minutes ago"), (-7200, "2 hours ago"), (-86_400 * 3, "3 days ago"), (86_400 * 13, "in 13 days"),
    (-86_400 * 90, "3 months ago"), (-86_400 * 1000, "3 years ago"), (3600 * 5 + 1700, "in 5 hours"),
  ])
  func timeIsSaidAsPeopleSayIt(seconds: Int, words: String) {
    #expect((Stage.now + .seconds(seconds)).relative(to: Stage.now) == words)
  }

  @Test func daysHaveNames() {
    #expect(Timestamp("2026-11-21T23:59:59Z")?.dayInWords == "21 November 2026")
    #expect(Timestamp("2027-01-01")?.dayInWords == "1 January 2027")
  }

  @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-12_000, "-12,000")])
  func numbersAreGrouped(number: Int, text: String) {
    #expect(number.grouped == text)
  }

  // MARK: Tables

  private let columns: [Column<Wire.Member>] = [
    Column("Handle") { .text($0.handle) }, Column("Name") { .text($0.name) }, Column("N") { .number($0.revision) }, Column("Id", .whenWide) { .id($0.id.description) },
  ]

  private func table(_ width: Int, _ rows: [Wire.Member]) -> [String] {
    Table(width: width, style: Style(isOn: false), now: Stage.now).text(columns, rows).split(separator: "\n").map(String.init)
  }

  @Test func columnsStandUnderOneAnother() {
    let lines = table(100, [.named("ada", name: "Ada Lovelace"), .named("taro", name: "山田太郎"), .named("dev", name: "👩‍💻 Dev")])
    #expect(
      lines == [
        "HANDLE  NAME          N  ID                                  ",
        "ada     Ada Lovelace  4  0189aaaa-ac96-774b-bcce-b302099a8057",
        "taro    山田太郎      4  0189aaaa-ac96-774b-bcce-b302099a8057",
        "dev     👩‍💻 Dev        4  0189aaaa-ac96-774b-bcce-b302099a8057",
      ].map { $0.replacing(#/ +$/#, with: "") })
  }

  @Test func aNarrowScreenLosesWhatIsLeastNeededAndThenShortens() {
    let rows = [Wire.Member.named("ada", name: "Augusta Ada King, Countess of Lovelace")]
    #expect(table(70, rows)[0] == "HANDLE  NAME                                    N")
    #expect(table(40, rows)[1] == "ada     Augusta Ada King, Countess o…  4")
    #expect(table(40, rows).allSatisfy { $0.displayWidth <= 40 })
  }

  @Test(arguments: [1, 20, 33, 64, 80, 200])
  func noTableCrashesOnAnyWidth(width: Int) {
    #expect(table(width, [.named("ada"), .named(String(repeating: "长", count: 300))]).count == 3)
  }

  // MARK: JSON

  @Test(arguments: [
    (["member", "list", "--json"], ["member", "list", "--json"]),
    (["member", "list", "--json=name"], ["member", "list", "--fields", "name"]),
    (["member", "list", "--json", "name,email"], ["member", "list", "--fields", "name,email"]),
    (["org", "show", "--json", "acme"], ["org", "show", "--json", "acme"]),
    (["org", "show", "--json", "a,B"], ["org", "show", "--json", "a,B"]),
    (["x", "--", "--json=name"], ["x", "--", "--json=name"]),
    (["--json"], ["--json"]),
  ])
  func fieldsMayFollowTheFlag(given: [String], read: [String]) {
    #expect(JSONFields.rewritten(given) == read)
  }

  @Test func fieldsArePickedInTheirOrder() throws {
    let member = Wire.Member.named("ada")
    #expect(try JSONFields.selection(["roles", "handle", "expires_at"], of: member).compact == #"{"roles":["member"],"handle":"ada","expires_at":null}"#)
  }

  @Test func anUnknownFieldIsToldWithTheKnownOnes() throws {
    let problem = try #require(throws: Problem.self) { try JSONFields.selection(["hndle"], of: Wire.Member.named("ada")) }
    #expect(problem.detail.contains("hndle"))
    #expect(problem.detail.contains("handle, name, email"))
  }
}

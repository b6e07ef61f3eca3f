import Kernel
import Markup
import TestSupport
import Testing

@testable import ControlPlane

@Suite struct ComponentExampleTests {
  @Test(arguments: ComponentExample.all) func `every example is sound markup`(example: ComponentExample) {
    #expect(!example.markup.isEmpty)
    let findings = MarkupChecker(example.markup.bytes, as: .fragment).findings
    #expect(findings == [], "\(example.name), \(example.state)")
  }

  @Test func `the design page holds all examples, and each id once`() {
    let page = shell(ShellModel.sample) { designPage() }
    #expect(MarkupChecker(page.bytes).findings == [])
  }

  @Test func `a chart says its numbers as a table too`() {
    let chart = lineChart("Spent", summary: "Rising.", unit: "credits", [ChartPoint("May", 1240), ChartPoint("June", .nan), ChartPoint("July", -3)]).text
    #expect(chart.contains("1,240") && chart.contains("<table") && chart.contains("<title>Spent</title><desc>Rising.</desc>"))
    #expect(!chart.contains("nan"))
  }
}

@Suite struct ShellTests {
  /// Hostile in every place at once: markup, quotation marks, control characters, other directions of writing, and length.
  static let hostile = ["\"'><script>alert(1)</script>&amp;", "\u{202E}שלום\u{0}", String(repeating: "<b>ß🏛️", count: 250), "", " ", "javascript:alert(1)"]

  @Test(arguments: hostile) func `no text breaks out of the frame`(text: String) {
    var model = ShellModel.sample
    model.title = text + "."
    model.person = .init(id: text, name: text, handle: text)
    model.active = .init(id: text, name: text + ".", detail: text, href: "/\(text)")
    model.places = Array(repeating: .init(id: "x", name: text + ".", detail: text, href: "/x"), count: 9)
    model.invitations = [.init(organization: (text, text), detail: text, href: "/x")]
    model.banners = [.init(.danger, text, text, action: (text + ".", "/x"))]
    model.flashes = [Flash(.good, text)]
    model.token = FormToken(text)
    model.imprint = text
    let page = shell(model) {
      pageHeader("\(text).", "\(text)")
      postForm("/x", FormState("f", values: [("a", text), ("b", text)], problem: .invalid("a", text)), token: FormToken(text)) {
        textField("A", "a", in: FormState("f", values: [("a", text)], problem: .invalid("a", text)), hint: "\(text)", prefix: text)
        textAreaField("B", "b", in: FormState("f", ["b": text]), limit: 10)
      }
      timeline([TimelineEntry(actor: (text, text), "\(text)", at: Timestamp(milliseconds: 0), changes: [(text, text, text)])], now: Timestamp(milliseconds: 0))
    }
    #expect(MarkupChecker(page.bytes).findings == [])
  }

  @Test func `without organizations, search or navigation the frame still stands`() {
    let model = ShellModel(title: "Inbox", person: .init(id: "a", name: "Ada", handle: "ada"), token: FormToken("t"), assets: .sample)
    #expect(MarkupChecker(shell(model) { pageHeader("Inbox") }.bytes).findings == [])
  }

  @Test func `the theme is the reader's choice, or nobody's`() {
    var model = ShellModel.sample
    #expect(!shell(model) {}.text.contains("data-theme=\""))
    model.theme = .dark
    #expect(shell(model) {}.text.contains("<html lang=\"en\" data-theme=\"dark\">"))
  }

  @Test func `a refusal says what happened, what to do, and the request`() {
    let page = plainShell(PlainShellModel(title: "Not found", assets: .sample)) { refusalContent(Problem(.missing, "Nothing <here>."), requestID: "0b9c") }
    #expect(MarkupChecker(page.bytes).findings == [])
    #expect(page.text.contains("Nothing &lt;here&gt;.") && page.text.contains("0b9c"))
  }
}

@Suite struct FormTests {
  @Test func `a form that comes back keeps what was typed and says at the field what is wrong`() {
    let state = FormState("f", values: [("email", "ada@"), ("role", "admin")], problem: .invalid("email", "Add a domain."))
    let field = textField("E-mail", "email", in: state, type: .email)
    let text = field.text
    #expect(text.contains("value=\"ada@\"") && text.contains("aria-invalid=\"true\"") && text.contains("aria-describedby=\"f-email-fault\"") && text.contains("Add a domain."))
    #expect(faultSummary(state, of: field, at: "/") == nil, "one fault at one field needs no summary")
  }

  @Test func `faults stand in the order of the fields, and one without a field is not swallowed`() throws {
    let problem = Problem(.invalid, "3 fields need a look.", faults: [FieldFault("slug", "Third."), FieldFault("b", "Second."), FieldFault("a", "First.")])
    let state = FormState("f", values: [], problem: problem)
    let fields = fragment {
      textField("A", "a", in: state)
      textField("B", "b", in: state)
    }
    let summary = try #require(faultSummary(state, of: fields, at: "/")).text
    let places = try ["First.", "Second.", "Third."].map { try #require(summary.firstRange(of: $0)).lowerBound }
    #expect(places == places.sorted() && summary.contains("href=\"#f-a\"") && !summary.contains("#f-slug"))
    let only = FormState("f", values: [], problem: .invalid("days", "Choose 1 to 366 days."))
    #expect(faultSummary(only, of: fields, at: "/")?.text.contains("Choose 1 to 366 days.") == true)
  }

  @Test func `a password is never sent back`() {
    let state = FormState("f", values: [("password", "hunter2")], problem: .invalid("password", "Too short."))
    #expect(!passwordField("Password", "password", in: state).text.contains("hunter2"))
    #expect(!textField("Password", "password", in: state, type: .password).text.contains("hunter2"))
  }

  @Test func `a refusal without a field stands on top`() {
    let state = FormState("f", values: [], problem: Problem(.stale, "Somebody else changed it."))
    #expect(faultSummary(state, of: .empty, at: "/")?.text.contains("Somebody else changed it.") == true)
  }
}

@Suite struct FigureTests {
  @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "−1,234,567"), (Int.min, "−9,223,372,036,854,775,808")]) func `numbers are grouped`(number: Int, text: String) {
    #expect(grouped(number) == text)
  }

  @Test(arguments: [
    ("Ada Lovelace", "AL"), ("Ada King Lovelace", "AL"), ("linus", "L"), ("Jean-Luc", "JL"), ("李小龙", "李"), ("عائشة الحسن", "ع"), ("🦊", "🦊"), ("", "?"), ("  ", "?"), ("(Ada) [Bot]", "AB"), ("Ünal Öz", "Ü"),
  ])
  func `initials are letters of the name`(name: String, letters: String) { #expect(initials(of: name) == letters) }

  @Test func `a seal follows from its id alone, and hardly two are alike`() {
    #expect(seal(of: "acme") == seal(of: "acme"))
    let figures = Set((0..<100).map { seal(of: "organization-\($0)").text })
    #expect(figures.count > 75)
  }

  @Test(arguments: [
    (-44_000, "just now"), (-60_000, "1 minute ago"), (-89_000, "1 minute ago"), (-90_000, "2 minutes ago"), (-5_400_000, "2 hours ago"), (-86_400_000, "24 hours ago"), (-172_800_000, "2 days ago"),
    (-31_557_600_000, "12 months ago"), (-63_115_200_000, "2 years ago"), (120_000, "in 2 minutes"), (604_800_000, "in 7 days"),
  ])
  func `times are told from now`(offset: Int64, text: String) {
    let now = Timestamp(milliseconds: 1_779_278_400_000)
    #expect(relativeTime(Timestamp(milliseconds: now.milliseconds + offset), now: now).text.contains(">\(text)</time>"))
  }

  @Test func `the exact time is the title`() {
    let time = relativeTime(Timestamp(milliseconds: 1_779_278_400_000), now: Timestamp(milliseconds: 0)).text
    #expect(time.contains("title=\"20 May 2026, 12:00 UTC\"") && time.contains("datetime=\"2026-05-20T12:00:00.000Z\""))
  }
}

extension HTML {
  fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension PageAssets {
  static let sample = PageAssets(stylesheets: ["/assets/x.css"], script: "/assets/x.js", icon: "/assets/icon.svg", fonts: ["/assets/fonts/inter.woff2"])
}

extension ShellModel {
  static let sample = ShellModel(
    title: "Design", person: .init(id: "a", name: "Ada Lovelace", handle: "ada@acme.example"), active: .init(id: "acme", name: "Acme", detail: "3 members", href: "/acme"),
    places: [.init(id: "acme", name: "Acme", detail: "3 members", href: "/acme")], invitations: [.init(organization: ("glass", "Glass Works"), detail: "from Mary", href: "/inbox")],
    navigation: [.init(nil, [.init("Overview", href: "/acme", isCurrent: true), .init("Members", href: "/acme/members", count: 3)]), .init("Settings", [.init("General", href: "/acme/settings")])],
    token: FormToken("t"), assets: .sample, search: "/search", canInvite: true, imprint: "Guildhall")
}

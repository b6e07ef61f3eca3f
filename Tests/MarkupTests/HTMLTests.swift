import Markup
import TestSupport
import Testing

@Suite struct HTMLTests {
  @Test func `elements nest, in order`() {
    let card = div(.class("card"), .id("c")) {
      h2 { "Members" }
      p { "Forty-two of them." }
    }
    #expect(card.text == "<div class=\"card\" id=\"c\"><h2>Members</h2><p>Forty-two of them.</p></div>")
  }

  @Test func `a literal escapes what is interpolated into it, and keeps markup`() {
    let name = "<Ada>"
    #expect(p { "Invited by \(strong { name }) to \(name), \(3) times" }.text == "<p>Invited by <strong>&lt;Ada&gt;</strong> to &lt;Ada&gt;, 3 times</p>")
    let sentence: HTML = "\(name) & \(br())"
    #expect(sentence.text == "&lt;Ada&gt; &amp; <br>")
  }

  @Test func `conditions, optionals and loops leave nothing behind where they don't hold`() {
    func list(_ names: [String], note: String?, bold: Bool) -> HTML {
      ul {
        for name in names { li { name } }
        if let note { li { note } }
        if bold { li { strong { "b" } } } else { li { "n" } }
        switch names.count {
        case 0: li { "none" }
        default: HTML.empty
        }
        nil as HTML?
      }
    }
    #expect(list(["x", "y"], note: nil, bold: false).text == "<ul><li>x</li><li>y</li><li>n</li></ul>")
    #expect(list([], note: "z", bold: true).text == "<ul><li>z</li><li><strong>b</strong></li><li>none</li></ul>")
    #expect(div {}.text == "<div></div>")
    #expect([li { 1 }, li { -20 }].joined().text == "<li>1</li><li>-20</li>")
  }

  @Test func `void elements have no content and no end`() {
    #expect(fragment { br(); hr(); wbr(); col() }.text == "<br><hr><wbr><col>")
    #expect(input(.email, name: "e", .required, .value("a@b.c")).text == "<input type=\"email\" name=\"e\" required value=\"a@b.c\">")
  }

  @Test func `flags stand or fall with their condition`() {
    #expect(button(.submit, .disabled(false), .hidden(true), .aria("expanded", false)) { "x" }.text == "<button type=\"submit\" hidden aria-expanded=\"false\">x</button>")
    #expect(span(.class("a").when(false), .aria("current", "page").when(true)).text == "<span aria-current=\"page\"></span>")
    #expect(span(.all([.id("x"), .none, .all([.lang("de")])])).text == "<span id=\"x\" lang=\"de\"></span>")
  }

  @Test func `a text area keeps a first line that is empty`() {
    #expect(textarea(name: "t", text: "\nx").text == "<textarea name=\"t\">\n\nx</textarea>")
  }

  @Test func `drawings write numbers shortly`() {
    #expect(circle(x: 1, y: -0.5, radius: 1.0 / 3).text == "<circle cx=\"1\" cy=\"-0.5\" r=\"0.33\"></circle>")
    #expect(line(from: (0, 0.999), to: (.nan, .infinity)).text == "<line x1=\"0\" y1=\"1\" x2=\"0\" y2=\"0\"></line>")
    #expect(polyline([(1, 2.05), (3, 4)]).text == "<polyline points=\"1,2.05 3,4\"></polyline>")
    #expect(svg(viewBox: (0, 0, 16, 16), .aria("hidden", true)) { path("M0 0h1") }.text == "<svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"M0 0h1\"></path></svg>")
  }

  @Test func `a document starts with its doctype`() {
    let page = document(lang: "en") {
      head {
        charset()
        title("Members")
        stylesheet("/assets/x.css")
        script(module: "/assets/x.js")
      }
      body { main { h1 { "Members" } } }
    }
    #expect(page.text.hasPrefix("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Members</title>"))
    #expect(MarkupChecker(page.bytes).findings == [])
  }

  @Test func `a name of ten thousand hostile characters stays text`() {
    let name = String(repeating: "\"'><svg/onload=alert(1)>\u{202E}", count: 400)
    let page = div(.title(name), .data("name", name)) { bdi { name } }
    #expect(MarkupChecker(page.bytes, as: .fragment).findings == [])
  }
}

@Suite struct LinkTests {
  @Test(arguments: [
    ("/", "/"), ("/o/acme?tab=x#top", "/o/acme?tab=x#top"), ("#top", "#top"), ("?page=2", "?page=2"), ("members/new", "members/new"), ("https://example.org/a:b", "https://example.org/a:b"),
    ("HTTP://example.org", "HTTP://example.org"), ("mailto:a@b.c", "mailto:a@b.c"), ("/a:b", "/a:b"), ("?u=javascript:x", "?u=javascript:x"),
    ("javascript:alert(1)", "about:invalid"), ("JavaScript:alert(1)", "about:invalid"), (" javascript:alert(1)", "about:invalid"), ("java\nscript:alert(1)", "about:invalid"),
    ("\u{1}javascript:alert(1)", "about:invalid"), ("data:text/html,x", "about:invalid"), ("vbscript:x", "about:invalid"), ("blob:x", "about:invalid"), ("file:///etc", "about:invalid"),
    ("//evil.example", "about:invalid"), ("/\\evil.example", "about:invalid"), ("\\\\evil.example", "about:invalid"),
  ])
  func `a link leads within the site or to a safe scheme`(written: String, text: String) { #expect(Link(stringLiteral: written).text == text) }

  @Test func `what is interpolated stays one segment`() {
    let hostile = "../a/b?c#d&e=f%\" é"
    #expect(("/o/\(hostile)/members" as Link).text == "/o/..%2Fa%2Fb%3Fc%23d%26e%3Df%25%22%20%C3%A9/members")
    #expect(("\("javascript:alert(1)")" as Link).text == "javascript%3Aalert%281%29")
    #expect(("/\("")/evil.example" as Link).text == "about:invalid")
    let base: Link = "/o/acme"
    #expect(("\(base)/members" as Link).text == "/o/acme/members")
  }

  @Test func `query items are added before the fragment`() {
    let list: Link = "/members#top"
    #expect(list.adding("role", "admin").adding("q", "a b&c").adding("none", nil as String?).adding("empty", "").adding("page", 2).text == "/members?role=admin&q=a%20b%26c&page=2#top")
  }

  @Test func `mail addresses keep their sign`() { #expect(Link.mail(to: "a+b@c.d?bcc=x").text == "mailto:a+b@c.d%3Fbcc%3Dx") }

  @Test(arguments: ["/", "/o/acme/members?x=1", "/a:b"]) func `a local path from outside is taken`(path: String) { #expect(Link(local: path)?.text == path) }

  @Test(arguments: ["", "o/acme", "//evil.example", "/\\evil.example", "/a\\b", "https://evil.example", "javascript:x", "/a b", "/a\nb", "/\u{0}", "/ä", "/" + String(repeating: "a", count: 2048)])
  func `anything else from outside is refused`(path: String) { #expect(Link(local: path) == nil) }

  @Test(arguments: ["javascript:x", "/x", "https://", "ftp://a.b", "https://a b", "data:x", "https:\\\\a", ""]) func `web addresses from outside are http or https`(text: String) {
    #expect(Link(web: text) == nil)
    #expect(Link(web: "https://example.org/x")?.text == "https://example.org/x")
  }

  @Test func `images within the page are base64`() {
    #expect(ImageSource.png(base64: "iVBORw0KGgo=").map { img(src: $0, alt: "").text } == "<img src=\"data:image/png;base64,iVBORw0KGgo=\" alt=\"\">")
    #expect(ImageSource.png(base64: "\"><script>") == nil)
    #expect(ImageSource.png(base64: "") == nil)
  }
}

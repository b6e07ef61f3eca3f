import TestSupport
import Testing

/// The checker itself: each fault is found, and what is right passes.
@Suite struct MarkupCheckerTests {
  @Test(arguments: [
    ("<p>a", "isn't closed"), ("<p><span>a</p></span>", "closes <span>"), ("<p class=a>x</p>", "isn't quoted"), ("<p id=\"a\" id=\"b\">x</p>", "id twice"), ("<blink>x</blink>", "no element"),
    ("<p>a & b</p>", "bare &"), ("<p>a > b</p>", "bare >"), ("<p id=\"a\">x</p><p id=\"a\">y</p>", "used twice"), ("<p id=\"a b\">x</p>", "has spaces"),
    ("<p onclick=\"x\">x</p>", "forbids onclick"), ("<p style=\"x\">x</p>", "forbids style"), ("<a href=\"javascript:x\">x</a>", "leads to"), ("<a href=\"//x\">x</a>", "another host"),
    ("<script>x</script>", "script within"), ("<form method=\"post\" action=\"/x\"></form>", "no csrf"), ("<input type=\"text\" name=\"x\">", "no label"), ("<button type=\"button\"></button>", "says nothing"),
    ("<a href=\"/\"></a>", "says nothing"), ("<img src=\"/x\">", "no alt"), ("<svg viewBox=\"0 0 1 1\"></svg>", "neither hidden"), ("<h2>a</h2><h4>b</h4>", "rank 4"), ("<div><li>x</li></div>", "<li> stands in"),
    ("<ul><p>x</p></ul>", "directly in a list"), ("<p><div>x</div></p>", "in a paragraph"), ("<a href=\"/\"><button type=\"button\">x</button></a>", "pressed itself"),
    ("<label for=\"nowhere\">x</label>", "isn't on the page"), ("<div aria-describedby=\"nowhere\">x</div>", "isn't on the page"), ("<dialog id=\"d\">x</dialog>", "no name"),
  ])
  func `a fault is found`(page: String, finding: String) {
    let findings = MarkupChecker(Array(page.utf8), as: .fragment).findings
    #expect(findings.contains { $0.contains(finding) }, "\(findings)")
  }

  @Test(arguments: [
    "", "text &amp; more", "<p id=\"a\">x<br>y</p>", "<label>Name<input type=\"text\" name=\"n\"></label>", "<label for=\"n\">Name</label><input id=\"n\" type=\"text\" name=\"n\">",
    "<form method=\"post\" action=\"/x\"><input type=\"hidden\" name=\"csrf\" value=\"\"></form>", "<img src=\"data:image/png;base64,AA==\" alt=\"\">",
    "<button type=\"button\" aria-label=\"Close\"><svg viewBox=\"0 0 1 1\" aria-hidden=\"true\"></svg></button>",
  ])
  func `what is right passes`(page: String) { #expect(MarkupChecker(Array(page.utf8), as: .fragment).findings == []) }

  @Test func `a document needs its parts`() {
    let findings = MarkupChecker(Array("<!doctype html>\n<html><head></head><body></body></html>".utf8)).findings
    for part in ["<title>", "<main>", "<h1>", "language"] { #expect(findings.contains { $0.contains(part) }) }
  }
}

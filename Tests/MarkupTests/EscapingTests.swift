import Markup
import Testing

extension HTML {
  var text: String { String(decoding: bytes, as: UTF8.self) }
}

@Suite struct EscapingTests {
  /// What is written, and how it must stand as text and as an attribute's value.
  static let table: [(written: String, text: String, value: String)] = [
    ("", "", ""),
    ("plain", "plain", "plain"),
    ("a & b", "a &amp; b", "a &amp; b"),
    ("&amp;", "&amp;amp;", "&amp;amp;"),
    ("<b>", "&lt;b&gt;", "&lt;b&gt;"),
    ("</script><script>alert(1)</script>", "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;"),
    ("<!-- x -->", "&lt;!-- x --&gt;", "&lt;!-- x --&gt;"),
    ("]]>", "]]&gt;", "]]&gt;"),
    ("say \"yes\"", "say \"yes\"", "say &quot;yes&quot;"),
    ("it's", "it's", "it&#39;s"),
    ("\" autofocus onfocus=\"x", "\" autofocus onfocus=\"x", "&quot; autofocus onfocus=&quot;x"),
    ("a\tb\nc\r\nd", "a\tb\nc\r\nd", "a\tb\nc\r\nd"),
    ("a\u{0}b", "a\u{FFFD}b", "a\u{FFFD}b"),
    ("\u{1}\u{8}\u{B}\u{1F}\u{7F}", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
    ("\u{80}\u{9F}\u{A0}", "\u{FFFD}\u{FFFD}\u{A0}", "\u{FFFD}\u{FFFD}\u{A0}"),
    ("Ünï 漢字 🏛️ שלום", "Ünï 漢字 🏛️ שלום", "Ünï 漢字 🏛️ שלום"),
    ("e\u{301}\u{200D}", "e\u{301}\u{200D}", "e\u{301}\u{200D}"),
  ]

  @Test(arguments: table) func `text is escaped`(row: (written: String, text: String, value: String)) {
    #expect(p { row.written }.text == "<p>\(row.text)</p>")
    #expect(p { HTML("\(row.written)") }.text == "<p>\(row.text)</p>")
    #expect(p { "\(row.written)" }.text == "<p>\(row.text)</p>")
    #expect(title(row.written).text == "<title>\(row.text)</title>")
    #expect(textarea(name: "note", text: row.written).text == "<textarea name=\"note\">\n\(row.text)</textarea>")
  }

  @Test(arguments: table) func `attribute values are escaped`(row: (written: String, text: String, value: String)) {
    #expect(span(.title(row.written)).text == "<span title=\"\(row.value)\"></span>")
    #expect(span(.data("x", row.written), .aria("label", row.written)).text == "<span data-x=\"\(row.value)\" aria-label=\"\(row.value)\"></span>")
    #expect(option(value: row.written) { "x" }.text == "<option value=\"\(row.value)\">x</option>")
    #expect(img(src: .at("/x"), alt: row.written).text == "<img src=\"/x\" alt=\"\(row.value)\">")
  }

  @Test func `every single scalar below U+0100 stays within its element`() {
    for value in UInt32(0)..<0x100 {
      let scalar = String(Unicode.Scalar(value)!)
      let written = span(.title(scalar)) { scalar }.text
      #expect(written.hasPrefix("<span title=\"") && written.hasSuffix("</span>"))
      #expect(written.filter { $0 == "<" }.count == 2 && written.filter { $0 == "\"" }.count <= 3, "U+\(String(value, radix: 16))")
    }
  }

  @Test func `texts that aren't stored in one piece are escaped too`() {
    let characters = Array("a<b>&\u{0}").reversed().reversed()
    #expect(HTML(String(characters)).text == "a&lt;b&gt;&amp;\u{FFFD}")
    #expect(HTML("xx<yy>"[...].dropFirst(2)).text == "&lt;yy&gt;")
  }

  @Test func `a megabyte of angle brackets is written whole`() {
    #expect(HTML(String(repeating: "<", count: 1_000_000)).bytes.count == 4_000_000)
  }
}

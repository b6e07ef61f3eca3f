/// Reads a page as strictly as its writers should write it, and lists what is wrong with it: syntax, nesting, ids, labels, names, headings, and what the content security policy forbids.
///
/// It is no parser of the web's HTML: every element must be closed where it was opened, every attribute quoted.
public struct MarkupChecker {
  public enum Scope { case document, fragment }

  /// What is wrong, in the order of the page, each with the line it stands on.
  public let findings: [String]

  public init(_ bytes: [UInt8], as scope: Scope = .document) {
    var reader = Reader(bytes)
    let root = reader.read()
    var rules = Rules(scope: scope, findings: reader.findings)
    rules.check(root)
    findings = rules.findings
  }
}

/// An element as it stands in the page.
private final class Element {
  let name: String
  let line: Int
  let attributes: [String: String]
  unowned let parent: Element?
  var children: [Element] = []
  /// What is written directly in it.
  var ownText = ""

  init(_ name: String, line: Int, attributes: [String: String], parent: Element?) {
    (self.name, self.line, self.attributes, self.parent) = (name, line, attributes, parent)
  }

  var ancestors: some Sequence<Element> { sequence(state: parent) { current in
    defer { current = current?.parent }
    return current
  } }

  func isWithin(_ names: String...) -> Bool { ancestors.contains { names.contains($0.name) } }

  /// Its own text and that of what stands in it.
  var text: String { children.reduce(ownText) { $0 + $1.text } }

  var all: [Element] { children.flatMap { [$0] + $0.all } }
}

private let void: Set = ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]

private let known: Set = void.union([
  "html", "head", "body", "title", "script", "noscript", "template", "header", "footer", "main", "nav", "section", "article", "aside", "search", "hgroup", "h1", "h2", "h3", "h4", "h5",
  "h6", "address", "div", "p", "ul", "ol", "li", "menu", "dl", "dt", "dd", "figure", "figcaption", "blockquote", "pre", "span", "a", "strong", "em", "small", "code", "kbd", "samp", "abbr", "bdi",
  "mark", "del", "ins", "sub", "sup", "time", "table", "caption", "colgroup", "thead", "tbody", "tfoot", "tr", "th", "td", "form", "label", "button", "select", "option", "optgroup", "datalist",
  "textarea", "fieldset", "legend", "output", "progress", "meter", "details", "summary", "dialog", "svg", "g", "path", "circle", "rect", "line", "polyline", "polygon", "text", "desc",
])

/// Elements that end an open paragraph, so that they can't stand in one.
private let block: Set = [
  "address", "article", "aside", "blockquote", "details", "dialog", "div", "dl", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "header", "hgroup", "hr", "main", "menu",
  "nav", "ol", "p", "pre", "search", "section", "table", "ul",
]

private struct Reader {
  private let bytes: [UInt8]
  private var place = 0
  private var line = 1
  private(set) var findings: [String] = []
  private let root = Element("", line: 1, attributes: [:], parent: nil)

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private mutating func find(_ what: String) { findings.append("line \(line): \(what)") }

  mutating func read() -> Element {
    if String(validating: bytes, as: UTF8.self) == nil { find("the page isn't UTF-8") }
    var open = root
    if starts(with: "<!doctype html>") { skip(15) }
    while place < bytes.count {
      if bytes[place] != UInt8(ascii: "<") {
        open.ownText += readText()
      } else if starts(with: "</") {
        skip(2)
        let name = readName()
        if !accept(">") { find("</\(name)> isn't finished") }
        if open.name == name, let parent = open.parent { open = parent } else { find("</\(name)> closes <\(open.name)> of line \(open.line)") }
      } else {
        skip(1)
        let start = line
        let name = readName()
        if !known.contains(name) { find("<\(name)> is no element of ours") }
        let element = Element(name, line: start, attributes: readAttributes(of: name), parent: open)
        open.children.append(element)
        if !void.contains(name) { open = element }
      }
    }
    if open !== root { find("<\(open.name)> of line \(open.line) isn't closed") }
    return root
  }

  private func starts(with text: String) -> Bool { bytes[place...].starts(with: text.utf8) }

  private mutating func skip(_ count: Int) {
    for byte in bytes[place..<min(place + count, bytes.count)] where byte == UInt8(ascii: "\n") { line += 1 }
    place = min(place + count, bytes.count)
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
    skip(1)
    return true
  }

  private mutating func run(while isWanted: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    let run = bytes[place...].prefix(while: isWanted)
    skip(run.count)
    return run
  }

  private mutating func readName() -> String {
    let name = String(decoding: run { ![UInt8(ascii: ">"), UInt8(ascii: " "), UInt8(ascii: "="), UInt8(ascii: "<"), UInt8(ascii: "/"), UInt8(ascii: "\""), 10].contains($0) }, as: UTF8.self)
    if name.isEmpty { find("a name is missing") }
    return name
  }

  private mutating func readAttributes(of name: String) -> [String: String] {
    var attributes: [String: String] = [:]
    while place < bytes.count, !accept(">") {
      guard accept(" ") else {
        find("<\(name)> has something unreadable in it")
        skip(1)
        continue
      }
      let key = readName()
      var value = ""
      if accept("=") {
        if !accept("\"") { find("the value of \(key) in <\(name)> isn't quoted") }
        value = decoded(run { $0 != UInt8(ascii: "\"") })
        if !accept("\"") { find("the value of \(key) in <\(name)> isn't closed") }
      }
      if attributes.updateValue(value, forKey: key) != nil { find("<\(name)> has \(key) twice") }
    }
    return attributes
  }

  private mutating func readText() -> String { decoded(run { $0 != UInt8(ascii: "<") }) }

  private mutating func decoded(_ raw: ArraySlice<UInt8>) -> String {
    var text: [UInt8] = []
    var rest = raw
    while let byte = rest.first {
      if byte == UInt8(ascii: "&"), let (reference, character) = Self.references.first(where: { rest.starts(with: $0.0) }) {
        text.append(character)
        rest = rest.dropFirst(reference.count)
        continue
      }
      if byte == UInt8(ascii: "&") || byte == UInt8(ascii: ">") { find("a bare \(Unicode.Scalar(byte))") }
      text.append(byte)
      rest = rest.dropFirst()
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static let references: [([UInt8], UInt8)] = [("&amp;", UInt8(ascii: "&")), ("&lt;", UInt8(ascii: "<")), ("&gt;", UInt8(ascii: ">")), ("&quot;", UInt8(ascii: "\"")), ("&#39;", UInt8(ascii: "'"))].map { (Array($0.0.utf8), $0.1) }
}

private struct Rules {
  let scope: MarkupChecker.Scope
  var findings: [String]

  private mutating func expect(_ holds: Bool, _ element: Element, _ what: @autoclosure () -> String) {
    if !holds { findings.append("line \(element.line): \(what())") }
  }

  mutating func check(_ root: Element) {
    let all = root.all
    var ids: [String: Element] = [:]
    for element in all {
      guard let id = element.attributes["id"] else { continue }
      expect(ids.updateValue(element, forKey: id) == nil, element, "the id \(id) is used twice")
      expect(!id.isEmpty && !id.contains(where: \.isWhitespace), element, "the id “\(id)” is empty or has spaces")
    }
    let labelled = Set(all.filter { $0.name == "label" }.compactMap { $0.attributes["for"] })
    for element in all {
      checkSafety(element)
      checkNesting(element)
      checkReferences(element, ids)
      checkNames(element, labelled)
    }
    checkHeadings(all)
    if scope == .document { checkDocument(root, all) }
  }

  private mutating func checkSafety(_ element: Element) {
    for (key, value) in element.attributes {
      expect(!key.hasPrefix("on") && key != "style", element, "the policy forbids \(key) in <\(element.name)>")
      guard ["href", "src", "action", "formaction"].contains(key) else { continue }
      let scheme = value.prefix { $0 != "/" && $0 != "?" && $0 != "#" }.split(separator: ":", omittingEmptySubsequences: false)
      let allowed = ["http", "https", "mailto"] + (key == "src" && element.name == "img" ? ["data"] : [])
      expect(scheme.count < 2 || allowed.contains(scheme[0].lowercased()), element, "\(key) leads to \(value)")
      expect(!value.hasPrefix("//"), element, "\(key) leads to another host: \(value)")
    }
    if element.name == "script" { expect(element.attributes["src"] != nil && element.text.isEmpty, element, "the policy forbids a script within the page") }
    if element.name == "form", element.attributes["method"] == "post" {
      expect(element.all.contains { $0.name == "input" && $0.attributes["name"] == "csrf" }, element, "a form that changes something has no csrf field")
    }
  }

  private mutating func checkNesting(_ element: Element) {
    let parent = element.parent?.name ?? ""
    let parents: [String: Set<String>] = [
      "li": ["ul", "ol", "menu"], "tr": ["thead", "tbody", "tfoot"], "td": ["tr"], "th": ["tr"], "thead": ["table"], "tbody": ["table"], "tfoot": ["table"], "caption": ["table"],
      "option": ["select", "optgroup", "datalist"], "optgroup": ["select"], "dt": ["dl", "div"], "dd": ["dl", "div"], "legend": ["fieldset"], "summary": ["details"], "figcaption": ["figure"],
      "col": ["colgroup"],
    ]
    if let allowed = parents[element.name], !(parent.isEmpty && scope == .fragment) { expect(allowed.contains(parent), element, "<\(element.name)> stands in <\(parent)>") }
    if ["ul", "ol", "menu"].contains(parent) { expect(["li", "template"].contains(element.name), element, "<\(element.name)> stands directly in a list") }
    if ["table", "thead", "tbody", "tr", "dl", "select"].contains(parent) {
      let allowed: Set = ["caption", "colgroup", "thead", "tbody", "tfoot", "tr", "th", "td", "dt", "dd", "div", "option", "optgroup", "template"]
      expect(allowed.contains(element.name), element, "<\(element.name)> stands directly in <\(parent)>")
    }
    if block.contains(element.name) { expect(!element.isWithin("p", "h1", "h2", "h3", "h4"), element, "<\(element.name)> stands in a paragraph or heading") }
    if block.contains(element.name) { expect(!element.isWithin("button", "label", "span"), element, "the block <\(element.name)> stands within a line") }
    if element.name == "form" { expect(!element.isWithin("form"), element, "a form stands in a form") }
    if ["a", "button", "input", "select", "textarea", "details"].contains(element.name), element.attributes["type"] != "hidden" {
      expect(!element.isWithin("a", "button"), element, "<\(element.name)> stands in something that is pressed itself")
    }
    if element.name == "label" { expect(!element.isWithin("label"), element, "a label stands in a label") }
  }

  private mutating func checkReferences(_ element: Element, _ ids: [String: Element]) {
    for key in ["for", "aria-describedby", "aria-labelledby", "aria-controls", "aria-errormessage", "list", "popovertarget", "form"] {
      for id in (element.attributes[key] ?? "").split(separator: " ") { expect(ids[String(id)] != nil, element, "\(key) names \(id), which isn't on the page") }
    }
    if scope == .document, let anchor = element.attributes["href"], anchor.hasPrefix("#"), anchor.count > 1 {
      expect(ids[String(anchor.dropFirst())] != nil, element, "a link leads to \(anchor), which isn't on the page")
    }
  }

  private mutating func checkNames(_ element: Element, _ labelled: Set<String>) {
    let ownName = !(element.attributes["aria-label"] ?? "").isEmpty || element.attributes["aria-labelledby"] != nil
    switch element.name {
    case "input", "select", "textarea":
      guard !["hidden", "submit"].contains(element.attributes["type"] ?? "") else { return }
      expect(ownName || labelled.contains(element.attributes["id"] ?? "") || element.isWithin("label"), element, "<\(element.name) name=\(element.attributes["name"] ?? "")> has no label")
    case "button", "a", "summary", "h1", "h2", "h3", "h4", "label", "legend", "dialog", "th", "progress", "meter":
      if element.name == "dialog" || element.name == "progress" || element.name == "meter" {
        expect(ownName || labelled.contains(element.attributes["id"] ?? "") || element.isWithin("label"), element, "<\(element.name)> has no name")
      } else {
        let pictured = element.all.contains { !($0.attributes["alt"] ?? "").isEmpty || !($0.attributes["aria-label"] ?? "").isEmpty }
        expect(ownName || pictured || element.text.contains { !$0.isWhitespace }, element, "<\(element.name)> says nothing")
      }
    case "img": expect(element.attributes["alt"] != nil, element, "an image has no alt")
    case "svg":
      let isHidden = element.attributes["aria-hidden"] == "true"
      let isNamed = element.attributes["role"] == "img" && (ownName || element.children.first?.name == "title")
      expect(isHidden || isNamed, element, "a drawing is neither hidden from screen readers nor named")
    default: break
    }
  }

  private mutating func checkHeadings(_ all: [Element]) {
    var last = 0
    for element in all where element.name.count == 2 && element.name.hasPrefix("h") {
      guard let rank = Int(element.name.dropFirst()), !element.isWithin("dialog", "template") else { continue }
      if last > 0 || scope == .document { expect(rank <= last + 1, element, "a heading of rank \(rank) follows one of rank \(last)") }
      last = rank
    }
  }

  private mutating func checkDocument(_ root: Element, _ all: [Element]) {
    let counts = Dictionary(all.map { ($0.name, 1) }, uniquingKeysWith: +)
    for name in ["html", "head", "body", "main", "h1"] { expect(counts[name] == 1, root, "the page has \(counts[name] ?? 0) <\(name)>") }
    let titles = all.filter { $0.name == "title" && $0.isWithin("head") }
    expect(titles.count == 1, root, "the page has \(titles.count) <title>")
    expect(!(all.first { $0.name == "html" }?.attributes["lang"] ?? "").isEmpty, root, "the page has no language")
    expect(titles.first?.text.isEmpty == false, root, "the page has an empty title")
  }
}

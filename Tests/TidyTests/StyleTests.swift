import Testing

/// How files look. The numbers are ratchets: they may only go down.
@Suite struct StyleTests {
  /// Files that are longer than 600 lines.
  static let longFiles: [String: Int] = [:]

  @Test func `No file is longer than 600 lines`() {
    for file in SourceTree.files where file.lines.count > Self.longFiles[file.path] ?? 600 { report(file.path, file.lines.count, "split it: a file holds one thing.") }
    for path in Self.longFiles.keys where SourceTree.files.first(where: { $0.path == path })?.lines.count ?? 0 <= 600 { report(path, nil, "is short now: take it out of `StyleTests.longFiles`.") }
  }

  /// Lines of more than 160 columns. When there are far fewer, lower this.
  static let longLines = 515

  @Test func `Lines of more than 160 columns get fewer`() {
    let counts: [(path: String, count: Int)] = SourceTree.product.map { file in (file.path, file.longLineCount) }
    let found = counts.filter { $0.count > 0 }.sorted { $0.count > $1.count }
    let count = found.reduce(0) { $0 + $1.count }
    #expect(count <= Self.longLines, "\(count) lines are longer than 160 columns; break those that you add. Most are in \(found.prefix(5))")
    #expect(count > Self.longLines - 150, "Only \(count) lines are longer than 160 columns now: lower `StyleTests.longLines`.")
  }

  /// Public functions without a doc comment whose name may not say all. When there are far fewer, lower this.
  static let undocumentedFunctions = 140

  /// Types that say nothing of themselves yet.
  static let undocumentedTypes: [String: Int] = [
    "Sources/Client/Transport.swift": 2, "Sources/Contract/Endpoint.swift": 2,
  ]

  @Test func `Every public type says what it is`() {
    let pattern = /^public (?:final |indirect )*(?:struct|class|enum|protocol|actor) \w+(.*)/
    var found: [String: [Int]] = [:]
    for file in SourceTree.product {
      for line in file.code.having(["public "]) {
        guard let match = file.code[line].firstMatch(of: pattern), !isDocumented(line, in: file) else { continue }
        // An action is named after what is done; a sentence would repeat the name.
        if match.1.contains("Action {") { continue }
        found[file.path, default: []].append(line + 1)
      }
    }
    expect(found, within: Self.undocumentedTypes, list: "StyleTests.undocumentedTypes", "say in one sentence what the type is (`///`).")
  }

  @Test func `Public functions without a word get fewer`() {
    let pattern = #/^\s*public (?:static |mutating |final |nonisolated )*func /#
    var places: [String] = []
    for file in SourceTree.product where file.target != "Markup" {
      for line in file.code.having(["func "], matching: pattern) where !isDocumented(line, in: file) { places.append("\(file.path):\(line + 1)") }
    }
    #expect(places.count <= Self.undocumentedFunctions, "\(places.count) public functions say nothing of themselves; document those that you add.")
    #expect(places.count > Self.undocumentedFunctions - 60, "Only \(places.count) public functions say nothing of themselves now: lower `StyleTests.undocumentedFunctions`.")
  }

  private func isDocumented(_ line: Int, in file: SourceFile) -> Bool {
    var above = line - 1
    func begins(_ mark: String) -> Bool { above >= 0 && file.lines[above].drop { $0 == " " }.hasPrefix(mark) }
    while begins("@") { above -= 1 }
    return begins("///")
  }

  @Test func `Nothing has a name that says nothing`() {
    let pattern = /\b(?:struct|class|enum|protocol|actor|typealias) (\w*(?:Util|Utils|Utility|Helper|Helpers|Manager|Common|Impl|Misc|Stuff))\b/
    for file in SourceTree.files {
      if file.name.contains(/(Util|Utils|Utility|Helper|Helpers|Manager|Common|Impl|Misc)$/) { report(file.path, nil, "name the file after what it holds.") }
      for line in file.code.having(["Util", "Helper", "Manager", "Common", "Impl", "Misc", "Stuff", "func get"]) {
        if let match = file.code[line].firstMatch(of: pattern) { report(file.path, line + 1, "\(match.1) says nothing: name it after what it does.") }
        if let match = file.code[line].firstMatch(of: /\bfunc (get[A-Z]\w*)/) { report(file.path, line + 1, "\(match.1): leave out `get`.") }
      }
    }
  }

  @Test func `Nothing is left over`() {
    for file in SourceTree.files where !file.path.hasPrefix("Tests/TidyTests/") {
      for line in file.lines.having(["TODO", "FIXME", "XXX", " \n", "\t"]) {
        let text = file.lines[line]
        if text.contains("TODO") || text.contains("FIXME") || text.contains("XXX") { report(file.path, line + 1, "do it or file it; the source holds no notes to oneself.") }
        if text.last == " " || text.contains("\t") { report(file.path, line + 1, "leave out the space at the end, and tabs.") }
      }
      if file.lines.last?.isEmpty == false { report(file.path, file.lines.count, "end the file with a line break.") }
    }
  }

  @Test func `No registry and no place of one machine is named`() throws {
    // Pieced together, so that this file names none either.
    let hosts = ["py" + "pi.org", "np" + "mjs", "crates" + ".io", "registry." + "np", "rubygems" + ".org", "/ro" + "ot/", "/ho" + "me/", "/us" + "r/local/", "/wo" + "rk/main"]
    let texts = SourceTree.paths(under: "Sources") + SourceTree.paths(under: "Tests") + SourceTree.paths(under: "Scripts") + SourceTree.paths(under: "docs")
    for path in texts where [".swift", ".sql", ".css", ".js", ".md", ".py", ".c", ".h", ".json", ".txt", ".golden"].contains(where: { path.hasSuffix($0) }) || path.hasPrefix("Scripts/") {
      guard let text = try? SourceTree.text(of: path) else { continue }
      for host in hosts where text.contains(host) { report(path, nil, "names \(host): the repository knows no registry and no machine.") }
    }
  }
}

extension SourceFile {
  fileprivate var longLineCount: Int { lines.indices.count { lines[$0].utf8.count > 160 && lines[$0].count > 160 } }
}

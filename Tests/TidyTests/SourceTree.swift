import Foundation
import Testing

/// The lines of a text, counted from 0, and a fast way to those that hold a word: a regular expression on every line of the tree would take a minute.
struct Lines: Sendable {
  private let lines: [Substring]
  private let bytes: [CChar]
  /// Where each line begins.
  private let starts: [Int]

  init(_ text: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    bytes = text.utf8.map { CChar(bitPattern: $0) } + [0]
    var starts = [0]
    for line in lines { starts.append((starts.last ?? 0) + line.utf8.count + 1) }
    self.starts = starts
  }

  var count: Int { lines.count }
  var indices: Range<Int> { lines.indices }
  var last: Substring? { lines.last }
  subscript(line: Int) -> Substring { lines[line] }

  /// The lines that hold any of the words.
  func having(_ words: [String]) -> [Int] {
    var found: Set<Int> = []
    bytes.withUnsafeBufferPointer { text in
      guard let base = text.baseAddress else { return }
      for word in words {
        var place = 0
        while place < text.count, let hit = strstr(base + place, word) {
          let line = self.line(at: UnsafePointer(hit) - base)
          found.insert(line)
          place = starts[line + 1]
        }
      }
    }
    return found.sorted()
  }

  /// The lines that hold any of the words and match the pattern.
  func having<Output>(_ words: [String], matching pattern: Regex<Output>) -> [Int] { having(words).filter { lines[$0].contains(pattern) } }

  private func line(at offset: Int) -> Int {
    var (low, high) = (0, lines.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }
}

/// One Swift file, as its rules see it.
struct SourceFile: Sendable {
  /// From the root of the repository: `Sources/Kernel/ID.swift`.
  let path: String
  let folders: [String]
  /// Without its ending.
  let name: String
  let lines: Lines
  /// The same lines without comments; texts are kept.
  let uncommented: Lines
  /// The same lines without comments and without what stands in quotes.
  let code: Lines
  /// The modules that are imported, with their lines.
  let imports: [(line: Int, module: String)]

  init(path: String, text: String) {
    self.path = path
    let parts = path.split(separator: "/").map(String.init)
    folders = parts.dropLast()
    name = String((parts.last ?? "").prefix { $0 != "." })
    let stripped = Stripped(text)
    lines = Lines(text)
    uncommented = Lines(stripped.uncommented)
    let code = Lines(stripped.code)
    self.code = code
    imports = code.having(["import "]).compactMap { line in
      let words = code[line].split(separator: " ")
      guard let place = words.firstIndex(of: "import"), words[..<place].allSatisfy({ $0.hasPrefix("@") || ["public", "internal", "package", "private", "fileprivate"].contains($0) })
      else { return nil }
      let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
      return words[(place + 1)...].first { !kinds.contains($0) }.map { (line + 1, String($0.prefix { $0 != "." })) }
    }
  }

  /// The second part of the path.
  var target: String { folders.count > 1 ? folders[1] : "" }
  var isProduct: Bool { folders.first == "Sources" && target != "TestSupport" }
}

/// The files of the repository, read once.
enum SourceTree {
  static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let files: [SourceFile] = ["Sources", "Tests"].flatMap { folder in
    paths(under: folder).filter { $0.hasSuffix(".swift") }.compactMap { path in
      (try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)).map { SourceFile(path: path, text: $0) }
    }
  }

  static let product = files.filter(\.isProduct)

  static func text(of path: String) throws -> String { try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8) }

  /// Every file below a folder, sorted.
  static func paths(under folder: String) -> [String] {
    guard let walk = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path) else { return [] }
    return walk.compactMap { $0 as? String }.map { "\(folder)/\($0)" }.sorted()
  }
}

/// Reports what breaks a rule: which file, which line, and what to do.
func report(_ path: String, _ line: Int? = nil, _ advice: String) {
  Issue.record("\(path)\(line.map { ":\($0)" } ?? ""): \(advice)")
}

/// Compares what was found, per file, with what is put up with. The list may only shrink: more is refused, and so is an entry that is needed no more.
func expect(_ found: [String: [Int]], within allowed: [String: Int], list: String, _ advice: String) {
  for (path, lines) in found.sorted(by: { $0.key < $1.key }) where lines.count > allowed[path] ?? 0 {
    for line in lines { report(path, line, advice) }
  }
  for (path, count) in allowed.sorted(by: { $0.key < $1.key }) where found[path]?.count ?? 0 < count {
    report(path, nil, "has only \(found[path]?.count ?? 0) of the \(count) that `\(list)` allows: lower the number there.")
  }
}

/// Swift without comments, and without what stands in quotes. Line breaks stay, so that lines keep their numbers.
private struct Stripped {
  var uncommented = ""
  var code = ""

  init(_ text: String) {
    let bytes = Array(text.utf8)
    var plain: [UInt8] = []
    var bare: [UInt8] = []
    plain.reserveCapacity(bytes.count)
    bare.reserveCapacity(bytes.count)
    var place = 0

    func at(_ offset: Int) -> UInt8 { place + offset < bytes.count ? bytes[place + offset] : 0 }
    let (newline, quote, slash, star, hash, backslash) = (UInt8(ascii: "\n"), UInt8(ascii: "\""), UInt8(ascii: "/"), UInt8(ascii: "*"), UInt8(ascii: "#"), UInt8(ascii: "\\"))

    while place < bytes.count {
      let byte = bytes[place]
      if byte == slash, at(1) == slash {
        while place < bytes.count, bytes[place] != newline { place += 1 }
      } else if byte == slash, at(1) == star {
        var depth = 0
        repeat {
          if at(0) == slash, at(1) == star { depth += 1; place += 2 } else if at(0) == star, at(1) == slash { depth -= 1; place += 2 } else {
            if at(0) == newline { plain.append(newline); bare.append(newline) }
            place += 1
          }
        } while depth > 0 && place < bytes.count
      } else if byte == quote || byte == hash {
        var hashes = 0
        while at(hashes) == hash { hashes += 1 }
        guard at(hashes) == quote else {
          // A directive or a macro. `#/` begins a regular expression, whose content is taken as code: it does no harm.
          plain.append(byte); bare.append(byte); place += 1
          continue
        }
        let isMultiline = at(hashes + 1) == quote && at(hashes + 2) == quote
        let width = isMultiline ? 3 : 1
        func closes() -> Bool { (0..<width).allSatisfy { at($0) == quote } && (0..<hashes).allSatisfy { at(width + $0) == hash } }
        for _ in 0..<(hashes + width) { plain.append(bytes[place]); bare.append(bytes[place]); place += 1 }
        while place < bytes.count, !closes() {
          if bytes[place] == newline { plain.append(newline); bare.append(newline); place += 1; if isMultiline { continue } else { break } }
          let isEscape = bytes[place] == backslash && (0..<hashes).allSatisfy { at(1 + $0) == hash }
          if isEscape, at(1 + hashes) == UInt8(ascii: "(") {
            // An interpolation is code again, up to its closing parenthesis; quotes inside it may hold anything but parentheses.
            var depth = 0
            repeat {
              if bytes[place] == UInt8(ascii: "(") { depth += 1 } else if bytes[place] == UInt8(ascii: ")") { depth -= 1 }
              plain.append(bytes[place])
              if bytes[place] == newline { bare.append(newline) }
              place += 1
            } while place < bytes.count && (depth > 0 || bytes[place - 1] != UInt8(ascii: ")"))
            continue
          }
          plain.append(bytes[place]); place += 1
          if isEscape, place < bytes.count, bytes[place] != newline { plain.append(bytes[place]); place += 1 }
        }
        for _ in 0..<(hashes + width) where place < bytes.count { plain.append(bytes[place]); bare.append(bytes[place]); place += 1 }
      } else {
        plain.append(byte); bare.append(byte); place += 1
      }
    }
    uncommented = String(decoding: plain, as: UTF8.self)
    code = String(decoding: bare, as: UTF8.self)
  }
}

import Foundation
import Kernel
import Testing

@testable import Contract

@Suite struct JSONTests {
  @Test(
    "What isn't JSON is refused with its place",
    arguments: [
      ("", 0), (" ", 1), ("{", 1), ("[1,]", 3), ("{\"a\":1,}", 7), ("{\"a\" 1}", 5), ("{a:1}", 1), ("01", 2), ("-", 1), ("1.", 2), ("1e", 2), (".5", 0), ("+1", 0), ("nul", 0), ("NaN", 0),
      ("\"a", 2), ("\"\\x\"", 3), ("\"\\u12g4\"", 5), ("\"\\ud800\"", 7), ("\"\\udc00\"", 7), ("\"\\ud800\\u0041\"", 13), ("\"a\nb\"", 3), ("1 2", 2), ("{\"a\":1,\"a\":2}", 7), ("'a'", 0),
      ("{\"a\":1}x", 7), ("\u{FEFF}1", 0),
    ])
  func refused(text: String, offset: Int) {
    #expect { try JSON(Array(text.utf8)) } throws: { error in (error as? JSON.Fault)?.offset == offset }
  }

  @Test("Bytes that aren't UTF-8 are refused, escaped or not")
  func notUTF8() {
    #expect(throws: JSON.Fault.self) { try JSON([0x22, 0xFF, 0x22]) }
    #expect(throws: JSON.Fault.self) { try JSON([0x22, 0x5C, 0x6E, 0xC0, 0xAF, 0x22]) }
  }

  @Test("Nesting ends at 64 levels")
  func depth() throws {
    func nested(_ depth: Int) -> [UInt8] { Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8) }
    _ = try JSON(nested(64))
    #expect(throws: JSON.Fault.self) { try JSON(nested(65)) }
    #expect(throws: JSON.Fault.self) { try JSON([UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)) }
  }

  @Test(
    "Numbers keep their value",
    arguments: [
      ("0", JSON.integer(0)), ("-0", .integer(0)), ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)), ("9223372036854775808", .number("9223372036854775808")),
      ("1.0", .integer(1)), ("1.5", .number("1.5")), ("1e2", .number("1e2")),
    ])
  func numbers(text: String, expected: JSON) throws {
    #expect(try JSON(Array(text.utf8)) == expected)
  }

  @Test("Reading what was written gives the same value, and Foundation reads the same")
  func roundTrip() throws {
    var random = SplitMix(seed: 11)
    for _ in 0..<500 {
      let value = JSON.random(depth: 4, using: &random)
      #expect(try JSON(Array(value.compact.utf8)) == value)
      #expect(try JSON(Array(value.pretty.utf8)) == value)
      #expect(try JSON(Array(value.pretty(width: 40).utf8)) == value)
      let theirs = try JSONSerialization.jsonObject(with: Data(value.compact.utf8), options: .fragmentsAllowed)
      let again = try JSONSerialization.data(withJSONObject: theirs, options: [.fragmentsAllowed, .sortedKeys])
      #expect(try JSON(Array(again)).sorted == value.sorted)
    }
  }

  @Test("With a width, what fits stands on one line, and what doesn't is broken")
  func wide() {
    let value: JSON = ["a": ["b": 1, "c": [true, .null]], "d": ["e": "a text of some length", "f": [["g": 1], ["h": "another"]]]]
    let text = value.pretty(width: 40)
    #expect(text == #"""
      {
        "a": {"b": 1, "c": [true, null]},
        "d": {
          "e": "a text of some length",
          "f": [{"g": 1}, {"h": "another"}]
        }
      }

      """#)
    #expect(text.split(separator: "\n").allSatisfy { $0.utf8.count <= 40 })
    #expect(value.pretty(width: 200) == #"{"a": {"b": 1, "c": [true, null]}, "d": {"e": "a text of some length", "f": [{"g": 1}, {"h": "another"}]}}"# + "\n")
  }

  @Test("Cutting or changing a byte never crashes the reader")
  func damaged() {
    var random = SplitMix(seed: 13)
    for _ in 0..<300 {
      var bytes = Array(JSON.random(depth: 4, using: &random).compact.utf8)
      _ = try? JSON(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
      if let place = bytes.indices.randomElement(using: &random) { bytes[place] = UInt8.random(in: 0...255, using: &random) }
      _ = try? JSON(bytes)
    }
  }
}

extension JSON {
  static func random(depth: Int, using random: inout SplitMix) -> JSON {
    let texts = ["", "a", "é", "\u{1F600}", "\"\\/\n\t\u{0}\u{1f}", "\u{2028}", "next_cursor"]
    switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
    case 0: return .null
    case 1: return .boolean(Bool.random(using: &random))
    case 2: return .integer(Int64.random(in: -1_000_000...1_000_000, using: &random))
    case 3, 4: return .string((texts.randomElement(using: &random) ?? "") + (texts.randomElement(using: &random) ?? ""))
    case 5: return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in .random(depth: depth - 1, using: &random) })
    default: return .object((0..<Int.random(in: 0...4, using: &random)).map { Member("k\($0)é\"", .random(depth: depth - 1, using: &random)) })
    }
  }

  /// With the members of objects in the order of their names.
  var sorted: JSON {
    switch self {
    case .array(let items): .array(items.map(\.sorted))
    case .object(let members): .object(members.map { Member($0.name, $0.value.sorted) }.sorted { $0.name < $1.name })
    default: self
    }
  }
}

import Foundation
import Kernel

/// Writes fields of a mail's header: folded to short lines, with other than ASCII in encoded words (RFC 2047).
///
/// Every value passes `oneLine`, so that none can begin a field of its own.
enum HeaderField {
  /// A text for people.
  static func text(_ name: String, _ value: String) -> String {
    let line = oneLine(value)
    let words = line.split(separator: " ").map(String.init)
    let isPlain = isPrintableASCII(line) && !line.contains("=?") && words.allSatisfy { $0.utf8.count <= 60 }
    return fold(name, isPlain ? words : encodedWords(line))
  }

  static func mailbox(_ name: String, _ mailbox: Mailbox) -> String {
    let line = oneLine(mailbox.name ?? "")
    let address = "<\(mailbox.address.text)>"
    guard !line.isEmpty else { return fold(name, [address]) }
    guard isPrintableASCII(line), !line.contains("=?"), line.utf8.count <= 60 else { return fold(name, encodedWords(line) + [address]) }
    let quoted = line.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return fold(name, ["\"\(quoted)\"", address])
  }

  /// A value for machines, which encoded words would spoil. `nil` where it can't be written: with other than ASCII, or with a word too long for a line.
  static func structured(_ name: String, _ value: String) -> String? {
    let words = oneLine(value).split(separator: " ").map(String.init)
    guard words.allSatisfy({ isPrintableASCII($0) && $0.utf8.count <= 900 }) else { return nil }
    return fold(name, words)
  }

  /// With control characters, line breaks of all kinds and runs of spaces made one space.
  private static func oneLine(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: scalars.append(" ")
      default: scalars.append(scalar)
      }
    }
    return String(scalars).split(separator: " ").joined(separator: " ")
  }

  private static func isPrintableASCII(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }

  /// Pieces of at most 36 bytes that end between characters: 60 columns each with their frame.
  private static func encodedWords(_ text: String) -> [String] {
    var words: [String] = []
    var piece: [UInt8] = []
    for scalar in text.unicodeScalars {
      let bytes = UTF8.encode(scalar).map(Array.init) ?? []
      if piece.count + bytes.count > 36 {
        words.append(encodedWord(piece))
        piece = []
      }
      piece += bytes
    }
    return piece.isEmpty ? words : words + [encodedWord(piece)]
  }

  private static func encodedWord(_ bytes: [UInt8]) -> String { "=?utf-8?B?\(Data(bytes).base64EncodedString())?=" }

  /// A line ends before the word that would pass column 76.
  private static func fold(_ name: String, _ words: [String]) -> String {
    var text = name + ":"
    var column = text.utf8.count
    for (place, word) in words.enumerated() {
      if place > 0, column + 1 + word.utf8.count > 76 {
        text += "\r\n"
        column = 0
      }
      text += " " + word
      column += 1 + word.utf8.count
    }
    return text
  }
}

/// A table as comma-separated values (RFC 4180), for spreadsheets.
struct CSVText {
  private(set) var bytes: [UInt8] = []

  init(_ header: [String]) { append(header) }

  /// A row; a text that a spreadsheet would take for a formula is kept from being one by an apostrophe.
  mutating func append(_ fields: [String]) {
    for (place, field) in fields.enumerated() {
      if place > 0 { bytes.append(UInt8(ascii: ",")) }
      let text = field.first.map { "=+-@\t\r".contains($0) } == true ? "'" + field : field
      if text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
          if byte == UInt8(ascii: "\"") { bytes.append(byte) }
          bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
      } else {
        bytes.append(contentsOf: text.utf8)
      }
    }
    bytes += [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
  }
}

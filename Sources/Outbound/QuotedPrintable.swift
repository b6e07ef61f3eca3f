/// The quoted-printable encoding of texts (RFC 2045 §6.7): lines of at most 76 columns, ended by CRLF.
enum QuotedPrintable {
  /// The text's own lines may end in LF, CRLF or CR.
  static func encode(_ text: String) -> String {
    var encoded: [UInt8] = []
    encoded.reserveCapacity(text.utf8.count + text.utf8.count / 8)
    var isFirst = true
    for line in lines(text) {
      if !isFirst { encoded += [cr, lf] }
      isFirst = false
      encode(line, into: &encoded)
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  private static let cr = UInt8(ascii: "\r")
  private static let lf = UInt8(ascii: "\n")
  private static let digits = Array("0123456789ABCDEF".utf8)

  private static func lines(_ text: String) -> [ArraySlice<UInt8>] {
    let bytes = Array(text.utf8)
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    var place = 0
    while place < bytes.count {
      if bytes[place] == cr || bytes[place] == lf {
        lines.append(bytes[start..<place])
        if bytes[place] == cr, place + 1 < bytes.count, bytes[place + 1] == lf { place += 1 }
        start = place + 1
      }
      place += 1
    }
    lines.append(bytes[start...])
    return lines
  }

  private static func encode(_ line: ArraySlice<UInt8>, into encoded: inout [UInt8]) {
    var column = 0
    for place in line.indices {
      let byte = line[place]
      let isLast = place == line.endIndex - 1
      let isPlain =
        switch byte {
        case UInt8(ascii: "="): false
        case UInt8(ascii: " "), UInt8(ascii: "\t"): !isLast
        case 0x21...0x7E: true
        default: false
        }
      // One column stays free for the `=` that continues a line.
      if column + (isPlain ? 1 : 3) > 75 {
        encoded += [UInt8(ascii: "="), cr, lf]
        column = 0
      }
      if isPlain, !(column == 0 && isFragile(line[place...])) {
        encoded.append(byte)
        column += 1
      } else {
        encoded.append(UInt8(ascii: "="))
        encoded.append(digits[Int(byte >> 4)])
        encoded.append(digits[Int(byte & 0xF)])
        column += 3
      }
    }
  }

  /// What some servers change at the beginning of a line: a dot, and `From `, which separates mails in an mbox file.
  private static func isFragile(_ rest: ArraySlice<UInt8>) -> Bool { rest.first == UInt8(ascii: ".") || rest.starts(with: "From ".utf8) }
}

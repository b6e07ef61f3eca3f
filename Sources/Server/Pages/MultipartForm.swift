import ControlPlane
import HTTPTypes
import Kernel

/// A form with files, as browsers send it: `multipart/form-data` (RFC 7578).
struct MultipartForm {
  var fields: [(String, String)] = []
  var files: [UploadedFile] = []

  /// The boundary of a content type; `nil` when it is another one, or says none.
  static func boundary(of contentType: String) -> String? {
    let parts = contentType.split(separator: ";").map(\.trimmingSpaces)
    guard parts.first?.lowercased() == "multipart/form-data" else { return nil }
    guard let parameter = parts.first(where: { $0.lowercased().hasPrefix("boundary=") }) else { return nil }
    let text = parameter.dropFirst("boundary=".count)
    let boundary = text.hasPrefix("\"") && text.hasSuffix("\"") && text.count > 1 ? String(text.dropFirst().dropLast()) : String(text)
    return (1...70).contains(boundary.utf8.count) ? boundary : nil
  }

  /// `nil` for what isn't well formed, and for more than 200 parts.
  init?(_ body: [UInt8], boundary: String) {
    let delimiter = Array("--\(boundary)".utf8)
    guard body.starts(with: delimiter) else { return nil }
    var rest = body[delimiter.count...]
    while !rest.starts(with: Array("--".utf8)) {
      guard fields.count + files.count < 200, rest.starts(with: Self.lineEnd) else { return nil }
      guard let head = Self.first(Self.lineEnd + Self.lineEnd, in: rest), let end = Self.first(Self.lineEnd + delimiter, in: rest[head.upperBound...]) else { return nil }
      guard take(String(decoding: rest[(rest.startIndex + 2)..<head.lowerBound], as: UTF8.self), content: rest[head.upperBound..<end.lowerBound]) else { return nil }
      rest = rest[end.upperBound...]
    }
  }

  private static let lineEnd: [UInt8] = [0x0D, 0x0A]

  private mutating func take(_ head: String, content: ArraySlice<UInt8>) -> Bool {
    let lines = head.split(separator: "\r\n")
    guard let disposition = lines.first(where: { $0.lowercased().hasPrefix("content-disposition:") }), let name = Self.parameter("name", of: disposition) else { return false }
    if let file = Self.parameter("filename", of: disposition) {
      files.append(UploadedFile(field: name, name: file, bytes: Array(content)))
    } else {
      fields.append((name, String(decoding: content, as: UTF8.self)))
    }
    return true
  }

  /// A quoted parameter; browsers write a quote within as `%22`.
  private static func parameter(_ name: String, of disposition: some StringProtocol) -> String? {
    for part in disposition.split(separator: ";").dropFirst() {
      let text = part.trimmingSpaces
      guard text.lowercased().hasPrefix("\(name)=\"") else { continue }
      return String(text.dropFirst(name.count + 2).prefix { $0 != "\"" })
    }
    return nil
  }

  private static func first(_ pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Range<Int>? {
    guard bytes.count >= pattern.count else { return nil }
    for place in bytes.startIndex...(bytes.endIndex - pattern.count) where bytes[place] == pattern[0] && bytes[place...].starts(with: pattern) {
      return place..<(place + pattern.count)
    }
    return nil
  }
}

/// An address that is safe to put where a browser follows it: within this site, or `http:`, `https:` and `mailto:`.
///
/// What is interpolated into a literal is percent-encoded, so that it stays one path segment or one query value whatever it holds:
///
///     a(href: "/o/\(slug)/members") { "Members" }
///
/// A literal with any other scheme (`javascript:`, `data:`) or without a first segment (`//elsewhere`) becomes `about:invalid`, which leads nowhere.
public struct Link: Sendable, Hashable {
  public let text: String

  private init(verified text: String) { self.text = text }

  private init(checking text: String) { self.text = Self.isSafe(text) ? text : "about:invalid" }

  /// A path within this site, from outside (a form, a query): one leading slash, nothing that leads to another host. `nil` for anything else.
  public init?(local text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.first == UInt8(ascii: "/"), bytes.count <= 2048, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }), Self.isSafe(String(text)) else { return nil }
    self.init(verified: String(text))
  }

  /// An absolute `http:` or `https:` address from outside. `nil` for anything else.
  public init?(web text: some StringProtocol) {
    let lowered = text.lowercased()
    guard let scheme = ["https://", "http://"].first(where: lowered.hasPrefix), text.utf8.count > scheme.utf8.count, text.utf8.count <= 2048,
      text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") })
    else { return nil }
    self.init(verified: String(text))
  }

  /// Writes a mail to an address.
  public static func mail(to address: some StringProtocol) -> Link { Link(verified: "mailto:" + percentEncoded(address, keeping: "@+")) }

  /// The place on the same page with this id.
  public static func anchor(_ id: some StringProtocol) -> Link { Link(verified: "#" + percentEncoded(id)) }

  /// The same address with one more query item; `nil` and the empty text add nothing.
  public func adding(_ name: StaticString, _ value: (some StringProtocol)?) -> Link {
    guard let value, !value.isEmpty else { return self }
    let hash = text.firstIndex(of: "#") ?? text.endIndex
    let base = text[..<hash]
    return Link(verified: "\(base)\(base.contains("?") ? "&" : "?")\(name)=\(Self.percentEncoded(value))\(text[hash...])")
  }

  public func adding(_ name: StaticString, _ value: Int) -> Link { adding(name, String(value)) }

  private static func isSafe(_ text: String) -> Bool {
    let bytes = text.utf8
    guard bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7F }), bytes.first != UInt8(ascii: "\\") else { return false }
    if bytes.first == UInt8(ascii: "/") {
      let second = bytes.dropFirst().first
      return second != UInt8(ascii: "/") && second != UInt8(ascii: "\\")
    }
    guard let end = bytes.firstIndex(where: { [UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")].contains($0) }), bytes[end] == UInt8(ascii: ":") else { return true }
    return ["http", "https", "mailto"].contains(text[..<end].lowercased())
  }

  /// RFC 3986 §2.3: everything but the unreserved characters, and those kept, becomes `%XX`.
  private static func percentEncoded(_ text: some StringProtocol, keeping kept: StaticString = "") -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        bytes.append(byte)
      case _ where kept.withUTF8Buffer({ $0.contains(byte) }):
        bytes.append(byte)
      default:
        bytes.append(UInt8(ascii: "%"))
        for nibble in [byte >> 4, byte & 15] { bytes.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10) }
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Link: ExpressibleByStringInterpolation {
  public init(stringLiteral text: String) { self.init(checking: text) }

  public init(stringInterpolation: Interpolation) { self.init(checking: stringInterpolation.text) }

  /// Gathers a literal's parts; values are percent-encoded.
  public struct Interpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    public init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity + interpolationCount * 16) }

    public mutating func appendLiteral(_ literal: String) { text += literal }
    /// A link at the start is the base of the new one; anywhere else it is a value.
    public mutating func appendInterpolation(_ link: Link) { text += text.isEmpty ? link.text : percentEncoded(link.text) }
    public mutating func appendInterpolation(_ value: some StringProtocol) { text += percentEncoded(value) }
    @_disfavoredOverload
    public mutating func appendInterpolation(_ value: some CustomStringConvertible) { text += percentEncoded(value.description) }
  }
}

/// Where an image comes from: an address, or the bytes themselves.
public struct ImageSource: Sendable, Hashable {
  let text: String

  /// An image of this site or of the web.
  public static func at(_ link: Link) -> ImageSource { ImageSource(text: link.text) }

  /// A PNG within the page (a logo, a QR code), as base64 (RFC 4648 §4). `nil` if it isn't base64.
  public static func png(base64: some StringProtocol) -> ImageSource? {
    let isBase64 = base64.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): true
      default: false
      }
    }
    return isBase64 && !base64.isEmpty ? ImageSource(text: "data:image/png;base64,\(base64)") : nil
  }
}

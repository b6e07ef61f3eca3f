public import Kernel
public import Secrets

/// A picture that stands for an organization or a person: PNG, JPEG or WebP, small enough to stand beside every name.
public struct Image: Sendable, Hashable {
  public enum MediaType: String, Sendable, Hashable, CaseIterable {
    case png = "image/png"
    case jpeg = "image/jpeg"
    case webp = "image/webp"
  }

  public let mediaType: MediaType
  public let bytes: [UInt8]
  /// Names the image: the same content has the same name, so it can be kept for ever by who has fetched it.
  public let digest: SHA256Digest

  /// The most bytes, and the most pixels a side.
  public static let size = 256 << 10
  public static let side = 2048

  /// Looks at what the bytes are, whatever somebody said they are. SVG is refused: it can hold programs.
  public init(_ bytes: [UInt8]) throws(Rejection) {
    guard !bytes.isEmpty else { throw Rejection("Choose a picture: PNG, JPEG or WebP.") }
    guard bytes.count <= Self.size else { throw Rejection("Choose a picture of at most \(Self.size >> 10) kB.") }
    guard let (mediaType, width, height) = Self.measured(bytes) else { throw Rejection("This is no PNG, JPEG or WebP that can be read. Save it as one of these.") }
    guard (1...Self.side).contains(width), (1...Self.side).contains(height) else {
      throw Rejection("Choose a picture of at most \(Self.side) by \(Self.side) pixels; this one has \(width) by \(height).")
    }
    self.init(mediaType: mediaType, bytes: bytes, digest: SHA256Digest(of: bytes))
  }

  init(mediaType: MediaType, bytes: [UInt8], digest: SHA256Digest) {
    (self.mediaType, self.bytes, self.digest) = (mediaType, bytes, digest)
  }

  /// Where it is served; `nil` for none.
  static func path(_ digest: SHA256Digest?) -> String? { digest.map { "/images/\($0.text)" } }
}

// What the first bytes tell: PNG (W3C PNG 3 §11.2.1), JPEG (ITU-T T.81 §B.2.2), WebP (RFC 9649 §2.5 to 2.7).
extension Image {
  private static func measured(_ bytes: [UInt8]) -> (MediaType, width: Int, height: Int)? {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return png(bytes).map { (.png, $0.0, $0.1) } }
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return jpeg(bytes).map { (.jpeg, $0.0, $0.1) } }
    if bytes.starts(with: Array("RIFF".utf8)), bytes.dropFirst(8).starts(with: Array("WEBP".utf8)) { return webp(bytes).map { (.webp, $0.0, $0.1) } }
    return nil
  }

  private static func png(_ bytes: [UInt8]) -> (Int, Int)? {
    guard bytes.count >= 33, bytes[12..<16].elementsEqual("IHDR".utf8) else { return nil }
    return (bigEndian(bytes[16..<20]), bigEndian(bytes[20..<24]))
  }

  private static func jpeg(_ bytes: [UInt8]) -> (Int, Int)? {
    var place = 2
    while place + 9 < bytes.count, bytes[place] == 0xFF {
      let marker = bytes[place + 1]
      switch marker {
      case 0xFF: place += 1
      case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF: return (bigEndian(bytes[place + 7..<place + 9]), bigEndian(bytes[place + 5..<place + 7]))
      case 0xD0...0xDA: return nil
      default: place += 2 + bigEndian(bytes[place + 2..<place + 4])
      }
    }
    return nil
  }

  private static func webp(_ bytes: [UInt8]) -> (Int, Int)? {
    guard bytes.count >= 30 else { return nil }
    switch String(decoding: bytes[12..<16], as: UTF8.self) {
    case "VP8 ": return (littleEndian(bytes[26..<28]) & 0x3FFF, littleEndian(bytes[28..<30]) & 0x3FFF)
    case "VP8L":
      let packed = littleEndian(bytes[21..<25])
      return (packed & 0x3FFF + 1, packed >> 14 & 0x3FFF + 1)
    case "VP8X": return (littleEndian(bytes[24..<27]) + 1, littleEndian(bytes[27..<30]) + 1)
    default: return nil
    }
  }

  private static func bigEndian(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
  private static func littleEndian(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reversed().reduce(0) { $0 << 8 | Int($1) } }
}

import CAssets
import Contract
import ControlPlane
import HTTPTypes
import Hummingbird
import Kernel
import Markup
import Secrets
import Synchronization

/// The console's style sheet, scripts and icon, as they are compiled in.
///
/// All stand under one folder that is named after their content: they may be kept for ever, and scripts find each other by relative names.
struct AssetStore: Sendable {
  private let files: [Asset]
  /// `/assets/<version>/`
  private let folder: String
  /// Changes with any of the files.
  let version: String
  let fonts: Bool

  final class Asset: Sendable {
    let name: String
    let mediaType: String
    let bytes: [UInt8]
    /// Made for the first who takes it: compressing all of them would be much of the server's start.
    private let compressed = Mutex<[UInt8]??>(nil)

    init(name: String, mediaType: String, bytes: [UInt8]) {
      (self.name, self.mediaType, self.bytes) = (name, mediaType, bytes)
    }

    /// `nil` where compressing doesn't help.
    var gzip: [UInt8]? {
      compressed.withLock { compressed in
        if let compressed { return compressed }
        let made = mediaType == "font/woff2" ? nil : Gzip.compressed(bytes)
        compressed = .some(made)
        return made
      }
    }
  }

  init(hasFonts: Bool) {
    var files: [(name: String, bytes: [UInt8])] = []
    let embedded = Self.embedded
    let sheets = embedded.filter { $0.name.hasSuffix(".css") && ($0.name != "fonts.css" || hasFonts) }.sorted { Self.isBefore($0.name, $1.name) }
    files.append(("guildhall.css", sheets.flatMap(\.bytes)))
    files += embedded.filter { !$0.name.hasSuffix(".css") }
    version = String(SHA256Digest(of: files.flatMap { Array($0.name.utf8) + [0] + $0.bytes }).text.prefix(12))
    folder = "/assets/\(version)"
    fonts = hasFonts
    self.files = files.map { Asset(name: $0.name, mediaType: MediaTypes.of($0.name), bytes: $0.bytes) }
  }

  /// The layers are named first, whatever their order in the alphabet.
  private static func isBefore(_ one: String, _ other: String) -> Bool {
    if (one == "layers.css") != (other == "layers.css") { return one == "layers.css" }
    return one < other
  }

  static var embedded: [(name: String, bytes: [UInt8])] {
    (0..<guildhall_asset_count()).map { place in
      let asset = guildhall_asset_at(place)
      return (String(cString: asset.name), Array(UnsafeBufferPointer(start: asset.bytes, count: asset.count)))
    }
  }

  func bytes(of name: String) -> [UInt8] { files.first { $0.name == name }?.bytes ?? [] }

  func link(_ name: String) -> Link { Link(local: "\(folder)/\(name)") ?? "/" }

  var pageAssets: PageAssets {
    PageAssets(
      stylesheets: [link("guildhall.css")], script: link("guildhall.js"), icon: link("icon.svg"),
      fonts: fonts ? ["/assets/fonts/inter.woff2"] : [])
  }

  var routes: [Route] {
    files.map { file in
      Route(.get, "\(folder)/\(file.name)", for: .program, isLimited: false) { exchange in file.answer(to: exchange.request.headers, keeping: "public, max-age=31536000, immutable") }
    }
  }
}

extension AssetStore.Asset {
  func answer(to request: HTTPFields, keeping cacheControl: String) -> Response {
    var headers: HTTPFields = [.cacheControl: cacheControl]
    guard let gzip else { return Response(200, mediaType, bytes, headers) }
    headers[.vary] = "Accept-Encoding"
    guard ContentCoding.takesGzip(request[values: .acceptEncoding]) else { return Response(200, mediaType, bytes, headers) }
    headers[.contentEncoding] = "gzip"
    return Response(200, mediaType, gzip, headers)
  }
}

/// Which compression a client takes (RFC 9110 §12.5.3).
enum ContentCoding {
  static func takesGzip(_ headers: [String]) -> Bool {
    for item in headers.flatMap({ $0.split(separator: ",") }) {
      let fields = item.split(separator: ";").map { $0.trimmingSpaces.lowercased() }
      guard fields.first == "gzip" || fields.first == "*" else { continue }
      return !fields.dropFirst().contains { $0.hasPrefix("q=0") && !$0.contains(where: { ("1"..."9").contains($0) }) }
    }
    return false
  }
}

enum MediaTypes {
  static func of(_ name: String) -> String {
    switch name.split(separator: ".").last {
    case "css": "text/css; charset=utf-8"
    case "js": "text/javascript; charset=utf-8"
    case "svg": "image/svg+xml"
    case "woff2": "font/woff2"
    case "png": "image/png"
    case "json": "application/json"
    default: "application/octet-stream"
    }
  }
}

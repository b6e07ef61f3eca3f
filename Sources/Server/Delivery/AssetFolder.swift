import Contract
import Foundation
import Hummingbird
import Secrets

/// Files that are installed and not compiled in: fonts, and the scripts of the documentation.
///
/// They are listed and read once, at the start: what a request names is looked up among them, and no path of a request ever reaches the disk.
struct AssetFolder: Sendable {
  private let files: [(place: String, asset: AssetStore.Asset)]

  /// The plain files directly in each of the subfolders; what is larger than 8 MiB, hidden or a link is left out.
  init(_ path: String?, subfolders: [String]) {
    var files: [(String, AssetStore.Asset)] = []
    for subfolder in subfolders {
      guard let path else { break }
      for name in Self.names(in: "\(path)/\(subfolder)") {
        guard let bytes = Self.content(of: "\(path)/\(subfolder)/\(name)") else { continue }
        files.append(("\(subfolder)/\(name)", AssetStore.Asset(name: name, mediaType: MediaTypes.of(name), bytes: bytes)))
      }
    }
    self.files = files
  }

  func holds(_ place: String) -> Bool { files.contains { $0.place == place } }

  var routes: [Route] {
    files.map { file in
      let tag = "\"\(SHA256Digest(of: file.asset.bytes).text.prefix(16))\""
      return Route(.get, "/assets/\(file.place)", for: .program, isLimited: false) { exchange in
        if EntityTag.isKnown(tag, in: exchange.request.headers[values: .ifNoneMatch]) {
          return Response(status: .notModified, headers: [.eTag: tag, .cacheControl: "public, max-age=86400"])
        }
        var response = file.asset.answer(to: exchange.request.headers, keeping: "public, max-age=86400")
        response.headers[.eTag] = tag
        return response
      }
    }
  }

  private static func names(in folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { !$0.hasPrefix(".") && !$0.contains("{") }.sorted()
  }

  private static func content(of path: String) -> [UInt8]? {
    // Attributes are those of the link itself, so that no link is followed.
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path), attributes[.type] as? FileAttributeType == .typeRegular,
      let size = attributes[.size] as? Int, size <= 8 << 20
    else { return nil }
    return FileManager.default.contents(atPath: path).map { Array($0) }
  }
}

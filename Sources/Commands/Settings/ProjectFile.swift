import Contract
import Kernel

/// What a folder says of where its work belongs: the nearest `.guildhall.json`, in this folder or above.
struct ProjectFile: Sendable, Hashable {
  static let name = ".guildhall.json"

  let path: String
  let content: Content

  struct Content: Codable, Sendable, Hashable {
    var host: String?
    var context: String?
    var organization: String?
  }

  static func nearest(to folder: String) throws(Problem) -> ProjectFile? {
    var folder = folder
    while true {
      let path = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
      if let (bytes, _) = try PlainFile.read(path, limit: 64 << 10) { return ProjectFile(path: path, content: try read(bytes, path)) }
      guard folder != "/", !folder.isEmpty else { return nil }
      let parent = PlainFile.parent(of: folder)
      folder = parent.isEmpty ? "/" : parent
    }
  }

  private static func read(_ bytes: [UInt8], _ path: String) throws(Problem) -> Content {
    if let json = try? JSON(bytes), json["token"] != nil {
      throw Problem(.unusableFile, "\(path) holds a token, which everybody who gets this folder would have. Take it out, revoke it, and sign in with: guildhall login")
    }
    do {
      return try WireCoding.decode(Content.self, from: bytes)
    } catch {
      let place = error.faults.first.map { "\($0.field): \($0.detail)" } ?? error.detail.replacing("The body isn't JSON", with: "it isn't JSON")
      throw Problem(.unusableFile, "\(path) can't be understood: \(place) It may hold host, context and organization.")
    }
  }
}

import Contract
import Kernel

/// Revisions as HTTP writes them (RFC 9110 §8.8.3): strong entity tags.
enum EntityTag {
  static func of(_ revision: Int) -> String { "\"\(revision)\"" }

  /// The revision that `If-Match` asks for; `nil` for none, or any. A tag that can't be ours is refused like one that is outdated.
  static func expected(_ headers: [String]) throws(Problem) -> Int? {
    let tags = headers.flatMap { $0.split(separator: ",") }.map(\.trimmingSpaces).filter { !$0.isEmpty }
    guard !headers.isEmpty, tags != ["*"] else { return nil }
    guard let tag = tags.first, tags.count == 1 else { throw Problem(.malformed, "Give one entity tag in If-Match.") }
    guard tag.hasPrefix("\"") || tag.hasPrefix("W/\""), tag.hasSuffix("\""), tag.utf8.count > 2 else { throw Problem(.malformed, "An entity tag stands in quotes, such as \"3\".") }
    guard let revision = Int(tag.dropFirst().dropLast()), tag == of(revision) else {
      throw Problem(.stale, "This has changed since you read it. Read it again and decide anew.")
    }
    return revision
  }

  /// Whether `If-None-Match` names the tag; compared weakly (RFC 9110 §13.1.2).
  static func isKnown(_ tag: String, in headers: [String]) -> Bool {
    headers.flatMap { $0.split(separator: ",") }.map(\.trimmingSpaces).contains { $0 == "*" || $0 == tag || $0 == "W/\(tag)" }
  }
}

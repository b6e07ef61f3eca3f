public import Kernel

/// Something that somebody wants to find again.
public struct Star: Sendable, Hashable {
  public let resource: Resource
  public let since: Timestamp

  /// How many somebody may have in one organization.
  static let limit = 200
}

extension Star {
  /// What a list goes on behind.
  var keys: [String] { [String(since.milliseconds), resource.id.description] }

  /// Whether it stands at these keys, or before them: the newest stand first, and of one instant those of smaller ids.
  func isNotBehind(_ keys: [String]) -> Bool {
    let other = Int64(keys[0]) ?? .max
    return since.milliseconds > other || since.milliseconds == other && resource.id.description <= keys[1]
  }
}

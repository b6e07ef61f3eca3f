public import Kernel

/// Something that somebody wants to find again.
public struct Star: Sendable, Hashable {
  public let resource: Resource
  public let since: Timestamp

  /// How many somebody may have in one organization.
  static let limit = 200
}

public import Kernel

/// Whether somebody may do something now, for a page to offer it or not.
public enum Availability: Sendable, Hashable {
  case possible
  /// After giving the password again.
  case afterPassword
  case impossible
}

/// What can be done with an organization as a whole, by one person, as it stands.
public struct OrganizationOptions: Sendable, Hashable {
  public let update: Availability
  public let suspend: Availability
  public let resume: Availability
  public let transfer: Availability
  /// To take it along as one file.
  public let export: Availability
  public let delete: Availability
  public let leave: Leaving

  /// Whether somebody can go.
  public enum Leaving: Sendable, Hashable {
    case possible
    /// Somebody else must become an admin first.
    case lastAdmin
    /// They aren't a member.
    case impossible
  }

  /// Whether there is anything to do in the settings but to leave.
  public var isForSettings: Bool { [update, suspend, resume, transfer, export, delete].contains { $0 != .impossible } }
}

/// What goes with an organization when it is deleted.
public struct DeletionConsequences: Sendable, Hashable {
  public let members: Int
  public let openInvitations: Int
  /// Until when it could be restored, if it were deleted now.
  public let restorableUntil: Timestamp
}

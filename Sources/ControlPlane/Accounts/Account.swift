public import Kernel

/// A person, known to the whole installation.
public struct Account: Sendable, Hashable {
  public let id: ID<Account>
  public let handle: Slug
  public let name: DisplayName
  public let isActive: Bool
  public let isSuperUser: Bool
  public let createdAt: Timestamp
  /// Since when it is deleted; what it made stays, under its name.
  public let deletedAt: Timestamp?
  public let revision: Int
}

/// An address of an account.
public struct AccountEmail: Sendable, Hashable {
  public let id: ID<AccountEmail>
  public let account: ID<Account>
  public let address: EmailAddress
  /// Since when it is proven that its mail reaches the person; only then it counts for invitations.
  public let verifiedAt: Timestamp?
  public let isPrimary: Bool

  public var isVerified: Bool { verifiedAt != nil }
}

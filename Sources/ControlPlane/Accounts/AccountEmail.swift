public import Kernel

/// An address of an account.
public struct AccountEmail: Sendable, Hashable {
  public let id: ID<AccountEmail>
  public let account: ID<Account>
  public let address: EmailAddress
  /// Since when it is proven that its mail reaches the person; only then it counts for invitations.
  public let verifiedAt: Timestamp?
  public let isPrimary: Bool

  public var isVerified: Bool { verifiedAt != nil }

  /// How many an account may have.
  static let limit = 20

  /// How long the link that verifies an address works.
  static let verificationTerm = Duration.days(3)

  /// Whether the claim gives way to somebody else's: to a proof always, to another claim when its account has proven another address.
  ///
  /// A proven address is never given away, and neither is the one address of somebody who has just signed up.
  func yields(toProof isProven: Bool, whenOwnerHas others: [AccountEmail]) -> Bool {
    !isVerified && (isProven || others.contains { $0.id != id && $0.isVerified })
  }
}

extension [AccountEmail] {
  /// Where the link for a new password goes when it is asked for at `asked`: only to a proven address, unless the account has none.
  func acceptsReset(at asked: AccountEmail) -> Bool { asked.isVerified || !contains { $0.isVerified } }
}

extension Target {
  init(_ email: AccountEmail) { self.init("email", email.id.description, named: email.address.text) }
}

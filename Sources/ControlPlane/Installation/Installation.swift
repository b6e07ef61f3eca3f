import Contract
import Kernel

/// What operators set for everybody.
public struct Installation: Sendable, Hashable {
  public var signUp: SignUpPolicy
  /// Whether tokens may be made that never expire.
  public var allowsEndlessTokens: Bool
  /// Whether who may add members adds accounts that there are already without asking them. Otherwise only operators do, and others invite.
  public var letsMembersBeAdded: Bool

  public static let initial = Installation(signUp: .open, allowsEndlessTokens: false, letsMembersBeAdded: false)

  /// Who may create an account.
  public enum SignUpPolicy: String, Sendable, Hashable, CaseIterable {
    case open
    /// Who has an address that was invited, by an invitation that is still open.
    case invitees
    case closed

    /// Refuses who may not sign up. The first account is always let in: without it nobody could open anything.
    func admit(isFirst: Bool, isInvited: Bool) throws(Problem) {
      switch self {
      case _ where isFirst, .open: return
      case .invitees where isInvited: return
      case .invitees: throw Problem(.invitationNeeded, "Signing up here takes an invitation. Ask an admin of your organization for one, and use the address it is sent to.")
      case .closed: throw Problem(.signUpClosed, "Nobody can sign up here. Ask an operator of this installation for an account.")
      }
    }
  }
}

/// What is to be changed; `nil` leaves as is.
public struct InstallationUpdate: Sendable {
  public var signUp: Installation.SignUpPolicy?
  public var allowsEndlessTokens: Bool?
  public var letsMembersBeAdded: Bool?

  public init(signUp: Installation.SignUpPolicy? = nil, allowsEndlessTokens: Bool? = nil, letsMembersBeAdded: Bool? = nil) {
    self.signUp = signUp
    self.allowsEndlessTokens = allowsEndlessTokens
    self.letsMembersBeAdded = letsMembersBeAdded
  }

  func applied(to installation: Installation) -> Installation {
    var result = installation
    if let signUp { result.signUp = signUp }
    if let allowsEndlessTokens { result.allowsEndlessTokens = allowsEndlessTokens }
    if let letsMembersBeAdded { result.letsMembersBeAdded = letsMembersBeAdded }
    return result
  }
}

extension Target {
  static let installation = Target("installation", "installation", named: "Installation")
}

public import Kernel

/// The answer of the engine, with its grounds.
public enum Decision: Sendable, Hashable {
  case allowed(by: [Reason])
  case denied(Denial)
}

/// Why something is allowed.
public enum Reason: Sendable, Hashable {
  case role(OrganizationRole)
  /// A place in the team that it is about.
  case seat(TeamSeat)
  case superUser
  case own
  case system(String)
  /// A role on the resource, on what it stands in (by its id) or on the organization (`nil`); through a team, or held by the caller.
  case grant(role: String, on: String?, through: GrantFacts.Holder)
  /// What everybody of the organization, or everybody, may see.
  case visibility(Visibility)
  /// A policy that permits it, by its id.
  case policy(String)
}

/// Why something is not allowed, in the order in which the rules look.
public enum Denial: Sendable, Hashable {
  case signedOut
  case inactiveAccount
  /// The token is bound to another organization.
  case otherOrganization
  case notAMember
  case deletedOrganization
  case suspendedMembership
  case expiredMembership
  case lackingRole(Permission, heldBy: [OrganizationRole])
  /// People alone do this, whatever roles a service account holds.
  case peopleOnly
  case suspendedOrganization
  /// A service account of a suspended organization does nothing, not even read.
  case haltedServiceAccount
  case tokenScope(needed: [TokenScope])
  case operatorsOnly
  case notYours
  case staleSignIn
  /// The resource is none of the caller's business: they hold nothing on it and can't see it.
  case hiddenResource
  /// The caller holds something on the resource, or sees it, and this not.
  case lackingRight(Right.Exact, heldBy: RightHolders)
  /// Policies say no to what would be allowed, by their ids, or for who is told by their names.
  case forbiddenByPolicy([String])

  /// Whether the caller may know that the thing exists; otherwise the answer is "not found".
  public var isVisible: Bool {
    switch self {
    case .otherOrganization, .deletedOrganization, .notAMember, .notYours, .hiddenResource: false
    default: true
    }
  }

  /// Whether the attempt is worth an event: what the caller may know of, and no program that goes on asking while its organization is suspended.
  public var leavesEvent: Bool { isVisible && self != .haltedServiceAccount }

  /// The refusal as it is told.
  public func problem(doing action: String) -> Problem {
    switch self {
    case .signedOut: Problem(.signedOut, "Sign in first.")
    case .inactiveAccount: Problem(.signedOut, "This account is deactivated. Ask an operator of this installation.")
    case .otherOrganization, .deletedOrganization, .notAMember: Problem(.missing, "There is no such organization, or you don't belong to it.")
    case .notYours: Problem(.missing, "There is no such thing, or it isn't yours.")
    case .hiddenResource: Problem(.missing, "There is no such thing, or nobody has shared it with you.")
    case .suspendedMembership: Problem(.suspendedMembership, "Your membership is suspended. Ask an admin of the organization.")
    case .expiredMembership: Problem(.expiredMembership, "Your membership has expired. Ask an admin of the organization.")
    case .peopleOnly: Problem(.forbidden, "A service account can't do this: it is left to people.")
    case .haltedServiceAccount: Problem(.suspendedOrganization, "The organization is suspended: its service accounts rest until it works again.")
    case .suspendedOrganization: Problem(.suspendedOrganization, "The organization is suspended: it can be read, but not changed.")
    case .tokenScope(let needed):
      Problem(.tokenScope, "This token doesn't cover \(action). It needs the scope \(needed.map { "`\($0.rawValue)`" }.joined(separator: " or ")).")
    case .lackingRole(let permission, let holders):
      Problem(.forbidden, "Only people with the role \(holders.map(\.rawValue).alternatives) may \(permission.deed).")
    case .forbiddenByPolicy(let policies):
      Problem(
        .forbidden,
        "A policy of the organization forbids this: \(policies.map { "\"\($0)\"" }.joined(separator: ", ")). Ask an admin of the organization.")
    case .lackingRight(let right, let holders): Problem(.forbidden, holders.sentence(for: right))
    case .operatorsOnly: Problem(.forbidden, "Only operators of this installation may do this.")
    case .staleSignIn: Problem(.staleSignIn, "Confirm your password first: this needs a sign-in of the last 15 minutes.")
    }
  }
}

/// The built-in roles that allow something on a resource: those to be asked for.
public struct RightHolders: Sendable, Hashable {
  public let onResource: [ResourceRole]
  public let inOrganization: [OrganizationRole]

  /// Those that hold the right on a thing that stands in resources of these levels.
  init(of right: Right.Exact, levels: [RoleScope]) {
    onResource = ResourceRole.allCases.filter { levels.contains($0.scope) && $0.rights.allows(right.verb, on: right.type) }
    inOrganization = OrganizationRole.allCases.filter { $0.resourceRights.allows(right.verb, on: right.type) }
  }

  func sentence(for right: Right.Exact) -> String {
    let thing = right.type.name.replacing("_", with: " ")
    let verb = right.verb.name.replacing("_", with: " ")
    let names = onResource.map { "`\($0.name)` of the \($0.scope.rawValue)" } + inOrganization.map { "`\($0.rawValue)` of the organization" }
    return "This takes the right to \(verb) this \(thing). Who holds \(names.joined(separator: " or ")) has it."
  }
}

extension [String] {
  /// "admin", "admin or manager", "admin, manager or billing".
  fileprivate var alternatives: String { count < 3 ? joined(separator: " or ") : "\(dropLast().joined(separator: ", ")) or \(self[count - 1])" }
}

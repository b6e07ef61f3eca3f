public import Authorization
import Contract
public import Kernel

/// Somebody who may do something, in a list.
public struct AccessPrincipal: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case account
    case serviceAccount = "service-account"
  }

  public let kind: Kind
  public let id: String
  /// The handle or slug.
  public let handle: String
  public let name: String
  /// Whether they aren't a member, and have what they have as an outside collaborator of an app.
  public let isOutside: Bool

  init(kind: Kind, id: String, handle: String, name: String, isOutside: Bool = false) {
    (self.kind, self.id, self.handle, self.name, self.isOutside) = (kind, id, handle, name, isOutside)
  }
}

/// A proposed change, to see what it would do.
public enum SimulatedChange: Sendable {
  /// Other roles of a member; none for one who goes.
  case roles(AccessQuestion.PrincipalName, [OrganizationRole])
  case seat(AccessQuestion.PrincipalName, team: String)
  case seatRemoved(AccessQuestion.PrincipalName, team: String)
  case grant(Holder, role: String, on: ThingName.Place)
  case grantRemoved(Holder, role: String, on: ThingName.Place)
  /// What somebody could do with one object because it were shared with them; instead of what is shared with them now.
  case share(Holder, actions: [String], of: SharedName)
  /// A policy that would be in force as well, or instead of the one with this slug or id.
  case policy(String?, text: String)
  /// The policy with this slug or id, switched off.
  case policyRemoved(String)

  /// Who would hold a grant.
  public enum Holder: Sendable, Hashable {
    case principal(AccessQuestion.PrincipalName)
    case team(String)
  }

  /// The most that one request proposes.
  public static let limit = 100
}

/// What a proposed change would do: to questions, and to who may do one thing.
public struct Simulated: Sendable {
  public let revision: Int64
  public let before: [AccessAnswer]
  public let after: [AccessAnswer]
  /// Who could do it then and can't now, and the other way round; `nil` where one didn't ask.
  public let gained: [AccessPrincipal]?
  public let lost: [AccessPrincipal]?
}

/// Some of a list that a question has for an answer, at one revision.
public struct AccessList<Item: Sendable>: Sendable {
  public let revision: Int64
  public let page: Page<Item>
}

extension Problem {
  /// Nothing has happened yet that would have this revision.
  static func ahead(_ asked: Int64, of head: Int64) -> Problem {
    Problem(.decisionAhead, "Revision \(asked) hasn't happened here; the newest is \(head). Give a revision that an answer of this organization named.")
  }
}

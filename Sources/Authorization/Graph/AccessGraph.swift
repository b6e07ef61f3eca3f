public import Cedar
public import Kernel

/// Who may do what with which resource of one organization: its people, teams, resources, grants, roles and policies, ready to decide.
///
/// A graph never changes. ``applying(_:)`` makes the next one of it, which shares everything that the changes aren't about: it takes time and memory for the
/// pages that are written and the few words on the way to them, however large the organization is. So a process keeps one graph for each
/// organization, and puts the next one in its place; whoever decides meanwhile goes on with the one they hold, and is never kept waiting.
///
/// The product's own operations decide by the same code: they load the few facts that the decision looks at in their transaction, make a small graph of them
/// (``init(_:of:)``), and ask it. There is no second implementation of the rules.
///
/// What is asked about is put into numbers first (``member(_:)``, ``verb(_:)``, ``target(_:_:)``, ``context(_:)``). These belong to the graph that
/// gave them, and mean nothing to another.
public final class AccessGraph: Sendable {
  private let tables: AccessTables
  /// The changes it has seen, as whoever owns the facts counts them.
  public let revision: Int64

  private init(_ tables: AccessTables, revision: Int64) {
    self.tables = tables
    self.revision = revision
  }

  /// Of an organization without any facts; or of a personal space, by the id of its owner.
  public convenience init(organization: String) { self.init(AccessTables(organization: organization), revision: 0) }

  /// A graph of a few facts: what one decision looks at, loaded in the transaction that acts.
  ///
  /// - Parameter base: whose custom roles it knows too, such as those of an installation; they are shared, not copied.
  public convenience init(_ facts: some Sequence<AccessChange>, of organization: String, rolesOf base: AccessGraph? = nil) throws(AccessRefusal) {
    var tables = AccessTables(organization: organization)
    if let base { tables.roles = base.tables.roles }
    for fact in facts { try tables.apply(fact) }
    self.init(tables, revision: 0)
  }

  /// The graph after some changes; with the first that is refused there is none.
  ///
  /// Takes time that doesn't grow with the organization: it depends on what the changes are about, such as the resources within one that is removed,
  /// and for policies and roles on how many of those there are.
  ///
  /// - Parameter revision: of the graph that is made; one more than this one's where it isn't given.
  public func applying(_ changes: some Sequence<AccessChange>, revision: Int64? = nil) throws(AccessRefusal) -> AccessGraph {
    var tables = tables
    for change in changes { try tables.apply(change) }
    return AccessGraph(tables, revision: revision ?? self.revision + 1)
  }

  /// The graph after changes as who follows the facts hears them: what is to be taken back may not be there, and everything else has to fit.
  public func following(_ changes: some Sequence<AccessChange>, revision: Int64) throws(AccessRefusal) -> AccessGraph {
    var tables = tables
    for change in changes {
      do throws(AccessRefusal) { try tables.apply(change) } catch { if !change.isWithdrawal { throw error } }
    }
    return AccessGraph(tables, revision: revision)
  }

  /// The graph after those of the changes that fit, and the others: of facts that were read in parts while they changed, what doesn't fit is told again
  /// by what has changed since.
  public func taking(_ changes: some Sequence<AccessChange>, revision: Int64) -> (graph: AccessGraph, left: [AccessChange]) {
    var (tables, left) = (tables, [AccessChange]())
    for change in changes {
      do throws(AccessRefusal) { try tables.apply(change) } catch { if !change.isWithdrawal { left.append(change) } }
    }
    return (AccessGraph(tables, revision: revision), left)
  }

  public var organization: String { tables.organization }
  /// How many people and service accounts it has heard of.
  public var memberCount: Int { tables.members.count }
  /// How many resources it has heard of.
  public var resourceCount: Int { tables.resources.count }
  /// Whether any policy is in force; where none is, nobody looks at what a request brings.
  public var hasPolicies: Bool { !tables.rules.isEmpty }
  /// What its tables take, in bytes, without the texts of values, and of ids that are longer than fifteen bytes and no UUIDs.
  public var bytes: Int { tables.bytes }

  // MARK: Into numbers

  /// The member of that id, whether or not they still are one.
  public func member(_ id: String) -> AccessMember { tables.member(id) }

  /// Any verb, also one that nothing in the graph mentions.
  public func verb(_ verb: ResourceVerb) -> AccessVerb { tables.verb(verb) }

  /// A resource that was given to it, or `nil`.
  public func target(_ type: ResourceType, _ id: String) -> AccessTarget? { tables.target(type, id) }

  /// A resource that it doesn't know, such as one that is only about to be made. If it does know it, what it knows counts, and not what is said here.
  ///
  /// - Parameters:
  ///   - id: for policies that name it; may be empty.
  ///   - parent: what it stands in; `nil` for the organization itself.
  ///   - isOwn: whether the principal of the check owns it.
  public func target(
    named id: String, _ type: ResourceType, in parent: AccessTarget?, attributes: Record = [:], isOwn: Bool = false, visibility: Visibility = .inherited
  ) -> AccessTarget {
    tables.target(named: id, type, in: parent, attributes: attributes, isOwn: isOwn, visibility: visibility)
  }

  /// Whether a resource that was given to it stands in another, and in nothing between.
  public func stands(_ inner: AccessTarget, in outer: AccessTarget) -> Bool { inner.number >= 0 && outer.number >= 0 && inner.parent == outer.number }

  /// Whether somebody holds something here without being a member: an outside collaborator.
  public func isOutside(_ member: AccessMember) -> Bool { tables.isOutside(member.number) }

  /// What a resource is called by slugs, with what it stands in.
  func slugPath(of resource: AccessResource) -> String? { tables.slugPath(of: resource) }

  /// What a request brings of its own.
  public func context(_ record: Record) -> AccessContext { tables.context(record) }

  // MARK: Asking

  /// Decides, and names the ground that decided. Takes well below a microsecond and asks for no memory, unless a policy asks what numbers alone don't tell.
  public func check(
    _ member: AccessMember, _ verb: borrowing AccessVerb, _ target: borrowing AccessTarget, _ context: borrowing AccessContext = .none, at now: Timestamp
  ) -> Verdict {
    tables.check(member, verb, target, context, at: now)
  }

  /// The same computation as ``check(_:_:_:_:at:)``, that goes on where a check has heard enough: all roles, grants and policies that say yes, and
  /// all policies that say no. Policies that fail are among it if they were asked, which those aren't that can't concern the request anyway.
  public func explain(
    _ member: AccessMember, _ verb: borrowing AccessVerb, _ target: borrowing AccessTarget, _ context: borrowing AccessContext = .none, at now: Timestamp
  ) -> AccessExplanation {
    tables.explain(member, verb, target, context, at: now)
  }

  /// A ground in words; `nil` where nothing decided, because there is no right.
  public func reason(_ ground: Ground, of member: AccessMember) -> AccessReason? { tables.reason(ground, of: member) }

  /// The resources with which the member may do it, in the order in which the graph came to know them.
  ///
  /// - Parameter type: only those of the type; `nil` for all.
  public func resources(
    _ member: AccessMember, _ verb: AccessVerb, of type: ResourceType? = nil, _ context: AccessContext = .none, at now: Timestamp
  ) -> [AccessResource] {
    tables.resources(member, verb, of: type, context, at: now)
  }

  /// The people and service accounts who may do it, in the order in which the graph came to know them.
  public func members(_ verb: AccessVerb, _ target: AccessTarget, _ context: AccessContext = .none, at now: Timestamp) -> [String] {
    tables.members(verb, target, context, at: now)
  }
}

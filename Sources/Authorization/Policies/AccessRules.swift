internal import Cedar

/// The policies of an organization that are in force, read and compiled once: each decision of a transaction begins with them, and no one reads them again.
///
/// Two are the same if they are of the same version; whoever changes policies gives them another.
public struct AccessRules: Sendable, Hashable {
  /// A graph without any facts, which knows the policies; those of a decision are added to it.
  let graph: AccessGraph
  public let version: String
  /// How many policies there are.
  public let count: Int

  /// One policy by its id, as Cedar.
  public struct Source: Sendable, Hashable {
    public let id: String
    public let text: String

    public init(id: String, text: String) {
      self.id = id
      self.text = text
    }
  }

  /// Reads and compiles them. What can't be read has no effect; it was never in force.
  ///
  /// - Parameter roles: the custom roles that grants may name.
  public init(_ sources: [Source], version: String, of organization: String, roles: [CustomRole] = []) {
    let change = AccessChange.policies(sources)
    graph = (try? AccessGraph(roles.map { .role($0) } + [change], of: organization)) ?? AccessGraph(organization: organization)
    self.version = version
    count = sources.count
  }

  /// Whether there are none, so that nothing of the caller's attributes needs to be known.
  public var isEmpty: Bool { count == 0 }

  /// Of the same version of the same organization.
  public static func == (a: Self, b: Self) -> Bool { a.version == b.version && a.graph.organization == b.graph.organization }
  /// By the version.
  public func hash(into hasher: inout Hasher) { hasher.combine(version) }
}

extension AccessChange {
  /// The policies of these texts, by their ids; without those that can't be read.
  public static func policies(_ sources: [AccessRules.Source]) -> AccessChange {
    var set = PolicySet()
    for source in sources { if let policy = try? Policy(parsing: source.text, id: PolicyID(source.id)) { try? set.add(policy) } }
    return .policies(set)
  }
}

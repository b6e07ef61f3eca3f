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

  /// Reads and compiles them. Refuses all where one can't be read: it may be what forbids.
  ///
  /// - Parameter roles: the custom roles that grants may name.
  public init(_ sources: [Source], version: String, of organization: String, roles: [CustomRole] = []) throws(UnreadablePolicy) {
    let change = try AccessChange.policies(sources)
    do { graph = try AccessGraph(roles.map { .role($0) } + [change], of: organization) } catch { throw UnreadablePolicy(id: version) }
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

/// Why policies can't be in force: the text of this one can't be read, or its id is there twice.
public struct UnreadablePolicy: Error, Sendable, Hashable {
  public let id: String
}

extension AccessChange {
  /// The policies of these texts, by their ids. Refuses all where one can't be read: it may be what forbids.
  public static func policies(_ sources: [AccessRules.Source]) throws(UnreadablePolicy) -> AccessChange {
    var set = PolicySet()
    for source in sources {
      do { try set.add(Policy(parsing: source.text, id: PolicyID(source.id))) } catch { throw UnreadablePolicy(id: source.id) }
    }
    return .policies(set)
  }
}

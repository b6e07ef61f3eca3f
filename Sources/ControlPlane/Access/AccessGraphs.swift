public import Authorization
internal import Synchronization

/// A graph that stays as it is while somebody decides by it.
public final class AccessSnapshot: Sendable {
  public let graph: AccessGraph

  public init(_ graph: AccessGraph) { self.graph = graph }
}

/// The graphs of an installation, by organization: readers take the snapshot of the moment, writers put the next one in its place.
///
/// Taking one is a look-up and a counter, publishing one a pointer; neither waits for a change that is being made. Writers take turns.
public final class AccessGraphs: Sendable {
  private let snapshots = Mutex<[String: AccessSnapshot]>([:])
  private let turn = Mutex<Void>(())

  public init() {}

  public subscript(organization: String) -> AccessSnapshot? { snapshots.withLock { $0[organization] } }

  /// Puts a graph in the place of its organization's former one.
  public func publish(_ graph: AccessGraph) {
    let next = AccessSnapshot(graph)
    // The former one goes outside the lock: its last holder frees its pages.
    let former = snapshots.withLock { $0.updateValue(next, forKey: graph.organization) }
    _ = former
  }

  /// Makes changes in one go: all of them are seen, or with the first that is refused none.
  public func apply(_ changes: some Sequence<AccessChange>, to organization: String) throws(AccessRefusal) {
    try turn.withLock { _ throws(AccessRefusal) in
      var graph = self[organization]?.graph ?? AccessGraph(organization: organization)
      for change in changes { try graph.apply(change) }
      graph.revision += 1
      publish(graph)
    }
  }

  public func remove(_ organization: String) { snapshots.withLock { $0[organization] = nil } }
}

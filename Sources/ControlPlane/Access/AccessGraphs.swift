public import Authorization
internal import Synchronization

/// The graphs of an installation, by organization: readers take the one of the moment, writers put the next in its place.
///
/// Taking one is a look-up and a counter, publishing one a pointer; neither waits for a change that is being made. Writers take turns.
public final class AccessGraphs: Sendable {
  private let graphs = Mutex<[String: AccessGraph]>([:])
  private let turn = Mutex<Void>(())

  public init() {}

  public subscript(organization: String) -> AccessGraph? { graphs.withLock { $0[organization] } }

  /// Puts a graph in the place of its organization's former one.
  public func publish(_ graph: AccessGraph) {
    // The former one is let go outside the lock: whoever holds it last frees its pages.
    _ = graphs.withLock { $0.updateValue(graph, forKey: graph.organization) }
  }

  /// Makes changes in one go: all of them are seen, or with the first that is refused none.
  public func apply(_ changes: [AccessChange], to organization: String) throws(AccessRefusal) {
    let result = turn.withLock { _ -> Result<Void, AccessRefusal> in
      do throws(AccessRefusal) {
        publish(try (self[organization] ?? AccessGraph(organization: organization)).applying(changes))
        return .success(())
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }

  /// Forgets an organization that is gone.
  public func remove(_ organization: String) { _ = graphs.withLock { $0.removeValue(forKey: organization) } }
}

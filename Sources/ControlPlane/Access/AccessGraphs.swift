public import Authorization
public import Kernel
internal import Synchronization

/// The graphs of an installation that were asked lately, by organization: readers take the one of the moment, who reads newer facts puts the next in its place.
///
/// Taking one is a look-up and a counter, publishing one a pointer; neither waits for one that is being made. What takes too much memory together, and what
/// nobody has asked for a while, is let go: it is made again of the facts when somebody asks.
public final class AccessGraphs: Sendable {
  private struct Entry {
    var graph: AccessGraph
    var bytes: Int
    var askedAt: Timestamp
    /// How many changes it was carried along by since it was made of all facts; what was removed since still takes room in it.
    var age: Int
  }

  private struct Shelf {
    var entries: [String: Entry] = [:]
    var bytes = 0
    var sweptAt = Timestamp(milliseconds: 0)
  }

  private final class Turn: Sendable { let lock = Mutex<Void>(()) }

  private let shelf = Mutex(Shelf())
  /// Those who read the facts of one organization anew take turns, so that they are read once.
  private let turns = (0..<64).map { _ in Turn() }
  /// How many bytes the graphs may take together; one alone may take more.
  private let memory: Int
  /// After how long without a question a graph is let go.
  private let idle: Duration

  /// What a graph takes beside its tables: its names, its roles and its rules.
  private static let overhead = 48 << 10

  public init(memory: Int = 128 << 20, idle: Duration = .minutes(10)) {
    self.memory = memory
    self.idle = idle
  }

  /// The graph of the moment; `nil` where none is kept.
  public func graph(of organization: String, at now: Timestamp) -> AccessGraph? {
    shelf.withLock { shelf in
      shelf.entries[organization]?.askedAt = now
      return shelf.entries[organization]?.graph
    }
  }

  /// How many graphs are kept, and the bytes that they take.
  public var size: (graphs: Int, bytes: Int) { shelf.withLock { ($0.entries.count, $0.bytes) } }

  /// Carries a graph along, or makes one, and keeps it unless a newer one is there by then. `make` gets the one that is kept and how many changes old that is,
  /// and answers the next with how many changes that took, 0 for one that was made of all facts.
  func renew(
    _ organization: String, at now: Timestamp, _ make: (AccessGraph?, Int) throws(Problem) -> (graph: AccessGraph, changes: Int)
  ) throws(Problem) -> AccessGraph {
    let place = Int(UInt(bitPattern: organization.hashValue) % UInt(turns.count))
    let result = turns[place].lock.withLock { _ -> Result<AccessGraph, Problem> in
      let kept = shelf.withLock { $0.entries[organization] }
      do throws(Problem) {
        let (graph, changes) = try make(kept?.graph, kept?.age ?? 0)
        if graph !== kept?.graph { publish(graph, age: changes == 0 ? 0 : (kept?.age ?? 0) + changes, formerBytes: kept?.bytes, at: now) }
        return .success(graph)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private func publish(_ graph: AccessGraph, age: Int, formerBytes: Int?, at now: Timestamp) {
    // Counting takes longer in a large graph; one that was carried along is about as large as it was.
    let bytes = age == 0 || age % 64 == 0 ? graph.bytes + Self.overhead : formerBytes ?? graph.bytes + Self.overhead
    // The former ones are let go outside the lock: whoever holds one last frees its pages.
    let gone = shelf.withLock { shelf -> [AccessGraph] in
      var gone: [AccessGraph] = []
      if let former = shelf.entries[graph.organization] {
        guard former.graph.revision <= graph.revision else { return [] }
        shelf.bytes -= former.bytes
        gone.append(former.graph)
      }
      shelf.entries[graph.organization] = Entry(graph: graph, bytes: bytes, askedAt: now, age: age)
      shelf.bytes += bytes
      while shelf.bytes > memory, let eldest = shelf.entries.filter({ $0.key != graph.organization }).min(by: { $0.value.askedAt < $1.value.askedAt }) {
        gone.append(eldest.value.graph)
        shelf.bytes -= eldest.value.bytes
        shelf.entries[eldest.key] = nil
      }
      return gone
    }
    _ = gone
  }

  /// Lets go what nobody has asked for a while; looks at most once a minute.
  public func sweep(at now: Timestamp) {
    let gone = shelf.withLock { shelf -> [AccessGraph] in
      guard now - shelf.sweptAt >= .minutes(1) else { return [] }
      shelf.sweptAt = now
      let old = shelf.entries.filter { now - $0.value.askedAt >= idle }
      for (organization, entry) in old {
        shelf.bytes -= entry.bytes
        shelf.entries[organization] = nil
      }
      return old.map(\.value.graph)
    }
    _ = gone
  }

  /// Forgets all, as when the program starts.
  func removeAll() { shelf.withLock { $0 = Shelf() } }
}

public import Authorization
public import Client
public import Kernel
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Decides in this process who may do what in one organization of a Guildhall server: it reads everything that decisions look at, follows what changes, and
/// answers from memory, in microseconds and without a request.
///
/// ```swift
/// let decisions = try await Decisions.following("acme", at: "https://guildhall.example.org", token: key)
/// let question = try AccessQuestion(principal: .account(user), action: "read", resource: ThingName(type: "dataset", id: "customers"))
/// guard try decisions.check(question).isAllowed else { … }
/// ```
///
/// It takes a token that may follow (the permission `access.follow`): best the key of a service account with a role made for that. What it knows is as new
/// as the last message: some milliseconds behind what the server committed. What ends at an instant ends at that instant, by this machine's clock. When the
/// server can't be reached it goes on for ``DecisionOptions/staleness`` and refuses then; a token that is revoked ends it.
public final class Decisions: Sendable {
  private let follower: Follower
  private let task = Mutex<Task<Void, any Error>?>(nil)

  /// One that nothing follows yet: see ``run()``.
  ///
  /// - Parameters:
  ///   - organization: by id or by slug.
  ///   - server: where the server is reached, such as `https://guildhall.example.org`. Refuses as `invalid` what is no address.
  ///   - token: a token, or a service account's key.
  public convenience init(
    following organization: String, at server: String, token: String, _ options: DecisionOptions = DecisionOptions()
  ) throws(Problem) {
    let address = try Problem.checking("server") { () throws(Rejection) in try ServerAddress(server) }
    self.init(GuildhallClient(base: address, token: token, allowsPlainHTTP: options.allowsPlainHTTP), organization: organization, options)
  }

  /// The same with a client of one's own, such as one with another transport.
  public init(_ client: GuildhallClient, organization: String, _ options: DecisionOptions = DecisionOptions()) {
    follower = Follower(client, organization: organization, options)
  }

  deinit { task.withLock { $0 }?.cancel() }

  // MARK: Following

  /// Reads all facts and goes on following them until ``stop()``, or until nobody holds it any more. Refuses what the server refuses, and where it can't be
  /// reached.
  public static func following(
    _ organization: String, at server: String, token: String, _ options: DecisionOptions = DecisionOptions()
  ) async throws(Problem) -> Decisions {
    let decisions = try Decisions(following: organization, at: server, token: token, options)
    try await decisions.follower.load()
    let follower = decisions.follower
    decisions.task.withLock { $0 = Task { try await follower.run() } }
    return decisions
  }

  /// Follows until the task is cancelled: for a task group, or a service group, whose services run like this. It reads the facts first and tries again where
  /// that fails; refuses as `unauthenticated` when the token isn't valid any more, and as ended what was followed already.
  public func run() async throws { try await follower.run() }

  /// Ends what ``following(_:at:token:_:)`` began, and waits until it has. From then on every question is refused.
  public func stop() async {
    let task = task.withLock { $0 }
    task?.cancel()
    _ = await task?.result
  }

  // MARK: Asking

  /// The facts of the moment, for questions that belong together. Refuses as ``Kernel/Problem/Code/decisionsNotReady`` before everything is read, as
  /// ``Kernel/Problem/Code/decisionsOutOfTouch`` when the server was silent for too long, and with what the server refuses.
  public func snapshot() throws(Problem) -> DecisionSnapshot { try follower.snapshot() }

  /// The facts of at least a revision that an answer or a change has named: waits for it, and refuses as behind where it doesn't come in time.
  public func atLeast(_ revision: Int64, within time: Duration = .seconds(10)) async throws(Problem) -> DecisionSnapshot {
    await withTaskGroup(of: Void.self) { [follower] group in
      group.addTask { await follower.wait(for: revision) }
      group.addTask { try? await Task.sleep(for: time) }
      await group.next()
      group.cancelAll()
    }
    let snapshot = try snapshot()
    guard snapshot.revision >= revision else {
      throw Problem(.decisionsBehind, "Revision \(revision) isn't known here yet; the newest is \(snapshot.revision).")
    }
    return snapshot
  }

  /// Whether somebody may; see ``DecisionSnapshot/check(_:at:)-(AccessQuestion,_)``.
  public func check(_ question: AccessQuestion) throws(Problem) -> AccessAnswer { try snapshot().check(question) }

  /// The answer to each of many, at one revision and one instant.
  public func check(_ questions: [AccessQuestion]) throws(Problem) -> [AccessAnswer] { try snapshot().check(questions) }

  /// Whether somebody may, with everything that made the answer.
  public func explain(_ question: AccessQuestion) throws(Problem) -> AccessAnswer { try snapshot().explain(question) }

  /// How well decisions are informed.
  public var status: DecisionStatus { follower.status }
}

extension Timestamp {
  /// By the machine's clock.
  static var now: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}

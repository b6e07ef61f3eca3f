public import Kernel

/// Makes and checks password hashes on a bounded set of threads of its own, since one takes tens of milliseconds and its memory.
///
/// All methods refuse as `unavailable` when too many passwords are waiting: a flood of sign-ins must not pile up.
public struct PasswordHasher: Sendable {
  private let cost: Argon2Cost
  private let threads: WorkerThreads?

  /// `threads`: as many as there are cores. `queueLimit`: how many passwords may wait for one, 64 each unless told.
  public init(threads: Int, queueLimit: Int? = nil, cost: Argon2Cost = .standard) {
    self.cost = cost
    self.threads = WorkerThreads(name: "passwords", limit: threads, queueLimit: queueLimit ?? 64 * threads)
  }

  /// One that works on the caller's thread, at the lowest cost: for simulations, where a seed must decide the order of events.
  public static let inline = PasswordHasher()

  private init() {
    cost = .lowest
    threads = nil
  }

  /// A hash to store, with a salt of the moment's.
  public func hash(_ password: Password, _ moment: Moment) async throws(Problem) -> PasswordHash {
    let salt = moment.bytes(16)
    return try await run { [cost] in Argon2.tag(of: password, salt: salt, cost: cost, length: 32).map { PasswordHash(salt: salt, tag: $0, cost: cost) } }.get()
  }

  /// Whether `stored` is the hash of this password.
  public func verify(_ password: Password, against stored: PasswordHash) async throws(Problem) -> Bool {
    let (salt, tag) = try stored.parts()
    return try await run { Argon2.tag(of: password, salt: salt, cost: stored.cost, length: tag.count).map { equalInConstantTime($0, tag) } }.get()
  }

  /// Takes as long as `verify` and is never right: for addresses that nobody has, so that the time of an answer doesn't tell.
  public func verifyAgainstNothing(_ password: Password) async throws(Problem) {
    _ = try await verify(password, against: decoy)
  }

  /// Whether the hash was made at another cost than today's: hash again after the next successful sign-in.
  public func needsRehash(_ stored: PasswordHash) -> Bool { stored.cost != cost }

  private var decoy: PasswordHash {
    PasswordHash(
      text: "$argon2id$v=19$m=\(cost.memory),t=\(cost.passes),p=\(cost.lanes)$\(String(repeating: "A", count: 22))$\(String(repeating: "A", count: 43))",
      cost: cost)
  }

  private func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws(Problem) -> Value {
    if let threads { try await threads.run(work) } else { work() }
  }
}

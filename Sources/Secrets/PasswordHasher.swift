import CArgon2
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
    return try await run { [cost] in argon2id(password, salt: salt, cost: cost) }.get()
  }

  /// Whether `stored` is the hash of this password.
  public func verify(_ password: Password, against stored: PasswordHash) async throws(Problem) -> Bool {
    try await run { argon2id(password, matches: stored) }.get()
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

private func argon2id(_ password: Password, salt: [UInt8], cost: Argon2Cost) -> Result<PasswordHash, Problem> {
  let hashLength = 32
  let room = argon2_encodedlen(cost.passes, cost.memory, cost.lanes, UInt32(salt.count), UInt32(hashLength), Argon2_id)
  var encoded = [CChar](repeating: 0, count: room)
  let code = argon2id_hash_encoded(
    cost.passes, cost.memory, cost.lanes, password.bytes, password.bytes.count, salt, salt.count, hashLength, &encoded, encoded.count)
  guard code == ARGON2_OK.rawValue else { return .failure(problem(code)) }
  let text = String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  return .success(PasswordHash(text: text, cost: cost))
}

private func argon2id(_ password: Password, matches stored: PasswordHash) -> Result<Bool, Problem> {
  switch argon2id_verify(stored.text, password.bytes, password.bytes.count) {
  case ARGON2_OK.rawValue: .success(true)
  case ARGON2_VERIFY_MISMATCH.rawValue: .success(false)
  case let code: .failure(problem(code))
  }
}

private func problem(_ code: Int32) -> Problem {
  let cause = Argon2Failure(code: code, message: String(cString: argon2_error_message(code)))
  return code == ARGON2_MEMORY_ALLOCATION_ERROR.rawValue
    ? Problem(.unavailable, "There is no memory left to check a password; try again in a moment.", retryAfter: .seconds(5), cause: cause)
    : Problem(.defect, "A password could not be checked.", cause: cause)
}

private struct Argon2Failure: Error {
  let code: Int32
  let message: String
}

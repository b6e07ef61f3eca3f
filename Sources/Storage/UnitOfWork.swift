public import Kernel

/// One caller's body on its way through a driver, with the type of its answer hidden.
public struct UnitOfWork: Sendable {
  /// What the body may do.
  public enum Access: Sendable { case reading, writing, changingSchema }

  /// How one run of the body ended. Nobody is told before the driver says so: what the run saw may still fail to commit.
  public struct Ending: Sendable {
    /// What the body refused with; `nil` when it answered a value.
    public let problem: Problem?
    /// Gives the caller the value or the problem.
    public let tell: @Sendable () -> Void

    public init(problem: Problem?, tell: @escaping @Sendable () -> Void) { (self.problem, self.tell) = (problem, tell) }
  }

  public let access: Access
  /// Runs the body, once per call.
  public let run: @Sendable (any Transaction) -> Ending
  /// Gives the caller a problem instead of the body's own ending.
  public let refuse: @Sendable (Problem) -> Void

  public init(access: Access, run: @escaping @Sendable (any Transaction) -> Ending, refuse: @escaping @Sendable (Problem) -> Void) {
    (self.access, self.run, self.refuse) = (access, run, refuse)
  }

  /// Hands `body` to a driver and waits for what it tells; the driver must `tell` or `refuse` exactly once.
  public static func answer<Value: Sendable>(
    _ access: Access, _ body: @escaping @Sendable (any Transaction) throws -> Value, submit: (UnitOfWork) -> Void
  ) async throws(Problem) -> Value {
    let result: Result<Value, Problem> = await withCheckedContinuation { continuation in
      submit(
        UnitOfWork(
          access: access,
          run: { transaction in
            do {
              let value = try body(transaction)
              return Ending(problem: nil) { continuation.resume(returning: .success(value)) }
            } catch {
              let problem = error as? Problem ?? Problem(.defect, "A unit of work failed.", cause: error)
              return Ending(problem: problem) { continuation.resume(returning: .failure(problem)) }
            }
          },
          refuse: { continuation.resume(returning: .failure($0)) }))
    }
    return try result.get()
  }
}

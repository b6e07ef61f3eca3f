public import Kernel

/// Work that goes on without anybody waiting: it has no input, looks at the state of the world, and does what is due; running it twice, or on two machines, does no harm.
public protocol Job: Sendable {
  static var name: String { get }
  /// How long it may rest when nobody wakes it.
  static var interval: Duration { get }
  /// Does what is due now. A refusal is logged, and the job runs again at its time.
  func run() async throws(Problem)
}

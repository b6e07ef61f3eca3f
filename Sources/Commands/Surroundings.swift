public import Client
public import Kernel

/// All that a command knows of the outer world.
public struct Surroundings: Sendable {
  /// A variable of the environment; empty ones count as absent.
  public var variable: @Sendable (String) -> String?
  public var workingDirectory: String
  /// The machine's name, to tell tokens apart.
  public var machine: String
  public var terminal: any Terminal
  public var transport: any Transport
  public var clock: @Sendable () -> Timestamp
  public var rest: @Sendable (Duration) async -> Void
  /// Whether Ctrl-C ends the whole process.
  public var ownsProcess: Bool

  public init(
    variable: @escaping @Sendable (String) -> String?, workingDirectory: String, machine: String, terminal: any Terminal, transport: any Transport,
    clock: @escaping @Sendable () -> Timestamp, rest: @escaping @Sendable (Duration) async -> Void, ownsProcess: Bool
  ) {
    self.variable = variable
    self.workingDirectory = workingDirectory
    self.machine = machine
    self.terminal = terminal
    self.transport = transport
    self.clock = clock
    self.rest = rest
    self.ownsProcess = ownsProcess
  }
}

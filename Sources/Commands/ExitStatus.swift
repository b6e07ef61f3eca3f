import Client
import Contract
public import Kernel

/// How a command ended, for scripts: part of what the command line promises.
public struct ExitStatus: Hashable, Sendable {
  public let code: Int32

  init(_ code: Int32) { self.code = code }

  public static let success = ExitStatus(0)
  public static let failure = ExitStatus(1)
  /// The person said no.
  public static let cancelled = ExitStatus(2)
  public static let missing = ExitStatus(3)
  public static let unauthenticated = ExitStatus(4)
  public static let denied = ExitStatus(5)
  public static let conflict = ExitStatus(6)
  /// A quota, a limit of requests, or the credits.
  public static let exhausted = ExitStatus(7)
  /// As after the signal SIGINT.
  public static let interrupted = ExitStatus(130)

  public init(_ problem: Problem) {
    switch problem {
    case Problem.Code.closedOutput: self = .success
    case Problem.Code.cancelled: self = .cancelled
    case Problem.Code.interrupted: self = .interrupted
    case Problem.Code.staleSignIn: self = .unauthenticated
    case Problem.Code.quotaExceeded: self = .exhausted
    default: self.init(problem.kind)
    }
  }

  private init(_ kind: Problem.Kind) {
    switch kind {
    case .unauthenticated: self = .unauthenticated
    case .forbidden: self = .denied
    case .missing, .gone: self = .missing
    case .conflict, .stale: self = .conflict
    case .payment, .limited: self = .exhausted
    case .malformed, .invalid, .unsupportedMethod, .moved, .tooLarge, .headersTooLarge, .slow, .unsupportedMedia, .defect, .unavailable: self = .failure
    }
  }
}

extension Problem.Code {
  /// A refusal is known by its name alone: kind and title come from the server, which may be of another version.
  static func ~= (code: Self, problem: Problem) -> Bool { problem.code.name == code.name }

  /// Whoever reads our output has gone away, as `head` does.
  static let closedOutput = Self("command.closed_output", .unavailable, "Nobody reads the output")
  static let cancelled = Self("command.cancelled", .conflict, "Cancelled")
  /// Something that can only be asked on a terminal.
  static let noTerminal = Self("command.no_terminal", .invalid, "Nobody to ask")
  static let unusableFile = Self("command.unusable_file", .invalid, "A file can't be used")
  static let notSignedIn = Self("command.not_signed_in", .unauthenticated, "Not signed in")
  static let noServer = Self("command.no_server", .unauthenticated, "No server")
  static let noOrganization = Self("command.no_organization", .invalid, "No organization chosen")
  static let pinned = Self("command.pinned", .conflict, "Pinned elsewhere")
  static let unwritable = Self("command.unwritable_output", .unavailable, "The output can't be written")
  static let partlyRefused = Self("command.partly_refused", .invalid, "Not all succeeded")
  static let brokenChain = Self("command.broken_chain", .invalid, "The log was tampered with")
}

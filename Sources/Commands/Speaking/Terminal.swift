public import Kernel

/// Where a command is heard and read.
public protocol Terminal: Sendable {
  /// Whether the standard output is a screen, and how many columns it has.
  var screenWidth: Int? { get }
  /// Whether a person can be asked: both the standard input and the error output are a terminal.
  var isInteractive: Bool { get }
  /// Whether the standard input is a terminal, so that reading it to its end would wait for a person.
  var hasKeyboard: Bool { get }

  /// Writes to the standard output; refuses as `closedOutput` when nobody reads it any more.
  func write(_ text: String) throws(Problem)
  /// Writes to the error output. What can't be written there is lost, since there is nobody to tell.
  func tell(_ text: String)
  /// Shows a line that the next one replaces, on a screen; `nil` takes it away.
  func showProgress(_ line: String?)
  /// The next line of the standard input without its end; `nil` at the end of the input.
  func readLine() throws(Problem) -> String?
  /// Asks, and reads the answer without showing what is typed.
  func readSecretLine(_ question: String) throws(Problem) -> String?
  /// All of the standard input; refuses more than `limit` bytes.
  func readAll(limit: Int) throws(Problem) -> [UInt8]
}

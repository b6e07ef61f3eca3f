public import Kernel

/// A password that is chosen on the server's own machine.
public enum NewPassword {
  /// Asks for it twice on a terminal, showing nothing of what is typed; otherwise the first line of the standard input.
  ///
  /// Refuses as `cancelled` where none is given, and as `invalid` where the two aren't the same.
  public static func read() throws(Problem) -> String {
    let terminal = SystemTerminal()
    guard terminal.isInteractive else {
      guard let line = try terminal.readLine(), !line.isEmpty else {
        throw Problem.invalid("password", "Give the password on the standard input, such as: guildhall account create --super-user … < password-file")
      }
      return line
    }
    // Ctrl-C must not leave a keyboard behind that shows nothing.
    let interruption = ProcessSignals.endOnInterruption()
    defer { interruption.stop() }
    guard let password = try terminal.readSecretLine("Password:"), !password.isEmpty else { throw Problem(.cancelled, "Cancelled; nothing was changed.") }
    guard try terminal.readSecretLine("The same again:") == password else { throw Problem.invalid("password", "The two aren't the same, so nothing was changed.") }
    return password
  }
}

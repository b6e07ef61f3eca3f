import Client
import Contract
import Kernel

extension Invocation {
  /// Asks a question on the terminal; `nil` when nothing was answered.
  func ask(_ question: String) throws(Problem) -> String? {
    progress.pause()
    terminal.tell("\(question) ")
    guard let line = try terminal.readLine() else {
      terminal.tell("\n")
      throw Problem(.cancelled, "Cancelled; nothing was changed.")
    }
    let answer = line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return answer.isEmpty ? nil : answer
  }

  func askSecret(_ question: String) throws(Problem) -> String {
    progress.pause()
    guard let line = try terminal.readSecretLine(question), !line.isEmpty else { throw Problem(.cancelled, "Cancelled; nothing was changed.") }
    return line
  }

  /// Lets a person think once more before something that can't simply be undone.
  func confirm(_ question: String, _ option: ConfirmationOption) throws(Problem) {
    guard !option.yes else { return }
    guard terminal.isInteractive else { throw Problem(.noTerminal, "This asks first, and there is nobody to ask. If you mean it, add --yes.") }
    let answer = try ask("\(question) [y/N]")?.lowercased()
    guard answer == "y" || answer == "yes" else { throw Problem(.cancelled, "Cancelled; nothing was changed.") }
  }

  /// Does what needs a sign-in of the last minutes: when the token doesn't do, asks for the password, opens a session for this alone, and ends it.
  func withFreshSignIn<Result: Sendable>(_ body: (GuildhallClient) async throws(Problem) -> Result) async throws(Problem) -> Result {
    let client = try client()
    do {
      return try await body(client)
    } catch {
      guard Problem.Code.staleSignIn ~= error, terminal.isInteractive else { throw error }
    }
    let account = try await client.call(API.Accounts.read)
    let password = try askSecret("This needs your password once more. Password of \(account.handle):")
    var anonymous = client
    anonymous.token = nil
    let signedIn = try await anonymous.call(API.Sessions.create, body: Wire.SignIn(login: account.handle, password: password))
    var fresh = client
    fresh.token = signedIn.secret
    do {
      let result = try await body(fresh)
      _ = try? await fresh.call(API.Sessions.end)
      return result
    } catch {
      _ = try? await fresh.call(API.Sessions.end)
      throw error
    }
  }
}

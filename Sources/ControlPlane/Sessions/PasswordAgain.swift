import Authorization
import Contract
import Kernel
import Markup

/// The field for the password in a form whose act takes a fresh sign-in; nothing while the sign-in is fresh.
func passwordAgain(_ availability: Availability, _ state: FormState) -> HTML? {
  guard availability == .afterPassword else { return nil }
  return passwordField("Your password", "password", in: state, hint: "You signed in more than 15 minutes ago, and this can't easily be undone.")
}

extension Sessions {
  /// Takes the password again where the form asked for it.
  func confirm(_ visit: Visit) async throws(Problem) {
    let password = visit.field("password")
    if !password.isEmpty { _ = try await confirm(password: password, by: visit.caller) }
  }
}

extension Problem {
  /// That a fresh sign-in is missing, said at the field that takes the password.
  var atPassword: Problem { code == .staleSignIn ? .invalid("password", "Give your password: your sign-in is more than 15 minutes old.") : self }
}

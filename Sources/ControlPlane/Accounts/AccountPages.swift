import Kernel
import Markup
import Secrets

extension Accounts {
  var pages: [PageRoute] {
    [
      .page("/sign-up") { visit async throws(Problem) in
        if try await plane.viewer(as: visit.caller) != nil { return .redirect(to: visit.next) }
        return .page(try await signUpPage(FormState("sign-up", ["email": visit.query("email") ?? ""]), visit))
      },
      .form("/sign-up") { visit async throws(Problem) in
        do throws(Problem) {
          let invitation = visit.next == "/join" ? visit.secret(of: "/join") : ""
          let draft = try AccountDraft(
            email: visit.field("email"), name: visit.field("name"), handle: nil, password: visit.field("password"), invitation: invitation.isEmpty ? nil : invitation)
          let session = try await create(draft, by: visit.caller)
          return .signedIn(secret: session.secret.reveal(), to: visit.next, flash: try await waitingForProof(Caller(secret: session.secret.reveal(), from: visit.caller.origin)))
        } catch {
          guard error.isMendable else { throw error }
          return .page(try await signUpPage(FormState("sign-up", values: visit.typed, problem: error), visit, status: 422))
        }
      },
      .opened("/verify") { visit async throws(Problem) in
        .page(
          ConsolePage("Confirm your address", in: .plain) {
            plainHeader("Confirm your address", "With this you show that mail to this address reaches you.")
            actionForm("/verify", token: visit.token, fields: ["token": visit.secret(of: "/verify")]) { submitButton("Confirm") }
          })
      },
      .form("/verify") { visit async throws(Problem) in
        let email = try await plane.emails.verify(visit.field("token"), by: visit.caller)
        return .redirect(to: "/", flash: Flash(.good, "\(email.address) is confirmed."))
      },
      .page("/forgot") { visit async throws(Problem) in .page(forgotPage(FormState("forgot"), visit)) },
      .form("/forgot") { visit async throws(Problem) in
        do throws(Problem) {
          try await plane.passwords.requestReset(of: visit.field("email"), by: visit.caller)
        } catch {
          guard error.isMendable else { throw error }
          return .page(forgotPage(FormState("forgot", values: visit.typed, problem: error), visit, status: 422))
        }
        return .page(
          ConsolePage("Look into your mail", in: .plain) {
            plainHeader("Look into your mail", "If an account has this address, a mail with a link is on its way. The link works for an hour, and once.")
          })
      },
      .opened("/reset") { visit async throws(Problem) in .page(resetPage(FormState("reset", ["token": visit.secret(of: "/reset")]), visit)) },
      .form("/reset") { visit async throws(Problem) in
        do throws(Problem) {
          try await plane.passwords.reset(visit.field("token"), to: visit.field("password"), by: visit.caller)
        } catch {
          guard error.isMendable else { throw error }
          return .page(resetPage(FormState("reset", values: visit.typed, problem: error), visit, status: 422))
        }
        return .redirect(to: "/sign-in", flash: Flash(.good, "Your password is changed. Sign in with the new one."))
      },
    ]
  }

  /// What a new account is told of an address that nobody has proven yet.
  private func waitingForProof(_ caller: Caller) async throws(Problem) -> Flash? {
    guard plane.world.mailer != nil || plane.settings.isDemonstration else { return nil }
    guard let email = try await plane.emails.list(by: caller).first(where: { !$0.isVerified }) else { return nil }
    return Flash(.attention, "A mail with a link is on its way to \(email.address). Open it: invitations to this address reach you once it is confirmed.")
  }

  private func signUpPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let policy = try await plane.installation.read(by: visit.caller).signUp
    return ConsolePage("Create an account", in: .plain, status: status) {
      plainHeader("Create an account", policy == .invitees ? "This takes an invitation: use the address that it was sent to." : nil)
      postForm("/sign-up", state, token: visit.token) {
        input(.hidden, name: "next", .value(visit.next))
        textField("Name", "name", in: state, .autocomplete("name"), .autofocus)
        textField("E-mail", "email", in: state, type: .email, .autocomplete("email"))
        passwordField("Password", "password", in: state, isNew: true, hint: "At least 10 characters. A sentence is easier to keep than a riddle.")
        buttonRow { submitButton("Create account") }
      }
      p(.class("aside")) { "You have one? \(a(href: ("/sign-in" as Link).adding("next", visit.next)) { "Sign in" })" }
    }
  }

  private func forgotPage(_ state: FormState, _ visit: Visit, status: Int = 200) -> ConsolePage {
    ConsolePage("Forgot your password", in: .plain, status: status) {
      plainHeader("Forgot your password", "We mail you a link to choose a new one.")
      postForm("/forgot", state, token: visit.token) {
        textField("E-mail", "email", in: state, type: .email, .autocomplete("email"), .autofocus)
        buttonRow { submitButton("Send the link") }
      }
    }
  }

  private func resetPage(_ state: FormState, _ visit: Visit, status: Int = 200) -> ConsolePage {
    ConsolePage("Choose a new password", in: .plain, status: status) {
      plainHeader("Choose a new password", "All your sessions end with it.")
      postForm("/reset", state, token: visit.token) {
        input(.hidden, name: "token", .value(state.value("token")))
        passwordField("New password", "password", in: state, isNew: true)
        buttonRow { submitButton("Change password") }
      }
    }
  }
}

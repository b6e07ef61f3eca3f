import Kernel
import Markup
import Secrets

extension Sessions {
  var pages: [PageRoute] {
    [
      .page("/sign-in") { visit async throws(Problem) in
        if try await plane.viewer(as: visit.caller) != nil { return .redirect(to: visit.next) }
        return .page(signInPage(FormState("sign-in", ["login": visit.query("login") ?? ""]), visit))
      },
      .form("/sign-in") { visit async throws(Problem) in
        do throws(Problem) {
          let session = try await create(login: visit.field("login"), password: visit.field("password"), by: visit.caller)
          return .signedIn(secret: session.secret.reveal(), to: visit.next, flash: nil)
        } catch {
          guard error.isMendable || error.kind == .unauthenticated else { throw error }
          return .page(signInPage(FormState("sign-in", values: visit.typed, problem: error), visit, status: 422))
        }
      },
      .opened("/sign-in/link") { visit async throws(Problem) in
        .page(
          ConsolePage("Sign in", in: .plain) {
            plainHeader("Sign in with this link", "It works once.")
            actionForm("/sign-in/link", token: visit.token, fields: ["token": visit.secret(of: "/sign-in/link")]) { submitButton("Sign in") }
          })
      },
      .form("/sign-in/link") { visit async throws(Problem) in
        let session = try await create(link: visit.field("token"), by: visit.caller)
        return .signedIn(secret: session.secret.reveal(), to: "/", flash: nil)
      },
      .form("/sign-out") { visit async throws(Problem) in
        do throws(Problem) { try await end(by: visit.caller) } catch where error.kind == .unauthenticated {}
        let start: Link = visit.next == "/" ? "/sign-in" : ("/sign-in" as Link).adding("next", visit.next)
        return .signedIn(secret: nil, to: start.text, flash: Flash(.good, "You are signed out."))
      },
    ]
  }

  private func signInPage(_ state: FormState, _ visit: Visit, status: Int = 200) -> ConsolePage {
    ConsolePage("Sign in", in: .plain, status: status) {
      plainHeader("Sign in")
      postForm("/sign-in", state, token: visit.token) {
        input(.hidden, name: "next", .value(visit.next))
        textField("E-mail or handle", "login", in: state, .autocomplete("username"), .autofocus)
        passwordField("Password", "password", in: state)
        buttonRow { submitButton("Sign in") }
      }
      p(.class("aside")) { a(href: "/forgot") { "Forgot your password?" } }
      p(.class("aside")) { "New here? \(a(href: ("/sign-up" as Link).adding("next", visit.next)) { "Create an account" })" }
    }
  }
}

extension Visit {
  /// Where to go on after signing in: a path of ours, and nothing else.
  var next: String {
    let wanted = query("next") ?? (field("next").isEmpty ? "/" : field("next"))
    return Link(local: wanted)?.text ?? "/"
  }
}

import Kernel
import Markup
import Secrets

/// The page on which somebody lets a program in, and the one that brings its code.
extension CodeLogins {
  var pages: [PageRoute] {
    [
      .page("/authorize") { visit async throws(Problem) in .page(try await askPage(visit)) },
      .form("/authorize") { visit async throws(Problem) in
        let request: CodeLoginRequest
        do throws(Problem) { request = try self.request(of: visit) } catch { return .page(Self.refusal(error)) }
        return .page(bringPage(request, try await allow(request, by: visit.caller).reveal()))
      },
      // Codes are shown where they are made, so that they stand in no address of ours.
      .passage("/authorize/code") { _ in "/me/tokens" },
    ]
  }

  private func request(of visit: Visit) throws(Problem) -> CodeLoginRequest {
    try CodeLoginRequest({ name in visit.field(name).isEmpty ? visit.query(name) : visit.field(name) }, publicURL: plane.settings.publicURL)
  }

  private func askPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let request: CodeLoginRequest
    do throws(Problem) {
      request = try self.request(of: visit)
    } catch {
      return Self.refusal(visit.query("client_id") == nil ? nil : error)
    }
    let account = try await plane.accounts.read(by: visit.caller)
    let name = request.client.name
    return ConsolePage("Let \(name) in", in: .personal(section: "tokens")) {
      pageHeader("Let \(name) in?", "It wants to sign in as \(account.name) (\(account.handle)) on the machine where you started it.")
      pageSection("What it may do then") {
        p { "Everything that you may do in your organizations and your account, for \(CodeLogin.days) days, without asking for your password." }
        p { "If you didn't start it yourself a moment ago, don't let it in." }
        form(.post, action: "/authorize", .class("form"), .id("authorize")) {
          tokenField(visit.token)
          onceField(visit)
          for (field, value) in request.fields { input(.hidden, name: field, .value(value)) }
          buttonRow {
            submitButton("Let it in")
            linkButton("Don't", href: request.isCarried ? "/me/tokens" : request.refusal)
          }
        }
      }
    }
  }

  /// Nothing leads on from what isn't asked for as it should be: who made up the request must not gain by it.
  private static func refusal(_ problem: Problem?) -> ConsolePage {
    ConsolePage("Programs that sign in", in: .personal(section: "tokens"), status: problem == nil ? 200 : 422) {
      pageHeader("Programs that sign in", "Start the sign-in in the program itself: it opens this page with what it needs.")
      let title = problem == nil ? "No program asks to be let in" : "This sign-in can't go on"
      emptyState(title, HTML(problem?.detail ?? "Programs that are signed in stand among your access tokens.")) {
        linkButton("Your access tokens", href: "/me/tokens")
      }
    }
  }

  private func bringPage(_ request: CodeLoginRequest, _ code: String) -> ConsolePage {
    ConsolePage("\(request.client.name) may come in", in: .personal(section: "tokens"), isShownOnce: true) {
      pageHeader("\(request.client.name) may come in", "Within \(CodeLogin.term.wholeSeconds / 60) minutes, and once.")
      if request.isCarried {
        pageSection("Your code", "Paste it where the program asks for it.") { secretLine(code, label: "the code") }
      } else {
        pageSection("One more step", "The program waits on this machine for what this button brings it.") {
          linkButton("Finish signing in", href: request.listener.adding("code", code).adding("state", request.state), .primary)
        }
      }
      p { "You see the program among your access tokens, and can end its sign-in there." }
    }
  }
}

extension CodeLoginRequest {
  /// As the form sends it on.
  fileprivate var fields: [(String, String)] {
    [
      ("client_id", client.id), ("redirect_uri", redirect), ("response_type", "code"), ("code_challenge", challenge), ("code_challenge_method", "S256"),
    ] + (state.map { [("state", $0)] } ?? [])
  }

  /// Where the program listens.
  fileprivate var listener: Link { Link(web: "\(redirect)/") ?? "/" }

  /// The same, told that nobody let it in.
  fileprivate var refusal: Link {
    listener.adding("error", "access_denied").adding("error_description", "You didn't let it in.").adding("state", state)
  }
}

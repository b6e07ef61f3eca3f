import Kernel
import Markup

/// The personal area's page about where one is signed in, and the password.
struct SecurityPages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    [
      .page("/me/security") { visit async throws(Problem) in .page(try await securityPage(FormState("password"), visit)) },
      .form("/me/security/password") { visit async throws(Problem) in
        do throws(Problem) {
          try await plane.passwords.change(from: visit.field("current"), to: visit.field("password"), by: visit.caller)
        } catch {
          guard error.isMendable else { throw error }
          return .page(try await securityPage(FormState("password", values: visit.typed, problem: error), visit, status: 422))
        }
        return .redirect(to: "/me/security", flash: Flash(.good, "Your password is changed. Your other sessions ended."))
      },
      .passage("/me/security/password") { _ in "/me/security" },
      .form("/me/security/derived-tokens") { visit async throws(Problem) in
        try await flashing(to: "/me/security") { () async throws(Problem) in
          try await plane.derivedTokens.endAll(by: visit.caller)
          return "The tokens of an hour ended."
        }
      },
      .form("/me/security/sessions/others") { visit async throws(Problem) in
        try await plane.sessions.revokeOthers(by: visit.caller)
        return .redirect(to: "/me/security", flash: Flash(.good, "Your other sessions ended."))
      },
      .form("/me/security/sessions/{session}") { visit async throws(Problem) in
        try await flashing(to: "/me/security") { () async throws(Problem) in
          try await plane.sessions.revoke(.named(visit.parameter("session")), by: visit.caller)
          return "The session ended."
        }
      },
    ]
  }

  private func securityPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (page, current) = try await plane.sessions.list(visit.page, by: visit.caller)
    let derived = try await plane.derivedTokens.list(by: visit.caller)
    let now = plane.world.clock()
    return ConsolePage("Security and sessions", in: .personal(section: "security"), status: status) {
      pageHeader("Security and sessions")
      pageSection("Where you are signed in") {
        dataTable(
          "Sessions", [Column("Device"), Column("Address"), Column("Last used"), Column("Since"), .actions],
          page.items.map { session in
            TableRow(
              session.id == current ? badgeRow { "\(session.device) "; badge("this one", .good) } : HTML(session.device), HTML(session.address),
              relativeTime(session.usedAt, now: now), relativeTime(session.createdAt, now: now),
              session.id == current
                ? HTML.empty : actionForm("/me/security/sessions/\(session.id)", token: visit.token) { submitButton("Sign out", .plain, small: true) })
          })
        pagination(shown: page.items.count, total: page.total, "session", next: page.next.map { ("/me/security" as Link).adding("cursor", $0.description) })
        if page.total > 1 { actionForm("/me/security/sessions/others", token: visit.token) { submitButton("Sign out everywhere else", .plain) } }
      }
      pageSection("Programs at work", "For a session or an access token programs get tokens of an hour, which end with that at the latest.", id: "programs") {
        if derived.isEmpty {
          emptyState("No program holds one", "ZenML's and Apolo's clients get one when they sign in with a key, and a new one after an hour.")
        } else {
          dataTable(
            "Tokens of an hour", [Column("Made with"), Column("Good for"), Column("Ends")],
            derived.map { token in
              TableRow(
                HTML(token.name), token.workspace.map { place in bdi { place.name } } ?? HTML("all that this opens"), relativeTime(token.expiresAt, now: now))
            })
          actionForm("/me/security/derived-tokens", token: visit.token) { submitButton("End them all", .plain) }
        }
      }
      pageSection("Password") {
        postForm("/me/security/password", state, token: visit.token) {
          passwordField("Present password", "current", in: state)
          passwordField("New password", "password", in: state, isNew: true)
          buttonRow { submitButton("Change password") }
        }
      }
    }
  }
}

import Authorization
import Kernel
import Markup
import Secrets

extension Tokens {
  var pages: [PageRoute] {
    [
      .page("/me/tokens") { visit async throws(Problem) in .page(try await listPage(Self.beginning, nil, visit)) },
      .form("/me/tokens") { visit async throws(Problem) in
        do throws(Problem) {
          let draft = try AccessTokenDraft(
            name: visit.field("name"), scopes: visit.fields("scope").flatMap(Self.scopes), organization: visit.field("organization"),
            days: days(visit.field("days")))
          return .page(try await listPage(Self.beginning, try await create(draft, by: visit.caller), visit))
        } catch {
          guard error.isMendable else { throw error }
          let shown = error.calling(["expires_in_days": "days", "scopes": "scope"])
          return .page(try await listPage(FormState("token", values: visit.typed, problem: shown), nil, visit, status: 422))
        }
      },
      .form("/me/tokens/{token}/revocation") { visit async throws(Problem) in
        try await flashing(to: "/me/tokens") { () async throws(Problem) in
          try await revoke(.named(visit.parameter("token")), by: visit.caller)
          return "The token is revoked."
        }
      },
    ]
  }

  /// What goes beyond everything takes everything.
  private static func scopes(_ chosen: String) -> [String] {
    chosen == TokenScope.irreversible.rawValue ? TokenScope.allCases.filter { $0 != .read && $0 != .write && $0 != .decisions }.map(\.rawValue) : [chosen]
  }

  private static let beginning = FormState("token", ["days": String(AccessTokenDraft.usualDays), "scope": TokenScope.read.rawValue])

  /// The number that was typed. Left empty, it is the usual one; what is no number is told as one out of range.
  private func days(_ text: String) -> Int? { text.isEmpty ? nil : Int(text) ?? -1 }

  private func listPage(_ state: FormState, _ fresh: NewAccessToken?, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let page = try await list(visit.page, by: visit.caller)
    let organizations = try await plane.viewer(as: visit.caller)?.organizations ?? []
    let names = Dictionary(organizations.map { ($0.id, $0.name.text) }, uniquingKeysWith: { first, _ in first })
    let now = plane.world.clock()
    return ConsolePage("Access tokens", in: .personal(section: "tokens"), status: status, isShownOnce: fresh != nil) {
      pageHeader("Access tokens", "For programs that act as you. Each is shown once.")
      if let fresh {
        pageSection("Your new token", "Keep it now: it isn't shown again.") { secretLine(fresh.secret.reveal(), label: fresh.token.name.text) }
      }
      if page.items.isEmpty {
        emptyState("No tokens yet", "Make one for the command line or a program of yours.")
      } else {
        dataTable(
          "Access tokens", [Column("Name"), Column("Token"), Column("May"), Column("Where"), Column("Last used"), Column("Expires"), .actions],
          page.items.map { token in
            TableRow(
              HTML(token.name.text), code { token.hint }, HTML(TokenScope.allCases.filter(token.scopes.contains).map(\.words).joined(separator: "; ")),
              token.organization.map { id in bdi { names[id] ?? "one that you left" } } ?? "everywhere",
              token.usedAt.map { relativeTime($0, now: now) } ?? "never", token.expiresAt.map { relativeTime($0, now: now) } ?? "never",
              actionForm("/me/tokens/\(token.id)/revocation", token: visit.token) { submitButton("Revoke", .plain, small: true) })
          })
        pagination(shown: page.items.count, total: page.total, "token", next: page.next.map { ("/me/tokens" as Link).adding("cursor", $0.description) })
      }
      pageSection("A new token") {
        postForm("/me/tokens", state, token: visit.token) {
          onceField(visit)
          textField("Name", "name", in: state, hint: "What it is for.", .maxlength(128))
          radioField(
            "What it may do", "scope", in: state,
            TokenScope.allCases.map { Choice($0.rawValue, $0.words) })
          selectField(
            "Where", "organization", in: state, [Choice("", "Everywhere that you may")] + organizations.map { Choice($0.slug.text, "Only in \($0.name)") },
            hint: "A token that is good for one organization stops working when you leave it, and doesn't reach your account.", optional: true)
          textField("Days until it expires", "days", in: state, type: .number, hint: "From 1 to 366.", .min(1), .max(366), .inputmode("numeric"))
          buttonRow { submitButton("Make a token") }
        }
      }
    }
  }
}

extension TokenScope {
  /// What it lets a token do, for who chooses.
  fileprivate var words: String {
    switch self {
    case .read: "Read in organizations"
    case .write: "Change things, except who has which role"
    case .admin: "Everything in organizations"
    case .irreversible: "Everything, in your account too, and deleting organizations without asking for a password"
    case .decisions: "Ask who may do what, and follow all that decides it"
    case .account: "Read and change your account"
    }
  }
}

import Authorization
import Kernel
import Markup

/// What operators see of the whole installation: its organizations, its accounts, and what holds for everybody.
struct OperatorPages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    [
      .passage("/operator") { _ in "/operator/organizations" },
      .page("/operator/organizations") { visit async throws(Problem) in .page(try await organizationsPage(visit)) },
      .page("/operator/accounts") { visit async throws(Problem) in .page(try await accountsPage(visit)) },
    ] + OperatorAccountPages(plane: plane).pages + [
      .page("/operator/installation") { visit async throws(Problem) in
        let installation = try await plane.installation.editable(by: visit.caller)
        let typed =
          [("sign_up", installation.signUp.rawValue)] + (installation.allowsEndlessTokens ? [("endless_tokens", "on")] : [])
          + (installation.letsMembersBeAdded ? [("direct_members", "on")] : [])
        return .page(installationPage(FormState("installation", values: typed, problem: nil), visit))
      },
      .form("/operator/installation") { visit async throws(Problem) in
        guard let signUp = Installation.SignUpPolicy(rawValue: visit.field("sign_up")) else {
          let problem = Problem.invalid("sign_up", "Choose who may create an account.")
          return .page(installationPage(FormState("installation", values: visit.typed, problem: problem), visit, status: 422))
        }
        _ = try await plane.installation.update(
          InstallationUpdate(
            signUp: signUp, allowsEndlessTokens: visit.field("endless_tokens") == "on", letsMembersBeAdded: visit.field("direct_members") == "on"),
          by: visit.caller)
        return .redirect(to: "/operator/installation", flash: Flash(.good, "Your changes are saved, and hold from now on."))
      },
    ]
  }

  // MARK: Organizations

  private func organizationsPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let search = visit.query("q")
    let page = try await plane.organizations.list(all: true, search: search, visit.page, by: visit.caller)
    let now = plane.world.clock()
    let here: Link = "/operator/organizations"
    return ConsolePage("All organizations", in: .personal(section: "operator-organizations")) {
      pageHeader(
        "All organizations", "Every organization of this installation, by name. As an operator you may open each of them; what you do there stands in its log.")
      filterBar(here, search: search ?? "", placeholder: "Find by name or address", replaces: "organizations")
      div(.id("organizations"), .class("list")) {
        if page.items.isEmpty {
          emptyState("No organization here", search == nil ? "Nobody has created one yet." : "None has this in its name or address.") {
            if search == nil { linkButton("Create an organization", href: "/organizations/new") } else { linkButton("Show all", href: here) }
          }
        } else {
          dataTable(
            "All organizations", [Column("Organization"), Column("State"), Column("Members", .number), Column("Created")],
            page.items.map { organization in
              TableRow(
                organizationCell(organization), stateCell(organization), HTML(grouped(organization.memberCount)), relativeTime(organization.createdAt, now: now))
            })
          pagination(
            shown: page.items.count, total: page.total, "organization", first: visit.query("cursor") == nil ? nil : here.adding("q", search),
            next: page.next.map { here.adding("q", search).adding("cursor", $0.description) })
        }
      }
    }
  }

  private func organizationCell(_ organization: Organization) -> HTML {
    div(.class("who")) {
      figure(of: organization, .medium)
      span {
        if organization.state.kind == .deleted { bdi { organization.name.text } } else { a(href: "/\(organization.slug)") { bdi { organization.name.text } } }
        small { organization.slug.text }
      }
    }
  }

  private func stateCell(_ organization: Organization) -> HTML {
    switch organization.state {
    case .active: badge("active", .good)
    case .suspended(let suspension): badge(suspension.isByOperator ? "suspended by an operator" : "suspended", .attention)
    case .deleted(_, let purge, _):
      badgeRow {
        badge("deleted", .danger)
        span(.class("quiet-text")) { "gone on \(day(purge))" }
      }
    }
  }

  // MARK: Accounts

  private func accountsPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let filter = AccountFilter(search: visit.query("q"), state: visit.query("state").flatMap(Account.State.init(rawValue:)))
    let page = try await plane.accounts.list(filter, visit.page, by: visit.caller)
    let now = plane.world.clock()
    let start: Link = "/operator/accounts"
    let here = start.adding("q", filter.search).adding("state", filter.state?.rawValue)
    return ConsolePage("All accounts", in: .personal(section: "operator-accounts")) {
      pageHeader(
        "All accounts", "Everybody who can or could sign in to this installation, the newest first.",
        actions: { linkButton("New account", href: "/operator/accounts/new", .primary) })
      filterBar(start, search: filter.search ?? "", placeholder: "Find by name, handle or address", replaces: "accounts") {
        smallSelect(
          "State", "state", [Choice("", "Any state")] + Account.State.allCases.map { Choice($0.rawValue, $0.rawValue) }, selected: filter.state?.rawValue ?? "")
      }
      div(.id("accounts"), .class("list")) {
        if page.items.isEmpty {
          emptyState("Nobody fits", "No account matches this search.") { linkButton("Show everybody", href: start) }
        } else {
          dataTable(
            "All accounts", [Column("Person"), Column("Handle", share: .more), Column("State", share: .more), Column("Since", share: .some)],
            page.items.map { account in
              TableRow(
                personCell(
                  id: account.id, name: account.name.text, detail: account.email?.text ?? "no address", portrait: account.portrait,
                  href: "/operator/accounts/\(account.id)"),
                code { account.handle.text }, Self.stateBadges(account), relativeTime(account.createdAt, now: now))
            })
          pagination(
            shown: page.items.count, total: page.total, "account", first: visit.query("cursor") == nil ? nil : here,
            next: page.next.map { here.adding("cursor", $0.description) })
        }
      }
    }
  }

  static func stateBadges(_ account: Account) -> HTML {
    badgeRow {
      badge(account.state.rawValue, account.state == .active ? .good : .attention)
      if account.isSuperUser { badge("operator", .accent) }
    }
  }

  // MARK: What holds for everybody

  private func installationPage(_ state: FormState, _ visit: Visit, status: Int = 200) -> ConsolePage {
    ConsolePage("Sign-up and tokens", in: .personal(section: "operator-installation"), status: status) {
      pageHeader("Sign-up and tokens", "What holds for everybody on this installation.")
      postForm("/operator/installation", state, token: visit.token) {
        radioField(
          "Who may create an account", "sign_up", in: state,
          [
            Choice("open", "Anybody", hint: "Who reaches this address can sign up."),
            Choice("invitees", "Who was invited", hint: "It takes the address that an open invitation went to."),
            Choice("closed", "Nobody", hint: "Operators make accounts on the server: guildhall account create."),
          ])
        checkField("Access tokens may be made that never expire", "endless_tokens", in: state, hint: "Otherwise every token gets a last day.")
        checkField(
          "Managers may add people without an invitation", "direct_members", in: state,
          hint: "They name an account that there is, and it is a member at once; its person is told by mail. Apolo's clients add people so.")
        buttonRow { submitButton("Save changes") }
      }
    }
  }
}

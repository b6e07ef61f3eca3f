import Authorization
import Contract
import Kernel
import Ledger
import Markup

extension Alerts {
  var pages: [PageRoute] {
    [
      .page("/{organization}/credits/alerts") { visit async throws(Problem) in .page(try await listPage(Self.beginning, visit)) },
      .form("/{organization}/credits/alerts") { visit async throws(Problem) in try await add(visit) },
      .form("/{organization}/credits/alerts/{rule}/delete") { visit async throws(Problem) in
        try await flashing(to: visit.alerts) { () async throws(Problem) in
          guard let id = ID<AlertSetting>(visit.parameter("rule")) else { throw Problem(.missing, "There is no such rule here.") }
          try await delete(id, in: visit.parameter("organization"), by: visit.caller)
          return "Nobody is told of that any more."
        }
      },
      .passage("/{organization}/credits/alerts/{rule}/delete") { $0.alerts },
    ]
  }

  private static let beginning = FormState("rule", ["condition": AlertKind.amount.rawValue])

  private func listPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let reference = organization.id.description
    let page = try await list(in: reference, visit.page, by: visit.caller)
    let rules = try await rules(in: reference, PageRequest(limit: AlertSetting.limit), by: visit.caller)
    let (here, canManage): (Link, Bool) = ("/\(organization.slug)/credits/alerts", permissions.contains(.creditsManage))
    let now = plane.world.clock()
    return ConsolePage(
      "Alerts of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "credits")), status: status
    ) {
      pageHeader("Credits", "When those who share out credits are told, by mail and here, and what they were told.")
      creditTabs(organization, permissions, current: "alerts")
      if page.items.isEmpty {
        emptyState(
          "Nothing was told yet",
          "When the balance or a budget crosses one of the limits below, it stands here, and a mail goes out: once for each crossing.")
      } else {
        dataTable(
          "Alerts", [Column("What"), Column("State"), Column("When")],
          page.items.map { alert in
            let isActive = alert.isActive(at: now)
            let tone: Tone = alert.isGrave ? .danger : .attention
            // A budget that was taken away has ended what it told.
            let budget: Link? = isActive ? alert.budget.map { "/\(organization.slug)/credits/budgets/\($0)" } : nil
            return TableRow(
              notedCell(budget.map { link in a(href: link) { alert.title } } ?? HTML(alert.title), HTML(alert.text)),
              isActive ? badge("active", tone) : badge(alert.kind == .recovered ? "news" : "ended"), relativeTime(alert.at, now: now))
          })
        pagination(shown: page.items.count, total: page.total, "alert", next: page.next.map { here.adding("cursor", $0.description) })
      }
      pageSection("Rules", "Budgets tell by themselves, by their own limits.") {
        if rules.items.isEmpty {
          p(.class("quiet-text")) { "With the first credits come rules for when they last less than 7 days or 1 day, are used up, and are there again." }
        } else {
          dataTable(
            "Rules", [Column("Told when"), Column("State")] + (canManage ? [.actions] : []),
            rules.items.map { rule in
              let holds = rule.rule.isTold && rule.rule.condition != .recovered
              return TableRow(
                HTML(rule.words.prefix(1).uppercased() + rule.words.dropFirst()), holds ? badge("active", .attention) : badge("armed"),
                canManage ? removal(of: rule, here, visit) : .empty)
            })
        }
      }
      if canManage { pageSection("Another rule") { ruleForm(state, here, visit) } }
    }
  }

  private func removal(of rule: AlertSetting, _ here: Link, _ visit: Visit) -> HTML {
    moreMenu("More for when \(rule.words)", token: visit.token, [.action("Take it away", to: "\(here)/\(rule.id)/delete", isDanger: true)])
  }

  private func ruleForm(_ state: FormState, _ here: Link, _ visit: Visit) -> HTML {
    postForm(here, state, token: visit.token) {
      onceField(visit)
      selectField(
        "Told when", "condition", in: state,
        [
          Choice(AlertKind.amount.rawValue, "The balance comes to an amount"), Choice(AlertKind.runway.rawValue, "The credits last less than a time"),
          Choice(AlertKind.depleted.rawValue, "The credits are used up"), Choice(AlertKind.recovered.rawValue, "There are credits again"),
        ])
      amountField("Amount", "amount", in: state, hint: "For an amount; it may lie below zero, such as -100.", need: .byOthers)
      textField("Hours", "hours", in: state, hint: "For a time, such as 72.", need: .byOthers, .inputmode("numeric"), .maxlength(4))
      buttonRow { submitButton("Add the rule", .plain) }
    }
  }

  private func add(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      guard let condition = AlertKind(rawValue: visit.field("condition")) else { throw Problem.invalid("condition", "Choose when.") }
      let (amount, hours) = (visit.amount("amount"), visit.amount("hours"))
      let parsed: Credits? =
        amount.isEmpty ? nil : try Problem.checking("amount") { () throws(Rejection) in try Credits(signedDecimal: amount) }
      let seconds: Int? = hours.isEmpty ? nil : Int(hours).map { (0...10_000).contains($0) ? $0 * 3600 : -1 } ?? -1
      let made = try await create(condition, amount: parsed, seconds: seconds, in: visit.parameter("organization"), by: visit.caller)
      return .redirect(to: visit.alerts, flash: Flash(.good, "Those who share out credits are told when \(made.words)."))
    } catch {
      guard error.isMendable else { throw error }
      let state = FormState("rule", values: visit.typed, problem: error.calling(["seconds": "hours"]))
      return .page(try await listPage(state, visit, status: 422))
    }
  }

  /// What holds now, above a page: the gravest first, and two at most; without what the page says itself.
  func banners(for organization: Organization, without said: Set<AlertKind> = [], by caller: Caller) async throws(Problem) -> HTML {
    let open = try await list(in: organization.id.description, open: true, PageRequest(limit: 50), by: caller).items.filter { !said.contains($0.kind) }
    if open.isEmpty { return .empty }
    let sorted = open.filter(\.isGrave) + open.filter { !$0.isGrave }
    let here: Link = "/\(organization.slug)/credits/alerts"
    return fragment {
      for alert in sorted.prefix(2) {
        banner(alert.isGrave ? .danger : .attention, HTML(alert.title), HTML(alert.text)) { linkButton("Alerts", href: here, small: true) }
      }
      if sorted.count > 2 { p(.class("quiet-text")) { a(href: here) { counted(sorted.count - 2, "more alert") } } }
    }
  }
}

extension Visit {
  fileprivate var alerts: String { "\(credits)/alerts" }
}

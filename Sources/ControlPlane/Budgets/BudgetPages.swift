import Authorization
import Contract
import Kernel
import Ledger
import Markup

extension Budgets {
  var pages: [PageRoute] {
    [
      .page("/{organization}/credits/budgets") { visit async throws(Problem) in .page(try await listPage(visit)) },
      .page("/{organization}/credits/budgets/new") { visit async throws(Problem) in .page(try await newPage(Self.beginning, visit)) },
      .form("/{organization}/credits/budgets/new") { visit async throws(Problem) in try await create(visit) },
      .page("/{organization}/credits/budgets/{budget}") { visit async throws(Problem) in .page(try await budgetPage(visit)) },
      .form("/{organization}/credits/budgets/{budget}") { visit async throws(Problem) in try await set(visit) },
      .form("/{organization}/credits/budgets/{budget}/delete") { visit async throws(Problem) in
        try await flashing(to: visit.budgets) { () async throws(Problem) in
          let id = try visit.budgetID
          let gone = try await find(id, in: visit.parameter("organization"), by: visit.caller)
          try await delete(id, in: visit.parameter("organization"), by: visit.caller)
          return "The budget of \(gone.words) is gone."
        }
      },
      .passage("/{organization}/credits/budgets/{budget}/delete") { $0.budgets },
    ]
  }

  private static let beginning = FormState("budget", ["subject": BudgetSubject.member.rawValue, "period": BudgetPeriod.month.rawValue])

  // MARK: The list

  private func listPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let reference = organization.id.description
    let page = try await list(in: reference, visit.page, by: visit.caller)
    let balance = try await plane.credits.balance(of: reference, by: visit.caller).available.credits
    let (here, canManage): (Link, Bool) = ("/\(organization.slug)/credits/budgets", permissions.contains(.creditsManage))
    return ConsolePage("Budgets of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "credits"))) {
      pageHeader(
        "Credits", "How many credits may be used for what in a day, a week or a month.",
        actions: { if canManage { linkButton("Set a budget", href: "\(here)/new", .primary) } })
      creditTabs(organization, permissions, current: "budgets")
      if page.items.isEmpty {
        emptyState(
          "No budgets yet",
          canManage
            ? "Everybody may use what there is. Set a budget to limit what the organization, a team, a member, a project or a token uses, or to be told."
            : "Everybody may use what there is. Admins, managers and billing managers set budgets."
        ) { if canManage { linkButton("Set the first budget", href: "\(here)/new") } }
      } else {
        dataTable(
          "Budgets",
          [Column("Budget"), Column("Left", .wide), Column("Used", .number), Column("Held", .number), Column("Limit", .number), Column("Limited by")],
          page.items.map { setting in
            let budget = setting.budget
            return TableRow(
              notedCell(a(href: "\(here)/\(budget.id)") { bdi { setting.words.capitalized } }, HTML(budget.period.words)), bar(of: budget, balance: balance),
              HTML(amountText(budget.spent)), HTML(amountText(budget.held)), HTML(budget.hard.map(amountText) ?? "none"), HTML(binding(budget, balance)))
          })
        p(.class("quiet-text")) {
          small { "A whole bar is the limit. Filled: what may be used now. Outlined: what the budget itself would leave." }
        }
        pagination(shown: page.items.count, total: page.total, "budget", next: page.next.map { here.adding("cursor", $0.description) })
      }
    }
  }

  private func bar(of budget: Budget, balance: Credits?) -> HTML {
    let own = max(budget.available ?? .zero, .zero)
    let usable = min(own, max(balance ?? own, .zero))
    return limitBar(available: Double(usable.micro), own: Double(own.micro), scale: Double((budget.hard ?? .zero).micro))
  }

  private func binding(_ budget: Budget, _ balance: Credits?) -> String {
    if let left = budget.available, balance.map({ left <= $0 }) ?? true { return "itself" }
    return balance == nil ? "nothing" : "the balance"
  }

  // MARK: A new one

  private func newPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let here: Link = "/\(organization.slug)/credits/budgets"
    return ConsolePage(
      "New budget in \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "credits")), status: status
    ) {
      breadcrumb([("Credits", "/\(organization.slug)/credits"), ("Budgets", here)])
      pageHeader("Set a budget", "What is used from now on counts.")
      if permissions.contains(.creditsManage) {
        postForm("\(here)/new", state, token: visit.token) {
          onceField(visit)
          selectField("What for", "subject", in: state, Self.subjects)
          textField(
            "Whose", "holder", in: state,
            hint: "A member by handle or address, a team or service account by handle, a token by id, a project or cluster by its platform's name for it.",
            optional: true, .maxlength(320), .autocapitalize("none"), .spellcheck(false))
          selectField("Period", "period", in: state, BudgetPeriod.allCases.map { Choice($0.rawValue, $0.words.capitalized) })
          limitFields(state)
          buttonRow {
            submitButton("Set the budget")
            linkButton("Cancel", href: here)
          }
        }
      } else {
        banner(.attention, "You can't do this.", "Only admins, managers and billing managers of an active organization set budgets.")
      }
    }
  }

  private static let subjects = [
    Choice(BudgetSubject.member.rawValue, "A member"), Choice(BudgetSubject.team.rawValue, "A team"), Choice(BudgetSubject.project.rawValue, "A project"),
    Choice(BudgetSubject.cluster.rawValue, "A cluster"), Choice(BudgetSubject.serviceAccount.rawValue, "A service account"),
    Choice(BudgetSubject.token.rawValue, "A token or key"), Choice(BudgetSubject.organization.rawValue, "The whole organization"),
  ]

  private func limitFields(_ state: FormState) -> HTML {
    fragment {
      amountField("Limit", "hard", in: state, hint: "Beyond it nothing new begins; 0 lets nothing begin. Left empty, nothing is refused.", optional: true)
      amountField("Tell from", "soft", in: state, hint: "When so much was used, those who share out credits get a mail.", optional: true)
    }
  }

  private func create(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      guard let subject = BudgetSubject(rawValue: visit.field("subject")) else { throw Problem.invalid("subject", "Choose what it is for.") }
      guard let period = BudgetPeriod(rawValue: visit.field("period")) else { throw Problem.invalid("period", "Choose a period.") }
      let draft = try BudgetDraft(subject: subject, holder: visit.field("holder"), period: period, soft: visit.amount("soft"), hard: visit.amount("hard"))
      let made = try await create(draft, in: visit.parameter("organization"), by: visit.caller)
      return .redirect(to: "\(visit.budgets)/\(made.budget.id)", flash: Flash(.good, "The budget of \(made.words) is set."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await newPage(FormState("budget", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  // MARK: One of them

  private func budgetPage(_ visit: Visit, returned: FormState? = nil, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let reference = organization.id.description
    let setting = try await find(visit.budgetID, in: reference, by: visit.caller)
    let (budget, now): (Budget, Timestamp) = (setting.budget, plane.world.clock())
    let past = try await periods(of: budget.id, in: reference, visit.page, by: visit.caller)
    let here: Link = "/\(organization.slug)/credits/budgets/\(budget.id)"
    let state = returned ?? FormState("limits", ["hard": budget.hard?.description ?? "", "soft": budget.soft?.credits.description ?? ""])
    return ConsolePage(
      "Budget of \(setting.words)", in: .organization(OrganizationFrame(organization, permissions, section: "credits")), status: status
    ) {
      breadcrumb([("Credits", "/\(organization.slug)/credits"), ("Budgets", "/\(organization.slug)/credits/budgets")])
      pageHeader(bdi { setting.words.capitalized }, "What is used for it, and what may be.") {
      } badges: {
        badge(budget.period.words)
      }
      if let left = budget.available, left <= .zero {
        banner(.danger, "Nothing is left of it", "What asks beforehand is refused\(setting.renews.map { " until \(instantText($0))" } ?? "").")
      }
      statRow([
        Stat(
          "Left", HTML(budget.available.map { amountText(max($0, .zero)) } ?? "unlimited"),
          note: HTML(budget.hard.map { "of \(amountText($0))" } ?? "it only tells")),
        Stat("Used", HTML(amountText(budget.spent)), note: budget.period == .none ? "since it was set" : "in this period"),
        Stat("Held", HTML(amountText(budget.held)), note: "for what runs now"),
        Stat("Begins anew", setting.renews.map { relativeTime($0, now: now) } ?? "never"),
      ])
      if past.total > 0 {
        pageSection("Earlier periods") {
          dataTable(
            "Earlier periods", [Column("From"), Column("To"), Column("Used", .number)],
            past.items.map { TableRow(exactTime($0.start), exactTime($0.end), HTML(amountText($0.spent))) })
          pagination(shown: past.items.count, total: past.total, "period", next: past.next.map { here.adding("cursor", $0.description) })
        }
      }
      if permissions.contains(.creditsManage) {
        pageSection("Change the limits") {
          postForm(here, state, token: visit.token) {
            revisionField(setting.revision, in: state)
            limitFields(state)
            buttonRow { submitButton("Save", .plain) }
          }
        }
        pageSection("Take it away", "What it has counted is forgotten.") {
          postForm("\(here)/delete", FormState("delete"), token: visit.token) { buttonRow { submitButton("Take the budget away", .danger) } }
        }
      }
    }
  }

  private func set(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let limits = try BudgetLimits(soft: visit.amount("soft"), hard: visit.amount("hard"))
      let saved = try await update(visit.budgetID, limits, seen: Int(visit.field("revision")), in: visit.parameter("organization"), by: visit.caller)
      return .redirect(to: "\(visit.budgets)/\(saved.budget.id)", flash: Flash(.good, "The budget of \(saved.words) is changed."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await budgetPage(visit, returned: FormState("limits", values: visit.typed, problem: error), status: 422))
    }
  }
}

extension BudgetPeriod {
  fileprivate var words: String {
    switch self {
    case .day: "each day"
    case .week: "each week"
    case .month: "each month"
    case .none: "in all"
    }
  }
}

extension String {
  /// As the beginning of a sentence.
  fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}

extension Visit {
  fileprivate var budgets: String { "\(credits)/budgets" }

  /// The id of the budget in the path; refuses as `missing` what is none.
  fileprivate var budgetID: ID<Budget> {
    get throws(Problem) {
      guard let id = ID<Budget>(parameter("budget")) else { throw Problem(.missing, "There is no such budget here.") }
      return id
    }
  }
}

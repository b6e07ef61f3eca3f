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
    let page = try await listWithLimits(in: reference, visit.page, by: visit.caller)
    let asked = try await asked(visit, in: reference)
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
        pageSection("What binds now") { lookUp(asked, here) }
        pageSection("All budgets") {
          table(page.items, here)
          pagination(shown: page.items.count, total: page.total, "budget", next: page.next.map { here.adding("cursor", $0.description) })
        }
      }
    }
  }

  private func table(_ budgets: [SeenBudget], _ here: Link) -> HTML {
    fragment {
      dataTable(
        "Budgets",
        [
          Column("Budget"), Column("Usable now", .wide), Column("Used", .number), Column("Held", .number), Column("Limit", .number), Column("Limited by"),
        ],
        budgets.map { seen in
          let budget = seen.setting.budget
          return TableRow(
            notedCell(a(href: "\(here)/\(budget.id)") { bdi { seen.setting.words.capitalized } }, HTML(budget.period.words)), usable(seen),
            HTML(amountText(budget.spent)), HTML(amountText(budget.held)), budget.hard.map { HTML(amountText($0)) } ?? span(.class("quiet")) { "only tells" },
            limiting(seen, here))
        })
      p(.class("quiet-text")) {
        small {
          "A whole bar is the limit. Filled: what may be used now, with all that limits besides. Outlined: what the budget itself would leave."
        }
      }
    }
  }

  /// What may be used now; without a limit of its own there is nothing that a bar could be a part of.
  private func usable(_ seen: SeenBudget) -> HTML {
    let usable = seen.usable.map { max($0, .zero) }
    let words = HTML(usable.map(amountText) ?? "unlimited")
    guard let hard = seen.setting.budget.hard else { return words }
    let own = max(seen.setting.budget.available ?? .zero, .zero)
    return notedCell(limitBar(available: Double((usable ?? own).micro), own: Double(own.micro), scale: Double(hard.micro)), words)
  }

  private func limiting(_ seen: SeenBudget, _ here: Link) -> HTML {
    guard let binding = seen.binding else { return seen.usable == nil ? "nothing" : "the balance" }
    if binding.budget.id == seen.setting.budget.id { return "itself" }
    return notedCell(a(href: "\(here)/\(binding.budget.id)") { bdi { binding.words } }, HTML(binding.budget.period.words))
  }

  // MARK: What binds somebody

  /// Whom the page was asked for, and what was found.
  private struct Asked {
    var kind = BudgetSubject.member
    var who = ""
    var project = ""
    var found: EffectiveBudget?
    var fault: String?
  }

  private func asked(_ visit: Visit, in reference: String) async throws(Problem) -> Asked {
    var asked = Asked(who: visit.query("who") ?? "", project: visit.query("project") ?? "")
    if visit.query("kind") == BudgetSubject.serviceAccount.rawValue { asked.kind = .serviceAccount }
    guard !asked.who.isEmpty || !asked.project.isEmpty else { return asked }
    let (who, project) = (asked.who.isEmpty ? nil : asked.who, asked.project.isEmpty ? nil : asked.project)
    let purpose = SpendingPurpose(
      member: asked.kind == .member ? who : nil, serviceAccount: asked.kind == .serviceAccount ? who : nil, project: project)
    do throws(Problem) { asked.found = try await effective(for: purpose, in: reference, by: visit.caller) } catch {
      guard error.kind == .invalid else { throw error }
      asked.fault = error.detail
    }
    return asked
  }

  private func lookUp(_ asked: Asked, _ here: Link) -> HTML {
    fragment {
      form(.get, action: here, .class("filters"), .role("search")) {
        smallSelect(
          "Whose", "kind", [Choice(BudgetSubject.member.rawValue, "Member"), Choice(BudgetSubject.serviceAccount.rawValue, "Service account")],
          selected: asked.kind.rawValue)
        findField("who", asked.who, "By handle")
        findField("project", asked.project, "Project")
        submitButton("Show", .plain, small: true)
      }
      if let fault = asked.fault { banner(.attention, "Nothing to show", HTML(fault)) }
      if let found = asked.found {
        p { answer(found) }
        for setting in found.budgets { part(setting, binds: found.binding == setting.budget.id) }
      } else if asked.fault == nil {
        p(.class("quiet-text")) { "Name somebody to see how many credits they may use now, and which budgets count it." }
      }
    }
  }

  private func findField(_ name: String, _ value: String, _ label: String) -> HTML {
    div(.class("find")) {
      Icon.search.html
      input(
        .search, name: name, .class("control"), .value(value), .placeholder(label), .aria("label", label), .autocapitalize("none"), .spellcheck(false),
        .maxlength(320))
    }
  }

  private func answer(_ found: EffectiveBudget) -> HTML {
    guard let available = found.available else { return "Nothing limits what may be used." }
    let binding = found.budgets.first { $0.budget.id == found.binding }
    let by = binding.map { "the budget of \($0.words), \($0.budget.period.words)" } ?? "the organization's balance"
    let left = max(available, .zero)
    return "\(strong { creditsText(left) }) may be used now, limited by \(bdi { by })."
  }

  /// One budget that counts it, as a bar where it limits.
  private func part(_ setting: BudgetSetting, binds: Bool) -> HTML {
    let budget = setting.budget
    let label = "\(setting.words.capitalized), \(budget.period.words)\(binds ? ", which binds" : "")"
    let taken = Credits(clamping: Int128(budget.spent.micro) + Int128(budget.held.micro))
    guard let hard = budget.hard else { return p(.class("quiet-text")) { "\(label): \(creditsText(taken)) used and held; it only tells" } }
    return quotaBar(label, "budget-\(budget.id)", used: Int(taken.micro), of: Int(hard.micro), unit: "credits") { credits in
      amountText(Credits(clamping: Int128(credits)))
    }
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
            need: .byOthers, .maxlength(320), .autocapitalize("none"), .spellcheck(false))
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
      amountField("Limit", "hard", in: state, hint: "Beyond it nothing new begins; 0 lets nothing begin. Left empty, nothing is refused.", need: .byOthers)
      amountField("Tell from", "soft", in: state, hint: "When so much was used, those who share out credits get a mail.", need: .byOthers)
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
    let seen = try await findWithLimits(visit.budgetID, in: reference, by: visit.caller)
    let setting = seen.setting
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
        Stat("Usable now", HTML(seen.usable.map { amountText(max($0, .zero)) } ?? "unlimited"), note: "limited by \(limiting(seen))"),
        Stat(
          "Left of it", HTML(budget.available.map { amountText(max($0, .zero)) } ?? "unlimited"),
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

  /// What binds, after "limited by".
  private func limiting(_ seen: SeenBudget) -> HTML {
    guard let binding = seen.binding else { return seen.usable == nil ? "nothing" : "the balance" }
    return binding.budget.id == seen.setting.budget.id ? "itself" : bdi { "\(binding.words), \(binding.budget.period.words)" }
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

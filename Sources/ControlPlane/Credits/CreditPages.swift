import Authorization
import Kernel
import Ledger
import Markup

extension CreditUses {
  var pages: [PageRoute] {
    [
      .page("/{organization}/credits") { visit async throws(Problem) in .page(try await balancePage(visit)) },
      .form("/{organization}/credits/top-up") { visit async throws(Problem) in try await bringIn(visit) },
      .passage("/{organization}/credits/top-up") { $0.credits },
      .form("/{organization}/credits/overdraft") { visit async throws(Problem) in try await agree(visit) },
      .passage("/{organization}/credits/overdraft") { $0.credits },
    ] + plane.subBalances.pages + plane.holds.pages + StatementPages(plane: plane).pages
  }

  // MARK: The balance

  /// What the page of the balance shows.
  private struct View {
    let organization: Organization
    let permissions: Set<Permission>
    let isOperator: Bool
    let balance: CreditBalance
    let points: [BalancePoint]
    let days: Int
    let holds: Page<SeenHold>
    let grants: Page<ListedGrant>
    /// The first of them.
    let shares: [SeenSubBalance]
    let actors: [JournalActor: String]
    let now: Timestamp

    var here: Link { "/\(organization.slug)/credits" }
    /// Whether nothing has happened yet.
    var isNew: Bool {
      let hasNone = balance.balance == .zero && balance.used == .zero && balance.held == .zero && balance.limit == .zero
      return hasNone && grants.total == 0 && shares.isEmpty
    }
  }

  private static let beginning = FormState("top-up", ["kind": GrantTerms.Kind.paid.rawValue])

  /// How far back the trend can go, in days, and how many steps of equal length that makes.
  private static let ranges: [(days: Int, steps: Int)] = [(7, 28), (30, 30), (90, 45), (365, 73)]

  private func view(_ visit: Visit) async throws(Problem) -> View {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let (reference, caller) = (organization.id.description, visit.caller)
    let balance = try await balance(of: reference, by: caller)
    let range = Self.ranges.first { String($0.days) == visit.query("days") } ?? Self.ranges[1]
    let now = plane.world.clock()
    let points = try await history(of: reference, since: now - .days(range.days), until: now, points: range.steps + 1, by: caller)
    let holds = try await plane.holds.list(in: reference, .live, PageRequest(limit: 5), by: caller)
    let isOperator = try await plane.viewer(as: caller)?.isSuperUser ?? false
    return View(
      organization: organization, permissions: permissions, isOperator: isOperator, balance: balance, points: points, days: range.days, holds: holds,
      grants: try await grants(of: reference, visit.page, by: caller),
      shares: try await plane.subBalances.list(in: reference, PageRequest(limit: isOperator ? 50 : 1), by: caller).items,
      actors: try await names(of: holds.items.map(\.actor), in: reference, by: caller), now: now)
  }

  private func balancePage(
    _ visit: Visit, toppingUp: FormState = beginning, overdraft: FormState? = nil, status: Int = 200
  ) async throws(Problem) -> ConsolePage {
    let view = try await view(visit)
    // What the balance itself says is said here already.
    let alerts = try await plane.alerts.banners(for: view.organization, without: [.depleted], by: visit.caller)
    return ConsolePage(
      "Credits of \(view.organization.name)", in: .organization(OrganizationFrame(view.organization, view.permissions, section: "credits")),
      status: status
    ) {
      pageHeader(
        "Credits", "What \(bdi { view.organization.name.text }) has to spend, and how it changed.",
        actions: { if view.isOperator { linkButton("Top up", href: .anchor("top-up-section")) } })
      creditTabs(view.organization, view.permissions, current: "balance")
      if view.isNew {
        beginningNote(view)
      } else {
        warning(view)
        alerts
        figures(view)
        trend(view)
        liveHolds(view, visit)
        grantSection(view)
      }
      if view.isOperator {
        pageSection(
          "Top up", "Record a payment that was made elsewhere, or give credits away. What is owed is paid off first.", id: "top-up-section"
        ) { topUpForm(toppingUp, view, visit) }
        pageSection("Overdraft", "How far below zero new work may take the balance. What was used already is recorded even beyond that.") {
          overdraftForm(overdraft ?? Self.form(view.balance.limit), view, visit)
        }
      }
    }
  }

  private func beginningNote(_ view: View) -> HTML {
    emptyState(
      "No credits yet",
      view.isOperator
        ? "Top up first: record a payment below, or give credits away. Then share them out, and see here what becomes of them."
        : "An operator of this installation brings credits in; ask them. Then you see here what there is, and what becomes of it."
    ) {
      if view.isOperator { linkButton("Top up", href: .anchor("top-up-section")) }
    }
  }

  private func warning(_ view: View) -> HTML? {
    let balance = view.balance
    if balance.balance < .zero {
      let remedy: HTML =
        view.isOperator ? "A top-up pays this off first." : "Ask an operator of this installation for a top-up, which pays this off first."
      let owed = creditsText(-balance.balance)
      guard case .credits(let available, _) = balance.available, available <= .zero else {
        return banner(.attention, HTML("The balance is below zero: \(owed) are owed"), "Work goes on within the overdraft. \(remedy)")
      }
      return banner(.danger, HTML("The balance is below zero: \(owed) are owed"), "Nothing new begins until there are credits again. \(remedy)")
    }
    guard case .credits(let available, _) = balance.available else { return nil }
    if available <= .zero {
      return banner(
        .danger, "Nothing is available",
        balance.held > .zero
          ? "\(creditsText(balance.held)) are held for what runs now; nothing new begins." : "Nothing new begins until there are credits again.")
    }
    return nil
  }

  private func figures(_ view: View) -> HTML {
    let balance = view.balance
    let overdraft: HTML =
      switch balance.limit {
      case .unlimited: "unlimited"
      case .floor(let floor): HTML(amountText(-floor))
      }
    let available: HTML =
      switch balance.available {
      case .unlimited: "unlimited"
      case .credits(let credits, _): HTML(amountText(max(credits, .zero)))
      }
    let isOwed = balance.balance < .zero
    return statRow([
      Stat("Available", available, note: balance.limit == .unlimited ? "nothing limits it" : scopedNote(balance)),
      Stat(
        "Balance", HTML(amountText(balance.balance)),
        note: isOwed ? "in arrears" : balance.granted > .zero ? HTML("\(amountText(balance.granted)) of it from grants") : nil),
      Stat("Held", HTML(amountText(balance.held)), note: HTML(counted(view.holds.total, "hold")), href: "\(view.here)/holds?state=live"),
      Stat("Overdraft", overdraft, note: balance.limit == .unlimited ? nil : balance.limit == .zero ? "none agreed" : "below zero"),
      Stat("Used", HTML(amountText(balance.used)), note: "since the beginning"),
    ])
  }

  /// What makes the difference where balance, holds and overdraft don't: credits that are for something alone.
  private func scopedNote(_ balance: CreditBalance) -> HTML {
    guard case .credits(let available, _) = balance.available, case .floor(let floor) = balance.limit,
      let scoped = balance.balance.subtracting(balance.held)?.subtracting(floor)?.subtracting(available), scoped > .zero
    else { return "for what begins now" }
    return "and \(amountText(scoped)) for something alone"
  }

  private func trend(_ view: View) -> HTML {
    let (first, last) = (view.points.first?.balance ?? .zero, view.points.last?.balance ?? .zero)
    let change = last.subtracting(first) ?? .zero
    let summary =
      change == .zero
      ? "\(amountText(last)) now, as \(view.days) days ago."
      : "\(amountText(last)) now, \(amountText(change < .zero ? -change : change)) \(change < .zero ? "less" : "more") than \(view.days) days ago."
    return pageSection("Trend") {
      nav(.class("ranges"), .aria("label", "How far back")) {
        for range in Self.ranges {
          a(href: view.here.adding("days", range.days), .aria("current", "true").when(range.days == view.days)) { "\(range.days) days" }
        }
      }
      lineChart(
        "The balance over \(view.days) days", summary: summary, unit: "credits",
        view.points.map { ChartPoint(view.days < 10 ? instantText($0.at) : dayText($0.at), $0.balance) })
    }
  }

  private func liveHolds(_ view: View, _ visit: Visit) -> HTML {
    pageSection("Held now", "Set aside for work whose price isn't known yet.") {
      if view.holds.items.isEmpty {
        p(.class("quiet-text")) { "Nothing is held. \(a(href: "\(view.here)/holds") { "Earlier holds" })" }
      } else {
        HoldList(organization: view.organization, names: view.actors, now: view.now, releasable: { _ in false }).table(view.holds.items, visit)
        p {
          a(href: "\(view.here)/holds") {
            view.holds.total > view.holds.items.count ? "All \(grouped(view.holds.total)) live holds, and earlier ones" : "All holds, earlier ones too"
          }
        }
      }
    }
  }

  private func grantSection(_ view: View) -> HTML? {
    if view.grants.total == 0 { return nil }
    return pageSection("Grants", "Credits that are used before others, end, or are for something alone. The smaller number goes first.") {
      dataTable(
        "Grants", [Column("Grant"), Column("Left", .number), Column("Of", .number), Column("Priority", .number), Column("Last day"), Column("For")],
        view.grants.items.map { listed in
          let grant = listed.grant
          return TableRow(
            notedCell(listed.kind == .paid ? "Paid" : "Promotional", HTML(listed.note.text)), HTML(amountText(grant.remaining)),
            HTML(amountText(grant.granted.credits)), HTML("\(grant.priority)"), end(of: grant, now: view.now),
            listed.subBalances.isEmpty ? "everything" : scopeLinks(listed.subBalances, view))
        })
      pagination(shown: view.grants.items.count, total: view.grants.total, "grant", next: view.grants.next.map { view.here.adding("cursor", $0.description) })
    }
  }

  private func end(of grant: CreditGrant, now: Timestamp) -> HTML {
    guard let expires = grant.expires else { return "none" }
    // One that ends at midnight can be used on the day before.
    let last = day(expires - .milliseconds(1))
    if expires <= now { return notedCell(last, badge("ended")) }
    return grant.remaining > .zero && expires < now + .days(7) ? notedCell(last, badge("soon", .attention)) : last
  }

  private func scopeLinks(_ ids: [ID<SubBalance>], _ view: View) -> HTML {
    fragment {
      for (place, id) in ids.prefix(3).enumerated() {
        if place > 0 { ", " }
        a(href: "\(view.here)/shares/\(id)") { bdi { name(of: id, view) } }
      }
      if ids.count > 3 { " and \(ids.count - 3) more" }
    }
  }

  private func name(of id: ID<SubBalance>, _ view: View) -> String { view.shares.first { $0.subBalance.id == id }?.subBalance.name ?? "a sub-balance" }

  // MARK: For operators

  private func topUpForm(_ state: FormState, _ view: View, _ visit: Visit) -> HTML {
    postForm("\(view.here)/top-up", state, token: visit.token) {
      onceField(visit)
      amountField("Amount", "amount", in: state)
      radioField(
        "Kind", "kind", in: state,
        [
          Choice(GrantTerms.Kind.paid.rawValue, "Paid", hint: "A payment was made elsewhere."),
          Choice(GrantTerms.Kind.promotional.rawValue, "Promotional", hint: "Given away; used up before what was paid."),
        ])
      textField("Note", "note", in: state, hint: "Such as the number of the invoice. Whoever reads the statement sees it.", optional: true, .maxlength(2000))
      textField("Last day", "expires", in: state, type: .date, hint: "What is left after this day (UTC) can't be used any more.", optional: true)
      textField(
        "Priority", "priority", in: state, type: .number, hint: "From 0 to 1,000; the smaller number is used up first. Left empty, 100.", optional: true,
        .min(0), .max(1000), .inputmode("numeric"))
      if !view.shares.isEmpty {
        checkGroup(
          "Only for (none for everything)", "sub_balances", in: state, view.shares.map { Choice($0.subBalance.id.description, $0.subBalance.name) })
      }
      buttonRow { submitButton("Bring the credits in") }
    }
  }

  private func bringIn(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let expires = try Self.end(of: visit.field("expires"))
      let priority = visit.field("priority")
      let order = try TopUpOrder(
        amount: visit.amount("amount"), kind: GrantTerms.Kind(rawValue: visit.field("kind")) ?? .paid, note: visit.field("note"),
        priority: priority.isEmpty ? nil : Int(priority) ?? -1, expires: expires, subBalances: try Self.subBalances(visit.fields("sub_balances")))
      _ = try await topUp(order, of: visit.parameter("organization"), by: visit.caller)
      return .redirect(to: visit.credits, flash: Flash(.good, "\(creditsText(order.amount.credits)) came in."))
    } catch {
      guard error.isMendable else { throw error }
      let state = FormState("top-up", values: visit.typed, problem: error.calling(["expires_at": "expires"]))
      return .page(try await balancePage(visit, toppingUp: state, status: 422))
    }
  }

  /// The first instant after a day that was typed.
  private static func end(of day: String) throws(Problem) -> Timestamp? {
    if day.isEmpty { return nil }
    guard day.utf8.count == 10, let midnight = Timestamp("\(day)T00:00:00Z") else { throw .invalid("expires", "Choose a day, such as 2027-01-31.") }
    return midnight + .days(1)
  }

  private static func subBalances(_ typed: [String]) throws(Problem) -> [ID<SubBalance>] {
    try typed.map { text throws(Problem) in
      guard let id = ID<SubBalance>(text) else { throw .invalid("sub_balances", "Choose among those that there are.") }
      return id
    }
  }

  private static func form(_ limit: Limit) -> FormState {
    switch limit {
    case .unlimited: FormState("overdraft", ["unlimited": "on"])
    case .floor(let floor): FormState("overdraft", ["overdraft": (-floor).description, "shown": (-floor).description])
    }
  }

  private func overdraftForm(_ state: FormState, _ view: View, _ visit: Visit) -> HTML {
    postForm("\(view.here)/overdraft", state, token: visit.token) {
      // An amount that nobody touched isn't meant when something else is chosen.
      input(.hidden, name: "shown", .value(state.value("shown")))
      amountField("How far below zero", "overdraft", in: state, hint: "0 for not at all.", need: .byOthers)
      checkField("Nothing limits it", "unlimited", in: state, hint: "Everything is counted, and nothing is refused for want of credits.")
      buttonRow { submitButton("Set the overdraft", .plain) }
    }
  }

  private func agree(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let reference = visit.parameter("organization")
      var overdraft: Credits?
      let typed = visit.amount("overdraft")
      if visit.field("unlimited").isEmpty {
        overdraft = try Problem.checking("overdraft") { () throws(Rejection) in try Credits(decimal: typed) }
      } else if !typed.isEmpty, typed != visit.field("shown") {
        throw Problem.invalid("overdraft", "Give an amount, or say that nothing limits it; not both.")
      }
      let before = try await balance(of: reference, by: visit.caller).limit
      let after = try await setOverdraft(overdraft, of: reference, by: visit.caller).limit
      let undo = Flash.Undo(
        "/\(reference)/credits/overdraft", before == .unlimited ? [("unlimited", "on")] : [("overdraft", before.overdraft.description)])
      let told = after == .unlimited ? "Nothing limits the balance now." : "The overdraft is \(creditsText(after.overdraft)) now."
      return .redirect(to: visit.credits, flash: Flash(.good, told, undo: before == after ? nil : undo))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await balancePage(visit, overdraft: FormState("overdraft", values: visit.typed, problem: error), status: 422))
    }
  }
}

extension Limit {
  /// How far below zero; zero where nothing limits.
  fileprivate var overdraft: Credits { if case .floor(let floor) = self { -floor } else { .zero } }
}

/// The tabs that the pages about credits share.
func creditTabs(_ organization: Organization, _ permissions: Set<Permission>, current: String) -> HTML {
  let here: Link = "/\(organization.slug)/credits"
  return tabBar(
    "Credits",
    [
      Tab("Balance", href: here, isCurrent: current == "balance"), Tab("Sub-balances", href: "\(here)/shares", isCurrent: current == "shares"),
      Tab("Budgets", href: "\(here)/budgets", isCurrent: current == "budgets"), Tab("Quotas", href: "\(here)/quotas", isCurrent: current == "quotas"),
      Tab("Alerts", href: "\(here)/alerts", isCurrent: current == "alerts"), Tab("Holds", href: "\(here)/holds", isCurrent: current == "holds"),
    ] + (permissions.contains(.usageRead) ? [Tab("Statement", href: "\(here)/statement", isCurrent: current == "statement")] : [])
      + [Tab("Prices", href: "\(here)/prices", isCurrent: current == "prices")])
}

/// A field for an amount of credits.
func amountField(
  _ label: String, _ name: String, in form: FormState, hint: HTML? = "Such as 250 or 12.5.", optional: Bool = false, need: FieldNeed? = nil
) -> HTML {
  textField(label, name, in: form, hint: hint, optional: optional, need: need, classes: "amount", .inputmode("decimal"), .autocomplete("off"), .maxlength(40))
}

extension Visit {
  /// Where the page of the organization's balance stands.
  var credits: String { "/\(parameter("organization"))/credits" }

  /// An amount as it was typed, without the space around it. A comma stays, and is refused: who writes 12,5 doesn't mean 125.
  func amount(_ name: String) -> String {
    let text = field(name).drop { $0.isWhitespace }
    return String(text.prefix((text.lastIndex { !$0.isWhitespace }.map { text.distance(from: text.startIndex, to: $0) + 1 }) ?? 0))
  }
}

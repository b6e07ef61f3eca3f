import Authorization
import Contract
import Kernel
import Ledger
import Markup

extension SubBalances {
  var pages: [PageRoute] {
    [
      .page("/{organization}/credits/shares") { visit async throws(Problem) in .page(try await listPage(visit)) },
      .page("/{organization}/credits/shares/new") { visit async throws(Problem) in .page(try await newPage(Self.beginning, visit)) },
      .form("/{organization}/credits/shares/new") { visit async throws(Problem) in try await create(visit) },
      .page("/{organization}/credits/shares/{share}") { visit async throws(Problem) in .page(try await sharePage(visit)) },
      .form("/{organization}/credits/shares/{share}") { visit async throws(Problem) in try await set(visit) },
      .form("/{organization}/credits/shares/{share}/deposits") { visit async throws(Problem) in try await move(visit, isIn: true) },
      .passage("/{organization}/credits/shares/{share}/deposits") { $0.share },
      .form("/{organization}/credits/shares/{share}/withdrawals") { visit async throws(Problem) in try await move(visit, isIn: false) },
      .passage("/{organization}/credits/shares/{share}/withdrawals") { $0.share },
      .form("/{organization}/credits/shares/{share}/deletion") { visit async throws(Problem) in try await remove(visit) },
      .passage("/{organization}/credits/shares/{share}/deletion") { $0.share },
    ]
  }

  private static let beginning = FormState(
    "share", ["holder_kind": SubBalance.HolderKind.member.rawValue, "kind": SubBalance.Kind.allowance.rawValue])

  // MARK: The list

  private func listPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let kind = visit.query("of").flatMap(SubBalance.HolderKind.init(rawValue:))
    let page = try await list(in: organization.id.description, of: kind, visit.page, by: visit.caller)
    let here: Link = "/\(organization.slug)/credits/shares"
    return ConsolePage("Sub-balances of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "credits"))) {
      pageHeader(
        "Credits", "Who may use how much of the balance, and who has credits of their own.",
        actions: { if permissions.contains(.creditsManage) { linkButton("New sub-balance", href: "\(here)/new", .primary) } })
      creditTabs(organization, permissions, current: "shares")
      if page.items.isEmpty, kind == nil {
        emptyState("No sub-balances yet", beginning(permissions)) {
          if permissions.contains(.creditsManage) { linkButton("Make the first sub-balance", href: "\(here)/new") }
        }
      } else {
        form(.get, action: here, .class("filters"), .role("search"), .data("renews", "shares")) {
          smallSelect(
            "Whose", "of", [Choice("", "Everybody's")] + SubBalance.HolderKind.allCases.map { Choice($0.rawValue, $0.plural) }, selected: kind?.rawValue ?? "")
          span(.class("without-script")) { submitButton("Filter", .plain, small: true) }
        }
        div(.id("shares"), .class("list")) { table(page, kind, here) }
      }
    }
  }

  private func beginning(_ permissions: Set<Permission>) -> HTML {
    permissions.contains(.creditsManage)
      ? "Everybody who may use credits draws on the whole balance. Make a sub-balance to limit how much a member, service account, project or cluster may use."
      : "Everybody who may use credits draws on the whole balance. Admins, managers and billing managers make sub-balances."
  }

  private func table(_ page: Page<SeenSubBalance>, _ kind: SubBalance.HolderKind?, _ here: Link) -> HTML {
    let scale = page.items.map { max($0.own, $0.usable ?? .zero) }.max() ?? .zero
    return fragment {
      if page.items.isEmpty {
        emptyState("No sub-balance fits", "None belongs to one of these.") { linkButton("Show all sub-balances", href: here) }
      } else {
        dataTable(
          "Sub-balances", [Column("Sub-balance"), Column("Usable now", .wide), Column("In credits", .number), Column("Held", .number), Column("Limited by")],
          page.items.map { seen in
            TableRow(
              personCell(
                id: seen.subBalance.holder.key, name: seen.subBalance.holder.name, detail: "\(seen.subBalance.holder.kind.word), \(seen.kind.words)",
                href: "\(here)/\(seen.subBalance.id)"),
              bar(of: seen, to: scale), HTML(seen.usable.map { amountText(max($0, .zero)) } ?? "unlimited"), HTML(amountText(seen.held)), HTML(seen.limitWords))
          })
        p(.class("quiet-text")) {
          small { "A whole bar is \(creditsText(scale)). Filled: what may be used now. Outlined: what the sub-balance itself would leave." }
        }
        pagination(
          shown: page.items.count, total: page.total, "sub-balance", next: page.next.map { here.adding("of", kind?.rawValue).adding("cursor", $0.description) })
      }
    }
  }

  private func bar(of seen: SeenSubBalance, to scale: Credits) -> HTML {
    limitBar(available: Double((seen.usable ?? .zero).micro), own: Double(seen.own.micro), scale: Double(scale.micro))
  }

  // MARK: A new one

  private func newPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let balance = try await plane.credits.balance(of: organization.id.description, by: visit.caller)
    let here: Link = "/\(organization.slug)/credits/shares"
    return ConsolePage(
      "New sub-balance in \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "credits")), status: status
    ) {
      breadcrumb([("Credits", "/\(organization.slug)/credits"), ("Sub-balances", here)])
      pageHeader("New sub-balance", "Say who may use how much of the \(balance.available.words).")
      if permissions.contains(.creditsManage) {
        postForm("\(here)/new", state, token: visit.token) {
          onceField(visit)
          radioField(
            "Whose", "holder_kind", in: state,
            [
              Choice(SubBalance.HolderKind.member.rawValue, "A member"), Choice(SubBalance.HolderKind.serviceAccount.rawValue, "A service account"),
              Choice(SubBalance.HolderKind.project.rawValue, "A project"), Choice(SubBalance.HolderKind.cluster.rawValue, "A cluster"),
            ])
          textField(
            "Who", "holder", in: state,
            hint: "A member by handle or e-mail address, a service account by handle, a project or cluster by the name that its platform gives it.",
            .maxlength(320), .autocapitalize("none"), .spellcheck(false))
          radioField(
            "What it is", "kind", in: state,
            [
              Choice(SubBalance.Kind.allowance.rawValue, "An allowance", hint: "How much of the organization's balance may be used through it."),
              Choice(SubBalance.Kind.funds.rawValue, "Credits of its own", hint: "Moved there from the balance; nobody else can use them."),
            ])
          amountField("Amount to begin with", "amount", in: state, optional: true)
          checkField("Unlimited", "unlimited", in: state, hint: "For an allowance that only counts what is used through it.")
          buttonRow {
            submitButton("Make the sub-balance")
            linkButton("Cancel", href: here)
          }
        }
      } else {
        banner(.attention, "You can't do this.", "Only admins, managers and billing managers of an active organization make sub-balances.")
      }
    }
  }

  private func create(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      guard let holderKind = SubBalance.HolderKind(rawValue: visit.field("holder_kind")) else { throw Problem.invalid("holder_kind", "Choose whose it is.") }
      guard let kind = SubBalance.Kind(rawValue: visit.field("kind")) else { throw Problem.invalid("kind", "Choose what it is.") }
      let draft = try SubBalanceDraft(
        holderKind: holderKind, holder: visit.field("holder"), kind: kind, amount: visit.amount("amount"), isUnlimited: !visit.field("unlimited").isEmpty)
      let made = try await create(draft, in: visit.parameter("organization"), by: visit.caller)
      return .redirect(to: "\(visit.shares)/\(made.subBalance.id)", flash: Flash(.good, "The sub-balance of \(made.subBalance.name) is there."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await newPage(FormState("share", values: visit.typed, problem: error.atAmount), visit, status: 422))
    }
  }

  // MARK: One of them

  /// Which form of the page came back.
  private enum Returned {
    case setting(FormState)
    case deposit(FormState)
    case withdrawal(FormState)
    case removal(FormState)
  }

  private func sharePage(_ visit: Visit, returned: Returned? = nil, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let reference = organization.id.description
    let seen = try await find(visit.shareID, in: reference, by: visit.caller)
    let (share, here): (SubBalance, Link) = (seen.subBalance, "/\(organization.slug)/credits/shares/\(seen.subBalance.id)")
    let statements = StatementPages(plane: plane)
    let latest = permissions.contains(.usageRead) ? try await statements.latest(of: share.id, in: reference, by: visit.caller) : nil
    return ConsolePage(
      "Sub-balance of \(share.name)", in: .organization(OrganizationFrame(organization, permissions, section: "credits")), status: status
    ) {
      breadcrumb([("Credits", "/\(organization.slug)/credits"), ("Sub-balances", "/\(organization.slug)/credits/shares")])
      pageHeader(bdi { share.holder.name }, HTML(seen.kind.explanation)) {
      } badges: {
        badge(share.holder.kind.word)
        badge(seen.kind.words)
      }
      state(of: seen)
      if let latest { statements.section(latest, of: share, in: organization, visit) }
      if permissions.contains(.creditsManage) { forms(seen, returned, here, visit) }
    }
  }

  private func state(of seen: SeenSubBalance) -> HTML {
    let left = seen.own
    return fragment {
      if seen.limitedBy == "balance", let usable = seen.usable, usable < left {
        banner(
          .attention, HTML("The organization's balance leaves less than this sub-balance: \(amountText(usable)) of \(amountText(left))"),
          "It grows again with the next top-up.")
      } else if let usable = seen.usable, usable <= .zero {
        banner(
          .attention, "Nothing is left of it",
          usable < .zero ? HTML("\(creditsText(-usable)) more than that are used or held.") : "New work through it is refused.")
      }
      statRow([
        Stat(
          "Usable now", HTML(seen.usable.map { amountText(max($0, .zero)) } ?? "unlimited"),
          note: HTML(seen.limitedBy == nil ? "nothing limits it" : "limited by \(seen.limitWords)")),
        Stat(
          seen.kind == .funds ? "Balance" : "Left of the allowance", seen.isUnlimited ? "unlimited" : HTML(amountText(seen.balance)),
          note: seen.isUnlimited && seen.balance < .zero ? HTML("\(amountText(-seen.balance)) used since it was set") : nil),
        Stat("Held", HTML(amountText(seen.held)), note: "for what runs now"),
      ])
    }
  }

  private func forms(_ seen: SeenSubBalance, _ returned: Returned?, _ here: Link, _ visit: Visit) -> HTML {
    var (setting, deposit, withdrawal, removal) = (Self.values(of: seen), FormState("deposit"), FormState("withdrawal"), FormState("removal"))
    switch returned {
    case .setting(let state): setting = state
    case .deposit(let state): deposit = state
    case .withdrawal(let state): withdrawal = state
    case .removal(let state): removal = state
    case nil: break
    }
    return fragment {
      if seen.kind == .allowance {
        pageSection("Set what may be used from now on") {
          postForm(here, setting, token: visit.token) {
            revisionField(seen.subBalance.revision, in: setting)
            // What is left goes on being used while the form is open: an amount that nobody touched isn't set again.
            input(.hidden, name: "shown", .value(setting.value("shown")))
            amountField(
              "Amount", "balance", in: setting, hint: "What is left from now on, held credits included. Left empty, it stays as it is.", optional: true)
            checkField("Unlimited", "unlimited", in: setting, hint: "It only counts what is used through it.")
            buttonRow { submitButton("Save", .plain) }
          }
        }
      }
      pageSection(seen.kind == .funds ? "Move credits there" : "Raise it") {
        moveForm(deposit, seen.kind == .funds ? "Move there" : "Raise", "\(here)/deposits", visit)
      }
      pageSection(seen.kind == .funds ? "Move credits back" : "Lower it") {
        moveForm(withdrawal, seen.kind == .funds ? "Move back" : "Lower", "\(here)/withdrawals", visit)
      }
      pageSection("Remove it") {
        postForm("\(here)/deletion", removal, token: visit.token) {
          revisionField(seen.subBalance.revision, in: removal)
          p(.class("hint")) {
            HTML(
              seen.kind == .funds
                ? "What is left goes back to the organization's balance. Statements go on to tell of it."
                : "Nothing limits its holder any more but the organization's balance. Statements go on to tell of it.")
          }
          buttonRow { submitButton("Remove the sub-balance", .danger) }
        }
      }
    }
  }

  private func moveForm(_ state: FormState, _ verb: String, _ action: Link, _ visit: Visit) -> HTML {
    postForm(action, state, token: visit.token) {
      onceField(visit)
      amountField("By how much", "amount", in: state)
      textField("Note", "note", in: state, hint: "Whoever reads the statement sees it.", optional: true, .maxlength(2000))
      buttonRow { submitButton(verb, .plain) }
    }
  }

  /// A form with what is left; one that is overdrawn, or doesn't limit, begins without a number.
  private static func values(of seen: SeenSubBalance) -> FormState {
    let shown = seen.isUnlimited || seen.balance < .zero ? "" : seen.balance.description
    return FormState("setting", ["balance": shown, "shown": shown, "unlimited": seen.isUnlimited ? "on" : ""])
  }

  private func set(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let (isUnlimited, amount) = (!visit.field("unlimited").isEmpty, visit.amount("balance"))
      let before = try await find(visit.shareID, in: visit.parameter("organization"), by: visit.caller)
      if before.isUnlimited, !isUnlimited, amount.isEmpty { throw Problem.invalid("balance", "Say how much may be used from now on.") }
      let isUntouched = amount.isEmpty || amount == visit.field("shown")
      let update = try SubBalanceUpdate(balance: isUntouched ? nil : amount, isUnlimited: isUnlimited)
      let seen = Int(visit.field("revision"))
      let saved = try await self.update(visit.shareID, update, seen: seen, in: visit.parameter("organization"), by: visit.caller)
      let name = saved.subBalance.name
      let told = saved.isUnlimited ? "The sub-balance of \(name) doesn't limit any more." : "\(creditsText(saved.balance)) are left to \(name)."
      return .redirect(to: visit.share, flash: Flash(.good, told))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await sharePage(visit, returned: .setting(FormState("setting", values: visit.typed, problem: error)), status: 422))
    }
  }

  private func remove(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let name = try await find(visit.shareID, in: visit.parameter("organization"), by: visit.caller).subBalance.name
      try await delete(visit.shareID, seen: Int(visit.field("revision")), in: visit.parameter("organization"), by: visit.caller)
      return .redirect(to: visit.shares, flash: Flash(.good, "The sub-balance of \(name) is removed."))
    } catch {
      guard error.isMendable || error.kind == .conflict else { throw error }
      return .page(try await sharePage(visit, returned: .removal(FormState("removal", values: visit.typed, problem: error)), status: 422))
    }
  }

  private func move(_ visit: Visit, isIn: Bool) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let amount = visit.amount("amount")
      let after = try await move(
        amount, note: visit.field("note"), into: visit.shareID, isIn: isIn, in: visit.parameter("organization"), by: visit.caller)
      let moved = (try? Credits(decimal: amount)).map(creditsText) ?? amount
      let place: Link = "/\(visit.parameter("organization"))/credits/shares/\(after.subBalance.id)/\(isIn ? "withdrawals" : "deposits")"
      let undo = Flash.Undo(place, [("once", visit.formKey), ("amount", amount), ("note", "Undone")])
      let told =
        switch (after.kind, isIn) {
        case (.funds, true): "\(moved) moved to \(after.subBalance.name)."
        case (.funds, false): "\(moved) moved back to the balance."
        case (.allowance, true): "\(after.subBalance.name) may use \(moved) more."
        case (.allowance, false): "\(after.subBalance.name) may use \(moved) less."
        }
      return .redirect(to: visit.share, flash: Flash(.good, told, undo: undo))
    } catch {
      guard error.isMendable else { throw error }
      let state = FormState(isIn ? "deposit" : "withdrawal", values: visit.typed, problem: error.atAmount)
      return .page(try await sharePage(visit, returned: isIn ? .deposit(state) : .withdrawal(state), status: 422))
    }
  }
}

extension SeenSubBalance {
  /// What the share itself leaves, whatever stands above it; nothing where it is overdrawn or doesn't limit.
  fileprivate var own: Credits { isUnlimited ? .zero : max(balance.subtracting(held) ?? .zero, .zero) }

  /// What may be used now; `nil` where nothing limits.
  fileprivate var usable: Credits? {
    switch available {
    case .unlimited: nil
    case .credits(let credits, _): credits
    }
  }

  fileprivate var limitWords: String {
    switch limitedBy {
    case nil: "nothing"
    case "balance": "the organization's balance"
    default: "itself"
    }
  }
}

extension EffectiveLimit {
  fileprivate var words: String {
    switch self {
    case .unlimited: "balance, which nothing limits"
    case .credits(let credits, _): "\(creditsText(credits)) that are available"
    }
  }
}

extension SubBalance.HolderKind {
  fileprivate var plural: String {
    switch self {
    case .member: "Members"
    case .serviceAccount: "Service accounts"
    case .project: "Projects"
    case .cluster: "Clusters"
    }
  }
}

extension SubBalance.Kind {
  var words: String {
    switch self {
    case .allowance: "allowance"
    case .funds: "credits of its own"
    }
  }

  fileprivate var explanation: String {
    switch self {
    case .allowance: "How much of the organization's balance may be used through it."
    case .funds: "Credits that were moved there from the organization's balance; nobody else can use them."
    }
  }
}

extension Problem {
  /// Where credits don't suffice, it is the amount that can be mended.
  fileprivate var atAmount: Problem {
    kind == .payment || code == .creditsOutOfRange ? Problem(code, detail, faults: [FieldFault("amount", detail)]) : self
  }
}

extension Visit {
  /// Where the list of the organization's shares stands.
  var shares: String { "\(credits)/shares" }
  /// Where the page of the share in the path stands.
  var share: String { "\(shares)/\(parameter("share"))" }

  /// The id of the share in the path; refuses as `missing` what is none.
  fileprivate var shareID: ID<SubBalance> {
    get throws(Problem) {
      guard let id = ID<SubBalance>(parameter("share")) else { throw Problem(.missing, "There is no such sub-balance here.") }
      return id
    }
  }
}

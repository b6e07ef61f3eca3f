import Authorization
import Kernel
import Ledger
import Markup

/// The journal in people's words.
struct StatementPages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    [
      .page("/{organization}/credits/statement") { visit async throws(Problem) in .page(try await statementPage(visit)) },
      .page("/{organization}/credits/statement/export") { visit async throws(Problem) in try await export(visit) },
    ]
  }

  /// Some entries of a statement, with who made them.
  struct Part {
    let page: Page<NamedRecord>
    let names: [JournalActor: String]
  }

  /// What can be chosen, in the order in which people look for it.
  private static let kinds = [
    ("charge", "Charges"), ("spend", "Charges, asked for before"), ("hold", "Credits set aside"), ("settle", "Holds settled"), ("release", "Holds released"),
    ("post", "Top-ups and transfers"), ("reverse", "Taken back"),
  ]

  // MARK: The page

  private func statementPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let reference = organization.id.description
    let (filter, share) = (StatementFilter(visit), visit.query("share").flatMap { ID<SubBalance>($0) })
    var (part, fault): (Part, String?) = (Part(page: Page(items: [], next: nil, total: 0), names: [:]), nil)
    do throws(Problem) { part = try await self.part(of: share, in: reference, filter, visit.page, by: visit.caller) } catch {
      guard error.kind == .invalid else { throw error }
      fault = error.detail
    }
    let whose: SubBalance? = if let share { try await plane.subBalances.find(share, in: reference, by: visit.caller).subBalance } else { nil }
    let here: Link = "/\(organization.slug)/credits/statement"
    return ConsolePage("Statement of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "credits"))) {
      pageHeader("Credits", "Everything that moved credits, the newest first. Nothing in it is ever changed: what was wrong is taken back by another entry.")
      creditTabs(organization, permissions, current: "statement")
      if part.page.items.isEmpty, filter == StatementFilter(), whose == nil {
        emptyState("Nothing has moved yet", "Top-ups, charges and what is shared out stand here from the first on.")
      } else {
        filters(filter, whose, visit, here)
        div(.id("entries"), .class("list")) {
          if let fault { banner(.attention, "Nothing to show", HTML(fault)) } else { entries(part, filter, whose, organization, visit, here) }
        }
      }
    }
  }

  private func filters(_ filter: StatementFilter, _ whose: SubBalance?, _ visit: Visit, _ here: Link) -> HTML {
    form(.get, action: here, .class("filters"), .role("search"), .data("renews", "entries")) {
      smallSelect("What", "kind", [Choice("", "Everything")] + Self.kinds.map { Choice($0.0, $0.1) }, selected: filter.kind ?? "")
      dayField("From", "since", visit.query("since"))
      dayField("up to", "until", visit.query("until"))
      if let whose {
        input(.hidden, name: "share", .value(whose.id.description))
        badge(whose.name)
        linkButton("Of the whole organization", href: filter.added(to: here), .quiet, small: true)
      }
      span(.class("without-script")) { submitButton("Filter", .plain, small: true) }
      span(.class("space"))
      linkButton("CSV", href: filter.added(to: "\(here)/export").adding("share", whose?.id.description), icon: .download, small: true)
    }
  }

  private func entries(_ part: Part, _ filter: StatementFilter, _ whose: SubBalance?, _ organization: Organization, _ visit: Visit, _ here: Link) -> HTML {
    fragment {
      if part.page.items.isEmpty {
        emptyState("Nothing fits", "Nothing of this kind moved credits in this time.") { linkButton("Show everything", href: here) }
      } else {
        table(part, of: whose?.id, in: organization)
        let link = filter.added(to: here).adding("share", whose?.id.description)
        pagination(
          shown: part.page.items.count, total: part.page.total, isCapped: part.page.isCapped, "entry", "entries",
          first: visit.query("cursor") == nil ? nil : link, next: part.page.next.map { link.adding("cursor", $0.description) })
      }
    }
  }

  // MARK: On the page of a share

  /// The last few entries of one.
  func latest(of share: ID<SubBalance>, in reference: String, by caller: Caller) async throws(Problem) -> Part {
    try await part(of: share, in: reference, StatementFilter(), PageRequest(limit: 10), by: caller)
  }

  func section(_ part: Part, of share: SubBalance, in organization: Organization, _ visit: Visit) -> HTML {
    pageSection("Statement") {
      if part.page.items.isEmpty {
        p(.class("quiet-text")) { "Nothing went through it yet." }
      } else {
        table(part, of: share.id, in: organization)
        if part.page.next != nil {
          p { a(href: ("/\(organization.slug)/credits/statement" as Link).adding("share", share.id.description)) { "All \(grouped(part.page.total)) entries" } }
        }
      }
    }
  }

  private func part(
    of share: ID<SubBalance>?, in reference: String, _ filter: StatementFilter, _ page: PageRequest, by caller: Caller
  ) async throws(Problem) -> Part {
    let found = try await plane.credits.statement(of: reference, subBalance: share, filter, page, by: caller)
    return Part(page: found, names: try await plane.credits.names(of: found.items.map(\.record.actor), in: reference, by: caller))
  }

  private func table(_ part: Part, of share: ID<SubBalance>?, in organization: Organization) -> HTML {
    let now = plane.world.clock()
    return dataTable(
      "Statement", [Column("What"), Column("From"), Column("To"), Column("Amount", .number), Column("By"), Column("When")],
      part.page.items.map { named in
        TableRow(
          notedCell(HTML(named.deed), bdi { named.record.note.text }), account(named.debit, organization), account(named.credit, organization),
          amount(of: named, seenFrom: share), bdi { part.names[named.record.actor] ?? "somebody who is gone" }, time(of: named.record.entry.at, now: now))
      })
  }

  /// As a relation for the last day, as a day before that: a record is looked up by days.
  private func time(of instant: Timestamp, now: Timestamp) -> HTML { now - instant < .days(1) ? relativeTime(instant, now: now) : day(instant) }

  private func account(_ name: AccountName, _ organization: Organization) -> HTML {
    switch name {
    case .standard(let purpose): HTML(purpose.words)
    case .subBalance(let share): a(href: "/\(organization.slug)/credits/shares/\(share.id)") { bdi { share.name } }
    }
  }

  private func amount(of named: NamedRecord, seenFrom share: ID<SubBalance>?) -> HTML {
    let credits = named.record.movement.amount.credits
    return named.direction(seenFrom: share).map { HTML(movedText(credits, isIn: $0 == .in)) } ?? span(.class("quiet")) { "(\(amountText(credits)))" }
  }

  // MARK: The file

  private func export(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (organization, _) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let reference = organization.id.description
    let share = visit.query("share").flatMap { ID<SubBalance>($0) }
    var text = CSVText(["number", "at", "what", "from", "to", "in", "out", "set_aside_or_freed", "note", "by", "by_id", "id"])
    try await plane.credits.all(of: reference, subBalance: share, StatementFilter(visit), by: visit.caller) { records async throws(Problem) in
      let names = try await plane.credits.names(of: records.map(\.record.actor), in: reference, by: visit.caller)
      for named in records {
        let (record, direction) = (named.record, named.direction(seenFrom: share))
        let amount = record.movement.amount.credits.description
        text.append([
          String(record.entry.sequence), record.entry.at.description, named.deed, named.debit.words, named.credit.words, direction == .in ? amount : "",
          direction == .out ? amount : "", direction == nil ? amount : "", record.note.text, names[record.actor] ?? "", record.actor.id,
          record.entry.transfer.id.description,
        ])
      }
    }
    return .download(name: "\(organization.slug)-statement.csv", mediaType: "text/csv; charset=utf-8", bytes: text.bytes)
  }
}

extension StatementFilter {
  /// What the address of a statement says; days are whole days in UTC.
  fileprivate init(_ visit: Visit) {
    self.init(
      kind: visit.query("kind"), since: visit.query("since").flatMap { Timestamp("\($0)T00:00:00Z") },
      until: visit.query("until").flatMap { Timestamp("\($0)T00:00:00Z") }.map { $0 + .days(1) })
  }

  /// The address of a statement with this filter.
  fileprivate func added(to link: Link) -> Link {
    link.adding("kind", kind).adding("since", since.map { String($0.description.prefix(10)) })
      .adding("until", until.map { String(($0 - .days(1)).description.prefix(10)) })
  }
}

extension NamedRecord {
  fileprivate enum Direction { case `in`, out }

  /// What happened, in words.
  fileprivate var deed: String {
    switch record.entry.transfer.content {
    case .post:
      switch (debit, credit) {
      case (.standard(.payments), _): "Top-up"
      case (.standard(.used), _): "Use taken back"
      case (.standard(.promotions), _): "Given"
      case (.standard(.corrections), _), (_, .standard(.corrections)): "Correction"
      case (_, .standard(.lapsed)): "Ended unused"
      case (.standard(.allotments), _): "Sub-balance raised"
      case (_, .standard(.allotments)): "Sub-balance lowered"
      case (_, .subBalance): "Moved to a sub-balance"
      default: "Moved back from a sub-balance"
      }
    case .spend, .charge: "Used"
    case .hold: "Set aside"
    case .settle: "Used, as set aside"
    case .release: "Set free"
    case .reverse: "Taken back"
    }
  }

  /// Whether it came in or went out, seen from the organization's balance or from a share; `nil` for what moved nothing.
  fileprivate func direction(seenFrom share: ID<SubBalance>?) -> Direction? {
    switch record.entry.transfer.content {
    case .hold, .release: return nil
    case .post, .spend, .charge, .settle, .reverse: break
    }
    if let share { return credit.share == share ? .in : .out }
    if credit == .standard(.balance) { return .in }
    if debit == .standard(.balance) { return .out }
    return debit.share == nil ? .in : .out
  }
}

extension AccountName {
  fileprivate var share: ID<SubBalance>? { if case .subBalance(let found) = self { found.id } else { nil } }

  /// As people know it.
  fileprivate var words: String {
    switch self {
    case .standard(let purpose): purpose.words
    case .subBalance(let share): share.name
    }
  }
}

extension AccountPurpose {
  fileprivate var words: String {
    switch self {
    case .balance: "the balance"
    case .payments: "a payment"
    case .promotions: "a gift"
    case .corrections: "a correction"
    case .used: "use"
    case .lapsed: "what has ended"
    case .allotments: "the limit"
    case .subBalance: "a sub-balance"
    }
  }
}

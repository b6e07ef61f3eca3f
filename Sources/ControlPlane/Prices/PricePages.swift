import Authorization
import Kernel
import Ledger
import Markup

extension Prices {
  var pages: [PageRoute] {
    [
      .page("/{organization}/credits/prices") { visit async throws(Problem) in .page(try await organizationPage(visit)) },
      .form("/{organization}/credits/prices") { visit async throws(Problem) in try await set(visit, for: visit.parameter("organization")) },
      .form("/{organization}/credits/prices/{price}/deletion") { visit async throws(Problem) in try await delete(visit, of: visit.parameter("organization")) },
      .passage("/{organization}/credits/prices/{price}/deletion") { "\($0.credits)/prices" },
      .page("/operator/prices") { visit async throws(Problem) in .page(try await operatorPage(visit)) },
      .form("/operator/prices") { visit async throws(Problem) in try await set(visit, for: nil) },
      .form("/operator/prices/{price}/deletion") { visit async throws(Problem) in try await delete(visit, of: nil) },
      .passage("/operator/prices/{price}/deletion") { _ in "/operator/prices" },
    ]
  }

  private static let beginning = FormState("price", ["per": "1"])

  // MARK: The pages

  private func organizationPage(_ visit: Visit, _ state: FormState = beginning, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let page = try await list(of: organization.id.description, visit.page, by: visit.caller)
    let isOperator = try await plane.viewer(as: visit.caller)?.isSuperUser ?? false
    let here: Link = "/\(organization.slug)/credits/prices"
    return ConsolePage("Prices of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "credits")), status: status) {
      pageHeader("Credits", "What use costs here. What was agreed with \(bdi { organization.name.text }) comes before the prices for everybody.")
      creditTabs(organization, permissions, current: "prices")
      if page.items.isEmpty {
        emptyState("Nothing has a price yet", "What is used is counted, and nothing is charged for it.")
      } else {
        table(page, canDelete: { isOperator && $0.version.isAgreed }, here, visit)
      }
      if isOperator {
        pageSection("Agree a price", "For this organization alone. It begins with an hour, and stays once it has begun; another one follows it.") {
          priceForm(here, state, visit)
        }
      }
    }
  }

  private func operatorPage(_ visit: Visit, _ state: FormState = beginning, status: Int = 200) async throws(Problem) -> ConsolePage {
    guard try await plane.viewer(as: visit.caller)?.isSuperUser == true else { throw Problem(.missing, "There is nothing at this address.") }
    let page = try await list(visit.page, by: visit.caller)
    let here: Link = "/operator/prices"
    return ConsolePage("Prices", in: .personal(section: "operator-prices"), status: status) {
      pageHeader("Prices", "What use costs in every organization that nothing else was agreed with.")
      if page.items.isEmpty {
        emptyState("Nothing has a price yet", "What platforms record as used is counted, and nothing is charged for it until it has a price.")
      } else {
        table(page, canDelete: { _ in true }, here, visit)
      }
      pageSection("Set a price", "It begins with an hour, and stays once it has begun; another one follows it.") { priceForm(here, state, visit) }
    }
  }

  private func table(_ page: Page<ListedPrice>, canDelete: (ListedPrice) -> Bool, _ here: Link, _ visit: Visit) -> HTML {
    let now = plane.world.clock()
    let deletable = page.items.filter { $0.state(at: now) == .coming && canDelete($0) }.map(\.id)
    return fragment {
      dataTable(
        "Prices", [Column("What"), Column("Price", .number), Column("For"), Column("From"), Column("State")] + (deletable.isEmpty ? [] : [.actions]),
        page.items.map { listed in
          let version = listed.version
          return TableRow(
            notedCell(
              HTML(version.key.resource + (version.key.preset.map { ", \($0)" } ?? "")),
              listed.note.isEmpty ? (version.key.preset == nil ? "any preset without a price of its own" : nil) : bdi { listed.note.text }),
            tiers(of: version), HTML(per(listed)), exactTime(version.since), state(of: listed, now),
            deletable.contains(listed.id)
              ? moreMenu(
                "More for the price of \(version.key.words)", token: visit.token,
                [.action("Delete", to: "\(here)/\(listed.id)/deletion", isDanger: true)]) : HTML.empty)
        })
      pagination(shown: page.items.count, total: page.total, "price", next: page.next.map { here.adding("cursor", $0.description) })
    }
  }

  private func tiers(of version: PriceVersion) -> HTML {
    guard let price = version.price else { return span(.class("quiet")) { "none" } }
    if price.tiers.count == 1 { return HTML(amountText(price.tiers[0].credits)) }
    return span(.class("noted")) {
      for tier in price.tiers {
        span {
          amountText(tier.credits)
          if let bound = tier.upTo { small { " up to \(amountText(Credits(clamping: Int128(bound.micro))))" } } else { small { " beyond" } }
        }
      }
    }
  }

  private func per(_ listed: ListedPrice) -> String {
    guard let price = listed.version.price, price.per != .one else { return "one \(listed.unit)" }
    return "\(amountText(Credits(clamping: Int128(price.per.micro)))) \(listed.unit)"
  }

  private func state(of listed: ListedPrice, _ now: Timestamp) -> HTML {
    badgeRow {
      switch listed.state(at: now) {
      case .coming: badge("coming", .accent)
      case .current: badge("current", .good)
      case .past: badge("past")
      }
      if listed.version.isAgreed { badge("agreed") }
    }
  }

  // MARK: A new one

  private func priceForm(_ here: Link, _ state: FormState, _ visit: Visit) -> HTML {
    postForm(here, state, token: visit.token) {
      onceField(visit)
      textField(
        "Resource", "resource", in: state, hint: "As platforms name it in their events, such as gpu.", .maxlength(64), .autocapitalize("none"),
        .spellcheck(false))
      textField(
        "Preset", "preset", in: state, hint: "Left empty, the price is for all presets that have none of their own.", optional: true, .maxlength(64),
        .autocapitalize("none"), .spellcheck(false))
      textField(
        "Unit", "unit", in: state, hint: "What its quantities count, such as second. Left empty, that of the present price.", optional: true, .maxlength(64),
        .autocapitalize("none"), .spellcheck(false))
      checkField("It is another unit than so far", "new_unit", in: state, hint: "Events in the old unit are refused from then on.")
      textAreaField(
        "Price in credits", "tiers", in: state, rows: 3,
        hint: """
          One price, such as 2.5. For steps within a month one to a line: up to how much, then the price, such as 1000 0; the last line is a price alone. Left \
          empty, the present price ends.
          """, optional: true, classes: "mono", .maxlength(2000))
      textField(
        "For how much", "per", in: state, hint: "3600 for a price per hour of what is counted in seconds.", classes: "amount", .inputmode("decimal"),
        .maxlength(40))
      textField("First day", "since", in: state, type: .date, hint: "From midnight (UTC) on. Left empty, at once.", optional: true)
      textField("Note", "note", in: state, hint: "Whoever reads the prices sees it.", optional: true, .maxlength(2000))
      buttonRow { submitButton("Set the price") }
    }
  }

  private func set(_ visit: Visit, for reference: String?) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let draft = try PriceDraft(
        resource: visit.field("resource"), preset: visit.field("preset"), unit: visit.field("unit"), isNewUnit: !visit.field("new_unit").isEmpty,
        per: visit.field("per"),
        tiers: try Self.tiers(visit.field("tiers")), since: try Self.beginning(of: visit.field("since")), note: visit.field("note"))
      let made = try await set(draft, for: reference, by: visit.caller)
      let (what, from) = (made.version.key.words, instantText(made.version.since))
      let told = made.version.price == nil ? "The price of \(what) ends at \(from)." : "The price of \(what) holds from \(from) on."
      return .redirect(to: Self.address(reference), flash: Flash(.good, told))
    } catch {
      guard error.isMendable else { throw error }
      let faults = error.faults.map { fault in fault.field.hasPrefix("tiers/") ? FieldFault("tiers", fault.detail) : fault }
      let state = FormState("price", values: visit.typed, problem: Problem(error.code, error.detail, faults: faults))
      return .page(reference == nil ? try await operatorPage(visit, state, status: 422) : try await organizationPage(visit, state, status: 422))
    }
  }

  private static func address(_ reference: String?) -> String { reference.map { "/\($0)/credits/prices" } ?? "/operator/prices" }

  /// A price alone, or lines of a bound and a price.
  private static func tiers(_ typed: String) throws(Problem) -> [(upTo: String, credits: String)] {
    try typed.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }.prefix(Price.tierLimit + 1).map { line throws(Problem) in
      let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
      switch words.count {
      case 1: return ("", words[0])
      case 2: return (words[0], words[1])
      default: throw .invalid("tiers", "Write one price to a line: up to how much, then the price.")
      }
    }
  }

  /// The first instant of a day that was typed.
  private static func beginning(of day: String) throws(Problem) -> Timestamp? {
    if day.isEmpty { return nil }
    guard day.utf8.count == 10, let midnight = Timestamp("\(day)T00:00:00Z") else { throw .invalid("since", "Choose a day, such as 2027-01-31.") }
    return midnight
  }

  private func delete(_ visit: Visit, of reference: String?) async throws(Problem) -> PageAnswer {
    guard let id = ID<ListedPrice>(visit.parameter("price")) else { throw Problem(.missing, "There is no such price here.") }
    try await delete(id, of: reference, by: visit.caller)
    return .redirect(to: Self.address(reference), flash: Flash(.good, "The price is deleted."))
  }
}

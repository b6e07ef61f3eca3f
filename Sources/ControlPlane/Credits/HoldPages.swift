import Authorization
import Kernel
import Ledger
import Markup

extension Holds {
  var pages: [PageRoute] {
    [
      .page("/{organization}/credits/holds") { visit async throws(Problem) in .page(try await listPage(visit)) },
      .form("/{organization}/credits/holds/{hold}/release") { visit async throws(Problem) in
        let list = visit.back(or: "\(visit.credits)/holds")
        return try await flashing(to: list) { () async throws(Problem) in
          guard let id = ID<Hold>(visit.parameter("hold")) else { throw Problem(.missing, "There is no such hold here.") }
          let released = try await release(id, in: visit.parameter("organization"), by: visit.caller)
          return "\(creditsText(released.hold.movement.amount.credits)) are free again."
        }
      },
      .passage("/{organization}/credits/holds/{hold}/release") { "\($0.credits)/holds" },
    ]
  }

  private func listPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let reference = organization.id.description
    let state = visit.query("state").flatMap(HoldState.init(rawValue:))
    let page = try await list(in: reference, state, visit.page, by: visit.caller)
    let names = try await plane.credits.names(of: page.items.map(\.actor), in: reference, by: visit.caller)
    let viewer = try await plane.viewer(as: visit.caller)
    let here: Link = "/\(organization.slug)/credits/holds"
    let holds = HoldList(organization: organization, names: names, now: plane.world.clock()) { seen in
      guard permissions.contains(.creditsUse), seen.state == .live, let viewer else { return false }
      return viewer.isSuperUser || seen.actor == JournalActor(kind: .account, id: viewer.id.description)
    }
    return ConsolePage("Holds of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "credits"))) {
      pageHeader("Credits", "What is set aside for work whose price isn't known yet, and what became of it.")
      creditTabs(organization, permissions, current: "holds")
      if page.items.isEmpty, state == nil {
        emptyState("Nothing was held yet", "Programs set credits aside over the API before they begin work, and settle for what it took.") {
          linkButton("How that is done", href: "/docs/reference")
        }
      } else {
        form(.get, action: here, .class("filters"), .role("search"), .data("renews", "holds")) {
          smallSelect(
            "State", "state",
            [Choice("", "All")] + HoldState.allCases.map { Choice($0.rawValue, $0.rawValue.prefix(1).uppercased() + $0.rawValue.dropFirst()) },
            selected: state?.rawValue ?? "")
          span(.class("without-script")) { submitButton("Filter", .plain, small: true) }
        }
        div(.id("holds"), .class("list")) {
          if page.items.isEmpty {
            emptyState("No hold fits", "None is \(state?.rawValue ?? "there").") { linkButton("Show all holds", href: here) }
          } else {
            holds.table(page.items, visit)
            pagination(
              shown: page.items.count, total: page.total, isCapped: page.isCapped, "hold",
              next: page.next.map { here.adding("state", state?.rawValue).adding("cursor", $0.description) })
          }
        }
      }
    }
  }
}

/// Holds as they are listed.
struct HoldList {
  let organization: Organization
  /// Of who made them, as far as they are still there.
  let names: [JournalActor: String]
  let now: Timestamp
  /// Whether the viewer may end one.
  let releasable: (SeenHold) -> Bool

  func table(_ holds: [SeenHold], _ visit: Visit) -> HTML {
    let canRelease = holds.contains(where: releasable)
    return dataTable(
      "Holds",
      [Column("Hold"), Column("Held", .number), Column("At most", .number), Column("Settled for", .number), Column("State"), Column("By")]
        + (canRelease ? [.actions] : []),
      holds.map { seen in
        let hold = seen.hold
        let settled: HTML = if case .settled(let amount, _) = hold.state { HTML(amountText(amount.credits)) } else { "–" }
        return TableRow(
          notedCell(seen.note.isEmpty ? "Without a note" : bdi { seen.note.text }, "\(whose(seen)), \(relativeTime(hold.since, now: now))"),
          HTML(amountText(hold.movement.amount.credits)), HTML(amountText(hold.ceiling.credits)), settled, state(of: seen),
          bdi { names[seen.actor] ?? "somebody who is gone" }, releasable(seen) ? release(seen, visit) : HTML.empty)
      })
  }

  private func whose(_ seen: SeenHold) -> HTML {
    guard let share = seen.subBalance else { return "the organization's balance" }
    return a(href: "/\(organization.slug)/credits/shares/\(share.id)") { bdi { share.name } }
  }

  private func state(of seen: SeenHold) -> HTML {
    switch seen.state {
    case .live: notedCell(badge("live", .good), "until \(exactTime(seen.hold.expires))")
    case .settled: badge("settled")
    case .released: badge("released")
    case .expired: badge("expired", .attention)
    }
  }

  private func release(_ seen: SeenHold, _ visit: Visit) -> HTML {
    let what = seen.note.isEmpty ? "this hold of \(creditsText(seen.hold.movement.amount.credits))" : seen.note.text
    return moreMenu(
      "More for \(what)", token: visit.token,
      [.action("Release", to: "/\(organization.slug)/credits/holds/\(seen.hold.id)/release", fields: ["back": visit.location], isDanger: true)])
  }
}

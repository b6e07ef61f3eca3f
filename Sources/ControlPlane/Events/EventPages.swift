import Authorization
import Kernel
import Markup

extension Events {
  var pages: [PageRoute] {
    [.page("/{organization}/audit") { visit async throws(Problem) in try await auditPage(visit) }]
  }

  private func auditPage(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let filter = EventFilter(action: visit.query("q"), outcome: visit.query("outcome").flatMap(Event.Outcome.init(rawValue:)), actor: visit.query("actor"))
    let page = try await list(in: organization.id.description, filter, visit.page, by: visit.caller)
    let verification = visit.query("verify") == "yes" ? try await verify(organization.id.description, by: visit.caller) : nil
    let here: Link = "/\(organization.slug)/audit"
    let now = plane.world.clock()
    return .page(
      ConsolePage("Audit of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "audit"))) {
        pageHeader("Audit", "What happened here, by whom, allowed or refused. Each entry carries the hash of the one before it.", actions: { linkButton("Verify the chain", href: here.adding("verify", "yes")) })
        if let verification { verificationBanner(verification) }
        filterBar(here, search: filter.action ?? "", placeholder: "Action, such as member.update", replaces: "events") {
          smallSelect("Outcome", "outcome", [Choice("", "Allowed and refused"), Choice("allowed", "Allowed"), Choice("refused", "Refused")], selected: filter.outcome?.rawValue ?? "")
        }
        div(.id("events")) {
          if page.items.isEmpty {
            emptyState("Nothing fits", "No event matches this filter.")
          } else {
            timeline(page.items.map(entry), now: now)
            pagination(shown: page.items.count, total: page.total, "event", next: page.next.map { here.adding("q", filter.action).adding("outcome", filter.outcome?.rawValue).adding("cursor", $0.description) })
          }
        }
      })
  }

  private func verificationBanner(_ verification: ChainVerification) -> HTML {
    if let fault = verification.fault {
      banner(.danger, "The chain is broken", HTML("\(fault.reason) \(counted(verification.events, "event")) before it \(verification.events == 1 ? "is" : "are") intact."))
    } else {
      banner(.good, "The chain is intact", HTML("\(counted(verification.events, "event")), ending in \(verification.head.prefix(12))…"))
    }
  }

  private func entry(_ event: Event) -> TimelineEntry {
    TimelineEntry(
      actor: (event.actor.id, event.actor.name.isEmpty ? "Somebody" : event.actor.name),
      "\(code { event.action }) \(event.outcome == .refused ? badge("refused", .danger) : .empty) \(bdi { event.target.name })", at: event.at,
      changes: event.changes.map { ($0.field, $0.before, $0.after) },
      details: [
        ("Number", HTML("\(event.sequence)")), ("Because", HTML(event.reason)), ("From", HTML(event.origin.address.isEmpty ? "the server itself" : event.origin.address)),
        ("Request", HTML(event.origin.requestID)), ("Hash", code { event.hash }),
      ])
  }
}

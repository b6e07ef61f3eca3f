import Authorization
import Kernel
import Ledger
import Markup

/// The events one by one.
struct UsageEventPages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    [.page("/{organization}/usage/events") { visit async throws(Problem) in .page(try await listPage(visit)) }]
  }

  private func listPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let reference = organization.id.description
    let filter = UsageEventFilter(visit)
    var (page, fault): (Page<ListedUsageEvent>, String?) = (Page(items: [], next: nil, total: 0), nil)
    do throws(Problem) { page = try await plane.usage.list(filter, in: reference, visit.page, by: visit.caller) } catch {
      guard error.kind == .invalid else { throw error }
      fault = error.detail
    }
    let found = page
    let names = try await plane.usage.names(in: found.items, of: reference, by: visit.caller)
    let (here, now): (Link, Timestamp) = ("/\(organization.slug)/usage/events", plane.world.clock())
    return ConsolePage("Usage events of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "usage"))) {
      pageHeader("Usage", "Each event as it was recorded, the latest first. None is ever changed: what was wrong is taken back by another one.")
      usageTabs(organization, current: "events")
      if found.items.isEmpty, filter == UsageEventFilter() {
        emptyState("Nothing was recorded yet", "Platforms record what they measured over the API or with the command guildhall usage.") {
          linkButton("How that is done", href: "/docs/reference")
        }
      } else {
        form(.get, action: here, .class("filters"), .role("search"), .data("renews", "events")) {
          input(
            .text, name: "id", .class("control date"), .value(filter.id ?? ""), .placeholder("Id of an event"), .aria("label", "Id of an event"),
            .maxlength(128))
          input(
            .text, name: "source", .class("control date"), .value(filter.source ?? ""), .placeholder("Source"), .aria("label", "Source"), .maxlength(128))
          dayField("From", "since", visit.query("since"))
          dayField("up to", "until", visit.query("until"))
          span(.class("without-script")) { submitButton("Filter", .plain, small: true) }
        }
        div(.id("events"), .class("list")) {
          if let fault {
            banner(.attention, "Nothing to show", HTML(fault))
          } else if found.items.isEmpty {
            emptyState("Nothing fits", "No such event was recorded.") { linkButton("Show all", href: here) }
          } else {
            table(found.items, names, now)
            pagination(
              shown: found.items.count, total: found.total, isCapped: found.isCapped, "event",
              first: visit.query("cursor") == nil ? nil : filter.added(to: here),
              next: found.next.map { filter.added(to: here).adding("cursor", $0.description) })
          }
        }
      }
    }
  }

  private func table(_ events: [ListedUsageEvent], _ names: [String: String], _ now: Timestamp) -> HTML {
    dataTable(
      "Events", [Column("What"), Column("Used", .number), Column("Charged", .number), Column("Whose"), Column("Event"), Column("When")],
      events.map { listed in
        let (event, meter) = (listed.event, listed.series.meter)
        return TableRow(
          notedCell(HTML(meter.preset.isEmpty ? meter.resource : "\(meter.resource), \(meter.preset)"), state(of: listed)),
          HTML("\(amountText(Credits(clamping: Int128(event.quantity.micro)))) \(meter.unit)"),
          event.price == nil ? span(.class("quiet")) { "no price" } : HTML(amountText(event.charge)), whose(listed.series, names),
          notedCell(span(.class("mono")) { event.id }, HTML(listed.source)), now - event.at < .days(1) ? relativeTime(event.at, now: now) : exactTime(event.at))
      })
  }

  private func state(of listed: ListedUsageEvent) -> HTML? {
    if let original = listed.corrects { return "takes back \(span(.class("mono")) { original })" }
    return listed.correctedBy.map { correction in badge("taken back by \(correction)") }
  }

  private func whose(_ series: UsageSeries, _ names: [String: String]) -> HTML {
    let named = [series.holder, series.project].filter { !$0.isEmpty }.map { names[$0] ?? "somebody or something that is gone" }
    let parts = named + [series.cluster].filter { !$0.isEmpty }
    return parts.isEmpty ? span(.class("quiet")) { "the organization" } : bdi { parts.joined(separator: ", ") }
  }
}

extension UsageEventFilter {
  /// What the address says; days are whole days in UTC.
  fileprivate init(_ visit: Visit) {
    func day(_ name: String) -> Timestamp? { visit.query(name).flatMap { $0.utf8.count == 10 ? Timestamp("\($0)T00:00:00Z") : nil } }
    self.init(source: visit.query("source"), id: visit.query("id"), since: day("since"), until: day("until").map { $0 + .days(1) })
  }

  fileprivate func added(to link: Link) -> Link {
    link.adding("source", source).adding("id", id).adding("since", since.map { String($0.description.prefix(10)) })
      .adding("until", until.map { String(($0 - .days(1)).description.prefix(10)) })
  }
}

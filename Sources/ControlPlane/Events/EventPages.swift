import Authorization
import Kernel
import Markup

extension Events {
  var pages: [PageRoute] {
    [
      .page("/{organization}/audit") { visit async throws(Problem) in try await auditPage(visit) },
      .page("/{organization}/audit/export") { visit async throws(Problem) in try await export(visit) },
      .page("/me/activity") { visit async throws(Problem) in try await activityPage(visit) },
    ]
  }

  private func auditPage(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let filter = EventFilter(visit)
    let page = try await list(in: organization.id.description, filter, visit.page, by: visit.caller)
    let verification = visit.query("verify") == "yes" ? try await verify(organization.id.description, by: visit.caller) : nil
    let here: Link = "/\(organization.slug)/audit"
    return .page(
      ConsolePage("Audit log of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "audit"))) {
        pageHeader(
          "Audit log", "What happened here, by whom, allowed or refused. Each entry carries the hash of the one before it, so that a change or a gap shows.",
          actions: { linkButton("Verify the chain", href: filter.added(to: here).adding("verify", "yes"), .plain, .data("slow")) })
        if let verification { verificationBanner(verification) }
        filters(filter, of: organization, visit)
        div(.id("events"), .class("list")) { entries(page, filter, here, visit) }
      })
  }

  private func dayField(_ title: String, _ name: String, _ day: String?) -> HTML {
    label(.class("day")) {
      title
      input(.date, name: name, .class("control date"), .value(day ?? ""))
    }
  }

  private func filters(_ filter: EventFilter, of organization: Organization, _ visit: Visit) -> HTML {
    let here: Link = "/\(organization.slug)/audit"
    return form(.get, action: here, .class("filters"), .role("search"), .data("renews", "events")) {
      smallSelect("What happened", "action", [Choice("", "Anything")] + EventDeed.all.map { Choice($0.action, $0.title) }, selected: filter.action ?? "")
      smallSelect(
        "Outcome", "outcome", [Choice("", "Allowed and refused"), Choice("allowed", "Allowed"), Choice("refused", "Refused")],
        selected: filter.outcome?.rawValue ?? "")
      dayField("From", "since", visit.query("since"))
      dayField("up to", "until", visit.query("until"))
      if let actor = filter.actor {
        input(.hidden, name: "actor", .value(actor))
        badge("by one alone")
        linkButton("By everybody", href: filter.byEverybody.added(to: here), .quiet, small: true)
      }
      span(.class("without-script")) { submitButton("Filter", .plain, small: true) }
      span(.class("space"))
      buttonMenu(
        "Export", token: visit.token,
        [
          .link("The whole chain as JSON lines, to verify elsewhere", href: "\(here)/export?format=jsonl"),
          .link("What is shown as CSV", href: filter.added(to: ("\(here)/export" as Link).adding("format", "csv"))),
        ])
    }
  }

  private func entries(_ page: Page<Event>, _ filter: EventFilter, _ here: Link, _ visit: Visit) -> HTML {
    fragment {
      if page.items.isEmpty {
        emptyState("Nothing fits", "No event matches this filter.") { linkButton("Show everything", href: here) }
      } else {
        timeline(page.items.map { entry($0, here) }, now: plane.world.clock())
        pagination(
          shown: page.items.count, total: page.total, "event", first: visit.query("cursor") == nil ? nil : filter.added(to: here),
          next: page.next.map { filter.added(to: here).adding("cursor", $0.description) })
      }
    }
  }

  private func verificationBanner(_ verification: ChainVerification) -> HTML {
    if let fault = verification.fault {
      banner(
        .danger, "The chain is broken",
        HTML("\(fault.reason) \(counted(verification.events, "event")) before it \(verification.events == 1 ? "is" : "are") intact."))
    } else {
      banner(.good, "The chain is intact", HTML("\(counted(verification.events, "event")), ending in \(verification.head.prefix(12))…"))
    }
  }

  /// An event as one line, without its details.
  func line(_ event: Event, details: [(String, HTML)] = []) -> TimelineEntry {
    let known = EventDeed.named(event.action)
    let deed = event.outcome == .refused ? "tried to \(known?.infinitive ?? event.action)" : known?.past ?? event.action
    // Who signs up is nobody yet, and is meant all the same.
    let unnamed = event.target.kind == "account" ? event.target.name : "Somebody"
    let actor = event.actor.kind == .system && event.actor.via.isEmpty ? "The server" : event.actor.name.isEmpty ? unnamed : event.actor.name
    let isToldAlready = event.outcome == .refused || known?.namesTarget == false || event.target.id == event.actor.id
    return TimelineEntry(
      actor: (event.actor.id, actor),
      "\(deed) \(isToldAlready ? .empty : bdi { event.target.shownName }) \(event.outcome == .refused ? badge("refused", .danger) : .empty)", at: event.at,
      changes: event.changes.map { ($0.shownField, $0.before.map(Change.shown), $0.after.map(Change.shown)) }, details: details)
  }

  private func entry(_ event: Event, _ here: Link) -> TimelineEntry {
    line(
      event,
      details: [
        ("Action", code { event.action }), ("Number", HTML("\(event.sequence)")), ("When", exactTime(event.at)), ("Because", HTML(event.reason)),
        ("From", HTML(event.origin.address.isEmpty ? "the server itself" : event.origin.address)), ("Request", HTML(event.origin.requestID)),
        ("Hash", code { event.hash }),
        ("More", a(href: here.adding("actor", event.actor.id)) { "All by \(event.actor.name.isEmpty ? "them" : event.actor.name)" }),
      ])
  }

  // MARK: One's own

  private func activityPage(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let filter = EventFilter(action: visit.query("action"))
    let place = visit.query("in")
    let page =
      if let place { try await listOwn(in: place, filter, visit.page, by: visit.caller) } else { try await listOwn(filter, visit.page, by: visit.caller) }
    let organizations = try await plane.viewer(as: visit.caller)?.organizations ?? []
    let deeds = EventDeed.ofAccounts + EventDeed.all.filter { deed in !organizations.isEmpty && !EventDeed.ofAccounts.contains { $0.action == deed.action } }
    let here = ("/me/activity" as Link).adding("in", place)
    return .page(
      ConsolePage("Activity", in: .personal(section: "activity")) {
        pageHeader("Activity", "What happened to your account, and what you did in an organization: when, and from where.")
        form(.get, action: "/me/activity", .class("filters"), .role("search"), .data("renews", "events")) {
          if !organizations.isEmpty || place != nil {
            smallSelect(
              "Where", "in", [Choice("", "Your account")] + organizations.map { Choice($0.slug.text, $0.name.text) }, selected: place ?? "")
          }
          smallSelect(
            "What happened", "action", [Choice("", "Anything")] + deeds.map { Choice($0.action, $0.title) }, selected: filter.action ?? "")
          span(.class("without-script")) { submitButton("Filter", .plain, small: true) }
        }
        div(.id("events"), .class("list")) {
          if page.items.isEmpty {
            emptyState("Nothing fits", place == nil ? "Nothing of this kind happened to your account." : "You did nothing of this kind there.") {
              linkButton("Show everything", href: here)
            }
          } else {
            timeline(page.items.map { line($0, details: origin(of: $0)) }, now: plane.world.clock())
            pagination(
              shown: page.items.count, total: page.total, "event", first: visit.query("cursor") == nil ? nil : filter.added(to: here),
              next: page.next.map { filter.added(to: here).adding("cursor", $0.description) })
          }
        }
        p(.class("aside")) { "Something that wasn't you? \(a(href: "/me/security") { "End your sessions and change your password" })." }
      })
  }

  private func origin(of event: Event) -> [(String, HTML)] {
    [
      ("When", exactTime(event.at)), ("From", HTML(event.origin.address.isEmpty ? "the server itself" : event.origin.address)),
      ("With", HTML(event.actor.via == "token" ? "an access token" : Device.name(of: event.origin.userAgent))), ("Request", HTML(event.origin.requestID)),
    ]
  }

  private func export(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (organization, _) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let reference = organization.id.description
    guard visit.query("format") == "csv" else {
      return .download(name: "\(organization.slug)-audit.jsonl", mediaType: "application/jsonl", bytes: try await lines(of: reference, by: visit.caller))
    }
    var text = CSVText(["number", "at", "action", "outcome", "reason", "actor", "actor_id", "target", "target_id", "changes", "address", "request"])
    try await all(in: reference, EventFilter(visit), by: visit.caller) { event in
      let changes = event.changes.map { "\($0.field): \($0.before ?? "") -> \($0.after ?? "")" }.joined(separator: "; ")
      text.append([
        String(event.sequence), event.at.description, event.action, event.outcome.rawValue, event.reason, event.actor.name, event.actor.id, event.target.name,
        event.target.id, changes,
        event.origin.address, event.origin.requestID,
      ])
    }
    return .download(name: "\(organization.slug)-audit.csv", mediaType: "text/csv; charset=utf-8", bytes: text.bytes)
  }
}

extension EventFilter {
  /// What the address of the audit says; days are whole days in UTC.
  init(_ visit: Visit) {
    self.init(
      action: visit.query("action"), outcome: visit.query("outcome").flatMap(Event.Outcome.init(rawValue:)), actor: visit.query("actor"),
      since: visit.query("since").flatMap { Timestamp("\($0)T00:00:00Z") },
      until: visit.query("until").flatMap { Timestamp("\($0)T00:00:00Z") }.map { $0 + .days(1) })
  }

  fileprivate var byEverybody: EventFilter { EventFilter(action: action, outcome: outcome, target: target, since: since, until: until) }

  /// The address of a list with this filter.
  func added(to link: Link) -> Link {
    link.adding("action", action).adding("outcome", outcome?.rawValue).adding("actor", actor).adding("since", since.map { String($0.description.prefix(10)) })
      .adding("until", until.map { String(($0 - .days(1)).description.prefix(10)) })
  }
}

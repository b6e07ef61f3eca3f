import Authorization
import Kernel
import Ledger
import Markup

extension UsageEvents {
  var pages: [PageRoute] {
    [
      .page("/{organization}/usage") { visit async throws(Problem) in .page(try await explorer(visit)) },
      .page("/{organization}/usage/export") { visit async throws(Problem) in try await export(visit) },
    ] + UsageEventPages(plane: plane).pages
  }

  // MARK: What is asked for

  /// How far back one can look by one press, in days.
  private static let ranges = [(1, "24 hours"), (7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "12 months")]

  /// What an address of the explorer asks for; what can't be read counts as not said.
  private struct Asked {
    let since: Timestamp
    let until: Timestamp
    /// `nil` where days were typed.
    let days: Int?
    let dimension: UsageReportRequest.Dimension
    let resource: String?

    init(_ visit: Visit, now: Timestamp) {
      func day(_ name: String) -> Timestamp? { visit.query(name).flatMap { $0.utf8.count == 10 ? Timestamp("\($0)T00:00:00Z") : nil } }
      dimension = visit.query("by").flatMap { UsageReportRequest.Dimension(rawValue: $0) } ?? .resource
      resource = visit.query("resource")
      let (first, last) = (day("since"), day("until").map { $0 + .days(1) })
      if first != nil || last != nil {
        let end = last ?? max(now, (first ?? now) + .days(1))
        // The wrong way round it stays as it was typed, and is refused.
        (since, until, days) = (max(first ?? end - .days(30), end - UsageReportRequest.longest + .days(31)), end, nil)
      } else {
        let back = visit.query("days").flatMap { Int($0) }.flatMap { days in UsageEvents.ranges.first { $0.0 == days }?.0 } ?? 30
        (since, until, days) = (now - .days(back), now, back)
      }
    }

    var step: UsageReportRequest.Step {
      switch (until - since).wholeDays {
      case ...2: .hour
      case ...93: .day
      default: .month
      }
    }

    func request(
      _ step: UsageReportRequest.Step, by dimension: UsageReportRequest.Dimension, of member: String?
    ) throws(Problem) -> UsageReportRequest {
      try UsageReportRequest(since: since, until: until, step: step, by: dimension, .init(member: member, resource: resource))
    }

    /// The same address with something else behind it.
    func added(to link: Link, days other: Int? = nil) -> Link {
      let link = link.adding("by", dimension == .resource ? nil : dimension.rawValue).adding("resource", resource)
      if let other { return link.adding("days", other) }
      if let days { return days == 30 ? link : link.adding("days", days) }
      return link.adding("since", String(since.description.prefix(10))).adding("until", String((until - .days(1)).description.prefix(10)))
    }
  }

  /// What the page shows.
  private struct View {
    let organization: Organization
    let permissions: Set<Permission>
    let choice: Asked
    /// The beginnings of the steps, and what was used in each.
    var starts: [Timestamp] = []
    var course: [NamedUsageRow] = []
    /// What was used in all of the time, and how it went, told apart.
    var groups: [UsageGroup] = []
    let resources: [String]
    /// Why nothing can be shown.
    var fault: String?
    /// Whether it shows what the viewer used alone.
    var isOwn: Bool { member != nil }
    var member: String? { permissions.member }

    var here: Link { "/\(organization.slug)/usage" }
    /// What can be chosen: of one's own what was used in this time.
    var shownResources: [String] {
      isOwn ? Set(course.map(\.row.resource) + (choice.resource.map { [$0] } ?? [])).sorted() : resources
    }
    var credits: Credits { Credits(clamping: course.reduce(Int128(0)) { $0 + Int128($1.row.charge.micro) }) }
  }

  /// More rows than a page can tell.
  private static let rowLimit = 20_000

  private func view(_ visit: Visit) async throws(Problem) -> View {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let (reference, caller, choice) = (organization.id.description, visit.caller, Asked(visit, now: plane.world.clock()))
    var view = View(
      organization: organization, permissions: permissions, choice: choice,
      resources: permissions.member == nil ? try await resources(in: reference, by: caller) : [])
    let request: UsageReportRequest
    do throws(Problem) { request = try choice.request(choice.step, by: choice.dimension, of: view.member) } catch {
      view.fault = error.detail
      return view
    }
    // All of it for the same time: the steps' own, which reaches around what was asked for.
    let whole = try UsageReportRequest(since: request.since, until: request.until, step: .all, by: choice.dimension, request.filter)
    let total = try await all(whole, in: reference, limit: Self.rowLimit, by: caller)
    let apart = try await all(request, in: reference, limit: Self.rowLimit, by: caller)
    view.course = try await all(choice.request(choice.step, by: .nothing, of: view.member), in: reference, limit: Self.rowLimit, by: caller)
    view.starts = request.starts
    view.groups = UsageGroup.all(total, course: apart.count < Self.rowLimit ? apart : [], starts: request.starts)
    return view
  }

  // MARK: The page

  private func explorer(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let view = try await view(visit)
    return ConsolePage(
      "Usage of \(view.organization.name)", in: .organization(OrganizationFrame(view.organization, view.permissions, section: "usage"))
    ) {
      if view.isOwn {
        pageHeader("Your usage", "What you used in \(bdi { view.organization.name.text }), what for, and what it came to.")
      } else {
        pageHeader("Usage", "What was used in \(bdi { view.organization.name.text }), by whom and what for, and what it came to.")
        usageTabs(view.organization, current: "explorer")
      }
      if view.resources.isEmpty, !view.isOwn {
        emptyState(
          "Nothing was used yet", "Platforms record what they measured over the API or with the command guildhall usage; from then on it stands here."
        ) {
          linkButton("How that is done", href: "/docs/reference")
          if view.permissions.contains(.creditsRead) { linkButton("Prices", href: "/\(view.organization.slug)/credits/prices") }
        }
      } else {
        controls(view, visit)
        div(.id("usage"), .class("list")) {
          if let fault = view.fault {
            banner(.attention, "Nothing to show", HTML(fault))
          } else if view.course.isEmpty {
            emptyState(view.isOwn ? "You used nothing in this time" : "Nothing was used in this time", "Choose a longer one, or another resource.") {
              linkButton("Show the last 30 days", href: view.here)
            }
          } else {
            figures(view)
            charts(view)
            table(view)
          }
        }
      }
    }
  }

  private func controls(_ view: View, _ visit: Visit) -> HTML {
    let choice = view.choice
    return fragment {
      nav(.class("ranges"), .aria("label", "How far back")) {
        for (days, words) in Self.ranges {
          a(href: choice.added(to: view.here, days: days), .aria("current", "true").when(choice.days == days)) { words }
        }
      }
      form(.get, action: view.here, .class("filters"), .role("search"), .data("renews", "usage")) {
        smallSelect(
          "By", "by", (view.isOwn ? UsageReportRequest.Dimension.ownShown : UsageReportRequest.Dimension.shown).map { Choice($0.rawValue, "By \($0.noun)") },
          selected: choice.dimension.rawValue)
        smallSelect(
          "Resource", "resource", [Choice("", "All resources")] + view.shownResources.map { Choice($0, $0) }, selected: choice.resource ?? "")
        dayField("From", "since", visit.query("since"))
        dayField("up to", "until", visit.query("until"))
        if let days = choice.days, visit.query("days") != nil { input(.hidden, name: "days", .value(String(days))) }
        span(.class("without-script")) { submitButton("Show", .plain, small: true) }
        span(.class("space"))
        linkButton("CSV", href: choice.added(to: "\(view.here)/export"), icon: .download, small: true)
      }
    }
  }

  private func figures(_ view: View) -> HTML {
    let events = view.course.reduce(0) { $0 + $1.row.events }
    let top = view.groups.first
    return statRow([
      Stat("Charged", HTML(amountText(view.credits)), note: "credits in this time"),
      Stat("Events", HTML(grouped(events)), note: HTML(counted(Set(view.course.map(\.row.resource)).count, "resource"))),
      Stat(
        "Most by \(view.choice.dimension.noun)", top.map { name(of: $0, view.choice.dimension) } ?? "nothing",
        note: top.map { HTML("\(creditsText($0.credits)), \(share(of: $0.credits, in: view.credits))") }),
    ])
  }

  /// `40 %`; nothing where nothing was charged.
  private func share(of part: Credits, in whole: Credits) -> String {
    guard whole > .zero else { return "nothing of it charged" }
    return "\(Int((Int128(part.micro) * 100 + Int128(whole.micro) / 2) / Int128(whole.micro))) % of all"
  }

  private func charts(_ view: View) -> HTML {
    let (step, resource) = (view.choice.step, view.choice.resource)
    let units = Set(view.course.map(\.row.unit))
    func points(_ value: (UsageReportRow) -> Int64) -> [ChartPoint] {
      var sums: [Timestamp: Int128] = [:]
      for named in view.course { sums[named.row.start, default: 0] += Int128(value(named.row)) }
      return view.starts.map { ChartPoint(step.label($0), Credits(clamping: sums[$0] ?? 0)) }
    }
    let credits = points(\.charge.micro)
    let most = view.starts.indices.max { credits[$0].value < credits[$1].value }
    let summary =
      view.credits == .zero
      ? "Nothing of it had a price."
      : "\(creditsText(view.credits)) in this time" + (most.map { ", most of it \(step.when(view.starts[$0])): \(credits[$0].written)." } ?? ".")
    return pageSection("Course") {
      barChart("Credits by the \(step.rawValue)\(resource.map { ", for \($0)" } ?? "")", summary: summary, unit: "credits", credits)
      if let resource, units.count == 1, let unit = units.first {
        let total = view.course.reduce(Int128(0)) { $0 + Int128($1.row.quantity.micro) }
        barChart(
          "\(resource) by the \(step.rawValue)", summary: "\(amountText(Credits(clamping: total))) \(unit) in this time.", unit: unit, points(\.quantity.micro))
      }
    }
  }

  private func table(_ view: View) -> HTML {
    let (dimension, scale) = (view.choice.dimension, view.groups.map(\.credits).max() ?? .zero)
    let shown = view.groups.prefix(100)
    return pageSection("By \(dimension.noun)", dimension == .team ? "Who is in several teams counts in each of them." : nil) {
      dataTable(
        "Usage by \(dimension.noun)",
        [
          Column(dimension.noun.prefix(1).uppercased() + dimension.noun.dropFirst()), Column("Share", .wide), Column("Credits", .number), Column("Used"),
          Column("Events", .number),
        ],
        shown.map { group in
          TableRow(
            notedCell(name(of: group, dimension), course(of: group)),
            limitBar(available: Double(group.credits.micro), own: Double(group.credits.micro), scale: Double(scale.micro)), HTML(amountText(group.credits)),
            quantities(group, dimension), HTML(grouped(group.events)))
        })
      p(.class("quiet-text")) {
        small {
          "A whole bar is \(creditsText(scale)); the line below a name is its course over the time."
          if shown.count < view.groups.count { " These are the first 100 of \(grouped(view.groups.count)); the CSV holds all." }
        }
      }
    }
  }

  private func course(of group: UsageGroup) -> HTML? {
    group.course.isEmpty ? nil : sparkline(group.course, summary: "Its course over the time, the highest \(creditsText(group.highest))")
  }

  private func quantities(_ group: UsageGroup, _ dimension: UsageReportRequest.Dimension) -> HTML {
    fragment {
      for (place, used) in group.quantities.prefix(4).enumerated() {
        if place > 0 { ", " }
        "\(amountText(Credits(clamping: Int128(used.quantity.micro)))) \(used.unit)"
        if dimension != .resource { " of \(used.resource)" }
      }
      if group.quantities.count > 4 { " and more" }
    }
  }

  private func name(of group: UsageGroup, _ dimension: UsageReportRequest.Dimension) -> HTML {
    if group.key.isEmpty { return span(.class("quiet")) { dimension.none } }
    // What is gone has an id left.
    return dimension.isNamed && group.name == group.key ? span(.class("quiet")) { "gone: \(group.key)" } : bdi { group.name }
  }

  // MARK: The file

  private func export(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let choice = Asked(visit, now: plane.world.clock())
    let request = try choice.request(choice.step, by: choice.dimension, of: permissions.member)
    let rows = try await all(request, in: organization.id.description, limit: 200_000, by: visit.caller)
    // By resource, the column that all have says it.
    let isApart = choice.dimension != .resource
    var text = CSVText(["from", "step"] + (isApart ? [choice.dimension.rawValue, "name"] : []) + ["resource", "unit", "quantity", "credits", "events"])
    for named in rows {
      let row = named.row
      text.append(
        [row.start.description, choice.step.rawValue] + (isApart ? [row.key, named.name] : [])
          + [row.resource, row.unit, row.quantity.description, row.charge.description, String(row.events)])
    }
    return .download(name: "\(organization.slug)-usage.csv", mediaType: "text/csv; charset=utf-8", bytes: text.bytes)
  }
}

extension Set<Permission> {
  /// Whose usage the explorer shows: the viewer's own, who may not see all; `nil` for everybody's.
  fileprivate var member: String? { contains(.usageRead) ? nil : UsageReportRequest.Filter.oneself }
}

/// What one of those that are told apart used.
private struct UsageGroup {
  let key: String
  let name: String
  var credits = Credits.zero
  var events = 0
  var quantities: [(resource: String, unit: String, quantity: Quantity)] = []
  /// What it came to in each step, in credits.
  var course: [Double] = []

  var highest: Credits { Credits(clamping: Int128((course.max() ?? 0) * 1_000_000)) }

  /// Who used most first.
  static func all(_ rows: [NamedUsageRow], course: [NamedUsageRow], starts: [Timestamp]) -> [UsageGroup] {
    var places: [String: Int] = [:]
    var groups: [UsageGroup] = []
    for named in rows {
      let row = named.row
      let place = places[row.key] ?? groups.count
      if place == groups.count {
        places[row.key] = place
        groups.append(UsageGroup(key: row.key, name: named.name))
      }
      groups[place].credits = Credits(clamping: Int128(groups[place].credits.micro) + Int128(row.charge.micro))
      groups[place].events += row.events
      groups[place].quantities.append((row.resource, row.unit, row.quantity))
    }
    let steps = Dictionary(starts.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    for named in course {
      guard let place = places[named.row.key], let step = steps[named.row.start] else { continue }
      if groups[place].course.isEmpty { groups[place].course = Array(repeating: 0, count: starts.count) }
      groups[place].course[step] += Double(named.row.charge.micro) / 1_000_000
    }
    return groups.sorted { ($1.credits, $1.events, $0.key) < ($0.credits, $0.events, $1.key) }
  }
}

extension UsageReportRequest.Dimension {
  /// In the order in which people look for them.
  fileprivate static let shown: [Self] = [.resource, .preset, .member, .team, .project, .cluster, .serviceAccount]
  /// What tells apart what one member used.
  fileprivate static let ownShown: [Self] = [.resource, .preset, .project, .cluster]

  fileprivate var noun: String { self == .serviceAccount ? "service account" : rawValue }

  /// For what names none.
  fileprivate var none: String {
    switch self {
    case .nothing: "everything"
    case .member: "nobody named"
    case .serviceAccount, .team, .project, .cluster, .resource, .preset: "no \(noun)"
    }
  }

  /// Whether its keys are ids of something with a name.
  fileprivate var isNamed: Bool {
    switch self {
    case .member, .serviceAccount, .team, .project: true
    case .nothing, .cluster, .resource, .preset: false
    }
  }
}

extension UsageReportRequest.Step {
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// Below a bar: `14:00`, `21 Nov`, `Nov 2026`.
  fileprivate func label(_ start: Timestamp) -> String {
    let written = start.description
    let month = Self.months[max(1, Int(written.dropFirst(5).prefix(2)) ?? 1) - 1]
    switch self {
    case .hour: return String(written.dropFirst(11).prefix(5))
    case .day, .all: return "\(Int(written.dropFirst(8).prefix(2)) ?? 1) \(month)"
    case .month: return "\(month) \(written.prefix(4))"
    }
  }

  /// In a sentence: `on 21 Nov`.
  fileprivate func when(_ start: Timestamp) -> String {
    switch self {
    case .hour: "from \(label(start)) UTC on"
    case .day, .all: "on \(label(start))"
    case .month: "in \(label(start))"
    }
  }
}

/// The tabs that the pages about usage share.
func usageTabs(_ organization: Organization, current: String) -> HTML {
  let here: Link = "/\(organization.slug)/usage"
  return tabBar(
    "Usage", [Tab("Explorer", href: here, isCurrent: current == "explorer"), Tab("Events", href: "\(here)/events", isCurrent: current == "events")])
}

func dayField(_ title: String, _ name: String, _ day: String?) -> HTML {
  label(.class("day")) {
    title
    input(.date, name: name, .class("control date"), .value(day ?? ""))
  }
}

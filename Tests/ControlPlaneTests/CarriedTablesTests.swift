import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Ledger
import Storage
import TestSupport
import Testing

/// What archives carry as it is stored: all of it, as it was, and nothing that can't be.
@Suite(.timeLimit(.minutes(10))) struct CarriedTablesTests {
  @Test func `Every table and every column comes along, or it is said why not`() async throws {
    let house = try await House(seed: 1)
    let schema = try await house.plane.read(as: .system("test")) { work in
      var found: [String: Set<String>] = [:]
      for row in try work.tx.rows("SELECT t.name, c.name AS col FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'") {
        found[try row.text("name"), default: []].insert(try row.text("col"))
      }
      return found
    }
    /// Tables that nothing of one organization stands in, or that are kept for a while.
    let others: Set<String> = [
      "session", "access_token", "mail", "job_claim", "idempotency", "throttle", "setting", "ticket", "sign_in_failure", "migration", "password_history",
    ]
    var seen: Set<String> = []
    for table in CarriedTable.all {
      let columns = try #require(schema["\(table.table)"], "\(table.title)")
      var carried = Set(table.columns.filter { $0.expression == nil }.map(\.title)).union(table.computed.map { "\($0.name)" }).union(table.left)
      switch table.scope {
      case .organization: carried.insert("organization")
      case .book: carried.insert("book")
      case .log: carried.insert("log")
      case .condition: break
      }
      if table.title == "price" { carried.insert("organization") }
      #expect(carried == columns, "\(table.title): \(carried.symmetricDifference(columns).sorted())")
      seen.insert("\(table.table)")
    }
    #expect(seen.isDisjoint(with: CarriedTable.left.keys))
    let belonging = try await house.plane.read(as: .system("test")) { work in
      try work.tx.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND (sql LIKE '%REFERENCES%' OR name = 'event' OR name = 'event_head')").map { try $0.text("name") }
    }
    for table in belonging where !seen.contains(table) && !others.contains(table) { #expect(CarriedTable.left[table] != nil, "\(table) is carried, or stays behind for a reason") }
    for table in CarriedTable.left.keys { #expect(schema[table] != nil, "\(table)") }
  }

  // MARK: The round trip

  @Test(arguments: 1...6 as ClosedRange<UInt64>) func `Who may do what stays, whatever has happened`(seed: UInt64) async throws {
    let lab = try await Lab(seed: seed)
    try await DecisionFactsTests.carriedAlong(lab, seed: seed, steps: 60)
    try await Self.dress(lab)
    try await Self.roundTrip(of: lab, into: House(seed: 5000 + seed))
  }

  @Test(arguments: [
    CreditsTests.story, CreditsTests.corrections, CreditsTests.uses, CreditsTests.expiry, CreditsTests.repeats, RemovedSubBalancesTests.story, CreditsTests.shares, CreditsTests.batches,
    GrantedCreditsTests.grants, GrantedCreditsTests.leaving, BudgetsTests.story, BudgetsTests.holds, BudgetsTests.purposes, BudgetsTests.usage, BudgetsTests.zones,
    QuotasTests.story, QuotasTests.forgetting, QuotasTests.terms, AlertsTests.story, AlertsTests.budgets, UsageTests.story, UsageTests.shares,
    UsageTests.corrections, UsageReportTests.reports, PricesTests.prices,
  ])
  func `Credits, usage and limits stay as they were, whatever was done with them`(_ story: @Sendable (Lab) async throws -> Void) async throws {
    let lab = try await Lab()
    try await story(lab)
    try await Self.roundTrip(of: lab, into: House(seed: 5000))
  }

  @Test(arguments: 0..<3 as Range<UInt64>) func `Usage in any order stays as it was`(seed: UInt64) async throws {
    let lab = try await Lab(seed: seed)
    try await UsageChanceTests.chance(lab, seed, rounds: 5)
    try await Self.roundTrip(of: lab, into: House(seed: 5000 + seed))
  }

  /// Clusters with a project, apps of all kinds, attributes, stars and an open request.
  static func dress(_ lab: Lab) async throws {
    let (plane, slug, admin) = (lab.plane, lab.slug, lab.admin)
    let (dora, _) = try await lab.member("Dora", as: "contributor")
    try await lab.team("Crew of all")
    _ = try await plane.teams.update("crew-of-all", TeamUpdate(defaultRole: "labeler-worker"), seen: nil, in: slug, by: admin)
    let shape = try MachineShape(millicores: 4000, memory: 17_179_869_184, gpus: 1, gpuModel: "a100")
    _ = try await plane.clusters.register(
      ClusterDraft(name: "Iron", slug: "iron", details: ClusterUpdate(description: "ä", location: "Here", addresses: [.users: "https://x.example"])), by: lab.operator)
    _ = try await plane.clusters.set(ClusterPreset(name: "gpu-small", price: "2.5", shape: shape), on: "iron", by: lab.operator)
    _ = try await plane.clusters.set(NodePool(name: "main", least: 0, most: 8, shape: shape, disk: 1 << 30, isPreemptible: true), on: "iron", by: lab.operator)
    _ = try await plane.clusters.admit(slug, to: "iron", ClusterAdmission(limits: ClusterLimits(runningJobs: 20)), by: lab.operator)
    _ = try await plane.projects.create(ResourceDraft(name: "Ore"), at: .cluster("iron"), in: slug, by: admin)
    for (name, visibility) in [("Finder", "organization"), ("Open one", "public"), ("My own", "private")] {
      let app = try await plane.apps.create(
        ResourceDraft(name: name), AppUpdate(notes: "\"\(name)\"\n", visibility: visibility, isTemplate: name == "Open one"), isOwn: name == "My own", in: slug,
        by: name == "My own" ? lab.house.caller(dora) : admin)
      _ = try await plane.stars.add(app.resource.id, in: slug, by: name == "My own" ? lab.house.caller(dora) : admin)
    }
    try await lab.give("crew-of-all", "labeler-lead", on: .app("finder"))
    try await lab.give("dora", "manager", on: .cluster("iron"))
    try await lab.give("dora", "viewer", on: .projectAt("ore", .cluster("iron")))
    _ = try await plane.objects.register(
      [.success(ObjectDraft(try ObjectName(type: "model", id: "m/1:β"), title: "M", attributes: ["tags": ["a", "b"]]))], in: slug, by: admin)
    _ = try await plane.elevations.ask(ElevationDraft(on: nil, role: "viewer", minutes: 60, reason: "To see"), in: slug, by: lab.house.caller(dora))
  }

  /// As for the archive's own lists, and that everything is answered, counted and charged as it was.
  static func roundTrip(of lab: Lab, into there: House) async throws {
    // Weeks may have passed since anybody signed in.
    let here = lab.house.caller(try await lab.plane.sessions.create(login: "oscar", password: House.password, by: lab.house.visitor()).secret)
    try await ArchivesTests.roundTrip(of: lab, into: there, by: here)
    let (id, now) = (lab.organization.id, lab.house.now)
    let (before, after) = (try await answers(of: id, in: lab.plane, at: now), try await answers(of: id, in: there.plane, at: now))
    #expect(before == after)
    for report in try await there.plane.verifyLedgers(of: id.description) { #expect(report.faults.isEmpty, "\(report.faults.map(\.text))") }
    for report in try await there.plane.verifyUsage(of: id.description) { #expect(report.faults.isEmpty, "\(report.faults.map(\.text))") }
    let root = try await there.plane.sessions.create(login: "root@example.org", password: House.password, by: there.visitor())
    let brought = try await money(of: id, in: there.plane, by: there.caller(root.secret), at: now)
    let left = try await money(of: id, in: lab.plane, by: here, at: now)
    #expect(brought == left)
  }

  /// What everybody may do with everything.
  static func answers(of organization: ID<Organization>, in plane: ControlPlane, at now: Timestamp) async throws(Problem) -> [String] {
    try await plane.read(as: .system("test")) { work in
      let graph = try work.wholeGraph(of: organization, to: 1)
      let people = try work.tx.rows(
        """
        SELECT m.account AS id FROM member m WHERE m.organization = \(organization)
        UNION ALL SELECT s.id FROM service_account s WHERE s.organization = \(organization) ORDER BY id
        """
      ).map { row throws(Problem) in try row.text("id") }
      let things = try work.tx.rows("SELECT type, CASE WHEN type = 'dataset' THEN slug ELSE id END AS id FROM resource WHERE organization = \(organization) ORDER BY id")
        .map { row throws(Problem) in (ResourceType(try row.text("type")), try row.text("id")) }
      let context = graph.context(AccessValue.readable([]))
      var answers: [String] = []
      for person in people {
        for (type, id) in things {
          for verb in ["read", "use", "update", "manage", "create", "share"].map({ ResourceVerb($0) }) {
            guard let target = graph.target(type, id) else { continue }
            let explanation = graph.explain(graph.member(person), graph.verb(verb), target, context, at: now)
            answers.append("\(person) \(verb) \(type) \(id): \(explanation.outcome) \(explanation.reasons.map { "\($0)" }.sorted())")
          }
        }
        answers.append("\(person): \(graph.check(graph.member(person), graph.verb(.create), graph.target(named: "", .workspace, in: nil), context, at: now).outcome)")
      }
      return answers
    }
  }

  /// Balances, usage and prices, as pages tell them.
  static func money(of organization: ID<Organization>, in plane: ControlPlane, by caller: Caller, at now: Timestamp) async throws(Problem) -> [String] {
    let name = organization.description
    let balance = try await plane.credits.balance(of: name, by: caller)
    var words = ["\(balance.balance) \(balance.held) \(balance.used) \(balance.available)"]
    words += try await plane.subBalances.list(in: name, PageRequest(limit: 100), by: caller).items.map { "\($0.subBalance.holder.name) \($0.balance)" }
    words += try await plane.prices.list(of: name, PageRequest(limit: 100), by: caller).items.map { "\($0.version.key) \($0.version.price?.words ?? "none") \($0.state(at: now))" }
    words += try await plane.budgets.list(in: name, PageRequest(limit: 100), by: caller).items.map { "\($0)" }
    for dimension in UsageReportRequest.Dimension.allCases {
      let request = try UsageReportRequest(since: now - .days(90), until: now + .days(1), step: .month, by: dimension)
      words += try await plane.usage.all(request, in: name, limit: 10_000, by: caller).map { "\($0.name) \($0.row)" }
    }
    return words
  }

  // MARK: What is refused

  /// An organization with something of everything, its archive, and a house to bring it to.
  private struct Port {
    let house: House
    let root: Caller
    let archive: Wire.Archive

    init() async throws {
      let lab = try await Lab()
      try await CarriedTablesTests.dress(lab)
      try await lab.topUp("100")
      try await lab.price("gpu", "second", "1")
      _ = await lab.record([use("1", lab.house.now, "gpu", "second", "15"), use("2", lab.house.now, "disk", "GiB", "1")])
      _ = try await lab.hold("5")
      _ = try await lab.plane.budgets.create(BudgetDraft(subject: .organization, holder: "", soft: "1", hard: "500"), in: lab.slug, by: lab.admin)
      _ = try await lab.plane.sessions.confirm(password: House.password, by: lab.admin)
      archive = Wire.Archive(try await lab.plane.archives.export("lab", by: lab.admin))
      house = try await House(seed: 2)
      root = house.caller(try await house.signUpVerified("Root"))
    }

    func bring(_ archive: Wire.Archive) async throws(Problem) -> ImportedOrganization {
      try await house.plane.archives.import(Archive(archive), slug: nil, signedBy: nil, by: root)
    }

    /// The archive with a value of a table changed.
    func changed(_ table: String, _ column: String, row: Int = 0, to value: JSON) throws -> (archive: Wire.Archive, place: String) {
      var archive = archive
      let place = try #require(archive.tables?.firstIndex { $0.name == table }, "\(table)")
      let index = try #require(archive.tables?[place].columns.firstIndex(of: column), "\(table) \(column)")
      archive.tables?[place].rows[row][index] = value
      return (archive, "tables/\(place)/rows/\(row)/\(column)")
    }
  }

  @Test func `A row that can't be is refused with its place`() async throws {
    let port = try await Port()
    let other: JSON = "0189aaaa-ac96-774b-bcce-b302099a8057"
    let table: [(String, String, JSON)] = [
      ("access_grant", "member", other), ("access_grant", "resource", other), ("access_grant", "role", "app.king"), ("access_grant", "id", "x"), ("access_grant", "kind", "crowd"),
      ("access_grant", "since", "now"), ("access_grant", "revision", 0), ("resource", "owner", other), ("resource", "parent", other), ("resource", "name", ""),
      ("resource", "attributes", "[]"), ("resource", "visibility", 3), ("app", "resource", other), ("app", "is_template", 2), ("star", "account", other), ("cluster", "name", .null),
      ("organization_cluster", "cluster", other), ("elevation", "state", "open"), ("price", "per", 0), ("usage_event", "price", 77), ("budget", "period", "year"),
      ("ledger_account", "purpose", "pocket"), ("ledger_entry", "id", "1"), ("ledger_entry", "amount", -1), ("team_default_role", "default_role", "boss"),
    ]
    for (name, column, value) in table {
      let (archive, place) = try port.changed(name, column, to: value)
      let fields = await faultyFields { try await port.bring(archive) }
      #expect(fields.contains(place), "\(name) \(column): \(fields)")
    }
    let changes: [(String, (inout [Wire.ArchivedTable]) -> Void)] = [
      ("tables/0/name", { $0[0].name = "secrets" }), ("tables/0/columns", { $0[0].columns[0] = "digest" }), ("tables/0/columns", { $0[0].columns = [] }),
      ("tables/0/rows/0", { $0[0].rows[0].removeLast() }), ("tables/1/name", { $0[1] = $0[0] }),
    ]
    for (place, change) in changes {
      var archive = port.archive
      change(&archive.tables!)
      let fields = await faultyFields { [archive] in try await port.bring(archive) }
      #expect(fields.contains(place), "\(place): \(fields)")
    }
    var twice = port.archive
    let grants = try #require(twice.tables?.firstIndex { $0.name == "access_grant" })
    twice.tables?[grants].rows.append(port.archive.tables![grants].rows[0])
    let fields = await faultyFields { [twice] in try await port.bring(twice) }
    #expect(fields.contains { $0.hasPrefix("tables/\(grants)/rows/") && $0.hasSuffix("/id") }, "\(fields)")
    #expect(await refusal { try await port.bring(port.archive) } == nil)
  }

  @Test func `Books and usage that contradict themselves are refused, and nothing of them stays`() async throws {
    let port = try await Port()
    let wrongs: [(String, String, JSON)] = [
      ("ledger_account", "balance", 1_000_000_000_000), ("ledger_entry", "amount", 7), ("ledger", "sequence", 99), ("ledger_hold", "state", "expired"),
      ("usage_event", "charge", 5), ("usage_rollup", "quantity", 5), ("usage_log", "sequence", 1), ("usage_charge", "amount", 1), ("price", "tiers", "[[null,9]]"),
      ("price", "tiers", "nothing"), ("cluster", "presets", "nothing"), ("ledger_account", "parent", 1),
    ]
    for (name, column, value) in wrongs {
      let archive = try port.changed(name, column, to: value).archive
      let code = await refusal { try await port.bring(archive) }
      #expect(code == "archive.broken" || code == "archive.clash", "\(name) \(column): \(code ?? "taken in")")
    }
    // Cut: an entry is missing, or all events of usage are.
    for name in ["ledger_entry", "usage_event", "ledger_account", "ledger_hold", "usage_receipt"] {
      var archive = port.archive
      let place = try #require(archive.tables?.firstIndex { $0.name == name })
      archive.tables?[place].rows.removeLast()
      let code = await refusal { [archive] in try await port.bring(archive) }
      #expect(code == "archive.broken" || code == "archive.clash", "\(name) cut: \(code ?? "taken in")")
    }
    #expect(try await port.house.plane.organizations.list(all: true, search: nil, .first, by: port.root).total == 0)
    #expect(await refusal { try await port.bring(port.archive) } == nil)
  }

  @Test func `An archive of the first version is taken in without tables`() async throws {
    let port = try await Port()
    let text = String(decoding: try WireCoding.encode(port.archive), as: UTF8.self).replacing("\"version\":2", with: "\"version\":1")
    var old = try WireCoding.decode(Wire.Archive.self, from: Array(text.utf8))
    old.tables = nil
    let written = String(decoding: try WireCoding.encode(old), as: UTF8.self)
    #expect(old.version.number == 1 && written.contains("\"version\":1") && !written.contains("\"tables\""))
    let imported = try await port.bring(old)
    #expect(try await port.house.plane.credits.balance(of: imported.organization.slug.text, by: port.root).balance == .zero)
    #expect(try await port.house.plane.organizationClusters.list(in: "lab", .first, by: port.root).total == 0)
  }

  @Test func `Where others are, clusters of the same name are the same, and what everybody paid is agreed with the organization`() async throws {
    let port = try await Port()
    let (plane, house) = (port.house.plane, port.house)
    _ = try await house.found("Others", by: house.signUpVerified("Olga"))
    _ = try await plane.clusters.register(ClusterDraft(name: "Iron of ours", slug: "iron", details: ClusterUpdate()), by: port.root)
    _ = try await plane.prices.set(PriceDraft(resource: "gpu", unit: "second", tiers: [("", "3")], since: house.now.start(of: .day) - .days(90)), by: port.root)
    _ = try await port.bring(port.archive)
    #expect(try await plane.organizationClusters.list(in: "lab", .first, by: port.root).items.map(\.cluster.name.text) == ["Iron of ours"])
    let prices = try await plane.prices.list(of: "lab", .first, by: port.root).items
    #expect(prices.map { "\($0.version.isAgreed) \($0.version.price?.words ?? "none")" } == ["true 1 per second", "false 3 per second"])
    #expect(try await plane.prices.list(.first, by: port.root).items.map { $0.version.price?.words } == ["3 per second"], "nobody else pays another price")
    for report in try await plane.verifyUsage(of: "lab") { #expect(report.faults.isEmpty, "\(report.faults.map(\.text))") }
  }
}

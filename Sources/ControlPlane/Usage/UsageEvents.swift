import Authorization
import Contract
public import Kernel
import Ledger
import Storage

extension ControlPlane {
  public var usage: UsageEvents { UsageEvents(plane: self) }
}

/// What was used, by whom, what for and where, and what it came to.
public struct UsageEvents: Sendable {
  let plane: ControlPlane

  /// Records what a source measured, each event once by its id: what came of each, in the order of the drafts. What has a price is charged, whatever there is.
  ///
  /// Refuses as `tooMany` more than are taken at once. A draft that couldn't be read is refused by itself, like any other.
  public func record(
    _ drafts: [Result<UsageDraft, Problem>], of source: String, in reference: String, by caller: Caller
  ) async throws(Problem) -> [Result<RecordedUsage, Problem>] {
    try UsageDraft.expectFew(drafts.count)
    let source = try Problem.checking("source") { () throws(Rejection) in try UsageKey.check(source) }
    guard !drafts.isEmpty else { throw .invalid("events", "Send at least one event.") }
    let results = try await plane.usageWriter.carryOut(UsageOrder(caller: caller, organization: reference, source: source, drafts: drafts), on: plane)
    var (known, refused) = (0, 0)
    for result in results {
      switch result {
      case .success(let found): known += found.isKnown ? 1 : 0
      case .failure: refused += 1
      }
    }
    plane.tallies.note(.usageAccepted, results.count - known - refused)
    plane.tallies.note(.usageDuplicate, known)
    plane.tallies.note(.usageRefused, refused)
    return results
  }

  /// The latest recorded first.
  public func list(_ filter: UsageEventFilter, in reference: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<ListedUsageEvent> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadUsage.self, in: reference).0
      try Problem.expectOrder(filter.since, filter.until)
      guard let log = try work.usageRows.find(organization.id) else { return Page(items: [], next: nil, total: 0) }
      return try work.usageReports.events(filter, in: log, page)
    }
  }

  /// What was used in a time: by time, then what rows are told apart by, then resource and unit. Who may not see all may see what they used themselves.
  public func report(_ request: UsageReportRequest, in reference: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<NamedUsageRow> {
    try await plane.read(as: caller) { work in
      let organization = try work.organization(reference, whoseUsageIsAsked: request.filter)
      guard let log = try work.usageRows.find(organization.id) else { return Page(items: [], next: nil, total: 0) }
      let found = try work.usageReports.rows(try work.resolved(request, in: organization), in: log, of: organization.id, page)
      let names = try work.names(of: Set(found.items.map(\.key)), request.dimension, in: organization)
      return found.map { NamedUsageRow(row: $0, name: names[$0.key] ?? $0.key) }
    }
  }

  /// The same at once, up to so many rows.
  func all(_ request: UsageReportRequest, in reference: String, limit: Int, by caller: Caller) async throws(Problem) -> [NamedUsageRow] {
    try await plane.read(as: caller) { work in
      let organization = try work.organization(reference, whoseUsageIsAsked: request.filter)
      guard let log = try work.usageRows.find(organization.id) else { return [] }
      let found = try work.usageReports.rows(try work.resolved(request, in: organization), in: log, of: organization.id, limit: limit)
      let names = try work.names(of: Set(found.map(\.key)), request.dimension, in: organization)
      return found.map { NamedUsageRow(row: $0, name: names[$0.key] ?? $0.key) }
    }
  }

  /// What those are called whom events name, by their ids; without those that are gone.
  func names(in events: [ListedUsageEvent], of reference: String, by caller: Caller) async throws(Problem) -> [String: String] {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadUsage.self, in: reference).0
      var names: [String: String] = [:]
      for dimension in [UsageReportRequest.Dimension.member, .serviceAccount] {
        let found = try work.names(of: Set(events.map(\.series.holder)), dimension, in: organization)
        names.merge(found, uniquingKeysWith: { first, _ in first })
      }
      names.merge(try work.names(of: Set(events.map(\.series.project)), .project, in: organization), uniquingKeysWith: { first, _ in first })
      return names
    }
  }

  /// What was ever used; empty where nothing was.
  func resources(in reference: String, by caller: Caller) async throws(Problem) -> [String] {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadUsage.self, in: reference).0
      return try work.usageRows.find(organization.id).map { log throws(Problem) in try work.usageReports.resources(in: log) } ?? []
    }
  }
}

extension UsageReportRequest.Filter {
  /// What asks for those that name none.
  static let none = "none"
  /// What whoever asks calls themselves.
  static let oneself = "me"
}

extension Work {
  /// The organization, whose usage may be read: all of it, or what is asked for is the caller's own.
  fileprivate func organization(_ reference: String, whoseUsageIsAsked filter: UsageReportRequest.Filter) throws(Problem) -> Organization {
    guard let member = filter.member, case .person(let person) = try actor(),
      [UsageReportRequest.Filter.oneself, person.id.description, person.handle.text.lowercased()].contains(member.lowercased())
    else {
      do throws(Problem) { return try permit(ReadUsage.self, in: reference).0 } catch {
        // Who belongs there and may not see all is told what they may see.
        guard error.kind == .forbidden, case .person = try actor(), (try? permit(ReadOwnUsage.self, in: reference)) != nil else { throw error }
        throw Problem(error.code, "\(error.detail) Your own usage you may see: ask for the member me (--member me).", cause: error.cause)
      }
    }
    return try permit(ReadOwnUsage.self, in: reference).0
  }

  /// With ids for what was named. Refuses who and what isn't here.
  fileprivate func resolved(_ request: UsageReportRequest, in organization: Organization) throws(Problem) -> UsageReportRequest {
    var request = request
    if let member = request.filter.member { request.filter.member = try holder(member, in: organization) }
    if let project = request.filter.project { request.filter.project = try self.project(project, in: organization) }
    if request.filter.cluster == UsageReportRequest.Filter.none { request.filter.cluster = "" }
    return request
  }

  private func holder(_ name: String, in organization: Organization) throws(Problem) -> String {
    if name == UsageReportRequest.Filter.none { return "" }
    if name == UsageReportRequest.Filter.oneself, case .person(let person) = try actor() { return person.id.description }
    var account = ID<Account>(name)
    if account == nil { account = try accounts.named(name)?.id }
    guard let id = account, try !usageSubjects.members([id], in: organization.id).isEmpty else {
      throw .invalid("member", "No member of this organization is called so.")
    }
    return id.description
  }

  private func project(_ name: String, in organization: Organization) throws(Problem) -> String {
    if name == UsageReportRequest.Filter.none { return "" }
    if let id = ID<Project>(name) { return id.description }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map { NameEntry.key(String($0)) }
    guard parts.count == 2, let workspace = parts[0], let slug = parts[1], let id = try usageSubjects.project(slug, of: workspace, in: organization.id) else {
      throw .invalid("project", "There is no such project here: write workspace/project, or its id.")
    }
    return id.description
  }

  /// What keys are called, of those that are still there.
  fileprivate func names(of keys: Set<String>, _ dimension: UsageReportRequest.Dimension, in organization: Organization) throws(Problem) -> [String: String] {
    func named<Noun>(_ find: (Set<ID<Noun>>) throws(Problem) -> [ID<Noun>: String]) throws(Problem) -> [String: String] {
      let found = try find(Set(keys.compactMap { ID<Noun>($0) }))
      return Dictionary(found.map { ($0.key.description, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
    switch dimension {
    case .nothing, .cluster, .resource, .preset: return [:]
    case .member: return try named { ids throws(Problem) in try accounts.names(of: ids) }
    case .serviceAccount: return try named { ids throws(Problem) in try serviceAccounts.names(of: ids, in: organization.id) }
    case .team: return try named { (ids: Set<ID<Team>>) throws(Problem) in try usageSubjects.names(of: ids, in: organization.id) }
    case .project: return try named { (ids: Set<ID<Project>>) throws(Problem) in try usageSubjects.names(of: ids, in: organization.id) }
    }
  }
}

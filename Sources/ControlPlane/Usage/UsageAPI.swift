import Authorization
import Contract
import Kernel
import Ledger

extension UsageEvents {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(
        API.Usage.record, reading: { bytes throws(Problem) in try Wire.UsageEventDrafts.read(bytes) }, writing: { $0.written() }
      ) { call async throws(Problem) in
        try UsageDraft.expectFew(call.body.events.count)
        let drafts = call.body.events.map { draft in Result { () throws(Problem) in try UsageDraft(draft) } }
        let results = try await record(drafts, of: call.body.source.text, in: call.path.organization, by: call.caller)
        return Wire.UsageResults(results: zip(call.body.events, results).map { Wire.UsageResult($0.id.text, $1) })
      },
      BoundEndpoint(API.Usage.listEvents) { call async throws(Problem) in
        let query = call.query
        let filter = UsageEventFilter(source: query.source, id: query.id, since: query.since, until: query.until)
        return Wire.List(try await list(filter, in: call.path.organization, query.page(), by: call.caller), Wire.UsageEvent.init)
      },
      BoundEndpoint(API.Usage.report) { call async throws(Problem) in
        let query = call.query
        let until = query.until ?? plane.world.clock()
        let filter = UsageReportRequest.Filter(member: query.member, project: query.project, cluster: query.cluster, resource: query.resource)
        let request = try UsageReportRequest(
          since: query.since ?? until - .days(30), until: until, step: query.step.map { UsageReportRequest.Step($0) } ?? .day,
          by: query.by.map { UsageReportRequest.Dimension($0) } ?? .nothing, filter)
        return Wire.List(try await report(request, in: call.path.organization, query.page(), by: call.caller), Wire.UsageRow.init)
      },
    ]
  }
}

extension UsageDraft {
  /// Refuses with all faults at once.
  init(_ draft: Wire.UsageEventDraft) throws(Problem) {
    var checker = FieldChecker()
    let id = checker.check("id") { () throws(Rejection) in try UsageKey.check(draft.id.text) }
    if let corrects = draft.corrects {
      let original = checker.check("corrects") { () throws(Rejection) in try UsageKey.check(corrects.text) }
      if draft.saysMore { checker.reject("corrects", "What takes an event back says its id and nothing else.") }
      try checker.finish()
      guard let id, let original else { throw Problem(.defect, "A checked field is missing.") }
      guard id != original else { throw .invalid("corrects", "An event doesn't take itself back.") }
      self.init(id, .correction(of: original))
      return
    }
    let at = draft.at.map { text in
      checker.check("at") { () throws(Rejection) in
        guard let at = Timestamp(text.text) else { throw Rejection("Give an instant such as 2026-11-21T09:00:00Z, or none for when it is received.") }
        return at
      }
    }
    let resource = checker.check("resource") { () throws(Rejection) in try UsageMeter.name(draft.resource?.text ?? "") }
    let unit = checker.check("unit") { () throws(Rejection) in try UsageMeter.name(draft.unit?.text ?? "") }
    let preset = draft.preset.map { preset in checker.check("preset") { () throws(Rejection) in try UsageMeter.name(preset.text) } } ?? ""
    let quantity = checker.check("quantity") { () throws(Rejection) in try Quantity(decimal: draft.quantity?.text ?? "") }
    var subject = Subject()
    func name(_ text: String?, _ field: String, _ checker: inout FieldChecker) -> String {
      guard let text else { return "" }
      if text.isEmpty { checker.reject(field, "Leave it out, or name somebody or something.") }
      return text
    }
    subject.member = name(draft.member?.text, "member", &checker)
    subject.serviceAccount = name(draft.serviceAccount?.text, "service_account", &checker)
    if draft.member != nil, draft.serviceAccount != nil { checker.reject("service_account", "Either a member or a service account used it.") }
    subject.project = name(draft.project?.text, "project", &checker)
    subject.subBalance = name(draft.subBalance?.text, "sub_balance", &checker)
    if let cluster = draft.cluster, let checked = checker.check("cluster", { () throws(Rejection) in try DisplayName(cluster.text) }) {
      subject.cluster = checked.text
    }
    try checker.finish()
    guard let id, let resource, let unit, let preset, let quantity else { throw Problem(.defect, "A checked field is missing.") }
    self.init(id, .use(Use(at: at ?? nil, UsageMeter(resource, preset: preset, unit: unit), quantity, of: subject)))
  }
}

extension Wire.UsageEventDraft {
  /// More than what a correction says.
  fileprivate var saysMore: Bool {
    at != nil || resource != nil || preset != nil || unit != nil || quantity != nil || member != nil || serviceAccount != nil || project != nil
      || cluster != nil || subBalance != nil
  }
}

extension Wire.UsageResult {
  fileprivate init(_ id: String, _ result: Result<RecordedUsage, Problem>) {
    switch result {
    case .success(let recorded):
      self.init(id: id, outcome: recorded.isKnown ? .known : .recorded, sequence: Int(recorded.sequence), credits: recorded.charge, problem: nil)
    case .failure(let problem): self.init(id: id, outcome: .refused, sequence: nil, credits: nil, problem: Wire.ProblemSummary(problem))
    }
  }
}

extension Wire.UsageEvent {
  fileprivate init(_ listed: ListedUsageEvent) {
    let (event, series) = (listed.event, listed.series)
    self.init(
      source: listed.source, id: event.id, sequence: Int(event.sequence), at: event.at, resource: series.meter.resource,
      preset: series.meter.preset.isEmpty ? nil : series.meter.preset, unit: series.meter.unit, quantity: event.quantity.description,
      member: series.holderKind == .member ? ID(series.holder) : nil, serviceAccount: series.holderKind == .serviceAccount ? ID(series.holder) : nil,
      project: ID(series.project), cluster: series.cluster.isEmpty ? nil : series.cluster, subBalance: ID(series.subBalance),
      credits: event.price.map { _ in event.charge }, corrects: listed.corrects, correctedBy: listed.correctedBy)
  }
}

extension Wire.UsageRow {
  fileprivate init(_ named: NamedUsageRow) {
    let row = named.row
    self.init(
      start: row.start, key: row.key, name: named.name, resource: row.resource, unit: row.unit, quantity: row.quantity.description, credits: row.charge,
      events: row.events)
  }
}

extension UsageReportRequest.Step {
  fileprivate init(_ step: Wire.UsageStep) {
    self =
      switch step {
      case .all: .all
      case .hour: .hour
      case .day: .day
      case .month: .month
      }
  }
}

extension UsageReportRequest.Dimension {
  fileprivate init(_ dimension: Wire.UsageDimension) {
    self =
      switch dimension {
      case .nothing: .nothing
      case .member: .member
      case .serviceAccount: .serviceAccount
      case .team: .team
      case .project: .project
      case .cluster: .cluster
      case .resource: .resource
      case .preset: .preset
      }
  }
}

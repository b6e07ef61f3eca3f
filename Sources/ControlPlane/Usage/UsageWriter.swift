import Authorization
import Contract
import Kernel
import Ledger
import Storage

/// What one caller tells of an organization's usage at once.
struct UsageOrder: Sendable {
  let caller: Caller
  /// By id or by slug.
  let organization: String
  let source: String
  /// Each as it was read, or why it couldn't be.
  let drafts: [Result<UsageDraft, Problem>]
}

typealias UsageAnswer = Result<[Result<RecordedUsage, Problem>], Problem>

/// Records usage in one transaction with everything else that came for the organization in the meantime: the disk is waited for once, and on PostgreSQL those
/// who come to one server don't meet. Each order is permitted and recorded by itself, and nobody is told before the commit.
actor UsageWriter {
  /// How many events share a transaction at most (an order more than that is taken alone), and how many orders may wait for one organization.
  static let (groupLimit, waitingLimit) = (10_000, 1000)

  private struct Waiting {
    let order: UsageOrder
    let continuation: CheckedContinuation<UsageAnswer, Never>
  }

  private var waiting: [String: [Waiting]] = [:]

  /// Refuses as `.unavailable` when too many others wait.
  func carryOut(_ order: UsageOrder, on plane: ControlPlane) async throws(Problem) -> [Result<RecordedUsage, Problem>] {
    let name = order.organization.lowercased()
    let isBusy = waiting[name] != nil
    guard waiting[name, default: []].count < Self.waitingLimit else {
      throw Problem(.unavailable, "Too much usage of this organization waits to be recorded. Try again in a moment.")
    }
    let answer = await withCheckedContinuation { continuation in
      waiting[name, default: []].append(Waiting(order: order, continuation: continuation))
      // Whoever comes first works for all who come until nobody waits any more.
      if !isBusy { Task { await work(off: name, on: plane) } }
    }
    return try answer.get()
  }

  private func work(off name: String, on plane: ControlPlane) async {
    while let group = waiting[name].map(Self.group), !group.isEmpty {
      waiting[name]?.removeFirst(group.count)
      let answers = await plane.recordUsage(group.map(\.order))
      for (waiting, answer) in zip(group, answers) { waiting.continuation.resume(returning: answer) }
    }
    waiting[name] = nil
  }

  private static func group(_ waiting: [Waiting]) -> [Waiting] {
    var count = 0
    return Array(
      waiting.prefix {
        let isFirst = count == 0
        count += $0.order.drafts.count
        return isFirst || count <= groupLimit
      })
  }
}

extension ControlPlane {
  /// Carries out orders of one organization in one transaction, each by itself.
  fileprivate func recordUsage(_ orders: [UsageOrder]) async -> [UsageAnswer] {
    var answers: [UsageAnswer]
    do {
      answers = try await database.write { [self] tx in
        var answers: [UsageAnswer] = []
        for order in orders {
          let work = Work(tx, caller: order.caller, plane: self)
          do throws(Problem) {
            answers.append(.success(try work.record(order)))
            try work.touchCredential()
          } catch {
            // A statement that failed ends the transaction.
            guard error.kind != .defect, error.kind != .unavailable, error.code != .usageOutOfRange else { throw error }
            answers.append(.failure(work.noted(error)))
          }
        }
        return answers
      }
    } catch {
      guard orders.count > 1, error.kind == .defect || error.code == .usageOutOfRange else { return orders.map { _ in .failure(error) } }
      // One of them can't spoil the others.
      var alone: [UsageAnswer] = []
      for order in orders { alone += await recordUsage([order]) }
      return alone
    }
    for (place, order) in orders.enumerated() {
      if case .failure(let problem) = answers[place], let attempt = problem.cause as? RefusedAttempt {
        do { try await record(attempt, by: order.caller) } catch { answers[place] = .failure(error) }
      }
      if order.caller.notesUse, case .success = answers[place], let digest = order.caller.credential.digest { recentUses.isNews(digest, at: world.clock()) }
    }
    return answers
  }
}

extension Work {
  /// Records what an order tells: what it refuses it refuses before anything is written.
  fileprivate func record(_ order: UsageOrder) throws(Problem) -> [Result<RecordedUsage, Problem>] {
    let (organization, proof, actor) = try recorder(in: order.organization)
    let rows = usageRows
    let log = if let found = try rows.find(organization.id) { found } else { try rows.open(organization.id, under: proof) }
    let source = try rows.source(order.source, in: log)
    let drafts = try source.map { source throws(Problem) in try repeating(order.drafts, of: source, in: log) } ?? order.drafts
    let lines = try UsageLines(drafts, in: organization, log, self)
    var batch = try batch(drafts, lines, source, in: organization, log)
    var answers: [Result<RecordedUsage, Problem>] = []
    answers.reserveCapacity(drafts.count)
    for draft in drafts {
      do throws(Problem) {
        let draft = try draft.get()
        switch draft.content {
        case .use(let use): answers.append(.success(try batch.record(draft.id, use, on: lines.line(of: use))))
        case .correction(let original): answers.append(.success(try batch.correct(draft.id, original)))
        }
      } catch {
        guard error.kind != .defect else { throw error }
        answers.append(.failure(error))
      }
    }
    guard let first = batch.events.first, let last = batch.events.last else { return answers }
    let charges = try book(batch, for: "\(counted(batch.events.count, "event")) of \(order.source)", in: organization, by: actor, under: proof)
    try rows.advance(log, to: last.sequence, under: proof)
    let known = if let source { source } else { try rows.addSource(order.source, in: log, under: proof) }
    try rows.insert(lines.new(among: batch.events), in: log, under: proof)
    try rows.insert(batch.events, of: known, in: log, under: proof)
    try rows.receive(first.sequence...last.sequence, by: actor, in: log, under: proof)
    for charge in charges { try rows.insert(charge.amount, to: charge.account, by: charge.transfer, receipt: last.sequence, in: log, under: proof) }
    try rows.save(batch.meters, in: log, under: proof)
    guard try rows.add(batch.rollups, in: log, under: proof) else {
      throw Problem(.usageOutOfRange, "With these events more would have been used in a month than can be counted. Take a larger unit.")
    }
    return answers
  }

  /// The organization, and the proof that the caller may record what was used there: by their roles, or as the server of one of its workspaces.
  private func recorder(in reference: String) throws(Problem) -> (Organization, Journaled, JournalActor) {
    guard try workspaceServer() != nil else {
      let (organization, permit) = try permit(RecordUsage.self, in: reference)
      return (organization, Journaled(permit), JournalActor(EventActor(try actor())))
    }
    let (workspace, organization) = try served(reference)
    return (organization, Journaled(permit(ReportWorkspaceUsage.self, byProofOf: nil)), JournalActor(EventActor(serverOf: workspace)))
  }

  /// Who names no instant means the first time when the event is repeated, and not now.
  private func repeating(_ drafts: [Result<UsageDraft, Problem>], of source: Int64, in log: UsageLog) throws(Problem) -> [Result<UsageDraft, Problem>] {
    let untimed = drafts.compactMap { draft -> String? in
      guard case .success(let draft) = draft, case .use(let use) = draft.content, use.at == nil else { return nil }
      return draft.id
    }
    guard !untimed.isEmpty else { return drafts }
    let known = try usageRows.events(untimed, of: source, in: log)
    return drafts.map { result in
      result.map { draft in
        guard case .use(var use) = draft.content, use.at == nil, let first = known[draft.id] else { return draft }
        use.at = first.at
        return UsageDraft(draft.id, .use(use))
      }
    }
  }

  /// With everything that the drafts speak of.
  private func batch(
    _ drafts: [Result<UsageDraft, Problem>], _ lines: UsageLines, _ source: Int64?, in organization: Organization, _ log: UsageLog
  ) throws(Problem) -> UsageBatch {
    let rows = usageRows
    var ids: [String] = []
    ids.reserveCapacity(drafts.count)
    var originals: Set<String> = []
    for case .success(let draft) in drafts {
      ids.append(draft.id)
      if case .correction(let original) = draft.content { originals.insert(original) }
    }
    let known = try source.map { source throws(Problem) in try rows.events(ids + originals, of: source, in: log) } ?? [:]
    let mistakes = originals.compactMap { known[$0] }
    let corrected = try rows.corrected(mistakes.map(\.sequence), in: log)
    var series = try rows.series(Set(mistakes.map(\.series)), in: log)
    for line in lines.all { series[line.number] = line.series }
    let versions = try prices.versions(of: lines.resources, for: organization.id)
    let list = PriceList(versions)
    var byNumber = try prices.versions(Set(mistakes.compactMap(\.price))).mapValues(\.price)
    for version in versions { byNumber[version.number] = version.price }
    var meters: Set<UsageBatch.MeterKey> = []
    for each in lines.hours { meters.insert(UsageBatch.meter(of: each.line.series, at: each.hour, list)) }
    for mistake in mistakes {
      if let series = series[mistake.series] { meters.insert(UsageBatch.key(mistake.price, series.meter, mistake.at.start(of: .month))) }
    }
    return UsageBatch(
      at: now, grace: settings.lateUsage, after: log.sequence, prices: list, byNumber: byNumber.compactMapValues { $0 }, known: known, corrected: corrected,
      received: try rows.received(mistakes.map(\.sequence), in: log), series: series, meters: try rows.meters(meters, in: log), expecting: drafts.count)
  }

  /// Charges what was used, and gives back what wasn't.
  private func book(
    _ batch: UsageBatch, for what: String, in organization: Organization, by actor: JournalActor, under proof: Journaled
  ) throws(Problem) -> [(transfer: ID<Transfer>, account: AccountNumber, amount: Credits)] {
    let changes = batch.charges
    guard !changes.isEmpty else { return [] }
    let (used, unused) = (batch.charged(), batch.givenBack())
    var keys: Set<BudgetKey> = []
    for parts in used.values { for part in parts { keys.formUnion(part.keys) } }
    for parts in unused.values { for part in parts { keys.formUnion(part.keys) } }
    var ledger = try openLedger(of: organization.id, accounts: Set(changes.keys), budgetKeys: keys, under: proof)
    let removed = try subBalances.removed(changes.keys, in: organization.id)
    var booked: [(transfer: ID<Transfer>, account: AccountNumber, amount: Credits)] = []
    func record(_ content: Transfer.Content, _ words: String, _ parts: [BudgetPart] = []) throws(Problem) -> ID<Transfer> {
      let note: Note
      do { note = try Note(words) } catch { throw Problem(.defect, "A note can't be written.", cause: error) }
      let transfer = Transfer(tx.newID(), content)
      do throws(Refusal) {
        _ = try ledger.record(Instruction(transfer: transfer, note: note, budgetParts: parts), by: actor)
      } catch {
        throw try problem(error, in: organization.id)
      }
      return transfer.id
    }
    for (account, change) in changes.sorted(by: { $0.key < $1.key }) {
      if let amount = Amount(micro: change.charged.micro) {
        let transfer = try record(.charge(Movement(from: account, to: .used, amount)), "Usage: \(what)", used[account] ?? [])
        booked.append((transfer, account, amount.credits))
      }
      guard let amount = Amount(micro: change.givenBack.micro) else { continue }
      let words = "Usage taken back: \(what)"
      // An allowance has nothing of its own: the credits go back to where it drew them, and it may use as much again.
      let isAllowance = ledger.book.account(account)?.kind.parent != nil
      // What was somebody's who has nothing here any more is the organization's.
      let isGone = removed.contains(account)
      let transfer = try record(.post(Movement(from: .used, to: isAllowance || isGone ? .balance : account, amount)), words)
      if isAllowance, !isGone { _ = try record(.post(Movement(from: .allotments, to: account, amount)), words) }
      booked.append((transfer, account, -amount.credits))
    }
    for (instant, parts) in unused.sorted(by: { $0.key < $1.key }) { ledger.giveBack(parts, countedAt: instant) }
    try store(ledger, under: proof)
    return booked
  }
}

/// The series of a batch's uses, known and new.
private struct UsageLines {
  private struct Key: Hashable {
    let subject: UsageDraft.Subject
    let meter: UsageMeter
  }

  private let subjects: UsageSubjects
  private var lines: [Key: UsageBatch.Line] = [:]
  private var isNew: Set<Int64> = []
  /// Each with the hours in which something was used.
  private(set) var hours: Set<LineHour> = []

  struct LineHour: Hashable {
    let line: UsageBatch.Line
    let hour: Timestamp
  }

  init(_ drafts: [Result<UsageDraft, Problem>], in organization: Organization, _ log: UsageLog, _ work: Work) throws(Problem) {
    var keys: [Key: Set<Timestamp>] = [:]
    // Those that stand side by side are mostly alike.
    var last: (key: Key, hour: Timestamp)?
    for case .success(let draft) in drafts {
      guard case .use(let use) = draft.content else { continue }
      let (key, hour) = (Key(subject: use.subject, meter: use.meter), (use.at ?? work.now).start(of: .hour))
      if let last, last.hour == hour, last.key == key { continue }
      last = (key, hour)
      keys[key, default: []].insert(hour)
    }
    subjects = try UsageSubjects(Set(keys.keys.map(\.subject)), in: organization, work)
    var found: [Key: UsageSubjects.Found] = [:]
    for key in keys.keys { found[key] = try? subjects.find(key.subject) }
    let numbers = try work.usageRows.numbers(of: Set(found.map { $1.series($0.meter) }), in: log)
    var given = numbers
    var next = try work.usageRows.lastSeries(in: log)
    for (key, subject) in found.sorted(by: { $0.value.series($0.key.meter).key < $1.value.series($1.key.meter).key }) {
      let series = subject.series(key.meter)
      if given[series] == nil {
        next += 1
        given[series] = next
        isNew.insert(next)
      }
      let line = subject.line(key.meter, number: try given[series].orDefect())
      lines[key] = line
      for hour in keys[key] ?? [] { hours.insert(LineHour(line: line, hour: hour)) }
    }
  }

  var all: some Collection<UsageBatch.Line> { lines.values }
  var resources: Set<String> { Set(lines.keys.map(\.meter.resource)) }

  func line(of use: UsageDraft.Use) throws(Problem) -> UsageBatch.Line {
    if let line = lines[Key(subject: use.subject, meter: use.meter)] { return line }
    _ = try subjects.find(use.subject)
    throw Problem(.defect, "The series of an event wasn't looked for.")
  }

  /// Those that events are the first of, in their order.
  func new(among events: [UsageEvent]) -> [(number: Int64, series: UsageSeries)] {
    let used = Set(events.map(\.series)).intersection(isNew)
    return Dictionary(lines.values.map { ($0.number, $0.series) }, uniquingKeysWith: { first, _ in first }).filter { used.contains($0.key) }
      .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

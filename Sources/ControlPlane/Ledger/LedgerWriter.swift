import Authorization
import Kernel
import Ledger
import Secrets
import Storage
import Synchronization

/// What one caller asks of an organization's books at once.
struct LedgerOrder: Sendable {
  let caller: Caller
  /// By id or by slug.
  let organization: String
  /// Whether all of it happens or nothing.
  var isLinked = false
  /// Whether an attempt that the rules refuse leaves an event of its own; not where it is then made once more.
  var notesRefusals = true
  /// Says what is asked for, in the transaction that does it, or why a part of it can't be.
  let instructions: @Sendable (Work, Organization) throws(Problem) -> [Result<Instruction, Problem>]
}

/// What came of one instruction.
struct LedgerOutcome: Sendable {
  let record: JournalRecord
  /// The hold that it made or ended.
  let hold: Hold?
}

/// Does what is asked of an organization's books in one transaction with everything else that has been asked in the meantime: the rows are read and written
/// once, and the disk is waited for once.
///
/// Each order is permitted and recorded by itself: a refused one leaves no trace and doesn't touch the others. Nobody is told before the commit.
final class LedgerWriter: Sendable {
  /// How many orders share a transaction at most, and how many may wait for one organization.
  static let (groupLimit, waitingLimit) = (256, 10_000)

  private struct Waiting {
    let order: LedgerOrder
    let finish: @Sendable (LedgerAnswer) -> Void
  }

  private let waiting = Mutex<[String: [Waiting]]>([:])

  /// Refuses as `.unavailable` when too many others wait.
  func carryOut(_ order: LedgerOrder, on plane: ControlPlane) async throws(Problem) -> [Result<LedgerOutcome, Problem>] {
    let answer = await withCheckedContinuation { continuation in
      if !take(order, on: plane, then: { continuation.resume(returning: $0) }) {
        continuation.resume(returning: .failure(Problem(.unavailable, "Too many wait for these books. Try again in a moment.")))
      }
    }
    return try answer.get()
  }

  /// The same for who doesn't wait: `finish` is told what came of it, once and on whichever thread. `false` when too many others wait; nobody is told then.
  func take(_ order: LedgerOrder, on plane: ControlPlane, then finish: @escaping @Sendable (LedgerAnswer) -> Void) -> Bool {
    let name = order.organization.lowercased()
    let standing = waiting.withLock { waiting -> Int in
      let before = waiting[name]?.count
      guard before ?? 0 < Self.waitingLimit else { return Self.waitingLimit }
      waiting[name, default: []].append(Waiting(order: order, finish: finish))
      return before == nil ? 0 : 1
    }
    // Whoever comes first works for all who come until nobody waits any more.
    if standing == 0 { Task { await work(off: name, on: plane) } }
    return standing < Self.waitingLimit
  }

  private func work(off name: String, on plane: ControlPlane) async {
    while let group = next(of: name) {
      let answers = await plane.carryOut(group.map(\.order))
      for (waiting, answer) in zip(group, answers) { waiting.finish(answer) }
    }
  }

  /// Those who share the next transaction; `nil` when nobody waits, and whoever comes then is the first again.
  private func next(of name: String) -> [Waiting]? {
    waiting.withLock { waiting in
      guard let all = waiting[name], !all.isEmpty else {
        waiting[name] = nil
        return nil
      }
      let group = Array(all.prefix(Self.groupLimit))
      waiting[name]?.removeFirst(group.count)
      return group
    }
  }
}

/// What came of each instruction of an order, or why nothing did.
typealias LedgerAnswer = Result<[Result<LedgerOutcome, Problem>], Problem>

extension ControlPlane {
  /// Carries out orders of one organization in one transaction, each by itself.
  fileprivate func carryOut(_ orders: [LedgerOrder]) async -> [LedgerAnswer] {
    var answers: [LedgerAnswer]
    do {
      answers = try await database.write { [self] tx in try LedgerGroup(tx, self).carryOut(orders) }
    } catch {
      guard orders.count > 1, error.kind == .defect else { return orders.map { _ in .failure(error) } }
      // One of them can't spoil the others.
      var alone: [LedgerAnswer] = []
      for order in orders { alone += await carryOut([order]) }
      return alone
    }
    for (place, order) in orders.enumerated() {
      let answer = answers[place]
      if order.notesRefusals, case .failure(let problem) = answer, let attempt = problem.cause as? RefusedAttempt {
        do { try await record(attempt, by: order.caller) } catch { answers[place] = .failure(error) }
      }
      if order.caller.notesUse, case .success = answer, let digest = order.caller.credential.digest { recentUses.isNews(digest, at: world.clock()) }
    }
    return answers
  }
}

/// Orders of one organization within a transaction.
private struct LedgerGroup {
  private struct Permitted {
    let place: Int
    let actor: JournalActor
    let instructions: [Result<Instruction, Problem>]
  }

  /// A caller who may use these credits.
  private struct Admission {
    let work: Work
    let organization: Organization
    let actor: JournalActor
    let proof: Journaled
  }

  private let tx: any Transaction
  private let plane: ControlPlane

  init(_ tx: any Transaction, _ plane: ControlPlane) { (self.tx, self.plane) = (tx, plane) }

  private func admit(_ work: Work, to reference: String) throws(Problem) -> Admission {
    let (organization, permit) = try work.permit(UseCredits.self, in: reference)
    try work.touchCredential()
    return Admission(work: work, organization: organization, actor: JournalActor(EventActor(try work.actor())), proof: Journaled(permit))
  }

  func carryOut(_ orders: [LedgerOrder]) throws(Problem) -> [LedgerAnswer] {
    var answers: [LedgerAnswer] = orders.map { _ in .success([]) }
    var permitted: [Permitted] = []
    // Callers with the same credential are asked for once: nothing that decides changes within the transaction.
    var admissions: [CallerKey: Admission] = [:]
    var opened: Admission?
    for (place, order) in orders.enumerated() {
      let known = admissions[CallerKey(order.caller)]
      let work = known?.work ?? Work(tx, caller: order.caller, plane: plane)
      do throws(Problem) {
        let admission = if let known { known } else { try admit(work, to: order.organization) }
        admissions[CallerKey(order.caller)] = admission
        let instructions = try order.instructions(work, admission.organization)
        permitted.append(Permitted(place: place, actor: admission.actor, instructions: instructions))
        if opened == nil { opened = admission }
      } catch {
        // A statement that failed ends the transaction.
        guard error.kind != .defect, error.kind != .unavailable else { throw error }
        answers[place] = .failure(work.noted(error))
      }
    }
    guard let opened else { return answers }
    let (work, organization, proof) = (opened.work, opened.organization, opened.proof)
    let instructions = permitted.flatMap { $0.instructions.compactMap { try? $0.get() } }
    var ledger = try work.openLedger(
      of: organization.id, for: instructions.map(\.transfer), budgetKeys: instructions.reduce(into: []) { $0.formUnion($1.budgetKeys) }, under: proof)
    for order in permitted {
      answers[order.place] = try carryOut(order, isLinked: orders[order.place].isLinked, in: &ledger, of: organization, work)
    }
    try work.store(ledger, under: proof)
    return answers
  }

  private func carryOut(
    _ order: Permitted, isLinked: Bool, in ledger: inout OpenLedger, of organization: Organization, _ work: Work
  ) throws(Problem) -> LedgerAnswer {
    guard isLinked else {
      var outcomes: [Result<LedgerOutcome, Problem>] = []
      outcomes.reserveCapacity(order.instructions.count)
      for instruction in order.instructions {
        switch instruction {
        case .failure(let problem): outcomes.append(.failure(problem))
        case .success(let instruction):
          do throws(BudgetShortfall) { try ledger.expectWithinBudgets(instruction) } catch {
            outcomes.append(.failure(try work.problem(error, in: organization.id)))
            continue
          }
          do throws(Refusal) {
            let record = try ledger.record(instruction, by: order.actor)
            outcomes.append(.success(ledger.outcome(record)))
          } catch {
            outcomes.append(.failure(try work.problem(error, in: organization.id)))
          }
        }
      }
      return .success(outcomes)
    }
    var instructions: [Instruction] = []
    for (place, instruction) in order.instructions.enumerated() {
      switch instruction {
      case .failure(let problem): return .failure(problem.at(place))
      case .success(let instruction): instructions.append(instruction)
      }
    }
    do throws(LinkedShortfall) { try ledger.expectWithinBudgets(linked: instructions) } catch {
      return .failure(try work.problem(error.shortfall, in: organization.id).at(error.place))
    }
    do throws(LinkedRefusal) {
      let records = try ledger.record(linked: instructions, by: order.actor)
      return .success(records.map { .success(ledger.outcome($0)) })
    } catch {
      return .failure(try work.problem(error.refusal, in: organization.id).at(error.place))
    }
  }
}

extension Problem {
  /// The refusal of a whole list for one transfer in it.
  fileprivate func at(_ place: Int) -> Problem { Problem(code, "Transfer \(place + 1) of the list: \(detail)", quote: quote, cause: cause) }
}

/// What tells callers apart as far as a transaction is concerned.
private struct CallerKey: Hashable {
  private let text: String

  init(_ caller: Caller) {
    switch caller.credential {
    case .none: text = ""
    case .system(let job): text = "system \(job)"
    // Where a request came from stands in events alone, and books keep none.
    case .session(let digest), .token(let digest), .key(let digest), .workspaceKey(let digest), .derived(let digest): text = digest.text
    }
  }
}

extension OpenLedger {
  fileprivate func outcome(_ record: JournalRecord) -> LedgerOutcome {
    switch record.entry.transfer.content {
    case .hold: LedgerOutcome(record: record, hold: book.hold(record.entry.transfer.id.cast()))
    case .settle(let id, _), .release(let id): LedgerOutcome(record: record, hold: book.hold(id))
    case .post, .spend, .charge, .reverse: LedgerOutcome(record: record, hold: nil)
    }
  }
}

extension Work {
  /// A refusal of the books as it is told.
  func problem(_ refusal: Refusal, in organization: ID<Organization>) throws(Problem) -> Problem {
    guard let account = refusal.account, account > AccountPurpose.lastStandard else { return refusal.problem(.balance) }
    guard let found = try subBalances.find(account, in: organization) else { return refusal.problem(.balance) }
    return refusal.problem(AccountLabel(words: "the sub-balance of \(found.name)", level: found.id.description))
  }
}

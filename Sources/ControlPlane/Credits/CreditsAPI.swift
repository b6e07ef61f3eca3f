import Authorization
import Contract
import Kernel
import Ledger

extension CreditUses {
  var operations: [BoundEndpoint] { balanceOperations + subBalanceOperations + holdOperations + journalOperations }

  private var balanceOperations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Credits.readBalance) { call async throws(Problem) in Wire.Balance(try await balance(of: call.path.organization, by: call.caller)) },
      BoundEndpoint(API.Credits.readHistory) { call async throws(Problem) in
        let points = try await history(
          of: call.path.organization, since: call.query.since, until: call.query.until, points: call.query.points, by: call.caller)
        return Wire.BalanceHistory(points: points.map { Wire.BalancePoint(at: $0.at, balance: $0.balance) })
      },
      BoundEndpoint(API.Credits.setOverdraft) { call async throws(Problem) in
        Wire.Balance(try await setOverdraft(call.body.limit(), of: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Credits.topUp) { call async throws(Problem) in
        let body = call.body
        let order = try TopUpOrder(
          id: body.id?.cast(), amount: body.amount.text, kind: body.kind == .promotional ? .promotional : .paid, note: body.note?.text ?? "",
          priority: body.priority, expires: body.expiresAt, subBalances: body.subBalances?.map { $0.cast() } ?? [])
        return Wire.CreditTransfer(try await topUp(order, of: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Credits.correct) { call async throws(Problem) in
        let body = call.body
        return Wire.Balance(
          try await correct(
            CreditCorrection(id: body.id?.cast(), amount: body.amount, balance: body.balance, note: body.note?.text ?? ""), of: call.path.organization,
            by: call.caller))
      },
      BoundEndpoint(API.Credits.listGrants) { call async throws(Problem) in
        let found = try await grants(of: call.path.organization, call.query.page(), by: call.caller)
        let named = try await plane.subBalances.named(Set(found.items.flatMap(\.subBalances)), in: call.path.organization, by: call.caller)
        return Wire.List(found) { Wire.CreditGrant($0, named) }
      },
    ]
  }

  private var subBalanceOperations: [BoundEndpoint] {
    let subBalances = plane.subBalances
    return [
      BoundEndpoint(API.Credits.listSubBalances) { call async throws(Problem) in
        let kind = call.query.holderKind.map { SubBalance.HolderKind($0) }
        let found = try await subBalances.list(in: call.path.organization, of: kind, named: call.query.holder, call.query.page(), by: call.caller)
        let named = try await references(of: found.items.map(\.subBalance), in: call.path.organization, by: call.caller)
        return Wire.List(found) { Wire.SubBalance($0, named[$0.subBalance.id]) }
      },
      BoundEndpoint(API.Credits.createSubBalance) { call async throws(Problem) in
        let body = call.body
        let made = try await subBalances.create(
          SubBalanceDraft(
            holderKind: SubBalance.HolderKind(body.holderKind), holder: body.holder, kind: body.kind == .funds ? .funds : .allowance,
            amount: body.amount?.text ?? "", isUnlimited: body.unlimited ?? false),
          in: call.path.organization, by: call.caller)
        return try await shown(made, in: call.path.organization, by: call.caller)
      },
      BoundEndpoint(API.Credits.readSubBalance) { call async throws(Problem) in
        try await shown(
          subBalances.find(call.path.subBalance.cast(), in: call.path.organization, by: call.caller), in: call.path.organization, by: call.caller)
      },
      BoundEndpoint(API.Credits.updateSubBalance) { call async throws(Problem) in
        let (balance, isUnlimited) = (call.body.balance?.text, call.body.unlimited)
        let after = try await subBalances.update(
          call.path.subBalance.cast(), SubBalanceUpdate(balance: balance, isUnlimited: isUnlimited), seen: call.revision, in: call.path.organization,
          by: call.caller)
        return try await shown(after, in: call.path.organization, by: call.caller)
      },
      BoundEndpoint(API.Credits.deleteSubBalance) { call async throws(Problem) in
        try await subBalances.delete(call.path.subBalance.cast(), seen: call.revision, in: call.path.organization, by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Credits.deposit) { call async throws(Problem) in
        try await shown(
          subBalances.move(
            call.body.amount.text, note: call.body.note?.text ?? "", id: call.body.id?.cast(), into: call.path.subBalance.cast(), isIn: true,
            in: call.path.organization, by: call.caller), in: call.path.organization, by: call.caller)
      },
      BoundEndpoint(API.Credits.withdraw) { call async throws(Problem) in
        try await shown(
          subBalances.move(
            call.body.amount.text, note: call.body.note?.text ?? "", id: call.body.id?.cast(), into: call.path.subBalance.cast(), isIn: false,
            in: call.path.organization, by: call.caller), in: call.path.organization, by: call.caller)
      },
    ]
  }

  private func shown(_ seen: SeenSubBalance, in reference: String, by caller: Caller) async throws(Problem) -> Wire.SubBalance {
    Wire.SubBalance(seen, try await references(of: [seen.subBalance], in: reference, by: caller)[seen.subBalance.id])
  }

  private var holdOperations: [BoundEndpoint] {
    let holds = plane.holds
    return [
      BoundEndpoint(API.Transfers.listHolds) { call async throws(Problem) in
        let state = call.query.state.map { HoldState($0) }
        return Wire.List(try await holds.list(in: call.path.organization, state, call.query.page(), by: call.caller), Wire.Hold.init)
      },
      BoundEndpoint(API.Transfers.createHold) { call async throws(Problem) in
        let body = call.body
        let draft = try HoldDraft(
          id: body.id?.cast(), subBalance: body.subBalance?.cast(), amount: body.amount.text, ceiling: body.ceiling?.text, seconds: body.expiresIn,
          note: body.note?.text ?? "", purpose: SpendingPurpose(body.purpose))
        return Wire.Hold(try await holds.create(draft, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Transfers.readHold) { call async throws(Problem) in
        Wire.Hold(try await holds.find(call.path.hold.cast(), in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Transfers.settle) { call async throws(Problem) in
        Wire.Hold(
          try await holds.settle(
            call.path.hold.cast(), for: call.body.amount.text, note: call.body.note?.text ?? "", in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Transfers.release) { call async throws(Problem) in
        Wire.Hold(try await holds.release(call.path.hold.cast(), in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Transfers.charge) { call async throws(Problem) in
        let body = call.body
        let draft = try ChargeDraft(
          id: body.id?.cast(), subBalance: body.subBalance?.cast(), amount: body.amount.text, asksFirst: body.askFirst ?? false, note: body.note?.text ?? "",
          purpose: SpendingPurpose(body.purpose))
        return Wire.CreditTransfer(try await holds.charge(draft, in: call.path.organization, by: call.caller))
      },
    ]
  }

  private var journalOperations: [BoundEndpoint] {
    let holds = plane.holds
    return [
      BoundEndpoint(API.Transfers.listTransfers) { call async throws(Problem) in
        let filter = StatementFilter(kind: call.query.kind?.rawValue, since: call.query.since, until: call.query.until)
        let found = try await statement(of: call.path.organization, subBalance: call.query.subBalance?.cast(), filter, call.query.page(), by: call.caller)
        let named = try await references(
          of: found.items.flatMap { [$0.debit.subBalance, $0.credit.subBalance].compactMap { $0 } }, in: call.path.organization, by: call.caller)
        return Wire.List(found) { Wire.CreditTransfer($0, named) }
      },
      BoundEndpoint(API.Transfers.readTransfer) { call async throws(Problem) in
        let found = try await transfer(call.path.transfer.cast(), in: call.path.organization, by: call.caller)
        let named = try await references(of: [found.debit.subBalance, found.credit.subBalance].compactMap { $0 }, in: call.path.organization, by: call.caller)
        return Wire.CreditTransfer(found, named)
      },
      BoundEndpoint(API.Transfers.transferMany) { call async throws(Problem) in
        let transfers = try BatchedTransfer.parsing(call.body.transfers)
        let results = try await holds.carryOut(transfers, isLinked: call.body.linked ?? false, in: call.path.organization, by: call.caller)
        return Wire.TransferResults(results: zip(transfers, results).map { Wire.TransferResult($0.id, $1) })
      },
      BoundEndpoint(API.Transfers.reverse) { call async throws(Problem) in
        Wire.CreditTransfer(try await holds.reverse(call.path.transfer.cast(), in: call.path.organization, by: call.caller))
      },
    ]
  }
}

extension Wire.Overdraft {
  /// How far below zero; `nil` for no limit.
  fileprivate func limit() throws(Problem) -> Credits? {
    if overdraft.text == "unlimited" { return nil }
    return try Problem.checking("overdraft") { () throws(Rejection) in try Credits(decimal: overdraft.text) }
  }
}

extension EffectiveLimit {
  /// `nil` where nothing limits.
  var credits: Credits? {
    switch self {
    case .unlimited: nil
    case .credits(let credits, _): credits
    }
  }
}

extension Wire.Balance {
  init(_ seen: CreditBalance) {
    let floor: Credits? = if case .floor(let floor) = seen.limit { -floor } else { nil }
    self.init(
      balance: seen.balance, held: seen.held, available: seen.available.credits, unlimited: seen.limit == .unlimited, overdraft: floor, used: seen.used,
      granted: seen.granted, asOf: seen.asOf)
  }
}

extension Wire.CreditGrant {
  /// `named` says whose sub-balances are.
  init(_ listed: ListedGrant, _ named: [ID<SubBalance>: String] = [:]) {
    let holders = listed.subBalances.compactMap { named[$0] }
    self.init(
      id: listed.grant.id.cast(), kind: listed.kind == .paid ? .paid : .promotional, granted: listed.grant.granted.credits, remaining: listed.grant.remaining,
      priority: listed.grant.priority, expiresAt: listed.grant.expires, subBalances: listed.subBalances.isEmpty ? nil : listed.subBalances.map { $0.cast() },
      holders: holders.isEmpty || holders.count < listed.subBalances.count ? nil : holders, note: listed.note.text, createdAt: listed.createdAt)
  }
}

extension SubBalance.HolderKind {
  init(_ kind: Wire.HolderKind) {
    self =
      switch kind {
      case .member: .member
      case .serviceAccount: .serviceAccount
      case .project: .project
      case .cluster: .cluster
      }
  }
}

extension Wire.HolderKind {
  init(_ kind: SubBalance.HolderKind) {
    self =
      switch kind {
      case .member: .member
      case .serviceAccount: .serviceAccount
      case .project: .project
      case .cluster: .cluster
      }
  }
}

extension Wire.SubBalance {
  init(_ seen: SeenSubBalance, _ reference: String? = nil) {
    let subBalance = seen.subBalance
    self.init(
      id: subBalance.id.cast(), holderKind: Wire.HolderKind(subBalance.holder.kind), holder: subBalance.holder.key, name: subBalance.holder.name,
      reference: reference, kind: seen.kind == .funds ? .funds : .allowance, balance: seen.balance, held: seen.held, unlimited: seen.isUnlimited,
      available: seen.available.credits,
      limitedBy: seen.limitedBy, createdAt: subBalance.createdAt, revision: subBalance.revision)
  }
}

extension HoldState {
  init(_ state: Wire.HoldState) {
    self =
      switch state {
      case .live: .live
      case .settled: .settled
      case .released: .released
      case .expired: .expired
      }
  }
}

extension Wire.HoldState {
  init(_ state: HoldState) {
    self =
      switch state {
      case .live: .live
      case .settled: .settled
      case .released: .released
      case .expired: .expired
      }
  }
}

extension Wire.JournalActor {
  init(_ actor: JournalActor) {
    let kind: Kind =
      switch actor.kind {
      case .account: .account
      case .serviceAccount: .serviceAccount
      case .system: .system
      case .anonymous: .anonymous
      }
    self.init(kind: kind, id: actor.id)
  }
}

extension Wire.Hold {
  init(_ seen: SeenHold) {
    let hold = seen.hold
    let settled: Credits? = if case .settled(let amount, _) = hold.state { amount.credits } else { nil }
    self.init(
      id: hold.id.cast(), subBalance: seen.subBalance?.id.cast(), amount: hold.movement.amount.credits, ceiling: hold.ceiling.credits,
      state: Wire.HoldState(seen.state), settled: settled, createdAt: hold.since, expiresAt: hold.expires, note: seen.note.text,
      actor: Wire.JournalActor(seen.actor))
  }
}

extension Holds {
  /// What `API.Transfers.charge` does with a body as platforms send it by the thousand, for who doesn't wait.
  ///
  /// `finish` is told of the transfer's id and of the answer's body, once and on whichever thread; of `nil` where the same request is to be answered as any
  /// other is, which tells why it was refused. `false` where it is to be answered so from the beginning: nobody is told then, and nothing is done.
  public func charge(
    _ body: [UInt8], in reference: String, by caller: Caller, then finish: @escaping @Sendable ((id: String, body: [UInt8])?) -> Void
  ) -> Bool {
    // With an id of the client's own it can be asked for again.
    guard let asked = Wire.ChargeDraft.readAtOnce(body), let id = asked.id,
      let draft = try? ChargeDraft(id: id.cast(), amount: asked.amount.text, note: asked.note?.text ?? "")
    else { return false }
    return charge(draft, in: reference, by: caller) { record in
      finish(record.map { record in
        let transfer = Wire.CreditTransfer(record)
        return (transfer.segment, transfer.written())
      })
    }
  }
}

extension Wire.CreditTransfer {
  /// `holders` says whose sub-balances are.
  init(_ named: NamedRecord, _ holders: [ID<SubBalance>: String] = [:]) {
    let (record, entry) = (named.record, named.record.entry)
    self.init(
      id: entry.transfer.id.cast(), sequence: Int(entry.sequence), at: entry.at, kind: Wire.TransferKind(entry.transfer.content),
      amount: record.movement.amount.credits, from: named.debit.text, to: named.credit.text,
      fromHolder: named.debit.subBalance.flatMap { holders[$0.id] }, toHolder: named.credit.subBalance.flatMap { holders[$0.id] },
      subject: entry.transfer.content.subject?.cast(),
      note: record.note.text, actor: Wire.JournalActor(record.actor))
  }
}

extension Wire.TransferKind {
  fileprivate init(_ content: Transfer.Content) {
    self =
      switch content {
      case .post: .post
      case .spend: .spend
      case .charge: .charge
      case .hold: .hold
      case .settle: .settle
      case .release: .release
      case .reverse: .reverse
      }
  }
}

extension AccountName {
  fileprivate var subBalance: SubBalance? { if case .subBalance(let found) = self { found } else { nil } }

  /// As programs know it.
  fileprivate var text: String {
    switch self {
    case .standard(let purpose): purpose.rawValue
    case .subBalance(let subBalance): subBalance.id.description
    }
  }
}

extension BatchedTransfer {
  /// Refuses all when one can't be read, with each fault at its place.
  fileprivate static func parsing(_ drafts: [Wire.BatchedTransfer]) throws(Problem) -> [BatchedTransfer] {
    try expectFew(drafts.count)
    var transfers: [BatchedTransfer] = []
    transfers.reserveCapacity(drafts.count)
    var faults: [FieldFault] = []
    for (place, draft) in drafts.enumerated() {
      do throws(Problem) {
        transfers.append(try BatchedTransfer(draft))
      } catch {
        faults += error.faults.map { FieldFault("transfers/\(place)/\($0.field)", $0.detail) }
        if faults.count >= 20 { break }
      }
    }
    guard faults.isEmpty else { throw Problem(.invalid, "\(faults.count) fields of these transfers need a look.", faults: faults) }
    return transfers
  }

  private init(_ draft: Wire.BatchedTransfer) throws(Problem) {
    var checker = FieldChecker()
    let note = checker.check("note") { () throws(Rejection) in try draft.note.map { text throws(Rejection) in try Note(text.text) } ?? .empty }
    func subject() -> ID<Transfer>? {
      if draft.subject == nil { checker.reject("subject", "Name what is ended or taken back.") }
      return draft.subject?.cast()
    }
    func amount() -> Amount? { checker.amount(draft.amount?.text ?? "") }
    let subBalance: ID<SubBalance>? = draft.subBalance?.cast()
    var content: Content?
    switch draft.kind {
    case .charge: content = amount().map { .charge($0, subBalance) }
    case .spend: content = amount().map { .spend($0, subBalance) }
    case .hold:
      let asked = amount()
      let ceiling = draft.ceiling.map { checker.amount($0.text, field: "ceiling") } ?? asked
      if draft.expiresAt == nil { checker.reject("expires_at", "Say when the hold ends by itself.") }
      if let asked, let ceiling, let expires = draft.expiresAt { content = .hold(asked, ceiling: ceiling, subBalance, expires: expires) }
    case .settle:
      let (hold, asked) = (subject(), amount())
      if let hold, let asked { content = .settle(hold.cast(), asked) }
    case .release: content = subject().map { .release($0.cast()) }
    case .reverse: content = subject().map { .reverse($0) }
    }
    try checker.finish()
    guard let content, let note else { throw Problem(.defect, "A checked field is missing.") }
    self.init(draft.id.cast(), content, note: note, purpose: SpendingPurpose(draft.purpose))
  }
}

extension Wire.TransferResult {
  fileprivate init(_ id: ID<Transfer>, _ result: Result<LedgerOutcomeSummary, Problem>) {
    switch result {
    case .success(let outcome): self.init(id: id.cast(), sequence: Int(outcome.sequence), problem: nil)
    case .failure(let problem): self.init(id: id.cast(), sequence: nil, problem: Wire.ProblemSummary(problem))
    }
  }
}

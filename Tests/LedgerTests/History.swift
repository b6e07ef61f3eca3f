import Kernel
import Ledger

/// A random history of one organization: a store that is read and written batch by batch, and the auditor beside it.
struct History<Kept: Books> {
  /// Whether a batch acts on balances that were read before the last batch was written.
  var readsStale = false
  private var random: SplitMix
  private var store = Store()
  private var auditor = Auditor()
  private var clock = Sample.noon
  private var requests: [[Transfer]] = []
  private var lastNumber = 0
  /// How often each answer was given.
  private(set) var seen: [Auditor.Verdict: Int] = [:]

  init(seed: UInt64, readsStale: Bool = false) {
    random = SplitMix(seed: seed)
    self.readsStale = readsStale
  }

  /// Lives through that many requests. Answers the first thing that is wrong.
  mutating func run(_ steps: Int) -> String? {
    var step = 0
    var stale = store
    while step < steps {
      tick()
      let batch = (0...draw(3)).map { _ in request() }
      var rows = store.rows(for: batch.flatMap { $0 }, at: clock)
      if readsStale { rows.accounts = rows.accounts.map { stale.accounts[$0.number] ?? $0 } }
      stale = store
      do throws(Refusal) {
        var book = try Kept(at: clock, after: store.head, rows)
        for request in batch {
          if let fault = ask(request, of: &book) { return "step \(step), \(request): \(fault)" }
          step += 1
        }
        store.save(book)
      } catch {
        return "step \(step): the books don't open: \(error)"
      }
      if let difference = store.difference(from: auditor) { return "step \(step): \(difference)" }
    }
    return nil
  }

  // MARK: Asking

  private mutating func ask(_ request: [Transfer], of book: inout Kept) -> String? {
    let before = book.newEntries.count
    let now = max(clock, book.head.at)
    if request.count == 1 {
      let transfer = request[0]
      let verdict = auditor.verdict(on: transfer, at: now)
      seen[Self.kind(verdict), default: 0] += 1
      do throws(Refusal) {
        return compare([try book.record(transfer)], with: verdict, new: book.newEntries.count - before)
      } catch {
        if Auditor.Verdict(error) != verdict { return "answered \(error), should be \(verdict)" }
      }
    } else {
      // The auditor accepts one after the other, and forgets them all when one can't be.
      var trial = auditor
      var verdict = Auditor.Verdict.accepted
      var place = 0
      if let known = repeatedChain(request) {
        verdict = known
      } else {
        for (number, transfer) in request.enumerated() {
          (verdict, place) = (trial.verdict(on: transfer, at: now, alone: false), number)
          guard verdict == .accepted else { break }
          let sequence = Int64(trial.journal.count) + 1
          _ = trial.accept(JournalEntry(sequence: sequence, at: max(now, trial.at), links: sequence..<sequence + 1, transfer: transfer))
        }
      }
      seen[Self.kind(verdict), default: 0] += 1
      do throws(LinkedRefusal) {
        return compare(try book.record(linked: request), with: verdict, new: book.newEntries.count - before)
      } catch {
        if Auditor.Verdict(error.refusal) != verdict || verdict != .idReused && error.place != place { return "answered \(error), should be \(verdict) at \(place)" }
      }
    }
    return book.newEntries.count == before ? nil : "refused, but recorded"
  }

  private mutating func compare(_ entries: [JournalEntry], with verdict: Auditor.Verdict, new: Int) -> String? {
    switch verdict {
    case .repeated:
      if new != 0 { return "a repeat was recorded again" }
      for entry in entries where auditor.journal.first(where: { $0.transfer.id == entry.transfer.id }) != entry { return "a repeat was answered otherwise: \(entry)" }
      return nil
    case .accepted:
      if new != entries.count { return "accepted, but not recorded" }
      for entry in entries {
        if let fault = auditor.accept(entry) { return fault }
        if entry.links.count != entries.count { return "entry \(entry.sequence) has other links than its chain" }
      }
      return nil
    default: return "accepted \(entries), should be \(verdict)"
    }
  }

  /// What has to be answered to a chain whose first id is known.
  private func repeatedChain(_ request: [Transfer]) -> Auditor.Verdict? {
    let known = request.map { transfer in auditor.journal.first { $0.transfer.id == transfer.id } }
    guard let first = known.first ?? nil else { return nil }
    return zip(request, known).allSatisfy { $0 == $1?.transfer && $1?.links == first.links } && first.links.count == request.count
      && known.map({ $0?.sequence ?? 0 }) == Array(first.links) ? .repeated : .idReused
  }

  private static func kind(_ verdict: Auditor.Verdict) -> Auditor.Verdict {
    if case .short = verdict { return .short(at: 0, missing: 0) }
    return verdict
  }

  // MARK: Making requests

  private mutating func draw(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

  private mutating func pick<Value>(_ values: [Value]) -> Value { values[draw(values.count)] }

  private mutating func tick() {
    clock = clock + pick([0, 0, 1, 1, 2, 5, 12, -1, -2, -9])
    // Often the very instant at which a hold expires, or the one before.
    if draw(5) == 0, let hold = auditor.holds.last(where: { $0.ending == nil && $0.expires > auditor.at }) { clock = hold.expires + pick([0, 0, -1]) }
  }

  private mutating func request() -> [Transfer] {
    if !requests.isEmpty, draw(12) == 0 {
      let known = requests[max(0, requests.count - 1 - draw(30))]
      // Now and then one that was linked comes alone, or others come in another order.
      switch draw(6) {
      case 0: return [known[draw(known.count)]]
      case 1: return known.reversed()
      default: return known
      }
    }
    let request = draw(7) == 0 ? (0...draw(3) + 1).map { _ in transfer() } : [transfer()]
    requests.append(request)
    return request
  }

  private mutating func transfer() -> Transfer {
    lastNumber += 1
    // Now and then an id that was used before.
    return Transfer(draw(25) == 0 ? id(1 + draw(lastNumber)) : id(lastNumber), content())
  }

  private mutating func content() -> Transfer.Content {
    let sources = [Sample.member, Sample.member, Sample.project, Sample.cluster, Sample.free, Sample.organization, Sample.wallet]
    switch draw(20) {
    case 0, 1: return .post(Movement(pick([Sample.paid, Sample.vouchers]), pick([Sample.organization, Sample.organization, Sample.wallet]), 4 * size()))
    case 2, 3: return .post(Movement(Sample.allotted, pick([Sample.project, Sample.member, Sample.cluster, Sample.free]), 4 * size()))
    case 4:
      let to = pick([Sample.wallet, Sample.organization, Sample.paid, Sample.vouchers, Sample.allotted])
      return .post(Movement(pick([Sample.organization, Sample.wallet, Sample.member]), to, size()))
    case 5, 6: return .spend(Movement(pick(sources), pick([Sample.earned, Sample.earned, Sample.wallet]), size()))
    case 7, 8: return .charge(Movement(pick(sources), Sample.earned, size()))
    case 9, 10, 11, 12:
      let most = size()
      return .hold(Movement(pick(sources), Sample.earned, most), ceiling: amount(max(most, size())), expires: max(clock, auditor.at) + (1 + draw(30)))
    case 13, 14, 15: return .settle(someHold(), amount(size()))
    case 16: return .release(someHold())
    case 17, 18: return .reverse(someID())
    default:
      let all = [Sample.paid, Sample.organization, Sample.earned, Sample.allotted, Sample.project, Sample.member, Sample.unknown]
      let movement = Movement(pick(all), pick(all), size())
      return pick([.post(movement), .spend(movement), .charge(movement), .hold(movement, ceiling: amount(size()), expires: clock + (draw(3) - 1))])
    }
  }

  private mutating func size() -> Int64 { Int64(1 + draw(40)) }

  /// Mostly one of the last holds, in whatever state.
  private mutating func someHold() -> ID<Hold> {
    let holds = auditor.holds
    return holds.isEmpty || draw(15) == 0 ? holdID(1 + draw(lastNumber)) : holds[max(0, holds.count - 1 - draw(6))].id
  }

  private mutating func someID() -> ID<Transfer> {
    let journal = auditor.journal
    return journal.isEmpty || draw(15) == 0 ? id(1 + draw(lastNumber)) : journal[max(0, journal.count - 1 - draw(12))].transfer.id
  }
}

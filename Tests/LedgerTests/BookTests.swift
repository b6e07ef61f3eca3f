import Kernel
import Ledger
import Testing

@Suite struct BookTests {
  static let noon = Sample.noon

  /// The organization has 100, the project may draw 80 of it, the member 50 through the project.
  static func books() throws -> Book {
    var book = try Book(at: noon, after: .beginning, accounts: Sample.accounts)
    _ = try book.record(transfer(1, .post(Movement(Sample.paid, Sample.organization, 100))))
    _ = try book.record(transfer(2, .post(Movement(Sample.allotted, Sample.project, 80))))
    _ = try book.record(transfer(3, .post(Movement(Sample.allotted, Sample.member, 50))))
    return book
  }

  /// The same rows at another time of the clock.
  static func reopened(_ book: Book, at clock: Timestamp) throws -> Book {
    try Book(
      at: clock, after: book.head, accounts: Sample.accounts.compactMap { book.account($0.number) }, holds: Array(book.newHolds), entries: Array(book.newEntries),
      reversed: Set(book.newEntries.compactMap { if case .reverse(let id) = $0.transfer.content { id } else { nil } }))
  }

  static func balances(_ book: Book) -> [Int64] { [Sample.organization, Sample.project, Sample.member, Sample.earned].map { book.account($0)?.balance.micro ?? .min } }
  static func available(_ book: Book) -> [Int64] { [Sample.organization, Sample.project, Sample.member].map { book.account($0)?.available.micro ?? .min } }

  // MARK: Levels

  @Test func `A draw passes every level, and each level balances`() throws {
    var book = try Self.books()
    let entry = try book.record(transfer(10, .spend(Movement(Sample.member, Sample.earned, 20))))
    #expect(
      book.postings.filter { $0.sequence == entry.sequence } == [
        Posting(sequence: 4, at: Self.noon, debit: Sample.member, credit: Sample.allotted, amount: amount(20)),
        Posting(sequence: 4, at: Self.noon, debit: Sample.project, credit: Sample.allotted, amount: amount(20)),
        Posting(sequence: 4, at: Self.noon, debit: Sample.organization, credit: Sample.earned, amount: amount(20)),
      ])
    #expect(Self.balances(book) == [80, 60, 30, 20])
    #expect(book.account(Sample.allotted)?.balance == micro(90))
    #expect(book.account(Sample.paid)?.balance == micro(100))
  }

  @Test func `The effective limit is the tightest level; of equals the nearest`() throws {
    var book = try Self.books()
    #expect(try book.effectiveLimit(of: Sample.member) == .credits(micro(50), at: Sample.member))
    #expect(try book.effectiveLimit(of: Sample.free) == .credits(micro(100), at: Sample.organization))
    #expect(try book.effectiveLimit(of: Sample.cluster) == .credits(micro(10), at: Sample.cluster))
    #expect(try book.effectiveLimit(of: Sample.earned) == .unlimited)
    _ = try book.record(transfer(10, .spend(Movement(Sample.project, Sample.earned, 30))))
    #expect(try book.effectiveLimit(of: Sample.member) == .credits(micro(50), at: Sample.member))
    _ = try book.record(transfer(11, .hold(Movement(Sample.organization, Sample.earned, 21), ceiling: amount(21), expires: Self.noon + 1)))
    #expect(try book.effectiveLimit(of: Sample.member) == .credits(micro(49), at: Sample.organization))
    #expect(throws: Refusal.unfitAccount(Sample.paid)) { try book.effectiveLimit(of: Sample.paid) }
    #expect(throws: Refusal.unknownAccount(Sample.unknown)) { try book.effectiveLimit(of: Sample.unknown) }
  }

  // MARK: Arrears

  @Test func `What has happened goes into arrears, what asks then waits, and a top-up pays them off first`() throws {
    var book = try Self.books()
    _ = try book.record(transfer(10, .charge(Movement(Sample.member, Sample.earned, 120))))
    #expect(Self.balances(book) == [-20, -40, -70, 120])
    let lack = Refusal.insufficientCredits(Shortfall(account: Sample.member, available: micro(-70), missing: amount(71)))
    #expect(throws: lack) { try book.record(transfer(11, .spend(Movement(Sample.member, Sample.earned, 1)))) }
    _ = try book.record(transfer(12, .post(Movement(Sample.allotted, Sample.member, 71))))
    _ = try book.record(transfer(13, .post(Movement(Sample.allotted, Sample.project, 41))))
    _ = try book.record(transfer(14, .post(Movement(Sample.paid, Sample.organization, 20))))
    let nothing = Refusal.insufficientCredits(Shortfall(account: Sample.organization, available: .zero, missing: amount(1)))
    #expect(throws: nothing) { try book.record(transfer(11, .spend(Movement(Sample.member, Sample.earned, 1)))) }
    _ = try book.record(transfer(15, .post(Movement(Sample.paid, Sample.organization, 1))))
    _ = try book.record(transfer(11, .spend(Movement(Sample.member, Sample.earned, 1))))
    #expect(Self.balances(book) == [0, 0, 0, 121])
  }

  @Test func `Nothing can be settled twice over: what is held stays set aside from a charge's arrears`() throws {
    var book = try Self.books()
    _ = try book.record(transfer(10, .hold(Movement(Sample.member, Sample.earned, 50), ceiling: amount(60), expires: Self.noon + 1)))
    _ = try book.record(transfer(11, .charge(Movement(Sample.member, Sample.earned, 30))))
    #expect(Self.available(book) == [20, 0, -30])
    #expect(throws: Refusal.insufficientCredits(Shortfall(account: Sample.member, available: micro(-30), missing: amount(31)))) {
      try book.record(transfer(12, .settle(holdID(10), amount(51))))
    }
    // What was set aside is settled all the same.
    _ = try book.record(transfer(12, .settle(holdID(10), amount(50))))
    #expect(Self.balances(book) == [20, 0, -30, 80])
    #expect(Self.available(book) == [20, 0, -30])
  }

  // MARK: Holds

  @Test(arguments: [
    (settled: 10, balances: [90, 70, 40, 10]), (settled: 30, balances: [70, 50, 20, 30]), (settled: 45, balances: [55, 35, 5, 45]), (settled: 50, balances: [50, 30, 0, 50]),
  ] as [(Int64, [Int64])])
  func `A hold is settled for less, as much, or more`(settled: Int64, balances: [Int64]) throws {
    var book = try Self.books()
    _ = try book.record(transfer(10, .hold(Movement(Sample.member, Sample.earned, 30), ceiling: amount(50), expires: Self.noon + 1)))
    #expect(Self.balances(book) == [100, 80, 50, 0])
    #expect(Self.available(book) == [70, 50, 20])
    _ = try book.record(transfer(11, .settle(holdID(10), amount(settled))))
    #expect(Self.balances(book) == balances)
    #expect(Self.available(book) == Array(balances.prefix(3)))
    #expect(book.hold(holdID(10))?.state == .settled(amount(settled), by: id(11)))
  }

  @Test func `A release gives all levels back what was held of them`() throws {
    var book = try Self.books()
    _ = try book.record(transfer(10, .hold(Movement(Sample.member, Sample.earned, 30), ceiling: amount(30), expires: Self.noon + 1)))
    _ = try book.record(transfer(11, .release(holdID(10))))
    #expect(Self.available(book) == [100, 80, 50])
    #expect(book.hold(holdID(10))?.state == .released(by: id(11)))
    #expect(book.postings.count == 3)
  }

  @Test(arguments: [(-1, true), (0, false), (1, false)])
  func `A hold counts up to the instant before it expires`(offset: Int, isLive: Bool) throws {
    var book = try Self.books()
    _ = try book.record(transfer(10, .hold(Movement(Sample.member, Sample.earned, 30), ceiling: amount(30), expires: Self.noon + 100)))
    var later = try Self.reopened(book, at: Self.noon + (100 + offset))
    #expect(Self.available(later) == (isLive ? [70, 50, 20] : [100, 80, 50]))
    #expect(later.hold(holdID(10))?.state == (isLive ? .live : .expired))
    #expect(later.hold(holdID(10))?.isLive(at: later.head.at) == isLive)
    // No job has tidied it up: whoever decides does, and says so.
    #expect(later.changedHolds.count == (isLive ? 0 : 1))
    #expect(later.changedAccounts.map(\.number).sorted() == (isLive ? [] : [Sample.organization, Sample.project, Sample.member]).sorted())
    if isLive {
      _ = try later.record(transfer(11, .settle(holdID(10), amount(30))))
    } else {
      #expect(throws: Refusal.holdExpired(holdID(10))) { try later.record(transfer(11, .settle(holdID(10), amount(30)))) }
      _ = try later.record(transfer(12, .spend(Movement(Sample.member, Sample.earned, 50))))
    }
  }

  @Test func `A clock that goes back brings no hold back`() throws {
    var book = try Self.books()
    _ = try book.record(transfer(10, .hold(Movement(Sample.member, Sample.earned, 30), ceiling: amount(30), expires: Self.noon + 100)))
    var later = try Book(
      at: Self.noon + 50, after: LedgerHead(sequence: book.head.sequence, at: Self.noon + 100),
      accounts: Sample.accounts.compactMap { book.account($0.number) }, holds: Array(book.newHolds))
    #expect(later.head.at == Self.noon + 100)
    #expect(later.hold(holdID(10))?.state == .expired)
    #expect(try later.record(transfer(11, .spend(Movement(Sample.member, Sample.earned, 50)))).at == Self.noon + 100)
  }

  @Test func `A settlement is answered as the first time, whatever the time is`() throws {
    var book = try Self.books()
    _ = try book.record(transfer(10, .hold(Movement(Sample.member, Sample.earned, 30), ceiling: amount(30), expires: Self.noon + 100)))
    let entry = try book.record(transfer(11, .settle(holdID(10), amount(20))))
    var later = try Self.reopened(book, at: Self.noon + 1000)
    #expect(try later.record(transfer(11, .settle(holdID(10), amount(20)))) == entry)
    #expect(throws: Refusal.idReused(id(11))) { try later.record(transfer(11, .settle(holdID(10), amount(21)))) }
    #expect(throws: Refusal.holdSettled(holdID(10))) { try later.record(transfer(12, .settle(holdID(10), amount(20)))) }
    #expect(later.newEntries.isEmpty && later.changedAccounts.isEmpty && later.changedHolds.isEmpty)
  }

  // MARK: Reversals

  @Test(arguments: [
    Transfer.Content.post(Movement(Sample.paid, Sample.organization, 7)), .post(Movement(Sample.allotted, Sample.member, 7)), .post(Movement(Sample.member, Sample.allotted, 7)),
    .spend(Movement(Sample.member, Sample.earned, 7)), .charge(Movement(Sample.member, Sample.earned, 700)), .settle(holdID(10), amount(8)),
  ])
  func `A reversal moves back what was moved, once`(content: Transfer.Content) throws {
    var book = try Self.books()
    _ = try book.record(transfer(10, .hold(Movement(Sample.member, Sample.earned, 10), ceiling: amount(10), expires: Self.noon + 9)))
    let before = Sample.accounts.compactMap { book.account($0.number)?.balance }
    _ = try book.record(transfer(11, content))
    _ = try book.record(transfer(12, .reverse(id(11))))
    #expect(Sample.accounts.compactMap { book.account($0.number)?.balance } == before)
    #expect(throws: Refusal.alreadyReversed(id(11))) { try book.record(transfer(13, .reverse(id(11)))) }
    #expect(throws: Refusal.notReversible(id(12))) { try book.record(transfer(13, .reverse(id(12)))) }
    var later = try Self.reopened(book, at: Self.noon + 1)
    #expect(throws: Refusal.alreadyReversed(id(11))) { try later.record(transfer(13, .reverse(id(11)))) }
  }

  @Test func `A hold stays settled when its settlement is reversed`() throws {
    var book = try Self.books()
    _ = try book.record(transfer(10, .hold(Movement(Sample.member, Sample.earned, 10), ceiling: amount(10), expires: Self.noon + 9)))
    _ = try book.record(transfer(11, .settle(holdID(10), amount(10))))
    _ = try book.record(transfer(12, .reverse(id(11))))
    #expect(throws: Refusal.holdSettled(holdID(10))) { try book.record(transfer(13, .settle(holdID(10), amount(10)))) }
    #expect(Self.available(book) == [100, 80, 50])
  }

  // MARK: Linked transfers

  @Test func `Linked transfers see each other, and are one`() throws {
    var book = try Self.books()
    _ = try book.record(transfer(10, .hold(Movement(Sample.member, Sample.earned, 50), ceiling: amount(50), expires: Self.noon + 9)))
    // More was used than was agreed: what was held is settled, and the rest recorded with it.
    let chain = [transfer(11, .settle(holdID(10), amount(50))), transfer(12, .charge(Movement(Sample.member, Sample.earned, 5)))]
    let entries = try book.record(linked: chain)
    #expect(entries.map(\.sequence) == [5, 6] && entries.allSatisfy { $0.links == 5..<7 })
    #expect(Self.balances(book) == [45, 25, -5, 55])
    #expect(try book.record(linked: chain) == entries)
    var later = try Self.reopened(book, at: Self.noon + 1)
    #expect(try later.record(linked: chain) == entries)
    #expect(later.newEntries.isEmpty)
    // The same transfers in other company are others.
    #expect(throws: Refusal.idReused(id(11))) { try later.record(chain[0]) }
    #expect(throws: LinkedRefusal(place: 0, refusal: .idReused(id(11)))) { try later.record(linked: [chain[0]]) }
    #expect(throws: LinkedRefusal(place: 0, refusal: .idReused(id(12)))) { try later.record(linked: chain.reversed()) }
    let more = chain + [transfer(13, .charge(Movement(Sample.member, Sample.earned, 5)))]
    #expect(throws: LinkedRefusal(place: 0, refusal: .idReused(id(11)))) { try later.record(linked: more) }
    #expect(throws: LinkedRefusal(place: 1, refusal: .idReused(id(11)))) { try later.record(linked: [more[2]] + chain) }
    #expect(later.newEntries.isEmpty && later.changedAccounts.isEmpty)
  }

  @Test func `When one of the linked is refused, none has happened`() throws {
    var book = try Self.books()
    _ = try book.record(transfer(10, .hold(Movement(Sample.member, Sample.earned, 10), ceiling: amount(10), expires: Self.noon + 9)))
    _ = try book.record(transfer(11, .charge(Movement(Sample.project, Sample.earned, 10))))
    var chained = try Self.reopened(book, at: Self.noon + 1)
    let chain = [
      transfer(20, .settle(holdID(10), amount(10))), transfer(21, .reverse(id(11))),
      transfer(22, .hold(Movement(Sample.member, Sample.earned, 1), ceiling: amount(1), expires: Self.noon + 9)),
      transfer(23, .release(holdID(22))), transfer(24, .spend(Movement(Sample.member, Sample.earned, 41))),
    ]
    let lack = Refusal.insufficientCredits(Shortfall(account: Sample.member, available: micro(40), missing: amount(1)))
    #expect(throws: LinkedRefusal(place: 4, refusal: lack)) { try chained.record(linked: chain) }
    #expect(chained.head == LedgerHead(sequence: book.head.sequence, at: Self.noon + 1))
    #expect(chained.newEntries.isEmpty && chained.postings.isEmpty && chained.newHolds.isEmpty && chained.changedAccounts.isEmpty && chained.changedHolds.isEmpty)
    #expect(chained.hold(holdID(22)) == nil)
    // Every id is free, and all that was ended or reversed isn't.
    for transfer in chain.dropLast() { _ = try chained.record(transfer) }
    #expect(throws: LinkedRefusal(place: 1, refusal: .idReused(id(30)))) {
      try chained.record(linked: [transfer(30, .charge(Movement(Sample.member, Sample.earned, 1))), transfer(30, .charge(Movement(Sample.member, Sample.earned, 1)))])
    }
    #expect(try chained.record(linked: []).isEmpty)
  }

  // MARK: Balances at a time

  @Test func `A balance at a time is today's without the postings since`() throws {
    var accounts = Sample.accounts
    var head = LedgerHead.beginning
    var postings: [Posting] = []
    var known: [[Credits]] = [accounts.map(\.balance)]
    for step in 0..<5 {
      var book = try Book(at: Self.noon + 10 * step, after: head, accounts: accounts)
      _ = try book.record(transfer(step * 3, .post(Movement(Sample.paid, Sample.organization, Int64(step + 3)))))
      _ = try book.record(transfer(step * 3 + 1, .charge(Movement(Sample.member, Sample.earned, Int64(step * 2 + 1)))))
      if step == 3 { _ = try book.record(transfer(step * 3 + 2, .reverse(id(step * 3 + 1)))) }
      (head, accounts) = (book.head, accounts.compactMap { book.account($0.number) })
      postings += book.postings
      known.append(accounts.map(\.balance))
    }
    for (place, account) in accounts.enumerated() {
      #expect(account.balance(at: Self.noon + -1, undoing: postings) == known[0][place])
      for step in 0..<5 {
        // From the instant of the postings up to the one before the next.
        #expect(account.balance(at: Self.noon + 10 * step, undoing: postings) == known[step + 1][place])
        #expect(account.balance(at: Self.noon + (10 * step + 9), undoing: postings.reversed()) == known[step + 1][place])
      }
    }
    #expect(known[1] != known[2])
  }

  // MARK: Rows

  @Test func `Books that were opened without the rows they need say that it is our mistake`() throws {
    var first = try Self.books()
    _ = try first.record(transfer(10, .hold(Movement(Sample.member, Sample.earned, 10), ceiling: amount(10), expires: Self.noon + 100)))
    _ = try first.record(transfer(11, .hold(Movement(Sample.member, Sample.earned, 10), ceiling: amount(10), expires: Self.noon + 100)))
    _ = try first.record(transfer(12, .settle(holdID(11), amount(10))))
    let (holds, entries) = (Array(first.newHolds), Array(first.newEntries))
    for left in [Sample.member, Sample.project, Sample.organization, Sample.earned, Sample.allotted] {
      let accounts = Sample.accounts.compactMap { first.account($0.number) }.filter { $0.number != left }
      #expect(throws: Refusal.incompleteRows) { try Book(at: Self.noon + 100, after: first.head, accounts: accounts, holds: holds) }
      var book = try Book(at: Self.noon + 99, after: first.head, accounts: accounts, holds: holds, entries: entries)
      for content in [Transfer.Content.settle(holdID(10), amount(1)), .release(holdID(10)), .reverse(id(12))] {
        #expect(throws: Refusal.incompleteRows) { try book.record(transfer(20, content)) }
      }
      if left == Sample.organization { #expect(throws: Refusal.incompleteRows) { try book.record(transfer(20, .reverse(id(1)))) } }
    }
    var book = try Book(at: Self.noon, after: first.head, accounts: Sample.accounts.compactMap { first.account($0.number) }, entries: entries)
    #expect(throws: Refusal.incompleteRows) { try book.record(transfer(20, .reverse(id(12)))) }
  }

  @Test func `What no transfer touched isn't written`() throws {
    var book = try Self.reopened(Self.books(), at: Self.noon + 1)
    #expect(book.changedAccounts.isEmpty)
    _ = try book.record(transfer(10, .post(Movement(Sample.paid, Sample.wallet, 3))))
    _ = try book.record(transfer(11, .charge(Movement(Sample.organization, Sample.earned, 3))))
    _ = try book.record(transfer(12, .reverse(id(11))))
    #expect(Set(book.changedAccounts.map(\.number)) == [Sample.paid, Sample.wallet])
    #expect(book.newEntries.map(\.sequence) == [4, 5, 6] && book.postings.map(\.sequence) == [4, 5, 6])
  }

  @Test func `Extremes are counted, and what doesn't fit is refused`() throws {
    let most = LedgerAccount(Sample.organization, .funds(normal: .credit, .floor(.maximum)), balance: -Credits.maximum, held: .maximum)
    let book = try Book(at: Self.noon, after: .beginning, accounts: [most])
    #expect(most.available == -Credits.maximum)
    #expect(try book.effectiveLimit(of: Sample.organization) == .credits(-Credits.maximum, at: Sample.organization))
  }
}

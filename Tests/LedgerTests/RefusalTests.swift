import Kernel
import Ledger
import Testing

/// Each refusal, by descending precedence: every line mends what the line before was refused for, and leaves all else that is wrong with it.
@Suite struct RefusalTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let transfer: Transfer
    let refusal: Refusal?

    init(_ transfer: Transfer, _ refusal: Refusal?) {
      self.transfer = transfer
      self.refusal = refusal
    }

    var testDescription: String { refusal.map { "\($0)" } ?? "accepted" }
  }

  static let noon = Sample.noon
  static let late = noon + 1000
  /// Nobody loaded its parent.
  static let orphan = AccountNumber(20)
  /// Each is the other's parent.
  static let (ring, gnir) = (AccountNumber(21), AccountNumber(22))
  /// Leans on what was paid in, which nothing is drawn from.
  static let misled = AccountNumber(23)
  /// The lowest of nine levels, one too many; the one above it has eight.
  static let (ninth, eighth) = (AccountNumber(39), AccountNumber(38))
  static let nowhere = AccountNumber(98)

  /// What has happened before: transfers 1 to 14, and accounts that don't fit together.
  static func books() throws -> Book {
    let broken = [
      LedgerAccount(orphan, .allowance(of: AccountNumber(77), against: Sample.allotted, .unlimited)),
      LedgerAccount(ring, .allowance(of: gnir, against: Sample.allotted, .unlimited)),
      LedgerAccount(gnir, .allowance(of: ring, against: Sample.allotted, .unlimited)),
      LedgerAccount(misled, .allowance(of: Sample.paid, against: Sample.allotted, .unlimited)),
    ]
    let deep = (32...39).map {
      LedgerAccount(AccountNumber($0), .allowance(of: $0 == 32 ? Sample.organization : AccountNumber($0 - 1), against: Sample.allotted, .unlimited))
    }
    let all = Sample.accounts + broken + deep
    var first = try Book(at: noon, after: .beginning, accounts: all)
    for transfer in [
      transfer(1, .post(Movement(Sample.paid, Sample.organization, 1000))),
      transfer(2, .post(Movement(Sample.allotted, Sample.project, 500))),
      transfer(3, .post(Movement(Sample.allotted, Sample.member, 100))),
      transfer(4, .post(Movement(Sample.paid, Sample.wallet, 5))),
      transfer(5, .hold(Movement(Sample.member, Sample.earned, 30), ceiling: amount(200), expires: late)),
      transfer(6, .hold(Movement(Sample.member, Sample.earned, 10), ceiling: amount(10), expires: late)),
      transfer(7, .settle(holdID(6), amount(10))),
      transfer(8, .hold(Movement(Sample.member, Sample.earned, 10), ceiling: amount(10), expires: late)),
      transfer(9, .release(holdID(8))),
      transfer(10, .hold(Movement(Sample.member, Sample.earned, 10), ceiling: amount(10), expires: noon + 50)),
      transfer(11, .charge(Movement(Sample.member, Sample.earned, 20))),
      transfer(12, .reverse(id(11))),
      transfer(13, .spend(Movement(Sample.wallet, Sample.earned, 5))),
    ] { _ = try first.record(transfer) }
    return try Book(
      at: noon + 100, after: first.head, accounts: all.compactMap { first.account($0.number) }, holds: Array(first.newHolds), entries: Array(first.newEntries),
      reversed: [id(11)])
  }

  static func movement(_ debit: AccountNumber, _ credit: AccountNumber, _ micro: Int64 = .max) -> Movement { Movement(debit, credit, micro) }

  static func short(_ account: AccountNumber, _ available: Int64, _ missing: Int64) -> Refusal {
    .insufficientCredits(Shortfall(account: account, available: micro(available), missing: amount(missing)))
  }

  static let posts = [
    Row(transfer(1, .post(movement(Sample.unknown, Sample.unknown))), .idReused(id(1))),
    Row(transfer(50, .post(movement(Sample.unknown, Sample.unknown))), .sameAccount),
    Row(transfer(50, .post(movement(Sample.unknown, nowhere))), .unknownAccount(Sample.unknown)),
    Row(transfer(50, .post(movement(Sample.allotted, nowhere))), .unknownAccount(nowhere)),
    Row(transfer(50, .post(movement(Sample.allotted, Sample.organization))), .unfitAccount(Sample.allotted)),
    Row(transfer(50, .post(movement(Sample.member, Sample.earned))), .unfitAccount(Sample.member)),
    Row(transfer(50, .post(movement(Sample.wallet, Sample.member))), .unfitAccount(Sample.member)),
    Row(transfer(50, .post(movement(Sample.wallet, Sample.earned))), short(Sample.wallet, 0, .max)),
    Row(transfer(50, .post(movement(Sample.organization, Sample.vouchers, 1))), short(Sample.vouchers, 0, 1)),
    Row(transfer(50, .post(movement(Sample.paid, Sample.earned))), .outOfRange(Sample.paid)),
    Row(transfer(50, .post(movement(Sample.paid, Sample.earned, 1))), nil),
  ]

  static let spends = [
    Row(transfer(1, .spend(movement(Sample.unknown, Sample.unknown))), .idReused(id(1))),
    Row(transfer(50, .spend(movement(Sample.unknown, Sample.unknown))), .sameAccount),
    Row(transfer(50, .spend(movement(Sample.unknown, nowhere))), .unknownAccount(Sample.unknown)),
    Row(transfer(50, .spend(movement(Sample.paid, nowhere))), .unknownAccount(nowhere)),
    Row(transfer(50, .spend(movement(Sample.paid, Sample.allotted))), .unfitAccount(Sample.paid)),
    Row(transfer(50, .spend(movement(orphan, Sample.allotted))), .unfitAccount(Sample.allotted)),
    Row(transfer(50, .spend(movement(orphan, Sample.earned))), .incompleteRows),
    Row(transfer(50, .spend(movement(ring, Sample.earned))), .incompleteRows),
    Row(transfer(50, .spend(movement(misled, Sample.earned))), .incompleteRows),
    Row(transfer(50, .spend(movement(ninth, Sample.earned))), .incompleteRows),
    Row(transfer(50, .spend(movement(eighth, Sample.earned))), short(Sample.organization, 960, .max - 960)),
    Row(transfer(50, .spend(movement(eighth, Sample.earned, 960))), nil),
  ]

  /// The member has 100 less the settled 10 and the held 30.
  static let levels = [
    Row(transfer(50, .spend(movement(Sample.member, Sample.organization))), .unfitAccount(Sample.organization)),
    Row(transfer(50, .spend(movement(Sample.member, Sample.earned, 61))), short(Sample.member, 60, 1)),
    Row(transfer(50, .spend(movement(Sample.member, Sample.earned, 60))), nil),
    Row(transfer(50, .spend(movement(Sample.project, Sample.earned, 461))), short(Sample.project, 460, 1)),
    Row(transfer(50, .spend(movement(Sample.free, Sample.earned, 961))), short(Sample.organization, 960, 1)),
    Row(transfer(50, .spend(movement(Sample.cluster, Sample.earned, 11))), short(Sample.cluster, 10, 1)),
    Row(transfer(50, .spend(movement(Sample.cluster, Sample.earned, 10))), nil),
  ]

  /// What has happened is recorded, whatever the balances are.
  static let charges = [
    Row(transfer(1, .charge(movement(Sample.unknown, Sample.unknown))), .idReused(id(1))),
    Row(transfer(50, .charge(movement(Sample.unknown, Sample.unknown))), .sameAccount),
    Row(transfer(50, .charge(movement(Sample.unknown, nowhere))), .unknownAccount(Sample.unknown)),
    Row(transfer(50, .charge(movement(Sample.paid, nowhere))), .unknownAccount(nowhere)),
    Row(transfer(50, .charge(movement(Sample.paid, Sample.allotted))), .unfitAccount(Sample.paid)),
    Row(transfer(50, .charge(movement(orphan, Sample.allotted))), .unfitAccount(Sample.allotted)),
    Row(transfer(50, .charge(movement(orphan, Sample.earned))), .incompleteRows),
    Row(transfer(50, .charge(movement(Sample.member, Sample.earned))), .outOfRange(Sample.allotted)),
    Row(transfer(50, .charge(movement(Sample.member, Sample.earned, 1_000_000))), nil),
  ]

  static func hold(_ movement: Movement, _ ceiling: Int64 = .max, _ expires: Timestamp = late) -> Transfer.Content { .hold(movement, ceiling: amount(ceiling), expires: expires) }

  static let holds = [
    Row(transfer(1, hold(movement(Sample.unknown, Sample.unknown), 1, noon + 100)), .idReused(id(1))),
    Row(transfer(50, hold(movement(Sample.unknown, Sample.unknown), 1, noon + 100)), .sameAccount),
    Row(transfer(50, hold(movement(Sample.unknown, nowhere), 1, noon + 100)), .ceilingBelowAmount),
    Row(transfer(50, hold(movement(Sample.unknown, nowhere), .max, noon + 100)), .expiryPassed),
    Row(transfer(50, hold(movement(Sample.unknown, nowhere))), .unknownAccount(Sample.unknown)),
    Row(transfer(50, hold(movement(Sample.paid, nowhere))), .unknownAccount(nowhere)),
    Row(transfer(50, hold(movement(Sample.paid, Sample.allotted))), .unfitAccount(Sample.paid)),
    Row(transfer(50, hold(movement(orphan, Sample.allotted))), .unfitAccount(Sample.allotted)),
    Row(transfer(50, hold(movement(orphan, Sample.earned))), .incompleteRows),
    Row(transfer(50, hold(movement(Sample.member, Sample.earned))), short(Sample.member, 60, .max - 60)),
    Row(transfer(50, hold(movement(Sample.member, Sample.earned, 60), 60, noon + 101)), nil),
  ]

  static let endings = [
    Row(transfer(1, .settle(holdID(90), amount(201))), .idReused(id(1))),
    Row(transfer(50, .settle(holdID(90), amount(201))), .unknownHold(holdID(90))),
    Row(transfer(50, .settle(holdID(6), amount(201))), .holdSettled(holdID(6))),
    Row(transfer(50, .settle(holdID(8), amount(201))), .holdReleased(holdID(8))),
    Row(transfer(50, .settle(holdID(10), amount(201))), .holdExpired(holdID(10))),
    Row(transfer(50, .settle(holdID(5), amount(201))), .aboveCeiling(amount(200))),
    Row(transfer(50, .settle(holdID(5), amount(91))), short(Sample.member, 60, 1)),
    Row(transfer(50, .settle(holdID(5), amount(90))), nil),
  ]

  static let releases = [
    Row(transfer(1, .release(holdID(90))), .idReused(id(1))),
    Row(transfer(50, .release(holdID(90))), .unknownHold(holdID(90))),
    Row(transfer(50, .release(holdID(6))), .holdSettled(holdID(6))),
    Row(transfer(50, .release(holdID(8))), .holdReleased(holdID(8))),
    Row(transfer(50, .release(holdID(10))), .holdExpired(holdID(10))),
    Row(transfer(50, .release(holdID(5))), nil),
  ]

  static let reversals = [
    Row(transfer(1, .reverse(id(90))), .idReused(id(1))),
    Row(transfer(50, .reverse(id(90))), .unknownTransfer(id(90))),
    Row(transfer(50, .reverse(id(5))), .notReversible(id(5))),
    Row(transfer(50, .reverse(id(9))), .notReversible(id(9))),
    Row(transfer(50, .reverse(id(12))), .notReversible(id(12))),
    Row(transfer(50, .reverse(id(11))), .alreadyReversed(id(11))),
    Row(transfer(50, .reverse(id(4))), short(Sample.wallet, 0, 5)),
    Row(transfer(50, .reverse(id(7))), nil),
  ]

  static let tables = [posts, spends, charges, holds, endings, releases, reversals]

  @Test(arguments: tables.flatMap { $0 } + levels)
  func `The first that is wrong is told, and nothing is left of the attempt`(row: Row) throws {
    var book = try Self.books()
    let before = book
    do throws(Refusal) {
      let entry = try book.record(row.transfer)
      #expect(row.refusal == nil)
      #expect(entry.transfer == row.transfer)
      #expect(entry.sequence == before.head.sequence + 1)
    } catch {
      #expect(error == row.refusal)
      #expect(book.head == before.head)
      #expect(book.newEntries.isEmpty && book.postings.isEmpty && book.newHolds.isEmpty)
      #expect(book.changedAccounts == before.changedAccounts && book.changedHolds == before.changedHolds)
      // The id is free: another transfer may take it.
      if row.transfer.id == id(50) { #expect(throws: Never.self) { try book.record(transfer(50, .post(Self.movement(Sample.paid, Sample.earned, 1)))) } }
    }
  }

  @Test func `The tables follow the order of precedence, and leave no refusal out`() {
    for table in Self.tables {
      let ranks = table.map { $0.refusal?.rank ?? Int.max }
      #expect(ranks == ranks.sorted())
    }
    #expect(Set(Self.tables.flatMap { $0 }.compactMap { $0.refusal?.rank }) == Set(0..<Refusal.ranks))
  }
}

extension Refusal {
  fileprivate static let ranks = 17

  /// Its place in the declaration. Whoever adds a case has to say here where it stands.
  fileprivate var rank: Int {
    switch self {
    case .idReused: 0
    case .sameAccount: 1
    case .ceilingBelowAmount: 2
    case .expiryPassed: 3
    case .unknownAccount: 4
    case .unknownHold: 5
    case .unknownTransfer: 6
    case .unfitAccount: 7
    case .holdSettled: 8
    case .holdReleased: 9
    case .holdExpired: 10
    case .aboveCeiling: 11
    case .notReversible: 12
    case .alreadyReversed: 13
    case .incompleteRows: 14
    case .insufficientCredits: 15
    case .outOfRange: 16
    }
  }
}

import Kernel
import Ledger

/// The accounts of the tests: an organization with a balance, levels of allowances below it, a sub-balance with credits of its own, and what stands around them.
enum Sample {
  static let paid = AccountNumber(1)
  static let organization = AccountNumber(2)
  static let earned = AccountNumber(3)
  static let allotted = AccountNumber(4)
  static let project = AccountNumber(5)
  /// Draws through the project.
  static let member = AccountNumber(6)
  /// May overdraw by 10.
  static let cluster = AccountNumber(7)
  static let wallet = AccountNumber(8)
  /// An allowance of the organization without a limit.
  static let free = AccountNumber(9)
  /// What came in by vouchers: it grows on the debit side, and no more can be paid back than there is.
  static let vouchers = AccountNumber(10)
  static let unknown = AccountNumber(99)

  static let accounts = [
    LedgerAccount(paid, .funds(normal: .debit, .unlimited)),
    LedgerAccount(organization, .funds(normal: .credit, .zero)),
    LedgerAccount(earned, .funds(normal: .credit, .unlimited)),
    LedgerAccount(allotted, .allotments),
    LedgerAccount(project, .allowance(of: organization, against: allotted, .zero)),
    LedgerAccount(member, .allowance(of: project, against: allotted, .zero)),
    LedgerAccount(cluster, .allowance(of: organization, against: allotted, .floor(micro(-10)))),
    LedgerAccount(wallet, .funds(normal: .credit, .zero)),
    LedgerAccount(vouchers, .funds(normal: .debit, .zero)),
    LedgerAccount(free, .allowance(of: organization, against: allotted, .unlimited)),
  ]

  static let noon = Timestamp(milliseconds: 1_800_000_000_000)
}

func micro(_ micro: Int64) -> Credits { Credits(clamping: Int128(micro)) }

func amount(_ micro: Int64) -> Amount {
  guard let amount = Amount(micro: micro) else { fatalError("\(micro) is no amount") }
  return amount
}

func id<Noun>(_ number: Int, of: Noun.Type = Noun.self) -> ID<Noun> { ID(high: 0x7000, low: 1 << 63 | UInt64(number)) }

func holdID(_ number: Int) -> ID<Hold> { id(number) }

func transfer(_ number: Int, _ content: Transfer.Content) -> Transfer { Transfer(id(number), content) }

extension Movement {
  init(_ debit: AccountNumber, _ credit: AccountNumber, _ micro: Int64) { self.init(from: debit, to: credit, LedgerTests.amount(micro)) }
}

extension Timestamp {
  /// Milliseconds later.
  static func + (instant: Timestamp, milliseconds: Int) -> Timestamp { Timestamp(milliseconds: instant.milliseconds + Int64(milliseconds)) }
}

public import Kernel
public import Ledger

/// What an account of an organization's books is for.
public enum AccountPurpose: String, Sendable, Hashable, CaseIterable {
  /// The organization's own credits, which everybody in it shares.
  case balance
  /// What was paid.
  case payments
  /// What was given without a payment.
  case promotions
  /// Where mistakes are put right.
  case corrections
  /// What was used.
  case used
  /// What wasn't used in time.
  case lapsed
  /// The other side of what sub-balances may use.
  case allotments
  case subBalance = "sub-balance"

  /// Where books have the accounts that all have; `nil` for sub-balances, which come behind them.
  var number: AccountNumber? { Self.allCases.firstIndex(of: self).flatMap { self == .subBalance ? nil : AccountNumber(Int64($0) + 1) } }

  /// The accounts that all books are opened with.
  static let standard: [(purpose: AccountPurpose, account: LedgerAccount)] = [
    (.balance, .funds(normal: .credit, .zero)), (.payments, .funds(normal: .debit, .unlimited)), (.promotions, .funds(normal: .debit, .unlimited)),
    (.corrections, .funds(normal: .debit, .unlimited)), (.used, .funds(normal: .credit, .unlimited)), (.lapsed, .funds(normal: .credit, .unlimited)),
    (.allotments, .allotments),
  ].compactMap { (purpose: AccountPurpose, kind: LedgerAccount.Kind) in purpose.number.map { (purpose, LedgerAccount($0, kind)) } }

  /// The last of the numbers that all books use.
  static let lastStandard = AccountNumber(Int64(standard.count))
}

extension AccountNumber {
  /// The organization's own credits.
  static let balance = AccountNumber(1)
  static let payments = AccountNumber(2)
  static let promotions = AccountNumber(3)
  static let corrections = AccountNumber(4)
  static let used = AccountNumber(5)
  static let lapsed = AccountNumber(6)
  static let allotments = AccountNumber(7)
}

/// An organization's books: the number that stands for it in them, and where they are.
struct LedgerHandle: Sendable, Hashable {
  let organization: ID<Organization>
  let book: Int64
  let head: LedgerHead
}

/// Who asked for a transfer.
public struct JournalActor: Sendable, Hashable {
  public let kind: EventActor.Kind
  /// The id of the account or service account, or the job's name.
  public let id: String

  init(_ actor: EventActor) { (kind, id) = (actor.kind, actor.id) }

  init(kind: EventActor.Kind, id: String) { (self.kind, self.id) = (kind, id) }

  /// The books themselves, which let grants lapse.
  static let books = JournalActor(kind: .system, id: "ledger")
}

/// An entry with who asked for it, and what for.
public struct JournalRecord: Sendable, Hashable {
  public let entry: JournalEntry
  /// What was moved, or what was set aside where a hold is made or released.
  public let movement: Movement
  public let actor: JournalActor
  public let note: Note
}

/// A transfer that somebody asks for.
struct Instruction: Sendable {
  let transfer: Transfer
  let note: Note
  /// What it grants, for a post to the organization's balance.
  var grant: GrantTerms?
  /// What budgets count it by.
  var budgetKeys: Set<BudgetKey> = []
  /// What budgets count of it by what, where it is for several things together.
  var budgetParts: [BudgetPart] = []
}

/// How credits that come in are used up.
public struct GrantTerms: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable { case paid, promotional }

  public let kind: Kind
  /// The smaller one is burned first.
  public let priority: Int
  public let expires: Timestamp?
  public let scope: CreditGrant.Scope
}

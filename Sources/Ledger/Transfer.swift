public import Kernel

/// An amount from one account to another: debited there, credited here.
public struct Movement: Sendable, Hashable {
  public let debit: AccountNumber
  public let credit: AccountNumber
  public let amount: Amount

  public init(from debit: AccountNumber, to credit: AccountNumber, _ amount: Amount) {
    self.debit = debit
    self.credit = credit
    self.amount = amount
  }
}

/// What somebody wants to happen in the books, under an id of their own: the same id with the same content happens once.
public struct Transfer: Sendable, Hashable {
  public let id: ID<Transfer>
  public let content: Content

  public init(_ id: ID<Transfer>, _ content: Content) {
    self.id = id
    self.content = content
  }

  /// Which limits bind a transfer is told by its case alone: `charge` is the only one that may take an account below its floor.
  public enum Content: Sendable, Hashable {
    /// Moves credits between two accounts, such as a top-up, or sets an allowance (from or to its allotments). Parents take no part.
    case post(Movement)
    /// Draws credits through an account and all its parents, if they all suffice.
    case spend(Movement)
    /// Records use that has happened already: through the parents like `spend`, and always, if need be into arrears.
    case charge(Movement)
    /// Sets credits aside on an account and all its parents until they are settled or released, or expire. `ceiling` is what may be settled at most.
    case hold(Movement, ceiling: Amount, expires: Timestamp)
    /// Ends a hold and moves what was used. What exceeds the amount held is asked for like a `spend`; what exceeds the ceiling too is a `charge` of its own.
    case settle(ID<Hold>, Amount)
    /// Ends a hold and moves nothing.
    case release(ID<Hold>)
    /// Moves back everything that a post, spend, charge or settle has moved, once.
    case reverse(ID<Transfer>)
  }
}

/// The place in the books' own order and time: facts are numbered without a gap, and their time never goes back, whatever the clock does.
public struct LedgerHead: Sendable, Hashable {
  /// The number of the last fact; 0 before the first.
  public let sequence: Int64
  /// The latest instant at which anything was decided.
  public let at: Timestamp

  public init(sequence: Int64, at: Timestamp) {
    self.sequence = sequence
    self.at = at
  }

  /// Before the first fact.
  public static let beginning = LedgerHead(sequence: 0, at: .distantPast)
}

/// A transfer that was accepted: the fact from which balances and holds follow, and the answer to whoever repeats it.
public struct JournalEntry: Sendable, Hashable {
  public let sequence: Int64
  public let at: Timestamp
  /// The sequences that were recorded together with it, or not at all; its own alone when it wasn't linked.
  public let links: Range<Int64>
  public let transfer: Transfer

  public init(sequence: Int64, at: Timestamp, links: Range<Int64>, transfer: Transfer) {
    self.sequence = sequence
    self.at = at
    self.links = links
    self.transfer = transfer
  }
}

/// A debit and a credit of the same amount in one value, which therefore always balances. An entry has one for each level that it draws through, and a hold or
/// a release has none.
public struct Posting: Sendable, Hashable {
  /// Of the entry that made it.
  public let sequence: Int64
  public let at: Timestamp
  public let debit: AccountNumber
  public let credit: AccountNumber
  public let amount: Amount

  public init(sequence: Int64, at: Timestamp, debit: AccountNumber, credit: AccountNumber, amount: Amount) {
    self.sequence = sequence
    self.at = at
    self.debit = debit
    self.credit = credit
    self.amount = amount
  }
}

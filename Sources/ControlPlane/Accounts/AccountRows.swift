import Kernel
import Secrets
import Storage

extension Work {
  var accounts: AccountRows { AccountRows(tx: tx) }
}

struct AccountRows {
  let tx: any Transaction

  private static let columns: Statement = "a.id, n.text AS handle, a.name, a.active, a.super_user, a.created_at, a.deleted_at, a.revision"
  private static let source: Statement = "account a JOIN name n ON n.owner = a.id AND n.current = 1"

  func find(_ id: ID<Account>) throws(Problem) -> Account? {
    try tx.row("SELECT \(Self.columns) FROM \(Self.source) WHERE a.id = \(id)").map(Account.init)
  }

  /// The account that holds the address, verified or not.
  func holder(of address: EmailAddress) throws(Problem) -> Account? {
    try tx.row("SELECT \(Self.columns) FROM \(Self.source) JOIN account_email e ON e.account = a.id WHERE e.address = \(address)").map(Account.init)
  }

  func emails(of account: ID<Account>) throws(Problem) -> [AccountEmail] {
    try tx.rows("SELECT id, account, address, verified_at, is_primary FROM account_email WHERE account = \(account) ORDER BY is_primary DESC, address").map(AccountEmail.init)
  }

  func primaryEmail(of account: ID<Account>) throws(Problem) -> EmailAddress? { try emails(of: account).first { $0.isPrimary }?.address }

  func count() throws(Problem) -> Int { try tx.count("SELECT count(*) AS n FROM account") }

  func insert(_ account: Account, password: PasswordHash?, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO account (id, name, password, active, super_user, created_at, deleted_at, revision)
      VALUES (\(account.id), \(account.name), \(password?.text), \(account.isActive), \(account.isSuperUser), \(account.createdAt), \(account.deletedAt), \(account.revision))
      """, under: proof)
  }

  func insert(_ email: AccountEmail, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO account_email (id, account, address, verified_at, is_primary, created_at)
      VALUES (\(email.id), \(email.account), \(email.address), \(email.verifiedAt), \(email.isPrimary), \(tx.now))
      """, under: proof)
  }

  /// Marks the address as proven.
  func verify(_ email: ID<AccountEmail>, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE account_email SET verified_at = \(tx.now) WHERE id = \(email) AND verified_at IS NULL", under: proof)
  }
}

extension Account {
  init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), handle: try row.parsed("handle") { text throws(Rejection) in try Slug(stored: text) },
      name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) }, isActive: try row.bool("active"), isSuperUser: try row.bool("super_user"),
      createdAt: try row.instant("created_at"), deletedAt: try row.optional("deleted_at", row.instant), revision: Int(try row.integer("revision")))
  }
}

extension AccountEmail {
  init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), account: try row.id("account"), address: try row.parsed("address") { text throws(Rejection) in try EmailAddress(text) },
      verifiedAt: try row.optional("verified_at", row.instant), isPrimary: try row.bool("is_primary"))
  }
}

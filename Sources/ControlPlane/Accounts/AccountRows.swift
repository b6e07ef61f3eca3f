import Kernel
import Secrets
import Storage

extension Work {
  var accounts: AccountRows { AccountRows(tx: tx) }
}

struct AccountRows {
  let tx: any Transaction

  private static let columns: Statement = "a.id, n.text AS handle, a.name, p.address, a.active, a.super_user, a.created_at, a.deleted_at, a.portrait, a.revision"
  private static let source: Statement = """
    account a JOIN name n ON n.owner = a.id AND n.current = 1 LEFT JOIN account_email p ON p.account = a.id AND p.is_primary = 1
    """

  func find(_ id: ID<Account>) throws(Problem) -> Account? {
    try tx.row("SELECT \(Self.columns) FROM \(Self.source) WHERE a.id = \(id)").map(Account.init)
  }

  /// The account that holds the address, verified or not.
  func holder(of address: EmailAddress) throws(Problem) -> Account? {
    try tx.row("SELECT \(Self.columns) FROM \(Self.source) JOIN account_email e ON e.account = a.id WHERE e.address = \(address)").map(Account.init)
  }

  /// The account with this handle, present or former.
  func named(_ handle: String) throws(Problem) -> Account? {
    guard case .account(let id)? = try NameRows(tx: tx).find(handle)?.owner else { return nil }
    return try find(id)
  }

  /// The names of those that there are.
  func names(of ids: Set<ID<Account>>) throws(Problem) -> [ID<Account>: String] {
    var found: [ID<Account>: String] = [:]
    for row in try tx.rows("SELECT id, name FROM account WHERE id IN (\(list: ids))") { found[try row.id("id")] = try row.text("name") }
    return found
  }

  /// The newest first.
  func list(_ filter: AccountFilter, _ page: PageRequest) throws(Problem) -> Page<Account> {
    let base: Statement = "1 = 1\(conditions(filter))"
    let after: Statement = try page.keys(of: "accounts", count: 1).map { " AND a.id < \($0[0])" } ?? .none
    let found = try tx.rows("SELECT \(Self.columns) FROM \(Self.source) WHERE \(base)\(after) ORDER BY a.id DESC LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try Account(row) }
    let total = try tx.count("SELECT count(*) AS n FROM \(Self.source) WHERE \(base)")
    return Page(found, of: "accounts", limit: page.limit, total: total) { [$0.id.description] }
  }

  private func conditions(_ filter: AccountFilter) -> Statement {
    var conditions = Statement.none
    if let search = filter.search, !search.isEmpty {
      // No name or address is longer, and a pattern has its limits.
      let pattern = Pattern.containing(String(search.prefix(256)))
      conditions = """
        \(conditions) AND (lower(a.name) LIKE \(pattern) OR n.key LIKE \(pattern)
          OR EXISTS (SELECT 1 FROM account_email s WHERE s.account = a.id AND s.address LIKE \(pattern)))
        """
    }
    switch filter.state {
    case nil: break
    case .active: conditions = conditions + " AND a.active = 1"
    case .deactivated: conditions = conditions + " AND a.active = 0 AND a.deleted_at IS NULL"
    case .deleted: conditions = conditions + " AND a.deleted_at IS NOT NULL"
    }
    return conditions
  }

  /// Whether there is any account yet.
  func exist() throws(Problem) -> Bool { try !tx.rows("SELECT id FROM account LIMIT 1").isEmpty }

  /// Whether an active operator is left beside this account.
  func hasOperator(beside account: ID<Account>) throws(Problem) -> Bool {
    try !tx.rows("SELECT id FROM account WHERE super_user = 1 AND active = 1 AND id <> \(account) LIMIT 1").isEmpty
  }

  /// All active operators.
  func operators() throws(Problem) -> [ID<Account>] {
    try tx.rows("SELECT id FROM account WHERE super_user = 1 AND active = 1 AND deleted_at IS NULL").map { row throws(Problem) in try row.id("id") }
  }

  func insert(_ account: Account, password: PasswordHash?, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO account (id, name, password, active, super_user, created_at, deleted_at, revision)
      VALUES (\(account.id), \(account.name), \(password?.text), \(account.isActive), \(account.isSuperUser), \(account.createdAt), \(account.deletedAt), \(account.revision))
      """, under: proof)
  }

  /// The handle stands among the names.
  func rename(_ account: ID<Account>, _ name: DisplayName, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE account SET name = \(name), revision = revision + 1 WHERE id = \(account)", under: proof)
  }

  func setActive(_ account: ID<Account>, _ isActive: Bool, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE account SET active = \(isActive), revision = revision + 1 WHERE id = \(account)", under: proof)
    try MemberSegmentRows(tx: tx).refresh("m.account = \(account)", under: proof)
    try AccessChangeRows(tx: tx).noteEverywhere(account, under: proof)
  }

  func setSuperUser(_ account: ID<Account>, _ isSuperUser: Bool, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE account SET super_user = \(isSuperUser), revision = revision + 1 WHERE id = \(account)", under: proof)
    try AccessChangeRows(tx: tx).noteEverywhere(account, under: proof)
  }

  /// Takes away password and addresses; name and handle stay.
  func delete(_ account: ID<Account>, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE account SET active = 0, password = NULL, deleted_at = \(tx.now), portrait = NULL, revision = revision + 1 WHERE id = \(account)", under: proof)
    try MemberSegmentRows(tx: tx).refresh("m.account = \(account)", under: proof)
    try tx.change("DELETE FROM account_email WHERE account = \(account)", under: proof)
    try AccessChangeRows(tx: tx).noteEverywhere(account, under: proof)
  }

  /// The organizations the account belongs to, those that await their deletion included.
  func organizations(of account: ID<Account>) throws(Problem) -> [ID<Organization>] {
    try tx.rows("SELECT organization FROM member WHERE account = \(account) ORDER BY organization").map { row throws(Problem) in try row.id("organization") }
  }

  /// Leaves nothing by which the account could come back into an organization.
  func forgetTies(of account: ID<Account>, under proof: some Proof) throws(Problem) {
    try tx.change("DELETE FROM former_member WHERE account = \(account)", under: proof)
    try tx.change("UPDATE join_request SET state = 'withdrawn', answered_at = \(tx.now), answered_by = \(account) WHERE account = \(account) AND state = 'pending'", under: proof)
  }

  // MARK: Passwords

  /// `nil` for an account without a password, and for none at all.
  func password(of account: ID<Account>) throws(Problem) -> PasswordHash? {
    guard let row = try tx.row("SELECT password FROM account WHERE id = \(account)") else { return nil }
    return try row.optional("password") { column throws(Problem) in try row.parsed(column) { text throws(Rejection) in try PasswordHash(text) } }
  }

  func setPassword(_ account: ID<Account>, _ password: PasswordHash, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE account SET password = \(password.text) WHERE id = \(account)", under: proof)
  }

  // MARK: Addresses

  /// The primary one first.
  func emails(of account: ID<Account>) throws(Problem) -> [AccountEmail] {
    try tx.rows("SELECT \(Self.emailColumns) FROM account_email WHERE account = \(account) ORDER BY is_primary DESC, address").map(AccountEmail.init)
  }

  func primaryEmail(of account: ID<Account>) throws(Problem) -> EmailAddress? { try find(account)?.email }

  func email(_ id: ID<AccountEmail>, of account: ID<Account>) throws(Problem) -> AccountEmail? {
    try tx.row("SELECT \(Self.emailColumns) FROM account_email WHERE account = \(account) AND id = \(id)").map(AccountEmail.init)
  }

  /// Whoever claims it.
  func claim(on address: EmailAddress) throws(Problem) -> AccountEmail? {
    try tx.row("SELECT \(Self.emailColumns) FROM account_email WHERE address = \(address)").map(AccountEmail.init)
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
    try AccessChangeRows(tx: tx).noteHolder(of: email, under: proof)
  }

  func makePrimary(_ email: AccountEmail, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE account_email SET is_primary = 0 WHERE account = \(email.account) AND is_primary = 1", under: proof)
    try tx.change("UPDATE account_email SET is_primary = 1 WHERE id = \(email.id)", under: proof)
    try tx.change("UPDATE account SET revision = revision + 1 WHERE id = \(email.account)", under: proof)
    try AccessChangeRows(tx: tx).noteEverywhere(email.account, under: proof)
  }

  func remove(_ email: AccountEmail, under proof: some Proof) throws(Problem) {
    try tx.change("DELETE FROM account_email WHERE id = \(email.id)", under: proof)
    guard email.isPrimary else { return }
    try tx.change("UPDATE account SET revision = revision + 1 WHERE id = \(email.account)", under: proof)
    try AccessChangeRows(tx: tx).noteEverywhere(email.account, under: proof)
  }

  private static let emailColumns: Statement = "id, account, address, verified_at, is_primary"
}

extension Account {
  init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), handle: try row.parsed("handle") { text throws(Rejection) in try Slug(stored: text) },
      name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) },
      email: try row.optional("address") { column throws(Problem) in try row.parsed(column) { text throws(Rejection) in try EmailAddress(text) } },
      isActive: try row.bool("active"), isSuperUser: try row.bool("super_user"), createdAt: try row.instant("created_at"),
      deletedAt: try row.optional("deleted_at", row.instant),
      portrait: try row.optional("portrait") { column throws(Problem) in SHA256Digest(try row.text(column)) } ?? nil, revision: Int(try row.integer("revision")))
  }
}

extension AccountEmail {
  init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), account: try row.id("account"), address: try row.parsed("address") { text throws(Rejection) in try EmailAddress(text) },
      verifiedAt: try row.optional("verified_at", row.instant), isPrimary: try row.bool("is_primary"))
  }
}

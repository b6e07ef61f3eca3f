import Contract
import Kernel
import Storage

extension Work {
  /// The one name space of handles and slugs.
  var names: NameRows { NameRows(tx: tx) }
}

/// A handle or slug, present or former, and whose it is.
struct NameEntry {
  enum Owner: Equatable {
    case account(ID<Account>)
    case organization(ID<Organization>)
  }

  let slug: Slug
  let owner: Owner
  /// Whether the owner is called so today; otherwise the name leads on to the owner, and stays reserved.
  let isCurrent: Bool

  /// What a name is found by; `nil` for what is nobody's: longer texts, and those that no column can hold.
  static func key(_ text: String) -> String? { text.utf8.count <= 32 && !text.utf8.contains(0) ? text.lowercased() : nil }
}

struct NameRows {
  let tx: any Transaction

  func find(_ text: String) throws(Problem) -> NameEntry? {
    guard let key = NameEntry.key(text), let row = try tx.row("SELECT text, kind, owner, current FROM name WHERE key = \(key)") else { return nil }
    let owner: NameEntry.Owner = try row.text("kind") == "account" ? .account(row.id("owner")) : .organization(row.id("owner"))
    return NameEntry(slug: try row.parsed("text") { text throws(Rejection) in try Slug(stored: text) }, owner: owner, isCurrent: try row.bool("current"))
  }

  /// Gives the name to the owner, whose present one becomes a former one. Refuses as `conflict` when it is somebody else's or was.
  func claim(_ slug: Slug, for owner: NameEntry.Owner, field: String, under proof: some Proof) throws(Problem) {
    let (kind, id) = switch owner {
    case .account(let id): ("account", id.description)
    case .organization(let id): ("organization", id.description)
    }
    if let taken = try find(slug.key), taken.owner != owner {
      throw Problem(.takenName, "\"\(slug)\" is taken; choose another one.", faults: [FieldFault(field, "\"\(slug)\" is taken; choose another one.")])
    }
    try tx.change("UPDATE name SET current = 0 WHERE owner = \(id) AND current = 1", under: proof)
    try tx.change(
      """
      INSERT INTO name (key, text, kind, owner, current, since) VALUES (\(slug.key), \(slug.text), \(kind), \(id), 1, \(tx.now))
      ON CONFLICT (key) DO UPDATE SET text = excluded.text, current = 1, since = excluded.since
      """, under: proof)
  }
}

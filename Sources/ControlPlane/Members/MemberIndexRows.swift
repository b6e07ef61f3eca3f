import Kernel
import Storage

extension Work {
  var memberIndex: MemberIndexRows { MemberIndexRows(tx: tx) }
}

/// Which members the term index knows, by number. A number is never given to another member, so what the index knows of former ones does no harm.
struct MemberIndexRows {
  let tx: any Transaction

  func isBehind() throws(Problem) -> Bool {
    try !tx.rows("SELECT id FROM member WHERE search_number IS NULL LIMIT 1").isEmpty
  }

  /// Enters some members who aren't in the index.
  func advance(by limit: Int, under proof: some Proof) throws(Problem) {
    let found = try tx.rows("SELECT id, organization, sort_name, search_text FROM member WHERE search_number IS NULL LIMIT \(limit)")
    guard let next = try tx.row("UPDATE search_counter SET next = next + \(found.count) WHERE name = 'member' RETURNING next", under: proof)?.integer("next") else {
      throw Problem(.defect, "The counter of the member index is gone.")
    }
    for (place, row) in found.enumerated() {
      let number = next - Int64(found.count) + Int64(place)
      let vocabulary = MemberTerms(of: try row.id("organization"))
      let terms = vocabulary.terms(of: try row.text("search_text")) + vocabulary.terms(ofBeginnings: try row.text("sort_name"))
      try tx.change("INSERT INTO member_terms (rowid, terms) VALUES (\(number), \(terms.joined(separator: " ")))", under: proof)
      try tx.change("UPDATE member SET search_number = \(number) WHERE id = \(try row.id("id", of: Member.self))", under: proof)
    }
  }

  /// Takes the members that `condition` names out, to be entered again with their new names.
  func forget(_ condition: Statement, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE member SET search_number = NULL WHERE \(condition)", under: proof)
  }
}

import Authorization
import Kernel
import Storage

/// Takes a thing with all that stands in it, and what hangs on it, from one organization to another.
struct MovingRows {
  let tx: any Transaction

  /// The ids of a thing and of all that stands in it, however deep.
  private func tree(_ root: ID<Resource>) -> Statement {
    """
    SELECT tree.id FROM (
      WITH RECURSIVE inside (id) AS (
        SELECT r.id FROM resource r WHERE r.id = \(root) UNION ALL SELECT r.id FROM inside i CROSS JOIN resource r WHERE r.parent = i.id
      ) SELECT id FROM inside
    ) AS tree
    """
  }

  /// An object in it whose name one of the other organization has.
  func collision(of root: ID<Resource>, in other: ID<Organization>) throws(Problem) -> (type: String, name: String)? {
    let row = try tx.row(
      """
      SELECT r.type, r.slug FROM resource r CROSS JOIN resource o
      WHERE r.id IN (\(tree(root))) AND r.type NOT IN (\(list: RegisteredObject.others.map(\.name))) AND o.organization = \(other) AND o.type = r.type
        AND o.slug = r.slug LIMIT 1
      """)
    return try row.map { row throws(Problem) in (try row.text("type"), try row.text("slug")) }
  }

  func move(_ root: ID<Resource>, from organization: ID<Organization>, to other: ID<Organization>, under proof: some Proof) throws(Problem) {
    let tree = tree(root)
    // Who is a member of both keeps built-in roles; a role of the one organization's own means nothing in the other.
    let both: Statement = """
      SELECT d.id FROM member m CROSS JOIN member d WHERE m.id = access_grant.member AND d.organization = \(other) AND d.account = m.account
      """
    try tx.change(
      """
      UPDATE access_grant SET member = (\(both)), revision = revision + 1
      WHERE resource IN (\(tree)) AND member IS NOT NULL AND custom_role IS NULL AND EXISTS (\(both))
      """, under: proof)
    try tx.change(
      """
      DELETE FROM access_grant WHERE resource IN (\(tree))
        AND (member IS NULL OR member NOT IN (SELECT m.id FROM member m WHERE m.organization = \(other)))
      """, under: proof)
    try tx.change("DELETE FROM former_access_grant WHERE resource IN (\(tree))", under: proof)
    try tx.change("DELETE FROM elevation WHERE resource IN (\(tree))", under: proof)
    try tx.change("DELETE FROM collaborator WHERE app IN (\(tree))", under: proof)
    try tx.change("DELETE FROM object_share WHERE place IN (\(tree))", under: proof)
    try tx.change(
      "DELETE FROM star WHERE resource IN (\(tree)) AND account NOT IN (SELECT m.account FROM member m WHERE m.organization = \(other))", under: proof)
    try tx.change("UPDATE project SET is_default = 0 WHERE resource IN (\(tree))", under: proof)
    try tx.change(
      """
      UPDATE resource SET organization = \(other), revision = revision + 1,
        owner = CASE WHEN id = \(root) OR owner NOT IN (SELECT m.account FROM member m WHERE m.organization = \(other)) THEN NULL ELSE owner END
      WHERE id IN (\(tree))
      """, under: proof)
  }
}

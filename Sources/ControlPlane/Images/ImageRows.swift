import Kernel
import Secrets
import Storage

extension Work {
  var images: ImageRows { ImageRows(tx: tx) }
}

struct ImageRows {
  let tx: any Transaction

  func find(_ digest: SHA256Digest) throws(Problem) -> Image? {
    guard let row = try tx.row("SELECT media_type, content FROM image WHERE digest = \(digest.text)") else { return nil }
    guard let bytes = Base64URL.decode(try row.text("content")) else { throw Problem(.defect, "A stored image can't be read.") }
    return Image(mediaType: try row.choice("media_type"), bytes: bytes, digest: digest)
  }

  func portraits(of accounts: [ID<Account>]) throws(Problem) -> Portraits {
    let rows = try tx.rows("SELECT id, portrait FROM account WHERE id IN (\(list: accounts.map(\.description))) AND portrait IS NOT NULL")
    var found: Portraits = [:]
    for row in rows { found[try row.id("id")] = SHA256Digest(try row.text("portrait")) }
    return found
  }

  /// Gives the organization this logo, or none, and forgets the one it had unless it serves elsewhere.
  func setLogo(of organization: Organization, _ image: Image?, under proof: some Proof) throws(Problem) {
    try keep(image, under: proof)
    try tx.change("UPDATE organization SET logo = \(image?.digest.text), revision = revision + 1 WHERE id = \(organization.id)", under: proof)
    try forget(organization.logo, under: proof)
  }

  func setPortrait(of account: Account, _ image: Image?, under proof: some Proof) throws(Problem) {
    try keep(image, under: proof)
    try tx.change("UPDATE account SET portrait = \(image?.digest.text), revision = revision + 1 WHERE id = \(account.id)", under: proof)
    try forget(account.portrait, under: proof)
  }

  /// Deletes an image that nothing shows any more.
  func forget(_ digest: SHA256Digest?, under proof: some Proof) throws(Problem) {
    guard let digest = digest?.text else { return }
    try tx.change(
      """
      DELETE FROM image WHERE digest = \(digest) AND NOT EXISTS (SELECT 1 FROM organization WHERE logo = \(digest))
        AND NOT EXISTS (SELECT 1 FROM account WHERE portrait = \(digest)) AND NOT EXISTS (SELECT 1 FROM app WHERE image = \(digest))
      """, under: proof)
  }

  /// Stores an image that is about to be shown by something.
  func keep(_ image: Image?, under proof: some Proof) throws(Problem) {
    guard let image else { return }
    try tx.change(
      """
      INSERT INTO image (digest, media_type, content) VALUES (\(image.digest.text), \(image.mediaType.rawValue), \(Base64URL.encode(image.bytes)))
      ON CONFLICT (digest) DO NOTHING
      """, under: proof)
  }
}

import Kernel
import Secrets
import Testing

@Suite struct KeyTests {
  private let first = SecretKey.mint(seededMoment(1))
  private let second = SecretKey.mint(seededMoment(2))

  @Test func `A secret key reads back from base64url and from hexadecimal`() throws {
    let hex = Hex.encode(try #require(Base64URL.decode(first.text.reveal())))
    #expect(try SecretKey(first.text.reveal()).id == first.id)
    #expect(try SecretKey(hex).text == first.text)
    #expect(try SecretKey(hex.uppercased()).id == first.id)
    #expect(first.id != second.id)
    #expect(first.id.utf8.count == 8)
  }

  @Test(arguments: [
    "", "secret", String(repeating: "a", count: 63), String(repeating: "g", count: 64), String(repeating: "A", count: 42),
    String(repeating: "A", count: 1_000_000),
  ])
  func `Anything but 32 bytes is refused as a key`(text: String) { #expect(throws: Rejection.self) { try SecretKey(text) } }

  @Test func `A key file holds the key in use first`() throws {
    let ring = try KeyRing(file: "# keys of the test\n\n  \(second.text.reveal())  \r\n\(first.text.reveal())\n")
    #expect(ring.current.id == second.id)
    #expect(ring.earlier.map(\.id) == [first.id])
    for wrong in ["", "# nothing\n", "\(first.text.reveal()) \(second.text.reveal())", "\(first.text.reveal())\nnonsense"] {
      #expect(throws: Rejection.self) { try KeyRing(file: wrong) }
    }
  }

  @Test(arguments: ["", "s3cret", "päss\0wörd 🔑", String(repeating: "x", count: 100_000)])
  func `A sealed secret opens in its own place only`(text: String) throws {
    let seal = Seal(KeyRing(first))
    let sealed = try seal.close(SecretText(text), context: "webhook.key/1", seededMoment())
    #expect(try seal.open(sealed, context: "webhook.key/1").reveal() == text)
    #expect(throws: Problem.self) { try seal.open(sealed, context: "webhook.key/2") }
    #expect(throws: Problem.self) { try Seal(KeyRing(second)).open(sealed, context: "webhook.key/1") }
    if !text.isEmpty { #expect(!sealed.contains(text)) }
  }

  @Test func `Every changed character of a sealed secret is noticed`() throws {
    let seal = Seal(KeyRing(first))
    let sealed = Array(try seal.close(SecretText("s3cret"), context: "c", seededMoment()))
    for place in sealed.indices {
      var changed = sealed
      changed[place] = changed[place] == "A" ? "B" : "A"
      #expect(throws: Problem.self) { try seal.open(String(changed), context: "c") }
    }
    for wrong in ["", "1..", "1.\(first.id).", "1.\(first.id).AAAA", "..", String(sealed) + "."] {
      #expect(throws: Problem.self) { try seal.open(wrong, context: "c") }
    }
  }

  @Test func `Sealing twice gives different texts`() throws {
    let seal = Seal(KeyRing(first))
    let moment = seededMoment()
    #expect(try seal.close(SecretText("x"), context: "c", moment) != seal.close(SecretText("x"), context: "c", moment))
  }

  @Test func `After a rotation old seals still open, until the old key is gone`() throws {
    let sealed = try Seal(KeyRing(first)).close(SecretText("x"), context: "c", seededMoment())
    let rotated = Seal(KeyRing(second, earlier: [first]))
    #expect(try rotated.open(sealed, context: "c").reveal() == "x")
    #expect(rotated.needsResealing(sealed))
    #expect(!rotated.needsResealing(try rotated.close(SecretText("x"), context: "c", seededMoment())))
    let problem = #expect(throws: Problem.self) { try Seal(KeyRing(second)).open(sealed, context: "c") }
    #expect(problem?.kind == .unavailable)
  }

  @Test func `A signed cookie opens unchanged only, for its purpose only, and across a rotation`() {
    let cookies = MessageAuthenticator(KeyRing(first), purpose: "cookie")
    let signed = cookies.signed("flash.saved")
    #expect(cookies.opened(signed) == "flash.saved")
    #expect(cookies.opened(cookies.signed("")) == "")
    #expect(MessageAuthenticator(KeyRing(first), purpose: "form").opened(signed) == nil)
    #expect(MessageAuthenticator(KeyRing(second, earlier: [first]), purpose: "cookie").opened(signed) == "flash.saved")
    #expect(MessageAuthenticator(KeyRing(second), purpose: "cookie").opened(signed) == nil)
    for wrong in ["", ".", "flash.saved", signed + "A", "x" + signed, String(signed.dropLast())] { #expect(cookies.opened(wrong) == nil) }
  }

  @Test func `A signature holds for its message and its key`() throws {
    let key = try SigningKey(first, purpose: "audit")
    let signature = try key.sign("head 7".utf8)
    let published = try VerifyingKey(key.verifyingKey.text)
    #expect(published.id == key.verifyingKey.id)
    #expect(published.accepts(signature, of: "head 7".utf8))
    #expect(!published.accepts(signature, of: "head 8".utf8))
    #expect(try !SigningKey(first, purpose: "other").verifyingKey.accepts(signature, of: "head 7".utf8))
    #expect(Signature(signature.text) == signature)
    #expect(try SigningKey(first, purpose: "audit").sign("head 7".utf8) == signature, "the same key and message sign alike")
    for wrong in ["", "AAAA", signature.text + "A", String(signature.text.dropLast())] { #expect(Signature(wrong) == nil) }
    for wrong in ["", "AAAA", signature.text] { #expect(throws: Rejection.self) { try VerifyingKey(wrong) } }
  }

  /// RFC 8032 §7.1, test 2.
  @Test func `A known Ed25519 signature is accepted`() throws {
    let key = try VerifyingKey(Base64URL.encode(try #require(Hex.decode("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"))))
    let bytes = try #require(
      Hex.decode("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"))
    let signature = try #require(Signature(Base64URL.encode(bytes)))
    #expect(key.accepts(signature, of: [0x72]))
    #expect(!key.accepts(signature, of: [0x73]))
  }

  @Test func `Keys and secret texts show nothing of themselves`() throws {
    let secret = SecretText("hunter2-hunter2")
    var dumped = ""
    dump(secret, to: &dumped)
    dump(first, to: &dumped)
    dump(try SigningKey(first, purpose: "p"), to: &dumped)
    for shown in ["\(secret)", String(reflecting: secret), "\(["k": secret])", "\(first)", String(reflecting: first), dumped] {
      #expect(!shown.contains("hunter2"))
      #expect(!shown.contains(first.text.reveal().prefix(8)))
      #expect(shown.contains("•••"))
    }
    #expect(secret == SecretText("hunter2-hunter2"))
    #expect(secret != SecretText("hunter2-hunter3"))
  }
}

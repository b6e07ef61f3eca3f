import Kernel
import Secrets
import Testing

@Suite struct DigestTests {
  /// FIPS 180-4 examples.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
  ])
  func `SHA-256 of known texts`(text: String, hex: String) {
    #expect(SHA256Digest(of: text).hex == hex)
    #expect(SHA256Digest(of: Array(text.utf8)).hex == hex)
  }

  @Test func `A digest reads back from its text and from nothing else`() {
    let digest = SHA256Digest(of: "abc")
    #expect(SHA256Digest(digest.text) == digest)
    #expect("\(digest)" == digest.text)
    for wrong in ["", String(digest.text.dropLast()), digest.text + "A", digest.hex, digest.text + "="] { #expect(SHA256Digest(wrong) == nil) }
  }

  @Test func `Matching compares all bytes`() {
    let digest = SHA256Digest(of: "abc")
    #expect(digest.matches(SHA256Digest(of: "abc")))
    #expect(!digest.matches(SHA256Digest(of: "abd")))
  }

  /// RFC 4231, test cases 1, 2 and 6.
  @Test(arguments: [
    (String(repeating: "0b", count: 20), "4869205468657265", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    ("4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (
      String(repeating: "aa", count: 131), "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
  ])
  func `HMAC-SHA256 of known messages`(key: String, message: String, code: String) throws {
    let authenticator = MessageAuthenticator(key: try #require(Hex.decode(key)))
    let bytes = try #require(Hex.decode(message))
    #expect(authenticator.code(for: bytes).hex == code)
    #expect(authenticator.accepts(authenticator.code(for: bytes), for: bytes))
    #expect(!authenticator.accepts(authenticator.code(for: bytes), for: bytes + [0]))
  }
}

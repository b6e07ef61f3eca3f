import Kernel
import Testing

@Suite struct HexTests {
  @Test func `Bytes read back from their digits, in either case`() {
    var random = Randomness(seed: 41)
    for length in 0..<70 {
      let bytes = random.bytes(length)
      let text = Hex.encode(bytes)
      #expect(text.utf8.count == length * 2)
      #expect(Hex.decode(text) == bytes)
      #expect(Hex.decode(text.uppercased()) == bytes)
    }
    #expect(Hex.encode([0x00, 0x9F, 0xFF]) == "009fff")
  }

  @Test(arguments: ["0", "000", "0g", "g0", " 00", "00 ", "0x00", "００", "-1", "00\n"])
  func `Anything else is refused`(text: String) { #expect(Hex.decode(text) == nil) }
}

@Suite struct Base64URLTests {
  /// The vectors of RFC 4648 §10, without padding.
  @Test(arguments: [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy")])
  func `The vectors of RFC 4648 hold`(plain: String, encoded: String) {
    #expect(Base64URL.encode(Array(plain.utf8)) == encoded)
    #expect(Base64URL.decode(encoded) == Array(plain.utf8))
  }

  @Test func `Bytes read back, in the URL-safe alphabet`() {
    var random = Randomness(seed: 42)
    for length in 0..<200 {
      let bytes = random.bytes(length)
      let text = Base64URL.encode(bytes)
      #expect(Base64URL.decode(text) == bytes)
      #expect(text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
    }
    #expect(Base64URL.encode([0xFB, 0xEF, 0xFF]) == "--__")
  }

  @Test(arguments: ["A", "AAAAA", "Zh", "Zm9", "Zg==", "Zm8=", "+A", "/A", "Z g", "Zg\n", "Zé", "ＡＡ"])
  func `What encoding never makes is refused`(text: String) { #expect(Base64URL.decode(text) == nil) }

  @Test func `One value has one text`() {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= ")
    for first in alphabet {
      for second in alphabet {
        let text = String([first, second])
        if let bytes = Base64URL.decode(text) { #expect(Base64URL.encode(bytes) == text) }
      }
    }
  }
}

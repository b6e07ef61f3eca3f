import Kernel
import Testing

@Suite struct EmailAddressTests {
  @Test(arguments: [
    ("ada@example.org", "ada@example.org"),
    ("  Ada.Lovelace+Guild@Example.ORG\n", "ada.lovelace+guild@example.org"),
    ("o'neil@example.ie", "o'neil@example.ie"),
    ("!#$%&'*+-/=?^_`{|}~@example.org", "!#$%&'*+-/=?^_`{|}~@example.org"),
    ("1@2.example", "1@2.example"),
    ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
    ("a@b.c-d.example", "a@b.c-d.example"),
    (String(repeating: "a", count: 64) + "@example.org", String(repeating: "a", count: 64) + "@example.org"),
  ])
  func `Mailboxes are taken, in lower case and without space around`(raw: String, text: String) throws { #expect(try EmailAddress(raw).text == text) }

  @Test(arguments: [
    "", " ", "ada", "@", "ada@", "@example.org", "ada@example", "ada@@example.org", "ada@example.org@example.org", "ada lovelace@example.org", ".ada@example.org", "ada.@example.org",
    "a..b@example.org", "ada@.example.org", "ada@example.org.", "ada@exa_mple.org", "ada@-example.org", "ada@example-.org", "ada@example..org", "ada@127.0.0.1", "ada@[127.0.0.1]",
    "ada@example.123", "\"ada\"@example.org", "ada@example.org\r\nBcc: eve@example.org", "ada\u{0}@example.org", "ada\t@example.org", "adá@example.org", "ada@exämple.org",
    "ada@example.org,eve@example.org", "ada@example.org;eve@example.org", "<ada@example.org>", "Ada <ada@example.org>", "ada(comment)@example.org", "mailto:ada@example.org\u{7F}",
    "ada@" + String(repeating: "a", count: 64) + ".org", String(repeating: "a", count: 65) + "@example.org",
    "ada@" + Array(repeating: String(repeating: "a", count: 60), count: 5).joined(separator: ".") + ".org",
  ])
  func `Anything else is refused with a sentence`(raw: String) {
    let refusal = #expect(throws: Rejection.self) { try EmailAddress(raw) }
    #expect(refusal?.reason.hasSuffix(".") == true)
  }

  @Test func `Addresses are equal without regard to case, and sort`() throws {
    #expect(try EmailAddress("ADA@Example.org") == EmailAddress("ada@example.ORG"))
    #expect(try EmailAddress("a@example.org") < EmailAddress("b@example.org"))
    #expect(try EmailAddress("ada@sub.example.org").domain == "sub.example.org")
  }

  @Test func `254 characters are the longest`() throws {
    let local = String(repeating: "a", count: 64)
    let label = String(repeating: "b", count: 61)
    let longest = "\(local)@\(label).\(label).\(label).ab"
    #expect(longest.utf8.count == 253)
    #expect(throws: Never.self) { try EmailAddress(longest + "c") }
    #expect(throws: Rejection.self) { try EmailAddress(longest + "cd") }
  }
}

import Client
import Kernel
import Testing

@Suite("The address of a server")
struct ServerAddressTests {
  @Test(arguments: [
    ("https://guildhall.example.org", "https://guildhall.example.org"),
    ("guildhall.example.org", "https://guildhall.example.org"),
    ("HTTPS://Guildhall.Example.ORG:443/", "https://guildhall.example.org"),
    ("http://guildhall.example.org", "http://guildhall.example.org"),
    ("localhost:8080", "http://localhost:8080"),
    ("127.0.0.1:8080", "http://127.0.0.1:8080"),
    ("[::1]:8080", "http://[::1]:8080"),
    ("https://example.org/guildhall/", "https://example.org/guildhall"),
    ("https://example.org:8443", "https://example.org:8443"),
  ])
  func isWrittenInOneForm(given: String, written: String) throws {
    #expect(try ServerAddress(given).description == written)
    #expect(try ServerAddress(written) == ServerAddress(given))
  }

  @Test(arguments: [
    "", " ", "ftp://example.org", "https://", "https://ada:secret@example.org", "https://example.org?x=1", "https://example.org#x", "https://exa mple.org", "https://example.org:0",
    "https://example.org:99999", "https://example.org:http", "https://[::1", "https://-x.org", "https://a..b", String(repeating: "a", count: 300), "https://exämple.org",
  ])
  func refusesWhatIsNone(text: String) {
    #expect(throws: Rejection.self) { try ServerAddress(text) }
  }

  @Test(arguments: [("localhost", true), ("x.localhost", true), ("127.9.9.9", true), ("[::1]", true), ("127.0.0.1.example.org", false), ("localhost.example.org", false), ("10.0.0.1", false)])
  func knowsThisMachine(host: String, isLoopback: Bool) throws {
    #expect(try ServerAddress(host).isLoopback == isLoopback)
  }
}

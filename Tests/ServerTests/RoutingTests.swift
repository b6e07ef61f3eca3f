import Contract
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Testing

@testable import Server

@Suite struct RoutingTests {
  private func table(_ templates: [String]) -> RouteTable {
    RouteTable(templates.map { Route(.get, $0, for: .program) { _ in Response(status: .ok) } })
  }

  @Test(
    "A path finds its route, what is written out before what is a parameter",
    arguments: [
      ("/", "/", []), ("/a", "/a", []), ("/b", "/{x}", ["b"]), ("/a/c", "/a/{y}", ["c"]), ("/a/d", "/a/d", []), ("/b/d", "/{x}/d", ["b"]), ("/a/e/f", "/{x}/e/f", ["a"]),
      ("/a%2Fb/d", "/{x}/d", ["a/b"]), ("/%C3%A9", "/{x}", ["é"]), ("/..", "/{x}", [".."]),
    ])
  func found(path: String, template: String, values: [String]) throws {
    let table = table(["/", "/a", "/{x}", "/a/{y}", "/a/d", "/{x}/d", "/{x}/e/f"])
    let match = try #require(table.match(path))
    #expect(match.routes[.get]?.template == template && match.values == values)
  }

  @Test("What isn't a route, or can't be read, is found nowhere", arguments: ["", "a", "/b/c", "/a/", "//", "//a", "/a//d", "/%", "/%ff", "/%00", "/a/d/g", "*", "http://a/b"])
  func missing(path: String) {
    #expect(table(["/", "/a", "/{x}", "/a/{y}", "/a/d", "/{x}/d", "/{x}/e/f"]).match(path) == nil)
  }

  @Test("Two routes at one address are told")
  func twice() {
    #expect(table(["/a/{x}", "/a/{y}"]).faults.count == 1)
  }

  @Test("A page's address with a slash too many leads on, an operation's is none")
  func trailingSlash() async throws {
    try await TestHouse().serve { client in
      let page = try await client.send(.get, "/hall/x/?q=1")
      #expect(page.status.code == 308 && page.headers[.location] == "/hall/x?q=1")
      #expect(try await client.send(.get, "//evil.example/").status == .notFound)
      #expect(try await client.send(.get, "/hall/x//").status == .notFound)
    }
  }
}

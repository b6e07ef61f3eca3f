import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import TestSupport
import Testing

@testable import Server

@Suite struct LimitTests {
  @Test("A bucket gives its quota at once, and fills up evenly")
  func bucket() {
    let buckets = TokenBuckets(RateLimit(3, per: .seconds(30)))
    let start = Timestamp(milliseconds: 0)
    #expect((0..<3).map { _ in buckets.take("a", at: start).remaining } == [2, 1, 0])
    let refused = buckets.take("a", at: start)
    #expect(!refused.isAllowed && refused.retryAfter == .seconds(10) && refused.reset == .seconds(30))
    #expect(buckets.take("b", at: start).isAllowed)
    #expect(!buckets.take("a", at: start + .milliseconds(9999)).isAllowed)
    #expect(buckets.take("a", at: start + .seconds(10)).isAllowed)
    #expect(!buckets.take("a", at: start + .seconds(10)).isAllowed)
    #expect(buckets.take("a", at: start + .days(1)).remaining == 2)
    // A clock that is set back takes nothing away.
    #expect(buckets.take("a", at: start).remaining == 1)
  }

  @Test("The number of buckets is bounded, and the busy ones are kept")
  func bounded() {
    let buckets = TokenBuckets(RateLimit(1000, per: .seconds(1000)), capacity: 100)
    let now = Timestamp(milliseconds: 0)
    for number in 0..<10_000 {
      _ = buckets.take("busy", at: now)
      _ = buckets.take("\(number)", at: now)
    }
    #expect(buckets.count <= 101)
    #expect(buckets.take("busy", at: now).remaining == 0)
  }

  @Test("While the installation is being worked on, everything says so but its health and what the page is made of")
  func maintenance() async throws {
    let house = try await TestHouse()
    try await house.serve(maintenance: "Back at <b>14:00</b> UTC.") { client in
      for path in ["/", "/hall/x", "/nothing/there", "/hall/", "/problems"] {
        let page = try await client.send(.get, path, [.accept: "text/html"])
        #expect(page.status == .serviceUnavailable && page.headers[.retryAfter] == "60" && page.headers[.contentType] == "text/html; charset=utf-8", "\(path)")
        #expect(page.text.contains("Closed for maintenance") && page.text.contains("Back at &lt;b") && !page.text.contains("<b>14") && page.text.contains("Try again"), "\(page.text)")
        #expect(MarkupChecker(Array(page.body.readableBytesView)).findings == [])
        let sheet = try #require(page.text.firstMatch(of: /href="([^"]*\.css)"/)).1
        #expect(try await client.send(.get, String(sheet)).status == .ok)
      }
      for (method, path) in [(HTTPRequest.Method.get, "/api/v1/notes/1"), (.post, "/api/v1/notes"), (.delete, "/api/v1/notes/1")] {
        let answer = try await client.send(method, path)
        #expect(answer.status == .serviceUnavailable && answer.code == "maintenance" && answer.headers[.retryAfter] == "60", "\(path)")
      }
      for path in ["/healthz", "/readyz", "/metrics", "/offline"] { #expect(try await client.send(.get, path).status == .ok, "\(path)") }
    }
  }

  @Test("What is left is told in both ways, and beyond it the answer is 429")
  func headers() async throws {
    let house = try await TestHouse()
    let limits = RateLimits(address: RateLimit(5, per: .seconds(60)), principal: RateLimit(2, per: .seconds(60)))
    try await house.serve(limits: limits) { client in
      let first = try await client.send(.get, "/api/v1/notes/1", [.authorization: "Bearer a"])
      #expect(first.headers[.rateLimitPolicy] == "\"address\";q=5;w=60, \"principal\";q=2;w=60")
      #expect(first.headers[.rateLimit] == "\"address\";r=4;t=12, \"principal\";r=1;t=30")
      #expect(first.headers[.rateLimitLimit] == "2" && first.headers[.rateLimitRemaining] == "1" && first.headers[.rateLimitReset] == "30")
      _ = try await client.send(.get, "/api/v1/notes/1", [.authorization: "Bearer a"])
      let refused = try await client.send(.get, "/api/v1/notes/1", [.authorization: "Bearer a"])
      #expect(refused.status == .tooManyRequests && refused.code == "limited" && refused.headers[.retryAfter] == "30" && refused.headers[.rateLimitRemaining] == "0")
      #expect(try await client.send(.get, "/api/v1/notes/1", [.authorization: "Bearer b"]).status == .ok)
      #expect(try await client.send(.get, "/hall/x").status == .ok)
      let page = try await client.send(.get, "/hall/x", [.accept: "text/html"])
      #expect(page.status == .tooManyRequests && page.headers[.contentType] == "text/html; charset=utf-8")
      #expect(try await client.send(.get, "/healthz").status == .ok)
      house.pass(.seconds(60))
      #expect(try await client.send(.get, "/api/v1/notes/1", [.authorization: "Bearer a"]).status == .ok)
    }
  }
}

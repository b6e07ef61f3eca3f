import Contract
import ControlPlane
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Testing

@testable import Server

@Suite struct SecurityTests {
  @Test("Every answer forbids what we never do, under https for ever")
  func headers() async throws {
    for (url, isSecure) in [("https://guildhall.test", true), ("http://localhost:8080", false)] {
      try await TestHouse(publicURL: url).serve { client in
        for path in ["/hall/x", "/api/v1/notes/1", "/nothing", "/healthz", "/docs/reference"] {
          let answer = try await client.send(.get, path)
          let policy = try #require(answer.headers[.contentSecurityPolicy])
          #expect(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"))
          #expect(answer.headers[.xContentTypeOptions] == "nosniff" && answer.headers[.referrerPolicy] == "strict-origin-when-cross-origin")
          #expect((answer.headers[.strictTransportSecurity] != nil) == isSecure)
        }
        #expect(try await client.send(.get, "/hall/x").headers[.cacheControl] == "no-store")
        #expect(try await client.send(.get, "/api/v1/notes/1").headers[.cacheControl] == "private, no-cache")
      }
    }
  }

  @Test(
    "The session's cookie changes something only for our own pages",
    arguments: [
      (["sec-fetch-site": "same-origin"], true), (["sec-fetch-site": "none"], true), (["origin": "https://guildhall.test"], true), (["origin": "HTTPS://GUILDHALL.TEST"], true),
      (["sec-fetch-site": "cross-site"], false), (["sec-fetch-site": "same-site"], false), (["origin": "https://evil.test"], false), (["origin": "null"], false),
      (["sec-fetch-site": "cross-site", "origin": "https://guildhall.test"], false), ([:], false),
    ])
  func crossSite(words: [String: String], isAllowed: Bool) async throws {
    try await TestHouse().serve { client in
      var headers: HTTPFields = [.cookie: "__Host-guildhall=gld_ses_x"]
      for (name, word) in words { headers[try #require(HTTPField.Name(name))] = word }
      let answer = try await client.send(.post, "/api/v1/notes", headers, body: #"{"text":"x"}"#)
      #expect(answer.status == (isAllowed ? .created : .forbidden) && (isAllowed || answer.code == "foreign_origin"))
      #expect(try await client.send(.get, "/api/v1/notes/1", headers).status == .ok)
      headers[.cookie] = nil
      headers[.authorization] = "Bearer gld_pat_x"
      #expect(try await client.send(.post, "/api/v1/notes", headers, body: #"{"text":"x"}"#).status == .created)
    }
  }

  @Test(
    "A credential is a bearer token before it is a cookie",
    arguments: [
      (["authorization": "Bearer  a "], Credential.bearer("a")), (["authorization": "bearer a", "cookie": "guildhall=b"], .bearer("a")), (["cookie": "x=1; guildhall=b"], .session("b")),
      (["authorization": "Basic abc"], .bearer("Basic abc")), (["cookie": "guildhall="], .none), (["cookie": "xguildhall=b"], .none), ([:], .none),
    ])
  func credentials(words: [String: String], expected: Credential) throws {
    var headers = HTTPFields()
    for (name, word) in words { headers[try #require(HTTPField.Name(name))] = word }
    #expect(Credential(of: headers, cookie: "guildhall") == expected)
  }

  @Test("Who isn't signed in, or holds a credential that doesn't hold, is told how to authenticate")
  func invalidCredential() async throws {
    let house = try await TestHouse()
    try await house.serve(house.plane.features, declared: API.all) { client in
      let nobody = try await client.send(.get, "/api/v1/account")
      #expect(nobody.status == .unauthorized && nobody.headers[.wwwAuthenticate] == "Bearer realm=\"guildhall\"")
      let stranger = try await client.send(.get, "/api/v1/account", [.authorization: "Bearer gld_pat_x"])
      #expect(stranger.status == .unauthorized && stranger.headers[.wwwAuthenticate]?.contains("invalid_token") == true)
    }
  }

  @Test(
    "The client's address is what the trusted proxies say, and nothing further left",
    arguments: [
      (0, ["1.1.1.1"], "9.9.9.9"), (1, ["1.1.1.1"], "1.1.1.1"), (1, ["6.6.6.6, 1.1.1.1"], "1.1.1.1"), (2, ["6.6.6.6, 1.1.1.1, 2.2.2.2"], "1.1.1.1"), (2, ["1.1.1.1", "2.2.2.2"], "1.1.1.1"),
      (2, ["1.1.1.1"], "9.9.9.9"), (1, [], "9.9.9.9"), (1, ["unknown"], "9.9.9.9"), (1, ["[2001:db8::1]:443"], "2001:db8::1"), (1, ["1.1.1.1:80"], "1.1.1.1"), (1, ["2001:db8::1"], "2001:db8::1"),
    ])
  func addresses(proxies: Int, forwarded: [String], expected: String) {
    #expect(ClientAddress.of(peer: "9.9.9.9", forwarded: forwarded, trustedProxies: proxies) == expected)
  }

  @Test(
    "An IPv6 customer has one limit for the whole network",
    arguments: [("1.2.3.4", "1.2.3.4"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"), ("2001:db8::1", "2001:db8:0:0"), ("::1", "0:0:0:0"), ("2001:db8:1:2::", "2001:db8:1:2")])
  func networks(address: String, key: String) {
    #expect(ClientAddress.limitKey(address) == key)
  }

  @Test("A sane request id is kept, anything else is replaced", arguments: [("trace-1234.A_b", true), ("short", false), (String(repeating: "a", count: 65), false), ("evil\"id here", false)])
  func requestIDs(given: String, isKept: Bool) async throws {
    try await TestHouse().serve { client in
      let answer = try await client.send(.get, "/healthz", [.requestID: given])
      #expect((answer.headers[.requestID] == given) == isKept)
    }
  }

  @Test(
    "Only what is a traceparent is one",
    arguments: [
      ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true), ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what", true),
      ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what", false), ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false),
      ("00-00000000000000000000000000000000-b7ad6b7169203331-01", false), ("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false), ("", false), ("00-1-2-3", false),
    ])
  func traces(header: String, isOne: Bool) {
    #expect((TraceParent(header) != nil) == isOne)
  }
}

import Contract
import ControlPlane
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Testing

@testable import Server

@Suite struct PageTests {
  /// What a browser keeps of an answer.
  private func jar(_ answer: TestResponse) -> String { answer.cookies.map { $0.prefix { $0 != ";" } }.joined(separator: "; ") }

  private func token(in answer: TestResponse) -> String { answer.text.split(separator: "<p>").last.map { String($0.prefix { $0 != "<" }.split(separator: " ").last ?? "") } ?? "" }

  private func post(_ client: any TestClientProtocol, _ path: String, _ fields: [(String, String)], _ headers: HTTPFields) async throws -> TestResponse {
    var headers = headers
    headers[.contentType] = "application/x-www-form-urlencoded"
    return try await client.send(.post, path, headers, body: FormText.encode(fields))
  }

  @Test("A page stands in its frame, with what its address says")
  func page() async throws {
    try await TestHouse().serve { client in
      let page = try await client.send(.get, "/hall/a%20b?q=%3Cb%3E")
      #expect(page.status == .ok && page.headers[.contentType] == "text/html; charset=utf-8")
      #expect(page.text.hasPrefix("<!doctype html>") && page.text.contains("a b &lt;b"))
    }
  }

  @Test("A form needs the token of the browser it came from")
  func token() async throws {
    try await TestHouse().serve { client in
      let page = try await client.send(.get, "/hall/x")
      let (cookie, token) = (jar(page), token(in: page))
      #expect(page.cookies.first?.hasPrefix("__Host-guildhall-form=") == true && page.cookies.first?.hasSuffix("; Path=/; HttpOnly; SameSite=Lax; Secure") == true)
      let fields = [("csrf", token), ("to", "/hall/y"), ("name", "Ada")]
      #expect(try await post(client, "/hall/form", fields, [.cookie: cookie]).headers[.location] == "/hall/y")
      #expect(try await post(client, "/hall/form", fields, [.cookie: cookie, .secFetchSite: "cross-site"]).status == .forbidden)
      let json = "application/json"
      #expect(try await post(client, "/hall/form", fields, [:]).status == .forbidden)
      #expect(try await post(client, "/hall/form", [("csrf", token + "x")] + fields.dropFirst(), [.cookie: cookie, .accept: json]).status == .forbidden)
      #expect(try await post(client, "/hall/form", Array(fields.dropFirst()), [.cookie: cookie, .accept: json]).status == .forbidden)
      let other = try await client.send(.get, "/hall/x")
      #expect(try await post(client, "/hall/form", fields, [.cookie: jar(other), .accept: json]).status == .forbidden)
      // Signing in makes earlier forms void: their token is not the session's.
      #expect(try await post(client, "/hall/form", fields, [.cookie: "\(cookie); __Host-guildhall=gld_ses_x", .accept: json]).status == .forbidden)
      #expect(try await post(client, "/hall/form", fields, [.cookie: "\(cookie); __Host-guildhall=gld_ses_x"]).headers[.location] == "/", "a browser is led back")
      let session: HTTPFields = [.cookie: "__Host-guildhall=gld_ses_x"]
      let signedIn = try await client.send(.get, "/hall/x", session)
      #expect(try await post(client, "/hall/form", [("csrf", self.token(in: signedIn)), ("to", "/hall/z")], session).headers[.location] == "/hall/z")
    }
  }

  @Test("What a form says is told once on the next page, and can't be forged")
  func flash() async throws {
    try await TestHouse().serve { client in
      let page = try await client.send(.get, "/hall/x")
      let sent = try await post(client, "/hall/form", [("csrf", token(in: page)), ("to", "/hall/y"), ("name", "Ada <3")], [.cookie: jar(page)])
      #expect(sent.status == .seeOther)
      let flash = try #require(sent.cookies.first { $0.contains("flash") })
      let next = try await client.send(.get, "/hall/y", [.cookie: jar(sent)])
      #expect(next.text.contains("Kept \"Ada &lt;3\"."))
      #expect(next.cookies.contains { $0.hasPrefix("__Host-guildhall-flash=;") && $0.contains("Max-Age=0") })
      let forged = flash.prefix { $0 != ";" }.dropLast(2) + "AA"
      #expect(!(try await client.send(.get, "/hall/y", [.cookie: String(forged)]).text.contains("Kept")))
    }
  }

  @Test("A form leads to our own pages only", arguments: ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)", "", "hall/x", "/hall\r\nSet-Cookie: a=b"])
  func openRedirect(target: String) async throws {
    try await TestHouse().serve { client in
      let page = try await client.send(.get, "/hall/x")
      let sent = try await post(client, "/hall/form", [("csrf", token(in: page)), ("to", target)], [.cookie: jar(page)])
      #expect(sent.status == .seeOther && sent.headers[.location] == "/")
    }
  }

  @Test("Signing in sets the session's cookie, out of reach of scripts", arguments: [("https://guildhall.test", "__Host-guildhall", "; Secure"), ("http://localhost:8080", "guildhall", "")])
  func signIn(url: String, name: String, secure: String) async throws {
    try await TestHouse(publicURL: url).serve { client in
      let page = try await client.send(.get, "/hall/x")
      let sent = try await post(client, "/hall/sign-in", [("csrf", token(in: page))], [.cookie: jar(page)])
      #expect(sent.headers[.location] == "/hall/in")
      #expect(sent.cookies == ["\(name)=gld_ses_test; Path=/; HttpOnly; SameSite=Lax\(secure); Max-Age=2592000"])
    }
  }

  @Test("Who must sign in first comes back afterwards")
  func signedOut() async throws {
    try await TestHouse().serve { client in
      let answer = try await client.send(.get, "/hall/closed?a=b", [.accept: "text/html"])
      #expect(answer.status == .seeOther && answer.headers[.location] == "/sign-in?next=%2Fhall%2Fclosed%3Fa%3Db")
    }
  }

  @Test("A refusal is a page for people, without details of our mistakes")
  func refusal() async throws {
    try await TestHouse().serve { client in
      let broken = try await client.send(.get, "/hall/broken", [.accept: "text/html"])
      #expect(broken.status == .internalServerError && broken.text.contains(broken.headers[.requestID] ?? "?") && !broken.text.contains("fire"))
      let missing = try await client.send(.get, "/nowhere", [.accept: "text/html,application/xhtml+xml"])
      #expect(missing.status == .notFound && missing.headers[.contentType] == "text/html; charset=utf-8")
      #expect(try await client.send(.get, "/nowhere", [.accept: "application/json"]).code == "missing")
    }
  }

  @Test("Forms come as browsers send them, and nothing else", arguments: [("multipart/form-data; boundary=x", 400), ("multipart/form-data", 415), ("application/json", 415), ("text/plain", 415)])
  func mediaTypes(mediaType: String, status: Int) async throws {
    try await TestHouse().serve { client in
      let answer = try await client.send(.post, "/hall/form", [.contentType: mediaType, .accept: "text/html"], body: "a=b")
      #expect(answer.status.code == status)
    }
  }

  @Test("Files come with their form, and only with its token")
  func files() async throws {
    let body = "--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nÜber\r\n--y\r\n--x\r\ncontent-disposition: form-data; name=\"picture\"; filename=\"a;b.png\"\r\nContent-Type: image/png\r\n\r\n\u{0}--\r\n--x--\r\n"
    let form = try #require(MultipartForm(Array(body.utf8), boundary: "x"))
    #expect(form.fields.map(\.0) == ["note"] && form.fields.map(\.1) == ["Über\r\n--y"])
    #expect(form.files.map(\.field) == ["picture"] && form.files.first?.bytes == Array("\u{0}--".utf8))
    let table: [(String, String?)] = [
      ("multipart/form-data; boundary=x", "x"), ("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"", "a b"), ("multipart/form-data", nil), ("multipart/form-data; boundary=", nil),
      ("multipart/mixed; boundary=x", nil), ("multipart/form-data; boundary=" + String(repeating: "x", count: 71), nil), ("", nil),
    ]
    for (contentType, expected) in table { #expect(MultipartForm.boundary(of: contentType) == expected) }
    // Cut anywhere, it is no form.
    for length in 0..<(body.utf8.count - 4) { #expect(MultipartForm(Array(body.utf8.prefix(length)), boundary: "x") == nil, "\(length)") }
    #expect(MultipartForm(Array((String(repeating: "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n", count: 201) + "--x--\r\n").utf8), boundary: "x") == nil)
    try await TestHouse().serve { client in
      let answer = try await client.send(.post, "/hall/form", [.contentType: "multipart/form-data; boundary=x", .accept: "text/html"], body: body)
      #expect(answer.status == .forbidden)
    }
  }

  @Test("A download keeps its name")
  func download() async throws {
    try await TestHouse().serve { client in
      let file = try await client.send(.get, "/hall/file")
      #expect(file.headers[.contentDisposition] == "attachment; filename*=UTF-8''%C3%A9%22.csv" && file.text == "a,b\n")
    }
  }

  @Test("The theme that was chosen is the next page's")
  func theme() async throws {
    try await TestHouse().serve { client in
      let page = try await client.send(.get, "/hall/x")
      let sent = try await post(client, "/theme", [("csrf", token(in: page)), ("theme", "dark")], [.cookie: jar(page), .referer: "https://guildhall.test/hall/x"])
      #expect(sent.headers[.location] == "/hall/x")
      #expect(try await client.send(.get, "/hall/x", [.cookie: jar(sent)]).text.contains("data-theme=\"dark\""))
      let elsewhere = try await post(client, "/theme", [("csrf", token(in: page)), ("theme", "blue")], [.cookie: jar(page), .referer: "https://guildhall.test.evil.example/x"])
      #expect(elsewhere.headers[.location] == "/")
    }
  }
}

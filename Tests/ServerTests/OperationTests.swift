import Contract
import ControlPlane
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Testing

@testable import Server

@Suite struct OperationTests {
  @Test("An answer has its status, its JSON, its entity tag and the request's name")
  func answer() async throws {
    try await TestHouse().serve { client in
      let shown = try await client.send(.get, "/api/v1/notes/1")
      #expect(shown.status == .ok && shown.text == #"{"id":1,"text":"a","revision":3}"#)
      #expect(shown.headers[.contentType] == "application/json" && shown.headers[.eTag] == "\"3\"")
      #expect(shown.headers[.requestID]?.utf8.count == 26)
      let made = try await client.send(.post, "/api/v1/notes", body: #"{"text":"x"}"#)
      #expect(made.status == .created && made.headers[.location] == "/api/v1/notes/1")
      let removed = try await client.send(.delete, "/api/v1/notes/1")
      #expect(removed.status == .noContent && removed.body.readableBytes == 0)
    }
  }

  @Test("HEAD is GET without the body")
  func head() async throws {
    try await TestHouse().serve { client in
      let head = try await client.send(.head, "/api/v1/notes/1")
      #expect(head.status == .ok && head.body.readableBytes == 0)
      #expect(head.headers[.contentLength] == "32" && head.headers[.eTag] == "\"3\"")
    }
  }

  @Test("A list leads to its next page with the same filters")
  func list() async throws {
    try await TestHouse().serve { client in
      let list = try await client.send(.get, "/api/v1/notes?limit=1")
      let cursor = Cursor(list: "note", keys: ["a b"]).description
      #expect(list.headers[.link] == "</api/v1/notes?limit=1&cursor=\(cursor)>; rel=\"next\"")
    }
  }

  @Test(
    "What can't be understood is refused with the status that says why",
    arguments: [
      (HTTPRequest.Method.post, "/api/v1/notes", "application/json", #"{"text":"#, 400, "malformed"),
      (.post, "/api/v1/notes", "application/json", "", 400, "malformed"),
      (.post, "/api/v1/notes", "application/json", #"{"text":"a","text":"b"}"#, 400, "malformed"),
      (.post, "/api/v1/notes", "application/json; charset=utf-8", #"{"txt":1}"#, 422, "invalid"),
      (.post, "/api/v1/notes", "text/plain", #"{"text":"a"}"#, 415, "unsupported_media"),
      (.post, "/api/v1/notes", "application/x-www-form-urlencoded", "text=a", 415, "unsupported_media"),
      (.post, "/api/v1/notes", "application/json", #"{"text":"taken"}"#, 409, "name.taken"),
      (.get, "/api/v1/notes?limit=0", "", "", 422, "invalid"),
      (.get, "/api/v1/notes?limt=1", "", "", 422, "invalid"),
      (.get, "/api/v1/notes?limit=%", "", "", 400, "malformed"),
      (.get, "/api/v1/notes/2", "", "", 404, "missing"),
      (.get, "/api/v1/notes/two", "", "", 404, "missing"),
      (.get, "/api/v1/notes/%ff", "", "", 404, "missing"),
      (.get, "/api/v1/notes/", "", "", 404, "missing"),
      (.get, "/api/v1//notes", "", "", 404, "missing"),
      (.get, "/api/v1/nothing", "", "", 404, "missing"),
      (.put, "/api/v1/notes", "", "", 405, "unsupported_method"),
      (.options, "/api/v1/notes", "", "", 405, "unsupported_method"),
      (.trace, "/api/v1/notes", "", "", 405, "unsupported_method"),
    ])
  func refused(method: HTTPRequest.Method, path: String, mediaType: String, body: String, status: Int, code: String) async throws {
    try await TestHouse().serve { client in
      let answer = try await client.send(method, path, mediaType.isEmpty ? [:] : [.contentType: mediaType], body: mediaType.isEmpty ? nil : body)
      #expect(answer.status.code == status && answer.code == code)
      #expect(answer.headers[.contentType] == "application/problem+json")
      #expect(answer.json["status"] == .integer(Int64(status)) && answer.json["type"] == .string("/problems/\(code)"))
      #expect(answer.json["request_id"] == .string(answer.headers[.requestID] ?? ""))
      if status == 405 { #expect(answer.headers[.allow] == "DELETE, GET, HEAD, POST") }
    }
  }

  @Test("The faults of a body are told with pointers into it")
  func pointers() async throws {
    try await TestHouse().serve { client in
      let answer = try await client.send(.post, "/api/v1/notes", body: #"{"copies":"two","x":1}"#)
      guard case .array(let errors)? = answer.json["errors"] else {
        Issue.record("no errors")
        return
      }
      #expect(errors.compactMap { $0["pointer"] } == ["#/text", "#/copies", "#/x"])
    }
  }

  @Test("A body beyond the limit is refused, told or not")
  func tooLarge() async throws {
    try await TestHouse().serve(bodyLimit: 1000) { client in
      let long = try await client.send(.post, "/api/v1/notes", body: #"{"text":"\#(String(repeating: "a", count: 2000))"}"#)
      #expect(long.status == .contentTooLarge && long.code == "too_large")
    }
  }

  @Test("A compressed body is refused as a format that isn't understood, plain identity isn't", arguments: [("gzip", 415), ("br", 415), ("identity", 201), ("Identity", 201)])
  func contentCoding(coding: String, status: Int) async throws {
    try await TestHouse().serve { client in
      let answer = try await client.send(.post, "/api/v1/notes", [.contentEncoding: coding], body: #"{"text":"x"}"#)
      #expect(answer.status.code == status, "\(answer.text)")
    }
  }

  @Test("A query's number that isn't one is told in words", arguments: ["abc", "", "1.5", "99999999999999999999", "+5", "0x10"])
  func numbers(limit: String) async throws {
    try await TestHouse().serve { client in
      let answer = try await client.send(.get, "/api/v1/notes?limit=\(limit.replacing("+", with: "%2B"))")
      #expect(answer.status.code == 422 && answer.text.contains("Give a whole number") && !answer.text.contains("9223372036854775807"), "\(answer.text)")
    }
  }

  @Test(
    "If-None-Match is answered with 304 while the tag holds",
    arguments: [("\"3\"", 304), ("W/\"3\"", 304), ("\"2\", \"3\"", 304), ("*", 304), ("\"2\"", 200), ("3", 200)])
  func unchanged(tag: String, status: Int) async throws {
    try await TestHouse().serve { client in
      let answer = try await client.send(.get, "/api/v1/notes/1", [.ifNoneMatch: tag])
      #expect(answer.status.code == status && answer.headers[.eTag] == "\"3\"")
    }
  }

  @Test(
    "If-Match is handed to the use case, and a tag that can't be ours is stale",
    arguments: [("\"3\"", 200), ("*", 200), ("\"2\"", 412), ("W/\"3\"", 412), ("\"x\"", 412), ("\"03\"", 412), ("3", 400), ("", 400), (",", 400), ("\"3\", \"4\"", 400)])
  func condition(tag: String, status: Int) async throws {
    try await TestHouse().serve { client in
      let answer = try await client.send(.patch, "/api/v1/notes/1", [.ifMatch: tag], body: #"{"text":"b"}"#)
      #expect(answer.status.code == status)
    }
  }

  @Test("A mistake of ours is told without its details, and logged with them")
  func defect() async throws {
    let house = try await TestHouse()
    try await house.serve { client in
      let answer = try await client.send(.delete, "/api/v1/notes")
      #expect(answer.status == .internalServerError && !answer.text.contains("fire") && !answer.text.contains("password"))
    }
    #expect(house.sink.all.contains { $0.contains("defect") && $0.contains("fire") && $0.contains("Bug") })
  }

  @Test("A name that was changed leads on with the new one")
  func moved() async throws {
    try await TestHouse().serve { client in
      let answer = try await client.send(.get, "/api/v1/moved/old")
      #expect(answer.status.code == 308 && answer.headers[.location] == "/api/v1/moved/new%20name" && answer.code == "note.moved")
    }
  }

  @Test("The server doesn't start unless what is bound is what is declared")
  func boundIsDeclared() async throws {
    let house = try await TestHouse()
    #expect(throws: Problem.self) { try ServerApplication(house.plane, features: [Sketch.feature], declared: Array(Sketch.declared.dropLast())) }
    #expect(throws: Problem.self) { try ServerApplication(house.plane, features: [], declared: Sketch.declared) }
    #expect(throws: Problem.self) { try ServerApplication(house.plane, features: [Sketch.feature, Sketch.feature], declared: Sketch.declared) }
    #expect(Mounting.faults(declared: [AnyEndpoint(Sketch.list)], bound: [AnyEndpoint(Sketch.show)]).count == 2)
  }

  @Test("The product's own features are all bound, and the document is served")
  func product() async throws {
    let house = try await TestHouse()
    try await house.serve(house.plane.features, declared: API.all) { client in
      let document = try await client.send(.get, "/api/v1/openapi.json")
      #expect(document.status == .ok && document.json["openapi"] == "3.1.0")
      #expect(try await client.send(.get, "/api/v1/openapi.json", [.ifNoneMatch: document.headers[.eTag] ?? ""]).status == .notModified)
      let reference = try await client.send(.get, "/docs/reference").text
      for operation in API.all { #expect(reference.contains("\"/docs/reference/\(operation.noun)#\(operation.name)\""), "\(operation.name)") }
      for noun in Set(API.all.map(\.noun)) {
        let page = try await client.send(.get, "/docs/reference/\(noun)")
        #expect(page.status == .ok && page.text.utf8.count < 100_000)
        for operation in API.all where operation.noun == noun { #expect(page.text.contains("id=\"\(operation.name)\""), "\(operation.name)") }
      }
      #expect(try await client.send(.get, "/docs/reference/nothing").status == .notFound)
      #expect(try await client.send(.get, "/docs").headers[.location] == "/docs/reference")
      #expect(try await client.send(.get, "/problems/name.taken").text.contains("409"))
      #expect(try await client.send(.get, "/problems/nothing").status == .notFound)
    }
  }
}

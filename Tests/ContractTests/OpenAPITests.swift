import Kernel
import Testing

@testable import Contract

@Suite struct OpenAPITests {
  @Test("The catalogue doesn't contradict itself, and its document is the same text each time")
  func catalogue() throws {
    let document = try OpenAPI(API.all)
    #expect(document.text == (try OpenAPI(API.all)).text)
    #expect(try JSON(Array(document.text.utf8)) == document.json)
  }

  @Test("An operation is described with all that can happen to it")
  func entry() throws {
    let document = try OpenAPI([AnyEndpoint(Sketch.list), AnyEndpoint(Sketch.show), AnyEndpoint(Sketch.change), AnyEndpoint(Sketch.remove)]).json
    let paths = try #require(document["paths"])
    let list = try #require(paths["/halls/{hall}/notes"]?["get"])
    #expect(list["operationId"] == "note.list" && list["x-required-permission"] == "note.read" && list["tags"] == ["Note"])
    #expect(list.parameterNames == ["hall", "limit", "cursor", "author"])
    #expect(list["responses"]?["200"]?["headers"]?["Link"] != nil)
    #expect(list.statuses == ["200", "400", "401", "403", "404", "408", "422", "429", "431", "500", "503"])
    let change = try #require(paths["/halls/{hall}/notes/{note}"]?["patch"])
    #expect(change.parameterNames == ["hall", "note", "If-Match", "Idempotency-Key"])
    #expect(change.statuses == ["200", "400", "401", "403", "404", "408", "409", "412", "413", "415", "422", "429", "431", "500", "503"])
    #expect(change["requestBody"]?["content"]?["application/json"]?["schema"] == ["$ref": "#/components/schemas/SketchDraft"])
    #expect(change["requestBody"]?["content"]?["application/json"]?["example"] == ["text": "text", "tags": ["text"]])
    #expect(change["responses"]?["412"] == ["$ref": "#/components/responses/Stale", "description": "`stale`"])
    #expect(document["components"]?["responses"]?["Stale"]?["content"]?["application/problem+json"]?["schema"] == ["$ref": "#/components/schemas/ProblemDetails"])
    let show = try #require(paths["/halls/{hall}/notes/{note}"]?["get"])
    #expect(show.parameterNames == ["hall", "note", "If-None-Match"] && show.statuses.contains("304"))
    let remove = try #require(paths["/halls/{hall}/notes/{note}"]?["delete"])
    #expect(remove["responses"]?["204"]?["content"] == nil)
    let schemas = try #require(document["components"]?["schemas"])
    #expect(schemas["SketchDraft"]?["additionalProperties"] == false && schemas["SketchNote"]?["additionalProperties"] == nil)
    #expect(schemas["SketchDraft"]?["required"] == ["text"])
    #expect(schemas["SketchDraft"]?["properties"]?["tags"]?["type"] == ["array", "null"])
  }

  @Test("Every refusal of every operation is one of the shared answers, and names its codes")
  func refusals() throws {
    let document = try OpenAPI(API.all).json
    let shared = try #require(document["components"]?["responses"])
    for operation in API.all {
      let responses = try #require(document["paths"]?[operation.path]?[operation.method.rawValue.lowercased()]?["responses"])
      for (status, codes) in operation.allRefusals {
        guard case .string(let reference)? = responses[String(status)]?["$ref"], case .string(let names)? = responses[String(status)]?["description"] else {
          Issue.record("\(operation.name) doesn't declare \(status).")
          continue
        }
        let answer = try #require(shared[String(reference.split(separator: "/").last ?? "")])
        guard case .string(let meanings)? = answer["description"] else { continue }
        for code in codes { #expect(code.kind.status == status && names.contains("`\(code.name)`") && meanings.contains("`\(code.name)`: ")) }
      }
    }
  }

  @Test("A catalogue that contradicts itself is refused with every reason")
  func contradictions() {
    let wrong = Endpoint<Nothing, Nothing, Sketch.Draft, Nothing>("note.list", .get, "/halls/{hall}/notes", access: .anyone, summary: "No stop", status: 200)
    #expect { try OpenAPI([AnyEndpoint(Sketch.list), AnyEndpoint(wrong)]) } throws: { error in (error as? ContractFault)?.reasons.count == 6 }
  }

  @Test("Two shapes under one name are refused")
  func sameName() {
    var components = Components()
    components.add(ofBody: true, .object(name: "A", properties: []))
    components.add(ofBody: true, .object(name: "A", properties: []))
    #expect(components.faults.isEmpty)
    components.add(ofBody: false, .object(name: "A", properties: [.init(name: "b", schema: .boolean, required: true)]))
    #expect(components.faults.count == 1)
  }

  @Test("Every kind of refusal has its own status, all of them 3xx, 4xx or 5xx")
  func statuses() {
    let statuses = Problem.Kind.allCases.map(\.status)
    #expect(Set(statuses).count == statuses.count)
    #expect(statuses.allSatisfy { (300..<600).contains($0) })
  }
}

extension JSON {
  fileprivate var statuses: [String] {
    guard case .object(let members)? = self["responses"] else { return [] }
    return members.map(\.name)
  }

  fileprivate var parameterNames: [String] {
    guard case .array(let parameters)? = self["parameters"] else { return [] }
    return parameters.compactMap { parameter in
      if case .string(let name)? = parameter["name"] { return name }
      if case .string(let reference)? = parameter["$ref"] { return reference.split(separator: "/").last.map(String.init) }
      return nil
    }
  }
}

enum Sketch {
  struct Hall: Codable { var hall: String }
  struct Place: Codable {
    var hall: String
    var note: ID<Sketch>
  }
  struct Filter: Codable, PagedQuery {
    var limit: Int?
    var cursor: String?
    var author: String?
  }
  struct Draft: Codable {
    var text: String
    var tags: [String]?
  }
  struct Note: Codable, Versioned {
    var id: ID<Sketch>
    var text: String
    var revision: Int
  }

  static let list = Endpoint<Hall, Filter, Nothing, Wire.List<Note>>("note.list", .get, "/halls/{hall}/notes", access: .organization(permission: "note.read"), summary: "Lists notes.")
  static let show = Endpoint<Place, Nothing, Nothing, Note>("note.show", .get, "/halls/{hall}/notes/{note}", access: .organization(permission: "note.read"), summary: "Shows a note.")
  static let change = Endpoint<Place, Nothing, Draft, Note>(
    "note.change", .patch, "/halls/{hall}/notes/{note}", access: .organization(permission: "note.write"), summary: "Changes a note.", refusals: [.stale, .takenName])
  static let remove = Endpoint<Place, Nothing, Nothing, Nothing>(
    "note.remove", .delete, "/halls/{hall}/notes/{note}", access: .organization(permission: "note.write"), summary: "Removes a note.", status: 204)
}

import Kernel

/// The OpenAPI 3.1 document of a catalogue of operations: one text for one catalogue.
public struct OpenAPI {
  public let json: JSON

  /// The document for people, and as it is kept beside the code.
  public var text: String { json.pretty(width: 160) }

  /// Refuses a catalogue that contradicts itself, with all that is wrong in it.
  public init(_ operations: [AnyEndpoint], title: String = "Guildhall", version: String = "1") throws(ContractFault) {
    var catalogue = Catalogue()
    for operation in operations { catalogue.add(operation) }
    guard catalogue.faults.isEmpty else { throw ContractFault(reasons: catalogue.faults) }
    catalogue.components.add(ofBody: false, Self.problem)
    json = [
      "openapi": "3.1.0",
      "info": [
        "title": .string(title),
        "version": .string(version),
        "summary": "Organizations and who may do what in them",
        "description": """
          Send a personal access token or a key of a service account as a bearer token. \
          Lists come in pages: give `next_cursor` of one page as `cursor` to get the next. \
          Things with an `ETag` can be read again with `If-None-Match` and changed with `If-Match`. \
          A POST or PATCH with an `Idempotency-Key` can be repeated without harm for 24 hours. \
          Refusals are `application/problem+json`; decide by `code`. Each operation names the codes that it may give, `/problems` says what they mean.
          """,
      ],
      "servers": [["url": .string(API.base)]],
      "tags": .array(catalogue.tags.map { ["name": .string($0)] }),
      "paths": .object(catalogue.paths.map { JSON.Member($0.path, .object($0.operations)) }),
      "components": [
        "schemas": .object(catalogue.components.schemas),
        "parameters": OpenAPIParts.parameters,
        "headers": OpenAPIParts.headers,
        "responses": .object(catalogue.refusals),
        "securitySchemes": [
          "token": ["type": "http", "scheme": "bearer", "description": "A personal access token, or a key of a service account."],
          "session": ["type": "apiKey", "in": "cookie", "name": "__Host-guildhall", "description": "The session of the console; over plain HTTP the cookie is called `guildhall`."],
        ],
      ],
    ]
  }

  private static let problem: Schema = (try? .probing(Wire.ProblemDetails.self)) ?? .anything
}

/// What is wrong with a catalogue of operations.
public struct ContractFault: Error, Hashable, Sendable, CustomStringConvertible {
  public let reasons: [String]

  public var description: String { reasons.joined(separator: "\n") }
}

/// Gathers operations into paths, and what contradicts itself.
private struct Catalogue {
  var paths: [(path: String, operations: [JSON.Member])] = []
  var components = Components()
  var tags: [String] = []
  /// The codes that any operation may refuse with, by kind.
  private var codes: [Problem.Kind: Set<Problem.Code>] = [:]
  private var ownFaults: [String] = []
  private var names: Set<String> = []
  private var routes: Set<String> = []

  var faults: [String] { ownFaults + components.faults }

  mutating func add(_ operation: AnyEndpoint) {
    let shape: Shape
    do {
      shape = try operation.shape()
    } catch {
      ownFaults.append("\(operation.name): \(error)")
      return
    }
    check(operation, shape)
    if !tags.contains(operation.tag) { tags.append(operation.tag) }
    let member = JSON.Member(operation.method.rawValue.lowercased(), entry(operation, shape))
    if let place = paths.firstIndex(where: { $0.path == operation.path }) {
      paths[place].operations.append(member)
    } else {
      paths.append((operation.path, [member]))
    }
  }

  private mutating func check(_ operation: AnyEndpoint, _ shape: Shape) {
    func expect(_ holds: Bool, _ reason: String) { if !holds { ownFaults.append("\(operation.name): \(reason)") } }
    expect(names.insert(operation.name).inserted, "two operations have this name.")
    let route = operation.path.split(separator: "/").map { $0.hasPrefix("{") ? "{}" : $0 }.joined(separator: "/")
    expect(routes.insert("\(operation.method.rawValue) /\(route)").inserted, "another operation has the same method and path.")
    expect(operation.path.hasPrefix("/") && !operation.path.hasSuffix("/"), "a path begins with a slash and doesn't end with one.")
    expect(operation.pathParameters.sorted() == shape.path.map(\.name).sorted(), "the parameters in the path and the fields of its type differ.")
    expect(shape.path.allSatisfy(\.required), "a parameter of a path can't be left out.")
    expect((200...202).contains(operation.status) == (shape.output != nil) || operation.status == 202, "an answer with a body is 200, 201 or 202; one without is 204 or 202.")
    expect(operation.status / 100 == 2, "the status of what isn't refused begins with 2.")
    expect(!operation.takesBody || operation.method != .get && operation.method != .delete, "GET and DELETE take no body.")
    expect(operation.summary.hasSuffix("."), "the summary is a sentence.")
  }

  private mutating func entry(_ operation: AnyEndpoint, _ shape: Shape) -> JSON {
    var entry: [JSON.Member] = [
      .init("operationId", .string(operation.name)),
      .init("summary", .string(operation.summary)),
      .init("tags", [.string(operation.tag)]),
      .init("x-required-permission", .string(operation.access.permission)),
      .init("security", operation.access == .anyone ? [[:], ["token": []], ["session": []]] : [["token": []], ["session": []]]),
    ]
    let parameters = parameters(of: operation, shape)
    if !parameters.isEmpty { entry.append(.init("parameters", .array(parameters))) }
    if let body = shape.body {
      entry.append(.init("requestBody", ["required": true, "content": content("application/json", components.add(ofBody: true, body.schema), body.example)]))
    }
    entry.append(.init("responses", .object([answer(of: operation, shape)] + unchanged(operation) + refusals(of: operation))))
    return .object(entry)
  }

  private mutating func parameters(of operation: AnyEndpoint, _ shape: Shape) -> [JSON] {
    var parameters: [JSON] = []
    for property in shape.path {
      parameters.append(["name": .string(property.name), "in": "path", "required": true, "schema": components.add(ofBody: true, property.schema)])
    }
    for property in shape.query {
      if operation.isPaged, property.name == "limit" || property.name == "cursor" {
        parameters.append(["$ref": .string("#/components/parameters/\(property.name)")])
        continue
      }
      var parameter: [JSON.Member] = [.init("name", .string(property.name)), .init("in", "query")]
      if property.required { parameter.append(.init("required", true)) }
      parameter.append(.init("schema", components.add(ofBody: true, property.schema)))
      parameters.append(.object(parameter))
    }
    if operation.method == .get, operation.isVersioned { parameters.append(["$ref": "#/components/parameters/If-None-Match"]) }
    if operation.takesRevision { parameters.append(["$ref": "#/components/parameters/If-Match"]) }
    if operation.method.takesKey { parameters.append(["$ref": "#/components/parameters/Idempotency-Key"]) }
    return parameters
  }

  private mutating func answer(of operation: AnyEndpoint, _ shape: Shape) -> JSON.Member {
    var headers = OpenAPIParts.everywhere
    if operation.isVersioned { headers.append("ETag") }
    if operation.isPaged { headers.append("Link") }
    if operation.isAddressed { headers.append("Location") }
    if operation.method.takesKey { headers.append("Idempotency-Replayed") }
    var answer: [JSON.Member] = [.init("description", .string(operation.meaning)), .init("headers", OpenAPIParts.references(to: headers))]
    if let output = shape.output { answer.append(.init("content", content("application/json", components.add(ofBody: false, output.schema), output.example))) }
    return .init(String(operation.status), .object(answer))
  }

  private func unchanged(_ operation: AnyEndpoint) -> [JSON.Member] {
    guard operation.method == .get, operation.isVersioned else { return [] }
    return [.init("304", ["description": "Nothing has changed since.", "headers": OpenAPIParts.references(to: OpenAPIParts.everywhere + ["ETag"])])]
  }

  /// One answer for each kind of refusal, which all operations share.
  var refusals: [JSON.Member] {
    codes.sorted { $0.key.status < $1.key.status }.map { kind, codes in
      var headers = OpenAPIParts.everywhere
      switch kind {
      case .moved: headers.append("Location")
      case .unauthenticated: headers.append("WWW-Authenticate")
      case .limited, .unavailable: headers.append("Retry-After")
      default: break
      }
      let sorted = codes.sorted { $0.name < $1.name }
      let first = sorted.first ?? .defect
      let example: JSON = [
        "type": .string("/problems/\(first.name)"), "title": .string(first.title), "status": .integer(Int64(kind.status)), "detail": .string("\(first.title)."),
        "code": .string(first.name),
      ]
      return .init(
        kind.responseName,
        [
          "description": .string(sorted.map { "`\($0.name)`: \($0.title)." }.joined(separator: " ")),
          "headers": OpenAPIParts.references(to: headers),
          "content": content("application/problem+json", ["$ref": "#/components/schemas/ProblemDetails"], example),
        ])
    }
  }

  /// Refers to the shared answers, each described by the codes that this operation may give.
  private mutating func refusals(of operation: AnyEndpoint) -> [JSON.Member] {
    operation.allRefusals.compactMap { status, codes in
      guard let kind = codes.first?.kind else { return nil }
      self.codes[kind, default: []].formUnion(codes)
      let names = codes.map { "`\($0.name)`" }.joined(separator: ", ")
      return .init(String(status), ["$ref": .string("#/components/responses/\(kind.responseName)"), "description": .string(names)])
    }
  }

  private func content(_ mediaType: String, _ schema: JSON, _ example: JSON) -> JSON {
    .object([.init(mediaType, ["schema": schema, "example": example])])
  }
}

/// The named objects of the document.
struct Components {
  private var shapes: [(name: String, properties: [Schema.Property], isSent: Bool)] = []
  private(set) var faults: [String] = []

  /// In the order of their names; what clients send allows no other fields, what they get may grow some.
  var schemas: [JSON.Member] {
    shapes.sorted { $0.name < $1.name }.map { shape in
      var schema: [JSON.Member] = [.init("type", "object")]
      let required = shape.properties.filter(\.required).map { JSON.string($0.name) }
      if !required.isEmpty { schema.append(.init("required", .array(required))) }
      schema.append(.init("properties", .object(shape.properties.map { JSON.Member($0.name, $0.required ? $0.schema.json : $0.schema.nullableJSON) })))
      if shape.isSent { schema.append(.init("additionalProperties", false)) }
      return JSON.Member(shape.name, .object(schema))
    }
  }

  /// Takes in the objects of a schema, and answers the schema with references to them.
  @discardableResult mutating func add(ofBody isSent: Bool, _ schema: Schema) -> JSON {
    gather(schema, isSent)
    return schema.json
  }

  private mutating func gather(_ schema: Schema, _ isSent: Bool) {
    switch schema {
    case .array(let item), .dictionary(let item): gather(item, isSent)
    case .object(let name, let properties):
      if let place = shapes.firstIndex(where: { $0.name == name }) {
        if shapes[place].properties != properties { faults.append("Two types of different shape are called \(name).") }
        if isSent { shapes[place].isSent = true }
      } else {
        shapes.append((name, properties, isSent))
      }
      for property in properties { gather(property.schema, isSent) }
    case .string, .integer, .boolean, .anything, .reference: break
    }
  }
}

extension Schema {
  var json: JSON {
    switch self {
    case .string(let rules):
      var schema: [JSON.Member] = [.init("type", "string")]
      if let format = rules.format { schema.append(.init("format", .string(format))) }
      if let pattern = rules.pattern { schema.append(.init("pattern", .string(pattern))) }
      if let length = rules.length {
        if length.lowerBound > 0 { schema.append(.init("minLength", .integer(Int64(length.lowerBound)))) }
        if length.upperBound < Int.max { schema.append(.init("maxLength", .integer(Int64(length.upperBound)))) }
      }
      if !rules.choices.isEmpty { schema.append(.init("enum", .array(rules.choices.map(JSON.string)))) }
      return .object(schema)
    case .integer(let range):
      var schema: [JSON.Member] = [.init("type", "integer"), .init("format", "int64")]
      schema.append(.init("minimum", .integer(Int64(range?.lowerBound ?? Int.min))))
      schema.append(.init("maximum", .integer(Int64(range?.upperBound ?? Int.max))))
      return .object(schema)
    case .boolean: return ["type": "boolean"]
    case .array(let item): return ["type": "array", "items": item.json]
    case .dictionary(let item): return ["type": "object", "additionalProperties": item.json]
    case .anything: return [:]
    case .reference(let name), .object(let name, _): return ["$ref": .string("#/components/schemas/\(name)")]
    }
  }

  fileprivate var nullableJSON: JSON {
    switch (self, json) {
    case (.anything, let json): return json
    case (.string, .object(let members)), (.integer, .object(let members)), (.boolean, .object(let members)), (.array, .object(let members)), (.dictionary, .object(let members)):
      return .object(
        members.map { member in
          switch (member.name, member.value) {
          case ("type", let type): JSON.Member("type", [type, "null"])
          case ("enum", .array(let choices)): JSON.Member("enum", .array(choices + [.null]))
          default: member
          }
        })
    case (_, let reference): return ["anyOf": [reference, ["type": "null"]]]
    }
  }
}

extension AnyEndpoint {
  /// How the noun heads its part of the document: `Service account` for `service_account.create`.
  fileprivate var tag: String {
    let words = noun.split(whereSeparator: { $0 == "_" || $0 == "-" }).joined(separator: " ")
    return words.prefix(1).uppercased() + words.dropFirst()
  }

  fileprivate var meaning: String {
    switch status {
    case 201: "Made."
    case 202: "Taken in; it goes on without you waiting."
    case 204: "Done."
    default: isPaged ? "One page of the list." : "As asked."
    }
  }
}

extension Problem.Kind {
  /// The name of its answer in the document, such as `TooLarge`.
  fileprivate var responseName: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}

extension Access {
  /// What a caller needs, in one word or the permission's name.
  public var permission: String {
    switch self {
    case .anyone: "none"
    case .account: "account"
    case .organization(let permission), .resource(let permission, _): permission
    case .superUser: "super-user"
    }
  }
}

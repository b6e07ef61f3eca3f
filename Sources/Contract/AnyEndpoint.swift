public import Kernel

/// An operation without its types: what the catalogue, the document and the router need of it.
public struct AnyEndpoint: Sendable {
  public let name: String
  public let method: Method
  public let path: String
  public let access: Access
  public let summary: String
  public let status: Int
  public let refusals: [Problem.Code]
  /// The largest body it takes, in bytes; `nil` for what every operation takes.
  public let bodyLimit: Int?
  /// Whether a request carries a body.
  public let takesBody: Bool
  private let traits: @Sendable () -> Traits
  private let probe: @Sendable () throws(ProbeFailure) -> Shape

  public init<Path: Part, Query: Part, Body: Part, Output: Part>(_ endpoint: Endpoint<Path, Query, Body, Output>) {
    name = endpoint.name
    method = endpoint.method
    path = endpoint.path
    access = endpoint.access
    summary = endpoint.summary
    status = endpoint.status
    refusals = endpoint.refusals
    bodyLimit = endpoint.bodyLimit
    takesBody = Body.self != Nothing.self
    // Asked of the runtime when the document is made, not when the program starts: each answer takes a search through all conformances.
    traits = {
      Traits(
        isVersioned: Output.self is any Versioned.Type, isPaged: Query.self is any PagedQuery.Type,
        isAddressed: endpoint.status == 201 && Output.self is any Addressed.Type)
    }
    probe = { () throws(ProbeFailure) -> Shape in
      Shape(
        path: try Self.properties(of: Path.self), query: try Self.properties(of: Query.self),
        body: Body.self == Nothing.self ? nil : try Self.content(Body.self), output: Output.self == Nothing.self ? nil : try Self.content(Output.self))
    }
  }

  private struct Traits {
    let isVersioned: Bool
    let isPaged: Bool
    let isAddressed: Bool
  }

  /// Whether the answer shows a thing with a revision, and so has an `ETag`.
  public var isVersioned: Bool { traits().isVersioned }

  /// Whether the answer is one page of a list.
  public var isPaged: Bool { traits().isPaged }

  /// Whether the answer tells the address of what it made.
  public var isAddressed: Bool { traits().isAddressed }

  /// What travels, read from the types.
  public func shape() throws(ProbeFailure) -> Shape { try probe() }

  /// Whether the operation compares `If-Match` with the revision of the thing.
  public var takesRevision: Bool { refusals.contains { $0.kind == .stale } }

  /// The noun of the name: `member` of `member.remove`.
  public var noun: String { String(name.prefix { $0 != "." }) }

  /// The names in braces, in their order.
  public var pathParameters: [String] { path.split(separator: "/").filter { $0.hasPrefix("{") && $0.hasSuffix("}") }.map { String($0.dropFirst().dropLast()) } }

  private static func properties<Value: Codable>(of type: Value.Type) throws(ProbeFailure) -> [Schema.Property] {
    guard case .object(_, let properties) = try Schema.probing(type) else { throw ProbeFailure(type, "addresses hold named fields only.") }
    for property in properties where !property.schema.isFlat { throw ProbeFailure(type, "\(property.name) doesn't fit into an address.") }
    return properties
  }

  private static func content<Value: Codable>(_ type: Value.Type) throws(ProbeFailure) -> Content {
    let probed = try Probed<Value>.make(inside: [])
    guard let bytes = try? WireCoding.encode(probed.example), let example = try? JSON(bytes) else { throw ProbeFailure(type, "its example can't be written.") }
    return Content(schema: probed.schema, example: example)
  }
}

/// The shapes of the parts of an operation.
public struct Shape: Sendable {
  public let path: [Schema.Property]
  public let query: [Schema.Property]
  public let body: Content?
  public let output: Content?
}

/// A shape with a lawful example.
public struct Content: Sendable {
  public let schema: Schema
  public let example: JSON
}

/// An answer that has an address of its own: it becomes the `Location` of what was made.
public protocol Addressed {
  /// The last segment of the address, behind that of the list it was added to.
  var segment: String { get }
}

extension Schema {
  /// Whether a text, or a list of texts, can say it.
  fileprivate var isFlat: Bool {
    switch self {
    case .string, .integer, .boolean: true
    case .array(let item): item.isScalar
    case .dictionary, .anything, .reference, .object: false
    }
  }

  private var isScalar: Bool {
    switch self {
    case .string, .integer, .boolean: true
    default: false
    }
  }
}

public import Contract
public import Kernel

/// A request to one operation, its parts already read.
public struct Call<Path: Sendable, Query: Sendable, Body: Sendable>: Sendable {
  public let caller: Caller
  public let path: Path
  public let query: Query
  public let body: Body
  /// The revision the client has seen (`If-Match`): the use case refuses as `stale` when there is a newer one.
  public let revision: Int?

  public init(caller: Caller, path: Path, query: Query, body: Body, revision: Int?) {
    self.caller = caller
    self.path = path
    self.query = query
    self.body = body
    self.revision = revision
  }
}

/// An operation of the contract together with the use case that carries it out.
public struct BoundEndpoint: Sendable {
  public let endpoint: AnyEndpoint
  /// Refuses a caller before the body is read, where one may be large; `nil` where the use case is soon enough.
  public let admission: (@Sendable (Caller) async throws(Problem) -> Void)?
  /// Reads the parts of a request, calls the use case, and writes its answer.
  public let answer: @Sendable (OperationRequest) async throws(Problem) -> OperationAnswer

  /// `reading`, `writing`: for what comes by the thousand, in place of `WireCoding`, which they must agree with.
  public init<Path: Part, Query: Part, Body: Part, Output: Part>(
    _ endpoint: Endpoint<Path, Query, Body, Output>, admitting admission: (@Sendable (Caller) async throws(Problem) -> Void)? = nil,
    reading: (@Sendable ([UInt8]) throws(Problem) -> Body)? = nil, writing: (@Sendable (Output) -> [UInt8])? = nil,
    _ useCase: @escaping @Sendable (Call<Path, Query, Body>) async throws(Problem) -> Output
  ) {
    self.endpoint = AnyEndpoint(endpoint)
    self.admission = admission
    answer = { (request) async throws(Problem) -> OperationAnswer in
      let call = Call<Path, Query, Body>(
        caller: request.caller,
        path: try Self.place(Path.self, from: request.path),
        query: try Self.query(request.query),
        body: try Self.body(request.body, reading),
        revision: request.revision)
      let output = try await useCase(call)
      return OperationAnswer(
        status: endpoint.status,
        body: Output.self == Nothing.self ? nil : try Self.written(output, writing),
        revision: (output as? any Versioned)?.revision,
        segment: (output as? any Addressed)?.segment,
        nextCursor: (output as? any PagedAnswer)?.nextCursor)
    }
  }

  // What says nothing needs no reading.

  private static func query<Query: Decodable>(_ pairs: [(String, String)]) throws(Problem) -> Query {
    if pairs.isEmpty, let nothing = Nothing() as? Query { return nothing }
    return try FlatDecoder.decode(Query.self, from: pairs)
  }

  private static func written<Output: Encodable>(_ output: Output, _ writing: ((Output) -> [UInt8])?) throws(Problem) -> [UInt8] {
    if let writing { return writing(output) }
    return try WireCoding.encode(output)
  }

  private static func body<Body: Decodable>(_ bytes: [UInt8], _ reading: (([UInt8]) throws(Problem) -> Body)?) throws(Problem) -> Body {
    if let reading { return try reading(bytes) }
    if let nothing = Nothing() as? Body { return nothing }
    return try WireCoding.decode(Body.self, from: bytes)
  }

  /// What can't be an id of ours is the address of nothing.
  private static func place<Path: Decodable>(_ type: Path.Type, from parameters: [(String, String)]) throws(Problem) -> Path {
    do {
      return try FlatDecoder.decode(type, from: parameters)
    } catch {
      throw error.kind == .invalid ? Problem(.missing, "There is nothing at this address.") : error
    }
  }
}

/// A request as it arrived, before its parts are understood.
public struct OperationRequest: Sendable {
  public var caller: Caller
  public var path: [(String, String)]
  public var query: [(String, String)]
  public var body: [UInt8]
  public var revision: Int?

  public init(caller: Caller, path: [(String, String)], query: [(String, String)], body: [UInt8], revision: Int?) {
    self.caller = caller
    self.path = path
    self.query = query
    self.body = body
    self.revision = revision
  }
}

/// An answer, ready to be sent.
public struct OperationAnswer: Sendable {
  public let status: Int
  /// `nil` where there is nothing to say.
  public let body: [UInt8]?
  /// Becomes the entity tag.
  public let revision: Int?
  /// The last segment of the address of what was made.
  public let segment: String?
  /// Where the next page of a list begins.
  public let nextCursor: String?

  public init(status: Int, body: [UInt8]?, revision: Int?, segment: String?, nextCursor: String?) {
    self.status = status
    self.body = body
    self.revision = revision
    self.segment = segment
    self.nextCursor = nextCursor
  }
}

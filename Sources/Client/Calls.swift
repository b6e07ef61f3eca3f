public import Contract
public import Kernel

// The parts of a call that carry nothing can be left out.
extension GuildhallClient {
  public func call<Output: Part>(_ endpoint: Endpoint<Nothing, Nothing, Nothing, Output>) async throws(Problem) -> Output {
    try await call(endpoint, path: Nothing(), query: Nothing(), body: Nothing())
  }

  public func call<Path: Part, Output: Part>(
    _ endpoint: Endpoint<Path, Nothing, Nothing, Output>, path: Path, revision: Int? = nil
  ) async throws(Problem) -> Output {
    try await call(endpoint, path: path, query: Nothing(), body: Nothing(), revision: revision)
  }

  public func call<Query: Part, Output: Part>(_ endpoint: Endpoint<Nothing, Query, Nothing, Output>, query: Query) async throws(Problem) -> Output {
    try await call(endpoint, path: Nothing(), query: query, body: Nothing())
  }

  public func call<Path: Part, Query: Part, Output: Part>(
    _ endpoint: Endpoint<Path, Query, Nothing, Output>, path: Path, query: Query
  ) async throws(Problem) -> Output {
    try await call(endpoint, path: path, query: query, body: Nothing())
  }

  public func call<Body: Part, Output: Part>(
    _ endpoint: Endpoint<Nothing, Nothing, Body, Output>, body: Body, revision: Int? = nil, idempotencyKey: String? = nil
  ) async throws(Problem) -> Output {
    try await call(endpoint, path: Nothing(), query: Nothing(), body: body, revision: revision, idempotencyKey: idempotencyKey)
  }

  public func call<Path: Part, Body: Part, Output: Part>(
    _ endpoint: Endpoint<Path, Nothing, Body, Output>, path: Path, body: Body, revision: Int? = nil, idempotencyKey: String? = nil
  ) async throws(Problem) -> Output {
    try await call(endpoint, path: path, query: Nothing(), body: body, revision: revision, idempotencyKey: idempotencyKey)
  }
}

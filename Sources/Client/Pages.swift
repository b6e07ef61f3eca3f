public import Contract
public import Kernel

extension GuildhallClient {
  /// The pages of a list, asked for one by one as they are needed, from where `query` begins.
  public func pages<Path: Part, Query: PagedQuery & Part, Item: Part>(
    _ endpoint: Endpoint<Path, Query, Nothing, Wire.List<Item>>, path: Path, query: Query
  ) -> Pages<Path, Query, Item> {
    Pages(client: self, endpoint: endpoint, path: path, query: query)
  }

  public func pages<Query: PagedQuery & Part, Item: Part>(
    _ endpoint: Endpoint<Nothing, Query, Nothing, Wire.List<Item>>, query: Query
  ) -> Pages<Nothing, Query, Item> {
    Pages(client: self, endpoint: endpoint, path: Nothing(), query: query)
  }
}

/// A list, page after page. What is added or removed meanwhile may be seen or missed, but nothing is shown twice.
public struct Pages<Path: Part, Query: PagedQuery & Part, Item: Part>: AsyncSequence, Sendable {
  public typealias Element = Wire.List<Item>
  public typealias Failure = Problem

  let client: GuildhallClient
  let endpoint: Endpoint<Path, Query, Nothing, Wire.List<Item>>
  let path: Path
  let query: Query

  public func makeAsyncIterator() -> Iterator { Iterator(pages: self, query: query) }

  public struct Iterator: AsyncIteratorProtocol {
    let pages: Pages
    var query: Query?

    public mutating func next() async throws(Problem) -> Wire.List<Item>? { try await next(isolation: nil) }

    public mutating func next(isolation actor: isolated (any Actor)?) async throws(Problem) -> Wire.List<Item>? {
      guard var query else { return nil }
      let page = try await pages.client.call(pages.endpoint, path: pages.path, query: query)
      guard let cursor = page.nextCursor else {
        self.query = nil
        return page
      }
      // A server that leads in a circle would keep us for ever.
      guard cursor != query.cursor else { throw Problem(.newerServer, "\(pages.client.server.name) lists the same page again and again. Tell its operator.") }
      query.cursor = cursor
      self.query = query
      return page
    }
  }
}

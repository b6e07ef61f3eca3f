public import Kernel

/// The JSON API of Guildhall as values; each extension holds the operations of one noun.
public enum API {
  /// Where all paths of the contract begin.
  public static let base = "/api/v1"

  /// The version of the product that keeps these promises.
  public static let version = "0.1.0"
}

/// The types that travel: what clients send and get. Field names are written in snake case on the wire.
public enum Wire {}

public enum Method: String, Sendable, Hashable, CaseIterable {
  case get = "GET"
  case post = "POST"
  case put = "PUT"
  case patch = "PATCH"
  case delete = "DELETE"
}

/// Who may call an operation at all; what it then allows depends on the thing it is done to.
public enum Access: Hashable, Sendable {
  /// Anybody, without credentials.
  case anyone
  /// A signed-in person, for what is their own.
  case account
  /// Who holds this permission on the organization in the path.
  case organization(permission: String)
  /// Who holds this permission on the organization in the path, or a role on the thing in the path that allows as much. Who holds neither it nor `seen` isn't
  /// told whether there is such a thing.
  case resource(permission: String, seen: String)
  /// The operators of the installation.
  case superUser
}

/// A value that travels in neither direction: no path parameters, no query, no body, no answer.
public struct Nothing: Codable, Sendable, Hashable {
  public init() {}
}

/// What a part of a request or an answer can do: travel as JSON, and between tasks.
public typealias Part = Codable & Sendable

/// One operation of the JSON API: the route, the OpenAPI entry, the client's call and a row of the access test all come from this value.
///
/// Each part is a `Part`, as `init` demands. The type itself doesn't: the runtime would look for the conformances of every part of every operation when
/// the program starts, and those searches were a large part of a start.
public struct Endpoint<Path: Sendable, Query: Sendable, Body: Sendable, Output: Sendable>: Sendable {
  /// `noun.verb`, the operation's stable name.
  public let name: String
  public let method: Method
  /// Behind `API.base`, with parameters in braces: `/organizations/{organization}/members`.
  public let path: String
  public let access: Access
  /// One sentence, for the document and the command line.
  public let summary: String
  /// The status of the answer that isn't a refusal.
  public let status: Int
  /// What it may refuse, beyond what every operation may (see `Endpoint.universalRefusals`).
  public let refusals: [Problem.Code]
  /// The largest body it takes, in bytes; `nil` for what every operation takes.
  public let bodyLimit: Int?

  public init(
    _ name: String, _ method: Method, _ path: String, access: Access, summary: String, status: Int = 200, refusals: [Problem.Code] = [], bodyLimit: Int? = nil
  ) where Path: Part, Query: Part, Body: Part, Output: Part {
    self.name = name
    self.method = method
    self.path = path
    self.access = access
    self.summary = summary
    self.status = status
    self.refusals = refusals
    self.bodyLimit = bodyLimit
  }
}

/// An answer that carries the version of the thing it shows: it becomes the `ETag`, and `If-Match` is compared with it.
public protocol Versioned {
  /// Grows with every change of the thing.
  var revision: Int { get }
}

/// Which page of a list, as a query; lists with filters have a query type of their own with the same two fields.
extension Wire {
  public struct Paging: Codable, Sendable, Hashable, PagedQuery {
    public var limit: Int?
    public var cursor: String?

    public init(limit: Int? = nil, cursor: String? = nil) {
      self.limit = limit
      self.cursor = cursor
    }
  }

  /// One page of a list, of items that are each a `Part`; the type itself doesn't demand it, for the reason that `Endpoint` has.
  public struct List<Item: Sendable>: Sendable {
    public var items: [Item]
    /// Give it as `cursor` to get the next page; absent on the last.
    public var nextCursor: String?
    /// How many items there are in all, under the same filters.
    public var total: Int
    /// There and true when items were counted only so far, and there are more than `total` perhaps.
    public var totalIsCapped: Bool?

    public init(items: [Item], nextCursor: String?, total: Int, totalIsCapped: Bool = false) {
      self.items = items
      self.nextCursor = nextCursor
      self.total = total
      self.totalIsCapped = totalIsCapped ? true : nil
    }
  }
}

/// A page of a list that says where the next begins.
public protocol PagedAnswer {
  var nextCursor: String? { get }
}

extension Wire.List: Codable where Item: Codable {}

extension Wire.List: PagedAnswer {}

public protocol PagedQuery {
  var limit: Int? { get set }
  var cursor: String? { get set }
}

extension PagedQuery {
  /// The page that is asked for; refuses limits and cursors that can't be.
  public func page() throws(Problem) -> PageRequest {
    let place = try cursor.map { text throws(Problem) in try Problem.checking("cursor") { () throws(Rejection) in try Cursor(text) } }
    return try PageRequest(limit: limit ?? 50, cursor: place)
  }
}

extension Wire.List {
  public init<Element>(_ page: Page<Element>, _ item: (Element) -> Item) {
    self.init(items: page.items.map(item), nextCursor: page.next?.description, total: page.total, totalIsCapped: page.isCapped)
  }
}

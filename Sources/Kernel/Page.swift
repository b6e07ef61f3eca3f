/// One page of a list, with where the next begins and how many there are in all.
public struct Page<Item: Sendable>: Sendable {
  public let items: [Item]
  /// Where the next page begins; `nil` on the last.
  public let next: Cursor?
  /// How many items the whole list has, under the same filters.
  public let total: Int
  /// Whether counting ended before all were counted: there are at least `total`.
  public let isCapped: Bool

  public init(items: [Item], next: Cursor?, total: Int, isCapped: Bool = false) {
    self.items = items
    self.next = next
    self.total = total
    self.isCapped = isCapped
  }

  public func map<Other>(_ transform: (Item) -> Other) -> Page<Other> { Page<Other>(items: items.map(transform), next: next, total: total, isCapped: isCapped) }
}

extension Page: Equatable where Item: Equatable {}

/// Which page of a list is asked for.
public struct PageRequest: Sendable, Hashable {
  /// How many items: 1 to 200.
  public let limit: Int
  public let cursor: Cursor?

  public static let limits = 1...200

  public init(limit: Int = 50, cursor: Cursor? = nil) throws(Problem) {
    guard Self.limits.contains(limit) else { throw .invalid("limit", "Ask for 1 to 200 rows at once.") }
    self.limit = limit
    self.cursor = cursor
  }

  /// The first 50.
  public static let first = PageRequest(verified: 50)
  private init(verified: Int) { (limit, cursor) = (verified, nil) }

  /// The keys the cursor holds; `nil` without a cursor. Refuses a cursor that another list or another order made.
  public func keys(of list: String, count: Int) throws(Problem) -> [String]? {
    guard let cursor else { return nil }
    guard cursor.list == list, cursor.keys.count == count else {
      throw .invalid("cursor", "This cursor belongs to another list; start again without it.")
    }
    return cursor.keys
  }
}

/// The place in an ordered list where the next page begins: opaque to clients, the last row's sort keys to us.
public struct Cursor: Hashable, Sendable, CustomStringConvertible {
  /// The list and order that made it.
  public let list: String
  public let keys: [String]

  public init(list: String, keys: [String]) {
    self.list = list
    self.keys = keys
  }

  /// Base64url of the texts, each closed by a zero byte.
  public var description: String { Base64URL.encode(([list] + keys).flatMap { Array($0.utf8) + [0] }) }

  public init(_ text: some StringProtocol) throws(Rejection) {
    guard text.utf8.count <= 2048, let bytes = Base64URL.decode(text), bytes.last == 0 else { throw Self.unreadable }
    var fields: [String] = []
    for field in bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false) {
      guard let text = String(validating: field, as: UTF8.self) else { throw Self.unreadable }
      fields.append(text)
    }
    self.init(list: fields[0], keys: Array(fields.dropFirst()))
  }

  private static let unreadable = Rejection("This cursor can't be read; use the one that came with the last page.")
}

import Contract
import Kernel

/// All routes, found by path. A segment that is written out goes before a parameter; a path that ends in a slash is none of ours.
struct RouteTable: Sendable {
  private var root = Node()
  private(set) var faults: [String] = []

  init(_ routes: [Route]) {
    for route in routes { add(route) }
  }

  struct Match: Sendable {
    /// The routes at this path, by method.
    let routes: [Method: Route]
    /// The texts of the parameters, in their order.
    let values: [String]

    /// What `Allow` says: a GET can always be a HEAD.
    var allowed: [String] { (routes.keys.map(\.rawValue) + (routes[.get] == nil ? [] : ["HEAD"])).sorted() }

    func parameters(of route: Route) -> [(String, String)] { Array(zip(route.parameterNames, values)) }
  }

  /// `nil` for a path that isn't there, or can't be read.
  func match(_ path: String) -> Match? {
    guard path.utf8.first == UInt8(ascii: "/") else { return nil }
    let isEscaped = path.utf8.contains { $0 == UInt8(ascii: "%") || $0 == 0 }
    var segments: [String] = []
    if path != "/" {
      // The first piece is what stands before the first slash: nothing.
      for piece in path.pieces(between: "/").dropFirst() {
        guard !piece.isEmpty else { return nil }
        guard isEscaped else {
          segments.append(piece)
          continue
        }
        guard let text = PercentText.decode(piece), !text.utf8.contains(0) else { return nil }
        segments.append(text)
      }
    }
    return root.match(segments[...], [])
  }

  private mutating func add(_ route: Route) {
    if !root.add(route, at: route.segments[...]) { faults.append("Two routes answer \(route.method.rawValue) \(route.template).") }
  }

  private struct Node: Sendable {
    var literals: [String: Node] = [:]
    /// One node or none; an array, since a structure can't hold itself.
    var parameter: [Node] = []
    var routes: [Method: Route] = [:]

    mutating func add(_ route: Route, at segments: ArraySlice<Route.Segment>) -> Bool {
      switch segments.first {
      case nil: return routes.updateValue(route, forKey: route.method) == nil
      case .literal(let text): return literals[text, default: Node()].add(route, at: segments.dropFirst())
      case .parameter:
        if parameter.isEmpty { parameter.append(Node()) }
        return parameter[0].add(route, at: segments.dropFirst())
      }
    }

    func match(_ segments: ArraySlice<String>, _ values: [String]) -> Match? {
      guard let segment = segments.first else { return routes.isEmpty ? nil : Match(routes: routes, values: values) }
      if let found = literals[segment]?.match(segments.dropFirst(), values) { return found }
      return parameter.first?.match(segments.dropFirst(), values + [segment])
    }
  }
}

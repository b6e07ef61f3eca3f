public import Contract
import Foundation

/// An answer as it came, and the plain ways to ask for one.
public struct HTTPExchange: Sendable {
  public let status: Int
  public let headers: [(name: String, value: String)]
  public var body: [UInt8] = []

  init(head: String) throws {
    let lines = head.split(separator: "\n")
    guard let first = lines.first, let status = first.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { throw Loopback.Failure.noAnswer(head) }
    self.status = status
    headers = lines.dropFirst().compactMap { line in
      let halves = line.split(separator: ":", maxSplits: 1)
      return halves.count == 2 ? (halves[0].lowercased(), halves[1].trimmingCharacters(in: .whitespaces)) : nil
    }
  }

  public subscript(header: String) -> String? { headers.first { $0.name == header }?.value }

  public var text: String { String(decoding: body, as: UTF8.self) }
  public var json: JSON { (try? JSON(body)) ?? .null }
  /// The code of a refusal.
  public var code: String? { json["code"]?.text }
  public var detail: String { json["detail"]?.text ?? "" }

  public static func get(_ path: String, port: Int, within seconds: Double = 30) throws -> HTTPExchange { try send("GET", path, port: port, within: seconds) }

  /// Asks on a connection of its own; the body is JSON, and the token a bearer's.
  public static func send(_ method: String, _ path: String, port: Int, token: String? = nil, _ headers: [String: String] = [:], body: JSON? = nil, within seconds: Double = 30) throws -> HTTPExchange {
    let connection = try Loopback(port: port, within: seconds)
    try connection.send(request(method, path, token: token, headers.merging(["Connection": "close"]) { own, _ in own }, body: body?.compact))
    return try connection.receive(toHead: method == "HEAD")
  }

  /// The bytes of a request.
  public static func request(_ method: String, _ path: String, token: String? = nil, _ headers: [String: String] = [:], body: String? = nil) -> String {
    var text = "\(method) \(path) HTTP/1.1\r\nHost: guildhall.test\r\n"
    if let token { text += "Authorization: Bearer \(token)\r\n" }
    if let body {
      if headers["Content-Type"] == nil { text += "Content-Type: application/json\r\n" }
      if headers["Content-Length"] == nil, headers["Transfer-Encoding"] == nil { text += "Content-Length: \(body.utf8.count)\r\n" }
    }
    for (name, value) in headers.sorted(by: { $0.key < $1.key }) { text += "\(name): \(value)\r\n" }
    return text + "\r\n" + (body ?? "")
  }
}

extension JSON {
  public var text: String? {
    if case .string(let text) = self { text } else { nil }
  }

  public var number: Int? {
    if case .integer(let integer) = self { Int(integer) } else { nil }
  }

  public var items: [JSON] {
    if case .array(let items) = self { items } else { [] }
  }
}

import Contract
import ControlPlane
import Kernel

/// Which part of a list is asked for: a bare array answers, without a total.
struct Slice: Sendable {
  let offset: Int
  let limit: Int

  static let limits = 1...100

  /// Refuses what is no number, and more than 100 at once, or than `most`.
  init(_ request: GatewayRequest, _ most: Int = limits.upperBound) throws(Problem) {
    offset = try request.number("offset", 0...Int.max) ?? 0
    limit = try request.number("limit", 1...most) ?? most
  }

  func of<Item>(_ items: [Item]) -> ArraySlice<Item> { items.dropFirst(offset).prefix(limit) }
}

extension GatewayRequest {
  /// The first of a name in the address that says something.
  func text(_ names: String...) -> String? {
    for name in names { if let found = query.first(where: { $0.0 == name && !$0.1.isEmpty && $0.1 != "None" }) { return found.1 } }
    return nil
  }

  /// All of a name.
  func texts(_ name: String) -> [String] { query.filter { $0.0 == name }.map(\.1) }

  /// Refuses as `invalid` what isn't there.
  func needed(_ name: String) throws(Problem) -> String {
    guard let text = text(name) else { throw Problem.invalid(name, "This is needed.") }
    return text
  }

  func number(_ name: String, _ range: ClosedRange<Int>) throws(Problem) -> Int? {
    guard let text = text(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      let end = range.upperBound == .max ? "on" : "to \(range.upperBound)"
      throw Problem.invalid(name, "Give a number from \(range.lowerBound) \(end).")
    }
    return number
  }

  /// As Python writes it too: `True`.
  func flag(_ name: String) throws(Problem) -> Bool? {
    switch text(name)?.lowercased() {
    case nil: return nil
    case "true", "1", "yes", "on": return true
    case "false", "0", "no", "off": return false
    default: throw Problem.invalid(name, "Say True or False.")
    }
  }

  /// The body as JSON; refuses what isn't JSON.
  func json() throws(Problem) -> JSON {
    do throws(JSON.Fault) { return try JSON(body) } catch { throw Problem(.malformed, "The body isn't JSON: \(error.reason)") }
  }

  /// The fields of a form, whether it comes as a form or as a JSON object of texts. Of repeated names the first counts.
  func form() throws(Problem) -> [String: String] {
    var fields: [String: String] = [:]
    if mediaType == "application/json" {
      guard !body.isEmpty, case .object(let members) = try json() else { return [:] }
      for member in members { if case .string(let text) = member.value { fields[member.name] = text } }
      return fields
    }
    for pair in String(decoding: body, as: UTF8.self).split(separator: "&") {
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.decoded(halves[0]), let value = halves.count == 2 ? Self.decoded(halves[1]) : "" else {
        throw Problem(.malformed, "The form can't be read.")
      }
      if fields[name] == nil { fields[name] = value }
    }
    return fields
  }

  /// As forms are written (`application/x-www-form-urlencoded`); `nil` for what can't be read.
  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        guard rest.count >= 2, let pair = Hex.decode(String(decoding: rest.prefix(2), as: UTF8.self)), let decoded = pair.first else { return nil }
        bytes.append(decoded)
        rest = rest.dropFirst(2)
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }
}

extension JSON {
  var text: String? { if case .string(let text) = self { text } else { nil } }

  /// A text of a member; refuses as `invalid` where there is none.
  func needed(_ name: String) throws(Problem) -> String {
    guard let text = self[name]?.text else { throw Problem.invalid(name, "Give a text.") }
    return text
  }

  static func optional(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
}

extension GatewayAnswer {
  /// What answers a deed that there is nothing to say about: clients can't read an empty body.
  static let done = GatewayAnswer.json(.object([]))
}

import Contract
import Kernel

/// Which fields of JSON are asked for.
enum JSONFields {
  /// `--json=name,email` and `--json name,email` as `--fields name,email`: the flag takes fields, but needs none.
  ///
  /// Without `=` only a list with a comma is taken for fields, since a single word may be the command's own argument.
  static func rewritten(_ arguments: [String]) -> [String] {
    var result: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" { return result + [argument] + rest }
      if argument.hasPrefix("--json=") {
        result += ["--fields", String(argument.dropFirst(7))]
      } else if argument == "--json", let next = rest.first, next.contains(","), isFieldList(next) {
        result += ["--fields", next]
        rest = rest.dropFirst()
      } else {
        result.append(argument)
      }
    }
    return result
  }

  private static func isFieldList(_ text: String) -> Bool {
    text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { word in
      !word.isEmpty && word.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") }
    }
  }

  /// The value with just these fields, in their order; `nil` for all. A field that isn't there now is null; one that can't be there is refused.
  static func selection<Value: Codable>(_ fields: [String]?, of value: Value) throws(Problem) -> JSON {
    let json = try self.json(of: value)
    guard let fields else { return json }
    try check(fields, of: Value.self)
    return .object(fields.map { field in JSON.Member(field, field.split(separator: ".").reduce(json) { ($0 ?? .null)[String($1)] } ?? .null) })
  }

  /// Refuses fields that `type` doesn't have, naming those that it has.
  static func check<Value: Codable>(_ fields: [String], of type: Value.Type) throws(Problem) {
    guard case .object(_, let properties)? = try? Schema.probing(type) else { return }
    let known = properties.map(\.name)
    for field in fields where !known.contains(String(field.prefix { $0 != "." })) {
      throw Problem(.invalid, "There is no field \(field.prefix(60)). The fields are: \(known.joined(separator: ", ")).")
    }
  }

  static func json(of value: some Encodable) throws(Problem) -> JSON {
    do { return try JSON(try WireCoding.encode(value)) } catch let problem as Problem { throw problem } catch { throw Problem(.defect, "The answer can't be written as JSON.") }
  }
}

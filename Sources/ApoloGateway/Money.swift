import Contract
import Kernel

/// Amounts of credits as Apolo writes them: decimal texts both ways, nothing for no limit.
enum Money {
  /// Reads an amount, which may lie below zero: `12.50`, `-3`, and the `1E+2` that decimals of Python are written as.
  static func credits(_ value: JSON, _ field: String) throws(Problem) -> Credits {
    let text: String
    switch value {
    case .string(let written), .number(let written): text = written
    case .integer(let number): text = String(number)
    default: throw .invalid(field, "Write the amount as a text, such as \"12.5\".")
    }
    return try Problem.checking(field) { () throws(Rejection) in try Credits(signedDecimal: plain(text)) }
  }

  /// Without an exponent, and without zeros at the end of the decimals.
  private static func plain(_ text: String) throws(Rejection) -> String {
    let parts = text.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
    guard parts.count <= 2, text.utf8.count <= 64 else { throw Rejection("Write the amount as digits, with a point before the decimals: 12.5.") }
    var (digits, sign) = (parts[0], "")
    if digits.first == "-" { (digits, sign) = (digits.dropFirst(), "-") }
    let exponent = parts.count == 2 ? Int(parts[1]) : 0
    guard let exponent, (-30...30).contains(exponent) else { throw Rejection("Write the amount as digits, with a point before the decimals: 12.5.") }
    var whole = Array(digits.prefix { $0 != "." })
    var fraction = Array(digits.dropFirst(whole.count).dropFirst())
    for _ in 0..<max(0, exponent) { whole.append(fraction.isEmpty ? "0" : fraction.removeFirst()) }
    for _ in 0..<max(0, -exponent) { fraction.insert(whole.popLast() ?? "0", at: 0) }
    while fraction.last == "0" { fraction.removeLast() }
    if whole.isEmpty, !fraction.isEmpty || digits.contains("0") { whole = ["0"] }
    return sign + String(whole) + (fraction.isEmpty ? "" : "." + String(fraction))
  }

  /// The same where nothing, or an empty text, means that there is no limit.
  static func limit(_ value: JSON?, _ field: String) throws(Problem) -> Credits? {
    switch value {
    case nil, .null, .string(""): nil
    case let value?: try credits(value, field)
    }
  }

  /// `credits` is left out where nothing limits.
  static func balance(_ credits: Credits?, spent: Credits) -> JSON {
    var members = [JSON.Member("spent_credits", .string(spent.description))]
    if let credits { members.insert(JSON.Member("credits", .string(credits.description)), at: 0) }
    return .object(members)
  }
}

/// The text format that Prometheus reads (version 0.0.4).
enum PrometheusText {
  static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

  static func render(_ registry: MetricsRegistry) -> String {
    var text = ""
    for (name, family) in registry.snapshot {
      guard let kind = family.kind else { continue }
      text += "# HELP \(name) \(escaped(family.help ?? meaning(of: name), quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
      for (labels, cell) in family.cells {
        for sample in cell.samples { text += "\(name)\(sample.suffix)\(braced(labels + sample.labels)) \(number(sample.value))\n" }
      }
    }
    return text
  }

  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : value.description
  }

  private static func braced(_ labels: [(String, String)]) -> String {
    labels.isEmpty ? "" : "{\(labels.map { "\($0.0)=\"\(escaped($0.1, quotes: true))\"" }.joined(separator: ","))}"
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\\\"
      case "\n", "\r\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.append(character)
      }
    }
    return result
  }

  /// The name as words, where nobody said what it means.
  private static func meaning(of name: String) -> String {
    let words = name.split(separator: "_").joined(separator: " ")
    return words.prefix(1).uppercased() + words.dropFirst() + "."
  }
}

internal import Kernel
internal import Markup

/// An amount for people: `12,480.5`, `−3`.
func amountText(_ credits: Credits) -> String {
  let written = credits.description
  let digits = written.drop { $0 == "-" }
  let fraction = digits.drop { $0 != "." }
  return (credits < .zero ? "−" : "") + grouped(Int(credits.micro.magnitude / 1_000_000)) + fraction
}

/// The same with its noun: `1 credit`, `12.5 credits`.
func creditsText(_ credits: Credits) -> String { "\(amountText(credits)) \(credits.micro.magnitude == 1_000_000 ? "credit" : "credits")" }

/// "1 credit is missing", "12.5 credits are missing".
func missingText(_ credits: Credits) -> String { "\(creditsText(credits)) \(credits.micro == 1_000_000 ? "is" : "are") missing" }

/// After the noun was said: "1 is left", "0 are left".
func leftText(_ credits: Credits) -> String { "\(amountText(credits)) \(credits.micro == 1_000_000 ? "is" : "are") left" }

/// A number of bytes, exactly, in the unit that needs the fewest digits: `500 GiB`, `2 TB`, `1,234,567 bytes`.
func bytesText(_ bytes: Int64) -> String {
  if bytes.magnitude < 1000 { return counted(Int(clamping: bytes), "byte") }
  let units: [(name: String, size: Int64)] = [
    ("TiB", 1 << 40), ("TB", 1_000_000_000_000), ("GiB", 1 << 30), ("GB", 1_000_000_000), ("MiB", 1 << 20), ("MB", 1_000_000), ("KiB", 1 << 10), ("kB", 1000),
  ]
  guard let unit = units.filter({ bytes.isMultiple(of: $0.size) }).min(by: { (bytes / $0.size).magnitude < (bytes / $1.size).magnitude }) else {
    return "\(grouped(Int(clamping: bytes))) bytes"
  }
  return "\(grouped(Int(clamping: bytes / unit.size))) \(unit.name)"
}

/// What came in or went out: `+12`, `−3.5`.
func movedText(_ credits: Credits, isIn: Bool) -> String { isIn ? "+\(amountText(credits))" : amountText(-credits) }

/// A bar for a cell of a table: what may be used now, and as an outline what would be left were there no other limit. Bars with the same `scale` compare.
/// The words that stand beside it say the same.
func limitBar(available: Double, own: Double, scale: Double) -> HTML {
  let shares = [available, own].map { scale > 0 && $0.isFinite ? min(max($0 / scale, 0), 1) * 98 : 0 }
  return svg(viewBox: (0, 0, 100, 8), .class("limit-bar"), .aria("hidden", true), .stretched) {
    rect(x: 1, y: 1, width: 98, height: 6, .class("whole"))
    rect(x: 1, y: 1, width: shares[1], height: 6, .class("own"))
    rect(x: 1, y: 1, width: shares[0], height: 6, .class("left"))
  }
}

/// Something with a line on it below, in a cell of a table.
func notedCell(_ text: HTML, _ note: HTML?) -> HTML {
  span(.class("noted")) {
    span { text }
    if let note, !note.isEmpty { small { note } }
  }
}

/// A number for people: `12,480`.
func grouped(_ number: Int) -> String {
  let digits = Array(String(number.magnitude))
  var text = number < 0 ? "−" : ""
  for (place, digit) in digits.enumerated() {
    if place > 0, (digits.count - place) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return text
}

/// A number with its noun: `1 member`, `42 members`.
func counted(_ number: Int, _ one: String, _ many: String? = nil) -> String { "\(grouped(number)) \(number == 1 ? one : many ?? one + "s")" }

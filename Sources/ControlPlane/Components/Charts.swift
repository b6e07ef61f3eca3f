internal import Kernel
internal import Markup

/// A value of a chart at its place on the horizontal axis.
struct ChartPoint {
  let label: String
  let value: Double
  /// As the table of the numbers says it.
  let written: String

  /// What is below zero, or no number, counts as zero.
  init(_ label: String, _ value: Double) {
    (self.label, self.value) = (label, value.isFinite ? max(value, 0) : 0)
    written = shortened(self.value)
  }

  /// An amount, which may lie below zero.
  init(_ label: String, _ amount: Credits) { (self.label, value, written) = (label, Double(amount.micro) / 1_000_000, amountText(amount)) }
}

/// Numbers over time as one thin line over a base of zero, the last value written beside it. `summary` says the same in a sentence; the numbers stand in a
/// table one click away.
func lineChart(_ title: String, summary: String, unit: String, _ points: [ChartPoint]) -> HTML {
  chartFrame(title, summary: summary, unit: unit, points) { scale in
    let places = points.enumerated().map { (x: scale.x($0.offset, centred: false), y: scale.y($0.element.value)) }
    return fragment {
      if let first = places.first, let last = places.last, let end = points.last {
        polygon(places + [(last.x, scale.base), (first.x, scale.base)], .class("area"))
        polyline(places, .class("curve"))
        circle(x: last.x, y: last.y, radius: 2.5, .class("end"))
        svgText(x: last.x + 8, y: last.y + 4, .class("label")) { compact(end.value) }
        svgText(x: first.x, y: scale.foot + 18) { points[0].label }
        if points.count > 1 {
          // A long one stays within the drawing.
          let isLong = end.label.count > 8
          svgText(x: isLong ? 632 : last.x, y: scale.foot + 18, .textAnchor(isLong ? "end" : "middle")) { end.label }
        }
      }
    }
  }
}

/// Numbers side by side, from a base of zero, each named below.
func barChart(_ title: String, summary: String, unit: String, _ points: [ChartPoint]) -> HTML {
  chartFrame(title, summary: summary, unit: unit, points) { scale in
    let width = min(scale.step(points.count) * 0.64, 40)
    // On narrow screens letters are larger: as many names as have room there, a dozen at most.
    let room = min(12, max(1, 532 / ((points.map(\.label.count).max() ?? 1) * 12 + 8)))
    let every = max(1, (points.count + room - 1) / room)
    return fragment {
      for (place, point) in points.enumerated() {
        let (x, y) = (scale.x(place, centred: true), scale.y(point.value))
        rect(x: x - width / 2, y: y, width: width, height: scale.base - y, .class("bar-figure")) { Markup.title("\(point.label): \(shortened(point.value)) \(unit)") }
        if place % every == 0 { svgText(x: x, y: scale.foot + 18, .textAnchor("middle")) { point.label } }
      }
    }
  }
}

/// A line without axes, for a cell of a table; `summary` says what it shows.
func sparkline(_ values: [Double], summary: String) -> HTML {
  let top = max(values.max() ?? 0, 1)
  let step = values.count > 1 ? 98 / Double(values.count - 1) : 0
  return svg(viewBox: (0, 0, 100, 24), .class("spark"), .role("img"), .aria("label", summary), .stretched) {
    polyline(values.enumerated().map { (1 + Double($0.offset) * step, 22 - 20 * max($0.element, 0) / top) }, .class("curve"))
  }
}

private struct ChartScale {
  let top: Double
  /// Below zero where a value is, else zero.
  let bottom: Double
  let count: Int
  let foot = 180.0
  let left = 56.0
  let right = 588.0

  init(_ values: [Double]) {
    let (lowest, highest) = (min(values.min() ?? 0, 0), max(values.max() ?? 0, 0))
    top = highest > 0 || lowest == 0 ? roundTop(highest) : 0
    bottom = lowest < 0 ? -roundTop(-lowest) : 0
    count = values.count
    marks = highest > 0 ? [top / 2, top] : []
    // Where the line of zero isn't the foot, it is named, and so is the foot if there is room.
    if bottom < 0 { marks += top - bottom > -12 * bottom ? [0] : [0, bottom] }
  }

  /// Where a line helps the eye.
  private(set) var marks: [Double]
  /// Where zero is.
  var base: Double { y(0) }

  func step(_ count: Int) -> Double { (right - left) / Double(max(count, 1)) }
  func x(_ place: Int, centred: Bool) -> Double {
    centred ? left + step(count) * (Double(place) + 0.5) : left + (right - left) * (count > 1 ? Double(place) / Double(count - 1) : 0)
  }
  func y(_ value: Double) -> Double { foot - 160 * (value - bottom) / (top - bottom) }
}

private func chartFrame(_ title: String, summary: String, unit: String, _ points: [ChartPoint], figure content: (ChartScale) -> HTML) -> HTML {
  let scale = ChartScale(points.map(\.value))
  return figure(.class("chart")) {
    figcaption {
      h3 { title }
      p { summary }
    }
    svg(viewBox: (0, 0, 640, 208), .role("img")) {
      Markup.title(title)
      desc(summary)
      for mark in scale.marks {
        line(from: (scale.left, scale.y(mark)), to: (scale.right, scale.y(mark)), .class("grid"))
        svgText(x: scale.left - 8, y: scale.y(mark) + 4, .textAnchor("end")) { compact(mark) }
      }
      content(scale)
      line(from: (scale.left, scale.base), to: (scale.right, scale.base), .class("base"))
    }
    details {
      Markup.summary { "The numbers" }
      dataTable("\(title), \(unit)", [Column("When"), Column(unit, .number)], points.map { TableRow(HTML($0.label), HTML($0.written)) })
    }
  }
}

/// The next few times a power of ten: what an axis ends with, so that its half is a round number too.
private func roundTop(_ value: Double) -> Double {
  guard value > 0, value < 1e15 else { return 1 }
  var power = 1.0
  while power * 10 <= value { power *= 10 }
  while power > value { power /= 10 }
  for factor in [1.0, 2, 3, 4, 5, 6, 8] where value <= power * factor { return power * factor }
  return power * 10
}

/// A value with as many digits as a chart needs: `1,240`, `0.25`.
private func shortened(_ value: Double) -> String {
  let whole = value.rounded()
  if (value - whole).magnitude < 0.005 || whole.magnitude >= 100 { return grouped(Int(whole)) }
  let hundredths = Int((value.magnitude * 100).rounded())
  let fraction = String(hundredths % 100 + 100).dropFirst()
  return "\(value < 0 ? "−" : "")\(grouped(hundredths / 100)).\(fraction.last == "0" ? fraction.dropLast() : fraction)"
}

/// The same in the little room beside an axis: `12.5k`, `3M`.
private func compact(_ value: Double) -> String {
  for (size, sign) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")] where value.magnitude >= max(size, 10_000) {
    let tenths = Int((value / size * 10).rounded())
    return shortened(Double(tenths) / 10) + sign
  }
  return shortened(value)
}

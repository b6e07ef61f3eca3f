internal import Markup

/// How large a seal or monogram stands: 20, 28, 40 or 64 pixels.
enum SealSize: String { case small, medium, large, huge }

/// The figure of an organization without a logo: drawn from its id, the same everywhere.
func seal(of id: some CustomStringConvertible, _ size: SealSize = .small) -> HTML {
  var draw = SealDraw(id.description)
  let hue = draw.next(8)
  let isRound = draw.next(2) == 0
  return sealFrame(hue: hue, size) {
    if isRound { circle(x: 20, y: 20, radius: 20, .class("ground")) } else { rect(x: 0, y: 0, width: 40, height: 40, .class("ground"), .cornerRadius(9)) }
    figure(&draw)
  }
}

/// The figure of a person: their initials on a colour drawn from their id.
func monogram(of id: some CustomStringConvertible, name: String, _ size: SealSize = .small) -> HTML {
  var draw = SealDraw(id.description)
  let letters = size == .small ? String(initials(of: name).prefix(1)) : initials(of: name)
  return span(.class("seal monogram \(size.rawValue) hue-\(draw.next(8))\(letters.count == 1 ? " single" : "")"), .aria("hidden", true)) { letters }
}

private func sealFrame(hue: Int, _ size: SealSize, @HTMLBuilder content: Content) -> HTML {
  svg(viewBox: (0, 0, 40, 40), .class("seal \(size.rawValue) hue-\(hue)"), .width(20), .height(20), .aria("hidden", true), content: content)
}

/// The first letters of the first and the last word; one character where there is one word.
func initials(of name: String) -> String {
  let scalars = name.unicodeScalars
  var words: [Substring.UnicodeScalarView] = scalars.split { $0 == "-" || $0.properties.isWhitespace }
  if words.count > 2 { words = [words[0], words[words.count - 1]] }
  let letters = words.compactMap { word in
    let start = word.firstIndex { $0.properties.isAlphabetic || $0.properties.numericType != nil } ?? word.startIndex
    return name[start...].first
  }
  guard let first = letters.first else { return "?" }
  return (letters.allSatisfy(\.isASCII) ? String(letters) : String(first)).uppercased()
}

/// Numbers that follow from a text alone (FNV-1a, then SplitMix's finisher, so that ids made one after the other look nothing alike).
private struct SealDraw {
  private var state: UInt64 = 0xCBF2_9CE4_8422_2325

  init(_ text: String) {
    for byte in text.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
  }

  mutating func next(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }
}

private func figure(_ draw: inout SealDraw) -> HTML {
  switch draw.next(8) {
  case 0: return star(points: 4 + draw.next(5), inner: [5.5, 7][draw.next(2)])
  case 1: return petals(3 + draw.next(4), hollow: draw.next(2) == 0)
  case 2: return rings(draw.next(3))
  case 3: return bars(draw.next(4))
  case 4: return chevrons(draw.next(4))
  case 5: return quarters(draw.next(6))
  case 6: return lozenges(draw.next(3))
  default: return gable(draw.next(4))
  }
}

private typealias Point = (x: Double, y: Double)

/// Points around the middle; sine and cosine by rotation, since the ground has no mathematics library.
private func wheel(_ count: Int, radius: Double, offset: Double = 0) -> [Point] {
  let sines: [Double] = [0, 0.104528, 0.207912, 0.309017, 0.406737, 0.5, 0.587785, 0.669131, 0.743145, 0.809017, 0.866025, 0.913545, 0.951057, 0.978148, 0.994522, 1]
  func sine(_ degrees: Double) -> Double {
    var turn = degrees.truncatingRemainder(dividingBy: 360)
    if turn < 0 { turn += 360 }
    if turn > 180 { return -sine(turn - 180) }
    if turn > 90 { turn = 180 - turn }
    let step = Int(turn / 6)
    guard step < 15 else { return 1 }
    return sines[step] + (sines[step + 1] - sines[step]) * (turn / 6 - Double(step))
  }
  return (0..<count).map { place in
    let angle = 360 * (Double(place) + offset) / Double(count)
    return (20 + radius * sine(angle), 20 - radius * sine(angle + 90))
  }
}

private func star(points count: Int, inner: Double) -> HTML {
  let corners = zip(wheel(count, radius: 14.5), wheel(count, radius: inner, offset: 0.5)).flatMap { [$0, $1] }
  return polygon(corners, .class("figure"))
}

private func petals(_ count: Int, hollow: Bool) -> HTML {
  let radius: Double = count > 5 ? 4 : count > 4 ? 4.5 : 5.5
  return fragment {
    for centre in wheel(count, radius: 9) { circle(x: centre.x, y: centre.y, radius: radius, .class("figure")) }
    circle(x: 20, y: 20, radius: hollow ? 3 : 4.5, .class(hollow ? "hollow" : "figure"))
  }
}

private func rings(_ kind: Int) -> HTML {
  fragment {
    circle(x: 20, y: 20, radius: 12, .class("line"), .strokeWidth(4))
    switch kind {
    case 0: circle(x: 20, y: 20, radius: 4.5, .class("figure"))
    case 1: rect(x: 18, y: 8, width: 4, height: 24, .class("figure"))
    default: polygon(wheel(4, radius: 7), .class("figure"))
    }
  }
}

private func bars(_ kind: Int) -> HTML {
  let heights: [[Double]] = [[10, 18, 24], [24, 14, 24], [14, 24, 14], [24, 18, 10]]
  return fragment {
    for (place, height) in heights[kind].enumerated() { rect(x: 8 + Double(place) * 9, y: 32 - height, width: 6, height: height, .class("figure"), .cornerRadius(1)) }
  }
}

private func chevrons(_ kind: Int) -> HTML {
  g(.transform("rotate(\(kind * 90) 20 20)")) {
    polygon([(9, 20), (20, 9), (31, 20), (31, 26), (20, 15), (9, 26)], .class("figure"))
    polygon([(9, 29), (20, 18), (31, 29), (31, 35), (20, 24), (9, 35)], .class("figure"), .opacity(0.6))
  }
}

private func quarters(_ kind: Int) -> HTML {
  let filled: [[Int]] = [[0, 3], [1, 2], [0, 1, 2], [1, 2, 3], [0, 2, 3], [0, 1, 3]]
  return fragment {
    for place in 0..<4 {
      let (x, y) = (Double(place % 2) * 12.5 + 8, Double(place / 2) * 12.5 + 8)
      if filled[kind].contains(place) {
        rect(x: x, y: y, width: 11.5, height: 11.5, .class("figure"), .cornerRadius(1.5))
      } else {
        circle(x: x + 5.75, y: y + 5.75, radius: 4, .class("figure"))
      }
    }
  }
}

private func lozenges(_ kind: Int) -> HTML {
  fragment {
    polygon(wheel(4, radius: 15), .class("figure"))
    switch kind {
    case 0: circle(x: 20, y: 20, radius: 5, .class("hollow"))
    case 1: polygon(wheel(4, radius: 7), .class("hollow"))
    default: rect(x: 18, y: 4, width: 4, height: 32, .class("hollow"))
    }
  }
}

private func gable(_ kind: Int) -> HTML {
  fragment {
    switch kind {
    case 0: polygon([(8, 32), (8, 20), (20, 8), (32, 20), (32, 32)], .class("figure"))
    case 1: polygon([(8, 32), (8, 24), (12, 24), (12, 18), (16, 18), (16, 11), (24, 11), (24, 18), (28, 18), (28, 24), (32, 24), (32, 32)], .class("figure"))
    case 2: polygon([(8, 9), (32, 9), (32, 22), (20, 33), (8, 22)], .class("figure"))
    default: polygon([(8, 32), (14, 9), (20, 20), (26, 9), (32, 32)], .class("figure"))
    }
    circle(x: 20, y: kind == 2 ? 18 : 25, radius: 3.5, .class("hollow"))
  }
}

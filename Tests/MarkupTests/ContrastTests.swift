import Foundation
import Testing

/// Reads the colour tokens and measures every pair that is written on another (WCAG 2.2 §1.4.3, §1.4.11), in light and in dark.
@Suite struct ContrastTests {
  private static let colours: [String: (light: Double, dark: Double)] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources/Server/Assets/tokens.css")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [:] }
    var colours: [String: (Double, Double)] = [:]
    for match in text.matches(of: /--([a-z0-9-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\)/) {
      colours[String(match.1)] = (luminance(match.2), luminance(match.3))
    }
    return colours
  }()

  private static func luminance(_ hex: Substring) -> Double {
    let number = Int(hex, radix: 16) ?? 0
    let channels = [number >> 16, number >> 8 & 255, number & 255].map { channel in
      let share = Double(channel) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
  }

  static let grounds = ["sunken", "paper", "surface"]
  static let written: [(String, String)] = onGrounds + onWashes + onTones + seals
  private static let onGrounds: [(String, String)] = grounds.flatMap { ground in
    ["ink", "quiet", "accent", "accent-strong", "good", "attention", "danger", "danger-strong"].map { ($0, ground) }
  }
  private static let onWashes: [(String, String)] = ["accent", "good", "attention", "danger"].flatMap { tone in [("ink", "\(tone)-wash"), ("quiet", "\(tone)-wash"), (tone, "\(tone)-wash")] }
  private static let onTones = [("on-accent", "accent"), ("on-accent", "accent-strong"), ("on-danger", "danger"), ("on-danger", "danger-strong"), ("paper", "good"), ("paper", "ink")]
  private static let seals: [(String, String)] = (0..<8).map { ("hue-\($0)", "hue-\($0)-wash") }

  private func contrast(_ one: Double, _ other: Double) -> Double { (max(one, other) + 0.05) / (min(one, other) + 0.05) }

  @Test(arguments: written) func `what is written can be read`(text: String, ground: String) throws {
    let (text, ground) = (try #require(Self.colours[text]), try #require(Self.colours[ground]))
    #expect(contrast(text.light, ground.light) >= 4.5)
    #expect(contrast(text.dark, ground.dark) >= 4.5)
  }

  @Test(arguments: grounds) func `the edge of a control can be seen`(ground: String) throws {
    let (edge, ground) = (try #require(Self.colours["edge"]), try #require(Self.colours[ground]))
    #expect(contrast(edge.light, ground.light) >= 3)
    #expect(contrast(edge.dark, ground.dark) >= 3)
  }
}

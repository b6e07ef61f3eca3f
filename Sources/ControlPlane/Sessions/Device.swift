/// Reads what people call their device out of a `User-Agent`; nothing is decided by it.
enum Device {
  /// `Firefox on Linux`, `Safari on iPhone`, `curl`; never empty.
  static func name(of userAgent: String) -> String {
    let program = programs.first { userAgent.contains($0.sign) }?.name ?? product(of: userAgent)
    guard let system = systems.first(where: { userAgent.contains($0.sign) })?.name else { return program ?? "Unknown device" }
    return "\(program ?? "Browser") on \(system)"
  }

  /// Browsers name those they descend from, so the most special stands first.
  private static let programs: [(sign: String, name: String)] = [
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Vivaldi/", "Vivaldi"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"), ("Safari/", "Safari"),
  ]

  private static let systems: [(sign: String, name: String)] = [
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Macintosh", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
  ]

  /// What stands before the first slash or space, if it is a plain word.
  private static func product(of userAgent: String) -> String? {
    let word = userAgent.prefix { $0 != "/" && $0 != " " }
    guard (1...32).contains(word.utf8.count), word != "Mozilla", word.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
    return String(word)
  }
}

/// A secret of ours within what was pasted: the secret alone, or the link that it came in.
enum SecretInLink {
  /// What begins with `prefix` and goes on with letters and digits; `nil` where there is none.
  static func find(_ prefix: String, in text: String) -> String? {
    guard let start = text.firstRange(of: prefix) else { return nil }
    let tail = text[start.upperBound...].prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
    return tail.isEmpty ? nil : prefix + tail
  }
}

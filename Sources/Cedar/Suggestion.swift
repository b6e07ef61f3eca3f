/// What a misspelt word may have been.
enum Suggestion {
  /// The candidate with the fewest edits, if they are few for its length.
  static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
    let letters = Array(word.utf8.prefix(64))
    var best: (String, Int)?
    for candidate in candidates {
      let distance = distance(letters, Array(candidate.utf8.prefix(64)))
      if distance < best?.1 ?? (max(letters.count, 3) / 3 + 1) { best = (candidate, distance) }
    }
    return best?.0
  }

  /// The number of bytes to insert, delete or replace (Levenshtein).
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let cost = x == y ? diagonal : 1 + min(diagonal, row[j], row[j + 1])
        diagonal = row[j + 1]
        row[j + 1] = cost
      }
    }
    return row[b.count]
  }
}

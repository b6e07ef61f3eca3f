import Authorization

/// The people that an inviter wrote down: addresses one after the other, or the lines of a table with roles beside the addresses.
public struct InvitationSheet: Sendable, Hashable {
  public let lines: [Line]

  /// One person; without roles of their own they get those chosen for all.
  public struct Line: Sendable, Hashable {
    public let address: String
    public let roles: [String]
    /// What stands beside the address and is no role: nobody is invited on a guess.
    public let unknown: String?

    init(address: String, roles: [String] = [], unknown: String? = nil) { (self.address, self.roles, self.unknown) = (address, roles, unknown) }

    /// As it was written down, for who mends it.
    var written: String { ([address] + roles + (unknown.map { [$0] } ?? [])).joined(separator: ", ") }
  }

  /// Everybody with the roles chosen for all.
  public init(addresses: [String]) { lines = addresses.map { Line(address: $0) } }

  /// Reads what was typed or pasted. Commas, semicolons, spaces and lines separate; `Ada <ada@example.org>` is the address in it, and so is
  /// `"Lovelace, Ada" <ada@example.org>`. What is written twice alike counts once.
  ///
  /// A role counts for the address on its line, where there is only one; so does what should be a role and is none. What else is neither role nor address stays,
  /// to be refused with its reason.
  public init(_ text: String) {
    var lines: [Line] = []
    for (place, row) in text.split(whereSeparator: \.isNewline).enumerated() {
      // A name in quotes may hold what separates; only the address behind it counts.
      let plain = row.replacing(/"[^"]*"\s*(?=<)/, with: "")
      let words = plain.split { $0 == "," || $0 == ";" || $0 == "\t" }.flatMap(Self.words)
      if place == 0, !words.isEmpty, words.allSatisfy({ Self.headings.contains($0.lowercased()) }) { continue }
      let roles = words.map { $0.lowercased() }.filter { OrganizationRole(rawValue: $0) != nil }
      let addresses = words.filter { OrganizationRole(rawValue: $0.lowercased()) == nil }
      let known = addresses.filter { $0.contains("@") }
      if known.count == 1, addresses.count > 1 {
        lines.append(Line(address: known[0], roles: roles, unknown: addresses.filter { !$0.contains("@") }.joined(separator: " ")))
      } else {
        lines += addresses.map { Line(address: $0, roles: addresses.count == 1 ? roles : []) }
      }
    }
    var seen: Set<[String]> = []
    // With other roles than before it stays, to be refused: nobody is invited on a guess.
    self.lines = lines.filter { seen.insert([$0.address.lowercased(), $0.unknown ?? ""] + $0.roles.sorted()).inserted }
  }

  /// What a table's first line may say.
  private static let headings: Set<String> = ["email", "e-mail", "mail", "address", "role", "roles"]

  private static func words(of field: Substring) -> [String] {
    if let start = field.firstIndex(of: "<"), let end = field[start...].firstIndex(of: ">") { return [bare(field[field.index(after: start)..<end])] }
    return field.split { $0.isWhitespace || $0 == "\"" }.map(bare)
  }

  /// Without what stands before an address that was copied as a link.
  private static func bare(_ word: Substring) -> String {
    let start = "mailto:"
    return word.count > start.count && word.lowercased().hasPrefix(start) ? String(word.dropFirst(start.count)) : String(word)
  }
}

/// The name of an account or an organization in addresses: 1 to 32 ASCII letters and digits in groups joined by single `-` or `_`; compared without case.
public struct Slug: Sendable, CustomStringConvertible {
  /// As its owner writes it.
  public let text: String

  /// What is compared and unique: the text in lower case.
  public var key: String { text.lowercased() }

  /// Refuses other characters, other lengths, and words that are reserved or look like a reserved one.
  public init(_ raw: some StringProtocol) throws(Rejection) {
    let candidate = String(raw)
    guard !candidate.isEmpty else { throw Rejection("Enter a name for addresses.") }
    guard candidate.utf8.count <= 32 else { throw Rejection("Use at most 32 characters.") }
    let groups = candidate.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "-" || $0 == "_" })
    guard groups.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(\.isASCIILetterOrDigit) }) else {
      throw Rejection("Use letters a–z and digits, in groups joined by single hyphens or underscores.")
    }
    guard !Self.reservedSkeletons.contains(Self.skeleton(candidate)) else { throw Rejection("\"\(candidate)\" is reserved; choose another name.") }
    text = candidate
  }

  private init(accepted text: String) { self.text = text }

  public var description: String { text }

  /// A slug made of a display name, for a form to propose: `Ada's Lab` gives `adas-lab`. `nil` where nothing usable is left.
  public static func proposed(for name: String) -> Slug? {
    var candidate = ""
    let scalars = name.unicodeScalars.lazy.flatMap { scalar in Self.plain[scalar].map { Array($0.unicodeScalars) } ?? [scalar] }
    for scalar in scalars where !(0x300...0x36F).contains(scalar.value) {
      guard candidate.utf8.count < 32 else { break }
      if scalar.isASCII, UInt8(ascii: scalar).isASCIILetterOrDigit {
        candidate.unicodeScalars.append(scalar)
      } else if scalar != "'", scalar != "’", !candidate.isEmpty, candidate.last != "-" {
        candidate += "-"
      }
    }
    while candidate.last == "-" { candidate.removeLast() }
    return try? Slug(candidate.lowercased())
  }

  /// Latin letters without what stands above, below or across them.
  private static let plain: [Unicode.Scalar: String] = {
    let letters = [
      "a": "àáâãäåāăąÀÁÂÃÄÅĀĂĄ", "ae": "æÆ", "c": "çćĉċčÇĆĈĊČ", "d": "ďđðĎĐÐ", "e": "èéêëēĕėęěÈÉÊËĒĔĖĘĚ", "g": "ĝğġģĜĞĠĢ", "h": "ĥħĤĦ", "i": "ìíîïĩīĭįıÌÍÎÏĨĪĬĮİ",
      "j": "ĵĴ", "k": "ķĶ", "l": "ĺļľłĹĻĽŁ", "n": "ñńņňÑŃŅŇ", "o": "òóôõöøōŏőÒÓÔÕÖØŌŎŐ", "oe": "œŒ", "r": "ŕŗřŔŖŘ", "s": "śŝşšșŚŜŞŠȘ", "ss": "ßẞ", "t": "ţťțŢŤȚ", "th": "þÞ",
      "u": "ùúûüũūŭůűųÙÚÛÜŨŪŬŮŰŲ", "w": "ŵŴ", "y": "ýÿŷÝŸŶ", "z": "źżžŹŻŽ",
    ]
    return Dictionary(letters.flatMap { plain, marked in marked.unicodeScalars.map { ($0, plain) } }, uniquingKeysWith: { first, _ in first })
  }()

  /// What is left when signs that people take for one another are made equal.
  private static func skeleton(_ text: String) -> String {
    var result = ""
    for character in text.lowercased() {
      switch character {
      case "0": result += "o"
      case "1", "i": result += "l"
      case "3": result += "e"
      case "5": result += "s"
      case "-", "_": continue
      default: result.append(character)
      }
    }
    return result.replacingPairs(of: "rn", with: "m").replacingPairs(of: "vv", with: "w")
  }

  /// Words that are paths of ours, or that would let their owner pass for us.
  private static let reservedSkeletons = Set(
    """
    about abuse accept account accounts admin administrator all anonymous api apis apolo app apps assets auth authorize billing callback clarifai cluster clusters
    config console contact credits dashboard default demo design device directory docs domain domains download enterprise error event events everyone explore faq
    favicon forgot graphql guildhall health healthz help home hostmaster hooks images inbox internal invitation invitations invite invoice invoices join ldap legal login logout mail
    mailcatcher manager me member members metrics new nobody none null oauth official offline oidc operator org organization organizations orgs outbox owner password ping policies
    policy postmaster pricing privacy problems profile project projects public readyz register reports reset restore robots role roles root saml scim search security self
    sessions settings setup sign-in sign-out sign-up signin signout signup site sitemap sso staff static status superuser support sysadmin system team teams terms theme
    token tokens undefined unsubscribe upload usage user username users v1 v2 verify verification webhook webhooks webmaster well-known workspace workspaces www
    zenml
    """.split(whereSeparator: \.isWhitespace).map { skeleton(String($0)) })
}

extension Slug: Hashable {
  public static func == (a: Self, b: Self) -> Bool { a.key == b.key }
  public func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

extension String {
  fileprivate func replacingPairs(of pair: String, with replacement: String) -> String {
    var result = ""
    var rest = self[...]
    while !rest.isEmpty {
      if rest.hasPrefix(pair) {
        result += replacement
        rest = rest.dropFirst(pair.count)
      } else {
        result.append(rest.removeFirst())
      }
    }
    return result
  }
}

extension Slug {
  /// A slug that was accepted once: later additions to the reserved words don't take it away. Refuses only an empty text.
  public init(stored text: String) throws(Rejection) {
    guard !text.isEmpty else { throw Rejection("A stored name is empty.") }
    self.init(accepted: text)
  }
}

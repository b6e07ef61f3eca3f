import ControlPlane
import HTTPTypes
import Kernel
import Markup
import Secrets

/// Carries a sentence to the next page in a signed cookie, so that nobody else can put words into our mouth.
struct FlashCookie: Sendable {
  private let codes: MessageAuthenticator
  private let site: Site

  init(_ keys: KeyRing, site: Site) {
    codes = MessageAuthenticator(keys, purpose: "flash")
    self.site = site
  }

  func setting(_ flash: Flash) -> String {
    let sentence = [flash.tone.rawValue, String(flash.text.prefix(500))]
    let undo = flash.undo.map { [$0.action.text] + $0.fields.flatMap { [$0.name, $0.value] } } ?? []
    let whole = signed(sentence + undo)
    // What a browser doesn't keep would take the sentence with it: a list may have a long address to go back to.
    let text = whole.utf8.count <= Self.limit ? whole : signed(sentence)
    return Cookies.setting(name, to: text, isSecure: site.isSecure, lasting: .minutes(5))
  }

  func read(_ headers: HTTPFields) -> Flash? {
    guard let signed = Cookies.value(of: name, in: headers), let encoded = codes.opened(signed), let bytes = Base64URL.decode(encoded) else { return nil }
    let parts = String(decoding: bytes, as: UTF8.self).split(separator: Self.separator, omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 2, let tone = Flash.Tone(rawValue: parts[0]) else { return nil }
    guard parts.count % 2 == 1, let action = Link(local: parts[2]) else { return Flash(tone, parts[1]) }
    return Flash(tone, parts[1], undo: Flash.Undo(action, stride(from: 3, to: parts.count, by: 2).map { (parts[$0], parts[$0 + 1]) }))
  }

  private func signed(_ parts: [String]) -> String {
    codes.signed(Base64URL.encode(parts.map { $0.replacing(Self.separator, with: "") }.joined(separator: Self.separator).utf8))
  }

  /// A browser keeps 4,096 bytes of a cookie, its name and attributes among them (RFC 6265 §6.1).
  private static let limit = 3800
  /// Stands in no text that people see.
  private static let separator = "\u{1F}"

  var clearing: String { Cookies.setting(name, to: nil, isSecure: site.isSecure) }

  private var name: String { site.cookieName("guildhall-flash") }
}

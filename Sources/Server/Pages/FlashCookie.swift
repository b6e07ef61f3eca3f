import ControlPlane
import HTTPTypes
import Kernel
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
    let text = codes.signed(Base64URL.encode("\(flash.tone.rawValue):\(flash.text.prefix(500))".utf8))
    return Cookies.setting(name, to: text, isSecure: site.isSecure, lasting: .minutes(5))
  }

  func read(_ headers: HTTPFields) -> Flash? {
    guard let signed = Cookies.value(of: name, in: headers), let encoded = codes.opened(signed), let bytes = Base64URL.decode(encoded) else { return nil }
    let halves = String(decoding: bytes, as: UTF8.self).split(separator: ":", maxSplits: 1)
    guard halves.count == 2, let tone = Flash.Tone(rawValue: String(halves[0])) else { return nil }
    return Flash(tone, String(halves[1]))
  }

  var clearing: String { Cookies.setting(name, to: nil, isSecure: site.isSecure) }

  private var name: String { site.cookieName("guildhall-flash") }
}

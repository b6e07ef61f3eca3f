import Contract
import HTTPTypes
import Kernel
import Secrets

/// Holds the secret of a link while its page is open, so that it stands in no address, no history, no referrer and no log.
struct SecretCookie: Sendable {
  private let codes: MessageAuthenticator
  private let site: Site

  init(_ keys: KeyRing, site: Site) {
    codes = MessageAuthenticator(keys, purpose: "link")
    self.site = site
  }

  func setting(_ secret: String, of path: String) -> String {
    Cookies.setting(name, to: codes.signed(Base64URL.encode("\(path) \(secret.prefix(500))".utf8)), isSecure: site.isSecure, lasting: .hours(1))
  }

  var clearing: String { Cookies.setting(name, to: nil, isSecure: site.isSecure) }

  func read(_ headers: HTTPFields) -> (path: String, secret: String)? {
    guard let signed = Cookies.value(of: name, in: headers), let encoded = codes.opened(signed), let bytes = Base64URL.decode(encoded) else { return nil }
    let halves = String(decoding: bytes, as: UTF8.self).split(separator: " ", maxSplits: 1)
    return halves.count == 2 ? (String(halves[0]), String(halves[1])) : nil
  }

  private var name: String { site.cookieName("guildhall-link") }
}

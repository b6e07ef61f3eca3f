import ControlPlane
import HTTPTypes
import Kernel

/// Remembers whether somebody chose light or dark.
struct ThemeCookie: Sendable {
  let site: Site

  func read(_ headers: HTTPFields) -> Theme { Cookies.value(of: name, in: headers).flatMap(Theme.init) ?? .system }

  func setting(_ theme: Theme) -> String { Cookies.setting(name, to: theme == .system ? nil : theme.rawValue, isSecure: site.isSecure, lasting: .days(365)) }

  private var name: String { site.cookieName("guildhall-theme") }
}

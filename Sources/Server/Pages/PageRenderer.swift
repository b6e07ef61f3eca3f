import Contract
import ControlPlane
import HTTPTypes
import Hummingbird
import Kernel
import Markup

/// Turns requests for pages into visits, and what pages answer into HTTP.
struct PageRenderer: Sendable {
  let plane: ControlPlane
  let site: Site
  let crossSite: CrossSite
  let tokens: FormTokens
  let flashes: FlashCookie
  let themes: ThemeCookie
  let secrets: SecretCookie
  let frames: ConsoleFrames

  func route(_ page: PageRoute) -> Route {
    Route(page.method, page.path, for: .person) { [self] exchange async throws(Problem) in
      let query = try exchange.query()
      if page.takesSecret, let secret = query.first(where: { $0.0 == "token" })?.1, !secret.isEmpty { return hide(secret, query, exchange) }
      let (form, files) = page.method == .post ? try await form(of: exchange) : ([], [])
      let opened = secrets.read(exchange.request.headers)
      let (token, cookie) = tokens.token(for: exchange, draw: plane.world.draw)
      let visit = Visit(
        caller: exchange.caller, location: exchange.location, token: token, opened: opened,
        parameters: Dictionary(exchange.parameters, uniquingKeysWith: { first, _ in first }), query: query, form: form, files: files)
      let answer: PageAnswer
      do throws(Problem) {
        answer = try await page.answer(visit)
      } catch {
        guard error.kind == .unauthenticated, exchange.isSafe else { throw error }
        return signIn(from: exchange)
      }
      var response = try await render(answer, visit, exchange)
      if let cookie, response.status == .ok { response.headers.append(HTTPField(name: .setCookie, value: cookie)) }
      // What was opened is done with once its form went through.
      if page.method == .post, opened?.path == exchange.path, response.status == .seeOther {
        response.headers.append(HTTPField(name: .setCookie, value: secrets.clearing))
      }
      return response
    }
  }

  /// The same page, without the secret in its address.
  private func hide(_ secret: String, _ query: [(String, String)], _ exchange: Exchange) -> Response {
    let rest = query.filter { $0.0 != "token" }
    let location = rest.isEmpty ? exchange.path : "\(exchange.path)?\(FormText.encode(rest))"
    return Response(status: .seeOther, headers: [.location: location, .setCookie: secrets.setting(secret, of: exchange.path), .referrerPolicy: "no-referrer"])
  }

  /// The theme's own little form, which every page of the frame carries.
  var themeRoute: Route {
    Route(.post, "/theme", for: .person) { [self] exchange async throws(Problem) in
      let form = try await form(of: exchange).fields
      let theme = form.first { $0.0 == "theme" }.flatMap { Theme(rawValue: $0.1) } ?? .system
      let back = exchange.request.headers[.referer].flatMap { $0.hasPrefix(site.publicURL) ? Link(local: $0.dropFirst(site.publicURL.count)) : nil } ?? "/"
      return Response(status: .seeOther, headers: [.location: back.text, .setCookie: themes.setting(theme)])
    }
  }

  /// The fields of a form of ours, without its token, and the files that came with it.
  private func form(of exchange: Exchange) async throws(Problem) -> (fields: [(String, String)], files: [UploadedFile]) {
    try crossSite.checkForm(exchange)
    let (pairs, files) = try await parts(of: exchange)
    guard !pairs.contains(where: { $0.0.utf8.contains(0) || $0.1.utf8.contains(0) }) else {
      throw Problem(.malformed, "The form holds a null character. Leave it out.")
    }
    try tokens.check(pairs.first { $0.0 == "csrf" }?.1 ?? "", from: exchange)
    return (pairs.filter { $0.0 != "csrf" }, files)
  }

  private func parts(of exchange: Exchange) async throws(Problem) -> (fields: [(String, String)], files: [UploadedFile]) {
    let contentType = exchange.request.headers[.contentType] ?? ""
    if let boundary = MultipartForm.boundary(of: contentType) {
      guard let form = MultipartForm(try await exchange.body(), boundary: boundary) else { throw Self.unreadable }
      return (form.fields, form.files)
    }
    guard contentType.lowercased().hasPrefix("application/x-www-form-urlencoded") else {
      throw Problem(.unsupportedMedia, "A form is sent as application/x-www-form-urlencoded, or with files as multipart/form-data.")
    }
    guard let pairs = FormText.decode(String(decoding: try await exchange.body(), as: UTF8.self)) else { throw Self.unreadable }
    return (pairs, [])
  }

  private static let unreadable = Problem(.malformed, "The form can't be read. Send it again.")

  private func render(_ answer: PageAnswer, _ visit: Visit, _ exchange: Exchange) async throws(Problem) -> Response {
    switch answer {
    case .page(let page):
      let flash = flashes.read(exchange.request.headers)
      let html = try await frames.document(page, in: .init(visit: visit, theme: themes.read(exchange.request.headers), flashes: flash.map { [$0] } ?? []))
      var response = Response(page.status, "text/html; charset=utf-8", html.bytes)
      if flash != nil { response.headers.append(HTTPField(name: .setCookie, value: flashes.clearing)) }
      return response
    case .redirect(let path, let flash): return redirect(to: path, flash)
    case .signedIn(let secret, let path, let flash):
      var response = redirect(to: path, flash)
      let cookie = Cookies.setting(site.cookieName("guildhall"), to: secret, isSecure: site.isSecure, lasting: plane.settings.sessionTerm)
      response.headers.append(HTTPField(name: .setCookie, value: cookie))
      return response
    case .image(let image):
      // The address holds the content's digest; and whatever a browser took the bytes for, it may run nothing of them.
      let headers: HTTPFields = [.cacheControl: "public, max-age=31536000, immutable", .contentSecurityPolicy: "default-src 'none'; sandbox"]
      return Response(200, image.mediaType.rawValue, image.bytes, headers)
    case .download(let name, let mediaType, let bytes):
      return Response(200, mediaType, bytes, [.contentDisposition: "attachment; filename*=UTF-8''\(PercentText.encode(name))"])
    }
  }

  /// On to a path of ours and nowhere else.
  private func redirect(to path: String, _ flash: Flash?) -> Response {
    var response = Response(status: .seeOther, headers: [.location: Link(local: path)?.text ?? "/"])
    if let flash { response.headers.append(HTTPField(name: .setCookie, value: flashes.setting(flash))) }
    return response
  }

  private func signIn(from exchange: Exchange) -> Response {
    let start: Link = "/sign-in"
    return Response(status: .seeOther, headers: [.location: start.adding("next", exchange.location == "/" ? "" : exchange.location).text])
  }
}

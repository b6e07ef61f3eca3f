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
  let kept: KeptAnswers

  func route(_ page: PageRoute) -> Route {
    Route(page.method, page.path, for: .person) { [self] exchange async throws(Problem) in
      let query = try exchange.query()
      if page.takesSecret, let secret = query.first(where: { $0.0 == "token" })?.1, !secret.isEmpty { return hide(secret, query, exchange) }
      let form: [(String, String)]
      let files: [UploadedFile]
      do throws(Problem) {
        let sent: (fields: [(String, String)], files: [UploadedFile]) = page.method == .post ? try await self.form(of: exchange) : ([], [])
        (form, files) = (sent.fields, sent.files)
      } catch {
        guard error.code == FormTokens.outdated.code, exchange.acceptsPages, tokens.knows(exchange) else { throw error }
        return again(after: exchange)
      }
      let opened = secrets.read(exchange.request.headers)
      let (token, cookie) = tokens.token(for: exchange, draw: plane.world.draw)
      let visit = Visit(
        caller: exchange.caller, location: exchange.location, token: token, opened: opened,
        parameters: Dictionary(exchange.parameters, uniquingKeysWith: { first, _ in first }), query: query, form: form, files: files,
        formKey: Hex.encode(draw()))
      var response: Response
      do throws(Problem) {
        // Who asks for the head alone has seen nothing.
        if page.method == .get, exchange.request.method != .head, let answer = try await kept.recall(query, visit, exchange) { return answer }
        response = try await answer(page, visit, form, exchange)
      } catch {
        guard error.kind == .unauthenticated, exchange.isSafe || exchange.acceptsPages else { throw error }
        return signIn(from: exchange)
      }
      if let cookie, response.status == .ok { response.headers.append(HTTPField(name: .setCookie, value: cookie)) }
      // What was opened is done with once its form went through.
      if page.method == .post, opened?.path == exchange.path, response.status == .seeOther {
        response.headers.append(HTTPField(name: .setCookie, value: secrets.clearing))
      }
      return response
    }
  }

  /// Runs the page's handler; for a form that carries a key, once.
  private func answer(_ page: PageRoute, _ visit: Visit, _ form: [(String, String)], _ exchange: Exchange) async throws(Problem) -> Response {
    switch try await kept.begin(form, visit, exchange) {
    case nil: return try await render(page.answer(visit), visit, exchange)
    case .done(let location): return redirect(to: location, nil)
    case .new(let sending):
      let answer: PageAnswer
      do throws(Problem) {
        answer = try await page.answer(visit)
      } catch {
        // A refusal has changed nothing, so the form may be sent again; where that isn't sure, it may not.
        if error.kind != .defect && error.kind != .unavailable { try await kept.release(sending) }
        throw error
      }
      switch answer {
      case .page(let page) where page.status == 200:
        return redirect(to: try await kept.keep(document(page, visit, exchange), isShownOnce: page.isShownOnce, of: sending), nil)
      case .redirect(let path, _): try await kept.keep(location: path, of: sending)
      default: try await kept.release(sending)
      }
      return try await render(answer, visit, exchange)
    }
  }

  private func document(_ page: ConsolePage, _ visit: Visit, _ exchange: Exchange, flash: Flash? = nil) async throws(Problem) -> HTML {
    try await frames.document(page, in: .init(visit: visit, theme: themes.read(exchange.request.headers), flashes: flash.map { [$0] } ?? []))
  }

  private func draw() -> [UInt8] {
    [plane.world.draw(), plane.world.draw()].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
  }

  /// A refusal in the frame of somebody who is signed in; `nil` for anybody else, and where the frame can't be filled.
  func refusal(_ problem: Problem, to exchange: Exchange) async -> Response? {
    guard case .session = exchange.credential else { return nil }
    let (token, _) = tokens.token(for: exchange, draw: plane.world.draw)
    let visit = Visit(caller: exchange.caller, location: exchange.location, token: token, parameters: [:], query: [], form: [])
    let page = ConsolePage(problem.code.title, in: .personal(section: ""), status: problem.kind.status) {
      refusalPart(problem, requestID: exchange.id.description)
    }
    do throws(Problem) { return try await render(.page(page), visit, exchange) } catch { return nil }
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
      return Response(status: .seeOther, headers: [.location: referringPage(of: exchange), .setCookie: themes.setting(theme)])
    }
  }

  /// The page of ours that a form was sent from, as far as the browser says.
  private func referringPage(of exchange: Exchange) -> String {
    exchange.request.headers[.referer].flatMap { $0.hasPrefix(site.publicURL) ? Link(local: $0.dropFirst(site.publicURL.count)) : nil }?.text ?? "/"
  }

  /// Back to the page whose form was made for another sign-in, as it is for this one; where that needs a sign-in, the page itself leads there.
  private func again(after exchange: Exchange) -> Response {
    // Who signed in meanwhile wants nothing more of these.
    if case .session = exchange.credential, ["/sign-in", "/sign-up"].contains(exchange.path) { return redirect(to: "/", nil) }
    let text = "This page was out of date: you signed in or out since it was opened, so what you sent wasn't saved. Send it again."
    return redirect(to: referringPage(of: exchange), Flash(.attention, text))
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
      let html = try await document(page, visit, exchange, flash: flash)
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

  /// To the sign-in, and from there back: to the page that was asked for, or to the one whose form came too late.
  private func signIn(from exchange: Exchange) -> Response {
    let back = exchange.isSafe ? exchange.location : referringPage(of: exchange)
    let start = ("/sign-in" as Link).adding("next", back == "/" ? "" : back).text
    return redirect(to: start, exchange.isSafe ? nil : Flash(.attention, "You were signed out in the meantime, so what you sent wasn't saved. Sign in, then send it again."))
  }
}

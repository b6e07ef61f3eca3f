import Contract
import ControlPlane
import HTTPTypes
import Hummingbird
import Kernel
import Markup

/// Turns refusals into answers, in one place: JSON for programs (RFC 9457), a page for people, a platform's own form for its clients.
struct Refusals: Sendable {
  let site: Site
  let assets: PageAssets
  let renderer: PageRenderer

  func answer(_ problem: Problem, to exchange: Exchange, for audience: Route.Audience, theme: Theme) async -> Response {
    if let relocation = problem.relocation, let location = exchange.relocated(by: relocation), audience.isPerson, exchange.isSafe { return .moved(308, to: location) }
    var response =
      switch audience {
      case .platform(let gateway): GatewayMounting.refusal(problem, by: gateway, to: exchange)
      case .person where exchange.acceptsPages: await page(problem, exchange, theme)
      case .person, .program: document(problem, exchange)
      }
    addHeaders(of: problem, exchange, to: &response.headers)
    return response
  }

  private func document(_ problem: Problem, _ exchange: Exchange) -> Response {
    Response(problem.kind.status, "application/problem+json", Self.bytes(of: problem, at: exchange.path, id: exchange.id))
  }

  /// The JSON that tells a program of a refusal.
  static func bytes(of problem: Problem, at path: String?, id: RequestID) -> [UInt8] {
    let details = Wire.ProblemDetails(
      type: "/problems/\(problem.code.name)", title: problem.code.title, status: problem.kind.status, detail: problem.shownDetail, instance: path,
      code: problem.code.name, requestId: id.description,
      errors: problem.faults.isEmpty ? nil : problem.faults.map { .init(pointer: $0.field.isEmpty ? "#" : "#/\($0.field)", detail: $0.detail) },
      quote: problem.quote.map(Wire.Quote.init))
    return (try? WireCoding.encode(details)) ?? Array("{}".utf8)
  }

  /// Who is signed in keeps the way to everything else beside a refusal; where something of ours is out of order, nothing more is asked of it.
  private func page(_ problem: Problem, _ exchange: Exchange, _ theme: Theme) async -> Response {
    let shown = Problem(problem.code, problem.shownDetail, faults: problem.faults)
    if [.forbidden, .missing, .gone, .conflict].contains(problem.kind), let response = await renderer.refusal(shown, to: exchange) { return response }
    let html = plainShell(PlainShellModel(title: problem.code.title, theme: theme, assets: assets)) { refusalContent(shown, requestID: exchange.id.description, again: exchange.again(after: problem)) }
    return Response(problem.kind.status, "text/html; charset=utf-8", html.bytes)
  }

  private func addHeaders(of problem: Problem, _ exchange: Exchange, to headers: inout HTTPFields) {
    switch problem.kind {
    case .unauthenticated:
      headers[.wwwAuthenticate] = exchange.credential == .none ? "Bearer realm=\"guildhall\"" : "Bearer realm=\"guildhall\", error=\"invalid_token\""
    case .limited, .unavailable: headers[.retryAfter] = String(max(1, (problem.retryAfter ?? .seconds(5)).roundedUpSeconds))
    case .moved: headers[.location] = problem.relocation.flatMap(exchange.relocated)
    default: break
    }
  }
}

extension Problem {
  /// What may be said of it: of a mistake of ours nothing but that it is one.
  var shownDetail: String { kind == .defect ? "Try again in a while; if it stays so, tell whoever runs this installation the request's id." : detail }
}

extension Exchange {
  var acceptsPages: Bool { request.headers[values: .accept].contains { $0.contains("text/html") || $0.contains("*/*") } || request.headers[.accept] == nil }

  /// The page itself, where what is out of order may be in order in a while.
  fileprivate func again(after problem: Problem) -> Link? {
    guard isSafe else { return nil }
    switch problem.kind {
    case .defect, .unavailable, .limited: return Link(local: location)
    default: return nil
    }
  }

  /// The same address with the new name in the place of the old.
  fileprivate func relocated(by relocation: Relocation) -> String? {
    var segments = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let place = segments.firstIndex(where: { PercentText.decode($0)?.lowercased() == relocation.old.lowercased() }) else { return nil }
    segments[place] = PercentText.encode(relocation.new)
    let moved = segments.joined(separator: "/")
    return request.uri.query.map { "\(moved)?\($0)" } ?? moved
  }
}

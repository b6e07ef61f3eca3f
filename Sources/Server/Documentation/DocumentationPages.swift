import Contract
import ControlPlane
import HTTPTypes
import Hummingbird
import Kernel
import Markup
import Secrets
import Synchronization

/// `/docs`, `/docs/reference` with a page for each noun, and the OpenAPI document itself.
struct DocumentationPages: Sendable {
  let assets: PageAssets
  /// The script that starts Swagger UI; `nil` where Swagger UI isn't installed.
  let starter: Link?
  let catalogue: [AnyEndpoint]
  private let document: PublishedDocument

  init(_ catalogue: [AnyEndpoint], version: String, assets: PageAssets, starter: Link?) {
    self.assets = assets
    self.starter = starter
    self.catalogue = catalogue
    document = PublishedDocument(catalogue, version: version)
  }

  var routes: [Route] {
    [
      Route(.get, "\(API.base)/openapi.json", for: .program) { [self] exchange async throws(Problem) in
        let (bytes, tag) = try document.content()
        let headers: HTTPFields = [.eTag: tag, .cacheControl: "public, max-age=300"]
        if EntityTag.isKnown(tag, in: exchange.request.headers[values: .ifNoneMatch]) { return Response(status: .notModified, headers: headers) }
        return Response(200, "application/json", bytes, headers)
      },
      Route(.get, "/docs", for: .person) { [self] _ in
        guard let starter else { return .moved(303, to: "/docs/reference") }
        return page(interactive(starter), policy: SecurityHeaders.documentation)
      },
      Route(.get, "/docs/reference", for: .person) { [self] _ in page(reference, policy: SecurityHeaders.strict) },
      Route(.get, "/docs/reference/{noun}", for: .person) { [self] exchange async throws(Problem) in
        let noun = exchange.parameter("noun")
        guard nouns.contains(noun) else { throw Problem(.missing, "There is no page of this name in the API's reference.") }
        return page(reference(of: noun), policy: SecurityHeaders.strict)
      },
    ]
  }

  private func page(_ html: HTML, policy: String) -> Response {
    Response(200, "text/html; charset=utf-8", html.bytes, [.contentSecurityPolicy: policy, .cacheControl: "public, max-age=300"])
  }

  private func interactive(_ starter: Link) -> HTML {
    Markup.document(lang: "en") {
      head {
        charset()
        meta(name: "viewport", content: "width=device-width, initial-scale=1")
        title("API · Guildhall")
        icon(assets.icon, type: "image/svg+xml")
        stylesheet("/assets/swagger/swagger-ui.css")
        script(module: starter)
      }
      body {
        main(.data("api-document", "\(API.base)/openapi.json"), .data("api-bundle", "/assets/swagger/swagger-ui-bundle.js")) {
          p { a(href: "/docs/reference") { "The API as a plain page" } }
        }
      }
    }
  }

  private var reference: HTML {
    plainShell(PlainShellModel(title: "API reference", assets: assets, isRoomy: true)) {
      plainHeader("API reference", "All operations of the JSON API. The same as a document for tools: \(a(href: "/api/v1/openapi.json") { "openapi.json" }).")
      p {
        "Send a personal access token, or a key of a service account, in the Authorization header as \(code { "Bearer gld_…" }). "
        "Refusals are \(a(href: "/problems") { "problems" }) with a code to decide by."
      }
      for noun in nouns {
        section {
          h2 { a(href: Self.page(of: noun)) { Self.heading(of: noun) } }
          ul {
            for operation in catalogue where operation.noun == noun {
              li {
                a(href: Self.place(of: operation)) { code { "\(operation.method.rawValue) \(API.base)\(operation.path)" } }
                " \(operation.summary)"
              }
            }
          }
        }
      }
    }
  }

  private func reference(of noun: String) -> HTML {
    let shapes = catalogue.filter { $0.noun == noun }.map { (operation: $0, shape: try? $0.shape()) }
    let shown = Shown.first(in: shapes)
    return plainShell(PlainShellModel(title: "API reference: \(Self.heading(of: noun))", assets: assets, isRoomy: true)) {
      plainHeader(HTML(Self.heading(of: noun)), "Of the \(a(href: "/docs/reference") { "API reference" }).")
      for (operation, shape) in shapes { entry(operation, shape, shown) }
    }
  }

  private static func page(of noun: String) -> Link { Link(local: "/docs/reference/\(noun)") ?? "/docs/reference" }

  /// Where an operation is described.
  static func place(of operation: AnyEndpoint) -> Link { Link(local: "/docs/reference/\(operation.noun)#\(operation.name)") ?? "/docs/reference" }

  private static func heading(of noun: String) -> String { noun.prefix(1).uppercased() + noun.dropFirst().map { $0 == "_" ? " " : $0 } }

  /// The part of an operation that an example is shown with.
  private struct Shown {
    let operation: String
    let part: String

    /// What several operations take or answer alike is shown with the first of them. By the examples' texts.
    static func first(in shapes: [(operation: AnyEndpoint, shape: Shape?)]) -> [String: Shown] {
      var shown: [String: Shown] = [:]
      for (operation, shape) in shapes {
        for (part, value) in [("body", shape?.body?.example), ("answer", shape?.output?.example)] {
          guard let text = value?.compact, shown[text] == nil else { continue }
          shown[text] = Shown(operation: operation.name, part: part)
        }
      }
      return shown
    }
  }

  private var nouns: [String] { catalogue.reduce(into: []) { nouns, operation in if !nouns.contains(operation.noun) { nouns.append(operation.noun) } } }

  private func entry(_ operation: AnyEndpoint, _ shape: Shape?, _ shown: [String: Shown]) -> HTML {
    section(.id(operation.name)) {
      h2 { code { "\(operation.method.rawValue) \(API.base)\(operation.path)" } }
      p { operation.summary }
      dl(.class("definitions")) {
        term("Operation") { code { operation.name } }
        term("Needs") { need(of: operation.access) }
        if let shape {
          if !shape.query.isEmpty { term("Query") { names(shape.query) } }
          if let body = shape.body { term("Body") { example(body.example, "body", of: operation, shown) } }
          if let output = shape.output { term("Answer, \(operation.status)") { example(output.example, "answer", of: operation, shown) } }
        }
        if !operation.refusals.isEmpty {
          term("May refuse with") { ul { for refusal in operation.refusals { li { "\(a(href: "/problems/\(refusal.name)") { code { refusal.name } }): \(refusal.title)" } } } }
        }
      }
    }
  }

  private func example(_ value: JSON, _ part: String, of operation: AnyEndpoint, _ shown: [String: Shown]) -> HTML {
    if let first = shown[value.compact], first.operation != operation.name || first.part != part {
      return "As the \(first.part) of \(a(href: .anchor(first.operation)) { code { first.operation } })"
    }
    return div(.class("code")) { pre(.tabindex(0)) { value.pretty } }
  }

  private func names(_ properties: [Schema.Property]) -> HTML {
    ul { for property in properties { li { "\(code { property.name })\(property.required ? "" : ", may be left out")" } } }
  }

  private func need(of access: Access) -> HTML {
    switch access {
    case .anyone: "Nothing"
    case .account: "An account"
    case .organization(let permission): "The permission \(code { permission }) in the organization"
    case .resource(let permission, _): "The permission \(code { permission }) in the organization, or a role on the thing that allows as much"
    case .superUser: "An operator of the installation"
    }
  }

  private func term(_ name: String, @HTMLBuilder _ meaning: () -> HTML) -> HTML {
    div {
      dt { name }
      dd(content: meaning)
    }
  }
}

/// The OpenAPI document as it is sent. It is made when it is first asked for: putting it together takes longer than all the rest of a start.
private final class PublishedDocument: Sendable {
  private let catalogue: [AnyEndpoint]
  private let version: String
  private let made = Mutex<(bytes: [UInt8], tag: String)?>(nil)

  init(_ catalogue: [AnyEndpoint], version: String) {
    self.catalogue = catalogue
    self.version = version
  }

  /// The document and its entity tag.
  func content() throws(Problem) -> (bytes: [UInt8], tag: String) {
    try made.withLock { made throws(Problem) in
      if let made { return made }
      let bytes: [UInt8]
      do { bytes = Array(try OpenAPI(catalogue, version: version).json.compact.utf8) } catch { throw Problem(.defect, "The contract contradicts itself.", cause: error) }
      let fresh = (bytes, "\"\(SHA256Digest(of: bytes).text.prefix(16))\"")
      made = fresh
      return fresh
    }
  }
}

import Contract
import ControlPlane
import HTTPTypes
import Hummingbird
import Kernel
import Markup
import Secrets

/// `/docs`, `/docs/reference` and the OpenAPI document itself.
struct DocumentationPages: Sendable {
  let assets: PageAssets
  /// The script that starts Swagger UI; `nil` where Swagger UI isn't installed.
  let starter: Link?
  let catalogue: [AnyEndpoint]
  private let document: [UInt8]
  private let tag: String

  init(_ catalogue: [AnyEndpoint], version: String, assets: PageAssets, starter: Link?) throws(Problem) {
    self.assets = assets
    self.starter = starter
    self.catalogue = catalogue
    do {
      document = Array(try OpenAPI(catalogue, version: version).json.compact.utf8)
    } catch {
      throw Problem(.defect, "The contract contradicts itself.", cause: error)
    }
    tag = "\"\(SHA256Digest(of: document).text.prefix(16))\""
  }

  var routes: [Route] {
    [
      Route(.get, "\(API.base)/openapi.json", for: .program) { [self] exchange in
        let headers: HTTPFields = [.eTag: tag, .cacheControl: "public, max-age=300"]
        if EntityTag.isKnown(tag, in: exchange.request.headers[values: .ifNoneMatch]) { return Response(status: .notModified, headers: headers) }
        return Response(200, "application/json", document, headers)
      },
      Route(.get, "/docs", for: .person) { [self] _ in
        guard let starter else { return .moved(303, to: "/docs/reference") }
        return page(interactive(starter), policy: SecurityHeaders.documentation)
      },
      Route(.get, "/docs/reference", for: .person) { [self] _ in page(reference, policy: SecurityHeaders.strict) },
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
      p { "Send a personal access token in the Authorization header as \(code { "Bearer gld_pat_…" }). Refusals are \(a(href: "/problems") { "problems" }) with a code to decide by." }
      for noun in nouns {
        section {
          h2 { noun.prefix(1).uppercased() + noun.dropFirst().map { $0 == "_" ? " " : $0 } }
          for operation in catalogue where operation.noun == noun { entry(operation) }
        }
      }
    }
  }

  private var nouns: [String] { catalogue.reduce(into: []) { nouns, operation in if !nouns.contains(operation.noun) { nouns.append(operation.noun) } } }

  private func entry(_ operation: AnyEndpoint) -> HTML {
    section(.id(operation.name)) {
      h3 { code { "\(operation.method.rawValue) \(API.base)\(operation.path)" } }
      p { operation.summary }
      dl(.class("definitions")) {
        term("Operation") { code { operation.name } }
        term("Needs") { need(of: operation.access) }
        if let shape = try? operation.shape() {
          if !shape.query.isEmpty { term("Query") { names(shape.query) } }
          if let body = shape.body { term("Body") { example(body.example) } }
          if let output = shape.output { term("Answer, \(operation.status)") { example(output.example) } }
        }
        if !operation.refusals.isEmpty {
          term("May refuse with") { ul { for refusal in operation.refusals { li { "\(a(href: "/problems/\(refusal.name)") { code { refusal.name } }): \(refusal.title)" } } } }
        }
      }
    }
  }

  private func example(_ value: JSON) -> HTML {
    div(.class("code")) { pre(.tabindex(0)) { value.pretty } }
  }

  private func names(_ properties: [Schema.Property]) -> HTML {
    ul { for property in properties { li { "\(code { property.name })\(property.required ? "" : ", may be left out")" } } }
  }

  private func need(of access: Access) -> HTML {
    switch access {
    case .anyone: "Nothing"
    case .account: "An account"
    case .organization(let permission): "The permission \(code { permission }) in the organization"
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

import Contract
import ControlPlane
import Hummingbird
import Kernel
import Markup

/// `/problems/{code}`: where the `type` of a refusal leads, and what each code means.
struct ProblemPages: Sendable {
  let assets: PageAssets
  private let codes: [String: Problem.Code]
  private let operations: [String: [AnyEndpoint]]

  init(_ catalogue: [AnyEndpoint], assets: PageAssets) {
    self.assets = assets
    var codes = Dictionary(Self.everywhere.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var operations: [String: [AnyEndpoint]] = [:]
    for operation in catalogue {
      for code in operation.refusals {
        codes[code.name] = code
        operations[code.name, default: []].append(operation)
      }
    }
    self.codes = codes
    self.operations = operations
  }

  private static let everywhere: [Problem.Code] = [
    .malformed, .invalid, .missing, .stale, .defect, .unavailable, .maintenance, .invalidCredential, .signedOut, .forbidden, .tokenScope, .staleSignIn, .suspendedMembership, .expiredMembership, .suspendedOrganization, .foreignOrigin, .unsupportedMethod, .tooLarge, .unsupportedMedia, .headersTooLarge, .slowRequest, .limited, .repeatedKey, .pendingKey,
  ]

  var routes: [Route] {
    [
      Route(.get, "/problems", for: .person) { [self] _ in page("Problems") { list } },
      Route(.get, "/problems/{code}", for: .person) { [self] exchange async throws(Problem) in
        let name = exchange.parameter("code")
        // Codes that only features know are explained by their kind alone, which every refusal tells.
        guard let code = codes[name] else { throw Problem(.missing, "There is no problem of this name.") }
        return page(code.title) { explanation(of: code) }
      },
    ]
  }

  private var list: HTML {
    fragment {
      plainHeader("Problems", "What the API may refuse with. Each answer tells its code.")
      dl {
        for code in codes.values.sorted(by: { $0.name < $1.name }) {
          dt { a(href: "/problems/\(code.name)") { Markup.code { code.name } } }
          dd { "\(code.title) (\(code.kind.status))" }
        }
      }
    }
  }

  private func explanation(of code: Problem.Code) -> HTML {
    fragment {
      plainHeader(HTML(code.title), "Code \(Markup.code { code.name }), status \(code.kind.status)")
      p { code.kind.meaning }
      if let operations = operations[code.name] {
        h2 { "Where it can happen" }
        ul { for operation in operations { li { a(href: DocumentationPages.place(of: operation)) { operation.summary } } } }
      }
    }
  }

  private func page(_ title: String, @HTMLBuilder content: () -> HTML) -> Response {
    let html = plainShell(PlainShellModel(title: title, assets: assets, isRoomy: true), content: content)
    return Response(200, "text/html; charset=utf-8", html.bytes, [.cacheControl: "public, max-age=3600"])
  }
}

extension Problem.Kind {
  /// What happened, and what to do now.
  fileprivate var meaning: String {
    switch self {
    case .malformed: "The request can't be read: its JSON, its address or a header is not well formed. Mend it and send it again."
    case .invalid: "The request can be read, but a value in it is not acceptable. The list of errors names each field and says what it takes."
    case .unauthenticated: "Nobody is signed in, or the token or session doesn't hold any more. Sign in again, or send another token."
    case .payment: "The credits or a budget don't suffice. Add credits, or ask who looks after the budget."
    case .forbidden: "You may see this thing, but not do this to it. Somebody with the permission can, or can give it to you."
    case .missing: "It doesn't exist, or you may not know that it does. Check the address and the account you use."
    case .unsupportedMethod: "The address is right, but it has no such method. The Allow header names those it has."
    case .moved: "It has another name now. The Location header leads there."
    case .conflict: "It contradicts the present state. Read the state again and decide anew."
    case .gone: "It existed, and never comes back under this name."
    case .stale: "It has changed since you read it. Read it again, and send the change with the new ETag."
    case .tooLarge: "The request is larger than what is accepted at once. Send less, or in parts."
    case .headersTooLarge: "The address and the headers are larger than what is accepted. Send shorter ones; a cookie of another service may be in the way."
    case .slow: "The request began, and didn't arrive within its time. Send it again, over a better connection."
    case .unsupportedMedia: "The body is in a format that is not understood here. Send JSON, with its media type."
    case .limited: "There were too many requests in a short time. Wait for as long as the Retry-After header says."
    case .defect: "A mistake of ours. The request's id leads whoever runs the installation to the cause in the log."
    case .unavailable: "Something is out of order for now. The same request may succeed later; the Retry-After header says when to try."
    }
  }
}

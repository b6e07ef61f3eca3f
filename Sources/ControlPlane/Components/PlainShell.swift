public import Kernel
public import Markup

/// The frame of the pages before one is in: sign-in, invitations, errors. A narrow column under the product's mark.
public func plainShell(_ model: PlainShellModel, @HTMLBuilder content: () -> HTML) -> HTML {
  document(lang: "en", theme(model.theme)) {
    documentHead(title: model.title, place: nil, model.assets)
    body {
      toasts(model.flashes)
      div(.class("plain")) {
        div(.class(model.isRoomy ? "plain-page roomy" : "plain-page")) {
          header {
            a(href: "/", .class("brand")) {
              mark()
              "Guildhall"
            }
          }
          main(.id("page"), content: content)
        }
        footer { model.imprint }
      }
    }
  }
}

/// What the plain frame says.
public struct PlainShellModel: Sendable {
  public var title: String
  public var theme: Theme
  public var assets: PageAssets
  public var flashes: [Flash]
  /// For pages with more than one column of fields can hold.
  public var isRoomy: Bool
  public var imprint: String

  public init(title: String, theme: Theme = .system, assets: PageAssets, flashes: [Flash] = [], isRoomy: Bool = false, imprint: String = "") {
    self.title = title
    self.theme = theme
    self.assets = assets
    self.flashes = flashes
    self.isRoomy = isRoomy
    self.imprint = imprint
  }
}

/// The heading of a plain page with the line below it.
public func plainHeader(_ title: HTML, _ text: HTML? = nil) -> HTML {
  header {
    h1 { title }
    if let text { p { text } }
  }
}

/// What a refusal says to a person within the console's frame.
public func refusalPart(_ problem: Problem, requestID: String) -> HTML {
  fragment {
    pageHeader(HTML(problem.code.title), HTML(problem.detail))
    buttonRow { linkButton("Your organizations", href: "/me/organizations", .primary) }
    p(.class("quiet-text")) { small { "Request \(code { requestID })" } }
  }
}

/// What a refusal says to a person: what happened, what to do now, and the request's id for whoever is asked for help.
///
/// `again` is the page itself, where trying once more may help.
public func refusalContent(_ problem: Problem, requestID: String, back: (title: String, href: Link) = ("Go to your start page", "/"), again: Link? = nil) -> HTML {
  fragment {
    plainHeader(HTML(problem.code.title), HTML(problem.detail))
    buttonRow {
      if let again { linkButton("Try again", href: again, .primary) }
      linkButton(back.title, href: back.href)
    }
    p(.class("aside")) { "Request \(code { requestID })" }
  }
}

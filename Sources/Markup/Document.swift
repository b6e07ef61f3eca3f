/// A whole page: the doctype and the root element.
public func document(lang: String, _ attributes: Attribute..., @HTMLBuilder content: Content) -> HTML {
  let root = HTML.element("html", .lang(lang), attributes, content)
  return HTML(bytes: Array("<!doctype html>\n".utf8) + root.bytes)
}

/// The title of the page in the browser's tab, or of a drawing for those who don't see it.
public func title(_ text: some StringProtocol) -> HTML { .element("title", []) { HTML(text) } }

/// That the page is UTF-8; stands first in the head.
public func charset() -> HTML { .void("meta", [Attribute("charset", "utf-8")]) }

/// A named property of the page.
public func meta(name: StaticString, content: String, _ attributes: Attribute...) -> HTML {
  .void("meta", Attribute("name", fixed: name), Attribute("content", content), attributes)
}

/// A property that is known by its scheme (`theme-color` per colour scheme).
public func meta(name: StaticString, content: String, media: StaticString) -> HTML {
  .void("meta", [Attribute("name", fixed: name), Attribute("content", content), Attribute("media", fixed: media)])
}

/// A style sheet.
public func stylesheet(_ link: Link) -> HTML { .void("link", [.rel("stylesheet"), Attribute("href", link.text)]) }

/// The picture in the browser's tab.
public func icon(_ link: Link, type: StaticString) -> HTML { .void("link", [.rel("icon"), Attribute("href", link.text), Attribute("type", fixed: type)]) }

/// A font that the page will need at once.
public func preload(font link: Link) -> HTML {
  .void("link", [.rel("preload"), Attribute("href", link.text), Attribute("as", "font"), Attribute("type", "font/woff2"), Attribute("crossorigin", "")])
}

/// A script of ours as an ES module; scripts within the page don't exist.
public func script(module link: Link) -> HTML { .element("script", [Attribute("type", "module"), Attribute("src", link.text)]) { .empty } }

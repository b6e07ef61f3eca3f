/// The body of an element.
public typealias Content = () -> HTML

// Document.

/// What a browser reads before the page.
public func head(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("head", attributes, content) }

/// The page itself.
public func body(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("body", attributes, content) }

// Sections.

/// The opening of a page or section.
public func header(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("header", attributes, content) }

/// The close of a page or section.
public func footer(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("footer", attributes, content) }

/// What this page is about; one in a page.
public func main(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("main", attributes, content) }

/// A group of links to other pages or places.
public func nav(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("nav", attributes, content) }

/// A part with a heading.
public func section(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("section", attributes, content) }

/// A part that stands for itself.
public func article(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("article", attributes, content) }

/// A part beside the matter.
public func aside(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("aside", attributes, content) }

/// The controls of a search.
public func search(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("search", attributes, content) }

/// A heading with the lines that belong to it.
public func hgroup(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("hgroup", attributes, content) }

/// The heading of the page.
public func h1(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("h1", attributes, content) }

/// A heading of the second rank.
public func h2(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("h2", attributes, content) }

/// A heading of the third rank.
public func h3(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("h3", attributes, content) }

/// A heading of the fourth rank.
public func h4(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("h4", attributes, content) }

/// How to reach somebody.
public func address(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("address", attributes, content) }

// Blocks.

/// A block without a meaning of its own.
public func div(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("div", attributes, content) }

/// A paragraph.
public func p(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("p", attributes, content) }

/// A list in no order.
public func ul(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("ul", attributes, content) }

/// A list in order.
public func ol(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("ol", attributes, content) }

/// One item of a list.
public func li(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("li", attributes, content) }

/// A list of commands.
public func menu(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("menu", attributes, content) }

/// Terms with their descriptions.
public func dl(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("dl", attributes, content) }

/// A term.
public func dt(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("dt", attributes, content) }

/// Its description.
public func dd(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("dd", attributes, content) }

/// A picture or chart with its caption.
public func figure(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("figure", attributes, content) }

/// The caption of a figure.
public func figcaption(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("figcaption", attributes, content) }

/// A quotation of its own.
public func blockquote(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("blockquote", attributes, content) }

/// Text whose lines and spaces count.
public func pre(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("pre", attributes, content) }

// Text.

/// A stretch of text without a meaning of its own.
public func span(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("span", attributes, content) }

/// Of importance.
public func strong(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("strong", attributes, content) }

/// Stressed.
public func em(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("em", attributes, content) }

/// Small print.
public func small(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("small", attributes, content) }

/// Code, ids, names of programs.
public func code(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("code", attributes, content) }

/// Keys to press.
public func kbd(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("kbd", attributes, content) }

/// What a program put out.
public func samp(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("samp", attributes, content) }

/// An abbreviation; its title is the long form.
public func abbr(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("abbr", attributes, content) }

/// Text of unknown direction, kept from turning its neighbours: every name that people chose.
public func bdi(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("bdi", attributes, content) }

/// Marked for the reader.
public func mark(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("mark", attributes, content) }

/// Taken out.
public func del(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("del", attributes, content) }

/// Put in.
public func ins(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("ins", attributes, content) }

/// Subscript.
public func sub(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("sub", attributes, content) }

/// Superscript.
public func sup(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("sup", attributes, content) }

// Tables.

/// A table.
public func table(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("table", attributes, content) }

/// Its caption.
public func caption(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("caption", attributes, content) }

/// A group of columns.
public func colgroup(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("colgroup", attributes, content) }

/// The head of a table.
public func thead(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("thead", attributes, content) }

/// The body of a table.
public func tbody(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("tbody", attributes, content) }

/// The foot of a table.
public func tfoot(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("tfoot", attributes, content) }

/// A row.
public func tr(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("tr", attributes, content) }

/// A header cell.
public func th(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("th", attributes, content) }

/// A cell.
public func td(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("td", attributes, content) }

// Disclosure.

/// What opens on demand; starts with a `summary`.
public func details(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("details", attributes, content) }

/// The line that opens its `details`.
public func summary(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("summary", attributes, content) }

/// A window within the page.
public func dialog(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("dialog", attributes, content) }

/// Shown only where scripts don't run.
public func noscript(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("noscript", attributes, content) }

/// Not shown; scripts copy it.
public func template(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("template", attributes, content) }

// Without content.

/// A line break that belongs to the text.
public func br(_ attributes: Attribute...) -> HTML { .void("br", attributes) }

/// A change of subject.
public func hr(_ attributes: Attribute...) -> HTML { .void("hr", attributes) }

/// A place where a long word may break.
public func wbr(_ attributes: Attribute...) -> HTML { .void("wbr", attributes) }

/// A column of a table.
public func col(_ attributes: Attribute...) -> HTML { .void("col", attributes) }

/// A link to another page or place.
public func a(href: Link, _ attributes: Attribute..., @HTMLBuilder content: Content) -> HTML {
  .element("a", Attribute("href", href.text), attributes, content)
}

/// An image; the empty `alt` says that it only decorates.
public func img(src: ImageSource, alt: String, _ attributes: Attribute...) -> HTML {
  .void("img", Attribute("src", src.text), Attribute("alt", alt), attributes)
}

/// A point in time, machine-readable in `datetime` (RFC 3339).
public func time(datetime: String, _ attributes: Attribute..., @HTMLBuilder content: Content) -> HTML {
  .element("time", Attribute("datetime", datetime), attributes, content)
}

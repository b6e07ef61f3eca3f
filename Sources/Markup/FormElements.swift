/// How a form is sent.
public enum FormMethod: String, Sendable {
  /// The fields become the query: for searches and filters, which change nothing.
  case get
  /// The fields become the body: for everything that changes something.
  case post
  /// Closes the dialog it stands in.
  case dialog
}

/// A form; without an action it is sent to the page it stands on.
public func form(_ method: FormMethod, action: Link? = nil, _ attributes: Attribute..., @HTMLBuilder content: Content) -> HTML {
  .element("form", Attribute("method", method.rawValue), action.map { Attribute("action", $0.text) } ?? .none, attributes, content)
}

/// What an `input` asks for.
public enum InputType: String, Sendable {
  case text, email, password, search, number, tel, url, date, time, month, checkbox, radio, hidden, file, range, color
  case dateAndTime = "datetime-local"
}

/// A control for one value; without a name it isn't sent.
public func input(_ type: InputType, name: String?, _ attributes: Attribute...) -> HTML {
  .void("input", Attribute("type", type.rawValue), name.map { Attribute("name", $0) } ?? .none, attributes)
}

/// What a `button` does when it is pressed.
public enum ButtonType: String, Sendable { case submit, button, reset }

/// Something to press.
public func button(_ type: ButtonType, _ attributes: Attribute..., @HTMLBuilder content: Content) -> HTML {
  .element("button", Attribute("type", type.rawValue), attributes, content)
}

/// The label of the control with this id.
public func label(for id: String, _ attributes: Attribute..., @HTMLBuilder content: Content) -> HTML {
  .element("label", Attribute("for", id), attributes, content)
}

/// The label of the control within it.
public func label(_ attributes: Attribute..., @HTMLBuilder content: Content) -> HTML { .element("label", attributes, content) }

/// Several lines of text to write. A first line that is empty survives (HTML swallows one line break after the tag).
public func textarea(name: String, _ attributes: Attribute..., text: some StringProtocol) -> HTML {
  .element("textarea", Attribute("name", name), attributes) { HTML("\n" + text) }
}

/// A choice from a list.
public func select(name: String, _ attributes: Attribute..., @HTMLBuilder content: Content) -> HTML {
  .element("select", Attribute("name", name), attributes, content)
}

/// One choice of a `select`.
public func option(value: String, selected: Bool = false, _ attributes: Attribute..., @HTMLBuilder content: Content) -> HTML {
  .element("option", Attribute("value", value), .selected(selected), attributes, content)
}

/// Choices that belong together.
public func optgroup(label: String, _ attributes: Attribute..., @HTMLBuilder content: Content) -> HTML {
  .element("optgroup", Attribute("label", label), attributes, content)
}

/// Suggestions for an `input`, found by its `list`.
public func datalist(id: String, @HTMLBuilder content: Content) -> HTML { .element("datalist", [.id(id)], content) }

/// Controls that belong together.
public func fieldset(_ attributes: Attribute..., @HTMLBuilder content: Content) -> HTML { .element("fieldset", attributes, content) }

/// The caption of a `fieldset`.
public func legend(_ attributes: Attribute..., @HTMLBuilder content: Content) -> HTML { .element("legend", attributes, content) }

/// A result that scripts put in.
public func output(_ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML { .element("output", attributes, content) }

/// How far something has come; without a value, that it is under way.
public func progress(value: Int? = nil, max: Int = 100, _ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML {
  .element("progress", value.map { Attribute("value", $0) } ?? .none, Attribute("max", max), attributes, content)
}

/// A measure within known bounds: a quota, a share.
public func meter(value: Int, max: Int, _ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML {
  .element("meter", Attribute("value", value), Attribute("max", max), attributes, content)
}

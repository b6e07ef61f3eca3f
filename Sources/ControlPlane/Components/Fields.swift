internal import Markup

/// Whether a field has to be filled in.
enum FieldNeed {
  case always, never
  /// What else is chosen decides it, so nothing is said beside the label.
  case byOthers
}

/// A line of text with its label; the value, and what is wrong with it, come from the form.
func textField(
  _ label: String, _ name: String, in form: FormState, type: InputType = .text, hint: HTML? = nil, optional: Bool = false, need: FieldNeed? = nil,
  prefix: String? = nil, classes: String = "", _ attributes: Attribute...
) -> HTML {
  let need = need ?? (optional ? .never : .always)
  return field(label, name, in: form, hint: hint, optional: need == .never) { described in
    let control = input(
      type, name: name, .class("control \(classes)".trimmed), .id(form.control(name)),
      .value(form.value(name)).when(type != .password && !form.value(name).isEmpty), .required(need == .always), described,
      .all(attributes))
    if let prefix {
      return span(.class("joined")) {
        span(.class("affix")) { prefix }
        control
      }
    }
    return control
  }
}

/// A password: never sent back to the browser, and shown on demand.
func passwordField(_ label: String, _ name: String, in form: FormState, isNew: Bool = false, hint: HTML? = nil, _ attributes: Attribute...) -> HTML {
  field(label, name, in: form, hint: hint) { described in
    span(.class("reveal")) {
      input(.password, name: name, .class("control"), .id(form.control(name)), .autocomplete(isNew ? "new-password" : "current-password"), .spellcheck(false), .required, described, .all(attributes))
      scriptButton("Show", .quiet, small: true, .data("reveal", form.control(name)), .aria("pressed", false), .aria("label", "Show \(label.lowercased())"))
    }
  }
}

/// Several lines; with a `limit` the characters left are counted.
func textAreaField(_ label: String, _ name: String, in form: FormState, rows: Int = 4, limit: Int? = nil, hint: HTML? = nil, optional: Bool = false, classes: String = "", _ attributes: Attribute...) -> HTML {
  field(label, name, in: form, hint: hint, optional: optional) { described in
    fragment {
      textarea(
        name: name, .class("control \(classes)".trimmed), .id(form.control(name)), .rows(rows), .required(!optional), described, limit.map { .data("limit", String($0)) } ?? .none, .all(attributes),
        text: form.value(name))
      if limit != nil { output(.class("counter needs-script"), .data("counts", form.control(name)), .aria("live", "off")) }
    }
  }
}

/// One choice of a list.
struct Choice {
  let value: String
  let label: String
  let hint: String?
  let isDisabled: Bool

  init(_ value: String, _ label: String, hint: String? = nil, disabled: Bool = false) {
    (self.value, self.label, self.hint, isDisabled) = (value, label, hint, disabled)
  }
}

func selectField(_ label: String, _ name: String, in form: FormState, _ choices: [Choice], hint: HTML? = nil, optional: Bool = false, _ attributes: Attribute...) -> HTML {
  field(label, name, in: form, hint: hint, optional: optional) { described in
    selectControl(name, choices, selected: form.value(name), .id(form.control(name)), .required(!optional), described, .all(attributes))
  }
}

/// A choice without a visible label, in a filter bar or a row of a table; `label` names it for those who can't see where it stands.
func smallSelect(_ label: String, _ name: String, _ choices: [Choice], selected: String, inline: Bool = false, _ attributes: Attribute...) -> HTML {
  selectControl(name, choices, selected: selected, classes: inline ? "select small inline" : "select small", .aria("label", label), .all(attributes))
}

private func selectControl(_ name: String, _ choices: [Choice], selected: String, classes: String = "select", _ attributes: Attribute...) -> HTML {
  span(.class(classes)) {
    select(name: name, .class("control"), .all(attributes)) {
      for choice in choices { option(value: choice.value, selected: choice.value == selected, .disabled(choice.isDisabled)) { choice.label } }
    }
    Icon.chevronDown.html
  }
}

/// Yes or no.
func checkField(_ label: HTML, _ name: String, value: String = "on", in form: FormState, hint: HTML? = nil, _ attributes: Attribute...) -> HTML {
  div(.class("field")) {
    Markup.label(.class("choice")) {
      input(.checkbox, name: name, .id(form.control(name)), .value(value), .checked(form.values(name).contains(value)), faultReference(name, in: form), .all(attributes))
      span { label }
      if let hint { span(.class("hint")) { hint } }
    }
    faultLine(name, in: form)
  }
}

/// One of a few, all of them in sight.
func radioField(_ label: String, _ name: String, in form: FormState, _ choices: [Choice]) -> HTML {
  fieldset(.class("field choices"), faultReference(name, in: form)) {
    legend { label }
    for (place, choice) in choices.enumerated() {
      Markup.label(.class("choice")) {
        input(.radio, name: name, .id(form.control(name)).when(place == 0), .value(choice.value), .checked(form.value(name) == choice.value), .disabled(choice.isDisabled))
        span { choice.label }
        if let hint = choice.hint { span(.class("hint")) { hint } }
      }
    }
    faultLine(name, in: form)
  }
}

/// Any of a few, all of them in sight.
func checkGroup(_ label: String, _ name: String, in form: FormState, _ choices: [Choice]) -> HTML {
  fieldset(.class("field choices"), faultReference(name, in: form)) {
    legend { label }
    for (place, choice) in choices.enumerated() {
      Markup.label(.class("choice")) {
        input(.checkbox, name: name, .id(form.control(name)).when(place == 0), .value(choice.value), .checked(form.values(name).contains(choice.value)), .disabled(choice.isDisabled))
        span { choice.label }
        if let hint = choice.hint { span(.class("hint")) { hint } }
      }
    }
    faultLine(name, in: form)
  }
}

/// Opens what it stands before only when the same text was typed: the name of what is about to go.
func confirmField(_ label: HTML, _ name: String, expecting text: String, in form: FormState) -> HTML {
  div(.class("field")) {
    Markup.label(for: form.control(name)) { label }
    input(
      .text, name: name, .class("control mono"), .id(form.control(name)), .autocomplete("off"), .autocapitalize("none"), .spellcheck(false), .required, .data("expects", text),
      .value(form.value(name)).when(!form.value(name).isEmpty), faultReference(name, in: form))
    faultLine(name, in: form)
  }
}

private func field(_ label: String, _ name: String, in form: FormState, hint: HTML?, optional: Bool = false, control: (Attribute) -> HTML) -> HTML {
  let id = form.control(name)
  let describing = [hint.map { _ in "\(id)-hint" }, form.fault(name).map { _ in "\(id)-fault" }].compactMap { $0 }
  let described = Attribute.all([
    .aria("describedby", describing.joined(separator: " ")).when(!describing.isEmpty),
    .aria("invalid", true).when(form.fault(name) != nil),
  ])
  return div(.class("field")) {
    Markup.label(for: id) {
      label
      if optional { span(.class("optional")) { " (optional)" } }
    }
    control(described)
    faultLine(name, in: form)
    if let hint { p(.class("hint"), .id("\(id)-hint")) { hint } }
  }
}

private func faultReference(_ name: String, in form: FormState) -> Attribute {
  guard form.fault(name) != nil else { return .none }
  return .all([.aria("describedby", "\(form.control(name))-fault"), .aria("invalid", true)])
}

private func faultLine(_ name: String, in form: FormState) -> HTML? {
  form.fault(name).map { fault in
    p(.class("fault"), .id("\(form.control(name))-fault")) {
      Icon.warning.html
      span { fault }
    }
  }
}

extension String {
  fileprivate var trimmed: String { last == " " ? String(dropLast()) : self }
}

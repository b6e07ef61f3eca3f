internal import Markup

/// A form that changes something: carries the session's token, and says on top why it came back.
func postForm(_ action: Link, _ state: FormState, token: FormToken, _ attributes: Attribute..., @HTMLBuilder content: Content) -> HTML {
  form(.post, action: action, .class("form"), .id(state.id), .novalidate, .all(attributes)) {
    tokenField(token)
    faultSummary(state)
    content()
  }
}

/// One press that changes something, without any field to fill in: resend, withdraw, sign out.
func actionForm(_ action: Link, token: FormToken, fields: KeyValuePairs<String, String> = [:], @HTMLBuilder content: Content) -> HTML {
  form(.post, action: action) {
    tokenField(token)
    for (name, value) in fields { input(.hidden, name: name, .value(value)) }
    content()
  }
}

/// The proof that the form is ours.
func tokenField(_ token: FormToken) -> HTML { input(.hidden, name: "csrf", .value(token.text)) }

/// Why a form came back, with a link to each field, where one sentence at one field doesn't say it all.
func faultSummary(_ state: FormState) -> HTML? {
  if let refusal = state.refusal {
    return div(.class("faults"), .role("alert")) { p { refusal } }
  }
  guard state.marked.count > 1 else { return nil }
  return div(.class("faults"), .role("alert")) {
    h2 { "\(state.marked.count) fields need a look" }
    ul {
      for fault in state.marked { li { a(href: .anchor(fault.control)) { fault.detail } } }
    }
  }
}

internal import Markup

/// A form that changes something: carries the session's token, and says on top why it came back.
func postForm(_ action: Link, _ state: FormState, token: FormToken, _ attributes: Attribute..., @HTMLBuilder content: Content) -> HTML {
  let fields = content()
  return form(.post, action: action, .class("form"), .id(state.id), .novalidate, .all(attributes)) {
    tokenField(token)
    faultSummary(state, of: fields, at: action)
    fields
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

/// What makes a form act once, however often it is sent.
func onceField(_ visit: Visit) -> HTML { input(.hidden, name: "once", .value(visit.formKey)) }

/// What a form was opened with: one that came back still says that, so that saving it again doesn't overwrite what it never showed.
func revisionField(_ present: Int, in state: FormState) -> HTML {
  input(.hidden, name: "revision", .value(state.revision ?? present))
}

/// Why a form came back, with a link to each of its fields, where one sentence at one field doesn't say it all; `page` is where the form stands as it is now.
func faultSummary(_ state: FormState, of fields: HTML, at page: Link) -> HTML? {
  if let refusal = state.refusal {
    return div(.class("faults"), .role("alert")) {
      p {
        refusal
        if state.isStale, state.revision != nil { " \(a(href: page) { "Load it as it is now" })" }
      }
    }
  }
  let faults = state.marked(in: fields)
  guard let only = faults.first else { return nil }
  if faults.count == 1 { return only.control == nil ? div(.class("faults"), .role("alert")) { p { only.detail } } : nil }
  return div(.class("faults"), .role("alert")) {
    h2 { "\(faults.count) fields need a look" }
    ul {
      for fault in faults {
        li { if let control = fault.control { a(href: .anchor(control)) { fault.detail } } else { fault.detail } }
      }
    }
  }
}

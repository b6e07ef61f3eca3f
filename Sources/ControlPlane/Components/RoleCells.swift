import Authorization
import Kernel
import Markup

/// The roles in the rows of a list: each stands as a word, and becomes a choice when somebody wants another.
///
/// A script puts the choice in the word's place; without one the word leads to the same page with that one choice in it. Fifty choices at once would take a
/// browser longer to draw than all else on the page.
struct RoleCells {
  let permissions: Set<Permission>
  let token: FormToken
  /// The list as it is shown, where its forms come back to.
  let list: Link
  /// The row whose choice was asked for.
  let chosen: String?

  init(_ permissions: Set<Permission>, on list: Link, _ visit: Visit) {
    (self.permissions, token, self.list, chosen) = (permissions, visit.token, list, visit.query("edit"))
  }

  /// The cell of one row, whose role is set by a form sent to `action`.
  func cell(_ label: String, _ roles: RoleSet, revision: Int, id: some CustomStringConvertible, to action: Link) -> HTML {
    if chosen == id.description { return picker(label, roles, revision: revision, to: action, .autofocus) }
    return a(
      href: list.adding("edit", id.description), .class("role"), .aria("label", "\(label): \(roles)"), .data("role", label), .data("saves-to", action.text),
      .data("revision", String(revision))
    ) { roles.description }
  }

  /// What a script puts in a word's place.
  var template: HTML { Markup.template(.id("role-picker")) { picker("Role", nil, revision: 0, to: list) } }

  /// A select that sends itself; who has several roles keeps them until one is chosen.
  private func picker(_ label: String, _ roles: RoleSet?, revision: Int, to action: Link, _ attributes: Attribute...) -> HTML {
    let several = roles.flatMap { $0.roles.count > 1 ? $0.description : nil }
    return form(.post, action: action, .class("inline")) {
      tokenField(token)
      input(.hidden, name: "revision", .value(revision))
      input(.hidden, name: "back", .value(list.text))
      smallSelect(
        label, "role", (several.map { [Choice("", $0, disabled: true)] } ?? []) + grantable(by: permissions),
        selected: several == nil ? roles?.description ?? "" : "", inline: true, .data("saves"), .all(attributes))
      span(.class("without-script")) { submitButton("Set", .plain, small: true) }
    }
  }
}

/// The roles that a holder of `permissions` may give.
func grantable(by permissions: Set<Permission>) -> [Choice] {
  OrganizationRole.allCases.filter { RoleSet($0).beyond(permissions).isEmpty }.map { Choice($0.rawValue, $0.rawValue, hint: $0.summary) }
}

extension Choice {
  /// A role with what it is for, where somebody decides on one.
  init(_ role: OrganizationRole) { self.init(role.rawValue, "\(role.rawValue): \(role.summary)") }
}

import Authorization
import Kernel
import Markup

/// What operators do with one account: make it, change it, deactivate it, end it.
struct OperatorAccountPages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    let here = "/operator/accounts/{account}"
    return [
      .page("/operator/accounts/new") { visit async throws(Problem) in
        _ = try await plane.accounts.list(AccountFilter(), PageRequest(limit: 1), by: visit.caller)
        return .page(newPage(FormState("account"), visit))
      },
      .form("/operator/accounts/new") { visit async throws(Problem) in
        do throws(Problem) {
          // A field that was left empty says nothing.
          func typed(_ name: String) -> String? { visit.field(name).isEmpty ? nil : visit.field(name) }
          let draft = try AccountProvision(
            email: typed("email"), name: visit.field("name"), handle: typed("handle"), password: typed("password"),
            isSuperUser: visit.field("super_user") == "on")
          let made = try await plane.accounts.provision(draft, by: visit.caller)
          let next = draft.password == nil ? "A mail with a link to choose a password is on its way." : "Tell them the password; they can change it."
          return .redirect(to: "/operator/accounts/\(made.id)", flash: Flash(.good, "\(made.name) has an account. \(next)"))
        } catch {
          guard error.isMendable else { throw error }
          return .page(newPage(FormState("account", values: visit.typed.filter { $0.0 != "password" }, problem: error), visit, status: 422))
        }
      },
      .page(here) { visit async throws(Problem) in .page(try await accountPage(visit)) },
      .form(here) { visit async throws(Problem) in try await change(visit) },
      .form("\(here)/deactivation") { visit async throws(Problem) in try await setActive(visit) },
      .passage("\(here)/deactivation") { "/operator/accounts/\($0.parameter("account"))" },
      .page("\(here)/removal") { visit async throws(Problem) in .page(try await removalPage(FormState("remove"), visit)) },
      .form("\(here)/removal") { visit async throws(Problem) in
        do throws(Problem) {
          try await plane.sessions.confirm(visit)
          try await plane.accounts.remove(.named(visit.parameter("account")), confirm: visit.field("confirm"), by: visit.caller)
        } catch {
          guard error.isMendable else { throw error }
          return .page(try await removalPage(FormState("remove", values: visit.typed, problem: error.atPassword), visit, status: 422))
        }
        return .redirect(to: "/operator/accounts", flash: Flash(.attention, "The account is ended, for good."))
      },
    ]
  }

  // MARK: Making

  private func newPage(_ state: FormState, _ visit: Visit, status: Int = 200) -> ConsolePage {
    ConsolePage("New account", in: .personal(section: "operator-accounts"), status: status) {
      breadcrumb([("All accounts", "/operator/accounts")])
      pageHeader("New account", "For somebody who shouldn't or can't sign up by themselves. Organizations invite them, or add them, like everybody else.")
      postForm("/operator/accounts/new", state, token: visit.token) {
        textField("Name", "name", in: state, hint: "As people read it.", .autocomplete("off"))
        textField("E-mail address", "email", in: state, type: .email, hint: "You vouch that it is theirs.", optional: true, .autocomplete("off"))
        textField("Handle", "handle", in: state, hint: "Their name in addresses; made of the name where this is empty.", optional: true, .autocomplete("off"))
        textField(
          "Password", "password", in: state, type: .password, hint: "Without one they choose it themselves, by a link in a mail that works for three days.",
          optional: true, .autocomplete("new-password"))
        checkField("They run this installation", "super_user", in: state, hint: "As an operator they may do everything, everywhere.")
        buttonRow {
          submitButton("Make the account")
          linkButton("Cancel", href: "/operator/accounts")
        }
      }
    }
  }

  // MARK: One of them

  private func accountPage(_ visit: Visit, _ state: FormState? = nil, refusal: Problem? = nil) async throws(Problem) -> ConsolePage {
    let account = try await plane.accounts.find(.named(visit.parameter("account")), by: visit.caller)
    let here: Link = "/operator/accounts/\(account.id)"
    let form = state ?? Self.state(of: account)
    return ConsolePage("\(account.name)", in: .personal(section: "operator-accounts"), status: refusal == nil && state == nil ? 200 : 422) {
      breadcrumb([("All accounts", "/operator/accounts")])
      pageHeader(bdi { account.name.text }, HTML(account.email?.text ?? "no address")) {
      } badges: {
        OperatorPages.stateBadges(account)
      }
      if let refusal { div(.class("faults"), .role("alert")) { p { refusal.detail } } }
      definitions([
        ("Handle", code { account.handle.text }), ("Id", code { account.id.description }), ("Since", exactTime(account.createdAt)),
        ("Deleted", account.deletedAt.map { exactTime($0) } ?? "no"),
      ])
      if account.state != .deleted {
        pageSection("Change it", "They are told by mail of a new address or password.", id: "changing") {
          postForm(here, form, token: visit.token) {
            textField("Name", "name", in: form, .autocomplete("off"))
            textField("Handle", "handle", in: form, hint: "The old one leads on to the account for ever.", .autocomplete("off"))
            textField(
              "E-mail address", "email", in: form, type: .email,
              hint: "In place of the present one. You vouch that it is theirs.", optional: true, .autocomplete("off"))
            textField(
              "New password", "password", in: form, type: .password, hint: "Leave it empty to keep theirs. A new one ends their sessions.", optional: true,
              .autocomplete("new-password"))
            checkField("They run this installation", "super_user", in: form, hint: "As an operator they may do everything, everywhere.")
            buttonRow { submitButton("Save changes") }
          }
        }
        dangerZone([
          act(on: account, visit),
          DangerousAct(
            "End the account of \(account.name)", "For good, with its sessions, tokens and memberships. What it made stays under its name.",
            action: linkButton("End it", href: "\(here)/removal", .danger)),
        ])
      }
    }
  }

  private static func state(of account: Account) -> FormState {
    let typed = [("name", account.name.text), ("handle", account.handle.text), ("email", account.email?.text ?? "")]
    return FormState("change", values: typed + (account.isSuperUser ? [("super_user", "on")] : []), problem: nil)
  }

  private func change(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let id = ID<Account>.named(visit.parameter("account"))
    func typed(_ name: String) -> String? { visit.field(name).isEmpty ? nil : visit.field(name) }
    do throws(Problem) {
      let change = AccountChange(
        name: visit.field("name"), handle: visit.field("handle"), email: typed("email"), password: typed("password"),
        isSuperUser: visit.field("super_user") == "on")
      let account = try await plane.accounts.change(id, change, by: visit.caller)
      return .redirect(to: "/operator/accounts/\(account.id)", flash: Flash(.good, "The account of \(account.name) is saved."))
    } catch {
      guard error.isMendable || error.kind == .gone else { throw error }
      return .page(try await accountPage(visit, FormState("change", values: visit.typed.filter { $0.0 != "password" }, problem: error)))
    }
  }

  private func act(on account: Account, _ visit: Visit) -> DangerousAct {
    let action: Link = "/operator/accounts/\(account.id)/deactivation"
    guard account.isActive else {
      return DangerousAct(
        "Let \(account.name) sign in again", "Their memberships count again. Sessions and access tokens don't come back.",
        action: actionForm(action, token: visit.token, fields: ["lift": "yes"]) { submitButton("Let sign in again", .plain) })
    }
    return DangerousAct(
      "Deactivate \(account.name)",
      "Their sessions and access tokens end at once, and nobody can sign in with the account. Memberships rest until you let them sign in again.",
      action: actionForm(action, token: visit.token) { submitButton("Deactivate", .danger) })
  }

  private func setActive(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let id = ID<Account>.named(visit.parameter("account"))
    do throws(Problem) {
      if visit.field("lift") == "yes" {
        let account = try await plane.accounts.reactivate(id, by: visit.caller)
        return .redirect(to: "/operator/accounts/\(id)", flash: Flash(.good, "\(account.name) can sign in again."))
      }
      let account = try await plane.accounts.deactivate(id, by: visit.caller)
      return .redirect(to: "/operator/accounts/\(id)", flash: Flash(.attention, "\(account.name) is deactivated, and signed out everywhere."))
    } catch {
      guard error.kind == .conflict || error.kind == .gone else { throw error }
      return .page(try await accountPage(visit, refusal: error))
    }
  }

  // MARK: Ending

  private func removalPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let account = try await plane.accounts.find(.named(visit.parameter("account")), by: visit.caller)
    let here: Link = "/operator/accounts/\(account.id)"
    let departure = try await plane.accounts.departure(of: visit.caller)
    return ConsolePage("End the account of \(account.name)", in: .personal(section: "operator-accounts"), status: status) {
      breadcrumb([("All accounts", "/operator/accounts"), (account.name.text, here)])
      pageHeader("End the account of \(account.name)")
      consequences([
        "They are signed out everywhere, and can't sign in any more", "They belong to no organization, and their access tokens stop working",
        "What they made stays, under their name", "Their addresses are free again; their handle \(code { account.handle.text }) is given to nobody",
        "This can't be undone",
      ])
      postForm("\(here)/removal", state, token: visit.token) {
        confirmField("Type \(code { account.handle.text }) to show that you mean it", "confirm", expecting: account.handle.text, in: state)
        passwordAgain(departure.availability, state)
        buttonRow {
          submitButton("End the account for good", .final)
          linkButton("Cancel", href: here)
        }
      }
    }
  }
}

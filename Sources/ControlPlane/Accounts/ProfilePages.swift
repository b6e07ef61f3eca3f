import Kernel
import Markup

/// The personal area's page about name, handle and addresses.
struct ProfilePages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    [
      .page("/me") { visit async throws(Problem) in
        let account = try await plane.accounts.read(by: visit.caller)
        return .page(try await profilePage(FormState("profile", ["name": account.name.text, "handle": account.handle.text]), FormState("email"), visit))
      },
      .form("/me") { visit async throws(Problem) in
        do throws(Problem) {
          _ = try await plane.accounts.update(AccountUpdate(name: visit.field("name"), handle: visit.field("handle")), seen: nil, by: visit.caller)
        } catch {
          guard error.isMendable else { throw error }
          return .page(try await profilePage(FormState("profile", values: visit.typed, problem: error), FormState("email"), visit, status: 422))
        }
        return .redirect(to: "/me", flash: Flash(.good, "Your profile is saved."))
      },
      .form("/me/emails") { visit async throws(Problem) in
        do throws(Problem) {
          let email = try await plane.emails.add(visit.field("email"), by: visit.caller)
          return .redirect(to: "/me", flash: Flash(.good, "A mail with a link is on its way to \(email.address)."))
        } catch {
          guard error.isMendable else { throw error }
          let account = try await plane.accounts.read(by: visit.caller)
          let profile = FormState("profile", ["name": account.name.text, "handle": account.handle.text])
          return .page(try await profilePage(profile, FormState("email", values: visit.typed, problem: error), visit, status: 422))
        }
      },
      .passage("/me/emails") { _ in "/me" },
      .form("/me/emails/{email}/reminder") { visit async throws(Problem) in
        try await flashing(to: "/me") { () async throws(Problem) in
          let id = ID<AccountEmail>.named(visit.parameter("email"))
          try await plane.emails.remind(id, by: visit.caller)
          let address = try await plane.emails.list(by: visit.caller).first { $0.id == id }?.address.text ?? "the address"
          return "A mail with a new link is on its way to \(address)."
        }
      },
      .form("/me/emails/{email}/primary") { visit async throws(Problem) in
        try await flashing(to: "/me") { () async throws(Problem) in
          "Mail goes to \(try await plane.emails.makePrimary(.named(visit.parameter("email")), by: visit.caller).address) now."
        }
      },
      .form("/me/emails/{email}/removal") { visit async throws(Problem) in
        try await flashing(to: "/me") { () async throws(Problem) in
          try await plane.emails.remove(.named(visit.parameter("email")), by: visit.caller)
          return "The address is removed."
        }
      },
    ]
  }

  private func menu(of email: AccountEmail, _ visit: Visit) -> HTML {
    let here: Link = "/me/emails/\(email.id)"
    var items: [MenuItem] = []
    if !email.isVerified { items.append(.action("Send the link again", to: "\(here)/reminder")) }
    if email.isVerified, !email.isPrimary { items.append(.action("Send mail here", to: "\(here)/primary")) }
    if !email.isPrimary { items.append(.action("Remove", to: "\(here)/removal", isDanger: true)) }
    return items.isEmpty ? .empty : moreMenu("More for \(email.address)", token: visit.token, items)
  }

  private func profilePage(_ profile: FormState, _ adding: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let account = try await plane.accounts.read(by: visit.caller)
    let emails = try await plane.emails.list(by: visit.caller)
    return ConsolePage("Profile", in: .personal(section: "profile"), status: status) {
      pageHeader("Profile")
      postForm("/me", profile, token: visit.token) {
        textField("Name", "name", in: profile, .autocomplete("name"), .maxlength(128))
        textField("Handle", "handle", in: profile, hint: "You sign in with it or with an address, and it tells you from others of your name. Nobody else can take one that was yours.", .maxlength(32))
        buttonRow { submitButton("Save") }
      }
      pageSection("Picture", "It stands beside your name, instead of your initials.") {
        pictureForm("/me/portrait", FormState("picture"), figure: figure(of: account, .huge), hasPicture: account.portrait != nil, token: visit.token)
      }
      pageSection("E-mail addresses", "Invitations to any of your confirmed addresses reach you.") {
        dataTable(
          "E-mail addresses", [Column("Address"), Column("State"), .actions],
          emails.map { email in
            TableRow(
              HTML(email.address.text),
              badgeRow {
                if email.isPrimary { badge("primary", .good) }
                if email.isVerified { badge("confirmed") } else { badge("not confirmed", .attention) }
              },
              menu(of: email, visit))
          })
        postForm("/me/emails", adding, token: visit.token) {
          textField("Another address", "email", in: adding, type: .email)
          buttonRow { submitButton("Add", .plain) }
        }
      }
      dangerZone([
        DangerousAct(
          "Delete your account", "You leave every organization and can't sign in any more. What you made stays, under your name.",
          action: linkButton("Delete", href: "/me/deletion", .danger))
      ])
    }
  }
}

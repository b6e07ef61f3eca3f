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

  private func profilePage(_ profile: FormState, _ adding: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let account = try await plane.accounts.read(by: visit.caller)
    let emails = try await plane.emails.list(by: visit.caller)
    return ConsolePage("Profile", in: .personal(section: "profile"), status: status) {
      pageHeader("Profile")
      postForm("/me", profile, token: visit.token) {
        textField("Name", "name", in: profile, .autocomplete("name"), .maxlength(128))
        textField("Handle", "handle", in: profile, hint: "Your name in addresses. The old one leads on to the new one.", .maxlength(32))
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
              email.isPrimary
                ? HTML.empty
                : moreMenu(
                  "More for \(email.address)", token: visit.token,
                  (email.isVerified ? [.action("Send mail here", to: "/me/emails/\(email.id)/primary")] : [])
                    + [.action("Remove", to: "/me/emails/\(email.id)/removal", isDanger: true)]))
          })
        postForm("/me/emails", adding, token: visit.token) {
          textField("Another address", "email", in: adding, type: .email)
          buttonRow { submitButton("Add", .plain) }
        }
      }
    }
  }
}

import Kernel
import Markup

/// The personal area's page on which somebody ends their account.
struct AccountDeletionPages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    [
      .page("/me/deletion") { visit async throws(Problem) in .page(try await deletionPage(FormState("delete"), visit)) },
      .form("/me/deletion") { visit async throws(Problem) in
        do throws(Problem) {
          try await plane.sessions.confirm(visit)
          try await plane.accounts.delete(confirm: visit.field("confirm"), by: visit.caller)
        } catch {
          guard error.isMendable else { throw error }
          return .page(try await deletionPage(FormState("delete", values: visit.typed, problem: error.atPassword), visit, status: 422))
        }
        return .signedIn(secret: nil, to: "/sign-in", flash: Flash(.attention, "Your account is deleted, and you are signed out."))
      },
    ]
  }

  private func deletionPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let departure = try await plane.accounts.departure(of: visit.caller)
    let account = departure.account
    return ConsolePage("Delete your account", in: .personal(section: "profile"), status: status) {
      breadcrumb([("Profile", "/me")])
      pageHeader("Delete your account")
      consequences(lines(departure))
      if departure.isLastOperator {
        banner(
          .attention, "You are the only operator of this installation.",
          "Make another one first, on the server: \(code { "guildhall account create --super-user" })")
      }
      if !departure.orphans.isEmpty { orphanSection(departure.orphans) }
      if !departure.isLastOperator, departure.orphans.isEmpty {
        postForm("/me/deletion", state, token: visit.token) {
          confirmField("Type \(code { account.handle.text }) to show that you mean it", "confirm", expecting: account.handle.text, in: state)
          passwordAgain(departure.availability, state)
          buttonRow {
            submitButton("Delete your account for good", .final)
            linkButton("Cancel", href: "/me")
          }
        }
      }
    }
  }

  private func lines(_ departure: AccountDeparture) -> [HTML] {
    [
      "You are signed out everywhere, and can't sign in any more",
      departure.memberships == 0
        ? "You belong to no organization" : "You leave \(counted(departure.memberships, "organization")), with everything you could do there",
      departure.tokens == 0 ? "You have no access tokens" : "\(counted(departure.tokens, "access token")) \(departure.tokens == 1 ? "stops" : "stop") working",
      "What you made stays, under your name",
      "Your addresses are free again; your handle \(code { departure.account.handle.text }) stays yours and is given to nobody",
      "This can't be undone",
    ]
  }

  private func orphanSection(_ organizations: [Organization]) -> HTML {
    pageSection("First, these need somebody else", "You are the only lasting admin there. Hand them over, or delete them.", id: "orphans") {
      dataTable(
        "Organizations that only you run", [Column("Organization"), Column("Members", .number), Column("What you can do")],
        organizations.map { organization in
          TableRow(
            div(.class("who")) {
              figure(of: organization, .medium)
              span {
                a(href: "/\(organization.slug)") { bdi { organization.name.text } }
                small { organization.slug.text }
              }
            }, HTML(grouped(organization.memberCount)),
            buttonRow {
              linkButton("Hand over", href: "/\(organization.slug)/settings/transfer", small: true, .aria("label", "Hand \(organization.name) over"))
              linkButton("Delete", href: "/\(organization.slug)/settings/deletion", .danger, small: true, .aria("label", "Delete \(organization.name)"))
            })
        })
    }
  }
}

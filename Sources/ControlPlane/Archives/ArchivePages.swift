import Authorization
import Kernel
import Markup

extension Archives {
  var pages: [PageRoute] {
    [
      .page("/{organization}/settings/archive") { visit async throws(Problem) in .page(try await takingAlongPage(FormState("archive"), visit)) },
      .form("/{organization}/settings/archive") { visit async throws(Problem) in try await takeAlong(visit) },
    ]
  }

  private func takingAlongPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let options = try await plane.organizations.options(organization.id.description, by: visit.caller)
    let members = counted(organization.memberCount, "member")
    return ConsolePage(
      "Take \(organization.name) along", in: .organization(OrganizationFrame(organization, permissions, section: "settings")), status: status
    ) {
      breadcrumb([("Settings", "/\(organization.slug)/settings")])
      pageHeader(HTML("Take \(organization.name) along"))
      consequences([
        """
        One file with everything of it: settings, \(members), former members, invitations, requests, service accounts, teams, roles, clusters, workspaces, \
        projects, apps, objects, who has access to them, policies, credits with all their entries, prices, usage, quotas, budgets, alerts, and the whole \
        audit log
        """,
        "Holds and leases come along as they are: what runs settles where the organization is then; suspend it here, so that nothing new begins",
        "An operator of another installation can take it in, as it is now",
        "No passwords, tokens, keys or links are in it; but names and addresses are, so keep it well",
        "That you took it along stands in the audit log",
      ])
      if options.export == .impossible {
        banner(.attention, "You can't do this.", "Only an admin can take the organization along.")
      } else {
        postForm("/\(organization.slug)/settings/archive", state, token: visit.token, .data("downloads")) {
          if options.export == .afterPassword {
            passwordField("Your password", "password", in: state, hint: "You signed in more than 15 minutes ago, and the file holds everybody's addresses.")
          }
          buttonRow {
            submitButton("Download the archive")
            linkButton("Cancel", href: "/\(organization.slug)/settings")
          }
        }
      }
    }
  }

  private func takeAlong(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let password = visit.field("password")
      if !password.isEmpty { _ = try await plane.sessions.confirm(password: password, by: visit.caller) }
      let (name, bytes) = try await document(visit.parameter("organization"), by: visit.caller)
      return .download(name: name, mediaType: "application/json", bytes: bytes)
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await takingAlongPage(FormState("archive", values: visit.typed, problem: error.atPassword), visit, status: 422))
    }
  }
}

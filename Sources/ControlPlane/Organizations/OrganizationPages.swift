import Authorization
import Kernel
import Markup

extension Organizations {
  var pages: [PageRoute] {
    [
      .page("/") { visit async throws(Problem) in
        guard let viewer = try await plane.viewer(as: visit.caller) else { return .redirect(to: "/sign-in") }
        if viewer.organizations.count == 1, viewer.invitations.isEmpty, let only = viewer.organizations.first { return .redirect(to: "/\(only.slug)") }
        return .page(choicePage(viewer, visit))
      },
      .page("/me/organizations") { visit async throws(Problem) in
        guard let viewer = try await plane.viewer(as: visit.caller) else { return .redirect(to: "/sign-in?next=/me/organizations") }
        return .page(choicePage(viewer, visit))
      },
      .page("/organizations/new") { visit async throws(Problem) in
        guard try await plane.viewer(as: visit.caller) != nil else { return .redirect(to: "/sign-in?next=/organizations/new") }
        return .page(newPage(FormState("found"), visit))
      },
      .form("/organizations/new") { visit async throws(Problem) in
        do throws(Problem) {
          let email = try await plane.accounts.primaryEmail(of: visit.caller)?.text ?? ""
          let draft = try OrganizationDraft(name: visit.field("name"), slug: visit.field("slug"), description: "", billingEmail: email)
          let organization = try await found(draft, by: visit.caller)
          return .redirect(to: "/\(organization.slug)", flash: Flash(.good, "\(organization.name) is founded. You are its admin."))
        } catch {
          guard error.isMendable else { throw error }
          return .page(newPage(FormState("found", values: visit.typed, problem: error), visit, status: 422))
        }
      },
      .page("/{organization}") { visit async throws(Problem) in
        let (organization, permissions) = try await open(visit.parameter("organization"), by: visit.caller)
        let hasInvited = permissions.contains(.invitationList) ? try await plane.invitations.list(in: organization.id.description, nil, search: nil, .first, by: visit.caller).total > 0 : false
        return .page(overviewPage(organization, permissions, hasInvited: hasInvited))
      },
      .page("/restore") { visit async throws(Problem) in
        .page(
          ConsolePage("Restore an organization", in: .plain) {
            plainHeader("Restore the organization", "It comes back with everything that was in it.")
            actionForm("/restore", token: visit.token, fields: ["token": visit.query("token") ?? ""]) { submitButton("Restore") }
          })
      },
      .form("/restore") { visit async throws(Problem) in
        let organization = try await restore(link: visit.field("token"), from: visit.caller.origin)
        return .redirect(to: "/\(organization.slug)", flash: Flash(.good, "\(organization.name) is back."))
      },
    ]
  }

  private func choicePage(_ viewer: Viewer, _ visit: Visit) -> ConsolePage {
    ConsolePage("Your organizations", in: .personal(section: "organizations")) {
      pageHeader("Your organizations", actions: { linkButton("Found an organization", href: "/organizations/new", .primary) })
      if !viewer.invitations.isEmpty { invitationList(viewer.invitations, visit) }
      if viewer.organizations.isEmpty {
        emptyState("You belong to no organization yet", "Found one and invite the people you work with, or wait for somebody's invitation.") {
          linkButton("Found an organization", href: "/organizations/new")
        }
      } else {
        dataTable(
          "Your organizations", [Column("Organization"), Column("Members", .number)],
          viewer.organizations.map { organization in
            TableRow(
              div(.class("who")) {
                figure(of: organization, .medium)
                span {
                  a(href: "/\(organization.slug)") { bdi { organization.name.text } }
                  small { organization.slug.text }
                }
              }, HTML(grouped(organization.memberCount)))
          })
      }
    }
  }

  private func newPage(_ state: FormState, _ visit: Visit, status: Int = 200) -> ConsolePage {
    ConsolePage("Found an organization", in: .personal(section: "organizations"), status: status) {
      pageHeader("Found an organization", "You become its admin, and can hand that on later.")
      postForm("/organizations/new", state, token: visit.token) {
        textField("Name", "name", in: state, .autofocus, .maxlength(128))
        textField("Name in addresses", "slug", in: state, hint: "Letters, digits and single hyphens. Left empty, it is made from the name.", optional: true, prefix: "\(plane.settings.publicURL)/", .maxlength(32))
        buttonRow {
          submitButton("Found organization")
          linkButton("Cancel", href: "/")
        }
      }
    }
  }

  private func overviewPage(_ organization: Organization, _ permissions: Set<Permission>, hasInvited: Bool) -> ConsolePage {
    ConsolePage(organization.name.text, in: .organization(OrganizationFrame(organization, permissions, section: "overview"))) {
      pageHeader(bdi { organization.name.text }, organization.description.isEmpty ? nil : HTML(organization.description.text))
      if permissions.contains(.invitationManage) {
        pageSection("First steps") {
          stepList([
            Step("Found the organization", "You did.", isDone: true),
            Step(
              "Invite the people you work with", "They get a mail with a link, and the role you choose.", isDone: hasInvited,
              action: linkButton("Invite people", href: "/\(organization.slug)/members/invitations/new")),
            Step("Welcome the first one", "As soon as somebody accepts, they stand in the list of members.", isDone: organization.memberCount > 1),
          ])
        }
      }
      statRow([Stat("Members", HTML(grouped(organization.memberCount)), href: permissions.contains(.memberList) ? "/\(organization.slug)/members" : nil)])
    }
  }
}

import Authorization
import Kernel
import Markup

extension Invitations {
  var pages: [PageRoute] {
    [
      .page("/{organization}/members/invitations") { visit async throws(Problem) in try await listPage(visit) },
      .page("/{organization}/members/invitations/new") { visit async throws(Problem) in
        let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
        return .page(invitePage(FormState("invite", ["role": "member"]), organization, permissions, visit))
      },
      .form("/{organization}/members/invitations/new") { visit async throws(Problem) in try await invite(visit) },
      .form("/{organization}/members/invitations/{invitation}/renewal") { visit async throws(Problem) in
        let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
        let sent = try await renew(.named(visit.parameter("invitation")), mail: visit.field("link") != "yes", in: organization.id.description, by: visit.caller)
        return .page(resultPage([(sent.invitation.address.text, .success(sent))], organization, permissions))
      },
      .form("/{organization}/members/invitations/{invitation}/withdrawal") { visit async throws(Problem) in
        let reference = visit.parameter("organization")
        return try await flashing(to: "/\(reference)/members/invitations") { () async throws(Problem) in
          "The invitation to \(try await cancel(.named(visit.parameter("invitation")), in: reference, by: visit.caller).address) is withdrawn."
        }
      },
      .page("/join") { visit async throws(Problem) in try await joinPage(visit) },
      .form("/join") { visit async throws(Problem) in try await answer(.link(visit.field("token")), visit) },
      .form("/inbox/{invitation}") { visit async throws(Problem) in try await answer(.inbox(.named(visit.parameter("invitation"))), visit) },
    ]
  }

  // MARK: By who invites

  private func listPage(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let state = visit.query("state").flatMap(Invitation.State.init(rawValue:))
    let page = try await list(in: organization.id.description, state, search: visit.query("q"), visit.page, by: visit.caller)
    let here: Link = "/\(organization.slug)/members/invitations"
    let now = plane.world.clock()
    return .page(
      ConsolePage("Invitations of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "members"))) {
        pageHeader("Members", actions: { if permissions.contains(.invitationManage) { linkButton("Invite people", href: "/\(organization.slug)/members/invitations/new", .primary) } })
        memberTabs(organization, permissions, current: "invitations")
        filterBar(here, search: visit.query("q") ?? "", placeholder: "Find by address", replaces: "invitations") {
          smallSelect("State", "state", [Choice("", "Any state")] + Invitation.State.allCases.map { Choice($0.rawValue, $0.rawValue) }, selected: state?.rawValue ?? "")
        }
        div(.id("invitations")) {
          if page.items.isEmpty {
            emptyState("No invitations here", "Invite the people you work with: paste their addresses, choose a role, and they get a link.") {
              linkButton("Invite people", href: "/\(organization.slug)/members/invitations/new")
            }
          } else {
            dataTable(
              "Invitations", [Column("Address"), Column("Role"), Column("State"), Column("Sent"), Column("Expires"), .actions],
              page.items.map { row($0, of: organization, permissions, visit, now: now) })
            pagination(
              shown: page.items.count, total: page.total, "invitation",
              next: page.next.map { here.adding("q", visit.query("q")).adding("state", state?.rawValue).adding("cursor", $0.description) })
          }
        }
      })
  }

  private func row(_ invitation: Invitation, of organization: Organization, _ permissions: Set<Permission>, _ visit: Visit, now: Timestamp) -> TableRow {
    let state = invitation.state(at: now)
    let isOpen = state == .pending || state == .expired
    return TableRow(
      HTML(invitation.address.text), badgeRow { for role in invitation.roles.roles { badge(role.rawValue) } },
      badge(state.rawValue, state == .accepted ? .good : state == .pending ? .neutral : .attention), relativeTime(invitation.sentAt, now: now),
      isOpen ? relativeTime(invitation.expires, now: now) : HTML.empty,
      isOpen && permissions.contains(.invitationManage)
        ? moreMenu(
          "More for \(invitation.address)", token: visit.token,
          [
            .action("Send again", to: "/\(organization.slug)/members/invitations/\(invitation.id)/renewal"),
            .action("Make a new link to copy", to: "/\(organization.slug)/members/invitations/\(invitation.id)/renewal", fields: ["link": "yes"]), .line,
            .action("Withdraw", to: "/\(organization.slug)/members/invitations/\(invitation.id)/withdrawal", isDanger: true),
          ]) : HTML.empty)
  }

  private func invitePage(_ state: FormState, _ organization: Organization, _ permissions: Set<Permission>, _ visit: Visit, status: Int = 200) -> ConsolePage {
    ConsolePage("Invite people to \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "members")), status: status) {
      pageHeader("Invite people")
      postForm("/\(organization.slug)/members/invitations/new", state, token: visit.token) {
        textAreaField("E-mail addresses", "emails", in: state, rows: 3, hint: "One or many, separated by commas, spaces or lines.", .autofocus)
        selectField(
          "Role", "role", in: state, OrganizationRole.allCases.filter { RoleSet($0).beyond(permissions).isEmpty }.map { Choice($0.rawValue, $0.rawValue, hint: $0.summary) },
          hint: "What everybody on this list will be. You can change it for each of them later.")
        textAreaField("Message", "message", in: state, rows: 3, limit: 2000, hint: "Stands in the mail.", optional: true)
        buttonRow {
          submitButton("Send invitations")
          linkButton("Cancel", href: "/\(organization.slug)/members/invitations")
        }
      }
    }
  }

  private func invite(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let addresses = visit.field("emails").split { $0 == "," || $0 == ";" || $0.isWhitespace }.map(String.init)
    do {
      let rows = try await send(
        to: addresses, roles: visit.fields("role"), message: visit.field("message"), days: nil, in: organization.id.description, by: visit.caller)
      return .page(resultPage(rows, organization, permissions))
    } catch {
      guard error.isMendable else { throw error }
      return .page(invitePage(FormState("invite", values: visit.typed, problem: error), organization, permissions, visit, status: 422))
    }
  }

  /// What came of each address; the links are told only now.
  private func resultPage(_ rows: [(address: String, result: Result<SentInvitation, Problem>)], _ organization: Organization, _ permissions: Set<Permission>) -> ConsolePage {
    let sent = rows.count { if case .success = $0.result { true } else { false } }
    return ConsolePage("Invitations sent", in: .organization(OrganizationFrame(organization, permissions, section: "members"))) {
      pageHeader(HTML("\(counted(sent, "invitation")) of \(rows.count) sent"), actions: { linkButton("To the invitations", href: "/\(organization.slug)/members/invitations", .primary) })
      if plane.world.mailer == nil {
        banner(.attention, "No mail goes out", "This installation has no mail server. Hand each person their link yourself; it is shown only now.")
      }
      dataTable(
        "What came of each address", [Column("Address"), Column("Result"), Column("Link")],
        rows.map { row in
          switch row.result {
          case .success(let sent): TableRow(HTML(row.address), badge(sent.isMailed && plane.world.mailer != nil ? "mailed" : "link made", .good), codeLine(sent.link, label: "Link for \(row.address)"))
          case .failure(let problem): TableRow(HTML(row.address), badge("not sent", .danger), HTML(problem.detail))
          }
        })
    }
  }

  // MARK: By who is invited

  /// Where an invitation's link leads: it says what it invites to, whoever holds it, and to sign in first where that is needed.
  private func joinPage(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let secret = visit.query("token") ?? ""
    let received = try await preview(link: secret, from: visit.caller.origin)
    let viewer = try await plane.viewer(as: visit.caller)
    let organization = received.organization
    let back = ("/join" as Link).adding("token", secret)
    return .page(
      ConsolePage("Join \(organization.name)", in: .plain) {
        switch received.state {
        case .pending:
          plainHeader("Join \(bdi { organization.name.text })", "\(bdi { received.inviterName.text }) invites you as \(received.invitation.roles.description).")
          if !received.invitation.message.isEmpty { blockquote { p { received.invitation.message.text } } }
          if let viewer {
            actionForm("/join", token: visit.token, fields: ["token": secret]) {
              buttonRow {
                submitButton("Join as \(viewer.name)")
                button(.submit, .class("button"), .name("answer"), .value("decline")) { "Decline" }
              }
            }
            p(.class("aside")) { "You are signed in as \(bdi { viewer.name.text }) (\(viewer.handle))." }
          } else {
            buttonRow {
              linkButton("Create an account", href: ("/sign-up" as Link).adding("invitation", secret).adding("next", back.text), .primary)
              linkButton("Sign in", href: ("/sign-in" as Link).adding("next", back.text))
            }
            p(.class("aside")) { "Use the address that the invitation was sent to." }
          }
        case .accepted:
          plainHeader("This invitation was accepted", "Sign in to go to \(bdi { organization.name.text }).")
          buttonRow { linkButton("Go to \(organization.name)", href: "/\(organization.slug)", .primary) }
        case .declined: plainHeader("This invitation was declined", "Ask \(bdi { received.inviterName.text }) for a new one if you have changed your mind.")
        case .cancelled: plainHeader("This invitation was withdrawn", "Ask \(bdi { received.inviterName.text }) for a new one.")
        case .expired: plainHeader("This invitation has expired", "Ask \(bdi { received.inviterName.text }) for a new one.")
        }
      })
  }

  private func answer(_ key: InvitationKey, _ visit: Visit) async throws(Problem) -> PageAnswer {
    if visit.field("answer") == "decline" {
      _ = try await decline(key, by: visit.caller)
      return .redirect(to: "/", flash: Flash(.good, "You declined the invitation."))
    }
    let member = try await accept(key, by: visit.caller)
    let organization = try await plane.organizations.find(member.organization.description, by: visit.caller)
    return .redirect(to: "/\(organization.slug)", flash: Flash(.good, "Welcome to \(organization.name). You are \(member.roles)."))
  }
}

/// The invitations that wait in somebody's inbox.
func invitationList(_ invitations: [ReceivedInvitation], _ visit: Visit) -> HTML {
  pageSection("Invitations") {
    dataTable(
      "Open invitations", [Column("Organization"), Column("Invited by"), Column("Role"), .actions],
      invitations.map { received in
        TableRow(
          bdi { received.organization.name.text }, bdi { received.inviterName.text }, HTML(received.invitation.roles.description),
          actionForm("/inbox/\(received.invitation.id)", token: visit.token) {
            buttonRow {
              submitButton("Join", small: true)
              button(.submit, .class("button small"), .name("answer"), .value("decline")) { "Decline" }
            }
          })
      })
  }
}

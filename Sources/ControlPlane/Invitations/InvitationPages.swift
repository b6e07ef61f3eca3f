import Authorization
import Kernel
import Markup

extension Invitations {
  var pages: [PageRoute] {
    [
      .page("/{organization}/members/invitations") { visit async throws(Problem) in try await listPage(visit) },
      .page("/{organization}/members/invitations/new") { visit async throws(Problem) in
        let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
        guard permissions.contains(.invitationManage) else { return .page(closedPage(organization, permissions)) }
        let settings = try await plane.organizationSettings.inForce(in: organization.id.description, by: visit.caller)
        let beginning = FormState("invite", ["role": settings.defaultRole.rawValue, "days": String(settings.invitationTerm.wholeDays)])
        return .page(invitePage(beginning, organization, permissions, visit))
      },
      .form("/{organization}/members/invitations/new") { visit async throws(Problem) in try await invite(visit) },
      .passage("/{organization}/members/invitations/{invitation}/renewal") { "/\($0.parameter("organization"))/members/invitations" },
      .form("/{organization}/members/invitations/{invitation}/renewal") { visit async throws(Problem) in
        let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
        do throws(Problem) {
          let sent = try await renew(
            .named(visit.parameter("invitation")), mail: visit.field("link") != "yes", in: organization.id.description, by: visit.caller)
          return .page(resultPage([(sent.invitation.address.text, .success(sent))], organization, permissions, visit))
        } catch {
          guard error.isMendable || error.kind == .missing else { throw error }
          return .redirect(to: visit.back(or: "/\(organization.slug)/members/invitations"), flash: Flash(.danger, error.detail))
        }
      },
      .form("/{organization}/members/invitations/{invitation}/withdrawal") { visit async throws(Problem) in
        let reference = visit.parameter("organization")
        return try await flashing(to: visit.back(or: "/\(reference)/members/invitations"), orElse: "/\(reference)/members/invitations") { () async throws(Problem) in
          "The invitation to \(try await cancel(.named(visit.parameter("invitation")), in: reference, by: visit.caller).address) is withdrawn."
        }
      },
      .form("/{organization}/members/invitations/{invitation}/roles") { visit async throws(Problem) in
        let reference = visit.parameter("organization")
        let list = "/\(reference)/members/invitations"
        let back = visit.back(or: list)
        return try await telling(at: back, orElse: list) { () async throws(Problem) in
          let id = ID<Invitation>.named(visit.parameter("invitation"))
          let before = try await find(id, in: reference, by: visit.caller)
          let invitation = try await setRoles(id, visit.fields("role"), seen: Int(visit.field("revision")), in: reference, by: visit.caller)
          let undo = Flash.Undo(
            "/\(reference)/members/invitations/\(id)/roles",
            before.roles.roles.map { ("role", $0.rawValue) } + [("revision", String(invitation.revision)), ("back", back)])
          return Flash(.good, "\(invitation.address) is invited as \(invitation.roles) now. The link that was sent stays good.", undo: undo)
        }
      },
      .page("/{organization}/members/invitations/export") { visit async throws(Problem) in try await export(visit) },
      .opened("/join") { visit async throws(Problem) in try await joinPage(visit) },
      .form("/join") { visit async throws(Problem) in try await answer(.link(visit.field("token")), visit) },
      .form("/inbox/{invitation}") { visit async throws(Problem) in try await answer(.inbox(.named(visit.parameter("invitation"))), visit) },
    ]
  }

  // MARK: By who invites

  private func listPage(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let (state, search) = (visit.invitationState, visit.query("q"))
    let page = try await list(in: organization.id.description, state, search: search, visit.page, by: visit.caller)
    let counts = try await plane.members.counts(in: organization.id.description, by: visit.caller)
    let here: Link = "/\(organization.slug)/members/invitations"
    let roles = RoleCells(permissions, on: here.adding("q", search).adding("state", state?.rawValue).adding("cursor", visit.query("cursor")), visit)
    let now = plane.world.clock()
    return .page(
      ConsolePage("Invitations of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "members"))) {
        pageHeader("Members", actions: { inviteButton(organization, permissions) })
        memberTabs(organization, counts, current: "invitations")
        filterBar(here, search: search ?? "", placeholder: "Find by address", replaces: "invitations") {
          smallSelect(
            "State", "state", [Choice("", "Any state")] + Invitation.State.allCases.map { Choice($0.rawValue, $0.rawValue) }, selected: state?.rawValue ?? "")
        } actions: {
          linkButton(
            "Download CSV", href: ("\(here)/export" as Link).adding("q", search).adding("state", state?.rawValue), icon: .download, small: true)
        }
        div(.id("invitations"), .class("list")) {
          if page.items.isEmpty {
            emptyState("No invitations here", "Who is invited stands here until they answer, with what became of it.") {
              if permissions.contains(.invitationManage) { linkButton("Invite people", href: "/\(organization.slug)/members/invitations/new") }
            }
          } else {
            if permissions.contains(.invitationManage) {
              roles.template
              rowForm("invitation-acts", action: here, token: visit.token, fields: ["once": visit.formKey, "back": roles.list.text])
            }
            dataTable(
              "Invitations",
              [
                Column("Address"), Column("Role", share: .more), Column("State", share: .more), Column("Sent", share: .some), Column("Expires", share: .some), .actions,
              ],
              page.items.map { row($0, of: organization, roles, now: now) })
            pagination(
              shown: page.items.count, total: page.total, "invitation",
              next: page.next.map { here.adding("q", search).adding("state", state?.rawValue).adding("cursor", $0.description) })
          }
        }
      })
  }

  private func row(_ invitation: Invitation, of organization: Organization, _ roles: RoleCells, now: Timestamp) -> TableRow {
    let state = invitation.state(at: now)
    let isOpen = state == .pending || state == .expired
    let isReachable = isOpen && roles.permissions.contains(.invitationManage) && invitation.roles.beyond(roles.permissions).isEmpty
    let here: Link = "/\(organization.slug)/members/invitations/\(invitation.id)"
    return TableRow(
      HTML(invitation.address.text),
      isReachable
        ? roles.cell("Role of \(invitation.address)", invitation.roles, revision: invitation.revision, id: invitation.id, to: "\(here)/roles")
        : badgeRow { for role in invitation.roles.roles { badge(role.rawValue) } },
      stateCell(of: invitation, state), relativeTime(invitation.sentAt, now: now),
      isOpen ? relativeTime(invitation.expires, now: now) : HTML.empty,
      isReachable
        ? rowMenu(
          "More for \(invitation.address)", sends: "invitation-acts",
          [
            .action("Send again", to: "\(here)/renewal"), .action("Make a new link to copy", to: "\(here)/renewal", fields: ["link": "yes"]), .line,
            .action("Withdraw", to: "\(here)/withdrawal", isDanger: true),
          ]) : HTML.empty)
  }

  /// What became of it, and why the mail isn't out where something keeps it.
  @HTMLBuilder private func stateCell(of invitation: Invitation, _ state: Invitation.State) -> HTML {
    badge(state.rawValue, state == .accepted ? .good : state == .pending ? .neutral : .attention)
    if state == .pending, let trouble = invitation.mailTrouble { p(.class("quiet-text")) { small { "Not mailed: \(trouble)" } } }
  }

  private func export(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (organization, _) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let now = plane.world.clock()
    var text = CSVText(["email", "roles", "state", "created", "sent", "times_sent", "expires", "mail_trouble"])
    try await all(in: organization.id.description, visit.invitationState, search: visit.query("q"), by: visit.caller) { invitation in
      text.append([
        invitation.address.text, invitation.roles.description, invitation.state(at: now).rawValue, invitation.createdAt.description,
        invitation.sentAt.description, String(invitation.timesSent), invitation.expires.description, invitation.mailTrouble ?? "",
      ])
    }
    return .download(name: "\(organization.slug)-invitations.csv", mediaType: "text/csv; charset=utf-8", bytes: text.bytes)
  }

  private func invitePage(_ state: FormState, _ organization: Organization, _ permissions: Set<Permission>, _ visit: Visit, status: Int = 200) -> ConsolePage {
    ConsolePage("Invite people to \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "members")), status: status) {
      breadcrumb([("Members", "/\(organization.slug)/members"), ("Invitations", "/\(organization.slug)/members/invitations")])
      pageHeader("Invite people")
      inviteForm(state, organization, permissions, visit)
    }
  }

  /// For who may not invite, or not now.
  private func closedPage(_ organization: Organization, _ permissions: Set<Permission>) -> ConsolePage {
    ConsolePage("Invite people to \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "members")), status: 403) {
      breadcrumb([("Members", "/\(organization.slug)/members")])
      pageHeader("Invite people")
      banner(
        .attention, "You can't do this.",
        organization.state.kind == .suspended ? "The organization is suspended, and takes nobody in until it works again." : "Only people with the role admin or manager may invite people.")
    }
  }

  private func inviteForm(_ state: FormState, _ organization: Organization, _ permissions: Set<Permission>, _ visit: Visit) -> HTML {
    postForm("/\(organization.slug)/members/invitations/new", state, token: visit.token) {
      onceField(visit)
      textAreaField(
        "E-mail addresses", "emails", in: state, rows: 4,
        hint:
          "One or many, separated by commas, spaces or lines. A table works too: \(code { "ada@example.org, manager" }) on a line gives that person a role of their own.",
        .autofocus(state.id == "invite"),
        .spellcheck(false), .autocapitalize("none"))
      selectField(
        "Role", "role", in: state,
        OrganizationRole.allCases.filter { RoleSet($0).beyond(permissions).isEmpty }.map(Choice.init),
        hint: "What everybody without a role of their own will be. You can change it for each of them, now or later. \(rolesLink(of: organization))")
      selectField(
        "Can be answered for", "days", in: state, Self.terms(with: state.value("days")).map { Choice(String($0), counted($0, "day")) },
        hint: "Sending again starts anew, with a new link."
      )
      textAreaField("Message", "message", in: state, rows: 3, limit: 2000, hint: "Stands in the mail.", optional: true)
      buttonRow {
        submitButton("Send invitations")
        linkButton("Cancel", href: "/\(organization.slug)/members/invitations", .plain, .data("cancels"))
      }
    }
  }

  /// Some usual ones, and the one that is chosen already.
  private static func terms(with chosen: String) -> [Int] {
    Set([1, 3, 7, 14, 30, 90] + (Int(chosen).map { [$0] } ?? [])).filter { InvitationDraft.terms.contains($0) }.sorted()
  }

  private func invite(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    guard permissions.contains(.invitationManage) else { return .page(closedPage(organization, permissions)) }
    do throws(Problem) {
      let rows = try await send(
        InvitationSheet(visit.field("emails")), roles: visit.fields("role"), message: visit.field("message"), days: Int(visit.field("days")),
        in: organization.id.description,
        by: visit.caller)
      return .page(resultPage(rows, organization, permissions, visit))
    } catch {
      guard error.isMendable else { throw error }
      return .page(invitePage(FormState("invite", values: visit.typed, problem: error), organization, permissions, visit, status: 422))
    }
  }

  /// What came of each address; the links are told only now.
  private func resultPage(
    _ rows: [(address: String, result: Result<SentInvitation, Problem>)], _ organization: Organization, _ permissions: Set<Permission>, _ visit: Visit
  ) -> ConsolePage {
    let sent = rows.count { if case .success = $0.result { true } else { false } }
    let invited = Set(rows.compactMap { row in try? row.result.get().invitation.address.text })
    let refused = rows.compactMap { row -> String? in if case .failure = row.result, !invited.contains(row.address.lowercased()) { row.address } else { nil } }
    return ConsolePage("Invitations sent", in: .organization(OrganizationFrame(organization, permissions, section: "members"))) {
      breadcrumb([("Members", "/\(organization.slug)/members"), ("Invitations", "/\(organization.slug)/members/invitations")])
      pageHeader(
        HTML("\(counted(sent, "invitation")) of \(rows.count) sent"),
        actions: { linkButton("To the invitations", href: "/\(organization.slug)/members/invitations", .primary) })
      if plane.world.mailer == nil {
        if plane.settings.isDemonstration {
          banner(.accent, "This is a demonstration.", "No mail leaves this machine; what would have been sent stands on a page of its own.") {
            linkButton("Outgoing mail", href: "/outbox", small: true)
          }
        } else {
          banner(.attention, "No mail goes out.", "This installation has no mail server. Hand each person their link yourself; it is shown only now.")
        }
      }
      dataTable(
        "What came of each address", [Column("Address"), Column("Result"), Column("Link, shown only now, or why none", .wide), .actions],
        rows.map { resultRow($0, of: organization, visit) })
      if !refused.isEmpty {
        pageSection("Not sent", "Mend these and send them again.") {
          inviteForm(
            FormState(
              "again", ["emails": refused.joined(separator: "\n"), "role": visit.field("role"), "days": visit.field("days"), "message": visit.field("message")]),
            organization, permissions, visit)
        }
      }
    }
  }

  private func resultRow(_ row: (address: String, result: Result<SentInvitation, Problem>), of organization: Organization, _ visit: Visit) -> TableRow {
    switch row.result {
    case .success(let sent):
      TableRow(
        HTML(sent.invitation.address.text),
        badgeRow {
          badge(sent.isMailed && plane.world.mailer != nil ? "mailed" : "link made", .good, icon: .check)
          badge(sent.invitation.roles.description)
        }, codeLine(sent.link, label: "Link for \(sent.invitation.address)"),
        moreMenu(
          "More for \(sent.invitation.address)", token: visit.token,
          [
            .action("Send again", to: "/\(organization.slug)/members/invitations/\(sent.invitation.id)/renewal", fields: ["once": visit.formKey]),
            .action("Withdraw", to: "/\(organization.slug)/members/invitations/\(sent.invitation.id)/withdrawal", isDanger: true),
          ]))
    case .failure(let problem):
      TableRow(HTML(row.address), badge("not sent", .danger, icon: .warning), HTML(problem.faults.first?.detail ?? problem.detail), .empty)
    }
  }

  // MARK: By who is invited

  /// Where an invitation's link leads: it says what it invites to, whoever holds it, and to sign in first where that is needed.
  private func joinPage(_ visit: Visit, refusal: Problem? = nil) async throws(Problem) -> PageAnswer {
    let secret = visit.secret(of: "/join")
    let received = try await preview(link: secret, from: visit.caller.origin)
    let viewer = try await plane.viewer(as: visit.caller)
    var isTheirs = false
    if viewer != nil { isTheirs = try await isAddressed(link: secret, to: visit.caller) }
    return .page(
      ConsolePage("Join \(received.organization.name)", in: .plain, status: refusal == nil ? 200 : 422) {
        if let refusal { div(.class("faults"), .role("alert")) { p { refusal.detail } } }
        switch received.state {
        case .pending where received.organization.state.kind == .suspended: suspendedPart(received)
        case .pending:
          if let viewer { answerPart(received, viewer, isTheirs: isTheirs, secret, visit) } else { signedOutPart(received) }
        case .accepted: acceptedPart(received, isTheirs: isTheirs)
        case .declined: plainHeader("This invitation was declined", "Ask \(bdi { received.inviterName.text }) for a new one if you have changed your mind.")
        case .cancelled: plainHeader("This invitation was withdrawn", "Ask \(bdi { received.inviterName.text }) for a new one.")
        case .expired:
          plainHeader(
            "This invitation has expired",
            "It could be answered until \(day(received.invitation.expires)). Ask \(bdi { received.inviterName.text }) for a new one.")
        }
      })
  }

  private func offer(_ received: ReceivedInvitation) -> HTML {
    fragment {
      div(.class("row")) { figure(of: received.organization, .large) }
      plainHeader(
        "Join \(bdi { received.organization.name.text })", "\(bdi { received.inviterName.text }) invites you as \(received.invitation.roles.description).")
      if !received.invitation.message.isEmpty { blockquote { p { received.invitation.message.text } } }
      p(.class("quiet-text")) { "You can answer until \(day(received.invitation.expires))." }
    }
  }

  private func answerPart(_ received: ReceivedInvitation, _ viewer: Viewer, isTheirs: Bool, _ secret: String, _ visit: Visit) -> HTML {
    fragment {
      offer(received)
      if isTheirs {
        actionForm("/join", token: visit.token, fields: ["token": secret]) {
          buttonRow {
            submitButton("Join as \(viewer.name)")
            button(.submit, .class("button"), .name("answer"), .value("decline")) { "Decline" }
          }
        }
        p(.class("aside")) { "You are signed in as \(bdi { viewer.name.text }) (\(viewer.handle))." }
      } else {
        banner(
          .attention, "It was sent to another address.",
          "You are signed in as \(bdi { viewer.name.text }), who doesn't have that address. Sign in with the account that has it, or add the address to this one."
        )
        buttonRow {
          actionForm("/sign-out", token: visit.token, fields: ["next": "/join"]) { submitButton("Use another account") }
          linkButton("Add the address", href: "/me")
        }
      }
    }
  }

  private func signedOutPart(_ received: ReceivedInvitation) -> HTML {
    fragment {
      offer(received)
      buttonRow {
        linkButton("Create an account", href: ("/sign-up" as Link).adding("next", "/join"), .primary)
        linkButton("Sign in", href: ("/sign-in" as Link).adding("next", "/join"))
      }
      p(.class("aside")) { "Use the address that the invitation was sent to." }
    }
  }

  private func acceptedPart(_ received: ReceivedInvitation, isTheirs: Bool) -> HTML {
    fragment {
      plainHeader(
        "This invitation was used",
        isTheirs
          ? "You are in already."
          : "It works once, and somebody accepted it. Sign in with the account that has the address, or ask \(bdi { received.inviterName.text }) for a new one."
      )
      buttonRow { linkButton("Go to \(received.organization.name)", href: "/\(received.organization.slug)", .primary) }
    }
  }

  private func suspendedPart(_ received: ReceivedInvitation) -> HTML {
    plainHeader(
      "\(bdi { received.organization.name.text }) is suspended",
      "It takes nobody in for now. Your invitation is good until \(day(received.invitation.expires)); open the link again when it works again, or ask \(bdi { received.inviterName.text })."
    )
  }

  private func answer(_ key: InvitationKey, _ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      if visit.field("answer") == "decline" {
        _ = try await decline(key, by: visit.caller)
        return .redirect(to: "/", flash: Flash(.good, "You declined the invitation."))
      }
      let member = try await accept(key, by: visit.caller)
      let organization = try await plane.organizations.find(member.organization.description, by: visit.caller)
      return .redirect(to: "/\(organization.slug)", flash: Flash(.good, "Welcome to \(organization.name). You are \(member.roles.holder)."))
    } catch {
      guard error.isMendable else { throw error }
      switch key {
      case .link where error.kind != .gone: return try await joinPage(visit, refusal: error)
      case .link: throw error
      case .inbox: return .redirect(to: "/me/organizations", flash: Flash(.danger, error.detail))
      }
    }
  }
}

extension Visit {
  /// Which invitations a list shows.
  fileprivate var invitationState: Invitation.State? { query("state").flatMap(Invitation.State.init(rawValue:)) }
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

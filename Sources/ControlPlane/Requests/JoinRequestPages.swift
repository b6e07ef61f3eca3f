import Authorization
import Kernel
import Markup

extension JoinRequests {
  var pages: [PageRoute] {
    [
      .page("/{organization}/members/requests") { visit async throws(Problem) in try await listPage(visit) },
      .form("/{organization}/members/requests/{request}/approval") { visit async throws(Problem) in
        let reference = visit.parameter("organization")
        return try await flashing(to: "/\(reference)/members/requests") { () async throws(Problem) in
          "\(try await approve(.named(visit.parameter("request")), roles: visit.fields("role"), in: reference, by: visit.caller).name) is a member now."
        }
      },
      .form("/me/requests/{request}/withdrawal") { visit async throws(Problem) in
        try await flashing(to: "/me/organizations") { () async throws(Problem) in
          _ = try await withdraw(.named(visit.parameter("request")), by: visit.caller)
          return "Your request is withdrawn."
        }
      },
      .form("/{organization}/members/requests/{request}/refusal") { visit async throws(Problem) in
        let reference = visit.parameter("organization")
        return try await flashing(to: "/\(reference)/members/requests") { () async throws(Problem) in
          "The request of \(try await refuse(.named(visit.parameter("request")), in: reference, by: visit.caller).name) is refused."
        }
      },
    ]
  }

  /// The requests that somebody sent, with what became of them; nothing where there are none.
  func sentSection(_ sent: [SentJoinRequest], _ visit: Visit) -> HTML {
    guard !sent.isEmpty else { return .empty }
    let now = plane.world.clock()
    return dataTable(
      "Your requests", [Column("Organization"), Column("State"), Column("Asked"), .actions],
      sent.map { sent in
        let request = sent.request
        return TableRow(
          bdi { sent.organization.name.text }, badge(request.state.rawValue, request.state == .approved ? .good : .neutral), relativeTime(request.createdAt, now: now),
          request.state == .pending
            ? actionForm("/me/requests/\(request.id)/withdrawal", token: visit.token) { submitButton("Withdraw", .plain, small: true) } : HTML.empty)
      })
  }

  private func listPage(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let page = try await list(in: organization.id.description, .pending, visit.page, by: visit.caller)
    let counts = try await plane.members.counts(in: organization.id.description, by: visit.caller)
    let settings = try await plane.organizationSettings.inForce(in: organization.id.description, by: visit.caller)
    // What most get, unless it is more than who decides may give.
    let role = RoleSet(settings.defaultRole).beyond(permissions).isEmpty ? settings.defaultRole : .member
    let portraits = try await plane.images.portraits(of: page.items.map(\.account))
    let now = plane.world.clock()
    return .page(
      ConsolePage("Requests to join \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "members"))) {
        pageHeader("Members", actions: { inviteButton(organization, permissions) })
        memberTabs(organization, counts, current: "requests")
        if page.items.isEmpty {
          emptyState(
            "Nobody asks to join",
            organization.acceptsRequests ? "People who know this organization's name can ask; their requests stand here." : "This organization takes no requests. An admin can change that in the settings.")
        } else {
          dataTable(
            "Requests", [Column("Person"), Column("Message"), Column("Asked"), .actions],
            page.items.map { request in
              TableRow(
                personCell(id: request.account, name: request.name.text, detail: request.email?.text ?? request.handle.text, portrait: portraits[request.account]), HTML(request.message.text), relativeTime(request.createdAt, now: now),
                permissions.contains(.requestDecide)
                  ? buttonRow {
                    actionForm("/\(organization.slug)/members/requests/\(request.id)/approval", token: visit.token,
                      fields: ["role": role.rawValue]) { submitButton("Take in as \(role.rawValue)", small: true) }
                    actionForm("/\(organization.slug)/members/requests/\(request.id)/refusal", token: visit.token) { submitButton("Refuse", .plain, small: true) }
                  } : HTML.empty)
            })
          pagination(shown: page.items.count, total: page.total, "request", next: page.next.map { ("/\(organization.slug)/members/requests" as Link).adding("cursor", $0.description) })
        }
      })
  }
}

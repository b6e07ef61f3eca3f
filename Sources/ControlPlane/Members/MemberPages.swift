import Authorization
import Kernel
import Markup

extension Members {
  var pages: [PageRoute] {
    [
      .page("/{organization}/members") { visit async throws(Problem) in try await listPage(visit) },
      .form("/{organization}/members/{member}/roles") { visit async throws(Problem) in
        try await act(visit) { reference, id async throws(Problem) in
          let member = try await setRoles(id, visit.fields("role"), seen: nil, in: reference, by: visit.caller)
          return "\(member.name) is \(member.roles) now."
        }
      },
      .form("/{organization}/members/{member}/suspension") { visit async throws(Problem) in
        try await act(visit) { reference, id async throws(Problem) in
          if visit.field("lift") == "yes" { return "\(try await resume(id, in: reference, by: visit.caller).name) is let in again." }
          return "\(try await suspend(id, in: reference, by: visit.caller).name) is suspended."
        }
      },
      .form("/{organization}/members/{member}/removal") { visit async throws(Problem) in
        try await act(visit) { reference, id async throws(Problem) in
          try await remove(id, in: reference, by: visit.caller)
          return "The member is removed. You can reinstate them for 90 days, under Former."
        }
      },
      .page("/{organization}/members/former") { visit async throws(Problem) in try await formerPage(visit) },
      .form("/{organization}/members/former/{member}/reinstatement") { visit async throws(Problem) in
        let reference = visit.parameter("organization")
        return try await flashing(to: "/\(reference)/members/former") { () async throws(Problem) in
          "\(try await reinstate(.named(visit.parameter("member")), in: reference, by: visit.caller).name) is a member again."
        }
      },
    ]
  }

  private func listPage(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let filter = MemberFilter(search: visit.query("q"), role: visit.query("role").flatMap(OrganizationRole.init(rawValue:)), state: visit.query("state").flatMap(Member.State.init(rawValue:)))
    let page = try await list(in: organization.id.description, filter, visit.page, by: visit.caller)
    let slug = organization.slug
    let here: Link = "/\(slug)/members"
    let now = plane.world.clock()
    return .page(
      ConsolePage("Members of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "members"))) {
        pageHeader("Members", actions: { if permissions.contains(.invitationManage) { linkButton("Invite people", href: "/\(slug)/members/invitations/new", .primary) } })
        memberTabs(organization, permissions, current: "members")
        filterBar(here, search: filter.search ?? "", placeholder: "Find by name, handle or address", replaces: "members") {
          smallSelect("Role", "role", [Choice("", "Any role")] + OrganizationRole.allCases.map { Choice($0.rawValue, $0.rawValue) }, selected: filter.role?.rawValue ?? "")
          smallSelect("State", "state", [Choice("", "Any state")] + Member.State.allCases.map { Choice($0.rawValue, $0.rawValue) }, selected: filter.state?.rawValue ?? "")
        }
        div(.id("members")) {
          if page.items.isEmpty {
            emptyState("Nobody fits", "No member matches this search. Change it, or look at the invitations that are still open.")
          } else {
            dataTable(
              "Members", [Column("Member"), Column("Role"), Column("State"), Column("Since"), .actions],
              page.items.map { member in row(member, of: organization, permissions, visit, now: now) })
            pagination(
              shown: page.items.count, total: page.total, "member",
              next: page.next.map { here.adding("q", filter.search).adding("role", filter.role?.rawValue).adding("state", filter.state?.rawValue).adding("cursor", $0.description) })
          }
        }
      })
  }

  private func row(_ member: Member, of organization: Organization, _ permissions: Set<Permission>, _ visit: Visit, now: Timestamp) -> TableRow {
    let state = member.state(at: now)
    let isReachable = permissions.contains(.memberUpdate) && member.roles.beyond(permissions).isEmpty
    return TableRow(
      personCell(id: member.account, name: member.name.text, detail: member.email?.text ?? member.handle.text),
      isReachable ? rolePicker(member, permissions, visit, to: "/\(organization.slug)/members/\(member.id)/roles") : badgeRow { for role in member.roles.roles { badge(role.rawValue) } },
      state == .active ? badge("active", .good) : badge(state.rawValue, .attention),
      relativeTime(member.since, now: now),
      isReachable
        ? moreMenu(
          "More for \(member.name)", token: visit.token,
          [
            state == .suspended
              ? .action("Let in again", to: "/\(organization.slug)/members/\(member.id)/suspension", fields: ["lift": "yes"])
              : .action("Suspend", to: "/\(organization.slug)/members/\(member.id)/suspension"),
            .line, .action("Remove from \(organization.name)", to: "/\(organization.slug)/members/\(member.id)/removal", isDanger: true),
          ]) : HTML.empty)
  }

  /// The roles as a select that sends itself; a person with several roles keeps them until one is chosen.
  private func rolePicker(_ member: Member, _ permissions: Set<Permission>, _ visit: Visit, to action: Link) -> HTML {
    form(.post, action: action, .class("inline")) {
      tokenField(visit.token)
      smallSelect(
        "Role of \(member.name)", "role",
        (member.roles.roles.count > 1 ? [Choice("", member.roles.description, disabled: true)] : [])
          + OrganizationRole.allCases.filter { RoleSet($0).beyond(permissions).isEmpty }.map { Choice($0.rawValue, $0.rawValue) },
        selected: member.roles.roles.count > 1 ? "" : member.roles.description, inline: true, .data("saves", "yes"))
      span(.class("without-script")) { submitButton("Set", .plain, small: true) }
    }
  }

  private func formerPage(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let page = try await listFormer(in: organization.id.description, visit.page, by: visit.caller)
    let now = plane.world.clock()
    return .page(
      ConsolePage("Former members of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "members"))) {
        pageHeader("Members")
        memberTabs(organization, permissions, current: "former")
        if page.items.isEmpty {
          emptyState("Nobody has left", "Who leaves or is removed stands here for 90 days, and can be reinstated with their roles.")
        } else {
          dataTable(
            "Former members", [Column("Person"), Column("Had the role"), Column("Left"), Column("Kept until"), .actions],
            page.items.map { former in
              TableRow(
                personCell(id: former.account, name: former.name.text, detail: former.email?.text ?? former.handle.text), badgeRow { for role in former.roles.roles { badge(role.rawValue) } },
                relativeTime(former.left, now: now), day(former.forget),
                permissions.contains(.memberRemove)
                  ? actionForm("/\(organization.slug)/members/former/\(former.id)/reinstatement", token: visit.token) { submitButton("Reinstate", .plain, small: true) } : HTML.empty)
            })
          pagination(shown: page.items.count, total: page.total, "person", "people", next: page.next.map { ("/\(organization.slug)/members/former" as Link).adding("cursor", $0.description) })
        }
      })
  }

  /// Does one thing to the member in the path, and comes back to the list with a sentence.
  private func act(_ visit: Visit, _ body: (String, ID<Member>) async throws(Problem) -> String) async throws(Problem) -> PageAnswer {
    let reference = visit.parameter("organization")
    return try await flashing(to: "/\(reference)/members") { () async throws(Problem) in try await body(reference, .named(visit.parameter("member"))) }
  }
}

/// Runs what a small form asks for, and goes on to a page that says what came of it.
func flashing(to path: String, _ body: () async throws(Problem) -> String) async throws(Problem) -> PageAnswer {
  do {
    return .redirect(to: path, flash: Flash(.good, try await body()))
  } catch {
    guard error.isMendable else { throw error }
    return .redirect(to: path, flash: Flash(.danger, error.detail))
  }
}

/// The tabs that the pages about an organization's people share.
func memberTabs(_ organization: Organization, _ permissions: Set<Permission>, current: String) -> HTML {
  var tabs = [Tab("Members", href: "/\(organization.slug)/members", count: organization.memberCount, isCurrent: current == "members")]
  if permissions.contains(.invitationList) {
    tabs.append(Tab("Invitations", href: "/\(organization.slug)/members/invitations", isCurrent: current == "invitations"))
    tabs.append(Tab("Requests", href: "/\(organization.slug)/members/requests", isCurrent: current == "requests"))
  }
  tabs.append(Tab("Former", href: "/\(organization.slug)/members/former", isCurrent: current == "former"))
  return tabBar("People", tabs)
}

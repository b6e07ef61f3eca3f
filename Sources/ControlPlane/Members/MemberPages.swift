import Authorization
import Kernel
import Markup
import Secrets

extension Members {
  var pages: [PageRoute] {
    [
      .page("/{organization}/members") { visit async throws(Problem) in try await listPage(visit) },
      .form("/{organization}/members/{member}/roles") { visit async throws(Problem) in
        try await act(visit) { reference, id, back async throws(Problem) in
          let before = try await find(id, in: reference, by: visit.caller)
          let member = try await setRoles(id, visit.fields("role"), seen: Int(visit.field("revision")), in: reference, by: visit.caller)
          let undo = Flash.Undo(
            "/\(reference)/members/\(id)/roles",
            before.roles.roles.map { ("role", $0.rawValue) } + [("revision", String(member.revision)), ("back", back)])
          return Flash(.good, "\(member.name) is \(member.roles.holder) now.", undo: before.roles == member.roles ? nil : undo)
        }
      },
      .form("/{organization}/members/{member}/suspension") { visit async throws(Problem) in
        try await act(visit) { reference, id, back async throws(Problem) in
          let isLifted = visit.field("lift") == "yes"
          let member = isLifted ? try await resume(id, in: reference, by: visit.caller) : try await suspend(id, in: reference, by: visit.caller)
          let undo = Flash.Undo("/\(reference)/members/\(id)/suspension", [("lift", isLifted ? "" : "yes"), ("back", back)])
          return Flash(.good, "\(member.name) is \(isLifted ? "let in again" : "suspended").", undo: undo)
        }
      },
      .form("/{organization}/members/{member}/removal") { visit async throws(Problem) in
        try await act(visit) { reference, id, back async throws(Problem) in
          let former = try await remove(id, in: reference, by: visit.caller)
          return Flash(
            .good, "\(former.name) is no longer a member. You can reinstate them for a while, under Former.",
            undo: Flash.Undo("/\(reference)/members/former/\(former.id)/reinstatement", [("back", back)]))
        }
      },
      .page("/{organization}/members/former") { visit async throws(Problem) in try await formerPage(visit) },
      .form("/{organization}/members/former/{member}/reinstatement") { visit async throws(Problem) in
        let reference = visit.parameter("organization")
        return try await flashing(to: visit.back(or: "/\(reference)/members/former"), orElse: "/\(reference)/members/former") { () async throws(Problem) in
          "\(try await reinstate(.named(visit.parameter("member")), in: reference, by: visit.caller).name) is a member again."
        }
      },
    ] + MemberProfilePages(plane: plane).pages + MemberBulkPages(plane: plane).pages
  }

  // MARK: The list

  private func listPage(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let filter = MemberFilter(visit)
    let page = try await list(in: organization.id.description, filter, visit.page, by: visit.caller)
    let counts = try await counts(in: organization.id.description, by: visit.caller)
    let portraits = try await plane.images.portraits(of: page.items.map(\.account))
    return .page(
      ConsolePage("Members of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "members"))) {
        pageHeader("Members", actions: { inviteButton(organization, permissions) })
        memberTabs(organization, counts, current: "members")
        filterBar("/\(organization.slug)/members", search: filter.search ?? "", placeholder: "Find by name, handle or address", replaces: "members") {
          smallSelect(
            "Role", "role", [Choice("", "Any role")] + OrganizationRole.allCases.map { Choice($0.rawValue, $0.rawValue) }, selected: filter.role?.rawValue ?? ""
          )
          smallSelect(
            "State", "state", [Choice("", "Any state")] + Member.State.allCases.map { Choice($0.rawValue, $0.rawValue) }, selected: filter.state?.rawValue ?? ""
          )
        } actions: {
          linkButton("Download CSV", href: filter.added(to: "/\(organization.slug)/members/export"), icon: .download, small: true)
        }
        div(.id("members"), .class("list")) { list(page, portraits, filter, of: organization, permissions, visit) }
      })
  }

  private func list(
    _ page: Page<Member>, _ portraits: Portraits, _ filter: MemberFilter, of organization: Organization, _ permissions: Set<Permission>, _ visit: Visit
  ) -> HTML {
    let here: Link = "/\(organization.slug)/members"
    let roles = RoleCells(permissions, on: filter.added(to: here).adding("cursor", visit.query("cursor")), visit)
    let now = plane.world.clock()
    return fragment {
      if page.items.isEmpty {
        emptyState("Nobody fits", "No member matches this search. Change it, or look at the invitations that are still open.") {
          linkButton("Show everybody", href: here)
        }
      } else {
        let table = dataTable(
          "Members",
          [
            sorted("Member", .name, filter, here), Column("Role", share: .more), Column("State", share: .more), Column("Came in as", share: .some),
            sorted("Since", .since, filter, here, share: .some), .actions,
          ],
          page.items.map { row($0, portraits[$0.account], of: organization, roles, now: now) })
        if permissions.contains(.memberUpdate) {
          roles.template
          rowForm("member-acts", action: here, token: visit.token, fields: ["back": roles.list.text])
          pickingForm("/\(organization.slug)/members/bulk", id: "picked", token: visit.token) {
            bulkBar(permissions, back: roles.list)
          } table: {
            table
          }
        } else {
          table
        }
        pagination(
          shown: page.items.count, total: page.total, isCapped: page.isCapped, "member", first: visit.query("cursor") == nil ? nil : filter.added(to: here),
          next: page.next.map { filter.added(to: here).adding("cursor", $0.description) })
      }
    }
  }

  private func sorted(_ title: String, _ order: MemberFilter.Order, _ filter: MemberFilter, _ here: Link, share: Column.Share? = nil) -> Column {
    var other = filter
    other.order = order
    let direction: Column.Sort.Direction = order == .name ? .ascending : .descending
    return Column(title, sort: .init(href: other.added(to: here), current: filter.order == order ? direction : nil), share: share)
  }

  private func bulkBar(_ permissions: Set<Permission>, back: Link) -> HTML {
    fragment {
      input(.hidden, name: "back", .value(back.text))
      smallSelect("Role for the picked", "role", [Choice("", "Choose a role")] + grantable(by: permissions), selected: "")
      submitButton("Change role", .plain, small: true, .name("act"), .value("roles"))
      if permissions.contains(.memberRemove) { submitButton("Remove", .danger, small: true, .name("act"), .value("removal")) }
    }
  }

  private func row(_ member: Member, _ portrait: SHA256Digest?, of organization: Organization, _ roles: RoleCells, now: Timestamp) -> TableRow {
    let isReachable = roles.permissions.contains(.memberUpdate) && member.roles.beyond(roles.permissions).isEmpty
    let here: Link = "/\(organization.slug)/members/\(member.id)"
    return TableRow(
      personCell(id: member.account, name: member.name.text, detail: member.email?.text ?? member.handle.text, portrait: portrait, href: here),
      isReachable
        ? roles.cell("Role of \(member.name)", member.roles, revision: member.revision, id: member.id, to: "\(here)/roles")
        : badgeRow { for role in member.roles.roles { badge(role.rawValue) } },
      stateCell(member, now: now), HTML(member.source.words), relativeTime(member.since, now: now),
      isReachable ? rowMenu("More for \(member.name)", sends: "member-acts", menu(of: member, of: organization, here, now: now)) : HTML.empty,
      selection: isReachable ? .init(form: "picked", name: "member", value: member.id.description, label: member.name.text) : nil)
  }

  private func menu(of member: Member, of organization: Organization, _ here: Link, now: Timestamp) -> [MenuItem] {
    [
      .link("Roles and expiry", href: here),
      member.state(at: now) == .suspended
        ? .action("Let in again", to: "\(here)/suspension", fields: ["lift": "yes"]) : .action("Suspend", to: "\(here)/suspension"),
      .line, .action("Remove from \(organization.name)", to: "\(here)/removal", isDanger: true),
    ]
  }

  // MARK: Those who left

  private func formerPage(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let page = try await listFormer(in: organization.id.description, visit.page, by: visit.caller)
    let counts = try await counts(in: organization.id.description, by: visit.caller)
    let days = try await plane.organizationSettings.inForce(in: organization.id.description, by: visit.caller).reinstatementTerm.wholeDays
    let portraits = try await plane.images.portraits(of: page.items.map(\.account))
    let now = plane.world.clock()
    return .page(
      ConsolePage("Former members of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "members"))) {
        pageHeader("Members", actions: { inviteButton(organization, permissions) })
        memberTabs(organization, counts, current: "former")
        if page.items.isEmpty {
          emptyState("Nobody has left", "Who leaves or is removed stands here for \(days) days, and can be reinstated with their roles and teams.")
        } else {
          dataTable(
            "Former members", [Column("Person"), Column("Had the role"), Column("Left"), Column("Kept until"), .actions],
            page.items.map { former in
              TableRow(
                personCell(id: former.account, name: former.name.text, detail: former.email?.text ?? former.handle.text, portrait: portraits[former.account]),
                badgeRow { for role in former.roles.roles { badge(role.rawValue) } },
                relativeTime(former.left, now: now), day(former.forget),
                permissions.contains(.memberRemove)
                  ? actionForm("/\(organization.slug)/members/former/\(former.id)/reinstatement", token: visit.token, fields: ["back": visit.location]) {
                    submitButton("Reinstate", .plain, small: true)
                  } : HTML.empty)
            })
          pagination(
            shown: page.items.count, total: page.total, "person", "people",
            next: page.next.map { ("/\(organization.slug)/members/former" as Link).adding("cursor", $0.description) })
        }
      })
  }

  /// Does one thing to the member in the path, and comes back with a sentence.
  private func act(_ visit: Visit, _ body: (String, ID<Member>, _ back: String) async throws(Problem) -> Flash) async throws(Problem) -> PageAnswer {
    let reference = visit.parameter("organization")
    let back = visit.back(or: "/\(reference)/members")
    return try await telling(at: back, orElse: "/\(reference)/members") { () async throws(Problem) in
      try await body(reference, .named(visit.parameter("member")), back)
    }
  }
}

extension MemberFilter {
  /// What the address of a list of members says.
  init(_ visit: Visit) {
    self.init(
      search: visit.query("q"), role: visit.query("role").flatMap(OrganizationRole.init(rawValue:)),
      state: visit.query("state").flatMap(Member.State.init(rawValue:)),
      order: visit.query("order").flatMap(Order.init(rawValue:)) ?? .name)
  }

  /// The address of a list with this filter.
  func added(to link: Link) -> Link {
    link.adding("q", search).adding("role", role?.rawValue).adding("state", state?.rawValue).adding("order", order == .name ? nil : order.rawValue)
  }
}

extension Member.Source {
  /// How somebody came in, for people.
  var words: String {
    switch self {
    case .singleSignOn: "single sign-on"
    default: rawValue
    }
  }
}

/// Runs what a small form asks for, and goes on to a page that says what came of it.
///
/// What is gone, since somebody was faster in another window, is no dead end either: on to `list`, or to the same page where none is told.
func flashing(to path: String, orElse list: String? = nil, _ body: () async throws(Problem) -> String) async throws(Problem) -> PageAnswer {
  try await telling(at: path, orElse: list) { () async throws(Problem) in Flash(.good, try await body()) }
}

/// The same, for what can be undone.
func telling(at path: String, orElse list: String? = nil, _ body: () async throws(Problem) -> Flash) async throws(Problem) -> PageAnswer {
  do {
    return .redirect(to: path, flash: try await body())
  } catch where error.kind == .missing {
    return .redirect(to: list ?? path, flash: Flash(.attention, "\(error.detail) Somebody may have been faster: this is how it stands now."))
  } catch {
    guard error.isMendable else { throw error }
    return .redirect(to: path, flash: Flash(.danger, error.detail))
  }
}

/// How a membership stands, with its end where it has one.
func stateCell(_ member: Member, now: Timestamp) -> HTML {
  let state = member.state(at: now)
  let word = badge(state.rawValue, state == .active ? .good : .attention)
  guard let expires = member.expires, state == .active else { return word }
  return badgeRow {
    word
    span(.class("quiet-text")) { "until \(day(expires - .milliseconds(1)))" }
  }
}

/// The one primary act of the pages about people.
func inviteButton(_ organization: Organization, _ permissions: Set<Permission>) -> HTML? {
  guard permissions.contains(.invitationManage) else { return nil }
  return linkButton(
    "Invite people", href: "/\(organization.slug)/members/invitations/new", .primary, .data("dialog-page", "Invite people"), .data("key", "i"),
    .aria("keyshortcuts", "i"))
}

/// The tabs that the pages about an organization's people share; those with nothing in them stand there too.
func memberTabs(_ organization: Organization, _ counts: PeopleCounts, current: String) -> HTML {
  let here: Link = "/\(organization.slug)/members"
  var tabs = [Tab("Members", href: here, count: counts.members, isCurrent: current == "members")]
  if let open = counts.invitations { tabs.append(Tab("Invitations", href: "\(here)/invitations", count: open, isCurrent: current == "invitations")) }
  if let count = counts.outside { tabs.append(Tab("Outside", href: "\(here)/outside", count: count, isCurrent: current == "outside")) }
  if let open = counts.requests { tabs.append(Tab("Requests", href: "\(here)/requests", count: open, isCurrent: current == "requests")) }
  if let count = counts.serviceAccounts {
    tabs.append(Tab("Service accounts", href: "\(here)/service-accounts", count: count, isCurrent: current == "service-accounts"))
  }
  tabs.append(Tab("Former", href: "\(here)/former", count: counts.former, isCurrent: current == "former"))
  return tabBar("People", tabs)
}

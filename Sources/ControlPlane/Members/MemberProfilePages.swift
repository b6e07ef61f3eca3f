import Authorization
import Kernel
import Markup

/// The page about one member: who they are, all their roles, until when, and how to keep them out.
struct MemberProfilePages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    [
      .page("/{organization}/members/{member}") { visit async throws(Problem) in .page(try await memberPage(nil, visit)) },
      .form("/{organization}/members/{member}") { visit async throws(Problem) in try await save(visit) },
    ]
  }

  private func memberPage(_ returned: FormState?, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let member = try await plane.members.find(.named(visit.parameter("member")), in: organization.id.description, by: visit.caller)
    let here: Link = "/\(organization.slug)/members/\(member.id)"
    let teams = try await plane.teams.list(in: organization.id.description, TeamFilter(member: member.id), PageRequest(limit: 50), by: visit.caller)
    let now = plane.world.clock()
    let access =
      permissions.contains(.accessRead)
      ? try await plane.members.access(of: member.id, in: organization.id.description, visit.page, by: visit.caller) : nil
    let isReachable = permissions.contains(.memberUpdate) && member.roles.beyond(permissions).isEmpty
    let typed =
      member.roles.roles.map { ("roles", $0.rawValue) } + [("expires_at", member.expires.map { String(($0 - .days(1)).description.prefix(10)) } ?? "")]
    let state = returned ?? FormState("member", values: typed, problem: nil)
    return ConsolePage(
      "\(member.name) in \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "members")), status: status
    ) {
      breadcrumb([("Members", "/\(organization.slug)/members")])
      pageHeader(bdi { member.name.text }, HTML(member.email?.text ?? member.handle.text)) {
      } badges: {
        stateCell(member, now: now)
      }
      definitions([
        ("Handle", code { member.handle.text }), ("Member since", exactTime(member.since)), ("Came in as", HTML(member.source.words)),
        ("Roles", badgeRow { for role in member.roles.roles { badge(role.rawValue) } }),
        ("Teams", teamLine(teams, of: organization)),
      ])
      if let access {
        pageSection("Further roles", "What they hold beside the roles of the membership, now, and where it comes from.") {
          furtherRoles(access, of: organization, at: here, now)
        }
      }
      if permissions.contains(.eventList) {
        p { a(href: ("/\(organization.slug)/audit" as Link).adding("actor", member.account.description)) { "What \(member.name) did here" } }
      }
      if isReachable {
        pageSection("Roles and expiry") { form(state, member, of: organization, permissions, visit, to: here) }
        dangerZone(acts(on: member, organization, permissions, visit, here, now: now))
      }
    }
  }

  private func furtherRoles(_ page: Page<MemberAccess>, of organization: Organization, at here: Link, _ now: Timestamp) -> HTML {
    fragment {
      if page.items.isEmpty {
        emptyState("Nothing more", "Roles on the organization for a time, on workspaces, clusters, projects and apps stand here, also those of teams.")
      } else {
        dataTable(
          "Further roles", [Column("Role"), Column("On"), Column("From"), Column("Since"), Column("Ends")],
          page.items.map { held in
            TableRow(
              badge(held.role.short), place(held, in: organization),
              held.team.map { team in a(href: "/\(organization.slug)/teams/\(team.slug)") { "the team \(bdi { team.name.text })" } } ?? "given to them",
              relativeTime(held.since, now: now), held.expires.map { relativeTime($0, now: now) } ?? "never")
          })
        pagination(shown: page.items.count, total: page.total, "role", next: page.next.map { here.adding("cursor", $0.description) })
      }
    }
  }

  private func place(_ held: MemberAccess, in organization: Organization) -> HTML {
    guard let place = held.place else { return "the organization" }
    return fragment {
      "\(place.type.noun) "
      if let link = place.link(in: organization) { a(href: link) { bdi { place.path } } } else { bdi { place.path } }
    }
  }

  /// Those that the viewer may see.
  private func teamLine(_ page: Page<SeenTeam>, of organization: Organization) -> HTML {
    if page.items.isEmpty { return "none" }
    return fragment {
      for (place, seen) in page.items.enumerated() {
        if place > 0 { ", " }
        a(href: "/\(organization.slug)/teams/\(seen.team.slug)") { bdi { seen.team.name.text } }
      }
      if page.next != nil { " and \(grouped(page.total - page.items.count)) more" }
    }
  }

  private func form(
    _ state: FormState, _ member: Member, of organization: Organization, _ permissions: Set<Permission>, _ visit: Visit, to here: Link
  ) -> HTML {
    postForm(here, state, token: visit.token) {
      revisionField(member.revision, in: state)
      checkGroup("Roles", "roles", in: state, grantable(by: permissions))
      p(.class("quiet-text")) { small { rolesLink(of: organization) } }
      textField(
        "Last day", "expires_at", in: state, type: .date, hint: "The membership ends by itself after this day (UTC). Left empty, it lasts.", optional: true)
      buttonRow { submitButton("Save changes") }
    }
  }

  private func acts(
    on member: Member, _ organization: Organization, _ permissions: Set<Permission>, _ visit: Visit, _ here: Link, now: Timestamp
  ) -> [DangerousAct] {
    let isOut = member.state(at: now) == .suspended
    var acts = [
      DangerousAct(
        isOut ? "Let \(member.name) in again" : "Suspend \(member.name)",
        isOut ? "They get back everything they hold." : "They are kept out until you let them in again; nothing they hold is lost.",
        action: actionForm("\(here)/suspension", token: visit.token, fields: ["lift": isOut ? "yes" : "", "back": here.text]) {
          submitButton(isOut ? "Let in again" : "Suspend", isOut ? .plain : .danger)
        })
    ]
    if permissions.contains(.memberRemove) {
      acts.append(
        DangerousAct(
          "Remove \(member.name) from \(organization.name)",
          "They lose access at once, and tokens bound to it stop working. They can be reinstated with their roles and teams, under Former, for a while.",
          action: actionForm("\(here)/removal", token: visit.token) { submitButton("Remove", .danger) }))
    }
    return acts
  }

  private func save(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (reference, id) = (visit.parameter("organization"), ID<Member>.named(visit.parameter("member")))
    var typed = visit.typed
    do throws(Problem) {
      let expires = try lastInstant(visit.field("expires_at"))
      let changed = try await plane.members.setRoles(id, visit.fields("roles"), seen: Int(visit.field("revision")), in: reference, by: visit.caller)
      // The roles are saved, even where the day is refused: the form that comes back has seen that.
      typed = typed.map { $0.0 == "revision" ? ($0.0, String(changed.revision)) : $0 }
      let member = try await plane.members.setExpiry(id, expires, seen: changed.revision, in: reference, by: visit.caller)
      return .redirect(
        to: "/\(reference)/members/\(id)",
        flash: Flash(.good, "\(member.name) is \(member.roles.holder) now\(expires.map { ", until \(dayText($0 - .days(1)))" } ?? "")."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await memberPage(FormState("member", values: typed, problem: error), visit, status: 422))
    }
  }

  /// The first instant after the day; `nil` where none was given.
  private func lastInstant(_ text: String) throws(Problem) -> Timestamp? {
    if text.isEmpty { return nil }
    guard let midnight = Timestamp("\(text)T00:00:00Z") else { throw .invalid("expires_at", "Write the day as 2026-12-31.") }
    return midnight + .days(1)
  }
}

import Authorization
import Kernel
import Markup

extension OrganizationAccess {
  var pages: [PageRoute] {
    let here = "/{organization}/roles/holders"
    return [
      .page(here) { visit async throws(Problem) in .page(try await listPage(visit)) },
      .form(here) { visit async throws(Problem) in try await give(visit) },
      .page("\(here)/{organization_grant}") { visit async throws(Problem) in .page(try await changePage(nil, visit)) },
      .form("\(here)/{organization_grant}") { visit async throws(Problem) in try await change(visit) },
      .form("\(here)/{organization_grant}/withdrawal") { visit async throws(Problem) in try await withdraw(visit) },
    ]
  }

  // MARK: Who holds more

  private func listPage(_ visit: Visit, giving: FormState? = nil, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let page = try await list(in: organization.id.description, visit.page, by: visit.caller)
    let own = try await plane.roles.all(at: .organization, in: organization, by: visit.caller)
    let portraits = try await plane.images.portraits(of: page.items.compactMap(\.holder.account))
    let here: Link = "/\(organization.slug)/roles/holders"
    let mayGive = permissions.contains(.memberUpdate)
    return ConsolePage("Further roles in \(organization.name)", in: frame(organization, permissions), status: status) {
      breadcrumb([("Roles", "/\(organization.slug)/roles")])
      pageHeader(
        "Who holds more", "Roles on the organization beside those of the membership: of people, of programs, and of everybody in a team. All add up.")
      if mayGive {
        pageSection("Give a role") {
          let state = giving ?? FormState("access", ["role": own.first?.slug.text ?? OrganizationRole.viewer.rawValue])
          postForm(here, state, token: visit.token) {
            textField(
              "Handle or address", "who", in: state, hint: "Of a member, of a service account, or of a team.", .autocomplete("off"), .autocapitalize("none"),
              .spellcheck(false))
            roleField(state, own, permissions)
            dayField(state)
            buttonRow { submitButton("Give the role") }
          }
        }
      }
      pageSection("Held beside the membership") {
        if page.items.isEmpty {
          emptyState(
            "Nobody holds more",
            mayGive ? "Give a role above: to a person, to a program, or to everybody in a team." : "Admins and managers give further roles.")
        } else {
          let now = plane.world.clock()
          dataTable(
            "Further roles", [Column("Name"), Column("Role"), Column("Ends"), Column("Since")] + (mayGive ? [.actions] : []),
            page.items.map { grant in
              TableRow(
                personCell(
                  id: grant.holder.account?.description ?? grant.holder.id, name: grant.holder.name, detail: grant.holder.kindWords,
                  portrait: grant.holder.account.flatMap { portraits[$0] }),
                badge(grant.role.short),
                grant.expires.map { grant.holds(at: now) ? relativeTime($0, now: now) : badge("ended", .attention) } ?? "never",
                relativeTime(grant.since, now: now),
                mayGive && grant.role.beyond(permissions).isEmpty
                  ? moreMenu(
                    "More for \(grant.holder.name)", token: visit.token,
                    [
                      .link("Change role or end", href: "\(here)/\(grant.id)"), .line,
                      .action("Take this role away", to: "\(here)/\(grant.id)/withdrawal", isDanger: true),
                    ]) : HTML.empty)
            })
          pagination(shown: page.items.count, total: page.total, "role", next: page.next.map { here.adding("cursor", $0.description) })
        }
      }
    }
  }

  private func frame(_ organization: Organization, _ permissions: Set<Permission>) -> ConsolePage.Frame {
    .organization(OrganizationFrame(organization, permissions, section: "roles"))
  }

  private func roleField(_ state: FormState, _ own: [DefinedRole], _ permissions: Set<Permission>) -> HTML {
    let built = OrganizationRole.allCases.filter { $0.permissions.isSubset(of: permissions) }.map(Choice.init)
    let further = own.filter { $0.content.permissions.isSubset(of: permissions) }.map { Choice($0.slug.text, "\($0.slug): \($0.name)") }
    return selectField("Role", "role", in: state, further + built)
  }

  private func dayField(_ state: FormState) -> HTML {
    textField("Last day", "expires_at", in: state, type: .date, hint: "The role ends by itself after this day (UTC). Left empty, it lasts.", optional: true)
  }

  private func give(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let who = visit.field("who")
      guard !who.isEmpty else { throw .invalid("who", "Say who gets the role: a handle or an address.") }
      let candidate: GrantCandidate =
        switch Grant.Kind(rawValue: visit.field("kind")) {
        case .account: .member(who)
        case .serviceAccount: .serviceAccount(who)
        case .team: .team(who)
        case .invitation, nil: .anybody(who)
        }
      let draft = GrantDraft(candidate, role: visit.field("role"), expires: try visit.end())
      let grant = try await give(draft, in: visit.parameter("organization"), by: visit.caller)
      return .redirect(to: visit.furtherRoles, flash: Flash(.good, "\(grant.holder.name) has the role \(grant.role.short) now."))
    } catch {
      guard error.isMendable else { throw error }
      let problem = error.calling(["holder": "who"])
      return .page(try await listPage(visit, giving: FormState("access", values: visit.typed, problem: problem), status: 422))
    }
  }

  // MARK: One of them

  private func changePage(_ returned: FormState?, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let grant = try await find(.named(visit.parameter("organization_grant")), in: organization.id.description, by: visit.caller)
    let own = try await plane.roles.all(at: .organization, in: organization, by: visit.caller)
    let here: Link = "/\(organization.slug)/roles/holders"
    let day = grant.expires.map { String(($0 - .days(1)).description.prefix(10)) } ?? ""
    let state = returned ?? FormState("access", ["role": grant.role.short, "expires_at": day, "revision": String(grant.revision)])
    return ConsolePage("Role of \(grant.holder.name) in \(organization.name)", in: frame(organization, permissions), status: status) {
      breadcrumb([("Roles", "/\(organization.slug)/roles"), ("Who holds more", here)])
      pageHeader(HTML("Role of \(grant.holder.name)"))
      if permissions.contains(.memberUpdate) {
        postForm("\(here)/\(grant.id)", state, token: visit.token) {
          revisionField(grant.revision, in: state)
          // A day that stays as it was leaves the instant as it is, which needn't be midnight.
          input(.hidden, name: "day", .value(day))
          roleField(state, own, permissions)
          dayField(state)
          buttonRow {
            submitButton("Save changes")
            linkButton("Cancel", href: here)
          }
        }
      } else {
        banner(.attention, "You can't do this.", "Your roles don't let you change what others hold. Ask an admin.")
      }
    }
  }

  private func change(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let isSameEnd = visit.field("expires_at") == visit.field("day")
      let update = GrantUpdate(role: visit.field("role"), expires: isSameEnd ? nil : try visit.end().map { .at($0) } ?? .never)
      let grant = try await self.update(
        .named(visit.parameter("organization_grant")), update, seen: Int(visit.field("revision")), in: visit.parameter("organization"), by: visit.caller)
      return .redirect(to: visit.furtherRoles, flash: Flash(.good, "\(grant.holder.name) has the role \(grant.role.short) now."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await changePage(FormState("access", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  private func withdraw(_ visit: Visit) async throws(Problem) -> PageAnswer {
    try await telling(at: visit.furtherRoles, orElse: visit.roles) { () async throws(Problem) in
      let grant = try await withdraw(.named(visit.parameter("organization_grant")), in: visit.parameter("organization"), by: visit.caller)
      let undo =
        grant.holds(at: plane.world.clock())
        ? Flash.Undo(
          Link(local: visit.furtherRoles) ?? "/",
          [
            ("who", grant.holder.id), ("kind", grant.holder.kind.rawValue), ("role", grant.role.short), ("expires_at", grant.expires?.description ?? ""),
          ]) : nil
      return Flash(.good, "\(grant.holder.name) has the role \(grant.role.short) no more.", undo: undo)
    }
  }
}

extension Visit {
  /// Where the list of further roles stands.
  fileprivate var furtherRoles: String { "\(roles)/holders" }

  /// The first instant after the day that was chosen, or the instant itself that taking something back sends; `nil` where none was given.
  func end() throws(Problem) -> Timestamp? {
    let text = field("expires_at")
    if text.isEmpty { return nil }
    if text.utf8.count > 10, let instant = Timestamp(text) { return instant }
    guard let midnight = Timestamp("\(text)T00:00:00Z") else { throw .invalid("expires_at", "Write the day as 2026-12-31.") }
    return midnight + .days(1)
  }
}

extension Grant.Holder {
  /// What it is, and how it is called in scripts.
  fileprivate var kindWords: String {
    switch self {
    case .member(_, _, let handle, _): handle.text
    case .invitation: "invited"
    case .serviceAccount(_, let slug, _): "service account \(slug)"
    case .team(_, let slug, _): "team \(slug), everybody in it"
    }
  }
}

import Authorization
import Kernel
import Markup

extension Teams {
  var pages: [PageRoute] {
    [
      .page("/{organization}/teams") { visit async throws(Problem) in .page(try await listPage(visit)) },
      .page("/{organization}/teams/new") { visit async throws(Problem) in .page(try await newPage(FormState("team"), visit)) },
      .form("/{organization}/teams/new") { visit async throws(Problem) in try await create(visit) },
      .page("/{organization}/teams/{team}") { visit async throws(Problem) in .page(try await teamPage(visit)) },
      .form("/{organization}/teams/{team}") { visit async throws(Problem) in try await save(visit) },
      .page("/{organization}/teams/{team}/deletion") { visit async throws(Problem) in .page(try await deletionPage(FormState("delete"), visit)) },
      .form("/{organization}/teams/{team}/deletion") { visit async throws(Problem) in try await delete(visit) },
    ] + TeamMemberPages(plane: plane).pages
  }

  // MARK: The list

  private func listPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let search = visit.query("q")
    let page = try await list(in: organization.id.description, TeamFilter(search: search), visit.page, by: visit.caller)
    let here: Link = "/\(organization.slug)/teams"
    return ConsolePage("Teams of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "teams"))) {
      pageHeader(
        "Teams", permissions.contains(.teamRead) ? nil : "You see the teams that you are in.",
        actions: { if permissions.contains(.teamManage) { linkButton("New team", href: "\(here)/new", .primary) } })
      if page.items.isEmpty, search == nil {
        emptyState("No teams yet", beginning(permissions)) {
          if permissions.contains(.teamManage) { linkButton("Make the first team", href: "\(here)/new") }
        }
      } else {
        filterBar(here, search: search ?? "", placeholder: "Find by name, * and ? allowed", replaces: "teams")
        div(.id("teams"), .class("list")) { table(page, search, here) }
      }
    }
  }

  private func beginning(_ permissions: Set<Permission>) -> HTML {
    if permissions.contains(.teamManage) {
      return "A team gathers people, service accounts and invited people under one name, and has maintainers who look after it."
    }
    return permissions.contains(.teamRead)
      ? "A team gathers people under one name. Admins, managers and contributors make them." : "Whoever looks after a team can add you to it."
  }

  private func table(_ page: Page<SeenTeam>, _ search: String?, _ here: Link) -> HTML {
    fragment {
      if page.items.isEmpty {
        emptyState("No team fits", "No team that you may see is called so. A * stands for any characters, a ? for one.") {
          linkButton("Show all teams", href: here)
        }
      } else {
        dataTable(
          "Teams", [Column("Team"), Column("Members", .number), Column("Service accounts", .number), Column("Invited", .number), Column("You")],
          page.items.map { seen in
            TableRow(
              personCell(id: seen.team.id, name: seen.team.name.text, detail: seen.team.slug.text, href: "\(here)/\(seen.team.slug)"),
              HTML("\(grouped(seen.team.size.members))"), HTML("\(grouped(seen.team.size.serviceAccounts))"),
              seen.showsInvitations ? HTML("\(grouped(seen.team.size.invitations))") : "–",
              seen.seat.map { badge($0.rawValue, $0 == .maintainer ? .good : .neutral) } ?? "–")
          })
        pagination(
          shown: page.items.count, total: page.total, "team",
          next: page.next.map { here.adding("q", search).adding("cursor", $0.description) })
      }
    }
  }

  // MARK: A new one

  private func newPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let here: Link = "/\(organization.slug)/teams"
    return ConsolePage(
      "New team in \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "teams")), status: status
    ) {
      breadcrumb([("Teams", here)])
      pageHeader("New team", "You add its people on the next page.")
      if permissions.contains(.teamManage) {
        postForm("\(here)/new", state, token: visit.token) {
          textField("Name", "name", in: state, hint: "What people call it, such as Machine learning.", .maxlength(128))
          textField(
            "Handle", "slug", in: state, hint: "What it is called in addresses and scripts. Made from the name if you leave it empty.", optional: true,
            .maxlength(32), .autocapitalize("none"), .spellcheck(false))
          textAreaField("Description", "description", in: state, rows: 2, limit: 2000, hint: "What it is for.", optional: true)
          defaultRoleField(state)
          buttonRow {
            submitButton("Make the team")
            linkButton("Cancel", href: here)
          }
        }
      } else {
        banner(.attention, "You can't do this.", "Only admins, managers and contributors of an active organization make teams.")
      }
    }
  }

  private func create(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let draft = try TeamDraft(name: visit.field("name"), slug: visit.field("slug"), description: visit.field("description"),
        defaultRole: visit.field("default_role"))
      let team = try await create(draft, in: visit.parameter("organization"), by: visit.caller).team
      return .redirect(to: "\(visit.teams)/\(team.slug)", flash: Flash(.good, "\(team.name) is there. Add its people now."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await newPage(FormState("team", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  // MARK: One of them

  /// The page of one, with a form that came back.
  func teamPage(
    _ visit: Visit, returned: FormState? = nil, adding: FormState = TeamMemberPages.beginning, status: Int = 200
  ) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let reference = organization.id.description
    let seen = try await find(visit.parameter("team"), in: reference, by: visit.caller)
    let team = seen.team
    let options = try await options(of: seen, in: organization, by: visit.caller)
    let search = visit.query("q")
    let people = try await listMembers(of: team.id.description, search: search, in: reference, visit.page, by: visit.caller)
    let portraits = try await plane.images.portraits(of: people.items.compactMap(\.holder.account))
    let here: Link = "/\(organization.slug)/teams/\(team.slug)"
    let view = TeamMemberPages.View(
      team: seen, options: options, organization: organization, permissions: permissions, portraits: portraits, here: here, search: search,
      now: plane.world.clock())
    return ConsolePage(
      "\(team.name) in \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "teams")), status: status
    ) {
      breadcrumb([("Teams", "/\(organization.slug)/teams")])
      pageHeader(bdi { team.name.text }, team.description.isEmpty ? nil : HTML(team.description.text)) {
      } badges: {
        code { team.slug.text }
        if let seat = seen.seat { badge(seat == .maintainer ? "you maintain it" : "you are in it", .good) }
      }
      TeamMemberPages(plane: plane).section(people, view, adding, visit)
      if options.canChange { pageSection("Name and description") { changeForm(returned ?? values(of: team), options, visit, here) } }
      if options.canManage {
        dangerZone([
          DangerousAct(
            "Delete \(team.name)", "It ends at once and for good. Its people stay in the organization.",
            action: linkButton("Delete", href: "\(here)/deletion", .danger))
        ])
      }
    }
  }

  private func values(of team: Team) -> FormState {
    FormState(
      "team", ["name": team.name.text, "slug": team.slug.text, "description": team.description.text,
        "default_role": team.defaultRole?.name ?? "", "revision": String(team.revision)])
  }

  private func changeForm(_ state: FormState, _ options: TeamOptions, _ visit: Visit, _ here: Link) -> HTML {
    postForm(here, state, token: visit.token) {
      input(.hidden, name: "revision", .value(state.value("revision")))
      textField("Name", "name", in: state, .maxlength(128))
      if options.canManage {
        textField(
          "Handle", "slug", in: state, hint: "Scripts and addresses with the present one stop working when you change it.", .maxlength(32),
          .autocapitalize("none"), .spellcheck(false))
      }
      textAreaField("Description", "description", in: state, rows: 2, limit: 2000, hint: "What it is for.", optional: true)
      if options.canManage { defaultRoleField(state) }
      buttonRow { submitButton("Save changes", .plain) }
    }
  }

  private func defaultRoleField(_ state: FormState) -> HTML {
    selectField(
      "Role on apps", "default_role", in: state,
      [Choice("", "Said each time")] + ResourceRole.all(of: .app).map { Choice($0.name, "\($0.name): \($0.summary)") },
      hint: "What the team has on an app that it is added to without a role.", optional: true)
  }

  private func save(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let slug = visit.typed.first { $0.0 == "slug" }?.1
      let role = visit.typed.first { $0.0 == "default_role" }?.1
      let changes = TeamUpdate(name: visit.field("name"), slug: slug, description: visit.field("description"), defaultRole: role)
      let (team, reference) = (visit.parameter("team"), visit.parameter("organization"))
      let saved = try await update(team, changes, seen: Int(visit.field("revision")), in: reference, by: visit.caller).team
      return .redirect(to: "\(visit.teams)/\(saved.slug)", flash: Flash(.good, "\(saved.name) is saved."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await teamPage(visit, returned: FormState("team", values: visit.typed, problem: error), status: 422))
    }
  }

  // MARK: Deleting

  private func deletionPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let team = try await find(visit.parameter("team"), in: organization.id.description, by: visit.caller).team
    let here: Link = "/\(organization.slug)/teams/\(team.slug)"
    return ConsolePage("Delete \(team.name)", in: .organization(OrganizationFrame(organization, permissions, section: "teams")), status: status) {
      breadcrumb([("Teams", "/\(organization.slug)/teams"), (team.name.text, here)])
      pageHeader(HTML("Delete \(team.name)"))
      if permissions.contains(.teamManage) {
        consequences([
          team.size.members == 0 ? "Nobody is in it" : "Its people stay in the organization: \(counted(team.size.members, "member"))",
          "It can't be brought back, and its handle is free again", "What was done with it stays in the audit log, under its name",
        ])
        postForm("\(here)/deletion", state, token: visit.token) {
          confirmField("Type \(code { team.slug.text }) to show that you mean it", "confirm", expecting: team.slug.text, in: state)
          buttonRow {
            submitButton("Delete \(team.name)", .final)
            linkButton("Cancel", href: here)
          }
        }
      } else {
        banner(.attention, "You can't do this.", "Only admins, managers and contributors of an active organization delete teams.")
      }
    }
  }

  private func delete(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let (team, reference) = (visit.parameter("team"), visit.parameter("organization"))
      let name = try await find(team, in: reference, by: visit.caller).team.name
      try await delete(team, confirm: visit.field("confirm"), in: reference, by: visit.caller)
      return .redirect(to: visit.teams, flash: Flash(.attention, "\(name) is deleted. Its people stay in the organization."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await deletionPage(FormState("delete", values: visit.typed, problem: error), visit, status: 422))
    }
  }
}

extension Visit {
  /// Where the list of the organization's teams stands.
  var teams: String { "/\(parameter("organization"))/teams" }
  /// Where the page of the team in the path stands.
  var team: String { "\(teams)/\(parameter("team"))" }
}

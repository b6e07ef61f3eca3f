import Authorization
import Kernel
import Markup

extension Grants {
  var pages: [PageRoute] {
    let places = ["/{organization}/workspaces/{workspace}", "/{organization}/clusters/{cluster}"]
    let projects = places.map { "\($0)/projects/{project}" }
    let flat = places + ["/{organization}/apps/{app}"]
    return flat.map { place in .page("\(place)/access") { visit async throws(Problem) in .page(try await accessPage(visit)) } }
      + projects.flatMap { project -> [PageRoute] in
        [
          .page(project) { visit async throws(Problem) in
            do throws(Problem) { return .page(try await accessPage(visit)) } catch {
              // Who sees a project because something in it is shared with them sees that.
              guard error.kind == .missing, case .projectAt(let name, let place) = visit.reference else { throw error }
              let found = try await plane.projects.find(name, at: place, in: visit.parameter("organization"), by: visit.caller)
              return .redirect(to: "/\(visit.parameter("organization"))/objects?in=project:\(found.id)")
            }
          },
          .passage("\(project)/access") { $0.project },
        ]
      }
      + (flat + projects).flatMap { place -> [PageRoute] in
        [
          .form("\(place)/access") { visit async throws(Problem) in try await give(visit) },
          .page("\(place)/access/{grant}") { visit async throws(Problem) in .page(try await changePage(nil, visit)) },
          .form("\(place)/access/{grant}") { visit async throws(Problem) in try await change(visit) },
          .form("\(place)/access/{grant}/withdrawal") { visit async throws(Problem) in try await withdraw(visit) },
        ]
      }
  }

  /// What every page about access is made from.
  private struct View {
    let organization: Organization
    let permissions: Set<Permission>
    let reference: ResourceReference
    let resource: Resource
    /// The head of the thing's pages.
    let head: HTML
    let canGrant: Bool
    let defaultRole: ResourceRole?
    /// Those that the organization made for things of this type.
    let ownRoles: [DefinedRole]
    /// Where the list stands.
    let page: Link
    /// Under which each access stands.
    let here: Link
    /// Of the navigation.
    let section: String
    let now: Timestamp

    var frame: ConsolePage.Frame { .organization(OrganizationFrame(organization, permissions, section: section)) }
    /// Nobody gives access to whom they may not see.
    var canGive: Bool { canGrant && permissions.contains(.memberList) }
  }

  private func view(_ visit: Visit) async throws(Problem) -> View {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let id = organization.id.description
    switch visit.reference {
    case .workspace(let workspace):
      let found = try await plane.workspaces.find(workspace, in: id, by: visit.caller)
      let options = try await plane.workspaces.options(of: found, in: organization, by: visit.caller)
      let page: Link = "/\(organization.slug)/workspaces/\(found.resource.slug)/access"
      return View(
        organization: organization, permissions: permissions, reference: .workspace(found.id.description), resource: found.resource,
        head: workspaceHead(found, of: organization, options, current: "access"), canGrant: options.canGrant, defaultRole: nil,
        ownRoles: try await plane.roles.all(at: .workspace, in: organization, by: visit.caller), page: page, here: page, section: "workspaces",
        now: plane.world.clock())
    case .cluster(let cluster):
      let found = try await plane.organizationClusters.find(cluster, in: id, by: visit.caller)
      let options = try await plane.organizationClusters.options(of: found, in: organization, by: visit.caller)
      let page: Link = "/\(organization.slug)/clusters/\(found.resource.slug)/access"
      return View(
        organization: organization, permissions: permissions, reference: .cluster(found.resource.id.description), resource: found.resource,
        head: clusterHead(found, of: organization, options, current: "access"), canGrant: options.canGrant, defaultRole: found.defaultRole,
        ownRoles: try await plane.roles.all(at: .cluster, in: organization, by: visit.caller), page: page, here: page, section: "clusters",
        now: plane.world.clock())
    case .app(let app):
      let (found, _, options) = try await plane.apps.open(app, in: id, by: visit.caller)
      let page: Link = "/\(organization.slug)/apps/\(found.resource.slug)/access"
      return View(
        organization: organization, permissions: permissions, reference: .app(found.id.description), resource: found.resource,
        head: appHead(found, in: organization.slug.text, options, current: "access"), canGrant: options.canGrant, defaultRole: nil,
        ownRoles: try await plane.roles.all(at: .app, in: organization, by: visit.caller), page: page, here: page, section: "apps",
        now: plane.world.clock())
    case .projectAt(let project, let place):
      let found = try await plane.projects.find(project, at: place, in: id, by: visit.caller)
      let options = try await plane.projects.options(of: found, in: organization, by: visit.caller)
      let page = projectLink(found, in: organization)
      return View(
        organization: organization, permissions: permissions, reference: .projectAt(found.id.description, found.place.reference),
        resource: found.resource, head: projectHead(found, of: organization, options, current: "access"), canGrant: options.canGrant,
        defaultRole: found.defaultRole, ownRoles: try await plane.roles.all(at: .project, in: organization, by: visit.caller), page: page,
        here: "\(page)/access", section: found.section, now: plane.world.clock())
    }
  }

  // MARK: People with access

  private func accessPage(_ visit: Visit, giving: FormState? = nil, status: Int = 200) async throws(Problem) -> ConsolePage {
    let view = try await view(visit)
    let search = visit.query("q")
    let id = view.organization.id.description
    let page = try await list(on: view.reference, search: search, in: id, visit.page, by: visit.caller)
    var above: Page<Grant>?
    if case .projectAt(_, let place) = view.reference {
      let outer: ResourceReference =
        switch place {
        case .workspace(let workspace): .workspace(workspace)
        case .cluster(let cluster): .cluster(cluster)
        }
      // Who may not see who has access to the place isn't told here either.
      do throws(Problem) { above = try await list(on: outer, in: id, PageRequest(limit: 50), by: visit.caller) } catch {
        guard error.kind == .missing else { throw error }
      }
    }
    let portraits = try await plane.images.portraits(of: page.items.compactMap(\.holder.account))
    let isStarred = try await plane.stars.contains(view.resource.id, by: visit.caller)
    return ConsolePage("People with access to \(view.resource.name)", in: view.frame, status: status) {
      view.head
      if view.canGive { pageSection("Give access") { giveForm(giving ?? beginning(view), view, visit) } }
      pageSection("Access given here") { given(page, portraits, search, view, visit) }
      if let above { through(above, view) }
      byRole(view)
      // A project has no other first page.
      if case .projectAt = view.reference { starButton(view.resource, isStarred: isStarred, at: view.page, visit) }
    }
  }

  private func beginning(_ view: View) -> FormState {
    let roles = ResourceRole.all(of: RoleScope(view.resource.type))
    return FormState("access", ["role": (view.defaultRole ?? roles.first { !$0.rights.allows(.manage, on: view.resource.type) } ?? roles[0]).name])
  }

  private func giveForm(_ state: FormState, _ view: View, _ visit: Visit) -> HTML {
    postForm(view.here, state, token: visit.token) {
      textField(
        "Handle or address", "who", in: state,
        hint: view.permissions.contains(.invitationList)
          ? "Of a member, of somebody who is invited, of a service account, or of a team." : "Of a member, of a service account, or of a team.",
        .autocomplete("off"), .autocapitalize("none"), .spellcheck(false))
      roleField(state, view)
      dayField(state)
      buttonRow { submitButton("Give access") }
    }
  }

  private func roleField(_ state: FormState, _ view: View) -> HTML {
    let own = view.ownRoles.map { Choice($0.slug.text, $0.description.isEmpty ? "\($0.slug): \($0.name)" : "\($0.slug): \($0.description)") }
    let builtIn = ResourceRole.all(of: RoleScope(view.resource.type)).map { Choice($0.name, "\($0.name): \($0.summary)") }
    return selectField("Role", "role", in: state, builtIn + own)
  }

  private func dayField(_ state: FormState) -> HTML {
    textField("Last day", "expires_at", in: state, type: .date, hint: "The access ends by itself after this day (UTC). Left empty, it lasts.", optional: true)
  }

  private func given(_ page: Page<Grant>, _ portraits: Portraits, _ search: String?, _ view: View, _ visit: Visit) -> HTML {
    fragment {
      if page.items.isEmpty, search == nil {
        emptyState("Nobody was given access here", view.canGive ? "Give it above: to people, to a team, or to a program." : "Its admins give access.")
      } else {
        filterBar(view.page, search: search ?? "", placeholder: "Find by name", replaces: "people")
        div(.id("people"), .class("list")) { table(page, portraits, search, view, visit) }
      }
    }
  }

  private func table(_ page: Page<Grant>, _ portraits: Portraits, _ search: String?, _ view: View, _ visit: Visit) -> HTML {
    fragment {
      if page.items.isEmpty {
        emptyState("Nobody fits", "Nobody with access here is called so.") { linkButton("Show everybody", href: view.page) }
      } else {
        dataTable(
          "Access to \(view.resource.name)", [Column("Name"), Column("Role"), Column("Ends"), Column("Since")] + (view.canGrant ? [.actions] : []),
          page.items.map { row($0, portraits, view, visit) })
        pagination(
          shown: page.items.count, total: page.total, "grant",
          next: page.next.map { view.page.adding("q", search).adding("cursor", $0.description) })
      }
    }
  }

  private func row(_ grant: Grant, _ portraits: Portraits, _ view: View, _ visit: Visit) -> TableRow {
    TableRow(
      personCell(
        id: grant.holder.portraitID, name: grant.holder.name, detail: grant.holder.detail, portrait: grant.holder.account.flatMap { portraits[$0] },
        href: grant.holder.page(in: view.organization, view.permissions)),
      badge(grant.role.short), ends(grant, view), relativeTime(grant.since, now: view.now),
      view.canGrant
        ? moreMenu(
          "More for \(grant.holder.name)", token: visit.token,
          [
            .link("Change role or end", href: "\(view.here)/\(grant.id)"), .line,
            .action("End this access", to: "\(view.here)/\(grant.id)/withdrawal", isDanger: true),
          ])
        : HTML.empty)
  }

  private func ends(_ grant: Grant, _ view: View) -> HTML {
    guard let expires = grant.expires else { return "never" }
    return grant.holds(at: view.now) ? relativeTime(expires, now: view.now) : badge("ended", .attention)
  }

  // MARK: Others who have access

  /// Whom a role on the workspace lets into the project.
  private func through(_ page: Page<Grant>, _ view: View) -> HTML {
    let reaching = page.items.filter { $0.role.rights.allows(.read, on: view.resource.type) && $0.holds(at: view.now) }
    guard case .projectAt(_, let outer) = view.reference, !reaching.isEmpty || page.next != nil else { return .empty }
    let place = Link(local: String(view.page.text.split(separator: "/projects/", maxSplits: 1)[0])) ?? "/"
    let noun = outer.noun
    return pageSection("Access by a role on the \(noun)", HTML("Roles on the \(noun) that reach into its projects.")) {
      if !reaching.isEmpty {
        dataTable(
          "Access by the \(noun)", [Column("Name"), Column("Role on the \(noun)")],
          reaching.map { grant in
            TableRow(
              personCell(
                id: grant.holder.portraitID, name: grant.holder.name, detail: grant.holder.detail,
                href: grant.holder.page(in: view.organization, view.permissions)),
              badge(grant.role.short))
          })
      }
      p { a(href: "\(place)/access") { page.next == nil ? "Access to the \(noun)" : "Everybody with access to the \(noun)" } }
    }
  }

  /// Whom a role in the organization lets in.
  private func byRole(_ view: View) -> HTML {
    let type = view.resource.type
    let roles = OrganizationRole.allCases.filter { $0.resourceRights.allows(.read, on: type) }
    return pageSection("Access by a role in the organization", "These see every \(type.noun), without having been given access here.") {
      dataTable(
        "Access by the organization", [Column("Role"), Column("May here")],
        roles.map { role in
          TableRow(
            view.permissions.contains(.memberList)
              ? a(href: ("/\(view.organization.slug)/members" as Link).adding("role", role.rawValue)) { role.rawValue } : HTML(role.rawValue),
            role.resourceRights.allows(.manage, on: type) ? "everything" : "see it")
        })
    }
  }

  // MARK: Giving, changing, ending

  private func give(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let who = visit.field("who").filter { !$0.isWhitespace }
      guard !who.isEmpty else { throw .invalid("who", "Name somebody: by handle or by address.") }
      let candidate: GrantCandidate =
        switch Grant.Kind(rawValue: visit.field("kind")) {
        case nil: .anybody(who)
        case .account: .member(who)
        case .invitation: .invitation(who)
        case .serviceAccount: .serviceAccount(who)
        case .team: .team(who)
        }
      let draft = GrantDraft(candidate, role: visit.field("role"), expires: try visit.end())
      let grant = try await give(draft, on: visit.reference, in: visit.parameter("organization"), by: visit.caller)
      return .redirect(to: visit.accessPage, flash: Flash(.good, "\(grant.holder.name) has access now, as \(grant.role.short)."))
    } catch {
      guard error.isMendable else { throw error }
      let problem = error.calling(["holder": "who"])
      return .page(try await accessPage(visit, giving: FormState("access", values: visit.typed, problem: problem), status: 422))
    }
  }

  private func changePage(_ returned: FormState?, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let view = try await view(visit)
    let grant = try await find(.named(visit.parameter("grant")), on: view.reference, in: view.organization.id.description, by: visit.caller)
    let day = grant.expires.map { String(($0 - .days(1)).description.prefix(10)) } ?? ""
    let state = returned ?? FormState("access", ["role": grant.role.short, "expires_at": day, "revision": String(grant.revision)])
    return ConsolePage("Access of \(grant.holder.name) to \(view.resource.name)", in: view.frame, status: status) {
      breadcrumb([(sectionTitle(view.section), "/\(view.organization.slug)/\(view.section)"), (view.resource.name.text, view.page)])
      pageHeader(HTML("Access of \(grant.holder.name)"), HTML("To the \(view.resource.type.noun) \(view.resource.name)."))
      if view.canGrant {
        postForm("\(view.here)/\(grant.id)", state, token: visit.token) {
          revisionField(grant.revision, in: state)
          // A day that stays as it was leaves the instant as it is, which needn't be midnight.
          input(.hidden, name: "day", .value(day))
          roleField(state, view)
          dayField(state)
          buttonRow {
            submitButton("Save changes")
            linkButton("Cancel", href: view.page)
          }
        }
      } else {
        banner(.attention, "You can't do this.", "Your roles don't let you change who has access here. Ask an admin.")
      }
    }
  }

  private func change(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let isSameEnd = visit.field("expires_at") == visit.field("day")
      let update = GrantUpdate(role: visit.field("role"), expires: isSameEnd ? nil : try visit.end().map { .at($0) } ?? .never)
      let grant = try await self.update(
        .named(visit.parameter("grant")), update, seen: Int(visit.field("revision")), on: visit.reference, in: visit.parameter("organization"),
        by: visit.caller)
      return .redirect(to: visit.accessPage, flash: Flash(.good, "\(grant.holder.name) has access as \(grant.role.short) now."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await changePage(FormState("access", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  private func withdraw(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let section = !visit.parameter("app").isEmpty ? "apps" : visit.parameter("cluster").isEmpty ? "workspaces" : "clusters"
    let list = "/\(visit.parameter("organization"))/\(section)"
    return try await telling(at: visit.accessPage, orElse: list) { () async throws(Problem) in
      let grant = try await withdraw(.named(visit.parameter("grant")), on: visit.reference, in: visit.parameter("organization"), by: visit.caller)
      let given = Link(local: visit.parameter("project").isEmpty ? visit.accessPage : "\(visit.project)/access") ?? "/"
      let undo =
        grant.holds(at: plane.world.clock())
        ? Flash.Undo(
          given,
          [
            ("who", grant.holder.id), ("kind", grant.holder.kind.rawValue), ("role", grant.role.short), ("expires_at", grant.expires?.description ?? ""),
          ]) : nil
      return Flash(.good, "\(grant.holder.name) has no access as \(grant.role.short) any more.", undo: undo)
    }
  }
}

extension Visit {
  /// The thing whose access the path is about.
  fileprivate var reference: ResourceReference {
    if !parameter("project").isEmpty { return .projectAt(parameter("project"), projectPlace) }
    if !parameter("app").isEmpty { return .app(parameter("app")) }
    return parameter("cluster").isEmpty ? .workspace(parameter("workspace")) : .cluster(parameter("cluster"))
  }

  /// Where its list of people stands.
  fileprivate var accessPage: String { !parameter("app").isEmpty ? "\(app)/access" : parameter("project").isEmpty ? "\(place)/access" : project }
}

extension Grant.Holder {
  /// Of a member.
  var account: ID<Account>? { if case .member(_, let account, _, _) = self { account } else { nil } }

  /// Of the membership, invitation, service account or team.
  var id: String {
    switch self {
    case .member(let id, _, _, _): id.description
    case .invitation(let id, _): id.description
    case .serviceAccount(let id, _, _): id.description
    case .team(let id, _, _): id.description
    }
  }

  /// What a monogram's colour goes by: an account's is the same everywhere.
  var portraitID: String { account?.description ?? id }

  var detail: String {
    switch self {
    case .member(_, _, let handle, _): handle.text
    case .invitation: "invited, hasn't answered yet"
    case .serviceAccount(_, let slug, _): "service account \(slug)"
    case .team(_, let slug, _): "team \(slug), everybody in it"
    }
  }

  func page(in organization: Organization, _ permissions: Set<Permission>) -> Link? {
    switch self {
    case .member(let id, _, _, _): permissions.contains(.memberList) ? "/\(organization.slug)/members/\(id)" : nil
    case .invitation: nil
    case .serviceAccount(_, let slug, _): permissions.contains(.serviceAccountRead) ? "/\(organization.slug)/members/service-accounts/\(slug)" : nil
    case .team(_, let slug, _): permissions.contains(.teamRead) ? "/\(organization.slug)/teams/\(slug)" : nil
    }
  }
}

import Authorization
import Kernel
import Markup

extension Collaborators {
  var pages: [PageRoute] {
    let place = "/{organization}/apps/{app}/collaborators"
    return [
      .page(place) { visit async throws(Problem) in .page(try await listPage(visit)) },
      .form(place) { visit async throws(Problem) in try await invite(visit) },
      .page("\(place)/{collaborator}") { visit async throws(Problem) in .page(try await changePage(nil, visit)) },
      .form("\(place)/{collaborator}") { visit async throws(Problem) in try await change(visit) },
      .passage("\(place)/{collaborator}/renewal") { $0.collaborators },
      .form("\(place)/{collaborator}/renewal") { visit async throws(Problem) in try await renew(visit) },
      .form("\(place)/{collaborator}/removal") { visit async throws(Problem) in
        try await telling(at: visit.collaborators, orElse: "\(visit.parameter("organization"))/apps") { () async throws(Problem) in
          let gone = try await remove(
            .named(visit.parameter("collaborator")), of: visit.parameter("app"), in: visit.parameter("organization"), by: visit.caller)
          return Flash(.good, gone.farewell)
        }
      },
      .page("/{organization}/members/outside") { visit async throws(Problem) in .page(try await allPage(visit)) },
      .form("/{organization}/members/outside/{collaborator}/removal") { visit async throws(Problem) in
        let list = "/\(visit.parameter("organization"))/members/outside"
        return try await telling(at: visit.back(or: list), orElse: list) { () async throws(Problem) in
          Flash(.good, try await removeAny(.named(visit.parameter("collaborator")), in: visit.parameter("organization"), by: visit.caller).farewell)
        }
      },
    ] + CollaborationPages(collaborators: self).pages
  }

  // MARK: Of one app

  private struct View {
    let organization: Organization
    let permissions: Set<Permission>
    let app: App
    let options: AppOptions
    let mayInvite: Bool
    let ownRoles: [DefinedRole]
    let here: Link
    let now: Timestamp

    var frame: ConsolePage.Frame { .organization(OrganizationFrame(organization, permissions, section: "apps")) }
  }

  private func view(_ visit: Visit) async throws(Problem) -> View {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let (app, _, options) = try await plane.apps.open(visit.parameter("app"), in: organization.id.description, by: visit.caller)
    return View(
      organization: organization, permissions: permissions, app: app, options: options,
      mayInvite: try await mayInvite(in: organization, permissions, by: visit.caller) && permissions.contains(.organizationRead),
      ownRoles: try await plane.roles.all(at: .app, in: organization, by: visit.caller),
      here: "/\(organization.slug)/apps/\(app.resource.slug)/collaborators", now: plane.world.clock())
  }

  private func listPage(_ visit: Visit, inviting: FormState? = nil, status: Int = 200) async throws(Problem) -> ConsolePage {
    let view = try await view(visit)
    let search = visit.query("q")
    let page = try await list(of: view.app.id.description, search: search, in: view.organization.id.description, visit.page, by: visit.caller)
    return ConsolePage("Outside collaborators of \(view.app.resource.name)", in: view.frame, status: status) {
      appHead(view.app, in: view.organization.slug.text, view.options, current: "collaborators")
      if view.options.canGrant, view.mayInvite {
        pageSection(
          "Invite somebody from outside", "They don't become members, take no seat, and see this app and nothing else of \(view.organization.name)."
        ) { inviteForm(inviting ?? FormState("collaborator", ["role": ResourceRole.appLabelerWorker.name]), view, visit) }
      } else if view.options.canGrant {
        banner(.accent, "Nobody new.", "The organization's settings don't let you invite outside collaborators. An admin can change that.")
      }
      pageSection("Who works on it from outside") { table(page, search, view, visit) }
    }
  }

  private func inviteForm(_ state: FormState, _ view: View, _ visit: Visit) -> HTML {
    postForm(view.here, state, token: visit.token) {
      onceField(visit)
      textField(
        "Address or handle", "who", in: state, hint: "A handle of somebody who has an account here, or any address.", .autocomplete("off"),
        .autocapitalize("none"), .spellcheck(false))
      roleField(state, view)
      textField(
        "Last day", "expires_at", in: state, type: .date, hint: "The access ends by itself after this day (UTC). Left empty, it lasts.", optional: true)
      textAreaField("A few words", "message", in: state, rows: 3, hint: "They stand in the mail.", optional: true)
      buttonRow { submitButton("Invite") }
    }
  }

  private func roleField(_ state: FormState, _ view: View) -> HTML {
    let own = view.ownRoles.map { Choice($0.slug.text, $0.description.isEmpty ? "\($0.slug): \($0.name)" : "\($0.slug): \($0.description)") }
    return selectField("Role", "role", in: state, ResourceRole.all(of: .app).map { Choice($0.name, "\($0.name): \($0.summary)") } + own)
  }

  private func table(_ page: Page<Collaborator>, _ search: String?, _ view: View, _ visit: Visit) -> HTML {
    fragment {
      if page.items.isEmpty, search == nil {
        emptyState(
          "Nobody from outside", view.mayInvite ? "Invite somebody above: a labeler, a consultant, a partner." : "Nobody works on this app from outside.")
      } else {
        filterBar(view.here, search: search ?? "", placeholder: "Find by name", replaces: "collaborators")
        div(.id("collaborators"), .class("list")) {
          if page.items.isEmpty {
            emptyState("Nobody fits", "Nobody from outside is called so.") { linkButton("Show all", href: view.here) }
          } else {
            dataTable(
              "Outside collaborators", [Column("Name"), Column("Role"), Column("State"), Column("Ends"), .actions],
              page.items.map { row($0, view, visit) })
            pagination(
              shown: page.items.count, total: page.total, "outside collaborator",
              next: page.next.map { view.here.adding("q", search).adding("cursor", $0.description) })
          }
        }
      }
    }
  }

  private func row(_ collaborator: Collaborator, _ view: View, _ visit: Visit) -> TableRow {
    let here: Link = "\(view.here)/\(collaborator.id)"
    let isOpen = if case .awaited = collaborator.answer { true } else { false }
    let sending: [MenuItem] =
      isOpen && view.mayInvite
      ? [
        .action("Send again", to: "\(here)/renewal", fields: ["once": visit.formKey]),
        .action("Make a new link to copy", to: "\(here)/renewal", fields: ["link": "yes", "once": visit.formKey]), .line,
      ] : []
    return TableRow(
      collaboratorCell(collaborator), badge(collaborator.role.short), collaboratorState(collaborator, now: view.now), ends(collaborator, view.now),
      view.options.canGrant
        ? moreMenu(
          "More for \(collaborator.name)", token: visit.token,
          [.link("Change role or end", href: here), .line] + sending
            + [.action(isOpen ? "Withdraw" : "End this access", to: "\(here)/removal", isDanger: true)]) : HTML.empty)
  }

  private func invite(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let draft = try CollaboratorDraft(
        who: visit.field("who"), role: visit.field("role"), expires: try visit.end(), message: visit.field("message"))
      let sent = try await invite(draft, to: visit.parameter("app"), in: visit.parameter("organization"), by: visit.caller)
      return .page(try await sentPage(sent, visit))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await listPage(visit, inviting: FormState("collaborator", values: visit.typed, problem: error), status: 422))
    }
  }

  private func renew(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let sent = try await renew(
        .named(visit.parameter("collaborator")), mail: visit.field("link") != "yes", of: visit.parameter("app"), in: visit.parameter("organization"),
        by: visit.caller)
      return .page(try await sentPage(sent, visit))
    } catch {
      guard error.isMendable || error.kind == .missing else { throw error }
      return .redirect(to: visit.collaborators, flash: Flash(.danger, error.detail))
    }
  }

  /// The link, which is told only now.
  private func sentPage(_ sent: SentCollaboration, _ visit: Visit) async throws(Problem) -> ConsolePage {
    let view = try await view(visit)
    let isMailed = sent.isMailed && plane.world.mailer != nil
    return ConsolePage("\(sent.collaborator.name) is invited", in: view.frame) {
      appHead(view.app, in: view.organization.slug.text, view.options, current: "collaborators")
      pageSection(
        "\(sent.collaborator.name) is invited as \(sent.collaborator.role.short)",
        isMailed ? "A mail with the link is on its way." : "No mail goes out: hand over the link yourself."
      ) {
        codeLine(sent.link, label: "Link for \(sent.collaborator.name), shown only now")
        p(.class("quiet-text")) { "Only who it is for can use it. It is shown only now; a new one can be made at any time." }
        buttonRow { linkButton("To the outside collaborators", href: view.here, .primary) }
      }
    }
  }

  private func changePage(_ returned: FormState?, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let view = try await view(visit)
    let collaborator = try await find(
      .named(visit.parameter("collaborator")), of: view.app.id.description, in: view.organization.id.description, by: visit.caller)
    let day = collaborator.expires.map { String(($0 - .days(1)).description.prefix(10)) } ?? ""
    let state = returned ?? FormState("collaborator", ["role": collaborator.role.short, "expires_at": day, "revision": String(collaborator.revision)])
    return ConsolePage("Access of \(collaborator.name) to \(view.app.resource.name)", in: view.frame, status: status) {
      breadcrumb([("Apps", "/\(view.organization.slug)/apps"), (view.app.resource.name.text, view.here)])
      pageHeader("Access of \(bdi { collaborator.name })", "To the app \(bdi { view.app.resource.name.text }), from outside the organization.")
      definitions(
        [
          ("State", collaboratorState(collaborator, now: view.now)), ("Invited by", bdi { collaborator.inviter.name }),
          ("Invited", relativeTime(collaborator.sentAt, now: view.now)),
        ] + (collaborator.address.map { [("At", HTML($0.text))] } ?? []))
      postForm("\(view.here)/\(collaborator.id)", state, token: visit.token) {
        revisionField(collaborator.revision, in: state)
        // A day that stays as it was leaves the instant as it is, which needn't be midnight.
        input(.hidden, name: "day", .value(day))
        roleField(state, view)
        textField("Last day", "expires_at", in: state, type: .date, hint: "After it the access ends by itself (UTC). Left empty, it lasts.", optional: true)
        buttonRow {
          submitButton("Save changes")
          linkButton("Cancel", href: view.here)
        }
      }
    }
  }

  private func change(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let isSameEnd = visit.field("expires_at") == visit.field("day")
      let update = GrantUpdate(role: visit.field("role"), expires: isSameEnd ? nil : try visit.end().map { .at($0) } ?? .never)
      let after = try await self.update(
        .named(visit.parameter("collaborator")), update, seen: Int(visit.field("revision")), of: visit.parameter("app"), in: visit.parameter("organization"),
        by: visit.caller)
      return .redirect(to: visit.collaborators, flash: Flash(.good, "\(after.name) has the role \(after.role.short) on this app."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await changePage(FormState("collaborator", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  // MARK: Of all apps

  private func allPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let search = visit.query("q")
    let page = try await listAll(in: organization.id.description, search: search, visit.page, by: visit.caller)
    let counts = try await plane.members.counts(in: organization.id.description, by: visit.caller)
    let here: Link = "/\(organization.slug)/members/outside"
    let now = plane.world.clock()
    return ConsolePage("Outside collaborators of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "members"))) {
      pageHeader("Members")
      memberTabs(organization, counts, current: "outside")
      if page.items.isEmpty, search == nil {
        emptyState(
          "Nobody from outside",
          "Whoever manages an app can invite people to it who aren't members. All of them stand here, and you can end their access in one place.")
      } else {
        filterBar(here, search: search ?? "", placeholder: "Find by name", replaces: "outside")
        div(.id("outside"), .class("list")) {
          if page.items.isEmpty {
            emptyState("Nobody fits", "Nobody from outside is called so.") { linkButton("Show all", href: here) }
          } else {
            dataTable(
              "Outside collaborators", [Column("Name"), Column("App"), Column("Role"), Column("State"), Column("Invited by"), Column("Ends"), .actions],
              page.items.map { collaborator in
                let isOpen = if case .awaited = collaborator.answer { true } else { false }
                return TableRow(
                  collaboratorCell(collaborator),
                  a(href: "/\(organization.slug)/apps/\(collaborator.app.slug)/collaborators") { bdi { collaborator.app.name.text } },
                  badge(collaborator.role.short), collaboratorState(collaborator, now: now), bdi { collaborator.inviter.name }, ends(collaborator, now),
                  permissions.contains(.memberRemove)
                    ? moreMenu(
                      "More for \(collaborator.name)", token: visit.token,
                      [
                        .action(
                          isOpen ? "Withdraw" : "End this access", to: "\(here)/\(collaborator.id)/removal", fields: ["back": here.adding("q", search).text],
                          isDanger: true)
                      ]) : HTML.empty)
              })
            pagination(
              shown: page.items.count, total: page.total, "outside collaborator",
              next: page.next.map { here.adding("q", search).adding("cursor", $0.description) })
          }
        }
      }
    }
  }

  private func ends(_ collaborator: Collaborator, _ now: Timestamp) -> HTML { collaborator.expires.map { relativeTime($0, now: now) } ?? "never" }
}

private func collaboratorCell(_ collaborator: Collaborator) -> HTML {
  personCell(
    id: collaborator.person?.account.description ?? collaborator.id.description, name: collaborator.name,
    detail: collaborator.person?.handle.text ?? "has no account yet, or hasn't answered")
}

func collaboratorState(_ collaborator: Collaborator, now: Timestamp) -> HTML {
  switch (collaborator.state(at: now), collaborator.answer) {
  case (.invited, .awaited(let end)): fragment { badge("invited", .accent); " "; small { "until \(relativeTime(end, now: now))" } }
  case (.invited, _): badge("invited", .accent)
  case (.expired, _): badge("not answered in time", .attention)
  case (.active, .accepted(let since)): fragment { badge("active", .good); " "; small { "since \(relativeTime(since, now: now))" } }
  case (.active, _): badge("active", .good)
  case (.ended, _): badge("ended", .attention)
  }
}

extension Collaborator {
  fileprivate var farewell: String {
    if case .awaited = answer { "The invitation of \(name) is withdrawn." } else { "\(name) has no access to \(app.name) any more." }
  }
}

extension Visit {
  /// Where the list of an app's outside collaborators stands.
  fileprivate var collaborators: String { "/\(parameter("organization"))/apps/\(parameter("app"))/collaborators" }
}

import Authorization
import Kernel
import Markup

extension Organizations {
  var pages: [PageRoute] {
    [
      .page("/") { visit async throws(Problem) in
        guard let viewer = try await plane.viewer(as: visit.caller) else { return .redirect(to: "/sign-in") }
        if viewer.organizations.count == 1, viewer.invitations.isEmpty, let only = viewer.organizations.first, try await barred(to: visit.caller)[only.id] == nil {
          return .redirect(to: "/\(only.slug)")
        }
        return .page(try await choicePage(viewer, visit))
      },
      .passage("/me/requests") { _ in "/me/organizations" },
      .form("/me/requests") { visit async throws(Problem) in try await ask(visit) },
      .page("/me/organizations") { visit async throws(Problem) in
        guard let viewer = try await plane.viewer(as: visit.caller) else { return .redirect(to: "/sign-in?next=/me/organizations") }
        return .page(try await choicePage(viewer, visit))
      },
      .page("/me/organizations/found") { visit async throws(Problem) in
        let page = try await list(all: false, search: visit.query("q"), PageRequest(limit: 50), by: visit.caller)
        return .page(
          ConsolePage("Your organizations", in: .plain) {
            plainHeader("Your organizations")
            placeList(page.items.map { ShellModel.Place($0, section: visit.query("section") ?? "") })
          })
      },
      .page("/organizations/new") { visit async throws(Problem) in
        guard try await plane.viewer(as: visit.caller) != nil else { return .redirect(to: "/sign-in?next=/organizations/new") }
        return .page(newPage(FormState("found"), visit))
      },
      .form("/organizations/new") { visit async throws(Problem) in
        do throws(Problem) {
          let email = try await plane.accounts.primaryEmail(of: visit.caller)?.text ?? ""
          let draft = try OrganizationDraft(name: visit.field("name"), slug: visit.field("slug"), description: "", billingEmail: email)
          let organization = try await found(draft, by: visit.caller)
          return .redirect(to: "/\(organization.slug)", flash: Flash(.good, "\(organization.name) is ready. You are its admin."))
        } catch {
          guard error.isMendable else { throw error }
          return .page(newPage(FormState("found", values: visit.typed, problem: error), visit, status: 422))
        }
      },
      .page("/{organization}") { visit async throws(Problem) in
        let (organization, permissions) = try await open(visit.parameter("organization"), by: visit.caller)
        let overview = try await overview(organization.id.description, by: visit.caller)
        let latest =
          permissions.contains(.eventList)
          ? try await plane.events.list(in: organization.id.description, EventFilter(), PageRequest(limit: 5), by: visit.caller).items : []
        let alerts = permissions.contains(.creditsRead) ? try await plane.alerts.banners(for: organization, by: visit.caller) : .empty
        return .page(overviewPage(organization, permissions, overview, latest, alerts))
      },
      .opened("/restore") { visit async throws(Problem) in
        .page(
          ConsolePage("Restore an organization", in: .plain) {
            plainHeader("Restore the organization", "It comes back with everything that was in it.")
            actionForm("/restore", token: visit.token, fields: ["token": visit.secret(of: "/restore")]) { submitButton("Restore") }
          })
      },
      .form("/restore") { visit async throws(Problem) in
        let organization = try await restore(link: visit.field("token"), from: visit.caller.origin)
        return .redirect(to: "/\(organization.slug)", flash: Flash(.good, "\(organization.name) is back."))
      },
    ]
  }

  private func choicePage(_ viewer: Viewer, _ visit: Visit, _ asking: FormState = FormState("ask"), status: Int = 200) async throws(Problem) -> ConsolePage {
    let search = visit.query("q")
    let page = try await list(all: false, search: search, visit.page, by: visit.caller)
    let barred = try await barred(to: visit.caller)
    let sent = try await plane.requests.own(PageRequest(limit: 20), by: visit.caller).items
    return ConsolePage("Your organizations", in: .personal(section: "organizations"), status: status) {
      pageHeader("Your organizations", actions: { linkButton("Create an organization", href: "/organizations/new", .primary) })
      if !viewer.invitations.isEmpty { invitationList(viewer.invitations, visit) }
      if viewer.organizations.isEmpty {
        emptyState("You belong to no organization yet", "Create one and invite the people you work with, or wait for somebody's invitation.") {
          linkButton("Create an organization", href: "/organizations/new")
        }
      } else {
        if viewer.organizationCount > 7 { filterBar("/me/organizations", search: search ?? "", placeholder: "Find an organization", replaces: "organizations") }
        div(.id("organizations"), .class("list")) { ownOrganizations(page, search, barred, visit) }
      }
      if !viewer.restorable.isEmpty { deletedSection(viewer.restorable, visit) }
      pageSection("Ask to join", "Some organizations take in people who ask. Their admins get your request, and answer it.") {
        plane.requests.sentSection(sent, visit)
        postForm("/me/requests", asking, token: visit.token) {
          textField(
            "Organization", "organization", in: asking, hint: "Its name in addresses.", prefix: "\(plane.settings.publicURL)/", .autocapitalize("none"),
            .spellcheck(false))
          textAreaField("Message", "message", in: asking, rows: 2, limit: 2000, optional: true)
          buttonRow { submitButton("Ask to join", .plain) }
        }
      }
    }
  }

  private func ownOrganizations(_ page: Page<Organization>, _ search: String?, _ barred: [ID<Organization>: Member.State], _ visit: Visit) -> HTML {
    let here = ("/me/organizations" as Link).adding("q", search)
    return fragment {
      if page.items.isEmpty {
        emptyState("Nothing fits", "No organization of yours has this in its name or address.") { linkButton("Show all", href: "/me/organizations") }
      } else {
        dataTable(
          "Your organizations", [Column("Organization"), Column("State"), Column("Members", .number), .actions],
          page.items.map { organizationRow($0, barred: barred[$0.id], visit) })
        if page.total > page.items.count {
          pagination(
            shown: page.items.count, total: page.total, "organization", first: visit.query("cursor") == nil ? nil : here,
            next: page.next.map { here.adding("cursor", $0.description) })
        }
      }
    }
  }

  /// Who is kept out for now sees why, and may leave; a link would only lead to a refusal.
  private func organizationRow(_ organization: Organization, barred: Member.State?, _ visit: Visit) -> TableRow {
    let leave = MenuItem.link("Leave", href: "/me/organizations/\(organization.slug)/departure")
    let state: HTML =
      switch (barred, organization.state.kind) {
      case (.suspended?, _): badge("you are suspended", .attention)
      case (.some, _): badge("your membership has expired", .attention)
      case (nil, .suspended): badge("suspended", .attention)
      case (nil, _): badge("active", .good)
      }
    return TableRow(
      div(.class("who")) {
        figure(of: organization, .medium)
        span {
          if barred == nil { a(href: "/\(organization.slug)") { bdi { organization.name.text } } } else { bdi { organization.name.text } }
          small { organization.slug.text }
        }
      }, state, HTML(grouped(organization.memberCount)),
      moreMenu("More for \(organization.name)", token: visit.token, barred == nil ? [.link("Open", href: "/\(organization.slug)"), .line, leave] : [leave]))
  }

  private func ask(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      _ = try await plane.requests.ask(visit.field("organization"), message: visit.field("message"), by: visit.caller)
      return .redirect(to: "/me/organizations", flash: Flash(.good, "Your request is on its way. You get in as soon as somebody lets you in."))
    } catch {
      let shown: Problem = error.kind == .missing ? .invalid("organization", error.detail) : error
      guard shown.isMendable, let viewer = try await plane.viewer(as: visit.caller) else { throw error }
      return .page(try await choicePage(viewer, visit, FormState("ask", values: visit.typed, problem: shown), status: 422))
    }
  }

  private func deletedSection(_ organizations: [Organization], _ visit: Visit) -> HTML {
    pageSection("Deleted", "You can bring these back until their day comes.", id: "deleted") {
      dataTable(
        "Deleted organizations", [Column("Organization"), Column("Goes for good on"), .actions],
        organizations.map { organization in
          var purge: HTML = .empty
          if case .deleted(_, let instant, _) = organization.state { purge = day(instant) }
          return TableRow(
            bdi { organization.name.text }, purge,
            actionForm("/me/organizations/\(organization.id)/restoration", token: visit.token) { submitButton("Restore", .plain, small: true) })
        })
    }
  }

  private func newPage(_ state: FormState, _ visit: Visit, status: Int = 200) -> ConsolePage {
    ConsolePage("Create an organization", in: .personal(section: "organizations"), status: status) {
      pageHeader("Create an organization", "You become its admin, and can hand that on later.")
      postForm("/organizations/new", state, token: visit.token) {
        textField("Name", "name", in: state, .autofocus, .maxlength(128))
        textField(
          "Name in addresses", "slug", in: state, hint: "Letters, digits and single hyphens. Left empty, it is made from the name.", optional: true,
          prefix: "\(plane.settings.publicURL)/", .maxlength(32))
        buttonRow {
          submitButton("Create organization")
          linkButton("Cancel", href: "/")
        }
      }
    }
  }

  private func overviewPage(
    _ organization: Organization, _ permissions: Set<Permission>, _ overview: OrganizationOverview, _ latest: [Event], _ alerts: HTML
  ) -> ConsolePage {
    let here: Link = "/\(organization.slug)"
    return ConsolePage(organization.name.text, in: .organization(OrganizationFrame(organization, permissions, section: "overview"))) {
      pageHeader(bdi { organization.name.text }, organization.description.isEmpty ? nil : HTML(organization.description.text))
      alerts
      if let steps = overview.firstSteps, !steps.isDone { firstSteps(steps, of: organization, permissions) }
      statRow(
        [Stat("Members", HTML(grouped(organization.memberCount)), href: permissions.contains(.memberList) ? "\(here)/members" : nil)]
          + (overview.openInvitations.map { [Stat("Open invitations", HTML(grouped($0)), href: "\(here)/members/invitations")] } ?? [])
          + (overview.openRequests.map { [Stat("Requests to join", HTML(grouped($0)), href: "\(here)/members/requests")] } ?? []))
      if !latest.isEmpty {
        pageSection("Lately") {
          timeline(latest.map { plane.events.line($0) }, now: plane.world.clock())
          p { a(href: "\(here)/audit") { "Everything that happened" } }
        }
      }
    }
  }

  private func firstSteps(_ steps: OrganizationOverview.FirstSteps, of organization: Organization, _ permissions: Set<Permission>) -> HTML {
    pageSection("First steps") {
      stepList(
        [
          Step("Create the organization", "It stands since \(day(organization.createdAt)).", isDone: true),
          Step(
            "Invite the people you work with", "They get a mail with a link, and the role you choose.", isDone: steps.hasInvited,
            action: linkButton("Invite people", href: "/\(organization.slug)/members/invitations/new", small: true)),
          Step(
            "Welcome the first one", "As soon as somebody accepts, they stand in the list of members.", isDone: steps.hasJoined,
            action: steps.hasInvited ? linkButton("See the invitations", href: "/\(organization.slug)/members/invitations", small: true) : nil),
          Step(
            "Make somebody else an admin too", "So that the organization never depends on one person.", isDone: steps.hasSecondAdmin,
            action: steps.hasJoined ? linkButton("Choose", href: "/\(organization.slug)/members", small: true) : nil),
        ]
          + (permissions.contains(.organizationUpdate)
            ? [
              Step(
                "Say what it is for", "One or two sentences for those who come.", isDone: steps.isDescribed,
                action: linkButton("Describe", href: "/\(organization.slug)/settings", small: true))
            ] : []))
    }
  }
}

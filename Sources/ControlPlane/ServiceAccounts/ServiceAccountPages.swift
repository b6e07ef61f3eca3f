import Authorization
import Kernel
import Markup

extension ServiceAccounts {
  var pages: [PageRoute] {
    [
      .page("/{organization}/members/service-accounts") { visit async throws(Problem) in .page(try await listPage(visit)) },
      .page("/{organization}/members/service-accounts/new") { visit async throws(Problem) in
        .page(try await newPage(FormState("service-account", ["roles": OrganizationRole.viewer.rawValue]), visit))
      },
      .form("/{organization}/members/service-accounts/new") { visit async throws(Problem) in try await create(visit) },
      .page("/{organization}/members/service-accounts/{service_account}") { visit async throws(Problem) in .page(try await accountPage(visit)) },
      .form("/{organization}/members/service-accounts/{service_account}") { visit async throws(Problem) in try await save(visit) },
      .form("/{organization}/members/service-accounts/{service_account}/disablement") { visit async throws(Problem) in
        try await flashing(to: visit.serviceAccount, orElse: visit.serviceAccounts) { () async throws(Problem) in
          let (account, reference) = (visit.parameter("service_account"), visit.parameter("organization"))
          if visit.field("lift") == "yes" { return "\(try await enable(account, in: reference, by: visit.caller).name) acts again." }
          return "\(try await disable(account, in: reference, by: visit.caller).name) is disabled: none of its keys opens anything."
        }
      },
      .page("/{organization}/members/service-accounts/{service_account}/deletion") { visit async throws(Problem) in
        .page(try await deletionPage(FormState("delete"), visit))
      },
      .form("/{organization}/members/service-accounts/{service_account}/deletion") { visit async throws(Problem) in try await delete(visit) },
    ] + ServiceAccountKeyPages(plane: plane).pages
  }

  // MARK: The list

  private func listPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let page = try await list(in: organization.id.description, visit.page, by: visit.caller)
    let counts = try await plane.members.counts(in: organization.id.description, by: visit.caller)
    let here: Link = "/\(organization.slug)/members/service-accounts"
    let now = plane.world.clock()
    return ConsolePage("Service accounts of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "members"))) {
      pageHeader("Members", actions: { if permissions.contains(.serviceAccountManage) { linkButton("New service account", href: "\(here)/new", .primary) } })
      memberTabs(organization, counts, current: "service-accounts")
      if page.items.isEmpty {
        emptyState(
          "No service accounts yet",
          permissions.contains(.serviceAccountManage)
            ? "Programs that act here for themselves stand here: give one the roles it needs, then make a key for it."
            : "Programs that act here for themselves stand here. An admin makes them.")
      } else {
        dataTable(
          "Service accounts", [Column("Service account"), Column("Role"), Column("State"), Column("Keys", .number), Column("Last used")],
          page.items.map { account in
            TableRow(
              personCell(id: account.id, name: account.name.text, detail: account.slug.text, href: "\(here)/\(account.slug)"), account.roleBadges,
              account.stateBadge, HTML("\(account.liveKeys)"), account.usedAt.map { relativeTime($0, now: now) } ?? "never")
          })
        pagination(shown: page.items.count, total: page.total, "service account", next: page.next.map { here.adding("cursor", $0.description) })
      }
    }
  }

  // MARK: A new one

  private func newPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let here: Link = "/\(organization.slug)/members/service-accounts"
    return ConsolePage(
      "New service account in \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "members")), status: status
    ) {
      serviceAccountCrumbs(organization)
      pageHeader("New service account", "A program that acts here for itself. It belongs to the organization, and stays when you leave.")
      if permissions.contains(.serviceAccountManage) {
        postForm("\(here)/new", state, token: visit.token) {
          textField("Name", "name", in: state, hint: "What it does, such as Nightly report.", .maxlength(128))
          textField(
            "Handle", "slug", in: state, hint: "What scripts call it, for good. Made from the name if you leave it empty.", optional: true, .maxlength(32),
            .autocapitalize("none"), .spellcheck(false))
          serviceAccountFields(state, of: organization, permissions)
          buttonRow {
            submitButton("Make the service account")
            linkButton("Cancel", href: here)
          }
        }
      } else {
        banner(.attention, "You can't do this.", "Only an admin of an active organization makes service accounts.")
      }
    }
  }

  private func create(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let draft = try ServiceAccountDraft(
        name: visit.field("name"), slug: visit.field("slug"), description: visit.field("description"), roles: visit.fields("roles"))
      let account = try await create(draft, in: visit.parameter("organization"), by: visit.caller)
      return .redirect(to: "\(visit.serviceAccounts)/\(account.slug)", flash: Flash(.good, "\(account.name) is there. Make a key for it now."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await newPage(FormState("service-account", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  // MARK: One of them

  /// The page of one, with a form that came back or a key that was made a moment ago.
  func accountPage(
    _ visit: Visit, returned: FormState? = nil, newKey: FormState = ServiceAccountKeyPages.beginning, fresh: NewServiceAccountKey? = nil, status: Int = 200
  ) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let account = try await find(visit.parameter("service_account"), in: organization.id.description, by: visit.caller)
    let keys = try await listKeys(of: account.id.description, in: organization.id.description, visit.page, by: visit.caller)
    let here: Link = "/\(organization.slug)/members/service-accounts/\(account.slug)"
    let now = plane.world.clock()
    let isReachable = permissions.contains(.serviceAccountManage) && account.roles.beyond(permissions).isEmpty
    let keyPages = ServiceAccountKeyPages(plane: plane)
    return ConsolePage(
      "\(account.name) in \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "members")), status: status,
      isShownOnce: fresh != nil
    ) {
      serviceAccountCrumbs(organization)
      pageHeader(bdi { account.name.text }, account.description.isEmpty ? nil : HTML(account.description.text)) {
      } badges: {
        account.stateBadge
      }
      if let fresh { keyPages.secret(fresh) }
      facts(account, of: organization, permissions, now: now)
      keyPages.list(keys, here, isReachable: isReachable, visit, now: now)
      if isReachable {
        keyPages.form(newKey, here, visit)
        pageSection("Name and roles") { changeForm(returned ?? beginning(account), account, of: organization, permissions, visit, here) }
        dangerZone(acts(on: account, visit, here))
      }
    }
  }

  private func facts(_ account: ServiceAccount, of organization: Organization, _ permissions: Set<Permission>, now: Timestamp) -> HTML {
    fragment {
      definitions([
        ("Handle", code { account.slug.text }), ("Roles", account.roleBadges), ("Made", relativeTime(account.createdAt, now: now)),
        ("Made by", bdi { account.creator.name.text }), ("Last used", account.usedAt.map { relativeTime($0, now: now) } ?? "never"),
      ])
      if permissions.contains(.eventList) {
        p { a(href: ("/\(organization.slug)/audit" as Link).adding("actor", account.id.description)) { "What \(account.name) did here" } }
      }
    }
  }

  private func beginning(_ account: ServiceAccount) -> FormState {
    let roles = account.roles.roles.map { ("roles", $0.rawValue) }
    return FormState("service-account", values: [("name", account.name.text), ("description", account.description.text)] + roles, problem: nil)
  }

  private func changeForm(
    _ state: FormState, _ account: ServiceAccount, of organization: Organization, _ permissions: Set<Permission>, _ visit: Visit, _ here: Link
  ) -> HTML {
    postForm(here, state, token: visit.token) {
      revisionField(account.revision, in: state)
      textField("Name", "name", in: state, .maxlength(128))
      serviceAccountFields(state, of: organization, permissions)
      buttonRow { submitButton("Save changes", .plain) }
    }
  }

  private func save(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let changes = ServiceAccountUpdate(name: visit.field("name"), description: visit.field("description"), roles: visit.fields("roles"))
      let account = try await update(
        visit.parameter("service_account"), changes, seen: Int(visit.field("revision")), in: visit.parameter("organization"), by: visit.caller)
      return .redirect(to: visit.serviceAccount, flash: Flash(.good, "\(account.name) is \(account.roles.holder)."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await accountPage(visit, returned: FormState("service-account", values: visit.typed, problem: error), status: 422))
    }
  }

  private func acts(on account: ServiceAccount, _ visit: Visit, _ here: Link) -> [DangerousAct] {
    let isActive = account.state.isActive
    return [
      DangerousAct(
        isActive ? "Disable \(account.name)" : "Enable \(account.name)",
        isActive ? "None of its keys opens anything until you enable it again; nothing is lost." : "Its keys open again what its roles allow.",
        action: actionForm("\(here)/disablement", token: visit.token, fields: ["lift": isActive ? "" : "yes"]) {
          submitButton(isActive ? "Disable" : "Enable", isActive ? .danger : .plain)
        }),
      DangerousAct(
        "Delete \(account.name)", "It ends with all its keys, at once and for good. What it did stays in the audit log, under its name.",
        action: linkButton("Delete", href: "\(here)/deletion", .danger)),
    ]
  }

  // MARK: Deleting

  private func deletionPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let account = try await find(visit.parameter("service_account"), in: organization.id.description, by: visit.caller)
    let here: Link = "/\(organization.slug)/members/service-accounts/\(account.slug)"
    return ConsolePage(
      "Delete \(account.name)", in: .organization(OrganizationFrame(organization, permissions, section: "members")), status: status
    ) {
      serviceAccountCrumbs(organization)
      pageHeader(HTML("Delete \(account.name)"))
      if permissions.contains(.serviceAccountManage) {
        consequences([
          account.liveKeys == 0
            ? "It has no key that holds" : "\(counted(account.liveKeys, "key")) \(account.liveKeys == 1 ? "stops" : "stop") working at once",
          "It can't be brought back; to stop it for a while, disable it instead", "What it did stays in the audit log, under its name",
        ])
        postForm("\(here)/deletion", state, token: visit.token) {
          confirmField("Type \(code { account.slug.text }) to show that you mean it", "confirm", expecting: account.slug.text, in: state)
          buttonRow {
            submitButton("Delete \(account.name)", .final)
            linkButton("Cancel", href: here)
          }
        }
      } else {
        banner(.attention, "You can't do this.", "Only an admin of an active organization deletes service accounts.")
      }
    }
  }

  private func delete(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let (account, reference) = (visit.parameter("service_account"), visit.parameter("organization"))
      let name = try await find(account, in: reference, by: visit.caller).name
      try await delete(account, confirm: visit.field("confirm"), in: reference, by: visit.caller)
      return .redirect(to: visit.serviceAccounts, flash: Flash(.attention, "\(name) is deleted, and none of its keys works any more."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await deletionPage(FormState("delete", values: visit.typed, problem: error), visit, status: 422))
    }
  }
}

/// What a new service account and a changed one are asked alike.
private func serviceAccountFields(_ state: FormState, of organization: Organization, _ permissions: Set<Permission>) -> HTML {
  fragment {
    textAreaField("Description", "description", in: state, rows: 2, limit: 2000, hint: "Who looks after it, and where it runs.", optional: true)
    checkGroup("Roles", "roles", in: state, grantable(by: permissions))
    p(.class("quiet-text")) {
      small {
        "\(rolesLink(of: organization)). Whatever its roles, it doesn't invite people or let them in, makes no service accounts and no keys, "
        "and can't suspend, hand over, take along or delete the organization: that is left to people."
      }
    }
  }
}

/// The way to a page about service accounts.
func serviceAccountCrumbs(_ organization: Organization) -> HTML {
  breadcrumb([("Members", "/\(organization.slug)/members"), ("Service accounts", "/\(organization.slug)/members/service-accounts")])
}

extension ServiceAccount {
  fileprivate var roleBadges: HTML { badgeRow { for role in roles.roles { badge(role.rawValue) } } }
  fileprivate var stateBadge: HTML { badge(state.word, state.isActive ? .good : .attention) }
}

extension Visit {
  /// Where the list of the organization's service accounts stands.
  var serviceAccounts: String { "/\(parameter("organization"))/members/service-accounts" }
  /// Where the page of the service account in the path stands.
  var serviceAccount: String { "\(serviceAccounts)/\(parameter("service_account"))" }
}

import Authorization
import Kernel
import Markup

/// The pages on which a role of an organization's own is made, looked at, changed and deleted.
struct RoleEditorPages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    [
      .page("/{organization}/roles/new") { visit async throws(Problem) in .page(try await newPage(nil, visit)) },
      .form("/{organization}/roles/new") { visit async throws(Problem) in try await create(visit) },
      .page("/{organization}/roles/{role}") { visit async throws(Problem) in .page(try await rolePage(nil, visit)) },
      .form("/{organization}/roles/{role}") { visit async throws(Problem) in try await save(visit) },
      .page("/{organization}/roles/{role}/deletion") { visit async throws(Problem) in .page(try await deletionPage(FormState("delete"), visit)) },
      .form("/{organization}/roles/{role}/deletion") { visit async throws(Problem) in try await delete(visit) },
    ]
  }

  private func frame(_ organization: Organization, _ permissions: Set<Permission>) -> ConsolePage.Frame {
    .organization(OrganizationFrame(organization, permissions, section: "roles"))
  }

  private static let cannot = banner(.attention, "You can't do this.", "Only admins of an active organization make roles, and others whose roles let them.")

  // MARK: A new one

  private func newPage(_ returned: FormState?, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let here: Link = "/\(organization.slug)/roles"
    let from = returned.map { "\($0.value("level")).\($0.value("base"))" } ?? visit.query("from") ?? ""
    let parts = from.split(separator: "." as Character, maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
    let isChosen = RoleScope(rawValue: parts[0]).map { RoleScope.defining.contains($0) } ?? false
    let palette = isChosen ? try await plane.roles.palette(at: parts[0], in: organization.id.description, by: visit.caller) : nil
    let defined = palette == nil ? try await plane.roles.listDefined(in: organization.id.description, PageRequest(limit: 200), by: visit.caller).items : []
    return ConsolePage("New role in \(organization.name)", in: frame(organization, permissions), status: status) {
      breadcrumb([("Roles", here)])
      pageHeader("New role", palette.map { HTML("Given on \($0.scope.place). Built-in roles stay as they are; this is a copy.") })
      if !permissions.contains(.roleManage) {
        Self.cannot
      } else if let palette {
        let state = returned ?? beginning(palette, parts.count > 1 ? parts[1] : "")
        postForm("\(here)/new", state, token: visit.token) {
          input(.hidden, name: "level", .value(palette.scope.rawValue))
          input(.hidden, name: "base", .value(state.value("base")))
          textField("Name", "name", in: state, hint: "What people call it, such as Auditor.", .maxlength(128))
          textField(
            "Handle", "slug", in: state, hint: "What scripts call it. Made from the name if you leave it empty.", optional: true, .maxlength(32),
            .autocapitalize("none"), .spellcheck(false))
          textAreaField("Description", "description", in: state, rows: 2, limit: 2000, hint: "Who is to have it.", optional: true)
          editor(palette, state)
          buttonRow {
            submitButton("Make the role")
            linkButton("Cancel", href: here)
          }
        }
      } else {
        chooser(defined, visit, here)
      }
    }
  }

  /// Which role to begin with.
  private func chooser(_ defined: [DefinedRole], _ visit: Visit, _ here: Link) -> HTML {
    let choices = RoleScope.defining.flatMap { scope in
      RolePalette.builtIn(at: scope).map { Choice("\(scope.rawValue).\($0.name)", "\(scope.rawValue).\($0.name): \($0.summary)") }
        + defined.filter { $0.scope == scope }.map { Choice($0.reference, "\($0.reference): \($0.name)") }
        + [Choice("\(scope.rawValue).", "\(scope.rawValue): nothing yet, on \(scope.place)")]
    }
    let state = FormState("from", ["from": "project.viewer"])
    return form(.get, action: "\(here)/new", .class("form")) {
      selectField("Begin with", "from", in: state, choices, hint: "Where a role is given is part of it: one of a project can't be given on a workspace.")
      buttonRow {
        submitButton("Go on")
        linkButton("Cancel", href: here)
      }
    }
  }

  private func beginning(_ palette: RolePalette, _ base: String) -> FormState {
    let content = palette.content(of: base)
    return FormState(
      "role",
      values: [("level", palette.scope.rawValue), ("base", base)] + (content?.names ?? []).map { ("rights", $0) }
        + (content?.ownNames ?? []).map { ("own_rights", $0) },
      problem: nil)
  }

  private func create(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let draft = try RoleDraft(
        level: visit.field("level"), base: visit.field("base"), name: visit.field("name"), slug: visit.field("slug"), description: visit.field("description"),
        rights: visit.fields("rights"), ownRights: visit.fields("own_rights"))
      let role = try await plane.roles.define(draft, in: visit.parameter("organization"), by: visit.caller)
      return .redirect(
        to: "\(visit.roles)/\(role.reference)", flash: Flash(.good, "The role \(role.name) is there. Give it on \(role.scope.place) to who needs it."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await newPage(FormState("role", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  // MARK: What it allows

  private func editor(_ palette: RolePalette, _ state: FormState) -> HTML {
    fragment {
      chosen("What it allows", "rights", palette, state)
      if palette.scope != .organization {
        fieldset(.class("field")) {
          legend { "On what its holder made" }
          if let fault = state.fault("own_rights") { p(.class("fault"), .id(state.control("own_rights"))) { fault } }
          choiceMatrix("own_rights", own(palette, state).map { Self.row($0, palette) }, in: state)
        }
      }
    }
  }

  private func chosen(_ title: String, _ name: String, _ palette: RolePalette, _ state: FormState) -> HTML {
    fieldset(.class("field")) {
      legend { title }
      if let fault = state.fault(name) { p(.class("fault"), .id(state.control(name))) { fault } }
      if palette.scope == .organization {
        choiceMatrix(
          "rights",
          Permission.groups.map { group in
            ChoiceRow(
              group.title,
              group.permissions.map { Choice($0.rawValue, $0.deed, disabled: !palette.permissions.contains($0)) })
          }, in: state, fixed: [Permission.organizationRead.rawValue])
      } else {
        rights(palette, state)
      }
    }
  }

  private func rights(_ palette: RolePalette, _ state: FormState) -> HTML {
    let seeing = [ResourceVerb.list, .read].map { Right(ResourceType(palette.scope.rawValue), $0).description }
    let offered = Set(palette.vocabulary.rights.map(\.description))
    let others = state.values("rights").filter { !offered.contains($0) && Right($0) != nil }
    func row(_ row: RoleVocabulary.Row) -> ChoiceRow { Self.row(row, palette) }
    let single = palette.vocabulary.objects.dropFirst().map(row)
    let isUsed = single.contains { row in row.choices.contains { state.values("rights").contains($0.value) } }
    return fragment {
      p(.class("hint")) { "Seeing \(palette.scope.place) belongs to every role on it. What you can't choose, you may not do yourself." }
      choiceMatrix("rights", palette.vocabulary.containers.map(row) + palette.vocabulary.objects.prefix(1).map(row), in: state, fixed: Set(seeing))
      details(.class("more-rights"), isUsed ? .open : .none) {
        summary { "By type of thing" }
        choiceMatrix("rights", single + (others.isEmpty ? [] : [ChoiceRow("Others", others.map { Choice($0, $0) })]), in: state)
      }
    }
  }

  private static func row(_ row: RoleVocabulary.Row, _ palette: RolePalette) -> ChoiceRow {
    ChoiceRow(
      row.target.title,
      row.rights.map { right in
        Choice(right.description, right.verb?.name.replacing("_", with: " ") ?? "everything", disabled: !palette.rights.allows(right))
      })
  }

  /// All things, and those types of which the role says something besides.
  private func own(_ palette: RolePalette, _ state: FormState) -> [RoleVocabulary.Row] {
    let named = Set(state.values("own_rights").compactMap { Right($0)?.target })
    return palette.vocabulary.objects.prefix(1) + palette.vocabulary.objects.dropFirst().filter { named.contains($0.target) }
  }

  // MARK: One of them

  private func rolePage(_ returned: FormState?, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let reference = organization.id.description
    let role = try await plane.roles.find(visit.parameter("role"), in: reference, by: visit.caller)
    let palette = try await plane.roles.palette(at: role.scope.rawValue, in: reference, by: visit.caller)
    let holders = permissions.contains(.memberList) ? try await plane.roles.holders(of: role.id.description, in: reference, visit.page, by: visit.caller) : nil
    let (here, now): (Link, Timestamp) = ("/\(organization.slug)/roles/\(role.reference)", plane.world.clock())
    return ConsolePage("\(role.name) in \(organization.name)", in: frame(organization, permissions), status: status) {
      breadcrumb([("Roles", "/\(organization.slug)/roles")])
      pageHeader(bdi { role.name.text }, role.description.isEmpty ? nil : HTML(role.description.text)) {
      } badges: {
        code { role.reference }
      }
      definitions([
        ("Given on", HTML(role.scope.place)), ("Copied from", role.base.isEmpty ? "nothing" : HTML(role.base)), ("Version", HTML("\(role.revision)")),
        ("Made", relativeTime(role.createdAt, now: now)),
      ])
      if let holders { pageSection("Who holds it") { holderTable(holders, role, organization, here, now) } }
      if permissions.contains(.roleManage) {
        pageSection("What it is called and allows", "A change counts at once for everybody who holds it.") {
          let state = returned ?? values(of: role)
          postForm(here, state, token: visit.token) {
            revisionField(role.revision, in: state)
            textField("Name", "name", in: state, .maxlength(128))
            textField(
              "Handle", "slug", in: state, hint: "Scripts that name the present one stop working when you change it.", .maxlength(32),
              .autocapitalize("none"), .spellcheck(false))
            textAreaField("Description", "description", in: state, rows: 2, limit: 2000, optional: true)
            editor(palette, state)
            buttonRow { submitButton("Save changes") }
          }
        }
        dangerZone([
          DangerousAct("Delete \(role.name)", "Only while nobody holds it.", action: linkButton("Delete", href: "\(here)/deletion", .danger))
        ])
      } else {
        pageSection("What it allows") { ul { for name in role.content.names { li { code { name } } } } }
        if !role.content.ownNames.isEmpty { pageSection("On what its holder made") { ul { for name in role.content.ownNames { li { code { name } } } } } }
      }
    }
  }

  private func holderTable(_ page: Page<RoleHolder>, _ role: DefinedRole, _ organization: Organization, _ here: Link, _ now: Timestamp) -> HTML {
    fragment {
      if page.items.isEmpty {
        emptyState(
          "Nobody holds it",
          role.scope == .organization ? "Give it under Roles, Who holds more." : "Give it on the page of \(role.scope.place), under People with access.")
      } else {
        dataTable(
          "Holders of \(role.name)", [Column("Name"), Column("On"), Column("Ends")],
          page.items.map { holder in
            TableRow(
              personCell(id: holder.id, name: holder.name, detail: holder.handle ?? holder.kind.replacing("-", with: " ")),
              HTML(holder.place ?? "the organization"), holder.expires.map { $0 > now ? relativeTime($0, now: now) : badge("ended", .attention) } ?? "never")
          })
        pagination(shown: page.items.count, total: page.total, "holder", next: page.next.map { here.adding("cursor", $0.description) })
      }
    }
  }

  private func values(of role: DefinedRole) -> FormState {
    FormState(
      "role",
      values: [
        ("name", role.name.text), ("slug", role.slug.text), ("description", role.description.text), ("revision", String(role.revision)),
      ] + role.content.names.map { ("rights", $0) } + role.content.ownNames.map { ("own_rights", $0) }, problem: nil)
  }

  private func save(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let update = RoleUpdate(
        name: visit.field("name"), slug: visit.field("slug"), description: visit.field("description"), rights: visit.fields("rights"),
        ownRights: visit.fields("own_rights"))
      let role = try await plane.roles.update(
        visit.parameter("role"), update, seen: Int(visit.field("revision")), in: visit.parameter("organization"), by: visit.caller)
      return .redirect(to: "\(visit.roles)/\(role.reference)", flash: Flash(.good, "\(role.name) is saved, and counts so from now on."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await rolePage(FormState("role", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  // MARK: Deleting

  private func deletionPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let role = try await plane.roles.find(visit.parameter("role"), in: organization.id.description, by: visit.caller)
    let here: Link = "/\(organization.slug)/roles/\(role.reference)"
    return ConsolePage("Delete \(role.name)", in: frame(organization, permissions), status: status) {
      breadcrumb([("Roles", "/\(organization.slug)/roles"), (role.name.text, here)])
      pageHeader(HTML("Delete the role \(role.name)"))
      if permissions.contains(.roleManage) {
        consequences([
          role.holders == 0 ? "Nobody holds it" : "\(counted(role.holders, "holder")) must give it up first",
          "It can't be brought back, and its handle is free again",
          "Former members who are reinstated don't get it back", "What it allowed stays in the audit log, version by version",
        ])
        postForm("\(here)/deletion", state, token: visit.token) {
          confirmField("Type \(code { role.slug.text }) to show that you mean it", "confirm", expecting: role.slug.text, in: state)
          buttonRow {
            submitButton("Delete \(role.name)", .final)
            linkButton("Cancel", href: here)
          }
        }
      } else {
        Self.cannot
      }
    }
  }

  private func delete(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let (role, reference) = (visit.parameter("role"), visit.parameter("organization"))
      let name = try await plane.roles.find(role, in: reference, by: visit.caller).name
      try await plane.roles.delete(role, confirm: visit.field("confirm"), in: reference, by: visit.caller)
      return .redirect(to: visit.roles, flash: Flash(.attention, "The role \(name) is deleted."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await deletionPage(FormState("delete", values: visit.typed, problem: error), visit, status: 422))
    }
  }
}

extension Visit {
  /// Where the page of the organization's roles stands.
  var roles: String { "/\(parameter("organization"))/roles" }
}

extension Right.Target {
  /// For the head of a row: `Model version`.
  fileprivate var title: String {
    switch self {
    case .everything: return "Everything"
    case .objects: return "All things"
    case .type(let type):
      let noun = type.noun
      return noun.prefix(1).uppercased() + noun.dropFirst()
    }
  }
}

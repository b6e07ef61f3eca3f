import Authorization
import Contract
import Kernel
import Markup

/// The pages on which an organization as a whole is changed, handed over, left or ended.
struct OrganizationSettingsPages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    [
      .page("/{organization}/settings") { visit async throws(Problem) in .page(try await settingsPage(nil, visit)) },
      .form("/{organization}/settings") { visit async throws(Problem) in try await save(visit) },
      .form("/{organization}/settings/values/{setting}") { visit async throws(Problem) in try await decide(visit) },
      .passage("/{organization}/settings/values/{setting}") { "/\($0.parameter("organization"))/settings" },
      .page("/{organization}/settings/transfer") { visit async throws(Problem) in
        .page(try await transferPage(FormState("transfer", ["step_down_to": "manager"]), visit))
      },
      .form("/{organization}/settings/transfer") { visit async throws(Problem) in try await transfer(visit) },
      .page("/{organization}/settings/suspension") { visit async throws(Problem) in .page(try await suspensionPage(FormState("suspend"), visit)) },
      .form("/{organization}/settings/suspension") { visit async throws(Problem) in try await suspend(visit) },
      .form("/{organization}/settings/resumption") { visit async throws(Problem) in
        let reference = visit.parameter("organization")
        return try await flashing(to: "/\(reference)/settings") { () async throws(Problem) in
          "\(try await plane.organizations.resume(reference, by: visit.caller).name) works again."
        }
      },
      .page("/me/organizations/{organization}/departure") { visit async throws(Problem) in .page(try await departurePage(visit)) },
      .form("/me/organizations/{organization}/departure") { visit async throws(Problem) in try await leave(visit) },
      .page("/{organization}/settings/deletion") { visit async throws(Problem) in .page(try await deletionPage(FormState("delete"), visit)) },
      .form("/{organization}/settings/deletion") { visit async throws(Problem) in try await delete(visit) },
      .form("/me/organizations/{organization}/restoration") { visit async throws(Problem) in
        do throws(Problem) {
          let organization = try await plane.organizations.restore(visit.parameter("organization"), by: visit.caller)
          return .redirect(to: "/\(organization.slug)", flash: Flash(.good, "\(organization.name) is back, with everything that was in it."))
        } catch {
          guard error.isMendable else { throw error }
          return .redirect(to: "/me/organizations", flash: Flash(.danger, error.detail))
        }
      },
    ]
  }

  // MARK: General

  private func settingsPage(
    _ returned: FormState?, _ visit: Visit, setting: (name: String, state: FormState)? = nil, status: Int = 200
  ) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let options = try await plane.organizations.options(organization.id.description, by: visit.caller)
    let entries = try await plane.organizationSettings.inForce(in: organization.id.description, by: visit.caller).entries
    let state =
      returned
      ?? FormState(
        "general",
        [
          "name": organization.name.text, "slug": organization.slug.text, "description": organization.description.text,
          "billing_email": organization.billingEmail.text,
        ])
    return ConsolePage("Settings of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "settings")), status: status)
    {
      pageHeader("Settings")
      if options.update == .possible { generalForm(state, organization, visit) } else { facts(of: organization) }
      if options.update == .possible {
        pageSection("Logo", "It stands beside the name, instead of the seal.") {
          pictureForm(
            "/\(organization.slug)/settings/logo", FormState("logo"), figure: figure(of: organization, .huge), hasPicture: organization.logo != nil,
            token: visit.token)
        }
      }
      if options.update == .possible {
        organizationSettingsSection(entries, of: organization, returned: setting, token: visit.token)
      } else {
        organizationSettingsFacts(entries)
      }
      let acts = dangerousActs(on: organization, options)
      if !acts.isEmpty { dangerZone(acts) }
    }
  }

  private func generalForm(_ state: FormState, _ organization: Organization, _ visit: Visit) -> HTML {
    postForm("/\(organization.slug)/settings", state, token: visit.token) {
      revisionField(organization.revision, in: state)
      textField("Name", "name", in: state, .maxlength(128))
      textField(
        "Name in addresses", "slug", in: state, hint: "Links to the old name lead on to the new one for ever, and nobody else can take it.",
        prefix: "\(plane.settings.publicURL)/",
        .maxlength(32), .autocapitalize("none"), .spellcheck(false))
      textAreaField("Description", "description", in: state, rows: 3, limit: 2000, hint: "One or two sentences. They stand on the overview.", optional: true)
      textField("Billing address", "billing_email", in: state, type: .email, hint: "Where invoices and warnings about money go.", .autocomplete("email"))
      buttonRow { submitButton("Save changes") }
    }
  }

  private func facts(of organization: Organization) -> HTML {
    definitions([
      ("Name", bdi { organization.name.text }), ("Address", code { "\(plane.settings.publicURL)/\(organization.slug)" }),
      ("Created", day(organization.createdAt)),
    ])
  }

  private func save(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let reference = visit.parameter("organization")
    do throws(Problem) {
      let before = try await plane.organizations.find(reference, by: visit.caller)
      let update = OrganizationUpdate(
        name: visit.field("name"), slug: visit.field("slug"), description: visit.field("description"), billingEmail: visit.field("billing_email"))
      let after = try await plane.organizations.update(reference, update, seen: Int(visit.field("revision")), by: visit.caller)
      let moved = before.slug == after.slug ? "" : " Links to /\(before.slug) lead to /\(after.slug) now."
      return .redirect(to: "/\(after.slug)/settings", flash: Flash(.good, "Your changes are saved.\(moved)"))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await settingsPage(FormState("general", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  /// Saves one setting of its own, or lets it follow the installation again.
  private func decide(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (reference, name) = (visit.parameter("organization"), visit.parameter("setting"))
    do throws(Problem) {
      if visit.field("act") == "reset" {
        _ = try await plane.organizationSettings.reset(name, in: reference, by: visit.caller)
        return .redirect(to: "/\(reference)/settings", flash: Flash(.good, "What the installation says holds again."))
      }
      _ = try await plane.organizationSettings.set(name, to: visit.field("value"), in: reference, by: visit.caller)
      return .redirect(to: "/\(reference)/settings", flash: Flash(.good, "Your change is saved, and holds from now on."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await settingsPage(nil, visit, setting: (name, FormState("setting-\(name)", values: visit.typed, problem: error)), status: 422))
    }
  }

  // MARK: The danger zone

  private func dangerousActs(on organization: Organization, _ options: OrganizationOptions) -> [DangerousAct] {
    let here: Link = "/\(organization.slug)/settings"
    let name = organization.name.text
    func link(_ label: String, _ path: String, isDanger: Bool = true) -> HTML { linkButton(label, href: "\(here)/\(path)", isDanger ? .danger : .plain) }
    var acts: [DangerousAct] = []
    if options.leave != .impossible {
      acts.append(
        DangerousAct(
          "Leave \(name)", "You lose access at once. Who may invite can let you in again.",
          action: linkButton("Leave", href: "/me/organizations/\(organization.slug)/departure", .danger)))
    }
    if options.transfer != .impossible {
      acts.append(DangerousAct("Hand \(name) over", "Another member becomes admin, and you step down.", action: link("Hand over", "transfer", isDanger: false)))
    }
    if options.suspend != .impossible {
      acts.append(
        DangerousAct("Suspend \(name)", "Everything can be read and nothing changed, until you let it work again.", action: link("Suspend", "suspension")))
    }
    if options.resume != .impossible {
      acts.append(DangerousAct("Let \(name) work again", "Members can change things again.", action: link("Let it work again", "suspension", isDanger: false)))
    }
    if options.export != .impossible {
      acts.append(
        DangerousAct(
          "Take \(name) along", "Everything of it as one file, which another installation can take in.",
          action: link("Take along", "archive", isDanger: false)))
    }
    if options.delete != .impossible {
      acts.append(
        DangerousAct(
          "Delete \(name) and its \(counted(organization.memberCount, "membership"))",
          "Hidden at once, restorable for \(plane.settings.deletionGrace.wholeDays) days, then gone for good.",
          action: link("Delete", "deletion")))
    }
    return acts
  }

  /// A page about one dangerous act: what it is called, what it brings about, the form that does it.
  private func actPage(
    _ title: String, _ organization: Organization, _ permissions: Set<Permission>, status: Int = 200, _ text: HTML? = nil, _ lines: [HTML],
    @HTMLBuilder form: () -> HTML
  ) -> ConsolePage {
    let content = form()
    return ConsolePage(title, in: .organization(OrganizationFrame(organization, permissions, section: "settings")), status: status) {
      breadcrumb([("Settings", "/\(organization.slug)/settings")])
      pageHeader(HTML(title), text)
      if !lines.isEmpty { consequences(lines) }
      content
    }
  }

  // MARK: Handing over

  private func transferPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let options = try await plane.organizations.options(organization.id.description, by: visit.caller)
    let heirs = try await plane.members.list(in: organization.id.description, MemberFilter(state: .active), .first, by: visit.caller).items
    let viewer = try await plane.viewer(as: visit.caller)
    return actPage(
      "Hand \(organization.name) over", organization, permissions, status: status,
      nil,
      options.transfer == .impossible ? [] : [
        "The other person becomes an admin, with everything an admin may do", "You keep the role that you choose here, and can't take this back yourself",
        "Both of it happens at once, and stands in the audit log",
      ]
    ) {
      if options.transfer == .impossible {
        notOffered("Only an admin of an active organization can hand it over.")
      } else {
        postForm("/\(organization.slug)/settings/transfer", state, token: visit.token) {
          textField("Who takes over", "member", in: state, hint: "The handle or address of a member.", .autocomplete("off"), .list("heirs"))
          datalist(id: "heirs") { for heir in heirs where heir.account != viewer?.id { option(value: heir.handle.text) { heir.name.text } } }
          selectField(
            "Your role afterwards", "step_down_to", in: state, OrganizationRole.allCases.filter { $0 != .admin }.map { Choice($0.rawValue, $0.rawValue) })
          passwordAgain(options.transfer, state)
          buttonRow {
            submitButton("Hand \(organization.name) over", .final)
            linkButton("Cancel", href: "/\(organization.slug)/settings")
          }
        }
      }
    }
  }

  private func transfer(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let reference = visit.parameter("organization")
    do throws(Problem) {
      guard let role = OrganizationRole(rawValue: visit.field("step_down_to")) else { throw Problem.invalid("step_down_to", "Choose the role that you keep.") }
      let heir = try await plane.members.named(visit.field("member"), field: "member", in: reference, by: visit.caller)
      try await plane.sessions.confirm(visit)
      let organization = try await plane.organizations.transfer(reference, to: heir.id, steppingDownTo: role, by: visit.caller)
      return .redirect(to: "/\(organization.slug)", flash: Flash(.good, "\(heir.name) is an admin of \(organization.name) now, and you are \(role.holder)."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await transferPage(FormState("transfer", values: visit.typed, problem: error.atPassword), visit, status: 422))
    }
  }

  // MARK: Suspending

  private func suspensionPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let options = try await plane.organizations.options(organization.id.description, by: visit.caller)
    if case .suspended(let suspension) = organization.state {
      return actPage("Let \(organization.name) work again", organization, permissions, status: status, nil, []) {
        definitions([
          ("Suspended", relativeTime(suspension.since, now: plane.world.clock())),
          ("Because", suspension.reason.isEmpty ? "No reason was given" : HTML(suspension.reason.text)),
        ])
        if options.resume == .impossible {
          notOffered(suspension.isByOperator ? "An operator of this installation suspended it. Ask them." : "Ask an admin of the organization.")
        } else {
          actionForm("/\(organization.slug)/settings/resumption", token: visit.token) { submitButton("Let \(organization.name) work again") }
        }
      }
    }
    return actPage(
      "Suspend \(organization.name)", organization, permissions, status: status,
      nil,
      options.suspend == .impossible ? [] : [
        "\(counted(organization.memberCount, "member")) can read everything and change nothing", "Nobody can join: invitations wait until it works again",
        "Any admin can let it work again, at any time",
      ]
    ) {
      if options.suspend == .impossible {
        notOffered("Only an admin can suspend an organization.")
      } else {
        postForm("/\(organization.slug)/settings/suspension", state, token: visit.token) {
          textAreaField("Reason", "reason", in: state, rows: 2, limit: 2000, hint: "Members read it on every page.", optional: true)
          buttonRow {
            submitButton("Suspend \(organization.name)", .final)
            linkButton("Cancel", href: "/\(organization.slug)/settings")
          }
        }
      }
    }
  }

  private func suspend(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let reference = visit.parameter("organization")
    do throws(Problem) {
      let organization = try await plane.organizations.suspend(reference, because: visit.field("reason"), by: visit.caller)
      return .redirect(to: "/\(organization.slug)/settings", flash: Flash(.attention, "\(organization.name) is suspended."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await suspensionPage(FormState("suspend", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  // MARK: Leaving

  /// Stands in the personal area: who is suspended doesn't see the organization's own pages, and may leave all the same.
  private func departurePage(_ visit: Visit, refusal: Problem? = nil) async throws(Problem) -> ConsolePage {
    let (organization, leaving) = try await plane.members.leaving(visit.parameter("organization"), by: visit.caller)
    let name = organization.name.text
    return ConsolePage("Leave \(name)", in: .personal(section: "organizations"), status: refusal == nil ? 200 : 422) {
      breadcrumb([("Your organizations", "/me/organizations")])
      pageHeader(HTML("Leave \(name)"))
      consequences([
        "You lose access at once, in the browser and through the API", "Your access tokens that are bound to it stop working",
        "What you made stays, under your name",
      ])
      if leaving == .lastAdmin {
        banner(.attention, "You are its only admin.", "Make somebody else an admin first, or hand it over.") {
          linkButton("Hand it over", href: "/\(organization.slug)/settings/transfer", small: true)
        }
      } else {
        postForm("/me/organizations/\(organization.slug)/departure", FormState("leave", values: [], problem: refusal), token: visit.token) {
          buttonRow {
            submitButton("Leave \(name)", .final)
            linkButton("Cancel", href: "/me/organizations")
          }
        }
      }
    }
  }

  private func leave(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let reference = visit.parameter("organization")
    let name = try await plane.members.leaving(reference, by: visit.caller).organization.name
    do throws(Problem) {
      try await plane.members.leave(reference, by: visit.caller)
      return .redirect(to: "/me/organizations", flash: Flash(.good, "You left \(name)."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await departurePage(visit, refusal: error))
    }
  }

  // MARK: Deleting

  private func deletionPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let options = try await plane.organizations.options(organization.id.description, by: visit.caller)
    guard options.delete != .impossible else {
      return actPage("Delete \(organization.name)", organization, permissions, status: status, nil, []) { notOffered("Only an admin can delete an organization.") }
    }
    let found = try await plane.organizations.consequencesOfDeletion(organization.id.description, by: visit.caller)
    let days = plane.settings.deletionGrace.wholeDays
    let lines: [HTML] = [
      "It is hidden at once: \(counted(found.members, "member")) \(found.members == 1 ? "loses" : "lose") access, tokens bound to it stop working",
      found.openInvitations == 0 ? "No invitation is open" : "\(counted(found.openInvitations, "open invitation")) can't be accepted any more",
      "Every admin gets a mail that says who deleted it, when and from where, with a link that restores it",
      "Until \(day(found.restorableUntil)) it can be restored with everything in it; after that it is gone for good",
      "The name \(code { organization.slug.text }) stays reserved",
    ]
    return actPage("Delete \(organization.name)", organization, permissions, status: status, nil, lines) {
      postForm("/\(organization.slug)/settings/deletion", state, token: visit.token) {
        confirmField("Type \(code { organization.slug.text }) to show that you mean it", "confirm", expecting: organization.slug.text, in: state)
        passwordAgain(options.delete, state)
        buttonRow {
          submitButton("Delete \(organization.name) for \(days) days, then for good", .final)
          linkButton("Cancel", href: "/\(organization.slug)/settings")
        }
      }
    }
  }

  private func delete(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      try await plane.sessions.confirm(visit)
      let organization = try await plane.organizations.delete(visit.parameter("organization"), confirm: visit.field("confirm"), by: visit.caller)
      return .redirect(
        to: "/me/organizations",
        flash: Flash(.attention, "\(organization.name) is deleted. You can restore it here for \(plane.settings.deletionGrace.wholeDays) days."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await deletionPage(FormState("delete", values: visit.typed, problem: error.atPassword), visit, status: 422))
    }
  }

  private func notOffered(_ text: HTML) -> HTML { banner(.attention, "You can't do this.", text) }
}

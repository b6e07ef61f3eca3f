import Authorization
import Kernel
import Markup

/// The pages on which an app is changed, copied, handed over and deleted.
struct AppSettingsPages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    [
      .page("/{organization}/apps/{app}/settings") { visit async throws(Problem) in .page(try await settingsPage(nil, visit)) },
      .form("/{organization}/apps/{app}/settings") { visit async throws(Problem) in try await save(visit) },
      .form("/{organization}/apps/{app}/image") { visit async throws(Problem) in try await setImage(visit) },
      .passage("/{organization}/apps/{app}/image") { "\($0.app)/settings" },
      .form("/{organization}/apps/{app}/duplicates") { visit async throws(Problem) in try await duplicate(visit) },
      .passage("/{organization}/apps/{app}/duplicates") { "\($0.app)/settings" },
      .form("/{organization}/apps/{app}/transfer") { visit async throws(Problem) in
        try await telling(at: "\(visit.app)/settings") { () async throws(Problem) in
          let app = try await plane.apps.transfer(visit.parameter("app"), in: visit.parameter("organization"), by: visit.caller)
          return Flash(.good, "The organization owns \(app.resource.name) now.")
        }
      },
      .passage("/{organization}/apps/{app}/transfer") { "\($0.app)/settings" },
      .page("/{organization}/apps/{app}/deletion") { visit async throws(Problem) in .page(try await deletionPage(FormState("delete"), visit)) },
      .form("/{organization}/apps/{app}/deletion") { visit async throws(Problem) in try await delete(visit) },
    ]
  }

  private func settingsPage(_ returned: FormState?, copying: FormState? = nil, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let (app, _, options) = try await plane.apps.open(visit.parameter("app"), in: organization.id.description, by: visit.caller)
    let here: Link = "/\(organization.slug)/apps/\(app.resource.slug)"
    let state = returned ?? FormState(
      "app",
      [
        "name": app.resource.name.text, "slug": app.resource.slug.text, "description": app.resource.description.text, "notes": app.notes.text,
        "visibility": app.resource.visibility.rawValue, "is_template": app.isTemplate ? "yes" : "", "revision": String(app.resource.revision),
      ])
    return ConsolePage(
      "Settings of \(app.resource.name)", in: .organization(OrganizationFrame(organization, permissions, section: "apps")), status: status
    ) {
      appHead(app, in: organization.slug.text, options, current: "settings")
      if options.canChange {
        pageSection("Name and description") {
          postForm("\(here)/settings", state, token: visit.token) {
            revisionField(app.resource.revision, in: state)
            textField("Name", "name", in: state, .maxlength(128))
            textField(
              "Handle", "slug", in: state, hint: "Scripts and addresses with the present one stop working when you change it.", .maxlength(32),
              .autocapitalize("none"), .spellcheck(false))
            textAreaField("Description", "description", in: state, rows: 2, limit: 2000, hint: "What it is for.", optional: true)
            appFields(state)
            buttonRow { submitButton("Save changes", .plain) }
          }
        }
        attributesLink(app.resource, in: organization)
        pageSection("Picture") {
          pictureForm(
            "\(here)/image", FormState("picture"), figure: app.image.map { picture(Image.link($0), .huge, .logo) } ?? seal(of: app.id, .huge),
            hasPicture: app.image != nil, token: visit.token)
        }
      } else {
        banner(.attention, "You can't do this.", "Only who has full access to the app, and admins and contributors of an active organization, change it.")
      }
      if permissions.contains(.appCreate) { copySection(copying ?? FormState("copy"), here, visit) }
      if options.canDelete { dangerZone(acts(on: app, options, organization, visit, here)) }
    }
  }

  private func copySection(_ state: FormState, _ here: Link, _ visit: Visit) -> HTML {
    pageSection("A copy", "Its description, notes and picture are copied; who has access and what is in it aren't.") {
      postForm("\(here)/duplicates", state, token: visit.token) {
        onceField(visit)
        textField("Name of the copy", "name", in: state, .maxlength(128))
        textField(
          "Handle of the copy", "slug", in: state, hint: "Made from the name if you leave it empty.", optional: true, .maxlength(32), .autocapitalize("none"),
          .spellcheck(false))
        buttonRow { submitButton("Make a copy", .plain) }
      }
    }
  }

  private func acts(on app: App, _ options: AppOptions, _ organization: Organization, _ visit: Visit, _ here: Link) -> [DangerousAct] {
    var acts: [DangerousAct] = []
    if options.canTransfer {
      acts.append(
        DangerousAct(
          "Let \(organization.name) own it", "It is \(app.ownerName?.text ?? "a member")'s now. Who has access keeps it. It can't be taken back.",
          action: actionForm("\(here)/transfer", token: visit.token) { submitButton("Hand it over", .danger) }))
    }
    acts.append(
      DangerousAct(
        "Move \(app.resource.name) to another organization", "With all that is in it, for who is an admin of both.",
        action: linkButton("Move", href: "\(here)/move")))
    acts.append(
      DangerousAct(
        "Delete \(app.resource.name)", "It ends with all access to it, at once and for good.",
        action: linkButton("Delete", href: "\(here)/deletion", .danger)))
    return acts
  }

  private func save(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      var changes = visit.appDetails
      changes.resource = ResourceUpdate(name: visit.field("name"), slug: visit.field("slug"), description: visit.field("description"))
      let saved = try await plane.apps.update(
        visit.parameter("app"), changes, seen: Int(visit.field("revision")), in: visit.parameter("organization"), by: visit.caller)
      return .redirect(
        to: "/\(visit.parameter("organization"))/apps/\(saved.resource.slug)/settings", flash: Flash(.good, "\(saved.resource.name) is saved."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await settingsPage(FormState("app", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  private func setImage(_ visit: Visit) async throws(Problem) -> PageAnswer {
    try await telling(at: "\(visit.app)/settings") { () async throws(Problem) in
      var image: Image?
      if visit.field("remove").isEmpty {
        let bytes = visit.file("picture")?.bytes ?? []
        image = try Problem.checking("picture") { () throws(Rejection) in try Image(bytes) }
      }
      _ = try await plane.apps.setImage(image, of: visit.parameter("app"), in: visit.parameter("organization"), by: visit.caller)
      return Flash(.good, image == nil ? "The picture is removed." : "The new picture is in use.")
    }
  }

  private func duplicate(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let copy = AppCopy(try ResourceDraft(name: visit.field("name"), slug: visit.field("slug")))
      let made = try await plane.apps.duplicate(visit.parameter("app"), copy, in: visit.parameter("organization"), by: visit.caller)
      return .redirect(
        to: "/\(visit.parameter("organization"))/apps/\(made.resource.slug)", flash: Flash(.good, "This is the copy. It is private until you open it."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await settingsPage(nil, copying: FormState("copy", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  // MARK: Deleting

  private func deletionPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let (app, _, options) = try await plane.apps.open(visit.parameter("app"), in: organization.id.description, by: visit.caller)
    let (here, name): (Link, DisplayName) = ("/\(organization.slug)/apps/\(app.resource.slug)", app.resource.name)
    return ConsolePage("Delete \(name)", in: .organization(OrganizationFrame(organization, permissions, section: "apps")), status: status) {
      breadcrumb([("Apps", "/\(organization.slug)/apps"), (name.text, here)])
      pageHeader(HTML("Delete \(name)"))
      if options.canDelete {
        consequences([
          "Everybody's access to it ends at once", "It can't be brought back, and its handle is free again",
          "What was done with it stays in the audit log, under its name",
        ])
        postForm("\(here)/deletion", state, token: visit.token) {
          confirmField("Type \(code { app.resource.slug.text }) to show that you mean it", "confirm", expecting: app.resource.slug.text, in: state)
          buttonRow {
            submitButton("Delete \(name)", .final)
            linkButton("Cancel", href: "\(here)/settings")
          }
        }
      } else {
        banner(.attention, "You can't do this.", "Only who has full access to the app, and admins and contributors of an active organization, delete it.")
      }
    }
  }

  private func delete(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let (app, reference) = (visit.parameter("app"), visit.parameter("organization"))
      let name = try await plane.apps.find(app, in: reference, by: visit.caller).resource.name
      try await plane.apps.delete(app, confirm: visit.field("confirm"), in: reference, by: visit.caller)
      return .redirect(to: "/\(reference)/apps", flash: Flash(.attention, "\(name) is deleted, with all access to it."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await deletionPage(FormState("delete", values: visit.typed, problem: error), visit, status: 422))
    }
  }
}

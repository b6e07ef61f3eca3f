import Authorization
import Kernel
import Markup

/// The pages on which a workspace is changed, deactivated and deleted.
struct WorkspaceSettingsPages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    [
      .page("/{organization}/workspaces/{workspace}/settings") { visit async throws(Problem) in .page(try await settingsPage(nil, visit)) },
      .form("/{organization}/workspaces/{workspace}/settings") { visit async throws(Problem) in try await save(visit) },
      .form("/{organization}/workspaces/{workspace}/enrollment-key") { visit async throws(Problem) in
        let fresh = try await plane.workspaces.renewKey(of: visit.parameter("workspace"), in: visit.parameter("organization"), by: visit.caller)
        return .page(try await plane.workspaces.overviewPage(visit, fresh: fresh))
      },
      .passage("/{organization}/workspaces/{workspace}/enrollment-key") { "\($0.workspace)/settings" },
      .form("/{organization}/workspaces/{workspace}/deactivation") { visit async throws(Problem) in try await deactivate(visit) },
      .page("/{organization}/workspaces/{workspace}/deletion") { visit async throws(Problem) in .page(try await deletionPage(FormState("delete"), visit)) },
      .form("/{organization}/workspaces/{workspace}/deletion") { visit async throws(Problem) in try await delete(visit) },
    ]
  }

  private func settingsPage(_ returned: FormState?, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let workspace = try await plane.workspaces.find(visit.parameter("workspace"), in: organization.id.description, by: visit.caller)
    let options = try await plane.workspaces.options(of: workspace, in: organization, by: visit.caller)
    let here: Link = "/\(organization.slug)/workspaces/\(workspace.resource.slug)"
    let state = returned ?? FormState(
      "workspace",
      [
        "name": workspace.resource.name.text, "slug": workspace.resource.slug.text, "description": workspace.resource.description.text,
        "revision": String(workspace.resource.revision),
      ])
    return ConsolePage(
      "Settings of \(workspace.resource.name)", in: .organization(OrganizationFrame(organization, permissions, section: "workspaces")), status: status
    ) {
      workspaceHead(workspace, of: organization, options, current: "settings")
      if options.canChange {
        pageSection("Name and description") {
          postForm("\(here)/settings", state, token: visit.token) {
            revisionField(workspace.resource.revision, in: state)
            textField("Name", "name", in: state, .maxlength(128))
            textField(
              "Handle", "slug", in: state, hint: "Scripts, servers and addresses with the present one stop working when you change it.", .maxlength(32),
              .autocapitalize("none"), .spellcheck(false))
            textAreaField("Description", "description", in: state, rows: 2, limit: 2000, hint: "What it is for.", optional: true)
            buttonRow { submitButton("Save changes", .plain) }
          }
        }
        attributesLink(workspace.resource, in: organization)
        keySection(workspace, visit, here)
        dangerZone(acts(on: workspace, options, visit, here))
      } else {
        banner(.attention, "You can't do this.", "Only admins of the workspace or of an active organization change it.")
      }
    }
  }

  private func keySection(_ workspace: Workspace, _ visit: Visit, _ here: Link) -> HTML {
    pageSection("Enrollment key", "With it the workspace's server signs in and reports.", id: "enrollment-key") {
      if let key = workspace.key {
        definitions([("Key", code { key.hint }), ("Made", relativeTime(key.made, now: plane.world.clock()))])
      }
      actionForm("\(here)/enrollment-key", token: visit.token) {
        onceField(visit)
        submitButton("Make a new key; the old one stops at once", .plain)
      }
    }
  }

  private func acts(on workspace: Workspace, _ options: WorkspaceOptions, _ visit: Visit, _ here: Link) -> [DangerousAct] {
    let name = workspace.resource.name
    let isActive = workspace.state.letsIn
    var acts = [
      DangerousAct(
        isActive ? "Deactivate \(name)" : "Activate \(name)",
        isActive ? "Its server isn't let in until you activate it again; nothing is lost." : "Its server is let in again.",
        action: actionForm("\(here)/deactivation", token: visit.token, fields: ["lift": isActive ? "" : "yes"]) {
          submitButton(isActive ? "Deactivate" : "Activate", isActive ? .danger : .plain)
        })
    ]
    if options.canDelete {
      acts.append(
        DangerousAct(
          "Move \(name) to another organization", "With all that is in it, for who is an admin of both.", action: linkButton("Move", href: "\(here)/move")))
      acts.append(
        DangerousAct(
          "Delete \(name)", "It ends with its projects and all access to them, at once and for good.",
          action: linkButton("Delete", href: "\(here)/deletion", .danger)))
    }
    return acts
  }

  private func save(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let changes = ResourceUpdate(name: visit.field("name"), slug: visit.field("slug"), description: visit.field("description"))
      let saved = try await plane.workspaces.update(
        visit.parameter("workspace"), changes, seen: Int(visit.field("revision")), in: visit.parameter("organization"), by: visit.caller)
      return .redirect(to: "\(visit.workspaces)/\(saved.resource.slug)/settings", flash: Flash(.good, "\(saved.resource.name) is saved."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await settingsPage(FormState("workspace", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  private func deactivate(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let isLifted = visit.field("lift") == "yes"
    return try await telling(at: "\(visit.workspace)/settings", orElse: visit.workspaces) { () async throws(Problem) in
      let (workspace, reference) = (visit.parameter("workspace"), visit.parameter("organization"))
      let after =
        isLifted
        ? try await plane.workspaces.activate(workspace, in: reference, by: visit.caller)
        : try await plane.workspaces.deactivate(workspace, in: reference, by: visit.caller)
      return Flash(
        isLifted ? .good : .attention, isLifted ? "\(after.resource.name) is active again." : "\(after.resource.name) is deactivated.",
        undo: Flash.Undo("\(Link(local: visit.workspace) ?? "/")/deactivation", [("lift", isLifted ? "" : "yes")]))
    }
  }

  // MARK: Deleting

  private func deletionPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let workspace = try await plane.workspaces.find(visit.parameter("workspace"), in: organization.id.description, by: visit.caller)
    let options = try await plane.workspaces.options(of: workspace, in: organization, by: visit.caller)
    let (here, name): (Link, DisplayName) = ("/\(organization.slug)/workspaces/\(workspace.resource.slug)", workspace.resource.name)
    return ConsolePage("Delete \(name)", in: .organization(OrganizationFrame(organization, permissions, section: "workspaces")), status: status) {
      breadcrumb([("Workspaces", "/\(organization.slug)/workspaces"), (name.text, here)])
      pageHeader(HTML("Delete \(name)"))
      if options.canDelete {
        consequences([
          workspace.projects == 0
            ? "No project is in it" : "\(counted(workspace.projects, "project")) in it \(workspace.projects == 1 ? "goes" : "go") with it",
          "Everybody's access to it ends at once, and its server isn't let in any more", "What is on its server stays there: end that yourself",
          "It can't be brought back, and its handle is free again; to stop it for a while, deactivate it instead",
          "What was done with it stays in the audit log, under its name",
        ])
        postForm("\(here)/deletion", state, token: visit.token) {
          confirmField(
            "Type \(code { workspace.resource.slug.text }) to show that you mean it", "confirm", expecting: workspace.resource.slug.text, in: state)
          buttonRow {
            submitButton("Delete \(name)", .final)
            linkButton("Cancel", href: "\(here)/settings")
          }
        }
      } else {
        banner(.attention, "You can't do this.", "Only admins of the workspace or of an active organization delete it.")
      }
    }
  }

  private func delete(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let (workspace, reference) = (visit.parameter("workspace"), visit.parameter("organization"))
      let name = try await plane.workspaces.find(workspace, in: reference, by: visit.caller).resource.name
      try await plane.workspaces.delete(workspace, confirm: visit.field("confirm"), in: reference, by: visit.caller)
      return .redirect(to: visit.workspaces, flash: Flash(.attention, "\(name) is deleted, with its projects and all access to them."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await deletionPage(FormState("delete", values: visit.typed, problem: error), visit, status: 422))
    }
  }
}

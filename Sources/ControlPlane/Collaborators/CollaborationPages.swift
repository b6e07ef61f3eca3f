import Kernel
import Markup

/// What people see of the apps that they are invited to from outside.
struct CollaborationPages {
  let collaborators: Collaborators

  var pages: [PageRoute] {
    [
      .opened("/join/app") { visit async throws(Problem) in try await linkPage(visit) },
      .form("/join/app") { visit async throws(Problem) in try await answer(.link(visit.field("token")), visit) },
      .passage("/me/apps/{collaboration}") { _ in "/me/apps" },
      .form("/me/apps/{collaboration}") { visit async throws(Problem) in try await answer(.own(.named(visit.parameter("collaboration"))), visit) },
    ]
  }

  /// Where an invitation's link leads: it says what it invites to, whoever holds it, and to sign in first where that is needed.
  private func linkPage(_ visit: Visit, refusal: Problem? = nil) async throws(Problem) -> PageAnswer {
    let plane = collaborators.plane
    let secret = visit.secret(of: "/join/app")
    let found = try await collaborators.preview(link: secret, from: visit.caller.origin)
    let viewer = try await plane.viewer(as: visit.caller)
    var isTheirs = false
    if viewer != nil { isTheirs = try await collaborators.isAddressed(link: secret, to: visit.caller) }
    let app = found.collaborator.app.name
    return .page(
      ConsolePage("Work on \(app)", in: .plain, status: refusal == nil ? 200 : 422) {
        if let refusal { div(.class("faults"), .role("alert")) { p { refusal.detail } } }
        switch found.state {
        case .invited:
          offer(found)
          if let viewer { if isTheirs { answers(secret, viewer, visit) } else { wrongAccount(viewer, visit) } } else { signedOut }
        case .expired:
          plainHeader("This invitation has expired", "Ask \(bdi { found.collaborator.inviter.name }) for a new one.")
        case .active, .ended:
          plainHeader(
            "This invitation was used",
            isTheirs ? "You have accepted it already." : "It works once, and somebody accepted it. Sign in with the account that did.")
          buttonRow {
            linkButton("Open the app", href: Link(local: "/\(found.organization.slug)/apps/\(found.collaborator.app.slug)") ?? "/me/apps", .primary)
          }
        }
      })
  }

  private func offer(_ found: Collaboration) -> HTML {
    let collaborator = found.collaborator
    return fragment {
      div(.class("row")) { figure(of: found.organization, .large) }
      plainHeader(
        "Work on \(bdi { collaborator.app.name.text })",
        "\(bdi { collaborator.inviter.name }) invites you to this app of \(bdi { found.organization.name.text }), as \(collaborator.role.short).")
      if !collaborator.message.isEmpty { blockquote { p { collaborator.message.text } } }
      p(.class("quiet-text")) {
        "You don't become a member, and see nothing else of the organization. Who manages the app sees your name and handle."
      }
      if let expires = collaborator.expires { p(.class("quiet-text")) { "The access ends on \(day(expires))." } }
      if case .awaited(let end) = collaborator.answer { p(.class("quiet-text")) { "You can answer until \(day(end))." } }
    }
  }

  private func answers(_ secret: String, _ viewer: Viewer, _ visit: Visit) -> HTML {
    fragment {
      actionForm("/join/app", token: visit.token, fields: ["token": secret]) {
        buttonRow {
          submitButton("Accept as \(viewer.name)")
          button(.submit, .class("button"), .name("answer"), .value("leave")) { "Decline" }
        }
      }
      p(.class("aside")) { "You are signed in as \(bdi { viewer.name.text }) (\(viewer.handle))." }
    }
  }

  private func wrongAccount(_ viewer: Viewer, _ visit: Visit) -> HTML {
    fragment {
      banner(
        .attention, "It is for somebody else.",
        "You are signed in as \(bdi { viewer.name.text }). Sign in with the account that it is for, or add the address that it was sent to to this one.")
      buttonRow {
        actionForm("/sign-out", token: visit.token, fields: ["next": "/join/app"]) { submitButton("Use another account") }
        linkButton("Add the address", href: "/me")
      }
    }
  }

  private var signedOut: HTML {
    fragment {
      buttonRow {
        linkButton("Create an account", href: ("/sign-up" as Link).adding("next", "/join/app"), .primary)
        linkButton("Sign in", href: ("/sign-in" as Link).adding("next", "/join/app"))
      }
      p(.class("aside")) { "Use the address that the invitation was sent to." }
    }
  }

  private func answer(_ key: CollaborationKey, _ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      if visit.field("answer") == "leave" {
        let left = try await collaborators.leave(key, by: visit.caller)
        let app = left.collaborator.app.name
        return .redirect(to: "/me/apps", flash: Flash(.good, left.state == .invited ? "You declined the invitation to \(app)." : "You gave up \(app)."))
      }
      let taken = try await collaborators.accept(key, by: visit.caller)
      return .redirect(
        to: "/\(taken.organization.slug)/apps/\(taken.collaborator.app.slug)",
        flash: Flash(.good, "You work on \(taken.collaborator.app.name) now, as \(taken.collaborator.role.short)."))
    } catch {
      guard error.isMendable || error.kind == .missing else { throw error }
      switch key {
      case .link where error.kind != .gone: return try await linkPage(visit, refusal: error)
      case .link: throw error
      case .own: return .redirect(to: "/me/apps", flash: Flash(.danger, error.detail))
      }
    }
  }
}

/// The apps that somebody has access to from outside, and those that they are invited to.
func collaborationSection(_ found: [Collaboration], _ visit: Visit, now: Timestamp) -> HTML {
  pageSection("Apps that you work on from outside", "You aren't a member of these organizations, and see this of them.") {
    dataTable(
      "Your apps", [Column("App"), Column("Organization"), Column("Role"), Column("State"), Column("Ends"), .actions],
      found.map { item in
        let collaborator = item.collaborator
        return TableRow(
          personCell(
            id: collaborator.app.id, name: collaborator.app.name.text, detail: collaborator.app.slug.text,
            href: item.state == .active ? "/\(item.organization.slug)/apps/\(collaborator.app.slug)" : nil),
          bdi { item.organization.name.text }, badge(collaborator.role.short), collaboratorState(collaborator, now: now),
          collaborator.expires.map { relativeTime($0, now: now) } ?? "never",
          actionForm("/me/apps/\(collaborator.id)", token: visit.token) {
            buttonRow {
              if item.state == .invited {
                submitButton("Accept", small: true)
                button(.submit, .class("button small"), .name("answer"), .value("leave")) { "Decline" }
              } else {
                button(.submit, .class("button small"), .name("answer"), .value("leave"), .aria("label", "Give up \(collaborator.app.name)")) { "Give up" }
              }
            }
          })
      })
  }
}

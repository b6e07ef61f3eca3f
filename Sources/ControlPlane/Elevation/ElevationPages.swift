import Authorization
import Kernel
import Markup

extension Elevations {
  var pages: [PageRoute] {
    let here = "/{organization}/roles/requests"
    return [
      .page(here) { visit async throws(Problem) in .page(try await listPage(nil, visit)) },
      .form(here) { visit async throws(Problem) in try await ask(visit) },
      .page("\(here)/{elevation}") { visit async throws(Problem) in .page(try await requestPage(nil, visit)) },
      .form("\(here)/{elevation}") { visit async throws(Problem) in try await answer(visit) },
      .form("\(here)/{elevation}/withdrawal") { visit async throws(Problem) in
        try await flashing(to: visit.roleRequests, orElse: visit.roles) { () async throws(Problem) in
          _ = try await withdraw(.named(visit.parameter("elevation")), in: visit.parameter("organization"), by: visit.caller)
          return "Your request is taken back."
        }
      },
    ]
  }

  private func frame(_ organization: Organization, _ permissions: Set<Permission>) -> ConsolePage.Frame {
    .organization(OrganizationFrame(organization, permissions, section: "roles"))
  }

  private static let terms = [
    (60, "an hour"), (240, "4 hours"), (480, "8 hours"), (1440, "a day"), (4320, "3 days"), (10080, "a week"), (43200, "30 days"),
  ].map { Choice(String($0.0), $0.1) }

  // MARK: All of them

  private func listPage(_ returned: FormState?, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let shows = visit.query("show") == "all"
    let page = try await list(open: !shows, in: organization.id.description, visit.page, by: visit.caller)
    let requests = page.items
    let portraits = try await plane.images.portraits(of: requests.map(\.elevation.account))
    let own = try await plane.roles.listDefined(in: organization.id.description, PageRequest(limit: 200), by: visit.caller).items
    let (here, now): (Link, Timestamp) = ("/\(organization.slug)/roles/requests", plane.world.clock())
    return ConsolePage("Requests for roles in \(organization.name)", in: frame(organization, permissions), status: status) {
      breadcrumb([("Roles", "/\(organization.slug)/roles")])
      pageHeader("Requests for roles", "A role for a time, for who needs one. Somebody who could give it answers.")
      tabBar("Which requests", [Tab("Open", href: here, isCurrent: !shows), Tab("All", href: here.adding("show", "all"), isCurrent: shows)])
      if requests.isEmpty {
        emptyState(
          shows ? "No requests" : "No open requests", "Your own stand here, and those that you could answer. Ask below for a role that you need for a while.")
      } else {
        dataTable(
          "Requests", [Column("Who"), Column("Role"), Column("On"), Column("For"), Column("State"), Column("Asked")],
          requests.map { seen in
            let elevation = seen.elevation
            return TableRow(
              personCell(
                id: elevation.account, name: elevation.name.text, detail: seen.isOwn ? "you" : elevation.handle.text, portrait: portraits[elevation.account],
                href: "\(here)/\(elevation.id)"),
              badge(elevation.role.short), HTML(elevation.place.words), HTML(elevation.term.inWords), stateBadge(seen),
              relativeTime(elevation.createdAt, now: now))
          })
        pagination(
          shown: requests.count, total: page.total, "request",
          next: page.next.map { here.adding("show", shows ? "all" : nil).adding("cursor", $0.description) })
      }
      pageSection("Ask for a role") { askForm(returned ?? FormState("elevation", ["minutes": "240"]), own, visit, here) }
    }
  }

  private func stateBadge(_ seen: SeenElevation) -> HTML {
    switch seen.elevation.state {
    case .pending: seen.mayAnswer ? badge("waits for you", .accent) : badge("open")
    case .approved: badge("approved", .good, icon: .check)
    case .refused: badge("refused", .attention)
    case .withdrawn, .expired: badge(seen.elevation.state.rawValue)
    }
  }

  private func askForm(_ state: FormState, _ own: [DefinedRole], _ visit: Visit, _ here: Link) -> HTML {
    let choices = [RoleScope.organization, .workspace, .project, .cluster, .app].flatMap { scope in
      scope.builtInNames.map { Choice("\(scope.rawValue).\($0)", "\(scope.rawValue).\($0)") }
        + own.filter { $0.scope == scope }.map { Choice($0.reference, "\($0.reference): \($0.name)") }
    }
    return postForm(here, state, token: visit.token) {
      textField(
        "On", "on", in: state,
        hint: "research for a workspace, research/forecast for a project, cluster:gpu for a cluster, app:painter for an app. Left empty, the organization.",
        optional: true, .autocapitalize("none"), .spellcheck(false), .maxlength(200))
      selectField("Role", "role", in: state, [Choice("", "Choose one")] + choices, hint: "One that is given there.")
      selectField("For", "minutes", in: state, Self.terms)
      textAreaField("Reason", "reason", in: state, rows: 2, limit: 2000, hint: "What you need it for. Who decides reads it, and the audit log keeps it.")
      buttonRow { submitButton("Ask for it") }
    }
  }

  private func ask(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let draft = try ElevationDraft(on: visit.field("on"), role: visit.field("role"), minutes: Int(visit.field("minutes")) ?? 0, reason: visit.field("reason"))
      _ = try await ask(draft, in: visit.parameter("organization"), by: visit.caller)
      return .redirect(to: visit.roleRequests, flash: Flash(.good, "Your request waits for an answer. Those who could give the role were told."))
    } catch {
      // What isn't there is told where it was typed.
      let isUnseen = error.kind == .missing && !visit.field("on").isEmpty
      let problem = isUnseen ? Problem.invalid("on", "There is nothing of that name that you see.") : error
      guard problem.isMendable else { throw error }
      return .page(try await listPage(FormState("elevation", values: visit.typed, problem: problem), visit, status: 422))
    }
  }

  // MARK: One of them

  private func requestPage(_ returned: FormState?, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let seen = try await find(.named(visit.parameter("elevation")), in: organization.id.description, by: visit.caller)
    let elevation = seen.elevation
    let (here, now): (Link, Timestamp) = ("/\(organization.slug)/roles/requests", plane.world.clock())
    return ConsolePage("Request of \(elevation.name) in \(organization.name)", in: frame(organization, permissions), status: status) {
      breadcrumb([("Roles", "/\(organization.slug)/roles"), ("Requests", here)])
      pageHeader(HTML("Request of \(elevation.name)")) {
      } badges: {
        stateBadge(seen)
      }
      definitions(
        [
          ("Role", HTML(elevation.role.name)), ("On", HTML(elevation.place.words)), ("For", HTML(elevation.term.inWords)),
          ("Reason", HTML(elevation.reason.text)), ("Asked", relativeTime(elevation.createdAt, now: now)),
        ] + (elevation.state == .pending ? [("Ends unanswered", relativeTime(elevation.answerBy, now: now))] : [])
          + (elevation.answeredBy.map { [("Answered by", HTML($0))] } ?? []) + (elevation.answer.isEmpty ? [] : [("Answer", HTML(elevation.answer.text))])
          + (elevation.grantedUntil.map { [("Given until", relativeTime($0, now: now))] } ?? []))
      if seen.mayAnswer {
        pageSection("Answer") {
          let asked = String(elevation.term.components.seconds / 60)
          let state = returned ?? FormState("answer", ["minutes": asked])
          postForm("\(here)/\(elevation.id)", state, token: visit.token) {
            selectField(
              "Give it for", "minutes", in: state,
              [Choice(asked, "\(elevation.term.inWords), as asked")] + Self.terms.filter { (Int($0.value) ?? 0) < (Int(asked) ?? 0) }.reversed())
            textAreaField("Note", "note", in: state, rows: 2, limit: 2000, hint: "They get it with the answer.", optional: true)
            buttonRow {
              submitButton("Give the role", .primary, .name("act"), .value("approve"))
              submitButton("Refuse", .plain, .name("act"), .value("refuse"))
            }
          }
        }
      } else if seen.isOwn, elevation.state == .pending {
        form(.post, action: "\(here)/\(elevation.id)/withdrawal") {
          tokenField(visit.token)
          buttonRow { submitButton("Take the request back", .plain) }
        }
      }
    }
  }

  private func answer(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (id, reference) = (ID<Elevation>.named(visit.parameter("elevation")), visit.parameter("organization"))
    do throws(Problem) {
      if visit.field("act") == "refuse" {
        let seen = try await refuse(id, note: visit.field("note"), in: reference, by: visit.caller)
        return .redirect(to: visit.roleRequests, flash: Flash(.good, "\(seen.elevation.name) isn't given the role, and is told."))
      }
      let seen = try await approve(id, minutes: Int(visit.field("minutes")) ?? 0, note: visit.field("note"), in: reference, by: visit.caller)
      let elevation = seen.elevation
      let sentence = "\(elevation.name) has the role \(elevation.role.short) on \(elevation.place.words) now."
      return .redirect(to: visit.roleRequests, flash: Flash(.good, sentence))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await requestPage(FormState("answer", values: visit.typed, problem: error), visit, status: 422))
    }
  }
}

extension Visit {
  /// Where the list of requests for roles stands.
  fileprivate var roleRequests: String { "\(roles)/requests" }
}

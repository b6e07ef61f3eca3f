import Authorization
import Kernel
import Markup
import Secrets

/// The part of a team's page about who is in it.
struct TeamMemberPages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    [
      .form("/{organization}/teams/{team}/members") { visit async throws(Problem) in try await add(visit) },
      .passage("/{organization}/teams/{team}/members") { $0.team },
      .form("/{organization}/teams/{team}/members/{team_member}/removal") { visit async throws(Problem) in
        try await telling(at: visit.team, orElse: visit.teams) { () async throws(Problem) in
          let (team, reference) = (visit.parameter("team"), visit.parameter("organization"))
          let seat = try await plane.teams.remove(visit.parameter("team_member"), from: team, in: reference, by: visit.caller)
          let undo = Flash.Undo(
            "/\(reference)/teams/\(team)/members",
            [("people", seat.holder.id), ("kind", seat.holder.kind.rawValue), ("maintainer", seat.maintains ? "yes" : "")])
          return Flash(.good, "\(seat.holder.name) isn't in the team any more.", undo: undo)
        }
      },
      .form("/{organization}/teams/{team}/members/{team_member}/maintainership") { visit async throws(Problem) in
        try await telling(at: visit.team, orElse: visit.teams) { () async throws(Problem) in
          let (team, reference, id) = (visit.parameter("team"), visit.parameter("organization"), visit.parameter("team_member"))
          let isLifted = visit.field("lift") == "yes"
          let seat =
            isLifted
            ? try await plane.teams.removeMaintainer(id, of: team, in: reference, by: visit.caller)
            : try await plane.teams.addMaintainer(id, of: team, in: reference, by: visit.caller)
          return Flash(
            .good, isLifted ? "\(seat.holder.name) maintains the team no longer." : "\(seat.holder.name) maintains the team now.",
            undo: Flash.Undo("/\(reference)/teams/\(team)/members/\(id)/maintainership", [("lift", isLifted ? "" : "yes")]))
        }
      },
    ]
  }

  static let beginning = FormState("people")

  /// What the part of the page is made from.
  struct View {
    let team: SeenTeam
    let options: TeamOptions
    let organization: Organization
    let permissions: Set<Permission>
    let portraits: Portraits
    let here: Link
    let search: String?
    let now: Timestamp

    /// Whether the viewer may add somebody at all: nobody adds whom they may not see.
    var canAdd: Bool { options.canManagePeople && permissions.contains(.memberList) }
  }

  // MARK: On the page of the team

  func section(_ page: Page<TeamMember>, _ view: View, _ adding: FormState, _ visit: Visit) -> HTML {
    fragment {
      if view.canAdd { pageSection("Add people") { addForm(adding, view, visit) } }
      pageSection("People") { list(page, view, visit) }
    }
  }

  private func list(_ page: Page<TeamMember>, _ view: View, _ visit: Visit) -> HTML {
    fragment {
      if page.items.isEmpty, view.search == nil {
        emptyState("Nobody is in this team", view.canAdd ? "Add people above: by handle or by address." : "Whoever looks after it adds people here.")
      } else {
        filterBar(view.here, search: view.search ?? "", placeholder: "Find in this team by name", replaces: "team-people")
        div(.id("team-people"), .class("list")) { table(page, view, visit) }
      }
    }
  }

  private func addForm(_ state: FormState, _ view: View, _ visit: Visit) -> HTML {
    postForm("\(view.here)/members", state, token: visit.token) {
      textField(
        "Handles or addresses", "people", in: state,
        hint: view.permissions.contains(.invitationList)
          ? "Of members, of people who are invited, or of service accounts; several with commas between."
          : "Of members or of service accounts; several with commas between.",
        .autocomplete("off"), .autocapitalize("none"), .spellcheck(false))
      buttonRow { submitButton("Add to the team") }
    }
  }

  private func table(_ page: Page<TeamMember>, _ view: View, _ visit: Visit) -> HTML {
    fragment {
      if page.items.isEmpty {
        emptyState("Nobody fits", "Nobody in this team is called so.") { linkButton("Show everybody", href: view.here) }
      } else {
        dataTable(
          "People of \(view.team.team.name)", [Column("Name"), Column("Place"), Column("Since")] + (view.options.canManagePeople ? [.actions] : []),
          page.items.map { row($0, view, visit) })
        pagination(
          shown: page.items.count, total: page.total, "place",
          next: page.next.map { view.here.adding("q", view.search).adding("cursor", $0.description) })
      }
    }
  }

  private func row(_ seat: TeamMember, _ view: View, _ visit: Visit) -> TableRow {
    let items = menu(of: seat, view)
    return TableRow(
      personCell(
        id: seat.holder.portraitID, name: seat.holder.name, detail: seat.holder.detail, portrait: seat.holder.account.flatMap { view.portraits[$0] },
        href: page(of: seat, view)),
      badge(seat.words, seat.maintains ? .good : .neutral), relativeTime(seat.since, now: view.now),
      items.isEmpty ? HTML.empty : moreMenu("More for \(seat.holder.name)", token: visit.token, items))
  }

  private func page(of seat: TeamMember, _ view: View) -> Link? {
    switch seat.holder {
    case .member(let id, _, _, _): view.permissions.contains(.memberList) ? "/\(view.organization.slug)/members/\(id)" : nil
    case .invitation: nil
    case .serviceAccount(_, let slug, _): view.permissions.contains(.serviceAccountRead) ? "/\(view.organization.slug)/members/service-accounts/\(slug)" : nil
    }
  }

  private func menu(of seat: TeamMember, _ view: View) -> [MenuItem] {
    guard view.options.canManagePeople else { return [] }
    let here: Link = "\(view.here)/members/\(seat.id)"
    var items: [MenuItem] = []
    if view.options.canManage, seat.holder.kind == .account {
      items += [
        seat.maintains
          ? .action("Dismiss as maintainer", to: "\(here)/maintainership", fields: ["lift": "yes"])
          : .action("Make a maintainer", to: "\(here)/maintainership"),
        .line,
      ]
    }
    if view.options.canManage || !seat.maintains { items.append(.action("Take out of the team", to: "\(here)/removal", isDanger: true)) }
    return items
  }

  // MARK: Adding

  private func add(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (team, reference) = (visit.parameter("team"), visit.parameter("organization"))
    do throws(Problem) {
      let candidates = candidates(visit)
      guard !candidates.isEmpty else { throw .invalid("people", "Name somebody: by handle or by address.") }
      let rows = try await plane.teams.add(candidates, to: team, in: reference, by: visit.caller)
      var (added, refused): ([TeamMember], [(name: String, problem: Problem)]) = ([], [])
      for row in rows {
        switch row.result {
        case .success(let seat): added.append(seat)
        case .failure(let problem): refused.append((row.candidate.text, problem))
        }
      }
      if visit.field("maintainer") == "yes" {
        for seat in added { _ = try await plane.teams.addMaintainer(seat.id.description, of: team, in: reference, by: visit.caller) }
      }
      guard let first = refused.first else {
        let names = added.count == 1 ? added.map { "\($0.holder.name) is" }.joined() : "\(grouped(added.count)) are"
        return .redirect(to: visit.team, flash: Flash(.good, "\(names) in the team now."))
      }
      // Those who were added are in; the others stay in the field, each with its reason.
      let reasons = refused.prefix(5).map { "\($0.name.prefix(60)): \($0.problem.detail)" }.joined(separator: " ")
      let rest = refused.count > 5 ? " And \(refused.count - 5) more." : ""
      let done = added.isEmpty ? "" : "\(grouped(added.count)) added. "
      let text = rows.count == 1 ? first.problem.detail : "\(done)\(reasons)\(rest)"
      let state = FormState(
        "people", values: [("people", refused.map(\.name).joined(separator: ", "))], problem: .invalid("people", text))
      return .page(try await plane.teams.teamPage(visit, adding: state, status: 422))
    } catch {
      guard error.isMendable else { throw error }
      let state = FormState("people", values: visit.typed, problem: error.calling(["members": "people"]))
      return .page(try await plane.teams.teamPage(visit, adding: state, status: 422))
    }
  }

  /// Who was typed; what takes back a removal names one by id, and says of what kind.
  private func candidates(_ visit: Visit) -> [TeamCandidate] {
    let text = visit.field("people")
    return switch TeamMember.Kind(rawValue: visit.field("kind")) {
    case nil: TeamCandidate.typed(text)
    case .account: [.member(text)]
    case .invitation: [.invitation(text)]
    case .serviceAccount: [.serviceAccount(text)]
    }
  }
}

extension TeamMember {
  /// What kind of place it is, for people.
  fileprivate var words: String {
    switch holder {
    case .member: maintains ? "maintainer" : "member"
    case .invitation: "invited"
    case .serviceAccount: "service account"
    }
  }
}

extension TeamMember.Holder {
  /// Of a member.
  var account: ID<Account>? { if case .member(_, let account, _, _) = self { account } else { nil } }

  /// Of the membership, invitation or service account.
  var id: String {
    switch self {
    case .member(let id, _, _, _): id.description
    case .invitation(let id, _): id.description
    case .serviceAccount(let id, _, _): id.description
    }
  }

  /// What a monogram's colour goes by: an account's is the same everywhere.
  fileprivate var portraitID: String { account?.description ?? id }

  fileprivate var detail: String {
    switch self {
    case .member(_, _, let handle, _): handle.text
    case .invitation: "invited, hasn't answered yet"
    case .serviceAccount(_, let slug, _): slug.text
    }
  }
}

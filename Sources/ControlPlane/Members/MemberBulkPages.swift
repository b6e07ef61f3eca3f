import Authorization
import Kernel
import Markup

/// What is done with many members at once: changing their role, removing them, taking their list along.
struct MemberBulkPages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    [
      .form("/{organization}/members/bulk") { visit async throws(Problem) in
        switch visit.field("act") {
        case "roles": try await changeRoles(visit)
        case "removal": .page(try await removalPage(visit))
        case "confirmed-removal": try await remove(visit)
        default: .redirect(to: visit.back(or: "/\(visit.parameter("organization"))/members"), flash: nil)
        }
      },
      .passage("/{organization}/members/bulk") { "/\($0.parameter("organization"))/members" },
      .page("/{organization}/members/export") { visit async throws(Problem) in try await export(visit) },
    ]
  }

  private func picked(_ visit: Visit) -> [ID<Member>] { visit.fields("member").map { ID<Member>.named($0) } }

  private func changeRoles(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (ids, back) = (picked(visit), visit.back(or: "/\(visit.parameter("organization"))/members"))
    guard !ids.isEmpty else { return .redirect(to: back, flash: Flash(.attention, "Pick at least one member first.")) }
    guard !visit.field("role").isEmpty else { return .redirect(to: back, flash: Flash(.attention, "Choose the role that the picked members get.")) }
    let results = try await plane.members.setRoles(ids, visit.fields("role"), in: visit.parameter("organization"), by: visit.caller)
    return try await answer(
      ids, results, "The role of \(counted(results.count, "member")) is \(visit.field("role")) now.", back: back, visit)
  }

  private func removalPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    var members: [Member] = []
    for id in picked(visit).prefix(500) { members.append(try await plane.members.find(id, in: organization.id.description, by: visit.caller)) }
    let back = Link(local: visit.back(or: "/\(organization.slug)/members")) ?? "/"
    return ConsolePage("Remove members from \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "members"))) {
      breadcrumb([("Members", "/\(organization.slug)/members")])
      pageHeader(HTML("Remove \(counted(members.count, "member")) from \(organization.name)"))
      if members.isEmpty {
        emptyState("Nobody is picked", "Pick the members first, then choose what to do with them.") { linkButton("Back to the members", href: back) }
      } else {
        consequences([
          "They lose access at once, and tokens bound to \(bdi { organization.name.text }) stop working", "What they made stays, under their names",
          "Each can be reinstated with their roles and teams, under Former, for a while",
        ])
        ul(.class("stack")) {
          for member in members { li { personCell(id: member.account, name: member.name.text, detail: member.email?.text ?? member.handle.text) } }
        }
        form(.post, action: "/\(organization.slug)/members/bulk") {
          tokenField(visit.token)
          input(.hidden, name: "back", .value(back.text))
          for member in members { input(.hidden, name: "member", .value(member.id.description)) }
          buttonRow {
            submitButton("Remove \(counted(members.count, "member"))", .final, .name("act"), .value("confirmed-removal"))
            linkButton("Cancel", href: back)
          }
        }
      }
    }
  }

  private func remove(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let ids = picked(visit)
    let results = try await plane.members.remove(ids, in: visit.parameter("organization"), by: visit.caller)
    return try await answer(
      ids, results, "\(counted(results.count, "member")) \(results.count == 1 ? "is" : "are") removed. You can reinstate them for a while, under Former.",
      back: visit.back(or: "/\(visit.parameter("organization"))/members"), visit)
  }

  /// One sentence where all went well; else a row for each that didn't.
  private func answer(
    _ ids: [ID<Member>], _ results: [Result<Member, Problem>], _ sentence: String, back: String, _ visit: Visit
  ) async throws(Problem) -> PageAnswer {
    guard results.contains(where: { if case .failure = $0 { true } else { false } }) else { return .redirect(to: back, flash: Flash(.good, sentence)) }
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    var rows: [TableRow] = []
    for (id, result) in zip(ids, results) {
      switch result {
      case .success(let member): rows.append(TableRow(bdi { member.name.text }, badge("done", .good, icon: .check), HTML(member.roles.description)))
      case .failure(let problem):
        let name: HTML
        do throws(Problem) { name = HTML(try await plane.members.find(id, in: organization.id.description, by: visit.caller).name.text) } catch {
          name = code { id.description }
        }
        rows.append(TableRow(bdi { name }, badge("not done", .danger, icon: .warning), HTML(problem.detail)))
      }
    }
    let done = results.count { if case .success = $0 { true } else { false } }
    return .page(
      ConsolePage("What came of it", in: .organization(OrganizationFrame(organization, permissions, section: "members"))) {
        breadcrumb([("Members", "/\(organization.slug)/members")])
        pageHeader(
          HTML("\(grouped(done)) of \(counted(results.count, "member")) done"),
          actions: { linkButton("Back to the members", href: Link(local: back) ?? "/", .primary) })
        dataTable("What came of each", [Column("Member"), Column("Result"), Column("Now, or why not")], rows)
      })
  }

  private func export(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (organization, _) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let now = plane.world.clock()
    var text = CSVText(["name", "handle", "email", "roles", "state", "source", "since", "expires"])
    try await plane.members.all(in: organization.id.description, MemberFilter(visit), by: visit.caller) { member in
      text.append([
        member.name.text, member.handle.text, member.email?.text ?? "", member.roles.description, member.state(at: now).rawValue, member.source.rawValue,
        member.since.description,
        member.expires?.description ?? "",
      ])
    }
    return .download(name: "\(organization.slug)-members.csv", mediaType: "text/csv; charset=utf-8", bytes: text.bytes)
  }
}

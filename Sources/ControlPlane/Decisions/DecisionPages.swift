import Authorization
import Contract
import Kernel
import Markup

extension Decisions {
  var pages: [PageRoute] { [.page("/{organization}/access") { visit async throws(Problem) in .page(try await explorer(visit)) }] }

  /// Three questions on one page: why may somebody, who may, and what may they; and what would be if.
  private enum Mode: String, CaseIterable {
    case why, who, what

    var title: String {
      switch self {
      case .why: "May they, and why"
      case .who: "Who may"
      case .what: "What may they"
      }
    }
  }

  private func explorer(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let mayAskAll = permissions.contains(.accessRead)
    let mode = mayAskAll ? visit.query("mode").flatMap { Mode(rawValue: $0) } ?? .why : .why
    let here: Link = "/\(organization.slug)/access"
    let outcome = try await self.outcome(mode, mayAskAll, organization, visit, here)
    return ConsolePage("Access in \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "access"))) {
      pageHeader(
        "Access", mayAskAll ? "Ask who may do what with which thing, and what would change if." : "Ask what you may do here, and why you can't.")
      if mayAskAll {
        tabBar("Questions", Mode.allCases.map { Tab($0.title, href: here.adding("mode", $0.rawValue), isCurrent: $0 == mode) })
      }
      // The answer first: the question below stays as it was asked, to be asked otherwise.
      if let answer = outcome.answer { div(.id("answer"), .role("status")) { answer } }
      form(.get, action: here, .class("form"), .id("ask"), .novalidate) {
        faultSummary(outcome.state, of: fields(mode, mayAskAll, outcome.state), at: here)
        if mayAskAll { input(.hidden, name: "mode", .value(mode.rawValue)) }
        fields(mode, mayAskAll, outcome.state)
        buttonRow { submitButton("Ask") }
      }
    }
  }

  private struct Outcome {
    let state: FormState
    let answer: HTML?
  }

  private static let names: [StaticString] = ["who", "action", "type", "thing", "in", "attribute", "value", "address", "change", "role"]

  private func fields(_ mode: Mode, _ mayAskAll: Bool, _ state: FormState) -> HTML {
    fragment {
      if mayAskAll, mode != .who {
        textField(
          "Who", "who", in: state, hint: "A handle or an address; a service account as robot:handle. You, if you leave it empty.", optional: true,
          .maxlength(254))
      }
      textField(
        "Does", "action", in: state, hint: "read, update, delete, manage, use, or what your platform calls it.", .maxlength(64), .autocapitalize("none"),
        .spellcheck(false))
      textField(
        "With", "type", in: state, hint: mode == .what ? "A type such as project, or nothing for all." : "A type: workspace, project, dataset, model …",
        optional: mode == .what, .maxlength(64), .autocapitalize("none"), .spellcheck(false))
      if mode != .what {
        textField("Called", "thing", in: state, hint: "Its handle or id; a project as workspace/project. Empty for a new one.", optional: true, .maxlength(256))
        textField(
          "In", "in", in: state, hint: "What it stands in, if it doesn't stand here itself: a workspace, or workspace/project.", optional: true,
          .maxlength(256))
      }
      more(mode, mayAskAll, state)
    }
  }

  /// What is rarely asked: attributes, an address, and what if. It stands open where something of it was.
  private func more(_ mode: Mode, _ mayAskAll: Bool, _ state: FormState) -> HTML {
    let names = ["attribute", "value", "address", "change", "role"]
    return details(.open(names.contains { !state.value($0).isEmpty || state.fault($0) != nil })) {
      summary { mayAskAll && mode == .why ? "Attributes, address, what if" : mode == .what ? "Address" : "Attributes, address" }
      if mode != .what {
        textField("With the attribute", "attribute", in: state, hint: "For policies: compliance, region, tags …", optional: true, .maxlength(64))
        textField("That is", "value", in: state, hint: "With commas where there are several.", optional: true, .maxlength(256))
      }
      textField("From", "address", in: state, hint: "An address such as 10.0.0.7, for policies about networks.", optional: true, .maxlength(64))
      if mayAskAll, mode == .why {
        selectField(
          "What if", "change", in: state,
          [
            Choice("", "Everything stays as it is"), Choice("roles", "They had the role"), Choice("seat", "They were in the team"),
            Choice("seat-removed", "They weren't in the team"), Choice("gone", "They had left"),
            Choice("grant", "They were given the role on it, or on what it stands in"), Choice("share", "It were shared with them"),
          ],
          optional: true)
        textField(
          "Which role, team or actions", "role", in: state, hint: "A role as the thing has them, such as viewer; actions with commas between.", optional: true,
          .maxlength(64))
      }
    }
  }

  private func outcome(_ mode: Mode, _ mayAskAll: Bool, _ organization: Organization, _ visit: Visit, _ here: Link) async throws(Problem) -> Outcome {
    let values = Self.names.map { "\($0)" }.compactMap { name in visit.query(name).map { (name, $0) } }
    // Nothing was asked yet.
    guard visit.query("action") != nil || visit.query("type") != nil else {
      return Outcome(state: FormState("ask", ["action": "read", "type": "project"]), answer: nil)
    }
    do throws(Problem) {
      let answer: HTML
      switch mode {
      case .why: answer = try await why(mayAskAll, organization, visit)
      case .who: answer = try await who(organization, visit, here)
      case .what: answer = try await what(organization, visit, here)
      }
      return Outcome(state: FormState("ask", values: values, problem: nil), answer: answer)
    } catch {
      guard error.isMendable || error.kind == .missing else { throw error }
      let named = error.calling([
        "resource/type": "type", "resource/id": "thing", "resource/parent/type": "in", "resource/parent/id": "in", "context": "address",
        "resource/attributes": "attribute",
      ])
      return Outcome(state: FormState("ask", values: values, problem: named), answer: nil)
    }
  }

  // MARK: What was asked

  private func question(_ visit: Visit, about all: Bool) throws(Problem) -> AccessQuestion {
    try AccessQuestion(principal: all ? principal(visit) : nil, action: visit.query("action") ?? "", resource: thing(visit), context: context(visit))
  }

  private func principal(_ visit: Visit) -> AccessQuestion.PrincipalName? {
    guard let who = visit.query("who") else { return nil }
    return who.hasPrefix("robot:") ? .serviceAccount(String(who.dropFirst(6))) : .account(who)
  }

  private func thing(_ visit: Visit) throws(Problem) -> ThingName {
    let place = try visit.query("in").map { name throws(Problem) in
      try ThingName.Place(type: name.contains("/") ? "project" : "workspace", id: name)
    }
    var attributes: [AccessValue.Attribute] = []
    if let name = visit.query("attribute"), let value = visit.query("value") {
      let parts = value.split(separator: "," as Character).map { String($0.drop(while: \.isWhitespace)) }
      // Those that are sets in the schema are given as such.
      let isSet = parts.count > 1 || ["tags", "compliance"].contains(name)
      attributes.append(AccessValue.Attribute(name, isSet ? .set(parts.map { .text($0) }) : .text(value)))
    }
    return try ThingName(type: visit.query("type") ?? "", id: visit.query("thing"), parent: place, attributes: attributes)
  }

  private func context(_ visit: Visit) -> [AccessValue.Attribute] { visit.query("address").map { [AccessValue.Attribute("address", .address($0))] } ?? [] }

  private func change(_ visit: Visit) throws(Problem) -> SimulatedChange? {
    let who = principal(visit) ?? .account("me")
    let text = visit.query("role") ?? ""
    switch visit.query("change") {
    case "roles":
      guard let role = OrganizationRole(rawValue: text) else {
        throw .invalid("role", "Give a role of the organization: \(OrganizationRole.allCases.map(\.rawValue).joined(separator: ", ")).")
      }
      return .roles(who, [role])
    case "seat": return .seat(who, team: text)
    case "seat-removed": return .seatRemoved(who, team: text)
    case "gone": return .roles(who, [])
    case "grant":
      let thing = try thing(visit)
      if ThingName.registered.contains(thing.type), let id = thing.id {
        return .grant(.init(who), role: text, on: try ThingName.Place(type: thing.type.name, id: id))
      }
      guard let place = thing.parent else {
        throw .invalid("thing", "Roles are given on workspaces, clusters, projects and apps: say which, or what it stands in.")
      }
      return .grant(.init(who), role: text, on: place)
    case "share":
      let thing = try thing(visit)
      guard thing.type.isObject, let id = thing.id else { throw .invalid("thing", "Objects are shared: say which, such as a dataset by its id.") }
      let actions = text.split(separator: "," as Character).map { String($0.filter { !$0.isWhitespace }) }
      let name = SharedName(try ObjectName(type: thing.type.name, id: id), in: thing.parent)
      return .share(.init(who), actions: actions.isEmpty ? [(visit.query("action") ?? "")] : actions, of: name)
    default: return nil
    }
  }

  // MARK: Answers

  private func why(_ mayAskAll: Bool, _ organization: Organization, _ visit: Visit) async throws(Problem) -> HTML {
    let (question, reference) = (try question(visit, about: mayAskAll), organization.id.description)
    guard mayAskAll, let change = try change(visit) else {
      let (revision, answer) = try await check(question, explains: true, in: reference, by: visit.caller)
      return told(answer, organization, title: "The answer", revision: revision)
    }
    let result: Simulated
    do throws(Problem) { result = try await simulate([change], [question], in: reference, by: visit.caller) } catch {
      throw error.kind == .invalid ? .invalid("role", error.detail) : error
    }
    return fragment {
      for answer in result.before { told(answer, organization, title: "As it is", revision: result.revision) }
      for answer in result.after { told(answer, organization, title: "As it would be", revision: result.revision) }
    }
  }

  private func told(_ answer: AccessAnswer, _ organization: Organization, title: String, revision: Int64) -> HTML {
    pageSection(title) {
      banner(answer.isAllowed ? .good : answer.outcome == .forbidden ? .danger : .attention, HTML(answer.outcome.word), HTML(answer.sentence))
      if !answer.grounds.isEmpty {
        dataTable(
          "What made the answer", [Column("Says"), Column("By"), Column("Because", .wide)],
          answer.grounds.map { ground in
            TableRow(badge(ground.effect.word, ground.effect.tone), HTML(ground.kind.word), reason(ground, organization))
          })
      }
      p(.class("quiet-text")) { small { "At revision \(revision)." } }
    }
  }

  private func reason(_ ground: AccessGround, _ organization: Organization) -> HTML {
    guard let policy = ground.policy else { return HTML(ground.sentence) }
    return fragment {
      a(href: "/\(organization.slug)/policies/\(policy.slug)") { bdi { policy.name } }
      " \(ground.effect == .fails ? "failed, and counts for nothing" : ground.effect == .forbids ? "forbids it" : "permits it")"
    }
  }

  private func who(_ organization: Organization, _ visit: Visit, _ here: Link) async throws(Problem) -> HTML {
    let question = try AccessQuestion(action: visit.query("action") ?? "", resource: thing(visit), context: context(visit))
    let request = visit.page
    let found = try await principals(of: question, in: organization.id.description, { () throws(Problem) in request }, by: visit.caller)
    return pageSection("Who may") {
      if found.page.items.isEmpty {
        emptyState("Nobody may", "No role, grant or policy allows it to anybody, or a policy forbids it to all.")
      } else {
        dataTable(
          "Who may", [Column("Who"), Column("Kind")],
          found.page.items.map { principal in
            TableRow(
              personCell(
                id: principal.id, name: principal.name.isEmpty ? principal.id : principal.name, detail: principal.handle,
                href: asking(visit, here, who: principal.kind == .serviceAccount ? "robot:\(principal.handle)" : principal.handle)),
              badge(principal.kind == .serviceAccount ? "service account" : principal.isOutside ? "outside collaborator" : "member"))
          })
        pagination(shown: found.page.items.count, total: found.page.total, "principal", next: found.page.next.map { next(visit, here, $0) })
      }
    }
  }

  private func what(_ organization: Organization, _ visit: Visit, _ here: Link) async throws(Problem) -> HTML {
    let request = visit.page
    let found = try await resources(
      for: principal(visit), visit.query("action") ?? "", of: visit.query("type"), context: context(visit), in: organization.id.description,
      { () throws(Problem) in request }, by: visit.caller)
    return pageSection("With these") {
      if found.page.items.isEmpty {
        emptyState("With nothing", "There is no workspace or project with which they may do it.")
      } else {
        dataTable(
          "With what", [Column("Thing"), Column("Type")],
          found.page.items.map { thing in TableRow(bdi { thing.name }, badge(thing.type)) })
        pagination(shown: found.page.items.count, total: found.page.total, "thing", next: found.page.next.map { next(visit, here, $0) })
      }
    }
  }

  /// Why one of a list may.
  private func asking(_ visit: Visit, _ here: Link, who: String) -> Link {
    keeping(Self.names.filter { !["who", "change", "role"].contains("\($0)") }, of: visit, here.adding("mode", Mode.why.rawValue).adding("who", who))
  }

  private func next(_ visit: Visit, _ here: Link, _ cursor: Cursor) -> Link {
    keeping(["mode"] + Self.names, of: visit, here).adding("cursor", cursor.description)
  }

  private func keeping(_ names: [StaticString], of visit: Visit, _ link: Link) -> Link {
    names.reduce(link) { $0.adding($1, visit.query("\($1)")) }
  }
}

extension SimulatedChange.Holder {
  fileprivate init(_ name: AccessQuestion.PrincipalName) { self = .principal(name) }
}

extension AccessOutcome {
  fileprivate var word: String {
    switch self {
    case .allowed: "Yes."
    case .forbidden: "No: a policy forbids it."
    case .lacking: "No: the right to it is missing."
    case .hidden: "No: they don't see it."
    case .suspended: "No: the membership is suspended."
    case .expired: "No: the membership has expired."
    case .halted: "No: the organization is suspended."
    case .missing: "There is no such thing."
    case .invalid: "This can't be asked."
    }
  }
}

extension AccessGround.Effect {
  fileprivate var word: String {
    switch self {
    case .allows: "yes"
    case .forbids: "no"
    case .fails: "nothing"
    }
  }

  fileprivate var tone: Tone {
    switch self {
    case .allows: .good
    case .forbids: .danger
    case .fails: .attention
    }
  }
}

extension AccessGround.Kind {
  fileprivate var word: String {
    switch self {
    case .membership: "Role"
    case .grant: "Access"
    case .share: "Share"
    case .ownership: "Ownership"
    case .visibility: "Openness"
    case .policy: "Policy"
    case .standing: "Membership"
    }
  }
}

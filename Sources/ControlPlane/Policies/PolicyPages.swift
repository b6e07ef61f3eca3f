import Authorization
import Contract
import Kernel
import Markup
import Secrets

extension Policies {
  var pages: [PageRoute] {
    [
      .page("/{organization}/policies") { visit async throws(Problem) in .page(try await listPage(visit)) },
      .page("/{organization}/policies/new") { visit async throws(Problem) in .page(try await newPage(visit)) },
      .form("/{organization}/policies/new") { visit async throws(Problem) in try await create(visit) },
      .page("/{organization}/policies/{policy}") { visit async throws(Problem) in .page(try await policyPage(visit)) },
      .form("/{organization}/policies/{policy}") { visit async throws(Problem) in try await save(visit) },
      .page("/{organization}/policies/{policy}/enablement") { visit async throws(Problem) in .page(try await switchPage(FormState("switch"), visit)) },
      .form("/{organization}/policies/{policy}/enablement") { visit async throws(Problem) in try await switchOver(visit) },
      .page("/{organization}/policies/{policy}/deletion") { visit async throws(Problem) in .page(try await deletionPage(FormState("delete"), visit)) },
      .form("/{organization}/policies/{policy}/deletion") { visit async throws(Problem) in try await delete(visit) },
      .page("/{organization}/policy-schema") { visit async throws(Problem) in .page(try await schemaPage(visit)) },
    ]
  }

  // MARK: The list

  private func listPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let (search, state) = (visit.query("q"), visit.query("state"))
    let enabled: Bool? = state == "on" ? true : state == "off" ? false : nil
    let page = try await list(in: organization.id.description, search: search, enabled: enabled, visit.page, by: visit.caller)
    let here: Link = "/\(organization.slug)/policies"
    let now = plane.world.clock()
    return ConsolePage("Policies of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "policies"))) {
      pageHeader(
        "Policies", "They permit or forbid, whatever roles say. \(a(href: "/\(organization.slug)/access") { "See who may do what" }).",
        actions: { if permissions.contains(.policyManage) { linkButton("New policy", href: "\(here)/new", .primary) } })
      if page.items.isEmpty, search == nil, enabled == nil {
        emptyState("No policies yet", Self.beginning(permissions)) {
          if permissions.contains(.policyManage) { linkButton("Write the first policy", href: "\(here)/new") }
        }
      } else {
        filterBar(here, search: search ?? "", placeholder: "Find by name, * and ? allowed", replaces: "policies") {
          smallSelect("State", "state", [Choice("", "All"), Choice("on", "In force"), Choice("off", "Off")], selected: state ?? "")
        }
        div(.id("policies"), .class("list")) { table(page, here, now, visit) }
      }
    }
  }

  private static func beginning(_ permissions: Set<Permission>) -> HTML {
    permissions.contains(.policyManage)
      ? "A policy says for everybody what roles can't: only compliant data for a team, no deletion at night, only from your networks. Start from a template."
      : "A policy says for everybody what roles can't. Admins write them."
  }

  private func table(_ page: Page<Policy>, _ here: Link, _ now: Timestamp, _ visit: Visit) -> HTML {
    fragment {
      if page.items.isEmpty {
        emptyState("No policy fits", "No policy is called so, or stands so. A * stands for any characters, a ? for one.") {
          linkButton("Show all policies", href: here)
        }
      } else {
        dataTable(
          "Policies", [Column("Policy"), Column("Does"), Column("State"), Column("Changed"), Column("By")],
          page.items.map { policy in
            TableRow(
              personCell(id: policy.id, name: policy.name.text, detail: policy.slug.text, href: "\(here)/\(policy.slug)"),
              policy.effectBadge, policy.stateBadge, relativeTime(policy.changedAt, now: now), bdi { policy.changedBy })
          })
        pagination(
          shown: page.items.count, total: page.total, "policy", "policies",
          next: page.next.map { here.adding("q", visit.query("q")).adding("state", visit.query("state")).adding("cursor", $0.description) })
      }
    }
  }

  // MARK: A new one

  /// The templates, one of them to be filled in, or the editor: with what a template says, or empty.
  private func newPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    guard let name = visit.query("template"), let template = PolicyTemplate.named(name) else {
      let beginning = FormState("policy", ["enabled": "on"])
      return try await editorPage(beginning, visit, showsTemplates: true)
    }
    var values: [String: String] = [:]
    for field in template.fields { if let value = visit.query(field.name) { values[field.name] = value } }
    guard visit.query("fill") != nil else { return try await templatePage(template, FormState("template", values: template.beginning, problem: nil), visit) }
    do throws(Problem) {
      for field in template.fields where values[field.name] == nil { values[field.name] = "" }
      let text = try template.text(values)
      return try await editorPage(FormState("policy", ["name": template.title, "text": text, "enabled": "on"]), visit)
    } catch {
      return try await templatePage(template, FormState("template", values: values.map { ($0.key, $0.value) }, problem: error), visit)
    }
  }

  private func templatePage(_ template: PolicyTemplate, _ state: FormState, _ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    _ = try await templates(in: organization.id.description, by: visit.caller)
    let here: Link = "/\(organization.slug)/policies"
    return ConsolePage(
      "\(template.title) in \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "policies"))
    ) {
      breadcrumb([("Policies", here), ("New policy", "\(here)/new")])
      pageHeader(HTML(template.title), HTML(template.summary))
      form(.get, action: "\(here)/new", .class("form"), .id(state.id), .novalidate) {
        faultSummary(state, of: fragment { for field in template.fields { control(field, state) } }, at: "\(here)/new")
        input(.hidden, name: "template", .value(template.name))
        input(.hidden, name: "fill", .value("yes"))
        for field in template.fields { control(field, state) }
        buttonRow {
          submitButton("Write the policy")
          linkButton("Other templates", href: "\(here)/new")
        }
      }
    }
  }

  private func control(_ field: PolicyTemplate.Field, _ state: FormState) -> HTML {
    let hint: HTML? = field.hint.isEmpty ? nil : HTML(field.hint)
    if field.choices.isEmpty { return textField(field.label, field.name, in: state, hint: hint, optional: field.isOptional, .maxlength(500)) }
    return selectField(field.label, field.name, in: state, field.choices.map { Choice($0, $0) }, hint: hint)
  }

  /// The editor of a new policy. What came back says why, and what it would do.
  private func editorPage(
    _ state: FormState, _ visit: Visit, faults: [PolicyFault] = [], preview: PolicyPreview? = nil, showsTemplates: Bool = false, status: Int = 200
  ) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let templates = try await templates(in: organization.id.description, by: visit.caller)
    let here: Link = "/\(organization.slug)/policies"
    return ConsolePage(
      "New policy in \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "policies")), status: status
    ) {
      breadcrumb([("Policies", here)])
      pageHeader("New policy", "In Cedar. You see what it would do before it is saved.")
      if permissions.contains(.policyManage) {
        if showsTemplates {
          pageSection("Start from a template") {
            dataTable(
              "Templates", [Column("Template"), Column("What it says", .wide)],
              templates.map { template in
                TableRow(a(href: ("\(here)/new" as Link).adding("template", template.name)) { template.title }, HTML(template.summary))
              })
          }
        }
        pageSection(showsTemplates ? "Or write it yourself" : "The policy") {
          postForm("\(here)/new", state, token: visit.token) {
            textField("Name", "name", in: state, hint: "What people read when it forbids them something.", .maxlength(128))
            textField(
              "Handle", "slug", in: state, hint: "What scripts call it, for good. Made from the name if you leave it empty.", optional: true, .maxlength(32),
              .autocapitalize("none"), .spellcheck(false))
            textAreaField("Description", "description", in: state, rows: 2, limit: 2000, hint: "Why it is there.", optional: true)
            textEditor(state, faults, of: organization)
            checkField("In force at once", "enabled", in: state, hint: "Otherwise it is kept, and forbids and permits nothing.")
            if let preview { self.preview(preview) }
            decisive(state, preview, faults, "Save the policy", here)
          }
        }
      } else {
        banner(.attention, "You can't do this.", "Only an admin of an active organization writes policies.")
      }
    }
  }

  /// The text with what is wrong with it, each in its place.
  private func textEditor(_ state: FormState, _ faults: [PolicyFault], of organization: Organization) -> HTML {
    fragment {
      textAreaField(
        "Policy", "text", in: state, rows: 10, limit: Policy.textLimit,
        hint: """
          Teams, people and workspaces are called by their handles: Team::"contractors". \
          \(a(href: "/\(organization.slug)/policy-schema") { "What policies may speak of" }).
          """,
        classes: "mono", .spellcheck(false), .autocapitalize("none"))
      if !faults.isEmpty { faultList(faults) }
    }
  }

  private func faultList(_ faults: [PolicyFault]) -> HTML {
    div(.class("faults placed")) {
      ul {
        for (place, fault) in faults.prefix(50).enumerated() {
          li {
            p {
              badge(fault.isError ? "error" : "look", fault.isError ? .danger : .attention)
              " "
              if let line = fault.line { strong { "Line \(line), column \(fault.column ?? 1)" } }
              " "
              bdi { fault.message }
            }
            if !fault.excerpt.isEmpty { pre(.tabindex(0), .aria("label", "The line of fault \(place + 1)"), .role("region")) { code { excerpt(fault) } } }
            if let hint = fault.hint { p(.class("quiet-text")) { bdi { hint } } }
          }
        }
      }
    }
  }

  /// The line with the offending part marked.
  private func excerpt(_ fault: PolicyFault) -> HTML {
    let characters = Array(fault.excerpt)
    let offending = Array(fault.offending)
    guard !offending.isEmpty, let place = characters.indices.first(where: { characters[$0...].starts(with: offending) }) else { return HTML(fault.excerpt) }
    return fragment {
      String(characters[..<place])
      mark { String(offending) }
      String(characters[(place + offending.count)...])
    }
  }

  private func preview(_ preview: PolicyPreview) -> HTML {
    pageSection("What it would do", id: "preview") {
      banner(
        preview.locksOut ? .danger : preview.losing > 0 ? .attention : .good,
        HTML(preview.locksOut ? "No admin could get in any more." : "Nothing is saved yet."), HTML(preview.sentence))
      if !preview.examples.isEmpty {
        dataTable(
          "Who would lose or gain access", [Column("Who"), Column("Would"), Column("What", .wide)],
          preview.examples.map { example in
            TableRow(
              personCell(
                id: example.principal.id, name: example.principal.name.isEmpty ? example.principal.id : example.principal.name,
                detail: example.principal.handle),
              badge(example.loses ? "lose" : "gain", example.loses ? .attention : .good), HTML("\(example.action) \(example.thing)"))
          })
      }
    }
  }

  /// Looking comes before saving: the button that saves stands there once what is shown was looked at.
  private func decisive(_ state: FormState, _ preview: PolicyPreview?, _ faults: [PolicyFault], _ label: String, _ back: Link) -> HTML {
    fragment {
      if preview != nil { input(.hidden, name: "seen", .value(SHA256Digest(of: state.value("text")).text)) }
      buttonRow {
        submitButton(preview == nil ? "Check it and see what it would do" : label)
        linkButton("Cancel", href: back)
      }
    }
  }

  /// Whether the text in the form is the one whose preview was shown.
  private func isSeen(_ visit: Visit) -> Bool { visit.field("seen") == SHA256Digest(of: Self.typedText(visit)).text }

  /// Forms send lines with carriage returns.
  private static func typedText(_ visit: Visit) -> String { visit.field("text").replacing("\r\n", with: "\n") }

  private static func returned(_ visit: Visit, _ problem: Problem? = nil) -> FormState {
    let values = visit.typed.filter { $0.0 != "text" && $0.0 != "seen" } + [("text", typedText(visit))]
    return FormState("policy", values: values, problem: problem)
  }

  private func create(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (reference, text) = (visit.parameter("organization"), Self.typedText(visit))
    do throws(Problem) {
      let draft = try PolicyDraft(
        name: visit.field("name"), slug: visit.field("slug"), description: visit.field("description"), text: text, isEnabled: visit.field("enabled") == "on")
      if !isSeen(visit) {
        let faults = try await faults(in: text, of: reference, by: visit.caller)
        let preview = faults.contains(where: \.isError) ? nil : try await preview(text, in: reference, by: visit.caller)
        return .page(try await editorPage(Self.returned(visit), visit, faults: faults, preview: preview, status: 422))
      }
      let policy = try await create(draft, in: reference, by: visit.caller)
      let word = policy.isEnabled ? "in force" : "kept, and not in force"
      return .redirect(to: "\(visit.policies)/\(policy.slug)", flash: Flash(.good, "\(policy.name) is \(word)."))
    } catch {
      guard error.isMendable else { throw error }
      let faults = text.utf8.count > Policy.textLimit ? [] : try await faults(in: text, of: reference, by: visit.caller)
      return .page(try await editorPage(Self.returned(visit, error), visit, faults: faults, status: 422))
    }
  }

  // MARK: One of them

  private func policyPage(
    _ visit: Visit, returned: FormState? = nil, faults: [PolicyFault] = [], preview: PolicyPreview? = nil, status: Int = 200
  ) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let reference = organization.id.description
    let policy = try await find(visit.parameter("policy"), in: reference, by: visit.caller)
    let versions = try await versions(of: policy.id.description, in: reference, visit.page, by: visit.caller)
    let here: Link = "/\(organization.slug)/policies/\(policy.slug)"
    let now = plane.world.clock()
    return ConsolePage(
      "\(policy.name) in \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "policies")), status: status
    ) {
      breadcrumb([("Policies", "/\(organization.slug)/policies")])
      pageHeader(bdi { policy.name.text }, policy.description.isEmpty ? nil : HTML(policy.description.text)) {
      } badges: {
        policy.stateBadge
      }
      definitions([
        ("Handle", code { policy.slug.text }), ("Does", policy.effectBadge), ("Made", relativeTime(policy.createdAt, now: now)),
        ("Changed", relativeTime(policy.changedAt, now: now)), ("By", bdi { policy.changedBy }),
      ])
      codeBlock(policy.text, title: "Policy")
      if permissions.contains(.policyManage) {
        pageSection("Change it") { changeForm(returned ?? Self.beginning(policy), policy, faults, preview, of: organization, visit, here) }
      }
      pageSection("History") { history(versions, now, here) }
      if permissions.contains(.policyManage) { dangerZone(acts(on: policy, here)) }
    }
  }

  private static func beginning(_ policy: Policy) -> FormState {
    FormState("policy", ["name": policy.name.text, "description": policy.description.text, "text": policy.text])
  }

  private func changeForm(
    _ state: FormState, _ policy: Policy, _ faults: [PolicyFault], _ preview: PolicyPreview?, of organization: Organization, _ visit: Visit, _ here: Link
  ) -> HTML {
    postForm(here, state, token: visit.token) {
      revisionField(policy.revision, in: state)
      textField("Name", "name", in: state, .maxlength(128))
      textAreaField("Description", "description", in: state, rows: 2, limit: 2000, optional: true)
      textEditor(state, faults, of: organization)
      if let preview { self.preview(preview) }
      decisive(state, preview, faults, "Save changes", here)
    }
  }

  private func history(_ versions: Page<PolicyVersion>, _ now: Timestamp, _ here: Link) -> HTML {
    fragment {
      ol(.class("timeline")) {
        for version in versions.items {
          li {
            monogram(of: version.changedBy, name: version.changedBy)
            p(.class("what")) { "\(bdi { version.changedBy }) saved revision \(version.revision), \(version.isEnabled ? "in force" : "off")" }
            span(.class("when")) { relativeTime(version.at, now: now) }
            details {
              summary { "What it was" }
              codeBlock(version.text, title: "Revision \(version.revision)")
            }
          }
        }
      }
      pagination(shown: versions.items.count, total: versions.total, "revision", next: versions.next.map { here.adding("cursor", $0.description) })
    }
  }

  private func save(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let (reference, name, text) = (visit.parameter("organization"), visit.parameter("policy"), Self.typedText(visit))
    do throws(Problem) {
      let before = try await find(name, in: reference, by: visit.caller)
      if text != before.text, before.isEnabled, !isSeen(visit) {
        guard text.utf8.count <= Policy.textLimit else { throw .invalid("text", PolicyDraft.tooLong) }
        let faults = try await faults(in: text, of: reference, by: visit.caller)
        let preview = faults.contains(where: \.isError) ? nil : try await preview(text, of: name, in: reference, by: visit.caller)
        return .page(try await policyPage(visit, returned: Self.returned(visit), faults: faults, preview: preview, status: 422))
      }
      let update = PolicyUpdate(name: visit.field("name"), description: visit.field("description"), text: text)
      let policy = try await self.update(name, update, seen: Int(visit.field("revision")), in: reference, by: visit.caller)
      return .redirect(to: visit.policy, flash: Flash(.good, "\(policy.name) is saved\(policy.isEnabled ? ", and in force" : "")."))
    } catch {
      guard error.isMendable else { throw error }
      let faults = text.utf8.count > Policy.textLimit || error.code != .invalidPolicy ? [] : try await faults(in: text, of: reference, by: visit.caller)
      return .page(try await policyPage(visit, returned: Self.returned(visit, error), faults: faults, status: 422))
    }
  }

  private func acts(on policy: Policy, _ here: Link) -> [DangerousAct] {
    [
      DangerousAct(
        policy.isEnabled ? "Take \(policy.name) out of force" : "Put \(policy.name) in force",
        policy.isEnabled ? "It forbids and permits nothing until you put it in force again; nothing is lost." : "You see what it would do first.",
        action: linkButton(policy.isEnabled ? "Switch off" : "Switch on", href: "\(here)/enablement", policy.isEnabled ? .danger : .plain)),
      DangerousAct(
        "Delete \(policy.name)", "It ends with its history, at once and for good.", action: linkButton("Delete", href: "\(here)/deletion", .danger)),
    ]
  }

  // MARK: Switching

  private func switchPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let policy = try await find(visit.parameter("policy"), in: organization.id.description, by: visit.caller)
    let preview = try await preview(nil, of: policy.id.description, in: organization.id.description, by: visit.caller)
    let here: Link = "/\(organization.slug)/policies/\(policy.slug)"
    let title = policy.isEnabled ? "Switch off \(policy.name)" : "Switch on \(policy.name)"
    return ConsolePage(title, in: .organization(OrganizationFrame(organization, permissions, section: "policies")), status: status) {
      breadcrumb([("Policies", "/\(organization.slug)/policies"), (policy.name.text, here)])
      pageHeader(HTML(title))
      if permissions.contains(.policyManage) {
        self.preview(preview)
        postForm("\(here)/enablement", state, token: visit.token) {
          input(.hidden, name: "state", .value(policy.isEnabled ? "off" : "on"))
          buttonRow {
            submitButton(policy.isEnabled ? "Switch it off" : "Switch it on", policy.isEnabled ? .final : .primary)
            linkButton("Cancel", href: here)
          }
        }
      } else {
        banner(.attention, "You can't do this.", "Only an admin of an active organization switches policies.")
      }
    }
  }

  private func switchOver(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let (name, reference) = (visit.parameter("policy"), visit.parameter("organization"))
      let isOn = visit.field("state") == "on"
      let policy = isOn ? try await enable(name, in: reference, by: visit.caller) : try await disable(name, in: reference, by: visit.caller)
      return .redirect(to: visit.policy, flash: Flash(isOn ? .good : .attention, "\(policy.name) is \(isOn ? "in force" : "off")."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await switchPage(FormState("switch", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  // MARK: Deleting

  private func deletionPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let policy = try await find(visit.parameter("policy"), in: organization.id.description, by: visit.caller)
    let here: Link = "/\(organization.slug)/policies/\(policy.slug)"
    return ConsolePage("Delete \(policy.name)", in: .organization(OrganizationFrame(organization, permissions, section: "policies")), status: status) {
      breadcrumb([("Policies", "/\(organization.slug)/policies"), (policy.name.text, here)])
      pageHeader(HTML("Delete \(policy.name)"))
      if permissions.contains(.policyManage) {
        let effect: HTML = policy.doesForbid ? "What it forbids is allowed again to whom roles allow it" : "What it permits is left to roles again"
        consequences([
          policy.isEnabled ? effect : "It isn't in force, so nobody's access changes",
          "Its history goes with it; its text stays in the audit log",
        ])
        postForm("\(here)/deletion", state, token: visit.token) {
          confirmField("Type \(code { policy.slug.text }) to show that you mean it", "confirm", expecting: policy.slug.text, in: state)
          buttonRow {
            submitButton("Delete \(policy.name)", .final)
            linkButton("Cancel", href: here)
          }
        }
      } else {
        banner(.attention, "You can't do this.", "Only an admin of an active organization deletes policies.")
      }
    }
  }

  private func delete(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let (name, reference) = (visit.parameter("policy"), visit.parameter("organization"))
      let policy = try await find(name, in: reference, by: visit.caller)
      try await delete(name, confirm: visit.field("confirm"), in: reference, by: visit.caller)
      return .redirect(to: visit.policies, flash: Flash(.attention, "\(policy.name) is deleted."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await deletionPage(FormState("delete", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  // MARK: What policies may speak of

  private func schemaPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let schema = try await schema(of: organization.id.description, by: visit.caller)
    let (vocabulary, now) = (schema.vocabulary, plane.world.clock())
    return ConsolePage(
      "What policies of \(organization.name) may speak of", in: .organization(OrganizationFrame(organization, permissions, section: "policies"))
    ) {
      breadcrumb([("Policies", "/\(organization.slug)/policies")])
      pageHeader(
        "What policies may speak of",
        "Types of things with their attributes, actions, and what a request brings. Platforms may name other things in checks; policies can't.")
      definitions(
        [("Version", HTML(schema.version == 0 ? "built in" : "\(schema.version)"))]
          + (schema.changedAt.map { [("Changed", relativeTime($0, now: now)), ("By", bdi { schema.changedBy })] } ?? [])
          + [("Added types", HTML(vocabulary.types.isEmpty ? "none" : vocabulary.types.map(\.name).joined(separator: ", ")))]
          + [("Added actions", HTML(vocabulary.actions.isEmpty ? "none" : vocabulary.actions.joined(separator: ", ")))])
      codeBlock(vocabulary.text, title: "Schema")
      p(.class("quiet-text")) { "Admins add types, attributes and actions with the API or with \(code { "guildhall policy schema set" })." }
    }
  }
}

extension Policy {
  fileprivate var doesForbid: Bool { PolicyOutline(text)?.forbids ?? true }
  fileprivate var effectBadge: HTML { badge(doesForbid ? "forbids" : "permits", doesForbid ? .attention : .good) }
  fileprivate var stateBadge: HTML { badge(isEnabled ? "in force" : "off", isEnabled ? .good : .neutral) }
}

extension PolicyTemplate {
  /// What its form begins with.
  fileprivate var beginning: [(String, String)] { fields.filter { !$0.value.isEmpty }.map { ($0.name, $0.value) } }
}

extension Visit {
  fileprivate var policies: String { "/\(parameter("organization"))/policies" }
  fileprivate var policy: String { "\(policies)/\(parameter("policy"))" }
}

import Authorization
import Contract
import Kernel
import Ledger
import Markup

extension Quotas {
  var pages: [PageRoute] {
    [
      .page("/{organization}/credits/quotas") { visit async throws(Problem) in .page(try await listPage(visit)) },
      .page("/{organization}/credits/quotas/new") { visit async throws(Problem) in .page(try await newPage(Self.beginning, visit)) },
      .form("/{organization}/credits/quotas/new") { visit async throws(Problem) in try await create(visit) },
      .page("/{organization}/credits/quotas/{quota}") { visit async throws(Problem) in .page(try await quotaPage(visit)) },
      .form("/{organization}/credits/quotas/{quota}") { visit async throws(Problem) in try await set(visit) },
      .form("/{organization}/credits/quotas/{quota}/delete") { visit async throws(Problem) in
        try await flashing(to: visit.quotas) { () async throws(Problem) in
          let id = try visit.quotaID
          let gone = try await find(id, in: visit.parameter("organization"), by: visit.caller)
          try await delete(id, in: visit.parameter("organization"), by: visit.caller)
          return "\(gone.quota.dimension.title) of \(gone.words) aren't limited by this quota any more."
        }
      },
      .passage("/{organization}/credits/quotas/{quota}/delete") { $0.quotas },
    ]
  }

  private static let beginning = FormState(
    "quota", ["dimension": QuotaDimension.runningJobs.rawValue, "subject": QuotaSubject.each.rawValue])

  // MARK: The list

  private func listPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let reference = organization.id.description
    let page = try await list(in: reference, visit.page, by: visit.caller)
    let (who, cluster) = (visit.query("who") ?? "", visit.query("cluster") ?? "")
    let kind: SubBalance.HolderKind = visit.query("kind") == SubBalance.HolderKind.serviceAccount.rawValue ? .serviceAccount : .member
    var (seen, wrong): ([SeenEffectiveQuota], String?) = ([], nil)
    do throws(Problem) {
      seen = try await effective(of: who.isEmpty ? nil : who, kind, cluster: cluster.isEmpty ? nil : cluster, in: reference, by: visit.caller)
    } catch {
      guard error.kind == .invalid else { throw error }
      wrong = error.detail
    }
    let leases = try await plane.leases.liveSection(in: organization, permissions, visit)
    let (here, canManage): (Link, Bool) = ("/\(organization.slug)/credits/quotas", permissions.contains(.quotaManage))
    return ConsolePage("Quotas of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "credits"))) {
      pageHeader(
        "Credits", "How much there may be at once of running jobs, GPUs, storage and seats.",
        actions: { if canManage { linkButton("Set a quota", href: "\(here)/new", .primary) } })
      creditTabs(organization, permissions, current: "quotas")
      if page.total == 0 {
        emptyState(
          "Nothing is limited yet",
          canManage
            ? "Platforms ask here before jobs begin. Set a quota to limit how many run at once, for the organization, each member or one of them."
            : "Platforms ask here before jobs begin. Admins and managers set quotas."
        ) { if canManage { linkButton("Set the first quota", href: "\(here)/new") } }
      } else {
        pageSection("What binds now") {
          form(.get, action: here, .class("filters"), .role("search")) {
            smallSelect(
              "Whose", "kind",
              [Choice(SubBalance.HolderKind.member.rawValue, "Member"), Choice(SubBalance.HolderKind.serviceAccount.rawValue, "Service account")],
              selected: kind.rawValue)
            div(.class("find")) {
              Icon.search.html
              input(
                .search, name: "who", .class("control"), .value(who), .placeholder("By handle"), .aria("label", "By handle"),
                .autocapitalize("none"), .spellcheck(false))
            }
            div(.class("find")) {
              Icon.search.html
              input(
                .search, name: "cluster", .class("control"), .value(cluster), .placeholder("Cluster"), .aria("label", "Cluster"), .autocapitalize("none"),
                .spellcheck(false))
            }
            submitButton("Show", .plain, small: true)
          }
          if let wrong { banner(.attention, "Nothing to show", HTML(wrong)) } else { bars(seen) }
        }
        pageSection("All quotas") { table(page, here) }
      }
      leases
    }
  }

  /// A bar for each quota that holds, the one that binds marked.
  private func bars(_ seen: [SeenEffectiveQuota]) -> HTML {
    let limited = seen.filter { !$0.effective.levels.isEmpty }
    if limited.isEmpty { return p(.class("quiet-text")) { "Nothing limits here." } }
    return fragment {
      for dimension in limited {
        h3 { dimension.effective.dimension.title }
        for (level, setting) in zip(dimension.effective.levels, dimension.settings) {
          let binds = dimension.binding?.quota.id == setting.quota.id
          switch level.quota.limit {
          case .unlimited: p(.class("quiet-text")) { "\(setting.words.sentence): \(dimension.effective.dimension.counted(level.used)), unlimited" }
          case .most(let most):
            quotaBar(
              binds ? "\(setting.words.sentence), which binds" : setting.words.sentence, "quota-\(setting.quota.id)", used: Int(clamping: level.used),
              of: Int(clamping: most), unit: dimension.effective.dimension.unit,
              written: dimension.effective.dimension == .storage ? { bytesText(Int64($0)) } : grouped)
          }
        }
      }
    }
  }

  private func table(_ page: Page<QuotaSetting>, _ here: Link) -> HTML {
    fragment {
      dataTable(
        "Quotas", [Column("Quota"), Column("Cluster"), Column("At most", .number)],
        page.items.map { setting in
          TableRow(
            notedCell(a(href: "\(here)/\(setting.quota.id)") { setting.quota.dimension.title }, bdi { setting.subjectWords }),
            setting.quota.scope.cluster.map { cluster in bdi { cluster } } ?? "all", HTML(setting.limitShown))
        })
      pagination(shown: page.items.count, total: page.total, "quota", next: page.next.map { here.adding("cursor", $0.description) })
    }
  }

  // MARK: A new one

  private func newPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let here: Link = "/\(organization.slug)/credits/quotas"
    return ConsolePage(
      "New quota in \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "credits")), status: status
    ) {
      breadcrumb([("Credits", "/\(organization.slug)/credits"), ("Quotas", here)])
      pageHeader("Set a quota", "What runs already goes on, also where it is more.")
      if permissions.contains(.quotaManage) {
        postForm("\(here)/new", state, token: visit.token) {
          onceField(visit)
          selectField("Of what", "dimension", in: state, QuotaDimension.allCases.map { Choice($0.rawValue, $0.title) })
          selectField(
            "For whom", "subject", in: state,
            [
              Choice(QuotaSubject.each.rawValue, "Each member, by themselves"), Choice(QuotaSubject.member.rawValue, "One member"),
              Choice(QuotaSubject.serviceAccount.rawValue, "One service account"), Choice(QuotaSubject.organization.rawValue, "The whole organization"),
            ])
          textField(
            "Who", "holder", in: state, hint: "A member by handle or e-mail address, a service account by handle.", need: .byOthers, .maxlength(320),
            .autocapitalize("none"), .spellcheck(false))
          textField(
            "Cluster", "cluster", in: state, hint: "By the name that its platform gives it. Left empty, all of them together.", optional: true, .maxlength(128))
          limitFields(state)
          buttonRow {
            submitButton("Set the quota")
            linkButton("Cancel", href: here)
          }
        }
      } else {
        banner(.attention, "You can't do this.", "Only admins and managers of an active organization set quotas.")
      }
    }
  }

  private func limitFields(_ state: FormState) -> HTML {
    fragment {
      textField("At most", "limit", in: state, hint: "A whole number; storage in bytes. 0 is nothing.", need: .byOthers, .inputmode("numeric"), .maxlength(16))
      checkField("Unlimited", "unlimited", in: state, hint: "One's own goes before what each member may have.")
    }
  }

  private func create(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      guard let dimension = QuotaDimension(rawValue: visit.field("dimension")) else { throw Problem.invalid("dimension", "Choose what is limited.") }
      guard let subject = QuotaSubject(rawValue: visit.field("subject")) else { throw Problem.invalid("subject", "Choose for whom.") }
      let draft = try QuotaDraft(
        dimension, subject: subject, holder: visit.field("holder"), cluster: visit.field("cluster"), limit: visit.limit,
        isUnlimited: !visit.field("unlimited").isEmpty)
      let made = try await create(draft, in: visit.parameter("organization"), by: visit.caller)
      return .redirect(to: visit.quotas, flash: Flash(.good, "\(made.words.sentence) may have \(made.limitWords)."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await newPage(FormState("quota", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  // MARK: One of them

  private func quotaPage(_ visit: Visit, returned: FormState? = nil, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let setting = try await find(visit.quotaID, in: organization.id.description, by: visit.caller)
    let here: Link = "/\(organization.slug)/credits/quotas/\(setting.quota.id)"
    let state = returned ?? FormState("limit", setting.quota.limit == .unlimited ? ["unlimited": "on"] : ["limit": setting.quota.limit.text])
    return ConsolePage(
      "Quota of \(setting.words)", in: .organization(OrganizationFrame(organization, permissions, section: "credits")), status: status
    ) {
      breadcrumb([("Credits", "/\(organization.slug)/credits"), ("Quotas", "/\(organization.slug)/credits/quotas")])
      pageHeader(HTML(setting.quota.dimension.title), bdi { "\(setting.words.sentence) may have \(setting.limitWords)." })
      if permissions.contains(.quotaManage) {
        pageSection("Change it", "What runs already goes on, also where it is more.") {
          postForm(here, state, token: visit.token) {
            revisionField(setting.revision, in: state)
            limitFields(state)
            buttonRow { submitButton("Save", .plain) }
          }
        }
        pageSection("Take it away", "Then it doesn't limit any more.") {
          postForm("\(here)/delete", FormState("delete"), token: visit.token) { buttonRow { submitButton("Take the quota away", .danger) } }
        }
      }
    }
  }

  private func set(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let update = try QuotaUpdate(limit: visit.limit, isUnlimited: !visit.field("unlimited").isEmpty)
      let saved = try await self.update(visit.quotaID, update, seen: Int(visit.field("revision")), in: visit.parameter("organization"), by: visit.caller)
      return .redirect(to: visit.quotas, flash: Flash(.good, "\(saved.words.sentence) may have \(saved.limitWords)."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await quotaPage(visit, returned: FormState("limit", values: visit.typed, problem: error), status: 422))
    }
  }
}

extension QuotaDimension {
  fileprivate var title: String {
    switch self {
    case .runningJobs: "Running jobs"
    case .gpus: "GPUs"
    case .storage: "Storage"
    case .seats: "Seats"
    case .projects: "Projects"
    case .pipelines: "Pipelines"
    case .pipelineRuns: "Pipeline runs"
    case .models: "Models"
    }
  }

  fileprivate var unit: String {
    switch self {
    case .runningJobs: "running jobs"
    case .gpus: "GPUs"
    // Its numbers say it.
    case .storage: ""
    case .seats: "seats"
    case .projects: "projects"
    case .pipelines: "pipelines"
    case .pipelineRuns: "pipeline runs"
    case .models: "models"
    }
  }
}

extension QuotaSetting {
  /// Without the cluster.
  fileprivate var subjectWords: String {
    switch subject {
    case .organization: "the organization"
    case .each: "each member"
    case .member: name
    case .serviceAccount: "the service account \(name)"
    }
  }

  fileprivate var limitWords: String {
    switch quota.limit {
    case .unlimited: quota.dimension == .storage ? "unlimited storage" : "any number of \(quota.dimension.unit)"
    case .most(let limit): quota.dimension.counted(limit)
    }
  }

  /// In a column of a table that says of what.
  fileprivate var limitShown: String {
    switch quota.limit {
    case .unlimited: "unlimited"
    case .most(let limit): quota.dimension == .storage ? bytesText(limit) : grouped(Int(clamping: limit))
    }
  }
}


extension String {
  /// As the beginning of a sentence.
  fileprivate var sentence: String { prefix(1).uppercased() + dropFirst() }
}

extension Visit {
  fileprivate var quotas: String { "\(credits)/quotas" }

  /// What was typed as a limit; nothing where nothing was, and never a number for what is none.
  fileprivate var limit: Int? {
    let text = amount("limit")
    return text.isEmpty ? nil : text.utf8.first == UInt8(ascii: "+") ? -1 : Int(text) ?? -1
  }

  /// The id of the quota in the path; refuses as `missing` what is none.
  fileprivate var quotaID: ID<Quota> {
    get throws(Problem) {
      guard let id = ID<Quota>(parameter("quota")) else { throw Problem(.missing, "There is no such quota here.") }
      return id
    }
  }
}

import Authorization
import Kernel
import Ledger
import Markup

extension Leases {
  var pages: [PageRoute] {
    [
      .page("/{organization}/credits/leases") { visit async throws(Problem) in .page(try await listPage(visit)) },
      .form("/{organization}/credits/leases/{lease}/release") { visit async throws(Problem) in
        try await flashing(to: visit.back(or: "\(visit.credits)/leases")) { () async throws(Problem) in
          guard let id = ID<Lease>(visit.parameter("lease")) else { throw Problem(.missing, "There is no such lease here.") }
          let after = try await release(id, in: visit.parameter("organization"), by: visit.caller)
          return after.state == .expired ? "It had expired." : "\(after.lease.amounts.words.sentence) of \(after.name) can be taken again."
        }
      },
      .passage("/{organization}/credits/leases/{lease}/release") { "\($0.credits)/leases" },
    ]
  }

  private func listPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let reference = organization.id.description
    let state = visit.query("state").flatMap(SeenLease.State.init(rawValue:))
    let page = try await list(in: reference, state, visit.page, by: visit.caller)
    let leases = try await listing(page.items, in: organization, permissions, visit)
    let here: Link = "/\(organization.slug)/credits/leases"
    return ConsolePage("Leases of \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "credits"))) {
      breadcrumb([("Credits", "/\(organization.slug)/credits"), ("Quotas", "/\(organization.slug)/credits/quotas")])
      pageHeader("Leases", "What is taken of quotas while jobs run, and what was. Each ends by itself, unless it is released or renewed before.")
      creditTabs(organization, permissions, current: "quotas")
      if page.items.isEmpty, state == nil {
        emptyState("Nothing was taken yet", "Platforms take what a job needs over the API before it begins, and release it when it ends.") {
          linkButton("How that is done", href: "/docs/reference")
        }
      } else {
        form(.get, action: here, .class("filters"), .role("search"), .data("renews", "leases")) {
          smallSelect(
            "State", "state", [Choice("", "All")] + SeenLease.State.allCases.map { Choice($0.rawValue, $0.rawValue.sentence) }, selected: state?.rawValue ?? "")
          span(.class("without-script")) { submitButton("Filter", .plain, small: true) }
        }
        div(.id("leases"), .class("list")) {
          if page.items.isEmpty {
            emptyState("No lease fits", "None is \(state?.rawValue ?? "there").") { linkButton("Show all leases", href: here) }
          } else {
            leases.table(page.items, visit)
            pagination(
              shown: page.items.count, total: page.total, isCapped: page.isCapped, "lease",
              next: page.next.map { here.adding("state", state?.rawValue).adding("cursor", $0.description) })
          }
        }
      }
    }
  }

  /// What is live, for the page of the quotas that it is taken of.
  func liveSection(in organization: Organization, _ permissions: Set<Permission>, _ visit: Visit) async throws(Problem) -> HTML {
    let page = try await list(in: organization.id.description, .live, PageRequest(limit: 5), by: visit.caller)
    let leases = try await listing(page.items, in: organization, permissions, visit)
    let here: Link = "/\(organization.slug)/credits/leases"
    return pageSection("Taken now", "By jobs that run, the newest first.") {
      if page.items.isEmpty {
        p(.class("quiet-text")) { "Nothing is taken. \(a(href: here) { "Earlier leases" })" }
      } else {
        leases.table(page.items, visit)
        p { a(href: here) { page.total > page.items.count ? "All \(grouped(page.total)) live leases, and earlier ones" : "All leases, earlier ones too" } }
      }
    }
  }

  private func listing(
    _ leases: [SeenLease], in organization: Organization, _ permissions: Set<Permission>, _ visit: Visit
  ) async throws(Problem) -> LeaseList {
    let names = try await plane.credits.names(of: leases.map(\.actor), in: organization.id.description, by: visit.caller)
    let viewer = try await plane.viewer(as: visit.caller)
    return LeaseList(organization: organization, names: names, now: plane.world.clock()) { seen in
      guard permissions.contains(.creditsUse), seen.state == .live, let viewer else { return false }
      return viewer.isSuperUser || seen.actor == JournalActor(kind: .account, id: viewer.id.description)
    }
  }
}

/// Leases as they are listed.
struct LeaseList {
  let organization: Organization
  /// Of who took them, as far as they are still there.
  let names: [JournalActor: String]
  let now: Timestamp
  /// Whether the viewer may end one.
  let releasable: (SeenLease) -> Bool

  func table(_ leases: [SeenLease], _ visit: Visit) -> HTML {
    let canRelease = leases.contains(where: releasable)
    return dataTable(
      "Leases", [Column("Whose"), Column("Takes"), Column("Cluster"), Column("State"), Column("By")] + (canRelease ? [.actions] : []),
      leases.map { seen in
        TableRow(
          notedCell(bdi { seen.holderKind == .serviceAccount ? "Service account \(seen.name)" : seen.name }, note(seen)), HTML(seen.lease.amounts.words),
          seen.lease.cluster.map { cluster in bdi { cluster } } ?? span(.class("quiet")) { "none named" }, state(of: seen),
          bdi { names[seen.actor] ?? "somebody who is gone" }, releasable(seen) ? release(seen, visit) : HTML.empty)
      })
  }

  private func note(_ seen: SeenLease) -> HTML {
    seen.note.isEmpty ? relativeTime(seen.lease.since, now: now) : "\(bdi { seen.note.text }), \(relativeTime(seen.lease.since, now: now))"
  }

  private func state(of seen: SeenLease) -> HTML {
    switch seen.lease.state(at: .distantPast) {
    case .released(let instant): notedCell(badge("released"), relativeTime(instant, now: now))
    case .live, .expired:
      seen.state == .live
        ? notedCell(badge("live", .good), "until \(exactTime(seen.lease.expires))")
        : notedCell(badge("expired", .attention), relativeTime(seen.lease.expires, now: now))
    }
  }

  private func release(_ seen: SeenLease, _ visit: Visit) -> HTML {
    moreMenu(
      "More for \(seen.lease.amounts.words) of \(seen.name)", token: visit.token,
      [.action("Release", to: "/\(organization.slug)/credits/leases/\(seen.lease.id)/release", fields: ["back": visit.location], isDanger: true)])
  }
}

extension LeaseAmounts {
  /// "2 running jobs, 8 GPUs".
  fileprivate var words: String { dimensions.map { $0.counted(self[$0]) }.joined(separator: ", ") }
}

extension String {
  /// As the beginning of a sentence.
  fileprivate var sentence: String { prefix(1).uppercased() + dropFirst() }
}

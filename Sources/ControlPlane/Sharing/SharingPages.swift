import Authorization
import Contract
import Kernel
import Markup

extension Sharing {
  var pages: [PageRoute] {
    [
      .page("/{organization}/objects/sharing") { visit async throws(Problem) in
        guard visit.query("type") != nil, visit.query("id") != nil else { return .redirect(to: "/\(visit.parameter("organization"))/objects") }
        return .page(try await page(nil, visit))
      },
      .form("/{organization}/objects/sharing") { visit async throws(Problem) in try await share(visit) },
      .passage("/{organization}/objects/sharing/withdrawal") { "/\($0.parameter("organization"))/objects" },
      .form("/{organization}/objects/sharing/withdrawal") { visit async throws(Problem) in try await withdraw(visit) },
    ]
  }

  private func page(_ returned: FormState?, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let name = try visit.sharedName
    let (object, chain, shares, actions) = try await open(name, in: organization.id.description, visit.page, by: visit.caller)
    let now = plane.world.clock()
    let list = ("/\(organization.slug)/objects" as Link).adding("in", object.place.map { "\($0.type):\($0.id)" })
    let state = returned ?? FormState("share", values: [("action", "read")], problem: nil)
    return ConsolePage(
      "\(object.title), \(object.name.type.noun)", in: .organization(OrganizationFrame(organization, permissions, section: "")), status: status
    ) {
      breadcrumb(chain.reversed().map { ($0.name.text, ("/\(organization.slug)/objects" as Link).adding("in", "\($0.type):\($0.id)")) } + [("Objects", list)])
      pageHeader(bdi { object.title }, object.registered == nil ? "Its platform names it so; it isn't registered here." : nil, badges: {
        code { object.name.type.name }
        if object.title != object.name.id { code { object.name.id } }
      })
      let attributes = object.registered?.attributes.json.members ?? []
      if !attributes.isEmpty {
        pageSection("Attributes", "What policies may look at.") { definitions(attributes.map { member in (member.name, code { member.value.compact }) }) }
      }
      if !actions.isEmpty {
        pageSection(
          "Share it", "They may do this with it, and nothing with anything else; they see what it stands in. What you choose replaces what they had."
        ) {
          postForm("/\(organization.slug)/objects/sharing", state, token: visit.token) {
            visit.hidden(name)
            textField(
              "Handle or address", "who", in: state, hint: "Of a member, of a service account, or of a team.", .autocomplete("off"), .autocapitalize("none"),
              .spellcheck(false))
            checkGroup("They may", "action", in: state, actions.map { Choice($0, $0.replacing("_", with: " ")) })
            buttonRow { submitButton("Share") }
          }
        }
      }
      pageSection("Shared with") { table(shares, name, canShare: !actions.isEmpty, organization, permissions, visit, now) }
    }
  }

  private func table(
    _ page: Page<Share>, _ name: SharedName, canShare: Bool, _ organization: Organization, _ permissions: Set<Permission>, _ visit: Visit, _ now: Timestamp
  ) -> HTML {
    fragment {
      if page.items.isEmpty {
        emptyState(
          "It isn't shared", canShare ? "Share it above: with a person, a team or a program." : "Who owns it, or may share it, can share it with others.")
      } else {
        dataTable(
          "Shared with", [Column("Name"), Column("May"), Column("Shared by"), Column("Since")] + (canShare ? [.actions] : []),
          page.items.map { share in
            TableRow(
              personCell(
                id: share.holder.portraitID, name: share.holder.name, detail: share.holder.detail, href: share.holder.page(in: organization, permissions)),
              badgeRow { for action in share.sortedActions { badge(action.name) } }, bdi { share.sharer.name.text }, relativeTime(share.since, now: now),
              canShare
                ? actionForm("/\(organization.slug)/objects/sharing/withdrawal", token: visit.token) {
                  visit.hidden(name)
                  input(.hidden, name: "kind", .value(share.holder.kind.rawValue))
                  input(.hidden, name: "holder", .value(share.holder.account?.description ?? share.holder.id))
                  submitButton("Withdraw", .plain, small: true, .aria("label", "Withdraw what is shared with \(share.holder.name)"))
                } : HTML.empty)
          })
        pagination(
          shown: page.items.count, total: page.total, "share",
          next: page.next.map { (Link(local: visit.sharingPage(name)) ?? "/").adding("cursor", $0.description) })
      }
    }
  }

  private func share(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let name = try visit.sharedName
    do throws(Problem) {
      let who = visit.field("who").filter { !$0.isWhitespace }
      guard !who.isEmpty else { throw .invalid("who", "Name somebody: by handle or by address.") }
      guard !visit.fields("action").isEmpty else { throw .invalid("action", "Choose what they may do.") }
      let share = try await set(ShareDraft(name, with: .anybody(who), actions: visit.fields("action")), in: visit.parameter("organization"), by: visit.caller)
      let flash = Flash(.good, "\(share?.holder.name ?? "") may do this with it from now on.")
      return .redirect(to: visit.sharingPage(name), flash: flash)
    } catch {
      guard error.isMendable else { throw error }
      let state = FormState("share", values: visit.typed, problem: error.calling(["holder": "who", "actions": "action"]))
      return .page(try await page(state, visit, status: 422))
    }
  }

  private func withdraw(_ visit: Visit) async throws(Problem) -> PageAnswer {
    let name = try visit.sharedName
    return try await telling(at: visit.sharingPage(name), orElse: "/\(visit.parameter("organization"))/objects") { () async throws(Problem) in
      let holder = visit.field("holder")
      let candidate: GrantCandidate =
        switch Grant.Kind(rawValue: visit.field("kind")) {
        case .serviceAccount?: .serviceAccount(holder)
        case .team?: .team(holder)
        default: .member(holder)
        }
      try await set(ShareDraft(name, with: candidate, actions: []), in: visit.parameter("organization"), by: visit.caller)
      return Flash(.good, "It isn't shared with them any more.")
    }
  }
}

extension Visit {
  /// The object that the page or the form is about.
  fileprivate var sharedName: SharedName {
    get throws(Problem) {
      let (type, id) = (query("type") ?? field("type"), query("id") ?? field("id"))
      do throws(Problem) { return SharedName(try ObjectName(type: type, id: id), in: try objectPlace) } catch {
        throw error.kind == .invalid ? Denial.hiddenResource.problem(doing: "this") : error
      }
    }
  }

  fileprivate func hidden(_ name: SharedName) -> HTML {
    fragment {
      if let place = name.place { input(.hidden, name: "in", .value("\(place.type):\(place.id)")) }
      input(.hidden, name: "type", .value(name.object.type.name))
      input(.hidden, name: "id", .value(name.object.id))
    }
  }

  fileprivate func sharingPage(_ name: SharedName) -> String {
    (Link(local: "/\(parameter("organization"))/objects/sharing") ?? "/").adding("in", name.place.map { "\($0.type):\($0.id)" })
      .adding("type", name.object.type.name).adding("id", name.object.id).text
  }
}

import Authorization
import Kernel
import Markup

extension Objects {
  var pages: [PageRoute] { [.page("/{organization}/objects") { visit async throws(Problem) in .page(try await listPage(visit)) }] }

  private func listPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let id = organization.id.description
    let place = try visit.objectPlace
    let (type, name) = (visit.query("type").flatMap { AccessQuestion.isName($0) ? $0 : nil }, visit.query("q"))
    var page: Page<RegisteredObject>?
    // Who may read nothing there is told what was shared with them all the same.
    do throws(Problem) { page = try await list(at: place, of: type, named: name, in: id, visit.page, by: visit.caller) } catch {
      guard error.kind == .missing || error.kind == .forbidden else { throw error }
    }
    let trail = try await trail(place, in: organization, by: visit.caller)
    let received = place == nil || page == nil ? try await plane.sharing.received(in: id, page == nil ? visit.page : .first, by: visit.caller) : nil
    let given = place == nil ? try await plane.sharing.given(in: id, .first, by: visit.caller) : nil
    let (now, here) = (plane.world.clock(), ("/\(organization.slug)/objects" as Link).adding("in", visit.query("in")))
    let frame = ConsolePage.Frame.organization(OrganizationFrame(organization, permissions, section: ""))
    return ConsolePage(trail.last.map { "Objects in \($0.title)" } ?? "Objects", in: frame) {
      if !trail.isEmpty { breadcrumb(trail) }
      pageHeader("Objects", "Models, datasets and whatever else platforms register or share, by what they call it.")
      if let received { receivedSection(received, in: organization, isPaged: page == nil, now) }
      if let given, !given.items.isEmpty { givenSection(given, in: organization, now) }
      if let page {
        pageSection(
          place == nil ? "Registered in the organization itself" : "Registered here",
          place == nil ? "What stands in a project or an app is listed there." : nil
        ) {
          if page.items.isEmpty, type == nil, name == nil {
            emptyState("Nothing is registered", "Platforms register what decisions and policies shall know; what they merely name can be shared all the same.")
          } else {
            filterBar(here, search: name ?? "", placeholder: "Find by its whole id", replaces: "objects") {
              if let place { input(.hidden, name: "in", .value("\(place.type):\(place.id)")) }
              if let type { input(.hidden, name: "type", .value(type)) }
            }
            div(.id("objects"), .class("list")) { table(page, type, name, in: organization, here, now) }
          }
        }
      }
      named(place, in: organization)
    }
  }

  private func table(
    _ page: Page<RegisteredObject>, _ type: String?, _ name: String?, in organization: Organization, _ here: Link, _ now: Timestamp
  ) -> HTML {
    fragment {
      if page.items.isEmpty {
        emptyState("No object fits", "Nothing that you may see is called so.") { linkButton("Show all objects", href: here) }
      } else {
        dataTable(
          "Objects", [Column("Object"), Column("Type"), Column("Since")],
          page.items.map { object in
            TableRow(
              personCell(
                id: object.resource.id, name: object.resource.name.text, detail: object.name,
                href: sharingLink(object.resource.type, object.name, in: object.place, organization)),
              code { object.resource.type.name }, relativeTime(object.resource.createdAt, now: now))
          })
        pagination(
          shown: page.items.count, total: page.total, isCapped: page.isCapped, "object",
          next: page.next.map { here.adding("type", type).adding("q", name).adding("cursor", $0.description) })
      }
    }
  }

  private func receivedSection(_ page: Page<Share>, in organization: Organization, isPaged: Bool, _ now: Timestamp) -> HTML {
    pageSection("Shared with you", "By whoever owns it or may share it, with you or with a team of yours.") {
      if page.items.isEmpty {
        emptyState("Nothing was shared with you", "Somebody shares an object with you on its page, or in the platform that it belongs to.")
      } else {
        dataTable(
          "Shared with you", [Column("Object"), Column("Type"), Column("You may"), Column("Shared by"), Column("Since")],
          page.items.map { share in
            TableRow(
              personCell(
                id: share.id, name: share.object.title, detail: share.object.place.map { "in \($0.name)" } ?? share.object.name.id,
                href: sharingLink(share.object.name.type, share.object.name.id, in: share.object.place, organization)),
              code { share.object.name.type.name }, badgeRow { for action in share.sortedActions { badge(action.name) } },
              bdi { share.sharer.name.text }, relativeTime(share.since, now: now))
          })
        pagination(
          shown: page.items.count, total: page.total, "object",
          next: isPaged ? page.next.map { ("/\(organization.slug)/objects" as Link).adding("cursor", $0.description) } : nil)
      }
    }
  }

  private func givenSection(_ page: Page<Share>, in organization: Organization, _ now: Timestamp) -> HTML {
    pageSection("Shared by you", "With whom, and what they may do with it.") {
      dataTable(
        "Shared by you", [Column("Object"), Column("Type"), Column("With"), Column("They may"), Column("Since")],
        page.items.map { share in
          TableRow(
            personCell(
              id: share.id, name: share.object.title, detail: share.object.place.map { "in \($0.name)" } ?? share.object.name.id,
              href: sharingLink(share.object.name.type, share.object.name.id, in: share.object.place, organization)),
            code { share.object.name.type.name }, bdi { share.holder.name }, badgeRow { for action in share.sortedActions { badge(action.name) } },
            relativeTime(share.since, now: now))
        })
      pagination(shown: page.items.count, total: page.total, "object", next: nil)
    }
  }

  /// For what is merely named.
  private func named(_ place: ThingName.Place?, in organization: Organization) -> HTML {
    let state = FormState("named", values: [], problem: nil)
    return pageSection("Another object", "One that its platform knows and hasn't registered here.") {
      form(.get, action: "/\(organization.slug)/objects/sharing", .class("form"), .id("named")) {
        if let place { input(.hidden, name: "in", .value("\(place.type):\(place.id)")) }
        textField("Type", "type", in: state, hint: "In small letters: dataset, model_version.", .maxlength(64), .autocapitalize("none"), .spellcheck(false))
        textField("Id", "id", in: state, hint: "What its platform calls it.", .maxlength(256), .autocapitalize("none"), .spellcheck(false))
        buttonRow { submitButton("Open", .plain) }
      }
    }
  }

  /// From the list of such places to this one.
  func trail(_ place: ThingName.Place?, in organization: Organization, by caller: Caller) async throws(Problem) -> [(title: String, href: Link)] {
    let id = organization.id.description
    switch place?.type {
    case .workspace?:
      let found = try await plane.workspaces.find(place?.id ?? "", in: id, by: caller)
      return [("Workspaces", "/\(organization.slug)/workspaces"), (found.resource.name.text, "/\(organization.slug)/workspaces/\(found.resource.slug)")]
    case .cluster?:
      let found = try await plane.organizationClusters.find(place?.id ?? "", in: id, by: caller)
      return [("Clusters", "/\(organization.slug)/clusters"), (found.resource.name.text, "/\(organization.slug)/clusters/\(found.resource.slug)")]
    case .app?:
      let found = try await plane.apps.find(place?.id ?? "", in: id, by: caller)
      return [("Apps", "/\(organization.slug)/apps"), (found.resource.name.text, "/\(organization.slug)/apps/\(found.resource.slug)")]
    case .project?:
      let name = place?.id ?? ""
      let chain = try await plane.read(as: caller) { work in
        let organization = try work.permit(ReadOrganization.self, in: id).0
        return try work.chain(of: ThingName.Place(type: "project", id: name), in: organization, for: ReadObject.self, on: ResourceType("object"))
      }
      let outer = chain.dropFirst().first
      let there = ProjectPlace.workspace(outer?.id.description ?? "")
      let project = try await plane.projects.find(
        chain.first?.id.description ?? "", at: outer?.type == .cluster ? .cluster(outer?.id.description ?? "") : there, in: id, by: caller)
      return projectPath(project, in: organization) + [(project.resource.name.text, projectLink(project, in: organization))]
    default: return []
    }
  }
}

/// Where one object's page stands.
func sharingLink(_ type: ResourceType, _ id: String, in place: Resource?, _ organization: Organization) -> Link {
  ("/\(organization.slug)/objects/sharing" as Link).adding("in", place.map { "\($0.type):\($0.id)" }).adding("type", type.name).adding("id", id)
}

/// The tab of a place's pages that leads to what stands in it.
func objectsTab(_ place: Resource, in organization: String) -> Tab {
  Tab("Objects", href: (Link(local: "/\(organization)/objects") ?? "/").adding("in", "\(place.type):\(place.id)"), isCurrent: false)
}

extension Visit {
  /// What the objects stand in that the page is about, as `project:id`; `nil` for the organization itself.
  var objectPlace: ThingName.Place? {
    get throws(Problem) { try (query("in") ?? (field("in").isEmpty ? nil : field("in"))).map { text throws(Problem) in try ThingName.Place(typed: text) } }
  }
}

extension ThingName.Place {
  /// `project:id`.
  init(typed text: String) throws(Problem) {
    let parts = text.split(separator: ":" as Character, maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw Denial.hiddenResource.problem(doing: "this") }
    do throws(Problem) { try self.init(type: String(parts[0]), id: String(parts[1]), field: "in") } catch { throw Denial.hiddenResource.problem(doing: "this") }
  }
}

import Authorization
import Contract
import Kernel
import Markup

extension Attributes {
  var pages: [PageRoute] {
    [
      .page("/{organization}/attributes/{resource}") { visit async throws(Problem) in .page(try await page(nil, visit)) },
      .form("/{organization}/attributes/{resource}") { visit async throws(Problem) in try await save(visit) },
    ]
  }

  /// Those that have a field of their own; the others are lines of a text.
  private static let lists = ["tags", "compliance"]
  private static let texts = ["region", "classification"]

  private func page(_ returned: FormState?, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let (resource, canChange, known) = try await open(.named(visit.parameter("resource")), in: organization.id.description, by: visit.caller)
    let section = resource.type == .app ? "apps" : resource.type == .cluster ? "clusters" : "workspaces"
    let further = known.filter { !(Self.lists + Self.texts + ["name", "slug", "owner"]).contains($0.name) }
    let state = returned ?? FormState("attributes", values: values(of: resource), problem: nil)
    return ConsolePage(
      "Attributes of \(resource.name)", in: .organization(OrganizationFrame(organization, permissions, section: section)), status: status
    ) {
      breadcrumb([(sectionTitle(section), "/\(organization.slug)/\(section)")])
      pageHeader(
        HTML("Attributes of \(resource.name)"),
        HTML("What policies may look at when they decide about this \(resource.type.noun) and what is in it. It counts from the next decision on."))
      if canChange {
        postForm("/\(organization.slug)/attributes/\(resource.id)", state, token: visit.token) {
          revisionField(resource.revision, in: state)
          textField("Tags", "tags", in: state, hint: "With commas between them.", optional: true, .maxlength(2000), .autocapitalize("none"))
          textField(
            "Complies with", "compliance", in: state, hint: "Such as gdpr, iso-27001; with commas between them.", optional: true, .maxlength(2000),
            .autocapitalize("none"))
          textField("Region", "region", in: state, hint: "Such as eu-central.", optional: true, .maxlength(256), .autocapitalize("none"))
          textField("Classification", "classification", in: state, hint: "Such as confidential.", optional: true, .maxlength(256), .autocapitalize("none"))
          textAreaField(
            "Further attributes", "further", in: state, rows: 4,
            hint: further.isEmpty
              ? "One to a line, as name = value. The organization's schema knows no further ones yet."
              : HTML("One to a line, as name = value in JSON. The organization's schema knows \(words(further))."),
            optional: true, classes: "mono", .maxlength(8192))
          buttonRow { submitButton("Save changes") }
        }
      } else {
        definitions(resource.attributes.json.members.map { member in (member.name, code { member.value.compact }) })
        banner(.attention, "You can't change them.", "Only who may change the thing itself says what policies see of it.")
      }
    }
  }

  private func words(_ attributes: [PolicyVocabulary.Attribute]) -> String {
    attributes.map { "\($0.name) (\($0.kind.rawValue))" }.joined(separator: ", ")
  }

  private func values(of resource: Resource) -> [(String, String)] {
    var values = [("revision", String(resource.revision))]
    var further: [String] = []
    for member in resource.attributes.json.members {
      switch member.value {
      case .array(let items) where Self.lists.contains(member.name):
        values.append((member.name, items.compactMap { if case .string(let text) = $0 { text } else { nil } }.joined(separator: ", ")))
      case .string(let text) where Self.texts.contains(member.name): values.append((member.name, text))
      default: further.append("\(member.name) = \(member.value.compact)")
      }
    }
    return values + [("further", further.joined(separator: "\n"))]
  }

  private func save(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let saved = try await set(
        .named(visit.parameter("resource")), to: try Self.typed(visit), seen: Int(visit.field("revision")), in: visit.parameter("organization"),
        by: visit.caller)
      return .redirect(
        to: "/\(visit.parameter("organization"))/attributes/\(saved.id)", flash: Flash(.good, "Policies see this of \(saved.name) from now on."))
    } catch {
      guard error.isMendable else { throw error }
      let own = Self.lists + Self.texts
      let faults = error.faults.map { fault in
        let name = String(fault.field.drop { $0 != "/" }.dropFirst().prefix { $0 != "/" })
        return FieldFault(own.contains(name) ? name : "further", name.isEmpty ? fault.detail : "\(name): \(fault.detail)")
      }
      let state = FormState("attributes", values: visit.typed, problem: Problem(error.code, error.detail, faults: faults))
      return .page(try await page(state, visit, status: 422))
    }
  }

  private static func typed(_ visit: Visit) throws(Problem) -> JSON {
    var members: [JSON.Member] = []
    for name in lists {
      let items = visit.field(name).split(separator: ",").map { $0.trimmingPrefix { $0.isWhitespace } }.map { text in
        String(text.reversed().drop { $0.isWhitespace }.reversed())
      }.filter { !$0.isEmpty }
      if !items.isEmpty { members.append(JSON.Member(name, .array(items.map { .string($0) }))) }
    }
    for name in texts where !visit.field(name).allSatisfy(\.isWhitespace) { members.append(JSON.Member(name, .string(visit.field(name)))) }
    for line in visit.field("further").split(whereSeparator: \.isNewline) where !line.allSatisfy(\.isWhitespace) {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw .invalid("attributes", "Write each on a line of its own, as name = value.") }
      let name = String(parts[0].filter { !$0.isWhitespace })
      do { members.append(JSON.Member(name, try JSON(Array(parts[1].utf8)))) } catch {
        throw .invalid("attributes/\(name)", "Write its value in JSON: a text stands in quotes.")
      }
    }
    return .object(members)
  }
}

/// Leads from a thing's settings to its attributes.
func attributesLink(_ resource: Resource, in organization: Organization) -> HTML {
  pageSection("Attributes", "Tags, what it complies with, its region: what policies may look at.") {
    linkButton("Attributes", href: "/\(organization.slug)/attributes/\(resource.id)")
  }
}

extension JSON {
  /// Of an object; none of anything else.
  var members: [Member] { if case .object(let members) = self { members } else { [] } }
}

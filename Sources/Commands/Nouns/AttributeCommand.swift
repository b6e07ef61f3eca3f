import ArgumentParser
import Client
import Contract
import Kernel

struct AttributeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attribute", abstract: "What policies may look at of workspaces, clusters, projects and apps.", subcommands: [Show.self, Set.self])

  struct Show: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show the attributes of something.")
    @Argument(help: ThingText.help) var resource: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.resource(resource, organization)
      try invocation.printer.show(try await invocation.client().call(API.Attributes.read, path: path))
    }
  }

  struct Set: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Say something else of it; decisions see it at once.",
      discussion: """
        Values are JSON, or else texts; tags and compliance may be told with commas. Without a value the attribute goes.

        Example: guildhall attribute set app:painter tags=vision,steel compliance=gdpr region=eu-central classification=
        """)
    @Argument(help: ThingText.help) var resource: String
    @Argument(help: ArgumentHelp("What is said of it.", valueName: "name=value")) var attributes: [String]
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.resource(resource, organization), try invocation.client())
      let before = try await client.call(API.Attributes.read, path: path)
      var members: [JSON.Member] = if case .object(let members) = before.attributes { members } else { [] }
      for text in attributes {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty else {
          throw .invalid("attributes", "\"\(String(text.prefix(80)).onOneLine)\" is no attribute. Write name=value.")
        }
        members.removeAll { $0.name == parts[0] }
        if let value = Self.value(parts[1], of: parts[0]) { members.append(JSON.Member(parts[0], value)) }
      }
      let after = try await client.call(API.Attributes.set, path: path, body: Wire.AttributesDraft(attributes: .object(members)), revision: before.revision)
      try invocation.printer.done("\(after.slug.onOneLine) has these attributes: \(after.attributes.compact.onOneLine)", after)
    }

    private static func value(_ text: String, of name: String) -> JSON? {
      if text.isEmpty { return nil }
      if let json = try? JSON(Array(text.utf8)) { return json }
      guard ["tags", "compliance"].contains(name) else { return .string(text) }
      return .array(text.split(separator: ",").map { .string(String($0)) })
    }
  }
}

extension Invocation {
  fileprivate func resource(_ text: String, _ option: OrganizationOption) async throws(Problem) -> Wire.InResource {
    let organization = try await organization(option)
    return Wire.InResource(organization: organization, resource: try await thing(text, in: organization))
  }
}

extension Wire.ResourceAttributes: Listable {
  static let noun = (one: "thing", many: "things")
  var identity: String { resource.description }

  static let columns: [Column<Wire.ResourceAttributes>] = [
    Column("Slug") { .name($0.slug) },
    Column("Kind") { .text($0.type) },
    Column("Attributes") { .text($0.attributes.compact) },
    Column("Id") { .id($0.resource.description) },
  ]
}

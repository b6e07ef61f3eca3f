import ArgumentParser
import Client
import Contract
import Kernel

struct StarCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "star", abstract: "What you want to find again: workspaces, clusters, projects and apps.",
    subcommands: [List.self, Add.self, Remove.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List what you have starred.", aliases: ["ls"])
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(
        API.Stars.list, path: path, query: Wire.Paging(), list,
        whenEmpty: "You have no stars in \(path.organization). Add one with: guildhall star add app:painter")
    }
  }

  struct Add: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Star something.")
    @Argument(help: ThingText.help) var resource: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let star = try await invocation.client().call(API.Stars.add, path: try await invocation.star(resource, organization))
      try invocation.printer.done("\(star.name.onOneLine) stands among your stars.", star)
    }
  }

  struct Remove: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Take your star away.", aliases: ["rm"])
    @Argument(help: ThingText.help) var resource: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      _ = try await invocation.client().call(API.Stars.remove, path: try await invocation.star(resource, organization))
      invocation.printer.say("Your star is gone.")
    }
  }
}

extension Invocation {
  fileprivate func star(_ text: String, _ option: OrganizationOption) async throws(Problem) -> Wire.InStar {
    let organization = try await organization(option)
    return Wire.InStar(organization: organization, resource: try await thing(text, in: organization))
  }
}

extension Wire.Star: Listable {
  static let noun = (one: "star", many: "stars")
  var identity: String { resource.description }

  static let columns: [Column<Wire.Star>] = [
    Column("Slug") { .name($0.slug) },
    Column("Name") { .text($0.name) },
    Column("Kind") { .text($0.type) },
    Column("Since") { .time($0.since) },
    Column("Id") { .id($0.resource.description) },
  ]
}

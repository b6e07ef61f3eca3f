import ArgumentParser
import Client
import Contract
import Kernel

struct StarCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "star", abstract: "What you want to find again: workspaces, clusters, projects and apps, by id.",
    subcommands: [List.self, Add.self, Remove.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List what you have starred.", aliases: ["ls"])
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let found = try await invocation.client().call(API.Stars.list, path: path)
      try invocation.printer.list(found.items, whenEmpty: "You have no stars in \(path.organization). Add one with: guildhall star add ID")
    }
  }

  struct Add: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Star something.")
    @Argument(help: "Its id.") var resource: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let star = try await invocation.client().call(API.Stars.add, path: try await invocation.star(resource, organization))
      try invocation.printer.done("\(star.name.onOneLine) stands among your stars.", star)
    }
  }

  struct Remove: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Take your star away.", aliases: ["rm"])
    @Argument(help: "Its id.") var resource: String
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
    guard let id: ID<Wire.Star> = try Problem.id(text) else { throw Problem(.invalid, "\(text.onOneLine) is no id.") }
    return Wire.InStar(organization: try await organization(option), resource: id)
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

import ArgumentParser
import Client
import Contract
import Kernel

struct RoleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "role", abstract: "See what the roles of an organization allow.", subcommands: [List.self, Show.self], defaultSubcommand: List.self)

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the roles, the most powerful first.", aliases: ["ls"])
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      try invocation.printer.list(try await invocation.roles(organization), whenEmpty: "There are no roles.")
    }
  }

  struct Show: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show everything that one role allows.")
    @Argument(help: "The role, such as manager.") var role: Wire.OrganizationRole
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      guard let found = try await invocation.roles(organization).first(where: { $0.name == role }) else {
        throw Problem(.missing, "The server knows no role \(role.rawValue). guildhall role list shows those it has.")
      }
      try invocation.printer.show(found)
    }
  }
}

extension Invocation {
  fileprivate func roles(_ option: OrganizationOption) async throws(Problem) -> [Wire.RoleDescription] {
    let path = Wire.InOrganization(organization: try await organization(option))
    return try await client().call(API.Roles.list, path: path).roles
  }
}

extension Wire.RoleDescription: Listable {
  static let noun = (one: "role", many: "roles")
  var identity: String { name.rawValue }

  private var standing: [String] { (own ? ["yours"] : []) + (grantable ? ["yours to give"] : []) }

  static let columns: [Column<Wire.RoleDescription>] = [
    Column("Role") { .name($0.name.rawValue) },
    Column("Members") { $0.members.map { .number($0) } ?? .text("") },
    Column("You") { .words($0.standing) },
    Column("What it is for") { .text($0.summary) },
  ]

  static let details: [Column<Wire.RoleDescription>] = columns + [Column("Allows") { .words($0.permissions) }]
}

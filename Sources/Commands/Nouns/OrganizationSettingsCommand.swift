import ArgumentParser
import Client
import Contract
import Kernel

extension OrganizationCommand {
  struct SettingsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "settings", abstract: "What an organization decides for itself, where the installation leaves it to them.",
      subcommands: [ListSettings.self, SetSetting.self, ResetSetting.self], defaultSubcommand: ListSettings.self)
  }

  struct ListSettings: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the settings, with what the installation says.", aliases: ["ls"])
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try invocation.printer.list(try await invocation.client().call(API.OrganizationSettings.list, path: path).settings, whenEmpty: "There are no settings.")
    }
  }

  struct SetSetting: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Give the organization a value of its own.", discussion: "Example: guildhall org settings set invitation_term 30")
    @Argument(help: "The setting, such as invitation_term.") var name: String
    @Argument(help: "A number of days, a role, yes or no.") var value: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InSetting(organization: try await invocation.organization(organization), setting: name)
      let after = try await invocation.client().call(API.OrganizationSettings.set, path: path, body: Wire.SettingValue(value: value))
      try invocation.printer.done(
        "\(after.name.rawValue) is \(after.value.onOneLine) in \(path.organization) now; the installation says \(after.inherited.onOneLine).", after)
    }
  }

  struct ResetSetting: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "reset", abstract: "Let the organization follow the installation again.")
    @Argument(help: "The setting, such as invitation_term.") var name: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InSetting(organization: try await invocation.organization(organization), setting: name)
      let after = try await invocation.client().call(API.OrganizationSettings.reset, path: path)
      try invocation.printer.done("\(after.name.rawValue) follows the installation again: \(after.value.onOneLine).", after)
    }
  }
}

extension Wire.OrganizationSetting: Listable {
  static let noun = (one: "setting", many: "settings")
  var identity: String { name.rawValue }

  static let columns: [Column<Wire.OrganizationSetting>] = [
    Column("Setting") { .name($0.name.rawValue) },
    Column("Value") { .name($0.value) },
    Column("Decided by") { .state($0.source.rawValue, $0.source == .organization ? .good : .quiet) },
    Column("Installation") { .name($0.inherited) },
    Column("Meaning", .whenWide) { .text($0.summary) },
  ]
}

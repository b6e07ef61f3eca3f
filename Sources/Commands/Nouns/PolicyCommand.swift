import ArgumentParser
import Client
import Contract
import Kernel

struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Policies of an organization: what they permit and forbid, whatever roles say.",
    discussion: "Policies are written in Cedar, and named by slug or id.",
    subcommands: [
      List.self, Show.self, Check.self, Create.self, Set.self, On.self, Off.self, Delete.self, History.self, Templates.self, Fill.self, SchemaCommand.self,
    ])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the policies.", aliases: ["ls"])
    @Option(name: .shortAndLong, help: ArgumentHelp("Only those whose slug or name fits; * stands for anything.", valueName: "text")) var search: String?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(
        API.Policies.list, path: path, query: Wire.PolicyQuery(search: search), list,
        whenEmpty: search == nil ? "\(path.organization) has no policies. Begin with: guildhall policy templates" : "No policy of \(path.organization) fits.")
    }
  }

  struct Show: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one policy; with --text its text alone.")
    @Argument(help: "Slug or id.") var policy: String
    @Flag(help: "Only the text, as it was written.") var text = false
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let found = try await invocation.client().call(API.Policies.read, path: invocation.policy(policy, organization))
      if text { return try invocation.terminal.write(found.text.hasSuffix("\n") ? found.text : found.text + "\n") }
      try invocation.printer.show(found)
    }
  }

  struct Check: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "check", abstract: "Check a policy's text, and see what it would do; nothing is saved.",
      discussion: "Example: guildhall policy check compliant.cedar")
    @Argument(help: "The file with the text; - for the standard input.") var file: String
    @Option(help: ArgumentHelp("The policy whose text it would be.", valueName: "policy")) var insteadOf: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let (text, client) = (try invocation.policyText(file), try invocation.client())
      let faults = try await client.call(API.Policies.validate, path: path, body: Wire.PolicyTextCheck(text: text))
      for fault in faults.faults { invocation.printer.say(fault.onOneLine(in: file)) }
      guard faults.valid else {
        let errors = faults.faults.count { $0.severity == "error" }
        throw Problem(.invalidPolicy, "\(file) has \(errors.of("error", "errors")).")
      }
      let preview = try await client.call(API.Policies.preview, path: path, body: Wire.PolicyTextCheck(text: text, policy: insteadOf))
      for line in preview.losses { invocation.printer.say("  would lose  \(line.onOneLine)") }
      for line in preview.gains { invocation.printer.say("  would gain  \(line.onOneLine)") }
      try invocation.printer.done(preview.locksOut ? "No admin could get in any more. \(preview.sentence)" : preview.sentence, preview)
    }
  }

  struct Create: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Make a policy of a file, in force at once unless told.",
      discussion: "Example: guildhall policy create \"Only compliant data\" compliant.cedar")
    @Argument(help: "What people read when it forbids them something.") var name: String
    @Argument(help: "The file with the text; - for the standard input.") var file: String
    @Option(help: ArgumentHelp("What scripts call it, for good; made from the name unless told.", valueName: "slug")) var slug: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("Why it is there.", valueName: "text")) var description: String?
    @Flag(help: "Keep it, but don't put it in force.") var off = false
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let draft = Wire.PolicyDraft(name: name, slug: slug, description: description, text: try invocation.policyText(file), enabled: off ? false : nil)
      let made = try await invocation.client().call(API.Policies.create, path: path, body: draft)
      try invocation.printer.made("Made the policy \(made.slug.onOneLine), \(made.enabled ? "in force" : "and left it off").", made, named: made.slug)
    }
  }

  struct Set: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "set", abstract: "Change a policy's name, description or text; what it was is kept.")
    @Argument(help: "Slug or id.") var policy: String
    @Option(help: ArgumentHelp("What people read when it forbids them something.", valueName: "text")) var name: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("Why it is there.", valueName: "text")) var description: String?
    @Option(help: ArgumentHelp("The file with the new text; - for the standard input.", valueName: "file")) var file: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      if name == nil, description == nil, file == nil { throw ValidationError("Say what to change: --name, --description or --file.") }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.policy(policy, organization), try invocation.client())
      let text = try file.map { file throws(Problem) in try invocation.policyText(file) }
      let before = try await client.call(API.Policies.read, path: path)
      let update = Wire.PolicyUpdate(name: name, description: description, text: text)
      let after = try await client.call(API.Policies.update, path: path, body: update, revision: before.revision)
      try invocation.printer.done("\(after.slug.onOneLine) is at revision \(after.revision)\(after.enabled ? ", and in force" : "").", after)
    }
  }

  struct On: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "on", abstract: "Put a policy in force.", aliases: ["enable"])
    @Argument(help: "Slug or id.") var policy: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let after = try await invocation.client().call(API.Policies.enable, path: invocation.policy(policy, organization))
      try invocation.printer.done("\(after.slug.onOneLine) is in force.", after)
    }
  }

  struct Off: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "off", abstract: "Take a policy out of force; nothing of it is lost.", aliases: ["disable"])
    @Argument(help: "Slug or id.") var policy: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let after = try await invocation.client().call(API.Policies.disable, path: invocation.policy(policy, organization))
      try invocation.printer.done("\(after.slug.onOneLine) is off. Put it in force again with: guildhall policy on \(after.slug.onOneLine)", after)
    }
  }

  struct Delete: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "delete", abstract: "Delete a policy with all it was, at once and for good.", aliases: ["rm"])
    @Argument(help: "Slug or id.") var policy: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.policy(policy, organization), try invocation.client())
      let found = try await client.call(API.Policies.read, path: path)
      let state = found.enabled ? ", which is in force" : ""
      try invocation.confirm("Delete the policy \(found.name.onOneLine) (\(found.slug.onOneLine)) of \(path.organization)\(state)?", confirmation)
      _ = try await client.call(API.Policies.delete, path: path)
      invocation.printer.say("Deleted the policy \(found.slug.onOneLine) of \(path.organization).")
    }
  }

  struct History: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "history", abstract: "List what a policy was, the newest first.")
    @Argument(help: "Slug or id.") var policy: String
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      try await invocation.list(
        API.Policies.listVersions, path: invocation.policy(policy, organization), query: Wire.Paging(), list, whenEmpty: "Nothing is known of it.")
    }
  }

  struct Templates: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "templates", abstract: "List the templates of policies, with what each asks for.")
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let found = try await invocation.client().call(API.Policies.listTemplates, path: path)
      try invocation.printer.list(found.items, whenEmpty: "There are no templates.")
    }
  }

  struct Fill: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "fill", abstract: "Write a policy's text of a template to the standard output.",
      discussion: "Example: guildhall policy fill compliant-data team=contractors mark=gdpr > compliant.cedar")
    @Argument(help: "The template's name.") var template: String
    @Argument(help: "What to fill in.") var values: [FilledField] = []
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InPolicyTemplate(organization: try await invocation.organization(organization), template: template)
      let body = Wire.PolicyTemplateValues(values: Dictionary(values.map { ($0.name, $0.value) }) { $1 })
      let text = try await invocation.client().call(API.Policies.fill, path: path, body: body).text?.text ?? ""
      try invocation.terminal.write(text + "\n")
    }
  }

  struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "schema", abstract: "What policies may speak of.", subcommands: [ShowSchema.self, SetSchema.self], defaultSubcommand: ShowSchema.self)

    struct ShowSchema: ClientCommand {
      static let configuration = CommandConfiguration(commandName: "show", abstract: "Show the schema, in Cedar.")
      @OptionGroup var organization: OrganizationOption
      @OptionGroup var general: GeneralOptions

      func perform(_ invocation: Invocation) async throws(Problem) {
        let path = Wire.InOrganization(organization: try await invocation.organization(organization))
        let found = try await invocation.client().call(API.Policies.readSchema, path: path)
        if case .json = invocation.printer.form { return try invocation.printer.done("", found) }
        try invocation.terminal.write(found.schema)
      }
    }

    struct SetSchema: ClientCommand {
      static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Add types, attributes and actions, in the place of those that were added before.",
        discussion: """
          The file is JSON: {"types": {"rocket": {"stage": "Long"}}, "actions": ["launch"], "context": {"weather": "String"}}. \
          Kinds of values: String, Long, Bool, Set<String>, ipaddr, datetime, decimal.
          """)
      @Argument(help: "The file; - for the standard input.") var file: String
      @OptionGroup var organization: OrganizationOption
      @OptionGroup var general: GeneralOptions

      func perform(_ invocation: Invocation) async throws(Problem) {
        let path = Wire.InOrganization(organization: try await invocation.organization(organization))
        let update = try WireCoding.decode(Wire.PolicySchemaUpdate.self, from: Array(invocation.policyText(file).utf8))
        let client = try invocation.client()
        let before = try await client.call(API.Policies.readSchema, path: path)
        let after = try await client.call(API.Policies.updateSchema, path: path, body: update, revision: before.version)
        try invocation.printer.done("The schema is at version \(after.version).", after)
      }
    }
  }
}

/// A field of a template with its value: `team=contractors`.
struct FilledField: ExpressibleByArgument, Hashable, Sendable {
  let name: String
  let value: String

  init?(argument: String) {
    guard let sign = argument.firstIndex(of: "="), sign > argument.startIndex else { return nil }
    name = String(argument[..<sign])
    value = String(argument[argument.index(after: sign)...])
  }
}

extension Invocation {
  /// The place of the policy with this slug or id, in the organization that the command works in.
  func policy(_ policy: String, _ option: OrganizationOption) async throws(Problem) -> Wire.InPolicy {
    Wire.InPolicy(organization: try await organization(option), policy: policy)
  }

  /// What a file holds, or the standard input.
  func policyText(_ file: String) throws(Problem) -> String {
    let bytes: [UInt8]
    if file == "-" {
      bytes = try terminal.readAll(limit: 1 << 20)
    } else {
      guard let content = try PlainFile.read(file, limit: 1 << 20) else { throw Problem(.unusableFile, "There is no file \(file).") }
      bytes = content.bytes
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Problem(.unusableFile, "\(file) isn't UTF-8.") }
    return text
  }
}

extension Wire.PolicyTextFault {
  /// As compilers say it.
  fileprivate func onOneLine(in file: String) -> String {
    let place = line.map { ":\($0):\(column ?? 1)" } ?? ""
    return "\(file)\(place): \(severity): \(message)\(hint.map { " (\($0))" } ?? "")".onOneLine
  }
}

extension Wire.Policy: Listable {
  static let noun = (one: "policy", many: "policies")
  var identity: String { slug }

  static let columns: [Column<Wire.Policy>] = [
    Column("Slug") { .name($0.slug) },
    Column("Name") { .text($0.name) },
    Column("State") { .state($0.enabled ? "in force" : "off", $0.enabled ? .good : .quiet) },
    Column("Changed") { .time($0.changedAt) },
    Column("By") { .text($0.changedBy) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]

  static let details: [Column<Wire.Policy>] = [
    Column("Name") { .text($0.name) },
    Column("Slug") { .name($0.slug) },
    Column("Description") { .text($0.description) },
    Column("State") { .state($0.enabled ? "in force" : "off", $0.enabled ? .good : .quiet) },
    Column("Text") { .text($0.text) },
    Column("Created") { .time($0.createdAt) },
    Column("Changed") { .time($0.changedAt) },
    Column("By") { .text($0.changedBy) },
    Column("Revision") { .number($0.revision) },
    Column("Id") { .id($0.id.description) },
  ]
}

extension Wire.PolicyVersion: Listable {
  static let noun = (one: "revision", many: "revisions")
  var identity: String { String(revision) }

  static let columns: [Column<Wire.PolicyVersion>] = [
    Column("Revision") { .number($0.revision) },
    Column("At") { .time($0.at) },
    Column("By") { .text($0.changedBy) },
    Column("State") { .state($0.enabled ? "in force" : "off", $0.enabled ? .good : .quiet) },
    Column("Text") { .text($0.text) },
  ]
}

extension Wire.PolicyTemplate: Listable {
  static let noun = (one: "template", many: "templates")
  var identity: String { name }

  static let columns: [Column<Wire.PolicyTemplate>] = [
    Column("Name") { .name($0.name) },
    Column("Title") { .text($0.title) },
    Column("Asks for") { template in
      .words(template.fields.keys.sorted().map { template.optional.contains($0) ? "[\($0)]" : $0 })
    },
    Column("Summary", .whenWide) { .text($0.summary) },
  ]
}

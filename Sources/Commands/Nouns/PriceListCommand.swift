import ArgumentParser
import Client
import Contract
import Kernel

struct PriceListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "price-list", abstract: "What use costs: for everybody, and agreed with one organization.",
    subcommands: [Show.self, Set.self, End.self, Delete.self], defaultSubcommand: Show.self)

  struct Show: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "List the prices that hold for an organization, or with --everybody those of the installation.")
    @Flag(help: "Those that hold where nothing else was agreed, whatever organization one is in.") var everybody = false
    @Option(help: ArgumentHelp("Only those of this resource.", valueName: "resource")) var resource: String?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (query, sentence) = (Wire.PriceQuery(resource: resource), resource.map { "\($0.onOneLine) has no price." } ?? "Nothing has a price yet.")
      if everybody { return try await invocation.list(API.Prices.list, path: Nothing(), query: query, list, whenEmpty: sentence) }
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(API.Prices.listOfOrganization, path: path, query: query, list, whenEmpty: sentence)
    }
  }

  struct Set: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Set a price from an hour on; for operators.",
      discussion: """
        The price is in credits, for one unit or for --per of them. With --tier a part of what is used within a month has a price of its own.

        Example: guildhall price-list set gpu 2.5 --unit second --per 3600 --preset a100
        Example: guildhall price-list set tokens 0.5 --unit token --per 1000000 --tier 1000000:0 --since 2027-01-01
        Example: guildhall price-list set gpu 2 --unit second --per 3600 --agreed --org acme
        """)
    @Argument(help: "What it is for, such as gpu.") var resource: String
    @Argument(help: "The price of all that no --tier is for.") var price: String
    @Option(help: ArgumentHelp("What quantities count; that of the present price unless told.", valueName: "unit")) var unit: String?
    @Flag(help: "--unit is another one than so far: events in the old unit are refused from then on.") var newUnit = false
    @Option(help: ArgumentHelp("For how much the price is; 1 unless told.", valueName: "quantity")) var per: String?
    @Option(help: ArgumentHelp("For one preset alone.", valueName: "preset")) var preset: String?
    @Option(help: ArgumentHelp("UP-TO:PRICE, for what is used up to there within a month; may be repeated, rising.", valueName: "tier")) var tier: [String] = []
    @Option(help: ArgumentHelp("From when on: a full hour, or a date; at once unless told.", valueName: "when")) var since: PointInTime?
    @Option(help: ArgumentHelp("Whoever reads the prices sees it.", valueName: "text")) var note: String?
    @Flag(help: "Agree it with the organization of --org alone.") var agreed = false
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      var tiers: [Wire.PriceTier] = []
      for text in tier {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw Problem(.invalid, "\(text.onOneLine) is no tier: write UP-TO:PRICE, such as 1000:0.5.") }
        tiers.append(Wire.PriceTier(upTo: String(parts[0]), credits: String(parts[1])))
      }
      let draft = Wire.PriceDraft(
        resource: resource, preset: preset, unit: unit, newUnit: newUnit ? true : nil, per: per, tiers: tiers + [Wire.PriceTier(credits: price)],
        since: since?.ahead(of: invocation.printer.now), note: note)
      try await invocation.set(draft, agreed ? organization : nil)
    }
  }

  struct End: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "end", abstract: "Let something be without a price of its own from an hour on; for operators.",
      discussion: "What it was for costs what the next price says: that of all presets, or that for everybody; where there is none, nothing is charged.")
    @Argument(help: "What it is for, such as gpu.") var resource: String
    @Option(help: ArgumentHelp("What quantities count; refused where it isn't the present price's.", valueName: "unit")) var unit: String?
    @Option(help: ArgumentHelp("Of one preset alone.", valueName: "preset")) var preset: String?
    @Option(help: ArgumentHelp("From when on: a full hour, or a date; at once unless told.", valueName: "when")) var since: PointInTime?
    @Flag(help: "What was agreed with the organization of --org.") var agreed = false
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let draft = Wire.PriceDraft(resource: resource, preset: preset, unit: unit, tiers: [], since: since?.ahead(of: invocation.printer.now))
      try await invocation.set(draft, agreed ? organization : nil)
    }
  }

  struct Delete: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete a price that hasn't begun; for operators.")
    @Argument(help: "Its id.") var price: String
    @Flag(help: "One that was agreed with the organization of --org.") var agreed = false
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      guard let id: ID<Wire.Price> = try Problem.id(price) else { throw Problem(.invalid, "\(price.onOneLine) is no id.") }
      if agreed {
        let path = Wire.InOrganizationPrice(organization: try await invocation.organization(organization), price: id)
        _ = try await invocation.client().call(API.Prices.deleteOfOrganization, path: path)
      } else {
        _ = try await invocation.client().call(API.Prices.delete, path: Wire.InPrice(price: id))
      }
      invocation.printer.say("The price is deleted.")
    }
  }
}

extension Invocation {
  /// For one organization, or for everybody.
  fileprivate func set(_ draft: Wire.PriceDraft, _ organization: OrganizationOption?) async throws(Problem) {
    let made: Wire.Price
    if let organization {
      let path = Wire.InOrganization(organization: try await self.organization(organization))
      made = try await client().call(API.Prices.createForOrganization, path: path, body: draft)
    } else {
      made = try await client().call(API.Prices.create, path: Nothing(), body: draft)
    }
    let what = made.preset.map { "\(made.resource) \($0)" } ?? made.resource
    let sentence = made.tiers.isEmpty ? "The price of \(what) ends at \(made.since)." : "The price of \(what) holds from \(made.since) on."
    try printer.made(sentence, made, named: made.id.description)
  }
}

extension Wire.PriceTier {
  fileprivate var words: String { upTo.map { "\(credits.text) up to \($0.text)" } ?? credits.text }
}

extension Wire.Price: Listable {
  static let noun = (one: "price", many: "prices")
  var identity: String { id.description }

  static let columns: [Column<Wire.Price>] = [
    Column("Resource") { .name($0.resource) },
    Column("Preset") { .text($0.preset) },
    Column("Price") { .text($0.tiers.isEmpty ? "none" : $0.tiers.map(\.words).joined(separator: ", then ")) },
    Column("Per") { .text($0.per.text == "1" ? $0.unit : "\($0.per.text) \($0.unit)") },
    Column("From") { .text(String($0.since.description.prefix(16)).replacing("T", with: " ")) },
    Column("State") { .state($0.state.rawValue, $0.state == .current ? .good : $0.state == .coming ? .attention : .quiet) },
    Column("Agreed") { .flag($0.agreed) },
    Column("Note", .whenWide) { .text($0.note) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}

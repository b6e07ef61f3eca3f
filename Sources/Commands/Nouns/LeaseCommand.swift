import ArgumentParser
import Client
import Contract
import Kernel

struct LeaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lease", abstract: "What is taken of quotas while jobs run.", subcommands: [List.self, Show.self, Take.self, Renew.self, Release.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List leases, the newest first.",
      discussion: "--quiet shows the ids alone, where a screen is too narrow for them.", aliases: ["ls"])
    @Option(help: ArgumentHelp("Only those in this state.", valueName: "state")) var state: Wire.LeaseState?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(
        API.Quotas.listLeases, path: path, query: Wire.LeaseQuery(state: state), list,
        whenEmpty: state == nil ? "Nothing was ever taken of \(path.organization)'s quotas." : "No lease of \(path.organization) is \(state?.rawValue ?? "").")
    }
  }

  struct Show: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one lease.")
    @Argument(help: "Its id.") var lease: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      try invocation.printer.show(try await invocation.client().call(API.Quotas.readLease, path: invocation.lease(lease, organization)))
    }
  }

  struct Take: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "take", abstract: "Take what a job needs, all of it or nothing.",
      discussion: "Example: guildhall lease take --jobs 1 --gpus 4 --for member:bob --cluster c1 --seconds 7200")
    @Option(help: ArgumentHelp("How many running jobs.", valueName: "n")) var jobs: Int?
    @Option(help: ArgumentHelp("How many GPUs.", valueName: "n")) var gpus: Int?
    @Option(help: ArgumentHelp("How much storage, in bytes.", valueName: "n")) var storage: Int?
    @Option(name: .customLong("for"), help: ArgumentHelp("Whom it counts for: member:HANDLE or service-account:SLUG; you unless told.", valueName: "holder"))
    var holder: String?
    @Option(help: ArgumentHelp("Where it runs.", valueName: "name")) var cluster: String?
    @Option(help: ArgumentHelp("In how many seconds it ends by itself; 3600 unless told.", valueName: "n")) var seconds: Int?
    @Option(help: ArgumentHelp("What for.", valueName: "text")) var note: String?
    @Option(help: ArgumentHelp("An id of yours: the same lease again is taken once.", valueName: "uuid")) var id: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      let amounts = [jobs, gpus, storage].compactMap { $0 }
      if amounts.isEmpty { throw ValidationError("Say what it takes: --jobs, --gpus, --storage, or several of them.") }
      if amounts.contains(where: { $0 < 0 }) || !amounts.contains(where: { $0 > 0 }) { throw ValidationError("Take something above zero.") }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let named = try holder.map { text throws(Problem) in try QuotaHolder(text) }
      let draft = Wire.LeaseDraft(
        id: try Problem.id(id), holderKind: named?.kind, holder: named?.name, cluster: cluster, runningJobs: jobs, gpus: gpus, storage: storage,
        expiresIn: seconds, note: note)
      let made = try await invocation.client().call(API.Quotas.acquire, path: path, body: draft)
      try invocation.printer.made("Taken for \(made.name.onOneLine). End it with: guildhall lease release \(made.id)", made, named: made.id.description)
    }
  }

  struct Renew: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "renew", abstract: "Let a lease last longer, while it is live.")
    @Argument(help: "Its id.") var lease: String
    @Option(help: ArgumentHelp("In how many seconds from now it ends by itself; 3600 unless told.", valueName: "n")) var seconds: Int?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.lease(lease, organization)
      let after = try await invocation.client().call(API.Quotas.renew, path: path, body: Wire.LeaseRenewal(expiresIn: seconds))
      try invocation.printer.done("It ends at \(after.expiresAt) by itself.", after)
    }
  }

  struct Release: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "release", abstract: "End a lease; one that has ended stays as it ended.")
    @Argument(help: "Its id.") var lease: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let after = try await invocation.client().call(API.Quotas.release, path: invocation.lease(lease, organization))
      try invocation.printer.done(after.state == .expired ? "It had expired." : "Released.", after)
    }
  }
}

extension Invocation {
  fileprivate func lease(_ text: String, _ option: OrganizationOption) async throws(Problem) -> Wire.InLease {
    guard let id: ID<Wire.Lease> = try Problem.id(text) else { throw Problem(.invalid, "\(text.onOneLine) is no id.") }
    return Wire.InLease(organization: try await organization(option), lease: id)
  }
}

extension Wire.Lease: Listable {
  static let noun = (one: "lease", many: "leases")
  var identity: String { id.description }

  static let columns: [Column<Wire.Lease>] = [
    Column("For") { .text($0.name) },
    Column("Cluster") { .text($0.cluster ?? "") },
    Column("Jobs") { .number($0.runningJobs) },
    Column("GPUs") { .number($0.gpus) },
    Column("Storage", .whenWide) { .number($0.storage) },
    Column("State") { .text($0.state.rawValue) },
    Column("Ends") { .time($0.state == .live ? $0.expiresAt : nil) },
    Column("Note", .whenWide) { .text($0.note) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}

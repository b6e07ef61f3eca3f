import ArgumentParser
import Client
import Contract
import Kernel

struct QuotaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quota", abstract: "How much there may be at once of running jobs, GPUs, storage and seats.",
    discussion: "A quota is for the whole organization, for each member, or --for member:HANDLE or service-account:SLUG; everywhere, or in one --cluster.",
    subcommands: [List.self, Effective.self, Set.self, Remove.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List what is limited.", aliases: ["ls"])
    @Option(help: ArgumentHelp("Only quotas of this.", valueName: "dimension")) var dimension: Wire.QuotaDimension?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(
        API.Quotas.list, path: path, query: Wire.QuotaQuery(dimension: dimension), list,
        whenEmpty: dimension.map { "No quota of \(path.organization) limits \($0.rawValue)." }
          ?? "Nothing is limited in \(path.organization). Begin with: guildhall quota set running-jobs 10 --each")
    }
  }

  struct Effective: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "effective", abstract: "Show what binds somebody now, and what is left of it.",
      discussion: "Example: guildhall quota effective --for member:bob --cluster c1")
    @Option(name: .customLong("for"), help: ArgumentHelp("Whom: member:HANDLE or service-account:SLUG; the organization unless told.", valueName: "holder"))
    var holder: String?
    @Option(help: ArgumentHelp("Where; everywhere unless told.", valueName: "name")) var cluster: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let named = try holder.map { text throws(Problem) in try QuotaHolder(text) }
      let query = Wire.EffectiveQuotaQuery(holderKind: named?.kind, holder: named?.name, cluster: cluster)
      let seen = try await invocation.client().call(API.Quotas.readEffective, path: path, query: query)
      try invocation.printer.list(seen.quotas, whenEmpty: "Nothing is limited.")
    }
  }

  struct Set: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Say how much there may be; 0 is nothing.",
      discussion: "Example: guildhall quota set running-jobs 10 --each\nExample: guildhall quota set gpus unlimited --for member:bob --cluster c1")
    @Argument(help: "running-jobs, gpus, storage (in bytes), seats, projects, pipelines, pipeline-runs or models.") var dimension: Wire.QuotaDimension
    @Argument(help: "A whole number, or unlimited.") var limit: String
    @OptionGroup var place: QuotaPlaceOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let isUnlimited = limit == "unlimited"
      guard isUnlimited || Int(limit) != nil else { throw Problem(.invalid, "\(limit.onOneLine) is no limit: give a whole number, or unlimited.") }
      let named = try place.holder.map { text throws(Problem) in try QuotaHolder(text) }
      let subject: Wire.QuotaSubject = named.map { $0.kind == .member ? .member : .serviceAccount } ?? (place.each ? .each : .organization)
      let after: Wire.Quota
      if let before = try await invocation.quota(dimension, place, in: path.organization) {
        after = try await invocation.client().call(
          API.Quotas.update, path: Wire.InQuota(organization: path.organization, quota: before.id),
          body: Wire.QuotaUpdate(limit: Int(limit), unlimited: isUnlimited ? true : nil), revision: before.revision)
      } else {
        let draft = Wire.QuotaDraft(
          dimension: dimension, subject: subject, holder: named?.name, cluster: place.cluster, limit: Int(limit), unlimited: isUnlimited ? true : nil)
        after = try await invocation.client().call(API.Quotas.create, path: path, body: draft)
      }
      try invocation.printer.done("\(after.whose) may have \(after.dimension.counted(after.limit)).", after)
    }
  }

  struct Remove: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Take a quota away, so that it doesn't limit any more.", aliases: ["rm"])
    @Argument(help: "running-jobs, gpus, storage, seats, projects, pipelines, pipeline-runs or models.") var dimension: Wire.QuotaDimension
    @OptionGroup var place: QuotaPlaceOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      guard let found = try await invocation.quota(dimension, place, in: organization) else { throw Problem(.missing, "There is no such quota here.") }
      _ = try await invocation.client().call(
        API.Quotas.delete, path: Wire.InQuota(organization: organization, quota: found.id), revision: found.revision)
      try invocation.printer.done("The quota of \(found.dimension.rawValue) of \(found.whose) is gone.", found)
    }
  }
}

/// For whom and where a quota is.
struct QuotaPlaceOptions: ParsableArguments {
  @Flag(help: "For everybody without a quota of their own, each by themselves.") var each = false
  @Option(name: .customLong("for"), help: ArgumentHelp("For member:HANDLE or service-account:SLUG alone.", valueName: "holder")) var holder: String?
  @Option(help: ArgumentHelp("In this cluster alone.", valueName: "name")) var cluster: String?

  func validate() throws { if each, holder != nil { throw ValidationError("--each goes without --for.") } }
}

/// Somebody for whom quotas and leases count, as a command names them.
struct QuotaHolder {
  let kind: Wire.LeaseHolderKind
  let name: String

  init(_ text: String) throws(Problem) {
    let parts = text.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let kind = Wire.LeaseHolderKind(rawValue: parts[0].lowercased()) else {
      throw Problem(.invalid, "\(text.onOneLine) names nobody: write member:HANDLE or service-account:SLUG.")
    }
    (self.kind, name) = (kind, String(parts[1]))
  }
}

extension Invocation {
  /// The quota that is set for just this, if there is one.
  fileprivate func quota(_ dimension: Wire.QuotaDimension, _ place: QuotaPlaceOptions, in organization: String) async throws(Problem) -> Wire.Quota? {
    let path = Wire.InOrganization(organization: organization)
    let named = try place.holder.map { text throws(Problem) in try QuotaHolder(text) }
    let query = Wire.EffectiveQuotaQuery(holderKind: named?.kind, holder: named?.name, cluster: place.cluster)
    // Quotas of one's own stand among those that bind; what each may have is found by its place alone.
    let levels = try await client().call(API.Quotas.readEffective, path: path, query: query).quotas.first { $0.dimension == dimension }?.levels ?? []
    if place.each {
      var cursor: String?
      repeat {
        let page = try await client().call(API.Quotas.list, path: path, query: Wire.QuotaQuery(dimension: dimension, limit: 200, cursor: cursor))
        if let found = page.items.first(where: { $0.subject == .each && $0.cluster == place.cluster }) { return found }
        cursor = page.nextCursor
      } while cursor != nil
      return nil
    }
    let subject: Wire.QuotaSubject = named.map { $0.kind == .member ? .member : .serviceAccount } ?? .organization
    return levels.map(\.quota).first { $0.subject == subject && $0.cluster == place.cluster }
  }
}

extension Wire.Quota: Listable {
  static let noun = (one: "quota", many: "quotas")
  var identity: String { id.description }

  /// At the beginning of a sentence.
  fileprivate var whose: String {
    let who =
      switch subject {
      case .organization: "The organization"
      case .each: "Each member"
      case .member, .serviceAccount: (name ?? holder ?? "").onOneLine
      }
    return cluster.map { "\(who) in \($0.onOneLine)" } ?? who
  }

  static let columns: [Column<Wire.Quota>] = [
    Column("Of") { .text($0.dimension.rawValue) },
    Column("For") { .text($0.name.map { name in "\(name)" } ?? $0.subject.rawValue) },
    Column("Cluster") { .text($0.cluster ?? "all") },
    Column("Limit") { .text($0.limit.map { String($0) } ?? "unlimited") },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}

extension Wire.EffectiveQuota: Listable {
  static let noun = (one: "quota", many: "quotas")
  var identity: String { dimension.rawValue }

  private var binding: Wire.QuotaLevel? { levels.first { $0.quota.id == limitedBy } }

  static let columns: [Column<Wire.EffectiveQuota>] = [
    Column("Of") { .text($0.dimension.rawValue) },
    Column("Used") { .text($0.binding.map { String($0.used) } ?? "") },
    Column("Limit") { .text($0.binding?.quota.limit.map { String($0) } ?? "unlimited") },
    Column("Left") { .text($0.left.map { String($0) } ?? "unlimited") },
    Column("Limited by") { .text($0.binding?.quota.whose ?? "nothing") },
  ]
}

extension Wire.QuotaDimension {
  /// "1 running job", "unlimited storage".
  fileprivate func counted(_ limit: Int?) -> String {
    guard let limit else { return self == .storage ? "unlimited storage" : "any number of \(many)" }
    return self == .storage ? "\(limit.grouped) bytes of storage" : limit == 1 ? "1 \(many.dropLast())" : "\(limit.grouped) \(many)"
  }

  private var many: String {
    switch self {
    case .runningJobs: "running jobs"
    case .gpus: "GPUs"
    case .storage: "bytes of storage"
    case .seats: "seats"
    case .projects: "projects"
    case .pipelines: "pipelines"
    case .pipelineRuns: "pipeline runs"
    case .models: "models"
    }
  }
}

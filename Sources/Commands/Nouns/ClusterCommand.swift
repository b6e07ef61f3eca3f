import ArgumentParser
import Client
import Contract
import Kernel

struct ClusterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster", abstract: "Clusters of an organization, and who has them; for operators, those of the installation.",
    discussion: "Clusters are named by slug or id.",
    subcommands: [
      List.self, Show.self, Set.self, AccessCommand<ClusterPlace>.self, Register.self, Change.self, PresetCommand.self, NodePoolCommand.self,
      TenantCommand.self, Delete.self,
    ])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the clusters that you may see; with --registered those of the installation, for operators.", aliases: ["ls"])
    @Option(help: ArgumentHelp("Part of a slug or a name; with * and ? the whole of it.", valueName: "text")) var search: String?
    @Flag(help: "Those of the installation.") var registered = false
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let query = Wire.ResourceQuery(search: search)
      let nothing = "No cluster matches."
      if registered {
        return try await invocation.list(
          API.Clusters.listAll, path: Nothing(), query: query, list,
          whenEmpty: search == nil ? "No cluster is registered. Register one with: guildhall cluster register NAME" : nothing)
      }
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(
        API.Clusters.list, path: path, query: query, list,
        whenEmpty: search == nil ? "\(path.organization) has no clusters that you may see. Operators let organizations have them." : nothing)
    }
  }

  struct Show: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Show one cluster, with its presets; with --registered one of the installation, for operators.")
    @Argument(help: "Slug or id.") var cluster: String
    @Flag(help: "As the installation has it.") var registered = false
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      if registered {
        return try invocation.printer.show(try await invocation.client().call(API.Clusters.readRegistered, path: Wire.InRegisteredCluster(cluster: cluster)))
      }
      let path = Wire.InCluster(organization: try await invocation.organization(organization), cluster: cluster)
      try invocation.printer.show(try await invocation.client().call(API.Clusters.read, path: path))
    }
  }

  struct Set: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "set", abstract: "Change which role who joins the organization gets on a cluster.")
    @Argument(help: "Slug or id.") var cluster: String
    @Option(help: ArgumentHelp("user or manager.", valueName: "role")) var defaultRole: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InCluster(organization: try await invocation.organization(organization), cluster: cluster)
      let after = try await invocation.client().call(API.Clusters.update, path: path, body: Wire.OrganizationClusterUpdate(defaultRole: defaultRole))
      try invocation.printer.done("Who joins \(path.organization) gets \(after.cluster.defaultRole) on \(after.cluster.slug.onOneLine).", after)
    }
  }

  // MARK: For operators

  struct Register: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "register", abstract: "Register a cluster with the installation; for operators.",
      discussion: """
        Example: guildhall cluster register Berlin --address registry=https://registry.berlin.example.org --running-jobs 100
        Then say what can run on it with guildhall cluster preset set, and let an organization have it with guildhall cluster org add.
        """)
    @Argument(help: "What people call it.") var name: String
    @Option(help: ArgumentHelp("What scripts and addresses call it, for good; made from the name unless told.", valueName: "slug")) var slug: String?
    @OptionGroup var details: ClusterOptions
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      var draft = Wire.ClusterDraft(name: name, slug: slug, addresses: try details.addresses())
      (draft.description, draft.location) = (details.description.map { .init($0) }, details.location.map { .init($0) })
      (draft.defaultRole, draft.isDefault, draft.maintenance) = (details.defaultRole, details.default, details.maintenance)
      draft.limits = details.limits.wire
      let made = try await invocation.client().call(API.Clusters.register, path: Nothing(), body: draft)
      try invocation.printer.made(
        "Registered the cluster \(made.slug.onOneLine). Let an organization have it with: guildhall cluster org add \(made.slug.onOneLine) ORGANIZATION", made,
        named: made.slug)
    }
  }

  struct Change: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "change", abstract: "Change a cluster of the installation; for operators.",
      discussion: "Addresses and limits are told as a whole: what isn't named isn't there any more.\n\nExample: guildhall cluster change berlin --maintenance")
    @Argument(help: "Slug or id.") var cluster: String
    @Option(help: ArgumentHelp("What people call it.", valueName: "text")) var name: String?
    @OptionGroup var details: ClusterOptions
    @OptionGroup var general: GeneralOptions

    func validate() throws { if name == nil, details.isEmpty { throw ValidationError("Say what to change, such as --maintenance.") } }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (Wire.InRegisteredCluster(cluster: cluster), try invocation.client())
      let before = try await client.call(API.Clusters.readRegistered, path: path)
      var update = Wire.ClusterUpdate()
      (update.name, update.description, update.location) = (
        name.map { .init($0) }, details.description.map { .init($0) }, details.location.map { .init($0) }
      )
      (update.addresses, update.defaultRole, update.isDefault) = (try details.addresses(), details.defaultRole, details.default)
      (update.maintenance, update.limits) = (details.maintenance, details.limits.wire)
      let after = try await client.call(API.Clusters.change, path: path, body: update, revision: before.revision)
      try invocation.printer.done("\(after.name.onOneLine) (\(after.slug.onOneLine)) is changed.", after)
    }
  }

  struct Delete: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "delete", abstract: "Delete a cluster that no organization has; for operators.", aliases: ["rm"])
    @Argument(help: "Slug or id.") var cluster: String
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (Wire.InRegisteredCluster(cluster: cluster), try invocation.client())
      let found = try await client.call(API.Clusters.readRegistered, path: path)
      try invocation.confirm("Delete the cluster \(found.name.onOneLine) (\(found.slug.onOneLine)) of this installation?", confirmation)
      _ = try await client.call(API.Clusters.delete, path: path, revision: found.revision)
      invocation.printer.say("Deleted the cluster \(found.slug.onOneLine).")
    }
  }

  struct PresetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "preset", abstract: "What people choose for a job on a cluster; for operators.", subcommands: [Set.self, Remove.self])

    struct Set: ClientCommand {
      static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set a preset, new or in place of the one of that name.",
        discussion: "Example: guildhall cluster preset set berlin gpu-small 2.5 --millicores 4000 --memory 17179869184 --gpus 1 --gpu-model a100")
      @Argument(help: "Slug or id.") var cluster: String
      @Argument(help: "The preset's name.") var name: String
      @Argument(help: "Credits an hour, as people are shown it.") var price: String
      @OptionGroup var machine: MachineOptions
      @OptionGroup var general: GeneralOptions

      func perform(_ invocation: Invocation) async throws(Problem) {
        let draft = Wire.ClusterPresetDraft(creditsPerHour: price, machine: machine.wire, preemptible: machine.preemptible)
        let after = try await invocation.client().call(API.Clusters.setPreset, path: Wire.InClusterPart(cluster: cluster, name: name), body: draft)
        try invocation.printer.done("The preset \(name.onOneLine) of \(after.slug.onOneLine) is set.", after)
      }
    }

    struct Remove: ClientCommand {
      static let configuration = CommandConfiguration(commandName: "remove", abstract: "Take a preset away.", aliases: ["rm"])
      @Argument(help: "Slug or id.") var cluster: String
      @Argument(help: "The preset's name.") var name: String
      @OptionGroup var general: GeneralOptions

      func perform(_ invocation: Invocation) async throws(Problem) {
        let after = try await invocation.client().call(API.Clusters.removePreset, path: Wire.InClusterPart(cluster: cluster, name: name))
        try invocation.printer.done("\(after.slug.onOneLine) has no preset \(name.onOneLine) any more.", after)
      }
    }
  }

  struct NodePoolCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "node-pool", abstract: "Machines of one kind in a cluster; for operators.", subcommands: [Set.self, Remove.self])

    struct Set: ClientCommand {
      static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set a node pool, new or in place of the one of that name.",
        discussion: "Example: guildhall cluster node-pool set berlin main --max 8 --millicores 8000 --memory 34359738368")
      @Argument(help: "Slug or id.") var cluster: String
      @Argument(help: "The node pool's name.") var name: String
      @Option(help: ArgumentHelp("How many machines at least; 0 unless told.", valueName: "number")) var min: Int?
      @Option(help: ArgumentHelp("How many machines at most.", valueName: "number")) var max: Int
      @Option(help: ArgumentHelp("The disk of each machine, in bytes.", valueName: "bytes")) var disk: Int?
      @OptionGroup var machine: MachineOptions
      @OptionGroup var general: GeneralOptions

      func perform(_ invocation: Invocation) async throws(Problem) {
        let draft = Wire.NodePoolDraft(minSize: min, maxSize: max, machine: machine.wire, disk: disk, preemptible: machine.preemptible)
        let after = try await invocation.client().call(API.Clusters.setNodePool, path: Wire.InClusterPart(cluster: cluster, name: name), body: draft)
        try invocation.printer.done("The node pool \(name.onOneLine) of \(after.slug.onOneLine) is set.", after)
      }
    }

    struct Remove: ClientCommand {
      static let configuration = CommandConfiguration(commandName: "remove", abstract: "Take a node pool away.", aliases: ["rm"])
      @Argument(help: "Slug or id.") var cluster: String
      @Argument(help: "The node pool's name.") var name: String
      @OptionGroup var general: GeneralOptions

      func perform(_ invocation: Invocation) async throws(Problem) {
        let after = try await invocation.client().call(API.Clusters.removeNodePool, path: Wire.InClusterPart(cluster: cluster, name: name))
        try invocation.printer.done("\(after.slug.onOneLine) has no node pool \(name.onOneLine) any more.", after)
      }
    }
  }

  struct TenantCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "org", abstract: "Which organizations have a cluster; for operators.", subcommands: [List.self, Add.self, Set.self, Remove.self])

    struct List: ClientCommand {
      static let configuration = CommandConfiguration(commandName: "list", abstract: "List the organizations that have a cluster.", aliases: ["ls"])
      @Argument(help: "Slug or id.") var cluster: String
      @OptionGroup var list: ListOptions
      @OptionGroup var general: GeneralOptions

      func perform(_ invocation: Invocation) async throws(Problem) {
        try await invocation.list(
          API.Clusters.listTenants, path: Wire.InRegisteredCluster(cluster: cluster), query: Wire.Paging(), list,
          whenEmpty: "No organization has \(cluster.onOneLine). Let one have it with: guildhall cluster org add \(cluster.onOneLine) ORGANIZATION")
      }
    }

    struct Add: ClientCommand {
      static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Let an organization have a cluster; everybody who takes part in it gets access.",
        discussion: "Example: guildhall cluster org add berlin acme --running-jobs 20 --member-running-jobs 4")
      @Argument(help: "Slug or id.") var cluster: String
      @Argument(help: "The organization, by slug or id.") var tenant: String
      @Option(help: ArgumentHelp("user or manager, of who gets access.", valueName: "role")) var defaultRole: String?
      @Flag(help: "Nobody gets access now; who joins later does.") var withoutMembers = false
      @OptionGroup var limits: LimitOptions
      @OptionGroup var general: GeneralOptions

      func perform(_ invocation: Invocation) async throws(Problem) {
        let admission = Wire.ClusterAdmission(defaultRole: defaultRole, limits: limits.wire, takesMembers: !withoutMembers)
        let path = Wire.InClusterTenant(cluster: cluster, organization: tenant)
        let after = try await invocation.client().call(API.Clusters.admit, path: path, body: admission)
        try invocation.printer.done("\(after.name.onOneLine) has \(cluster.onOneLine).", after)
      }
    }

    struct Set: ClientCommand {
      static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change how an organization has a cluster.",
        discussion: "Limits are told as a whole: what isn't named isn't limited any more.\n\nExample: guildhall cluster org set berlin acme --running-jobs 40")
      @Argument(help: "Slug or id.") var cluster: String
      @Argument(help: "The organization, by slug or id.") var tenant: String
      @Option(help: ArgumentHelp("user or manager, of who gets access from now on.", valueName: "role")) var defaultRole: String?
      @Flag(inversion: .prefixedNo, help: "Whether nothing new of it begins there.") var maintenance: Bool?
      @OptionGroup var limits: LimitOptions
      @OptionGroup var general: GeneralOptions

      func perform(_ invocation: Invocation) async throws(Problem) {
        let admission = Wire.ClusterAdmission(defaultRole: defaultRole, maintenance: maintenance, limits: limits.wire, takesMembers: false)
        let path = Wire.InClusterTenant(cluster: cluster, organization: tenant)
        let after = try await invocation.client().call(API.Clusters.admit, path: path, body: admission)
        try invocation.printer.done("What \(after.name.onOneLine) has of \(cluster.onOneLine) is changed.", after)
      }
    }

    struct Remove: ClientCommand {
      static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take a cluster from an organization, with its projects there and all access, at once and for good.", aliases: ["rm"])
      @Argument(help: "Slug or id.") var cluster: String
      @Argument(help: "The organization, by slug or id.") var tenant: String
      @OptionGroup var confirmation: ConfirmationOption
      @OptionGroup var general: GeneralOptions

      func perform(_ invocation: Invocation) async throws(Problem) {
        try invocation.confirm("Take the cluster \(cluster.onOneLine) from \(tenant.onOneLine), with its projects there?", confirmation)
        _ = try await invocation.client().call(API.Clusters.withdraw, path: Wire.InClusterTenant(cluster: cluster, organization: tenant))
        invocation.printer.say("\(tenant.onOneLine) doesn't have \(cluster.onOneLine) any more.")
      }
    }
  }
}

/// What is said of a cluster besides its name.
struct ClusterOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("What it is for.", valueName: "text")) var description: String?
  @Option(help: ArgumentHelp("Where it stands, in words.", valueName: "text")) var location: String?
  @Option(
    help: ArgumentHelp(
      """
      Where one of its services is, such as registry=https://…; may be repeated. One of registry, storage, users, monitoring, secrets, disks, buckets, apps, \
      grafana, prometheus.
      """,
      valueName: "service=address")) var address: [String] = []
  @Option(help: ArgumentHelp("user or manager, of who gets access.", valueName: "role")) var defaultRole: String?
  @Flag(inversion: .prefixedNo, help: "Whether organizations that are founded have it.") var `default`: Bool?
  @Flag(inversion: .prefixedNo, help: "Whether nothing new begins on it.") var maintenance: Bool?
  @OptionGroup var limits: LimitOptions

  var isEmpty: Bool {
    description == nil && location == nil && address.isEmpty && defaultRole == nil && `default` == nil && maintenance == nil && limits.wire == nil
  }

  /// Those that were told; `nil` without any.
  func addresses() throws(Problem) -> Wire.ClusterAddresses? {
    if address.isEmpty { return nil }
    let places: [String: WritableKeyPath<Wire.ClusterAddresses, Unchecked<ServiceAddressText>?>] = [
      "registry": \.registry, "storage": \.storage, "users": \.users, "monitoring": \.monitoring, "secrets": \.secrets, "disks": \.disks,
      "buckets": \.buckets, "apps": \.apps, "grafana": \.grafana, "prometheus": \.prometheus,
    ]
    var found = Wire.ClusterAddresses()
    for text in address {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let place = places[parts[0]] else {
        let known = places.keys.sorted().joined(separator: ", ")
        throw .invalid("address", "\"\(String(text.prefix(80)).onOneLine)\" is no address of a service. Write service=address, with one of \(known).")
      }
      found[keyPath: place] = .init(parts[1])
    }
    return found
  }
}

/// What may run and lie on a cluster at once.
struct LimitOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Running jobs of the whole organization.", valueName: "number")) var runningJobs: Int?
  @Option(help: ArgumentHelp("Running jobs of each member who has no quota of their own.", valueName: "number")) var memberRunningJobs: Int?
  @Option(help: ArgumentHelp("Storage of the whole organization, in bytes.", valueName: "bytes")) var storage: Int?
  @Flag(help: "Nothing limits it.") var unlimited = false

  /// `nil` where none was told.
  var wire: Wire.ClusterLimits? {
    if runningJobs == nil, memberRunningJobs == nil, storage == nil, !unlimited { return nil }
    return Wire.ClusterLimits(runningJobs: runningJobs, memberRunningJobs: memberRunningJobs, storage: storage)
  }
}

/// What a machine has, or a preset takes of one.
struct MachineOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Thousandths of a core.", valueName: "number")) var millicores: Int
  @Option(help: ArgumentHelp("In bytes.", valueName: "bytes")) var memory: Int
  @Option(help: ArgumentHelp("How many GPUs; none unless told.", valueName: "number")) var gpus: Int?
  @Option(help: ArgumentHelp("As people call it.", valueName: "model")) var gpuModel: String?
  @Flag(help: "It may be stopped or taken away for others.") var preemptible = false

  var wire: Wire.MachineShape { Wire.MachineShape(millicores: millicores, memory: memory, gpus: gpus, gpuModel: gpuModel) }
}

extension Wire.ClusterLimits {
  fileprivate var words: String {
    let parts = [runningJobs.map { "\($0) jobs" }, memberRunningJobs.map { "\($0) jobs each" }, storage.map { "\($0) bytes" }].compactMap { $0 }
    return parts.isEmpty ? "unlimited" : parts.joined(separator: ", ")
  }
}

extension Wire.ClusterPreset {
  fileprivate var words: String { "\(name) (\(creditsPerHour) an hour)" }
}

extension Wire.Cluster: Listable {
  static let noun = (one: "cluster", many: "clusters")
  var identity: String { slug }

  static let columns: [Column<Wire.Cluster>] = [
    Column("Slug") { .name($0.slug) },
    Column("Name") { .text($0.name) },
    Column("State") { $0.maintenance ? .state("maintenance", .attention) : .state("available", .good) },
    Column("Organizations") { .number($0.organizations) },
    Column("Presets") { .number($0.presets.count) },
    Column("Default", .whenWide) { .flag($0.isDefault) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]

  static let details: [Column<Wire.Cluster>] = [
    Column("Name") { .text($0.name) },
    Column("Slug") { .name($0.slug) },
    Column("Description") { .text($0.description) },
    Column("Location") { .text($0.location) },
    Column("State") { $0.maintenance ? .state("maintenance", .attention) : .state("available", .good) },
    Column("Default role") { .text($0.defaultRole) },
    Column("Default") { .flag($0.isDefault) },
    Column("Limits") { .text($0.limits.words) },
    Column("Presets") { .text($0.presets.map(\.words).joined(separator: ", ")) },
    Column("Node pools") { .text($0.nodePools.map(\.name).joined(separator: ", ")) },
    Column("Organizations") { .number($0.organizations) },
    Column("Created") { .time($0.createdAt) },
    Column("Id") { .id($0.id.description) },
  ]
}

extension Wire.OrganizationCluster: Listable {
  static let noun = (one: "cluster", many: "clusters")
  var identity: String { slug }

  static let columns: [Column<Wire.OrganizationCluster>] = [
    Column("Slug") { .name($0.slug) },
    Column("Name") { .text($0.name) },
    Column("State") { $0.maintenance ? .state("maintenance", .attention) : .state("available", .good) },
    Column("Projects") { .number($0.projects) },
    Column("Default role", .whenWide) { .text($0.defaultRole) },
    Column("Since", .whenWide) { .time($0.since) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}

extension Wire.OrganizationClusterDetails: Listable {
  static let noun = (one: "cluster", many: "clusters")
  var identity: String { cluster.slug }

  static let columns: [Column<Wire.OrganizationClusterDetails>] = [Column("Slug") { .name($0.cluster.slug) }]

  static let details: [Column<Wire.OrganizationClusterDetails>] = [
    Column("Name") { .text($0.cluster.name) },
    Column("Slug") { .name($0.cluster.slug) },
    Column("Description") { .text($0.cluster.description) },
    Column("Location") { .text($0.cluster.location) },
    Column("State") { $0.cluster.maintenance ? .state("maintenance", .attention) : .state("available", .good) },
    Column("Default role") { .text($0.cluster.defaultRole) },
    Column("Limits") { .text($0.limits.words) },
    Column("Presets") { .text($0.presets.map(\.words).joined(separator: ", ")) },
    Column("Node pools") { .text($0.nodePools.map(\.name).joined(separator: ", ")) },
    Column("Projects") { .number($0.cluster.projects) },
    Column("Since") { .time($0.cluster.since) },
    Column("Id") { .id($0.cluster.id.description) },
  ]
}

extension Wire.ClusterTenant: Listable {
  static let noun = (one: "organization", many: "organizations")
  var identity: String { slug }

  static let columns: [Column<Wire.ClusterTenant>] = [
    Column("Slug") { .name($0.slug) },
    Column("Name") { .text($0.name) },
    Column("May have there") { .text($0.limits.words) },
    Column("State") { $0.maintenance ? .state("maintenance", .attention) : .state("available", .good) },
    Column("Projects") { .number($0.projects) },
    Column("Since", .whenWide) { .time($0.since) },
    Column("Id", .whenWide) { .id($0.organization.description) },
  ]
}

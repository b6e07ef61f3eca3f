import Authorization
import Kernel
import Markup

/// The pages on which operators register clusters and let organizations have them.
extension Clusters {
  var pages: [PageRoute] {
    [
      .page("/operator/clusters") { visit async throws(Problem) in .page(try await listPage(visit)) },
      .page("/operator/clusters/new") { visit async throws(Problem) in
        .page(try await newPage(FormState("cluster", ["default_role": ResourceRole.clusterUser.name]), visit))
      },
      .form("/operator/clusters/new") { visit async throws(Problem) in try await register(visit) },
      .page("/operator/clusters/{cluster}") { visit async throws(Problem) in .page(try await partsPage(visit)) },
      .form("/operator/clusters/{cluster}/node-pools") { visit async throws(Problem) in try await setPool(visit) },
      .passage("/operator/clusters/{cluster}/node-pools") { $0.operatedCluster },
      .form("/operator/clusters/{cluster}/node-pools/removal") { visit async throws(Problem) in
        try await telling(at: visit.operatedCluster) { () async throws(Problem) in
          _ = try await removeNodePool(visit.field("name"), from: visit.parameter("cluster"), by: visit.caller)
          return Flash(.good, "The node pool \(visit.field("name").prefix(64)) is gone from here.")
        }
      },
      .passage("/operator/clusters/{cluster}/node-pools/removal") { $0.operatedCluster },
      .form("/operator/clusters/{cluster}/presets") { visit async throws(Problem) in try await setPreset(visit) },
      .passage("/operator/clusters/{cluster}/presets") { $0.operatedCluster },
      .form("/operator/clusters/{cluster}/presets/removal") { visit async throws(Problem) in
        try await telling(at: visit.operatedCluster) { () async throws(Problem) in
          _ = try await removePreset(visit.field("name"), from: visit.parameter("cluster"), by: visit.caller)
          return Flash(.good, "The preset \(visit.field("name").prefix(64)) is gone.")
        }
      },
      .passage("/operator/clusters/{cluster}/presets/removal") { $0.operatedCluster },
    ] + ClusterSettingsPages(plane: plane).pages + ClusterTenantPages(plane: plane).pages
  }

  // MARK: All of them

  private func listPage(_ visit: Visit) async throws(Problem) -> ConsolePage {
    let search = visit.query("q")
    let page = try await list(search: search, visit.page, by: visit.caller)
    let here: Link = "/operator/clusters"
    return ConsolePage("Clusters", in: .personal(section: "operator-clusters")) {
      pageHeader(
        "Clusters", "Machines on which work runs. Organizations that you let have one see it, with its presets and its projects.",
        actions: { linkButton("Register a cluster", href: "\(here)/new", .primary) })
      if page.items.isEmpty, search == nil {
        emptyState("No cluster yet", "Register the first one: its name, where its services are, and what can run on it.") {
          linkButton("Register a cluster", href: "\(here)/new")
        }
      } else {
        filterBar(here, search: search ?? "", placeholder: "Find by name, * and ? allowed", replaces: "clusters")
        div(.id("clusters"), .class("list")) { table(page, search, here) }
      }
    }
  }

  private func table(_ page: Page<Cluster>, _ search: String?, _ here: Link) -> HTML {
    fragment {
      if page.items.isEmpty {
        emptyState("No cluster fits", "No cluster is called so. A * stands for any characters, a ? for one.") { linkButton("Show all clusters", href: here) }
      } else {
        dataTable(
          "Clusters", [Column("Cluster"), Column("State"), Column("Presets", .number), Column("Organizations", .number)],
          page.items.map { cluster in
            TableRow(
              personCell(id: cluster.id, name: cluster.name.text, detail: cluster.slug.text, href: "\(here)/\(cluster.slug)"), clusterBadges(cluster),
              HTML(grouped(cluster.presets.count)), HTML(grouped(cluster.organizations)))
          })
        pagination(shown: page.items.count, total: page.total, "cluster", next: page.next.map { here.adding("q", search).adding("cursor", $0.description) })
      }
    }
  }

  // MARK: A new one

  private func newPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    _ = try await list(PageRequest(limit: 1), by: visit.caller)
    let here: Link = "/operator/clusters"
    return ConsolePage("Register a cluster", in: .personal(section: "operator-clusters"), status: status) {
      breadcrumb([("Clusters", here)])
      pageHeader("Register a cluster", "The next page takes its node pools and presets; then let organizations have it.")
      postForm("\(here)/new", state, token: visit.token) {
        onceField(visit)
        textField("Name", "name", in: state, hint: "What people call it, such as Berlin.", .maxlength(128))
        textField(
          "Handle", "slug", in: state, hint: "Unique on this installation, and its own for good. Made from the name if you leave it empty.", optional: true,
          .maxlength(32), .autocapitalize("none"), .spellcheck(false))
        clusterFields(state)
        buttonRow {
          submitButton("Register the cluster")
          linkButton("Cancel", href: here)
        }
      }
    }
  }

  private func register(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let made = try await register(ClusterDraft(name: visit.field("name"), slug: visit.field("slug"), details: visit.clusterUpdate()), by: visit.caller)
      return .redirect(to: "/operator/clusters/\(made.slug)", flash: Flash(.good, "\(made.name) is registered. Say what can run on it."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await newPage(FormState("cluster", values: visit.typed, problem: error.ofClusterForm), visit, status: 422))
    }
  }

  // MARK: What it is made of

  private func partsPage(_ visit: Visit, pool: FormState? = nil, preset: FormState? = nil, status: Int = 200) async throws(Problem) -> ConsolePage {
    let cluster = try await find(visit.parameter("cluster"), by: visit.caller)
    let here: Link = "/operator/clusters/\(cluster.slug)"
    return ConsolePage(cluster.name.text, in: .personal(section: "operator-clusters"), status: status) {
      clusterOperatorHead(cluster, current: "parts")
      if cluster.isInMaintenance {
        banner(.attention, "It is in maintenance.", "Nothing new begins on it, for any organization.")
      }
      clusterFacts(cluster, now: plane.world.clock())
      pageSection(
        "Presets", "What people choose for a job, with the price of an hour that they are shown. What is charged stands in the price list.", id: "presets"
      ) {
        if cluster.presets.isEmpty {
          emptyState("No preset yet", "Set the first one below.")
        } else {
          presetTable(cluster) { preset in
            moreMenu(
              "More for \(preset.name)", token: visit.token, [.action("Remove", to: "\(here)/presets/removal", fields: ["name": preset.name], isDanger: true)])
          }
        }
        presetForm(preset ?? FormState("preset"), "\(here)/presets", visit)
      }
      pageSection("Node pools", "Machines of one kind, which come and go with the work.", id: "node-pools") {
        if cluster.nodePools.isEmpty {
          emptyState("No node pool yet", "Set the first one below.")
        } else {
          poolTable(cluster) { pool in
            moreMenu(
              "More for \(pool.name)", token: visit.token, [.action("Remove", to: "\(here)/node-pools/removal", fields: ["name": pool.name], isDanger: true)])
          }
        }
        poolForm(pool ?? FormState("pool", ["min_size": "0"]), "\(here)/node-pools", visit)
      }
    }
  }

  private func presetForm(_ state: FormState, _ action: Link, _ visit: Visit) -> HTML {
    postForm(action, state, token: visit.token) {
      partNameField(state)
      textField("Credits an hour", "credits_per_hour", in: state, classes: "amount", .inputmode("decimal"), .maxlength(40))
      shapeFields(state)
      checkField("A job may be stopped for others", "preemptible", value: "yes", in: state)
      buttonRow { submitButton("Set the preset", .plain) }
    }
  }

  private func poolForm(_ state: FormState, _ action: Link, _ visit: Visit) -> HTML {
    postForm(action, state, token: visit.token) {
      partNameField(state)
      textField("Machines at least", "min_size", in: state, classes: "amount", .inputmode("numeric"), .maxlength(16))
      textField("Machines at most", "max_size", in: state, classes: "amount", .inputmode("numeric"), .maxlength(16))
      shapeFields(state)
      textField("Disk in GiB", "disk", in: state, optional: true, classes: "amount", .inputmode("numeric"), .maxlength(16))
      checkField("Machines may be taken away while they work", "preemptible", value: "yes", in: state)
      buttonRow { submitButton("Set the node pool", .plain) }
    }
  }

  private func partNameField(_ state: FormState) -> HTML {
    textField(
      "Name", "name", in: state, hint: "One that is there already is set anew.", .maxlength(64), .autocapitalize("none"), .spellcheck(false))
  }

  private func shapeFields(_ state: FormState) -> HTML {
    fragment {
      textField("Cores", "cores", in: state, hint: "Such as 4 or 0.5.", classes: "amount", .inputmode("decimal"), .maxlength(16))
      textField("Memory in GiB", "memory", in: state, classes: "amount", .inputmode("numeric"), .maxlength(16))
      textField("GPUs", "gpus", in: state, optional: true, classes: "amount", .inputmode("numeric"), .maxlength(16))
      textField("Model of the GPUs", "gpu_model", in: state, optional: true, .maxlength(64), .autocapitalize("none"), .spellcheck(false))
    }
  }

  private func setPool(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let pool = try NodePool(
        name: visit.field("name"), least: visit.whole("min_size") ?? 0, most: visit.whole("max_size") ?? 0, shape: visit.shape(),
        disk: visit.gibibytes("disk") ?? 0, isPreemptible: visit.field("preemptible") == "yes")
      let cluster = try await set(pool, on: visit.parameter("cluster"), by: visit.caller)
      return .redirect(to: "/operator/clusters/\(cluster.slug)", flash: Flash(.good, "The node pool \(pool.name) is set."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await partsPage(visit, pool: FormState("pool", values: visit.typed, problem: error.ofClusterForm), status: 422))
    }
  }

  private func setPreset(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let preset = try ClusterPreset(
        name: visit.field("name"), price: visit.field("credits_per_hour"), shape: visit.shape(), isPreemptible: visit.field("preemptible") == "yes")
      let cluster = try await set(preset, on: visit.parameter("cluster"), by: visit.caller)
      return .redirect(to: "/operator/clusters/\(cluster.slug)", flash: Flash(.good, "The preset \(preset.name) is set."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await partsPage(visit, preset: FormState("preset", values: visit.typed, problem: error.ofClusterForm), status: 422))
    }
  }
}

/// The head of operators' pages about one cluster.
func clusterOperatorHead(_ cluster: Cluster, current: String) -> HTML {
  let here: Link = "/operator/clusters/\(cluster.slug)"
  return fragment {
    breadcrumb([("Clusters", "/operator/clusters")])
    pageHeader(bdi { cluster.name.text }, cluster.description.isEmpty ? nil : HTML(cluster.description.text)) {
    } badges: {
      code { cluster.slug.text }
      clusterBadges(cluster)
    }
    tabBar(
      "Pages of the cluster",
      [
        Tab("What can run", href: here, isCurrent: current == "parts"),
        Tab("Organizations", href: "\(here)/organizations", isCurrent: current == "organizations"),
        Tab("Settings", href: "\(here)/settings", isCurrent: current == "settings"),
      ])
  }
}

/// Whether it works, and whether new organizations have it.
func clusterBadges(_ cluster: Cluster) -> HTML {
  badgeRow {
    cluster.isInMaintenance ? badge("maintenance", .attention) : badge("available", .good)
    if cluster.isDefault { badge("default cluster", .accent) }
  }
}

/// Where it is, and where its services are.
func clusterFacts(_ cluster: Cluster, behind others: [(String, HTML)] = [], now: Timestamp) -> HTML {
  var facts = others
  if !cluster.location.isEmpty { facts.append(("Location", HTML(cluster.location.text))) }
  for service in Cluster.Service.allCases { if let address = cluster.addresses[service] { facts.append((service.words, code { address })) } }
  facts.append(("Registered", relativeTime(cluster.createdAt, now: now)))
  return definitions(facts)
}

func presetTable(_ cluster: Cluster, _ actions: ((ClusterPreset) -> HTML)? = nil) -> HTML {
  dataTable(
    "Presets", [Column("Preset"), Column("Takes"), Column("Credits an hour", .number)] + (actions == nil ? [] : [.actions]),
    cluster.presets.map { preset in
      let name = notedCell(code { preset.name }, preset.isPreemptible ? "may be stopped for others" : nil)
      return TableRow(name, HTML(preset.shape.words), HTML(amountText(preset.price)), actions?(preset) ?? .empty)
    })
}

func poolTable(_ cluster: Cluster, _ actions: ((NodePool) -> HTML)? = nil) -> HTML {
  dataTable(
    "Node pools", [Column("Node pool"), Column("Each machine"), Column("Machines", .number)] + (actions == nil ? [] : [.actions]),
    cluster.nodePools.map { pool in
      let name = notedCell(code { pool.name }, pool.isPreemptible ? "machines may be taken away" : nil)
      let machine = pool.disk == 0 ? pool.shape.words : "\(pool.shape.words), \(MachineShape.bytes(pool.disk)) of disk"
      return TableRow(name, HTML(machine), HTML("\(pool.sizes.lowerBound)–\(pool.sizes.upperBound)"), actions?(pool) ?? .empty)
    })
}

/// What is asked of a cluster besides its name.
func clusterFields(_ state: FormState) -> HTML {
  fragment {
    textAreaField("Description", "description", in: state, rows: 2, limit: 2000, hint: "What it is for.", optional: true)
    textField("Location", "location", in: state, hint: "Where it stands, in words.", optional: true, .maxlength(2000))
    selectField(
      "Default role", "default_role", in: state, clusterRoleChoices,
      hint: "Of the people of an organization that has it, unless the organization says otherwise.")
    checkField("Organizations that are founded have it", "is_default", value: "yes", in: state)
    checkField("It is in maintenance", "maintenance", value: "yes", in: state, hint: "Nothing new begins on it, for any organization.")
    for service in Cluster.Service.allCases {
      textField(
        "Address of \(service.words.lowercased())", "address_\(service.rawValue)", in: state, type: .url, optional: true, .maxlength(512),
        .autocapitalize("none"), .spellcheck(false))
    }
    limitFields(state)
  }
}

/// The roles that somebody may have by default.
var clusterRoleChoices: [Choice] {
  ResourceRole.all(of: .cluster).filter { $0 != .clusterAdmin }.map { Choice($0.name, "\($0.name): \($0.summary)") }
}

/// What an organization may have on a cluster.
func limitFields(_ state: FormState) -> HTML {
  fragment {
    textField(
      "Running jobs of an organization", "running_jobs", in: state, hint: "Left empty, nothing limits them.", optional: true, classes: "amount",
      .inputmode("numeric"), .maxlength(16))
    textField(
      "Running jobs of each member", "member_running_jobs", in: state, hint: "Of who has no quota of their own.", optional: true, classes: "amount",
      .inputmode("numeric"), .maxlength(16))
    textField("Storage of an organization in GiB", "storage", in: state, optional: true, classes: "amount", .inputmode("numeric"), .maxlength(16))
  }
}

extension ClusterLimits {
  /// As the fields of a form take them.
  var typed: [String: String] {
    var fields: [String: String] = [:]
    if let runningJobs { fields["running_jobs"] = String(runningJobs) }
    if let memberRunningJobs { fields["member_running_jobs"] = String(memberRunningJobs) }
    if let storage { fields["storage"] = String(storage / Visit.gibibyte) }
    return fields
  }

  /// In a few words.
  var words: String {
    let parts = [
      runningJobs.map { "\(counted(Int($0), "running job")) together" }, memberRunningJobs.map { "\(counted(Int($0), "running job")) each" },
      storage.map { "\(MachineShape.bytes($0)) of storage" },
    ].compactMap { $0 }
    return parts.isEmpty ? "nothing limits it" : parts.joined(separator: ", ")
  }
}

extension Visit {
  static let gibibyte: Int64 = 1 << 30

  /// Where operators see the cluster in the path.
  var operatedCluster: String { "/operator/clusters/\(parameter("cluster"))" }

  /// A whole number that was typed; `nil` for nothing.
  func whole(_ name: String) throws(Problem) -> Int? {
    let text = field(name).filter { !$0.isWhitespace }
    if text.isEmpty { return nil }
    guard let number = Int(text), text.allSatisfy(\.isNumber) else { throw .invalid(name, "Give a whole number.") }
    return number
  }

  /// The bytes of a number of gibibytes that was typed.
  func gibibytes(_ name: String) throws(Problem) -> Int? {
    guard let number = try whole(name) else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: Int(Self.gibibyte))
    if overflow { throw .invalid(name, "That is more than there can be.") }
    return bytes
  }

  func shape() throws(Problem) -> MachineShape {
    let cores = try Problem.checking("cores") { () throws(Rejection) in try Credits(decimal: field("cores")) }
    guard cores.micro % 1000 == 0 else { throw .invalid("cores", "Give thousandths of a core at least.") }
    return try MachineShape(
      millicores: Int(cores.micro / 1000), memory: gibibytes("memory") ?? 0, gpus: whole("gpus") ?? 0, gpuModel: field("gpu_model"))
  }

  func limits() throws(Problem) -> ClusterLimits {
    try ClusterLimits(runningJobs: whole("running_jobs"), memberRunningJobs: whole("member_running_jobs"), storage: gibibytes("storage"))
  }

  func clusterUpdate(name: String? = nil) throws(Problem) -> ClusterUpdate {
    var addresses: [Cluster.Service: String] = [:]
    for service in Cluster.Service.allCases { addresses[service] = field("address_\(service.rawValue)").filter { !$0.isWhitespace } }
    return ClusterUpdate(
      name: name, description: field("description"), location: field("location"), addresses: addresses, defaultRole: field("default_role"),
      isDefault: field("is_default") == "yes", isInMaintenance: field("maintenance") == "yes", limits: try limits())
  }
}

extension Problem {
  /// The same with the fields as the forms about clusters call them.
  var ofClusterForm: Problem {
    Problem(
      code, detail,
      faults: faults.map { fault in
        switch fault.field {
        case "millicores": FieldFault("cores", fault.detail)
        case let field where field.hasPrefix("addresses/"): FieldFault("address_\(field.dropFirst("addresses/".count))", fault.detail)
        default: fault
        }
      })
  }
}

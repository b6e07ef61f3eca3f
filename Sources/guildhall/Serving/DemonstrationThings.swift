import Authorization
import Contract
import ControlPlane
import Kernel

extension Demonstration {
  /// Two clusters with pools and presets, of which the organization has both, with a project on one.
  func seedClusters(in guild: String, by ada: Caller) async throws {
    let large = try MachineShape(millicores: 96_000, memory: 720 << 30, gpus: 8, gpuModel: "a100")
    let small = try MachineShape(millicores: 8_000, memory: 32 << 30)
    let single = try MachineShape(millicores: 12_000, memory: 90 << 30, gpus: 1, gpuModel: "a100")
    _ = try await plane.clusters.register(
      ClusterDraft(
        name: "Larch", slug: "larch",
        details: ClusterUpdate(
          description: "The large one, for training.", location: "Lausanne",
          addresses: [.users: "https://users.larch.analytical.example", .storage: "https://storage.larch.analytical.example"])),
      by: ada)
    _ = try await plane.clusters.register(
      ClusterDraft(name: "Oak", slug: "oak", details: ClusterUpdate(description: "For what runs every night.", location: "Cambridge")), by: ada)
    for (cluster, pools) in [
      ("larch", [try NodePool(name: "a100", least: 0, most: 4, shape: large, disk: 2 << 40), try NodePool(name: "plain", least: 1, most: 12, shape: small)]),
      (
        "oak",
        [
          try NodePool(name: "plain", least: 2, most: 6, shape: small), try NodePool(name: "spot", least: 0, most: 8, shape: single, isPreemptible: true),
        ]
      ),
    ] {
      for pool in pools { _ = try await plane.clusters.set(pool, on: cluster, by: ada) }
    }
    let presets: [(cluster: String, name: String, price: String, shape: MachineShape, isPreemptible: Bool)] = [
      ("larch", "cpu-small", "0.12", small, false), ("larch", "a100-single", "0.9", single, false), ("larch", "a100-large", "7.2", large, false),
      ("oak", "cpu-small", "0.1", small, false), ("oak", "a100-spot", "0.45", single, true),
    ]
    for preset in presets {
      _ = try await plane.clusters.set(
        ClusterPreset(name: preset.name, price: preset.price, shape: preset.shape, isPreemptible: preset.isPreemptible), on: preset.cluster, by: ada)
    }
    _ = try await plane.clusters.admit(guild, to: "larch", ClusterAdmission(limits: ClusterLimits(runningJobs: 12)), by: ada)
    _ = try await plane.clusters.admit(guild, to: "oak", ClusterAdmission(), by: ada)
    _ = try await plane.projects.create(
      ResourceDraft(name: "Tables of logarithms", slug: "logarithms", description: "To twelve places."), at: .cluster("larch"), in: guild, by: ada)
    for (who, role) in [(GrantCandidate.member("mary"), "manager"), (.team("mill"), "developer")] {
      _ = try await plane.grants.give(GrantDraft(who, role: role), on: .projectAt("logarithms", .cluster("larch")), in: guild, by: ada)
    }
  }

  /// Apps: a private one of a member's own, one for the organization, and a public template; with a team that labels, and stars.
  func seedApps(in guild: String, by ada: Caller) async throws {
    let mary = try await session(of: "mary@analytical.example")
    let apps: [(name: String, slug: String, description: String, notes: String, visibility: String, isTemplate: Bool, isOwn: Bool, caller: Caller)] = [
      ("Star charts", "star-charts", "Finds what moved between two plates.", "", "private", false, true, mary),
      (
        "Flower patterns", "flower-patterns", "Tells punched cards by what they weave.", "Cards are read from the left.\nAsk the mill for new ones.",
        "organization", false, false, ada
      ),
      ("Card reader", "card-reader", "Reads a card and says what it does.", "Begin here for an app of your own.", "public", true, false, ada),
    ]
    for app in apps {
      let made = try await plane.apps.create(
        ResourceDraft(name: app.name, slug: app.slug, description: app.description),
        AppUpdate(notes: app.notes, visibility: app.visibility, isTemplate: app.isTemplate), isOwn: app.isOwn, in: guild, by: app.caller)
      for fan in app.visibility == "private" ? [app.caller] : [ada, mary] { _ = try await plane.stars.add(made.resource.id, in: guild, by: fan) }
    }
    _ = try await plane.teams.update("printing", TeamUpdate(defaultRole: "labeler-worker"), seen: nil, in: guild, by: ada)
    _ = try await plane.grants.give(GrantDraft(.team("cards-and-notes"), role: "model-trainer"), on: .app("flower-patterns"), in: guild, by: ada)
    _ = try await plane.grants.give(GrantDraft(.team("printing"), role: "labeler-worker"), on: .app("flower-patterns"), in: guild, by: ada)
  }

  /// What platforms registered, in a project and in the organization itself, and what of it was shared.
  func seedObjects(in guild: String, by ada: Caller) async throws {
    let project = try ThingName.Place(type: "project", id: "research/bernoulli-numbers")
    let objects: [(type: String, id: String, title: String, place: ThingName.Place?, compliance: [String])] = [
      ("dataset", "tables-1843", "Tables of 1843", project, ["gdpr"]), ("dataset", "letters", "Letters to the Countess", project, []),
      ("model", "note-g", "Note G", project, ["gdpr"]), ("pipeline", "nightly", "Nightly report", nil, []),
    ]
    for object in objects {
      let draft = ObjectDraft(
        try ObjectName(type: object.type, id: object.id), in: object.place, title: object.title,
        attributes: object.compliance.isEmpty ? [:] : ["compliance": .array(object.compliance.map { .string($0) })])
      for case .refused(let problem) in try await plane.objects.register([.success(draft)], in: guild, by: ada) { throw problem }
    }
    for (object, who, actions) in [
      ("note-g", GrantCandidate.member("george"), ["read"]), ("note-g", .team("cards-and-notes"), ["read", "update"]),
      ("note-g", .serviceAccount("nightly-report"), ["read"]),
    ] {
      _ = try await plane.sharing.set(
        ShareDraft(SharedName(try ObjectName(type: "model", id: object)), with: who, actions: actions), in: guild, by: ada)
    }
  }

  /// Roles that the organization made, one of them held; and a request that waits for an answer.
  func seedRoles(in guild: String, by ada: Caller) async throws {
    _ = try await plane.roles.define(
      RoleDraft(level: "organization", base: "viewer", name: "Bookkeeper", slug: "bookkeeper", description: "Sees everything, as auditors do."),
      in: guild, by: ada)
    _ = try await plane.roles.define(
      RoleDraft(level: "project", base: "viewer", name: "Reviewer", slug: "reviewer", description: "Reads everything, and runs what is there."),
      in: guild, by: ada)
    _ = try await plane.organizationAccess.give(GrantDraft(.member("augustus"), role: "bookkeeper"), in: guild, by: ada)
    _ = try await plane.grants.give(GrantDraft(.member("sophie"), role: "reviewer"), on: .project("weaving", in: "research"), in: guild, by: ada)
    let george = try await session(of: "george@analytical.example")
    _ = try await plane.elevations.ask(
      ElevationDraft(on: "research/bernoulli-numbers", role: "manager", minutes: 8 * 60, reason: "To let the pupils in for the day."), in: guild, by: george)
  }
}

import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Ledger
import Testing

@Suite struct ClustersTests {
  @Test func `A cluster is registered, let out, used, and can't be deleted meanwhile`() async throws {
    let lab = try await Lab()
    let clusters = lab.plane.clusters
    let made = try await lab.register("Berlin", limits: ClusterLimits(runningJobs: 10))
    #expect(made.slug.text == "berlin" && made.organizations == 0 && made.defaultRole == .clusterUser)
    #expect(await refusal { try await lab.register("BERLIN") } == "name.taken")
    #expect(try await lab.register("Default").slug.text == "default", "platforms call theirs so")

    let tenant = try await clusters.admit(lab.slug, to: "berlin", ClusterAdmission(), by: lab.operator)
    #expect(tenant.limits == ClusterLimits(runningJobs: 10), "as the cluster says")
    #expect(try await lab.access(.cluster("berlin")) == ["Ada user"], "everybody who takes part has it")
    #expect(try await clusters.find("berlin", by: lab.operator).organizations == 1)
    #expect(await refusal { try await clusters.delete("berlin", by: lab.operator) } == "cluster.used")

    let found = try await lab.plane.organizationClusters.find("berlin", in: lab.slug, by: lab.admin)
    #expect(found.resource.id != made.id.cast() && found.cluster.id == made.id)
    for name in ["BERLIN", made.id.description, found.resource.id.description] {
      #expect(try await lab.plane.organizationClusters.find(name, in: lab.slug, by: lab.admin) == found, "\(name)")
    }
    _ = try await lab.plane.quotas.create(QuotaDraft(.gpus, subject: .member, holder: "ada", cluster: "berlin", limit: 1), in: lab.slug, by: lab.admin)
    #expect(await refusal { try await clusters.withdraw("berlin", from: lab.slug, confirm: "berlin", by: lab.operator) } == "invalid")
    try await clusters.withdraw("berlin", from: lab.slug, confirm: lab.slug, by: lab.operator)
    #expect(await refusal { try await lab.plane.organizationClusters.find("berlin", in: lab.slug, by: lab.admin) } == "missing")
    #expect(try await lab.plane.quotas.list(in: lab.slug, .first, by: lab.admin).total == 0, "its quotas are gone")
    try await clusters.delete("berlin", by: lab.operator)
    #expect(try await clusters.list(.first, by: lab.operator).items.map(\.slug.text) == ["default"])
    #expect(try await lab.house.actions(in: lab.stream).suffix(3) == ["cluster.admit", "quota.create", "cluster.withdraw"])
    #expect(try await lab.house.actions(in: .installation).suffix(3) == ["cluster.register", "cluster.register", "cluster.delete"])
  }

  @Test func `Only operators register clusters and let organizations have them`() async throws {
    let lab = try await Lab()
    _ = try await lab.register("Berlin")
    _ = try await lab.plane.clusters.admit(lab.slug, to: "berlin", ClusterAdmission(), by: lab.operator)
    let shape = try MachineShape(millicores: 1, memory: 1)
    let (clusters, slug) = (lab.plane.clusters, lab.slug)
    for caller in [lab.admin, lab.house.visitor()] {
      let attempts: [(String, () async throws -> Void)] = [
        ("list", { _ = try await clusters.list(.first, by: caller) }), ("find", { _ = try await clusters.find("berlin", by: caller) }),
        ("register", { _ = try await clusters.register(ClusterDraft(name: ""), by: caller) }),
        ("update", { _ = try await clusters.update("berlin", ClusterUpdate(name: "x"), seen: nil, by: caller) }),
        ("pool", { _ = try await clusters.set(NodePool(name: "", least: 1, most: 0, shape: shape), on: "berlin", by: caller) }),
        ("preset", { _ = try await clusters.set(ClusterPreset(name: "a", price: "1", shape: shape), on: "berlin", by: caller) }),
        ("no preset", { _ = try await clusters.removePreset("a", from: "berlin", by: caller) }),
        ("tenants", { _ = try await clusters.tenants(of: "berlin", .first, by: caller) }),
        ("admit", { _ = try await clusters.admit(slug, to: "berlin", ClusterAdmission(isHalted: true), by: caller) }),
        ("withdraw", { try await clusters.withdraw("berlin", from: slug, by: caller) }), ("delete", { try await clusters.delete("berlin", by: caller) }),
      ]
      for (name, attempt) in attempts {
        let problem = await refusal { try await attempt() }
        #expect(problem == "forbidden" || problem == "session.required", "\(name): \(problem ?? "done")")
      }
    }
  }

  @Test func `What is said of clusters is checked, all faults at once`() async throws {
    let lab = try await Lab()
    #expect(
      await faultyFields {
        try await lab.plane.clusters.register(
          ClusterDraft(
            name: "Berlin", slug: "berlin",
            details: ClusterUpdate(
              description: String(repeating: "x", count: 2001), addresses: [.users: "ftp://x", .disks: "https://", .apps: "https://a b", .grafana: ""])),
          by: lab.operator)
      } == ["description", "addresses/users", "addresses/disks", "addresses/apps"])
    for slug in ["a b", "-a", "a--b", "clusters", String(repeating: "a", count: 33), "ä"] {
      #expect(await faultyFields { try ClusterDraft(name: "Berlin", slug: slug) } == ["slug"], "\(slug)")
    }
    #expect(await faultyFields { try ClusterDraft(name: " ") } == ["name"])
    #expect(await faultyFields { try await lab.register("Berlin", role: "admin") } == ["default_role"], "nobody becomes an admin by default")
    #expect(await faultyFields { try await lab.register("Berlin", role: "viewer") } == ["default_role"])
    #expect(await faultyFields { try ClusterLimits(runningJobs: -1, memberRunningJobs: .max, storage: -5) } == ["running_jobs", "member_running_jobs", "storage"])
    #expect(await faultyFields { try MachineShape(millicores: 0, memory: 0, gpus: -1) } == ["millicores", "memory", "gpus"])
    #expect(await faultyFields { try MachineShape(millicores: 1, memory: 1, gpuModel: "a100") } == ["gpu_model"])
    let shape = try MachineShape(millicores: 500, memory: 3 << 29)
    #expect(shape.words == "0.5 cores, 1,536 MiB")
    #expect(await faultyFields { try NodePool(name: ".x", least: 3, most: 2, shape: shape, disk: -1) } == ["name", "max_size", "disk"])
    #expect(await faultyFields { try ClusterPreset(name: "a b", price: "-1", shape: shape) } == ["name", "credits_per_hour"])
  }

  @Test func `Node pools and presets are set and taken away by name, and a revision that is old is refused`() async throws {
    let lab = try await Lab()
    let clusters = lab.plane.clusters
    let made = try await lab.register("Berlin")
    let (small, large) = (try MachineShape(millicores: 500, memory: 1 << 30), try MachineShape(millicores: 64_000, memory: 1 << 40, gpus: 8, gpuModel: "h100"))
    _ = try await clusters.set(ClusterPreset(name: "large", price: "12.5", shape: large, isPreemptible: true), on: "berlin", by: lab.operator)
    _ = try await clusters.set(ClusterPreset(name: "cpu", price: "0", shape: small), on: "berlin", by: lab.operator)
    let both = try await clusters.set(NodePool(name: "main", least: 0, most: 4, shape: large, disk: 5), on: "berlin", by: lab.operator)
    #expect(both.presets.map(\.name) == ["cpu", "large"] && both.presets[1].price.description == "12.5" && both.presets[1].shape == large)
    #expect(both.nodePools == [try NodePool(name: "main", least: 0, most: 4, shape: large, disk: 5)])
    let again = try await clusters.set(ClusterPreset(name: "cpu", price: "0.1", shape: small), on: "berlin", by: lab.operator)
    #expect(again.presets.map(\.price.description) == ["0.1", "12.5"] && again.revision == both.revision + 1)
    let same = try await clusters.set(ClusterPreset(name: "cpu", price: "0.1", shape: small), on: "berlin", by: lab.operator)
    #expect(same.revision == again.revision, "nothing changes")
    #expect(await refusal { try await clusters.removePreset("cpu", from: "berlin", seen: made.revision, by: lab.operator) } == "stale")
    #expect(try await clusters.removePreset("cpu", from: "berlin", by: lab.operator).presets.map(\.name) == ["large"])
    #expect(await refusal { try await clusters.removePreset("cpu", from: "berlin", by: lab.operator) } == "missing")
    #expect(try await clusters.removeNodePool("main", from: "berlin", by: lab.operator).nodePools.isEmpty)
    for number in 1...Cluster.partLimit - 1 {
      _ = try await clusters.set(ClusterPreset(name: "p\(number)", price: "1", shape: small), on: "berlin", by: lab.operator)
    }
    #expect(await refusal { try await clusters.set(ClusterPreset(name: "more", price: "1", shape: small), on: "berlin", by: lab.operator) } == "too_many")
  }

  @Test func `Who joins has the clusters, guests don't, and new organizations have the default ones`() async throws {
    let lab = try await Lab()
    let (bob, gus) = (try await lab.member("Bob", as: "member"), try await lab.member("Gus", as: "guest"))
    _ = try await lab.register("Berlin", isDefault: true)
    _ = try await lab.plane.clusters.admit(lab.slug, to: "berlin", ClusterAdmission(defaultRole: "manager"), by: lab.operator)
    #expect(try await lab.access(.cluster("berlin")) == ["Ada manager", "Bob manager"])
    #expect(await refusal { try await lab.plane.organizationClusters.find("berlin", in: lab.slug, by: lab.house.caller(gus.session)) } == "missing")
    #expect(try await lab.plane.organizationClusters.list(in: lab.slug, .first, by: lab.house.caller(gus.session)).total == 0)

    let changed = try await lab.plane.organizationClusters.update("berlin", defaultRole: "user", seen: nil, in: lab.slug, by: lab.admin)
    #expect(changed.defaultRole == .clusterUser)
    let eve = try await lab.member("Eve", as: "member")
    #expect(try await lab.access(.cluster("berlin")) == ["Ada manager", "Bob manager", "Eve user"], "who has it keeps what they have")
    #expect(try await lab.plane.organizationClusters.list(in: lab.slug, .first, by: lab.house.caller(eve.session)).items.map(\.resource.slug.text) == ["berlin"])
    _ = bob

    let other = try await lab.house.found("Other", by: bob.session)
    #expect(try await lab.plane.organizationClusters.list(in: other.slug.text, .first, by: lab.house.caller(bob.session)).total == 1)
    #expect(try await lab.plane.clusters.tenants(of: "berlin", .first, by: lab.operator).total == 2)
    #expect(
      await refusal { try await lab.plane.organizationClusters.find("berlin", in: other.slug.text, by: lab.admin) } == "missing", "another organization's")
  }

  @Test func `What each role may do with a cluster`() async throws {
    let lab = try await Lab()
    _ = try await lab.register("Berlin")
    _ = try await lab.plane.clusters.admit(lab.slug, to: "berlin", ClusterAdmission(takesMembers: false), by: lab.operator)
    let (zoe, clusters, grants, projects) = (try await lab.member("Zoe", as: "guest"), lab.plane.organizationClusters, lab.plane.grants, lab.plane.projects)
    // read, list access, change the default role, give the role of a user, make a project
    let expected: [(String, String?, [Bool])] = [
      ("admin", nil, [true, true, true, true, true]), ("manager", nil, [true, true, false, false, true]), ("manager", "user", [true, true, true, true, true]),
      ("infrastructure", nil, [true, true, false, false, false]), ("infrastructure", "user", [true, true, true, true, true]),
      ("viewer", nil, [true, true, false, false, false]), ("billing", nil, [false, false, false, false, false]),
      ("contributor", nil, [false, false, false, false, false]), ("member", nil, [false, false, false, false, false]),
      ("member", "user", [true, true, false, false, true]), ("guest", "user", [true, true, false, false, true]),
      // Guests see no members, and nobody gives access to whom they may not see.
      ("guest", "manager", [true, true, true, false, true]), ("guest", "admin", [true, true, true, false, true]),
      ("member", "manager", [true, true, true, true, true]), ("member", "admin", [true, true, true, true, true]),
    ]
    for (number, (role, onCluster, may)) in expected.enumerated() {
      let person = try await lab.member("Person \(number)", as: role)
      for grant in try await grants.list(on: .cluster("berlin"), search: "person \(number)", in: lab.slug, .first, by: lab.admin).items where grant.holder.name == "Person \(number)" {
        try await grants.withdraw(grant.id, on: .cluster("berlin"), in: lab.slug, by: lab.admin)
      }
      if let onCluster { try await lab.give(person.member.handle.text, onCluster, on: .cluster("berlin")) }
      let caller = lab.house.caller(person.session)
      let did = [
        await refusal { try await clusters.find("berlin", in: lab.slug, by: caller) } == nil,
        await refusal { try await grants.list(on: .cluster("berlin"), in: lab.slug, .first, by: caller) } == nil,
        await refusal {
          _ = try await clusters.update("berlin", defaultRole: "manager", seen: nil, in: lab.slug, by: lab.admin)
          return try await clusters.update("berlin", defaultRole: "user", seen: nil, in: lab.slug, by: caller)
        } == nil,
        await refusal {
          let given = try await grants.give(GrantDraft(.member("zoe"), role: "user"), on: .cluster("berlin"), in: lab.slug, by: caller)
          try await grants.withdraw(given.id, on: .cluster("berlin"), in: lab.slug, by: caller)
        } == nil,
        await refusal { try await projects.create(ResourceDraft(name: "P \(number)"), at: .cluster("berlin"), in: lab.slug, by: caller) } == nil,
      ]
      #expect(did == may, "\(role), \(onCluster ?? "nothing")")
    }
    _ = zoe
    let user = try await lab.member("Una", as: "member")
    #expect(
      await refusal { try await grants.give(GrantDraft(.member("zoe"), role: "manager"), on: .cluster("berlin"), in: lab.slug, by: lab.house.caller(user.session)) }
        == "forbidden")
  }

  @Test func `Projects on a cluster have names of their own, roles of their own, and end with it`() async throws {
    let lab = try await Lab()
    let projects = lab.plane.projects
    for name in ["Berlin", "Oslo"] {
      _ = try await lab.register(name)
      _ = try await lab.plane.clusters.admit(lab.slug, to: name.lowercased(), ClusterAdmission(), by: lab.operator)
    }
    let bob = try await lab.member("Bob", as: "member")
    let caller = lab.house.caller(bob.session)
    for place in ["berlin", "oslo"] {
      let made = try await projects.create(ResourceDraft(name: "Forecast"), at: .cluster(place), in: lab.slug, by: caller)
      #expect(made.place.slug.text == place && made.workspace == nil)
    }
    #expect(await refusal { try await projects.create(ResourceDraft(name: "FORECAST"), at: .cluster("oslo"), in: lab.slug, by: lab.admin) } == "name.taken")
    #expect(try await lab.access(.projectAt("forecast", .cluster("oslo"))) == ["Bob admin"])
    #expect(await refusal { try await projects.find("forecast", at: .workspace("oslo"), in: lab.slug, by: caller) } == "missing")
    #expect(try await projects.list(in: lab.slug, .first, by: caller).total == 2)
    #expect(try await projects.list(at: .cluster("oslo"), in: lab.slug, .first, by: lab.admin).items.map(\.place.slug.text) == ["oslo"])

    // Who has the cluster has no project on it by that.
    let eve = try await lab.member("Eve", as: "member")
    #expect(await refusal { try await projects.find("forecast", at: .cluster("oslo"), in: lab.slug, by: lab.house.caller(eve.session)) } == "missing")
    try await lab.give("eve", "viewer", on: .projectAt("forecast", .cluster("oslo")), by: caller)
    #expect(await refusal { try await projects.find("forecast", at: .cluster("oslo"), in: lab.slug, by: lab.house.caller(eve.session)) } == nil)
    let moved = try await projects.update(
      "forecast", ProjectUpdate(ResourceUpdate(slug: "weather"), isDefault: true), seen: nil, at: .cluster("oslo"), in: lab.slug, by: caller)
    #expect(moved.resource.slug.text == "weather" && moved.isDefault)
    _ = try await lab.member("Late", as: "member")
    #expect(try await lab.access(.projectAt("weather", .cluster("oslo"))) == ["Bob admin", "Eve viewer", "Late contributor"])

    // Who loses the cluster loses what they have on it.
    try await lab.withdraw("Eve", from: .cluster("oslo"))
    #expect(try await lab.access(.projectAt("weather", .cluster("oslo"))) == ["Bob admin", "Late contributor"])
    #expect(try await lab.plane.organizationClusters.list(in: lab.slug, .first, by: lab.house.caller(eve.session)).items.map(\.resource.slug.text) == ["berlin"])
    try await lab.plane.clusters.withdraw("oslo", from: lab.slug, by: lab.operator)
    #expect(try await projects.list(in: lab.slug, .first, by: lab.admin).items.map(\.place.slug.text) == ["berlin"])
    #expect(try await lab.house.actions(in: lab.stream).contains("project.create"))
  }

  @Test func `A project of one's own is made once, and never somebody else's`() async throws {
    let lab = try await Lab()
    _ = try await lab.register("Berlin")
    _ = try await lab.plane.clusters.admit(lab.slug, to: "berlin", ClusterAdmission(), by: lab.operator)
    let (bob, projects) = (try await lab.member("Bob", as: "member"), lab.plane.projects)
    let caller = lab.house.caller(bob.session)
    let own = try await projects.personal(on: "berlin", in: lab.slug, by: caller)
    #expect(own.resource.slug.text == "bob")
    #expect(try await projects.personal(on: "berlin", in: lab.slug, by: caller).id == own.id)
    #expect(try await lab.access(.projectAt("bob", .cluster("berlin"))) == ["Bob admin"])
    _ = try await projects.create(ResourceDraft(name: "Ada"), at: .cluster("berlin"), in: lab.slug, by: caller)
    #expect(await refusal { try await projects.personal(on: "berlin", in: lab.slug, by: lab.admin) } == "name.taken")
    #expect(await refusal { try await projects.personal(on: "berlin", in: lab.slug, by: lab.operator) } == "forbidden", "an operator who is no member")
  }

  @Test func `Limits on a cluster are quotas, those of the whole organization only for operators to change`() async throws {
    let lab = try await Lab()
    let (quotas, leases) = (lab.plane.quotas, lab.plane.leases)
    _ = try await lab.register("Berlin")
    _ = try await lab.plane.clusters.admit(
      lab.slug, to: "berlin", ClusterAdmission(limits: ClusterLimits(runningJobs: 3, memberRunningJobs: 2, storage: 1000)), by: lab.operator)
    let listed = try await quotas.list(in: lab.slug, .first, by: lab.admin).items
    #expect(listed.count == 3 && listed.allSatisfy { $0.quota.scope.cluster == "berlin" })
    for setting in listed {
      let isOwn = setting.subject == .each
      #expect(await refusal { try await quotas.update(setting.quota.id, QuotaUpdate(limit: 99), in: lab.slug, by: lab.admin) } == (isOwn ? nil : "forbidden"))
      #expect(await refusal { try await quotas.delete(setting.quota.id, in: lab.slug, by: lab.admin) } == (isOwn ? nil : "forbidden"))
    }
    #expect(await refusal { try await quotas.create(QuotaDraft(.gpus, cluster: "berlin", limit: 5), in: lab.slug, by: lab.admin) } == "forbidden")
    #expect(await refusal { try await quotas.create(QuotaDraft(.gpus, cluster: "elsewhere", limit: 5), in: lab.slug, by: lab.admin) } == nil, "nobody knows it")
    _ = try await lab.plane.clusters.admit(
      lab.slug, to: "berlin", ClusterAdmission(limits: ClusterLimits(runningJobs: 1)), by: lab.operator)
    #expect(try await lab.plane.organizationClusters.open("berlin", in: lab.slug, by: lab.admin).limits == ClusterLimits(runningJobs: 1))
    _ = try await leases.acquire(LeaseDraft(cluster: "berlin", runningJobs: 1), in: lab.slug, by: lab.admin)
    #expect(await refusal { try await leases.acquire(LeaseDraft(cluster: "berlin", runningJobs: 1), in: lab.slug, by: lab.admin) } == "quota.exceeded")
    _ = try await lab.plane.clusters.admit(lab.slug, to: "berlin", ClusterAdmission(isHalted: true, limits: ClusterLimits.none), by: lab.operator)
    #expect(await refusal { try await leases.acquire(LeaseDraft(cluster: "berlin", runningJobs: 1), in: lab.slug, by: lab.admin) } == "cluster.maintenance")
    #expect(await refusal { try await leases.acquire(LeaseDraft(cluster: "elsewhere", runningJobs: 1), in: lab.slug, by: lab.admin) } == nil)
    _ = try await lab.plane.clusters.admit(lab.slug, to: "berlin", ClusterAdmission(isHalted: false), by: lab.operator)
    _ = try await lab.plane.clusters.update("berlin", ClusterUpdate(isInMaintenance: true), seen: nil, by: lab.operator)
    #expect(await refusal { try await leases.acquire(LeaseDraft(cluster: "berlin", runningJobs: 1), in: lab.slug, by: lab.admin) } == "cluster.maintenance")
  }

  @Test func `Decisions know clusters and what is on them at once, whichever way they are asked`() async throws {
    let lab = try await Lab()
    let bob = try await lab.member("Bob", as: "member")
    _ = try await lab.register("Berlin")
    _ = try await lab.plane.clusters.admit(lab.slug, to: "berlin", ClusterAdmission(), by: lab.operator)
    _ = try await lab.plane.projects.create(ResourceDraft(name: "Forecast"), at: .cluster("berlin"), in: lab.slug, by: lab.admin)
    func expectAgreement(_ step: String) async throws {
      try await lab.plane.read(as: .system("test")) { work in
        let head = try work.accessChanges.head(of: lab.organization.id)
        let (carried, whole) = (try work.accessGraph(of: lab.organization.id), try work.wholeGraph(of: lab.organization.id, to: head))
        for type in [ResourceType.cluster, .project] {
          for verb in [ResourceVerb.read, .use, .create, .manage, .share] {
            for person in [bob.member.account.description, lab.ada.account.id.description] {
              let asked = [carried, whole].map { graph in
                graph.resources(graph.member(person), graph.verb(verb), of: type, graph.context(AccessValue.readable([])), at: work.now).map(\.description).sorted()
              }
              #expect(asked[0] == asked[1], "\(step): \(verb) \(type) by \(person)")
            }
          }
        }
      }
    }
    try await expectAgreement("admitted")
    try await lab.withdraw("Bob", from: .cluster("berlin"))
    try await expectAgreement("withdrawn")
    try await lab.give("bob", "viewer", on: .projectAt("forecast", .cluster("berlin")))
    try await expectAgreement("in a project")
    #expect(await refusal { try await lab.plane.organizationClusters.find("berlin", in: lab.slug, by: lab.house.caller(bob.session)) } == nil, "who has a project sees where it is")
    #expect(await refusal { try await lab.plane.grants.list(on: .cluster("berlin"), in: lab.slug, .first, by: lab.house.caller(bob.session)) } == "missing")
    _ = try await lab.plane.clusters.update("berlin", ClusterUpdate(name: "Potsdam"), seen: nil, by: lab.operator)
    #expect(try await lab.plane.organizationClusters.find("berlin", in: lab.slug, by: lab.admin).resource.name.text == "Potsdam")
    try await expectAgreement("renamed")
    try await lab.plane.projects.delete("forecast", at: .cluster("berlin"), in: lab.slug, by: lab.admin)
    try await expectAgreement("without the project")
    #expect(await refusal { try await lab.plane.organizationClusters.find("berlin", in: lab.slug, by: lab.house.caller(bob.session)) } == "missing")
    try await lab.plane.clusters.withdraw("berlin", from: lab.slug, by: lab.operator)
    try await expectAgreement("gone")
  }

  @Test func `Whoever comes at once, one has it, and no organization has it twice`() async throws {
    let lab = try await Lab()
    let made = await outcomes((1...6).map { _ in { await refusal { try await lab.register("Berlin") } } })
    #expect(made == ["success": 1, "name.taken": 5])
    let admitted = await outcomes((1...6).map { _ in { await refusal { try await lab.plane.clusters.admit(lab.slug, to: "berlin", ClusterAdmission(), by: lab.operator) } } })
    #expect(admitted == ["success": 6])
    #expect(try await lab.plane.clusters.tenants(of: "berlin", .first, by: lab.operator).total == 1)
    #expect(try await lab.access(.cluster("berlin")) == ["Ada user"])
  }
}

extension Lab {
  @discardableResult
  func register(
    _ name: String, role: String? = nil, isDefault: Bool = false, limits: ClusterLimits = .none
  ) async throws(Problem) -> Cluster {
    try await plane.clusters.register(
      ClusterDraft(name: name, slug: name.lowercased(), details: ClusterUpdate(defaultRole: role, isDefault: isDefault, limits: limits)), by: self.operator)
  }

  /// Takes all that somebody has on a place by themselves.
  func withdraw(_ name: String, from place: ResourceReference) async throws(Problem) {
    for grant in try await plane.grants.list(on: place, in: slug, PageRequest(limit: 200), by: admin).items where grant.holder.name == name {
      try await plane.grants.withdraw(grant.id, on: place, in: slug, by: admin)
    }
  }
}

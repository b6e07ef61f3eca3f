@testable import ControlPlane
import Kernel
import TestSupport
import Testing

@Suite(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed"), .timeLimit(.minutes(5))) struct ClustersOnPostgresTests {
  @Test func `Clusters, what is on them and who has them are the same on PostgreSQL`() async throws {
    let lab = try await Lab(in: House.onPostgres())
    let bob = try await lab.member("Bob", as: "member")
    let shape = try MachineShape(millicores: 500, memory: 1 << 30)
    let made = try await lab.register("Berlin", limits: ClusterLimits(runningJobs: 10))
    _ = try await lab.plane.clusters.set(ClusterPreset(name: "cpu", price: "0.1", shape: shape), on: "berlin", by: lab.operator)
    _ = try await lab.plane.clusters.set(NodePool(name: "main", least: 0, most: 4, shape: shape), on: "berlin", by: lab.operator)
    _ = try await lab.plane.clusters.admit(lab.slug, to: made.id.description, ClusterAdmission(), by: lab.operator)
    #expect(try await lab.access(.cluster("berlin")) == ["Ada user", "Bob user"])
    #expect(try await lab.plane.clusters.list(search: "ber*", .first, by: lab.operator).items.map(\.presets.count) == [1])
    #expect(try await lab.plane.clusters.tenants(of: "berlin", .first, by: lab.operator).items.map(\.limits.runningJobs) == [10])
    let caller = lab.house.caller(bob.session)
    #expect(try await lab.plane.organizationClusters.list(in: lab.slug, search: "b?rlin", .first, by: caller).total == 1)
    let own = try await lab.plane.projects.personal(on: "berlin", in: lab.slug, by: caller)
    #expect(try await lab.plane.projects.list(at: .cluster("berlin"), in: lab.slug, .first, by: caller).items.map(\.id) == [own.id])
    _ = try await lab.plane.clusters.update("berlin", ClusterUpdate(name: "Potsdam"), seen: nil, by: lab.operator)
    #expect(try await lab.plane.organizationClusters.find("berlin", in: lab.slug, by: caller).resource.name.text == "Potsdam")
    try await lab.withdraw("Bob", from: .cluster("berlin"))
    #expect(await refusal { try await lab.plane.organizationClusters.find("berlin", in: lab.slug, by: caller) } == "missing")
    #expect(await refusal { try await lab.plane.projects.find("bob", at: .cluster("berlin"), in: lab.slug, by: caller) } == "missing")
    let raced = await outcomes((1...4).map { _ in { await refusal { try await lab.register("Oslo") } } })
    #expect(raced["success"] == 1, "\(raced)")
    try await lab.plane.clusters.withdraw("berlin", from: lab.slug, by: lab.operator)
    try await lab.plane.clusters.delete("berlin", by: lab.operator)
  }
}

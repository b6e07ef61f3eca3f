import Authorization
import Contract
@testable import ControlPlane
import Kernel
import TestSupport
import Testing

@Suite(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed"), .timeLimit(.minutes(5))) struct AppsOnPostgresTests {
  @Test func `Apps, stars and attributes are the same on PostgreSQL, and at once there is one app of a slug`() async throws {
    let lab = try await Lab(in: House.onPostgres())
    try await AppsTests.race(lab)
    let bob = try await lab.member("Bob", as: "member")
    let caller = lab.house.caller(bob.session)
    let app = try await lab.plane.apps.update("finder", AppUpdate(visibility: "organization", isTemplate: true), seen: nil, in: lab.slug, by: lab.admin)
    _ = try await lab.plane.stars.add(app.resource.id, in: lab.slug, by: caller)
    let saved = try await lab.plane.attributes.set(app.resource.id, to: ["tags": ["a"]], seen: nil, in: lab.slug, by: lab.admin)
    #expect(saved.attributes.values.count == 1)
    for filter in [AppFilter(), AppFilter(isStarred: true), AppFilter(isTemplate: true), AppFilter(search: "f*", visibility: .organization)] {
      #expect(try await lab.plane.apps.list(in: lab.slug, filter, .first, by: caller).items.map(\.stars) == [1], "\(filter)")
    }
    _ = try await lab.plane.apps.transfer("finder", in: lab.slug, by: lab.admin)
    _ = try await lab.plane.apps.duplicate("finder", AppCopy(ResourceDraft(name: "Copy")), in: lab.slug, by: lab.admin)
    try await lab.plane.apps.delete("finder", in: lab.slug, by: lab.admin)
    #expect(try await lab.plane.stars.list(in: lab.slug, by: caller).isEmpty)
  }

  @Test func `Objects are the same on PostgreSQL`() async throws { try await ObjectsTests.batches(Lab(in: House.onPostgres())) }
}

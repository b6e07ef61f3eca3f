import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Logging
import Secrets
import StoragePostgres
import TestSupport
import Testing

/// Two processes on one database: what one commits, the other answers by.
@Suite(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed"), .timeLimit(.minutes(5))) struct DecisionsOnPostgresTests {
  @Test func `A graph that is carried along says the same as one that is made anew`() async throws {
    try await DecisionFactsTests.carriedAlong(Lab(in: House.onPostgres(seed: 11)), seed: 11, steps: 50)
  }

  @Test func `What one plane commits, another answers by at once, and an answer of at least a revision is never older`() async throws {
    let address = try await PostgresServer.freshDatabase()
    let here = try await House(database: { try PostgresDatabase(address: address, options: Self.patient, moments: $0) })
    let lab = try await Lab(in: here)
    try await lab.workspace("Research")
    _ = try await lab.plane.projects.create(ResourceDraft(name: "Forecast"), of: "research", in: lab.slug, by: lab.admin)
    _ = try await lab.member("Eve", as: "viewer")
    let there = ControlPlane(
      database: try PostgresDatabase(address: address, options: Self.patient, moments: { lab.plane.world.moment() }), world: lab.plane.world, settings: lab.plane.settings)
    let question = try AccessQuestion(principal: .account("eve"), action: "read", resource: ThingName(type: "project", id: "research/forecast"))
    let text = #"forbid (principal == User::"eve", action == Action::"read", resource is Project);"#
    _ = try await lab.plane.policies.create(PolicyDraft(name: "Not Eve", text: text, isEnabled: false), in: lab.slug, by: lab.admin)
    #expect(try await there.decisions.check(question, in: lab.slug, by: lab.admin).answer.isAllowed)
    var slowest = Swift.Duration.zero
    for round in 0..<50 {
      let isOn = round.isMultiple(of: 2)
      if isOn { _ = try await lab.plane.policies.enable("not-eve", in: lab.slug, by: lab.admin) } else { _ = try await lab.plane.policies.disable("not-eve", in: lab.slug, by: lab.admin) }
      let began = ContinuousClock.now
      let head = try await lab.plane.decisions.revision(in: lab.slug, by: lab.admin)
      let (revision, answer) = try await there.decisions.check(question, atLeast: head, in: lab.slug, by: lab.admin)
      slowest = max(slowest, ContinuousClock.now - began)
      #expect(revision >= head && answer.outcome == (isOn ? .forbidden : .allowed), "round \(round)")
      #expect(try await there.decisions.check(question, in: lab.slug, by: lab.admin).answer.outcome == (isOn ? .forbidden : .allowed), "nor without naming it")
    }
    #expect(slowest < .seconds(5))
  }

  @Test func `While facts change, each answer is that of the revision it names`() async throws {
    let lab = try await Lab(in: House.onPostgres())
    try await lab.workspace("Research")
    let eve = try await lab.member("Eve", as: "guest").member
    let question = try AccessQuestion(principal: .account("eve"), action: "read", resource: ThingName(type: "workspace", id: "research"))
    // She is a viewer at odd changes and a guest at even ones.
    let start = try await lab.plane.decisions.revision(in: lab.slug, by: lab.admin)
    let (plane, slug, admin) = (lab.plane, lab.slug, lab.admin)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { for round in 1...40 { _ = try await plane.members.setRoles(eve.id, [round.isMultiple(of: 2) ? "guest" : "viewer"], seen: nil, in: slug, by: admin) } }
      for _ in 0..<3 {
        group.addTask {
          var last: Int64 = 0
          for _ in 0..<40 {
            let (revision, answer) = try await plane.decisions.check(question, atLeast: last, in: slug, by: admin)
            #expect(revision >= last)
            #expect(answer.isAllowed == !(revision - start).isMultiple(of: 2), "at \(revision - start)")
            last = revision
          }
        }
      }
      try await group.waitForAll()
    }
  }

  static var patient: PostgresDatabase.Options {
    var options = PostgresDatabase.Options()
    (options.patience, options.connectTimeout, options.lockTimeout) = (.seconds(60), .seconds(60), .seconds(60))
    return options
  }
}

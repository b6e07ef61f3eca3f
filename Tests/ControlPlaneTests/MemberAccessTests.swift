import Authorization
@testable import ControlPlane
import Kernel
import TestSupport
import Testing

@Suite struct MemberAccessTests {
  static func access(_ lab: Lab) async throws {
    let (plane, slug) = (lab.plane, lab.slug)
    let bob = try await lab.member("Bob", as: "member").member
    try await lab.workspace("Research")
    _ = try await plane.projects.create(ResourceDraft(name: "Forecast"), of: "research", in: slug, by: lab.admin)
    _ = try await plane.apps.create(ResourceDraft(name: "Finder"), in: slug, by: lab.admin)
    try await lab.team("Crew")
    try await lab.add("bob", to: "crew")
    let auditor = try await lab.role("Auditor", copying: "project.viewer", adding: ["project:update"])
    try await lab.give("bob", auditor.slug.text, on: .project("forecast", in: "research"))
    try await lab.give("crew", "labeler-lead", on: .app("finder"))
    try await lab.give("bob", "viewer", on: .workspace("research"), until: lab.now + .hours(2))
    _ = try await plane.organizationAccess.give(GrantDraft(.anybody("bob"), role: "viewer", expires: lab.now + .hours(1)), in: slug, by: lab.admin)
    _ = try await plane.organizationAccess.give(GrantDraft(.team("crew"), role: "guest"), in: slug, by: lab.admin)
    func told(_ limit: Int = 50) async throws -> [String] {
      var (lines, cursor): ([String], Cursor?) = ([], nil)
      repeat {
        let page = try await plane.members.access(of: bob.id, in: slug, PageRequest(limit: limit, cursor: cursor), by: lab.admin)
        lines += page.items.map { held in
          let place = held.place.map { "\($0.type) \($0.path)" } ?? "*"
          return "\(held.role.short) on \(place)\(held.team.map { " by \($0.slug)" } ?? "")\(held.expires == nil ? "" : " for a time")"
        }
        cursor = page.next
        #expect(page.items.count <= limit)
      } while cursor != nil
      return lines
    }
    let all = [
      "auditor on project research/forecast", "guest on * by crew", "labeler-lead on app finder by crew", "viewer on * for a time",
      "viewer on workspace research for a time",
    ]
    #expect(try await told().sorted() == all)
    #expect(try await told(1).sorted() == all, "page by page the same")
    lab.house.pass(.hours(1))
    #expect(try await told().contains("viewer on * for a time") == false, "what has ended isn't told")
    _ = try await plane.teams.remove("bob", from: "crew", in: slug, by: lab.admin)
    #expect(try await told().sorted() == ["auditor on project research/forecast", "viewer on workspace research for a time"])
    // Who may ask about everybody sees it.
    let eve = lab.house.caller(try await lab.member("Eve", as: "member").session)
    #expect(await refusal { try await plane.members.access(of: bob.id, in: slug, .first, by: eve) } == "forbidden")
    let other = try await lab.house.found("Elsewhere", by: lab.oscar)
    #expect(await refusal { try await plane.members.access(of: bob.id, in: other.slug.text, .first, by: lab.operator) } == "member.missing")
  }

  @Test func `A member's further roles stand with what they are on and where they come from`() async throws { try await Self.access(Lab()) }
}

@Suite(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed"), .timeLimit(.minutes(5))) struct MemberAccessOnPostgresTests {
  @Test func `Further roles and moves are the same on PostgreSQL`() async throws {
    try await MemberAccessTests.access(Lab(in: House.onPostgres()))
    try await MovingTests.moving(Lab(in: House.onPostgres()))
  }
}

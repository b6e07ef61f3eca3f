import Client
import Contract
import Kernel
import Testing

@testable import Commands

@Suite("Workspaces and projects") struct WorkspaceTests {
  private static let base = "https://guildhall.example.org/api/v1/organizations/acme"

  @Test func areListedWithTheirStatus() async throws {
    let stage = try Stage(screenWidth: 100) { _ in .json(Wire.List(items: [Wire.Workspace.research], nextCursor: nil, total: 1)) }
    #expect(await stage.run("workspace", "list", "--search", "re*", "--no-color") == .success)
    #expect(stage.output.contains("research") && stage.output.contains("available"))
    #expect(stage.recorded.requests.first?.address.hasPrefix("\(Self.base)/workspaces?") == true)
    let empty = try Stage { _ in .json(Wire.List<Wire.Workspace>(items: [], nextCursor: nil, total: 0)) }
    #expect(await empty.run("workspace", "ls") == .success)
    #expect(empty.errors.contains("guildhall workspace create"))
    let all = try Stage { _ in .json(Wire.List(items: [Wire.Project.forecast], nextCursor: nil, total: 1)) }
    #expect(await all.run("project", "list") == .success && all.recorded.requests.first?.address.hasPrefix("\(Self.base)/projects") == true)
    #expect(all.output.contains("research/forecast"))
    #expect(await all.run("project", "list", "--workspace", "research") == .success)
    #expect(all.recorded.requests.last?.address.hasPrefix("\(Self.base)/workspaces/research/projects") == true)
  }

  @Test func theSettingsOfANewOneStandAloneOnTheOutput() async throws {
    let made = Wire.NewWorkspace(
      workspace: .research, enrollmentKey: "gld_enr_x", settings: [.init(name: "A", value: "1"), .init(name: "KEY", value: "gld_enr_x")])
    let stage = try Stage { _ in .json(201, made) }
    #expect(await stage.run("workspace", "create", "Research") == .success)
    #expect(stage.output == "A=1\nKEY=gld_enr_x\n" && stage.errors.contains("isn't shown again"))
    #expect(try JSON(stage.recorded.requests.first?.body ?? []) == ["name": "Research"])
    #expect(await stage.run("workspace", "key", "research", "--yes") == .success)
    #expect(stage.recorded.requests.last?.address == "\(Self.base)/workspaces/research/enrollment-key")
  }

  @Test func areChangedAndDeletedAsTheyWereRead() async throws {
    let stage = try Stage { request in request.method == .delete && !request.address.hasSuffix("deactivation") ? TransportAnswer(status: 204) : .json(Wire.Workspace.research) }
    #expect(await stage.run("workspace", "set", "research", "--slug", "r-d") == .success)
    #expect(stage.recorded.requests.last?.header("If-Match") == "\"3\"")
    #expect(await stage.run("workspace", "set", "research").code == 64)
    #expect(await stage.run("workspace", "deactivate", "research") == .success && stage.recorded.requests.last?.method == .put)
    #expect(await stage.run("workspace", "activate", "research") == .success && stage.recorded.requests.last?.method == .delete)
    #expect(await stage.run("workspace", "delete", "research", "--yes") == .success)
    #expect(stage.recorded.requests.last?.header("If-Match") == "\"3\"" && stage.recorded.requests.last?.address == "\(Self.base)/workspaces/research")
    let unsure = try Stage(input: "n\n", isInteractive: true) { _ in .json(Wire.Workspace.research) }
    #expect(await unsure.run("workspace", "delete", "research") == .cancelled && unsure.errors.contains("with 2 projects"))
  }

  @Test func aProjectIsNamedByItsWorkspaceAndItself() async throws {
    let stage = try Stage { request in request.method == .delete ? TransportAnswer(status: 204) : .json(Wire.Project.forecast) }
    #expect(await stage.run("project", "create", "research", "Forecast", "--default-role", "viewer") == .success)
    #expect(stage.output == "research/forecast\n" && stage.errors.contains("guildhall project member add research/forecast HANDLE"))
    #expect(await stage.run("project", "show", "research/forecast") == .success)
    #expect(stage.recorded.requests.last?.address == "\(Self.base)/workspaces/research/projects/forecast")
    for wrong in ["forecast", "a/b/c", "/b", "a/"] { #expect(await stage.run("project", "show", wrong).code == 64, "\(wrong)") }
    #expect(await stage.run("project", "set", "research/forecast", "--default-role", "viewer") == .success)
    #expect(await stage.run("project", "delete", "research/forecast", "--yes") == .success)
  }

  @Test func accessIsGivenChangedAndEnded() async throws {
    let stage = try Stage { request in
      switch request.method {
      case .get: .json(Wire.List(items: [Wire.Grant.ada, .crew, .bobTwice, .bob], nextCursor: nil, total: 4))
      case .delete: TransportAnswer(status: 204)
      default: .json(Wire.Grant.ada)
      }
    }
    #expect(await stage.run("project", "member", "add", "research/forecast", "ada", "--role", "developer", "--expires", "30d") == .success)
    #expect(stage.errors.contains("Ada Lovelace has access to research/forecast as developer."))
    let body = try JSON(stage.recorded.requests.last?.body ?? [])
    #expect(body["holder"] == "ada" && body["role"] == "developer" && body["expires_at"] != nil && body["kind"] == nil)
    #expect(await stage.run("workspace", "member", "add", "research", "--team", "crew", "--role", "viewer") == .success)
    #expect(try JSON(stage.recorded.requests.last?.body ?? []) == ["holder": "crew", "kind": "team", "role": "viewer"])
    #expect(await stage.run("workspace", "member", "add", "research", "ada").code == 64, "a workspace has no default role")
    #expect(await stage.run("workspace", "member", "add", "research", "--role", "viewer").code == 64)
    #expect(await stage.run("project", "member", "add", "research/forecast", "ada", "--team", "crew").code == 64)
    #expect(await stage.run("project", "member", "set", "research/forecast", "crew", "--role", "viewer", "--expires", "never") == .success)
    #expect(try JSON(stage.recorded.requests.last?.body ?? []) == ["role": "viewer", "lasts": true] && stage.recorded.requests.last?.header("If-Match") == "\"2\"")
    #expect(await stage.run("project", "member", "set", "research/forecast", "crew").code == 64)
    #expect(await stage.run("project", "member", "set", "research/forecast", "crew", "--expires", "soon").code == 64)
    #expect(await stage.run("workspace", "member", "remove", "research", "ADA") == .success)
    #expect(stage.recorded.requests.last?.method == .delete && stage.errors.contains("Ada Lovelace has no access to research as developer any more."))
    #expect(await stage.run("workspace", "member", "remove", "research", "bob").code != 0)
    #expect(stage.errors.contains("has several roles there: viewer, developer"))
    #expect(await stage.run("workspace", "member", "remove", "research", "bob", "--present", "viewer") == .success)
    #expect(await stage.run("workspace", "member", "remove", "research", "nobody").code != 0 && stage.errors.contains("wasn't given access"))
    #expect(await stage.run("workspace", "member", "list", "research") == .success && stage.output.contains("crew"))
  }
}

extension Wire.Workspace {
  fileprivate static let research = Wire.Workspace(
    id: .example, slug: "research", name: "Research", description: "", kind: .enrolled, desiredState: .available, status: .available,
    statusReason: "Its server has reported.", address: "https://zenml.example.org", version: "0.98.0", reportedAt: Stage.now, projects: 2,
    createdAt: Stage.now - .days(9), revision: 3)
}

extension Wire.Project {
  fileprivate static let forecast = Wire.Project(
    id: .example, slug: "forecast", name: "Forecast", description: "", workspace: .example, workspaceSlug: "research", defaultRole: "contributor",
    createdAt: Stage.now - .days(9), revision: 3)
}

extension Wire.Grant {
  private static func grant(_ kind: Wire.GrantHolderKind, _ name: String, _ handle: String, _ role: String) -> Wire.Grant {
    Wire.Grant(id: .example, kind: kind, name: name, handle: handle, role: role, expiresAt: nil, expired: false, since: Stage.now - .days(9), revision: 2)
  }
  fileprivate static let ada = grant(.account, "Ada Lovelace", "ada", "developer")
  fileprivate static let crew = grant(.team, "Crew", "crew", "viewer")
  fileprivate static let bobTwice = grant(.account, "Bob", "bob", "viewer")
  fileprivate static let bob = grant(.account, "Bob", "bob", "developer")
}

import Client
import Contract
import Kernel
import Testing

@testable import Commands

@Suite("Roles of one's own") struct RoleTests {
  private static let base = "https://guildhall.example.org/api/v1/organizations/acme"

  @Test func areCopiedWithWhatIsAddedAndLeftOut() async throws {
    let stage = try Stage { request in
      request.method == .post ? .json(201, Wire.CustomRole.auditor)
        : .json(Wire.RolePalette(level: .project, rights: [], lacking: [], builtIn: [Wire.BuiltInRole(name: "viewer", summary: "", rights: ["object:list", "object:read"], ownRights: ["task:*"])]))
    }
    #expect(await stage.run("role", "create", "Auditor", "--copy", "project.viewer", "--add", "dataset:share,model:read", "--remove", "object:list") == .success)
    #expect(stage.output == "project.auditor\n" && stage.recorded.requests.first?.address == "\(Self.base)/role-levels/project")
    #expect(try JSON(stage.recorded.requests.last?.body ?? [])
      == ["level": "project", "name": "Auditor", "copy_from": "viewer", "rights": ["object:read", "dataset:share", "model:read"], "own_rights": ["task:*"]])
    // A plain copy leaves it to the server.
    let plain = try Stage { _ in .json(201, Wire.CustomRole.auditor) }
    #expect(await plain.run("role", "create", "Auditor", "--copy", "project.viewer") == .success)
    #expect(try JSON(plain.recorded.requests.last?.body ?? []) == ["level": "project", "name": "Auditor", "copy_from": "viewer"])
    #expect(await plain.run("role", "create", "X").code == 64)
    for (flag, value) in [("--copy", "viewer"), ("--copy", "planet.viewer"), ("--level", "project"), ("--level", "planet")] {
      #expect(await plain.run("role", "create", "X", flag, value).code == 64, "\(flag) \(value)")
    }
  }

  @Test func areChangedAsTheyWereReadAndDeletedByWhoMeansIt() async throws {
    let stage = try Stage { _ in .json(Wire.CustomRole.auditor) }
    #expect(await stage.run("role", "set", "project.auditor", "--add", "model:read") == .success)
    let change = try #require(stage.recorded.requests.last)
    #expect(change.address == "\(Self.base)/custom-roles/project.auditor" && change.header("If-Match") == "\"3\"")
    #expect(try JSON(change.body ?? []) == ["rights": ["object:read", "model:read"], "own_rights": []])
    #expect(stage.errors.contains("version 3") || stage.output.contains("version 3"))
    #expect(await stage.run("role", "set", "project.auditor").code == 64)
    let unsure = try Stage(input: "n\n", isInteractive: true) { _ in .json(Wire.CustomRole.auditor) }
    #expect(await unsure.run("role", "delete", "project.auditor") == .cancelled)
    let sure = try Stage { request in request.method == .delete ? TransportAnswer(status: 204) : .json(Wire.CustomRole.auditor) }
    #expect(await sure.run("role", "delete", "project.auditor", "--yes") == .success)
    #expect(sure.recorded.requests.last?.address == "\(Self.base)/custom-roles/project.auditor")
  }

  @Test func areListedAndShown() async throws {
    let stage = try Stage(screenWidth: 100) { _ in .json(Wire.List(items: [Wire.CustomRole.auditor], nextCursor: nil, total: 1)) }
    #expect(await stage.run("role", "list", "--own", "--level", "project", "--no-color") == .success)
    #expect(stage.output.contains("project.auditor") && stage.recorded.requests.first?.address.contains("level=project") == true)
    let none = try Stage { _ in .json(Wire.List<Wire.CustomRole>(items: [], nextCursor: nil, total: 0)) }
    #expect(await none.run("role", "list", "--own") == .success && none.errors.contains("guildhall role create"))
    let one = try Stage { request in request.address.hasSuffix("/roles") ? .json(Wire.RoleDescriptions(roles: [])) : .json(Wire.CustomRole.auditor) }
    #expect(await one.run("role", "show", "project.auditor", "--no-color") == .success && one.output.contains("object:read"))
  }

  @Test func areGivenOnTheOrganizationToOneAtATime() async throws {
    let stage = try Stage { _ in
      .json(
        201,
        Wire.Grant(
          id: ID("01890a5d-ac96-774b-bcce-b302099a8057")!, kind: .team, name: "Crew", handle: "crew", role: "counter", expiresAt: nil, expired: false,
          since: Timestamp(milliseconds: 0), revision: 1))
    }
    #expect(await stage.run("role", "grant", "give", "--team", "crew", "--role", "counter") == .success)
    #expect(stage.recorded.requests.last?.address == "\(Self.base)/grants")
    #expect(try JSON(stage.recorded.requests.last?.body ?? []) == ["holder": "crew", "kind": "team", "role": "counter"])
    #expect(await stage.run("role", "grant", "give", "ada", "--team", "crew", "--role", "counter").code == 64)
    #expect(await stage.run("role", "grant", "set", "01890a5d-ac96-774b-bcce-b302099a8057").code == 64)
    #expect(await stage.run("role", "grant", "set", "01890a5d-ac96-774b-bcce-b302099a8057", "--expires", "soon").code == 64)
  }
}

extension Wire.CustomRole {
  fileprivate static let auditor = Wire.CustomRole(
    id: ID("01890a5d-ac96-774b-bcce-b302099a8057")!, level: .project, slug: "auditor", reference: "project.auditor", name: "Auditor", description: "",
    copiedFrom: "project.viewer", rights: ["object:read"], ownRights: [], holders: 2, createdAt: Timestamp(milliseconds: 0), revision: 3)
}

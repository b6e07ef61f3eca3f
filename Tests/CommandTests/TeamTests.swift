import Client
import Contract
import Kernel
import Testing

@testable import Commands

@Suite("Teams") struct TeamTests {
  private static let base = "https://guildhall.example.org/api/v1/organizations/acme/teams"

  @Test func areListedWithTheirSizeAndFoundByWildcard() async throws {
    let stage = try Stage(screenWidth: 100) { _ in .json(Wire.List(items: [Wire.Team.mill], nextCursor: nil, total: 1)) }
    #expect(await stage.run("team", "list", "--search", "mi*", "--no-color") == .success)
    #expect(stage.output.contains("mill  The mill"))
    #expect(stage.recorded.requests.first?.address.hasPrefix("\(Self.base)?") == true && stage.recorded.requests.first?.address.contains("search=mi") == true)
    let empty = try Stage { _ in .json(Wire.List<Wire.Team>(items: [], nextCursor: nil, total: 0)) }
    #expect(await empty.run("team", "ls") == .success)
    #expect(empty.errors.contains("guildhall team create"))
  }

  @Test func aNewOneSaysWhatToDoNext() async throws {
    let stage = try Stage { _ in .json(201, Wire.Team.mill) }
    #expect(await stage.run("team", "create", "The mill", "--slug", "mill") == .success)
    #expect(stage.output == "mill\n" && stage.errors.contains("guildhall team member add mill HANDLE"))
    #expect(try JSON(stage.recorded.requests.first?.body ?? []) == ["name": "The mill", "slug": "mill"])
    #expect(await stage.run("team", "create").code == 64)
  }

  @Test func isChangedAsItWasRead() async throws {
    let stage = try Stage { _ in .json(Wire.Team.mill) }
    #expect(await stage.run("team", "set", "mill", "--slug", "new-mill") == .success)
    let change = try #require(stage.recorded.requests.last)
    #expect(change.address == "\(Self.base)/mill" && change.header("If-Match") == "\"3\"")
    #expect(await stage.run("team", "rename", "mill").code == 64)
  }

  @Test func isDeletedByWhoMeansIt() async throws {
    let stage = try Stage(input: "n\n", isInteractive: true) { _ in .json(Wire.Team.mill) }
    #expect(await stage.run("team", "delete", "mill") == .cancelled)
    #expect(stage.errors.contains("with 2 members") && stage.recorded.requests.count == 1)
    let sure = try Stage { request in request.method == .delete ? TransportAnswer(status: 204) : .json(Wire.Team.mill) }
    #expect(await sure.run("team", "delete", "mill", "--yes") == .success)
    #expect(sure.recorded.requests.last?.address == "\(Self.base)/mill")
  }

  @Test func peopleAreAddedEachWithAnAnswer() async throws {
    let stage = try Stage { _ in .json(Wire.TeamMemberResults(results: [.added, .refused])) }
    #expect(await stage.run("team", "member", "add", "mill", "ada", "bo@example.org", "--service-account", "robot").code != 0)
    #expect(stage.output.contains("ada") && stage.output.contains("Nobody here has this address") && stage.errors.contains("1 of 2 were refused"))
    #expect(try JSON(stage.recorded.requests.first?.body ?? []) == ["members": ["ada", "bo@example.org"], "service_accounts": ["robot"]])
    let one = try Stage { _ in .json(Wire.TeamMemberResults(results: [.refused])) }
    #expect(await one.run("team", "member", "add", "mill", "bo@example.org").code != 0)
    #expect(one.errors.contains("bo@example.org wasn't added: Nobody here has this address"))
    #expect(await one.run("team", "member", "add", "mill").code == 64)
  }

  @Test func peopleAreTakenOutAndMaintainersChosen() async throws {
    let stage = try Stage { request in request.address.hasSuffix("maintainership") ? .json(Wire.TeamMember.ada) : TransportAnswer(status: 204) }
    #expect(await stage.run("team", "member", "remove", "mill", "ada") == .success)
    #expect(stage.errors.contains("ada isn't in mill any more, and stays in acme."))
    #expect(await stage.run("team", "maintainer", "add", "mill", "ada") == .success)
    #expect(await stage.run("team", "maintainer", "remove", "mill", "ada") == .success)
    let asked = stage.recorded.requests.map { "\($0.method.rawValue) \($0.address.dropFirst(Self.base.count))" }
    #expect(asked == ["DELETE /mill/members/ada", "PUT /mill/members/ada/maintainership", "DELETE /mill/members/ada/maintainership"])
  }

  @Test func peopleAreListedWithTheirKind() async throws {
    let stage = try Stage(screenWidth: 100) { _ in .json(Wire.List(items: [Wire.TeamMember.ada, .invited], nextCursor: nil, total: 2)) }
    #expect(await stage.run("team", "member", "list", "mill", "--no-color") == .success)
    #expect(stage.output.contains("Ada Lovelace") && stage.output.contains("bo@example.org") && stage.output.contains("invited"))
  }
}

extension Wire.Team {
  fileprivate static let mill = Wire.Team(
    id: .example, slug: "mill", name: "The mill", description: "", members: 2, serviceAccounts: 1, invitations: 0, ownSeat: .maintainer,
    createdAt: Stage.now - .days(9), revision: 3)
}

extension Wire.TeamMember {
  fileprivate static let ada = Wire.TeamMember(
    id: .example, kind: .account, account: .example, member: .example, name: "Ada Lovelace", handle: "ada", maintainer: true,
    since: Stage.now - .days(9))
  fileprivate static let invited = Wire.TeamMember(
    id: .example, kind: .invitation, invitation: .example, name: "bo@example.org", handle: nil, maintainer: false,
    since: Stage.now - .days(9))
}

extension Wire.TeamMemberResult {
  fileprivate static let added = Wire.TeamMemberResult(given: "ada", added: .ada, problem: nil)
  fileprivate static let refused = Wire.TeamMemberResult(
    given: "bo@example.org", added: nil, problem: Wire.ProblemSummary(Problem(.invalid, "Nobody here has this address.")))
}

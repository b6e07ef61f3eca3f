import Client
import Contract
import Kernel
import Testing

@testable import Commands

@Suite("Service accounts") struct ServiceAccountTests {
  private static let base = "https://guildhall.example.org/api/v1/organizations/acme/service-accounts"

  @Test func areListedWithRolesKeysAndLastUse() async throws {
    let stage = try Stage(screenWidth: 100) { _ in .json(Wire.List(items: [Wire.ServiceAccount.report], nextCursor: nil, total: 1)) }
    #expect(await stage.run("service-account", "list", "--no-color") == .success)
    #expect(stage.output.contains("nightly-report  Nightly report  viewer  active  2"))
    let empty = try Stage { _ in .json(Wire.List<Wire.ServiceAccount>(items: [], nextCursor: nil, total: 0)) }
    #expect(await empty.run("service-account", "ls") == .success)
    #expect(empty.errors.contains("guildhall service-account create"))
  }

  @Test func aNewOneSaysWhatToDoNext() async throws {
    let stage = try Stage { _ in .json(201, Wire.ServiceAccount.report) }
    #expect(await stage.run("service-account", "create", "Nightly report", "--role", "viewer,billing", "--slug", "nightly-report") == .success)
    #expect(stage.output == "nightly-report\n" && stage.errors.contains("guildhall service-account key create nightly-report NAME"))
    let request = try #require(stage.recorded.requests.first)
    #expect(request.address == Self.base && request.header("Idempotency-Key") != nil)
    #expect(try JSON(request.body ?? []) == ["name": "Nightly report", "slug": "nightly-report", "roles": ["viewer", "billing"]])
    #expect(await stage.run("service-account", "create", "x", "--role", "emperor").code == 64)
    #expect(await stage.run("service-account", "create").code == 64)
  }

  @Test func isChangedAsItWasRead() async throws {
    let stage = try Stage { _ in .json(Wire.ServiceAccount.report) }
    #expect(await stage.run("service-account", "set", "nightly-report", "--role", "viewer", "--name", "Nightly report") == .success)
    let change = try #require(stage.recorded.requests.last)
    #expect(change.address == "\(Self.base)/nightly-report" && change.header("If-Match") == "\"3\"")
    #expect(try JSON(change.body ?? []) == ["name": "Nightly report", "roles": ["viewer"]])
    #expect(await stage.run("service-account", "set", "nightly-report").code == 64)
  }

  @Test func isDisabledAndEnabled() async throws {
    let stage = try Stage { _ in .json(Wire.ServiceAccount.report) }
    #expect(await stage.run("service-account", "disable", "nightly-report") == .success)
    #expect(await stage.run("service-account", "enable", "nightly-report") == .success)
    #expect(stage.recorded.requests.map { "\($0.method.rawValue) \($0.address.dropFirst(Self.base.count))" } == ["PUT /nightly-report/disablement", "DELETE /nightly-report/disablement"])
    #expect(stage.errors.contains("guildhall service-account enable nightly-report"))
  }

  @Test func isDeletedByWhoMeansIt() async throws {
    let stage = try Stage(input: "n\n", isInteractive: true) { _ in .json(Wire.ServiceAccount.report) }
    #expect(await stage.run("service-account", "delete", "nightly-report") == .cancelled)
    #expect(stage.errors.contains("with 2 keys that hold") && stage.recorded.requests.count == 1)
    let sure = try Stage { request in request.method == .delete ? TransportAnswer(status: 204) : .json(Wire.ServiceAccount.report) }
    #expect(await sure.run("service-account", "delete", "nightly-report", "--yes") == .success)
    #expect(sure.recorded.requests.last?.address == "\(Self.base)/nightly-report")
  }

  @Test func aKeyStandsAloneOnTheOutput() async throws {
    let stage = try Stage { _ in .json(201, Wire.NewServiceAccountKey(secret: "gld_svc_made", key: .cron)) }
    #expect(await stage.run("service-account", "key", "create", "nightly-report", "cron on db1", "--expires", "30d") == .success)
    #expect(stage.output == "gld_svc_made\n" && stage.errors.contains("it isn't shown again"))
    #expect(try JSON(stage.recorded.requests.first?.body ?? []) == ["name": "cron on db1", "expires_in_days": 30])
    #expect(await stage.run("service-account", "key", "create", "nightly-report", "x", "--expires", "soon").code == 64)
    #expect(await stage.run("service-account", "key", "create", "nightly-report").code == 64)
  }

  @Test(arguments: [("cron on db1", [String]()), ("gld_svc_…9fK2", []), ("9fK2", ["--overlap", "2d"]), (ID<Wire.ServiceAccountKey>.example.description, ["--overlap", "none"])])
  func aKeyIsFoundByNameHintOrId(name: String, options: [String]) async throws {
    let stage = try Stage { request in
      request.method == .get
        ? .json(Wire.List(items: [Wire.ServiceAccountKey.cron, .other], nextCursor: nil, total: 2)) : .json(201, Wire.NewServiceAccountKey(secret: "gld_svc_new", key: .cron))
    }
    #expect(await GuildhallCommand<NoLocalCommands>.run(["service-account", "key", "rotate", "nightly-report", name] + options, in: stage.surroundings()) == .success)
    let request = try #require(stage.recorded.requests.last)
    #expect(request.address == "\(Self.base)/nightly-report/keys/\(ID<Wire.ServiceAccountKey>.example)/rotation")
    #expect(try JSON(request.body ?? [])["overlap_hours"] == (options.isEmpty ? 24 : options[1] == "none" ? 0 : 48))
    #expect(stage.output == "gld_svc_new\n")
  }

  @Test func aKeyThatIsntThereIsNotRevoked() async throws {
    let stage = try Stage { request in
      request.method == .delete ? TransportAnswer(status: 204) : .json(Wire.List(items: [Wire.ServiceAccountKey.other, .other], nextCursor: nil, total: 2))
    }
    #expect(await stage.run("service-account", "key", "revoke", "nightly-report", "cron") == .missing)
    #expect(await stage.run("service-account", "key", "revoke", "nightly-report", "laptop") == .failure)
    #expect(stage.recorded.requests.allSatisfy { $0.method == .get })
    let one = try Stage { request in
      request.method == .delete ? TransportAnswer(status: 204) : .json(Wire.List(items: [Wire.ServiceAccountKey.cron, .other], nextCursor: nil, total: 2))
    }
    #expect(await one.run("service-account", "key", "revoke", "nightly-report", "laptop") == .success)
    #expect(one.errors.contains("Revoked laptop (gld_svc_…aaaa)."))
  }
}

extension Wire.ServiceAccount {
  fileprivate static let report = Wire.ServiceAccount(
    id: .example, slug: "nightly-report", name: "Nightly report", description: "Cron", roles: [.viewer], state: .active, createdBy: .example, createdByName: "Ada",
    createdAt: Stage.now - .days(9), disabledAt: nil, usedAt: Stage.now - .hours(5), liveKeys: 2, revision: 3)
}

extension Wire.ServiceAccountKey {
  fileprivate static let cron = Wire.ServiceAccountKey(
    id: .example, name: "cron on db1", hint: "gld_svc_…9fK2", createdAt: Stage.now, expiresAt: Stage.now + .days(30), usedAt: nil)
  fileprivate static let other = Wire.ServiceAccountKey(
    id: ID("0189aaaa-ac96-774b-bcce-b302099a8057") ?? .example, name: "laptop", hint: "gld_svc_…aaaa", createdAt: Stage.now, expiresAt: nil, usedAt: nil)
}

import Client
import Contract
import Foundation
import Kernel
import Testing

@testable import Commands

@Suite("Policies and decisions") struct PolicyTests {
  private static let base = "https://guildhall.example.org/api/v1/organizations/acme"

  private func file(_ stage: Stage, _ text: String) throws -> String {
    let path = stage.folder + "/rule.cedar"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test func areListedAndShown() async throws {
    let stage = try Stage(screenWidth: 100) { _ in .json(Wire.List(items: [Wire.Policy.kept], nextCursor: nil, total: 1)) }
    #expect(await stage.run("policy", "list", "--no-color") == .success)
    #expect(stage.output.contains("no-deletion  No deletion  in force"))
    let one = try Stage { _ in .json(Wire.Policy.kept) }
    #expect(await one.run("policy", "show", "no-deletion", "--text") == .success)
    #expect(one.output == Wire.Policy.kept.text + "\n")
    let empty = try Stage { _ in .json(Wire.List<Wire.Policy>(items: [], nextCursor: nil, total: 0)) }
    #expect(await empty.run("policy", "ls") == .success)
    #expect(empty.errors.contains("guildhall policy templates"))
  }

  @Test func aFileIsCheckedBeforeItIsSaved() async throws {
    let stage = try Stage { request in
      request.address.hasSuffix("policy-validation")
        ? .json(Wire.PolicyTextFaults(valid: false, faults: [.init(severity: "error", message: "the schema has no action", hint: "did you mean read?", line: 3, column: 13)], formatted: nil))
        : TransportAnswer(status: 500)
    }
    let path = try file(stage, "forbid (principal, action, resource);")
    #expect(await stage.run("policy", "check", path).code == 1)
    #expect(stage.errors.contains("rule.cedar:3:13: error: the schema has no action (did you mean read?)") && stage.recorded.requests.count == 1)
    let fine = try Stage { request in
      request.address.hasSuffix("policy-validation")
        ? .json(Wire.PolicyTextFaults(valid: true, faults: [], formatted: ""))
        : .json(Wire.PolicyPreview(sentence: "7 members would lose access.", losing: 7, gaining: 0, losses: ["eve: read a dataset"], gains: [], asked: 10, total: 10, locksOut: false))
    }
    #expect(await fine.run("policy", "check", try file(fine, "forbid (principal, action, resource);")) == .success)
    #expect(fine.errors.contains("would lose  eve: read a dataset") && fine.errors.contains("7 members would lose access."))
    #expect(await fine.run("policy", "check", fine.folder + "/none").code == 1)
  }

  @Test func areMadeOfFilesAndOfTemplates() async throws {
    let stage = try Stage(input: "forbid (principal, action, resource);") { _ in .json(201, Wire.Policy.kept) }
    #expect(await stage.run("policy", "create", "No deletion", "-", "--off") == .success)
    #expect(stage.output == "no-deletion\n")
    let request = try #require(stage.recorded.requests.first)
    #expect(request.address == "\(Self.base)/policies")
    #expect(try JSON(request.body ?? []) == ["name": "No deletion", "text": "forbid (principal, action, resource);", "enabled": false])
    let template = try Stage { _ in .json(Wire.PolicyTextCheck(text: "forbid …;")) }
    #expect(await template.run("policy", "fill", "compliant-data", "team=contractors", "mark=a=b") == .success)
    #expect(template.output == "forbid …;\n")
    let values = try JSON(template.recorded.requests.first?.body ?? [])["values"]
    #expect(values?["team"] == "contractors" && values?["mark"] == "a=b")
    #expect(await template.run("policy", "fill", "compliant-data", "team").code == 64)
  }

  @Test func areChangedAsTheyWereReadSwitchedAndDeleted() async throws {
    let stage = try Stage { request in request.method == .delete && request.address.hasSuffix("no-deletion") ? TransportAnswer(status: 204) : .json(Wire.Policy.kept) }
    #expect(await stage.run("policy", "set", "no-deletion", "--name", "Never") == .success)
    #expect(stage.recorded.requests.last?.header("If-Match") == "\"2\"")
    #expect(await stage.run("policy", "set", "no-deletion").code == 64)
    #expect(await stage.run("policy", "off", "no-deletion") == .success)
    #expect(await stage.run("policy", "on", "no-deletion") == .success)
    #expect(await stage.run("policy", "delete", "no-deletion", "--yes") == .success)
    #expect(stage.recorded.requests.suffix(4).map { "\($0.method.rawValue) \($0.address.dropFirst(Self.base.count))" } == [
      "DELETE /policies/no-deletion/enablement", "PUT /policies/no-deletion/enablement", "GET /policies/no-deletion", "DELETE /policies/no-deletion",
    ])
  }

  @Test func aCheckEndsWithYesOrNo() async throws {
    let yes = try Stage { _ in .json(Wire.Decision(allowed: true, outcome: .allowed, revision: 7, sentence: "Allowed.", grounds: [])) }
    #expect(await yes.run("check", "read", "dataset:customers", "--who", "ada", "--in", "project:research/forecast", "--attribute", "compliance=[\"gdpr\"]", "--with", "address=10.0.0.7") == .success)
    let request = try #require(yes.recorded.requests.first)
    #expect(request.address == "\(Self.base)/decisions/check")
    #expect(
      try JSON(request.body ?? []) == [
        "principal": ["type": "account", "id": "ada"], "action": "read",
        "resource": ["type": "dataset", "id": "customers", "parent": ["type": "project", "id": "research/forecast"], "attributes": ["compliance": ["gdpr"]]],
        "context": ["address": "10.0.0.7"],
      ])
    let no = try Stage { _ in .json(Wire.Decision(allowed: false, outcome: .forbidden, revision: 7, sentence: "Forbidden by the policy \"Kept\".", grounds: [])) }
    #expect(await no.run("check", "read", "project").code == 5)
    #expect(no.errors.contains("Forbidden by the policy"))
    #expect(await no.run("explain", "read", "project:research/forecast", "--service-account", "robot") == .success)
    #expect(no.output.contains("forbidden"))
    #expect(await no.run("check", "read", "project", "--who", "ada", "--service-account", "robot").code == 64)
    #expect(await no.run("check", "read", "project", "--in", "project").code == 64)
  }
}

extension Wire.Policy {
  fileprivate static let kept = Wire.Policy(
    id: .example, slug: "no-deletion", name: "No deletion", description: "", text: "forbid (principal, action == Action::\"delete\", resource is Dataset);", enabled: true,
    createdAt: Stage.now, changedAt: Stage.now, changedBy: "Ada", revision: 2)
}

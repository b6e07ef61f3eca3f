import Authorization
import Contract
import ControlPlane
import Foundation
import HTTPTypes
import HummingbirdTesting
import Kernel
import NIOCore
import Secrets
import Testing

@testable import Server

/// Every operation of the contract, asked by everybody.
@Suite struct AccessTests {
  @Test(arguments: API.all.map(\.name))
  func everyOperationIsOpenToExactlyThoseItSays(_ name: String) async throws {
    let endpoint = try #require(API.all.first { $0.name == name })
    let house = try await TestHouse()
    let cast = try await Cast(house.plane)
    try await house.serve(house.plane.features, declared: API.all) { client in
      for asker in Asker.allCases {
        let answer = try await cast.ask(endpoint, as: asker, through: client)
        #expect(asker.verdict(on: answer) == asker.expected(of: endpoint), "\(name) by \(asker): \(answer.status) \(answer.code)")
      }
    }
  }
}

/// Who asks, the least powerful first, so that what ends an organization comes last.
private enum Asker: Hashable, CaseIterable {
  case nobody, revoked, stranger, otherAdmin
  case holder(OrganizationRole)
  /// A service account with this role, and one with all roles of another organization.
  case machine(OrganizationRole), otherMachine
  case superUser

  static let allCases: [Asker] =
    [.nobody, .revoked, .stranger, .otherAdmin, .otherMachine] + OrganizationRole.allCases.reversed().map { .machine($0) }
    + OrganizationRole.allCases.reversed().map { .holder($0) } + [.superUser]

  enum Verdict { case unauthenticated, invisible, forbidden, allowed, broken }

  func expected(of endpoint: AnyEndpoint) -> Verdict {
    switch (endpoint.access, self) {
    case (.anyone, _): .allowed
    case (_, .nobody), (_, .revoked): .unauthenticated
    case (.account, .machine), (.account, .otherMachine), (.superUser, .machine), (.superUser, .otherMachine): .forbidden
    // What nobody belongs to as a member, nobody leaves.
    case (_, .machine) where endpoint.name == "organization.leave", (_, .otherMachine) where endpoint.name == "organization.leave": .forbidden
    // People alone ask for roles, and refuse them.
    case (_, .machine) where ["elevation.ask", "elevation.refuse", "elevation.withdraw"].contains(endpoint.name): .forbidden
    case (.organization, .otherMachine): .invisible
    case (.organization(let permission), .machine(let role)):
      role.permissions.subtracting(Permission.leftToPeople).contains { $0.rawValue == permission } ? .allowed : .forbidden
    case (.resource, .otherMachine): .invisible
    case (.resource(let permission, let seen), .machine(let role)):
      Self.verdict(on: role.permissions.subtracting(Permission.leftToPeople), permission, seen)
    case (.account, _), (_, .superUser): .allowed
    case (.superUser, _): .forbidden
    case (.organization, .stranger), (.organization, .otherAdmin), (.resource, .stranger), (.resource, .otherAdmin): .invisible
    case (.resource(let permission, let seen), .holder(let role)): Self.verdict(on: role.permissions, permission, seen)
    case (.organization(let permission), .holder(let role)): role.permissions.contains { $0.rawValue == permission } ? .allowed : .forbidden
    }
  }

  /// Who may not see such a thing isn't told whether there is one.
  private static func verdict(on held: Set<Permission>, _ permission: String, _ seen: String) -> Verdict {
    let held = held.map(\.rawValue)
    return held.contains(seen) ? held.contains(permission) ? .allowed : .forbidden : .invisible
  }

  /// What an answer says about access; a refusal for another reason is no refusal of access.
  func verdict(on answer: Answer) -> Verdict {
    switch answer.code {
    case "session.required", "credential.invalid": .unauthenticated
    case "missing" where answer.detail.contains("you don't belong to it") || answer.detail.contains("nobody has shared it with you"): .invisible
    case "forbidden" where !answer.detail.contains("invite the person instead"): .forbidden
    case "defect": .broken
    default: .allowed
    }
  }
}

private struct Answer {
  let status: Int
  let code: String
  let detail: String
}

/// The people of the test and their sessions, with an organization for everybody and one that only the operator touches.
private struct Cast {
  let secrets: [Asker: String]
  private let shared: String
  private let operators: String

  init(_ plane: ControlPlane) async throws {
    let nobody = Caller(.none, from: Origin(address: "192.0.2.1", userAgent: "test", requestID: "test"))
    func join(_ handle: String) async throws -> String {
      try await plane.accounts.create(AccountDraft(email: "\(handle)@example.org", name: handle, handle: handle, password: "nine lilac kites over water"), by: nobody).secret.reveal()
    }
    func caller(_ secret: String) -> Caller { Caller(secret: secret, from: nobody.origin) }

    var secrets: [Asker: String] = [:]
    secrets[.superUser] = try await join("zeus")
    secrets[.stranger] = try await join("stranger")
    secrets[.otherAdmin] = try await join("neighbour")
    let gone = try await join("gone")
    try await plane.sessions.end(by: caller(gone))
    secrets[.revoked] = gone

    let zeus = caller(secrets[.superUser] ?? "")
    func found(_ slug: String, by founder: Caller) async throws -> String {
      try await plane.organizations.found(OrganizationDraft(name: slug, slug: slug, description: "", billingEmail: "books@example.org"), by: founder).slug.text
    }
    _ = try await found("elsewhere", by: caller(secrets[.otherAdmin] ?? ""))
    func key(_ role: OrganizationRole, of slug: String, by admin: Caller) async throws -> String {
      let account = try await plane.serviceAccounts.create(ServiceAccountDraft(name: "\(role.rawValue) robot", roles: [role.rawValue]), in: slug, by: admin)
      return try await plane.serviceAccounts.createKey(named: "test", KeyTerm(days: nil), of: account.slug.text, in: slug, by: admin).secret.reveal()
    }
    secrets[.otherMachine] = try await key(.admin, of: "elsewhere", by: caller(secrets[.otherAdmin] ?? ""))
    operators = try await found("olympus", by: zeus)
    shared = try await found("acme-works", by: zeus)
    for role in OrganizationRole.allCases {
      secrets[.machine(role)] = try await key(role, of: shared, by: zeus)
      let secret = try await join("a-\(role.rawValue)")
      secrets[.holder(role)] = secret
      let account = try await plane.accounts.read(by: caller(secret))
      _ = try await plane.members.add(account.id, roles: [role.rawValue], expires: nil, to: shared, by: zeus)
    }
    self.secrets = secrets
  }

  func ask(_ endpoint: AnyEndpoint, as asker: Asker, through client: any TestClientProtocol) async throws -> Answer {
    var path = endpoint.path.replacing("{organization}", with: asker == .superUser ? operators : shared)
    for parameter in endpoint.pathParameters { path = path.replacing("{\(parameter)}", with: "01890a5d-ac96-774b-bcce-b302099a8057") }
    if endpoint.name == "organization.delete" { path += "?confirm=\(asker == .superUser ? operators : shared)" }
    var fields: HTTPFields = [:]
    if let secret = secrets[asker] { fields[.authorization] = "Bearer \(secret)" }
    var body: ByteBuffer?
    if let example = try endpoint.shape().body?.example {
      fields[.contentType] = "application/json"
      body = ByteBuffer(string: example.pretty)
    }
    let method = try #require(HTTPRequest.Method(rawValue: endpoint.method.rawValue))
    return try await client.execute(uri: API.base + path, method: method, headers: fields, body: body) { response in
      let problem = (try? JSONSerialization.jsonObject(with: Data(response.body.readableBytesView))) as? [String: Any]
      return Answer(status: response.status.code, code: response.status.code < 400 ? "" : problem?["code"] as? String ?? "?", detail: problem?["detail"] as? String ?? "")
    }
  }
}

import ApoloGateway
import Contract
import ControlPlane
import HTTPTypes
import HummingbirdTesting
import Kernel
import NIOCore
import Secrets
import TestSupport
import Testing
import ZenMLGateway

@testable import Server

/// What nobody's client sends: random values, depths, sizes and bytes at every address of both gateways.
@Suite struct GatewayFuzzTests {
  @Test(arguments: ["zenml", "apolo"], [1, 2])
  func `Whatever comes is answered below 500, and a refusal in the platform's manner`(platform: String, seed: UInt64) async throws {
    let house = try await TestHouse()
    let plane = house.plane
    let draft = try AccountDraft(email: "rosa@example.org", name: "rosa", handle: "rosa", password: "nine lilac kites over water")
    let root = Caller(secret: try await plane.accounts.create(draft, by: Caller(.none, from: .inside)).secret.reveal(), from: .inside)
    _ = try await plane.organizations.found(OrganizationDraft(name: "lab", slug: "lab", description: "", billingEmail: "books@example.org"), by: root)
    _ = try await plane.clusters.register(ClusterDraft(name: "oslo", slug: "oslo"), by: root)
    _ = try await plane.clusters.admit("lab", to: "oslo", ClusterAdmission(), by: root)
    let workspace = try await plane.workspaces.enroll(ResourceDraft(name: "Looms", slug: "looms"), in: "lab", by: root)
    let secret = try await plane.tokens.create(AccessTokenDraft(name: "t", scopes: ["organization:admin"]), by: root).secret.reveal()
    let gateway = platform == "zenml" ? ZenML.gateway(plane) : Apolo.gateway(plane)
    let deep = Array(String(repeating: "[", count: 60_000).utf8)
    let known = ["lab", "looms", "oslo", "rosa", workspace.workspace.id.description]
    try await house.serve(gateways: [gateway], bodyLimit: 1 << 17) { client in
      var dice = SplitMix(seed: seed)
      for route in gateway.routes where !(route.method == .delete && route.path.hasSuffix("/{organization}")) {
        let method = try #require(HTTPRequest.Method(rawValue: route.method.rawValue))
        for round in 0..<14 {
          var path = route.path.split(separator: "/").map { part in
            part.hasPrefix("{") ? (round % 2 == 0 ? known[Int(dice.next() % UInt64(known.count))] : Noise.segment(&dice)) : String(part)
          }.reduce("") { "\($0)/\($1)" }
          if round == 3 { path += String(repeating: "/x", count: 4_000) }
          if round % 3 == 1 { path += "?" + Noise.query(&dice, platform) }
          let bytes: [UInt8]
          switch round {
          case 0: bytes = deep
          case 1: bytes = [0xFF, 0xFE, 0x80, 0x7B, 0x22, 0xC3, 0x28, 0x22, 0x3A, 0x31, 0x7D]
          case 2: bytes = Array(#"{"name":"a","name":1,"role":null,"role":[],"user_name":"root","user_name":"x"}"#.utf8)
          case 4: bytes = [UInt8](repeating: 0x20, count: 200_000)
          case 5: bytes = Array("a=%zz&b=%F0%28&=&&&grant_type=%00".utf8)
          default: bytes = Array(Noise.json(&dice, depth: 4).compact.utf8)
          }
          var headers: HTTPFields = [:]
          if round % 4 != 3 { headers[.authorization] = "Bearer \(secret)" }
          headers[.contentType] = ["application/json", "application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "application/json; charset=utf-7", "☃/☃"][
            Int(dice.next() % 6)]
          let answer = try await client.execute(uri: path, method: method, headers: headers, body: method == .get ? nil : ByteBuffer(bytes: bytes)) { $0 }
          #expect(answer.status.code < 500, "\(method) \(path.prefix(300)) \(round): \(answer.status) \(answer.text.prefix(300))")
          if answer.status.code >= 400 {
            let told = platform == "zenml" ? answer.json["detail"] ?? answer.json["error"] : answer.json["error"]
            #expect(told != nil, "\(method) \(path.prefix(300)) \(round): \(answer.status) \(answer.text.prefix(300))")
          }
        }
      }
    }
  }
}

/// Values that nobody means.
private enum Noise {
  static let names = [
    "name", "role", "user_name", "org_name", "credits", "quota", "balance", "spending", "additional_credits", "email", "permissions", "level", "description", "uri", "action",
    "metadata", "total", "feature", "organization_id", "resource", "actions", "user_id", "events", "notification_intervals", "total_running_jobs", "default_cluster",
    "expires_in_minutes", "retain_period_minutes", "user_code", "device_metadata", "desired_state", "base_role_id", "username", "password", "is_active", "cpu", "memory",
  ]

  static func text(_ dice: inout SplitMix) -> String {
    switch dice.next() % 9 {
    case 0: ""
    case 1: "\u{0}\u{1F}"
    case 2: String(repeating: "ш", count: 3_000)
    case 3: "' OR 1=1 --"
    case 4: "-1E+9999"
    case 5: "01890a5d-ac96-774b-bcce-b302099a8057"
    case 6: "storage://oslo/lab/\u{202E}/.."
    case 7: "👩‍👩‍👧‍👧 <b>"
    default: "admin"
    }
  }

  static func segment(_ dice: inout SplitMix) -> String {
    switch dice.next() % 6 {
    case 0: "%00"
    case 1: "%FF%FE"
    case 2: String(repeating: "a", count: 5_000)
    case 3: "01890a5d-ac96-774b-bcce-b302099a8057"
    case 4: "..%2F..%2Fetc"
    default: "%F0%9F%A6%8A"
    }
  }

  static func query(_ dice: inout SplitMix, _ platform: String) -> String {
    let name = names[Int(dice.next() % UInt64(names.count))]
    let value = ["%zz", "%00", "-1", "99999999999999999999", "None", "True&\(name)=False", String(repeating: "x", count: 6_000), "%F0%9F"][Int(dice.next() % 8)]
    return "\(name)=\(value)&offset=\(value)&limit=\(value)&resources=\(value)&uri=\(value)"
  }

  static func json(_ dice: inout SplitMix, depth: Int) -> JSON {
    switch dice.next() % (depth > 0 ? 9 : 6) {
    case 0: return .null
    case 1: return .boolean(dice.next() % 2 == 0)
    case 2: return .integer(Int64(bitPattern: dice.next()))
    case 3: return .number(["1e400", "-0.0", "0.1", "9223372036854775808"][Int(dice.next() % 4)])
    case 4, 5: return .string(text(&dice))
    case 6:
      var items: [JSON] = []
      for _ in 0..<Int(dice.next() % 5) { items.append(json(&dice, depth: depth - 1)) }
      return .array(items)
    default:
      var members: [JSON.Member] = []
      for _ in 0..<Int(dice.next() % 8) {
        let name = names[Int(dice.next() % UInt64(names.count))]
        if !members.contains(where: { $0.name == name }) { members.append(.init(name, json(&dice, depth: depth - 1))) }
      }
      return .object(members)
    }
  }
}

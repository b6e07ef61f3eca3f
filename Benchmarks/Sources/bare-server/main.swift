internal import Hummingbird
internal import Logging

/// The least that the web framework does: an answer of a few bytes, and one of a member's size through `Codable`.
///
///     bare-server PORT

struct Member: ResponseEncodable {
  let id: String
  let account: String
  let handle: String
  let name: String
  let email: String?
  let roles: [String]
  let state: String
  let source: String
  let since: String
  let expires_at: String?
  let suspended_at: String?
  let revision: Int
}

let router = Router()
router.get("/healthz") { _, _ in "ok" }
router.get("/api/v1/organizations/{organization}/members/{member}") { _, context in
  Member(
    id: try context.parameters.require("member"), account: "019370a0-7b1c-7def-8abc-0123456789ab", handle: "anna-berg", name: "Anna Berg", email: "anna.berg@example.com",
    roles: ["member"], state: "active", source: "invited", since: "2026-01-02T03:04:05.678Z", expires_at: nil, suspended_at: nil, revision: 1)
}

let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8080
var logger = Logger(label: "bare-server")
logger.logLevel = .error
try await Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)), logger: logger).runService()

import Contract
import Foundation
import Testing
import TestSupport

/// The password of everybody in these tests.
let password = "nine lilac kites over water"

/// A file with a fresh key, as an operator would make one.
func secretKeyFile(in folder: URL) throws -> String {
  let key = (0..<32).map { _ in UInt8.random(in: 0...255) }
  let text = Data(key).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  let file = folder.appending(path: "secret.key")
  _ = FileManager.default.createFile(atPath: file.path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
  return file.path
}

/// A folder that goes when the test is over.
func withFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
  let folder = FileManager.default.temporaryDirectory.appending(path: "guildhall-system-\(UUID().uuidString.prefix(8))")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try await body(folder)
}

extension GuildhallProcess {
  /// Makes an account, the first of which is an operator's, and answers its session's secret.
  func signUp(_ handle: String = "ada") async throws -> String {
    try await onThread { [self] in
      let made = try HTTPExchange.send(
        "POST", "/api/v1/accounts", port: port, body: ["email": .string("\(handle)@example.org"), "name": .string(handle), "handle": .string(handle), "password": .string(password)])
      return try #require(made.json["secret"]?.text, "\(made.text)")
    }
  }

  /// Asks an operation of the API.
  func ask(_ method: String, _ path: String, _ token: String? = nil, _ headers: [String: String] = [:], body: JSON? = nil, within seconds: Double = 30) async throws -> HTTPExchange {
    try await onThread { [self] in
      try HTTPExchange.send(method, "/api/v1\(path)", port: port, token: token, headers, body: body, within: seconds)
    }
  }

  /// Asks for what isn't an operation: health, pages.
  func get(_ path: String, within seconds: Double = 30) async throws -> HTTPExchange { try await onThread { [self] in try HTTPExchange.get(path, port: port, within: seconds) } }
}

/// Tries until it holds, for half a minute at most.
func eventually(_ what: String, within seconds: Int = 30, _ holds: () async throws -> Bool) async throws {
  for _ in 0..<(seconds * 10) {
    if (try? await holds()) == true { return }
    try await Task.sleep(for: .milliseconds(100))
  }
  Issue.record("It never came to this: \(what).")
}

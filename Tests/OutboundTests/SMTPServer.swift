import ControlPlane
import Foundation
import Kernel
import Synchronization
import Testing

/// A real mail server (Tests/Peers/smtp_server.py) on a free port of this machine; it ends with the object, or with the tests' process.
final class SMTPServer: Sendable {
  let port: Int
  private let directory: URL
  private let process: RunningProcess

  /// What the server's own parser made of one message.
  struct Receipt: Decodable {
    struct Part: Decodable, Equatable {
      let type: String
      let content: String
    }
    let from: String
    let to: [String]
    let greeting: String
    let tls: Bool
    let login: String?
    let connection: Int
    let headers: [[String]]
    let senders: [[String]]
    let recipients: [[String]]
    let parts: [Part]
    let defects: [String]
    let longestLine: Int
    let loneBreaks: Int
    let foreignBytes: [Int]
    let raw: String

    func header(_ name: String) -> [String] { headers.filter { $0[0] == name }.map { $0[1] } }
  }

  /// `arguments` as the script takes them.
  init(_ arguments: [String] = []) async throws {
    directory = try temporaryDirectory()
    process = try RunningProcess(
      repository.appending(path: "Scripts/python"), [repository.appending(path: "Tests/Peers/smtp_server.py").path, directory.path] + arguments)
    let line = try await process.firstLine()
    port = try JSONDecoder().decode([String: Int].self, from: line)["port"] ?? 0
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  func receipt(_ message: MailMessage) throws -> Receipt {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Receipt.self, from: Data(contentsOf: directory.appending(path: "\(message.id).json")))
  }

  /// One server for all tests that need nothing special of it.
  static func plain() async throws -> SMTPServer { try await shared.value }
  private static let shared = Task { try await SMTPServer() }
}

let repository = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

func temporaryDirectory() throws -> URL {
  let directory = FileManager.default.temporaryDirectory.appending(path: "guildhall-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  return directory
}

/// A self-signed certificate for 127.0.0.1, with its key, in one PEM file.
func selfSignedCertificate(in directory: URL) throws -> String {
  let (certificate, key, both) = (directory.appending(path: "certificate.pem"), directory.appending(path: "key.pem"), directory.appending(path: "both.pem"))
  let openssl = Process()
  openssl.executableURL = URL(filePath: "/usr/bin/env")
  openssl.arguments =
    ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    + ["-keyout", key.path, "-out", certificate.path]
  openssl.standardError = FileHandle.nullDevice
  try openssl.run()
  openssl.waitUntilExit()
  try (Data(contentsOf: certificate) + Data(contentsOf: key)).write(to: both)
  return both.path
}

/// A process that reads its standard input to the end and then ends too: it never outlives us.
final class RunningProcess: Sendable {
  private let process: Mutex<Process>
  private let input = Pipe()
  private let output = Pipe()

  init(_ executable: URL, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    self.process = Mutex(process)
  }

  deinit { try? input.fileHandleForWriting.close() }

  func firstLine() async throws -> Data {
    let reading = output.fileHandleForReading
    return await withCheckedContinuation { continuation in
      Thread {
        var line = Data()
        while line.last != UInt8(ascii: "\n"), case let byte = reading.readData(ofLength: 1), !byte.isEmpty { line += byte }
        continuation.resume(returning: line)
      }.start()
    }
  }
}

import ArgumentParser
import Client
import Contract
import Foundation
import Kernel
import Synchronization

@testable import Commands

/// The testing library has a type of the same name.
typealias Exit = Commands.ExitStatus

/// A world of its own for one command: what it says is kept, what it hears is given, and the server is a script.
final class Stage: Sendable {
  struct Recorded: Sendable {
    var output = ""
    var errors = ""
    var input: [UInt8] = []
    var requests: [TransportRequest] = []
    var rests: [Duration] = []
  }

  private let state = Mutex(Recorded())
  private let script: @Sendable (TransportRequest) throws(TransportFailure) -> TransportAnswer
  let environment: [String: String]
  let folder: String
  let screenWidth: Int?
  let isInteractive: Bool

  static let now = Timestamp(milliseconds: 1_795_251_600_000)

  init(
    environment: [String: String] = [:], input: String = "", screenWidth: Int? = nil, isInteractive: Bool = false, config: ConfigurationFile? = .signedIn,
    script: @escaping @Sendable (TransportRequest) throws(TransportFailure) -> TransportAnswer = { _ in TransportAnswer(status: 500) }
  ) throws {
    folder = NSTemporaryDirectory() + "guildhall-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder + "/work/below", withIntermediateDirectories: true)
    self.environment = environment.merging(["GUILDHALL_CONFIG": folder + "/config.json"]) { given, _ in given }
    (self.script, self.screenWidth, self.isInteractive) = (script, screenWidth, isInteractive)
    state.withLock { $0.input = Array(input.utf8) }
    if let config { try store.update { $0 = config } }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var store: ConfigurationStore { get throws { try ConfigurationStore(surroundings()) } }

  func surroundings(in workingDirectory: String? = nil) -> Surroundings {
    Surroundings(
      variable: { [environment] in environment[$0].flatMap { $0.isEmpty ? nil : $0 } }, workingDirectory: workingDirectory ?? folder + "/work/below", machine: "testbed",
      terminal: StageTerminal(stage: self), transport: StageTransport(stage: self), clock: { Self.now }, rest: { [self] span in state.withLock { $0.rests.append(span) } },
      ownsProcess: false)
  }

  /// Runs one command line as a shell would split it.
  @discardableResult
  func run(_ arguments: String...) async -> Exit { await GuildhallCommand<NoLocalCommands>.run(arguments, in: surroundings()) }

  var recorded: Recorded { state.withLock { $0 } }
  var output: String { recorded.output }
  var errors: String { recorded.errors }

  fileprivate func change<Result>(_ body: (inout sending Recorded) -> sending Result) -> sending Result { state.withLock(body) }
  fileprivate func answer(_ request: TransportRequest) throws(TransportFailure) -> TransportAnswer {
    change { $0.requests.append(request) }
    return try script(request)
  }
}

enum NoLocalCommands: LocalCommands {
  static let version = "test"
  static let commands: [any ParsableCommand.Type] = []
  static let accountCommands: [any ParsableCommand.Type] = []
  static func plain(_ arguments: [String]) -> (@Sendable () async throws -> Void)? { nil }
}

private struct StageTransport: Transport {
  let stage: Stage

  func send(_ request: TransportRequest) async throws(TransportFailure) -> TransportAnswer { try stage.answer(request) }
}

private struct StageTerminal: Terminal {
  let stage: Stage

  var screenWidth: Int? { stage.screenWidth }
  var isInteractive: Bool { stage.isInteractive }
  var hasKeyboard: Bool { stage.isInteractive }

  func write(_ text: String) throws(Problem) { stage.change { $0.output += text } }
  func tell(_ text: String) { stage.change { $0.errors += text } }
  func showProgress(_ line: String?) {}

  func readLine() throws(Problem) -> String? {
    stage.change { recorded in
      guard !recorded.input.isEmpty else { return nil }
      let line = recorded.input.prefix { $0 != UInt8(ascii: "\n") }
      recorded.input.removeFirst(min(line.count + 1, recorded.input.count))
      return String(decoding: line, as: UTF8.self)
    }
  }

  func readSecretLine(_ question: String) throws(Problem) -> String? {
    tell("\(question) ")
    return try readLine()
  }

  func readAll(limit: Int) throws(Problem) -> [UInt8] {
    stage.change { recorded in
      defer { recorded.input = [] }
      return recorded.input
    }
  }
}

extension ConfigurationFile {
  static let signedIn = ConfigurationFile(
    currentContext: "home",
    contexts: [
      "home": Context(host: "https://guildhall.example.org", token: "gld_pat_home", account: "ada", organization: "acme"),
      "work": Context(host: "https://work.example.org", token: "gld_pat_work", account: "ada"),
    ])
}

extension TransportAnswer {
  static func json(_ value: some Encodable) -> TransportAnswer { json(200, value) }

  static func json(_ status: Int, _ value: some Encodable) -> TransportAnswer {
    TransportAnswer(status: status, headers: [("Content-Type", "application/json")], body: (try? WireCoding.encode(value)) ?? [])
  }

  static func refusal(_ status: Int, _ code: String, _ detail: String, errors: [Wire.ProblemDetails.Fault]? = nil, headers: [(name: String, value: String)] = []) -> TransportAnswer {
    let details = Wire.ProblemDetails(type: "about:blank", title: "A title", status: status, detail: detail, code: code, requestId: "req-7", errors: errors)
    return TransportAnswer(status: status, headers: [("Content-Type", "application/problem+json")] + headers, body: (try? WireCoding.encode(details)) ?? [])
  }
}

extension TransportRequest {
  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
  var text: String { String(decoding: body ?? [], as: UTF8.self) }
}

extension Wire.Member {
  static func named(_ handle: String, name: String? = nil, roles: [Wire.OrganizationRole] = [.member]) -> Wire.Member {
    Wire.Member(
      id: ID("0189aaaa-ac96-774b-bcce-b302099a8057") ?? .example, account: .example, handle: handle, name: name ?? handle, email: "\(handle)@example.org", roles: roles,
      state: .active, source: .invited, since: Stage.now - .days(3), expiresAt: nil, suspendedAt: nil, revision: 4)
  }
}

extension Wire.Organization {
  static func named(_ slug: String) -> Wire.Organization {
    Wire.Organization(
      id: .example, slug: slug, name: slug.uppercased(), description: "", billingEmail: "", acceptsRequests: false, state: .active, suspendedAt: nil, suspensionReason: nil,
      deletedAt: nil, purgeAt: nil, memberCount: 3, createdAt: Stage.now - .days(40), revision: 2)
  }
}

public import Foundation
import Synchronization

/// The product as people run it: a process of its own on a free port, with a folder that goes with it.
public final class GuildhallProcess: Sendable {
  public enum Failure: Error { case notBuilt, notReady(log: String) }
  public enum Command: String { case serve, demo }

  public let port: Int
  /// Where its database is, unless told otherwise, and all else that a test puts there.
  public let folder: URL
  public var address: String { "http://127.0.0.1:\(port)" }
  private let command: String
  private let arguments: [String]
  private let environment: [String: String]
  private let ownsFolder: Bool
  private let running = Mutex<Process?>(nil)

  /// Starts `guildhall serve` or `demo`, without limits unless told otherwise, and waits until it serves. Without a database it uses one in the folder.
  public static func start(
    _ command: Command = .serve, database: String? = nil, in folder: URL? = nil, with arguments: [String] = ["--rate-limits", "off"], environment: [String: String] = [:]
  ) async throws -> GuildhallProcess {
    let process = try GuildhallProcess(command.rawValue, database: database, in: folder, arguments, environment: environment)
    try await onThread { try process.restart() }
    return process
  }

  private init(_ command: String, database: String?, in folder: URL?, _ arguments: [String], environment: [String: String]) throws {
    port = try Loopback.freePort()
    ownsFolder = folder == nil
    self.folder = folder ?? FileManager.default.temporaryDirectory.appending(path: "guildhall-test-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
    self.command = command
    self.arguments = ["--database", database ?? self.folder.appending(path: "guildhall.db").path, "--listen", "127.0.0.1:\(port)", "--log-format", "json"] + arguments
    self.environment = environment
  }

  /// Starts it again, on the same port and database, after it has ended.
  public func restart() throws {
    let process = Process()
    process.executableURL = try Self.executable()
    process.arguments = [command] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try Self.appending(to: outputFile)
    process.standardError = try Self.appending(to: logFile)
    try process.run()
    running.withLock { $0 = process }
    for _ in 0..<1200 {
      if let answer = try? HTTPExchange.get("/readyz", port: port, within: 2), answer.status == 200 { return }
      guard process.isRunning else { break }
      usleep(50_000)
    }
    if process.isRunning { kill() }
    throw Failure.notReady(log: log)
  }

  public var identifier: Int32 { running.withLock { $0?.processIdentifier ?? 0 } }
  public var isRunning: Bool { running.withLock { $0?.isRunning ?? false } }

  /// What it wrote to the standard error: one JSON object a line.
  public var log: String { (try? String(contentsOf: logFile, encoding: .utf8)) ?? "" }
  /// What it wrote to the standard output.
  public var output: String { (try? String(contentsOf: outputFile, encoding: .utf8)) ?? "" }

  /// Asks it to stop, and doesn't wait.
  public func askToStop() { Foundation.kill(identifier, SIGTERM) }

  /// Ends it at once, as a power cut would.
  public func kill() {
    Foundation.kill(identifier, SIGKILL)
    _ = exitStatus()
  }

  /// Waits until it has ended; how it did: the signal that ended it counts as 128 and its number.
  @discardableResult public func exitStatus() -> Int32 {
    guard let process = running.withLock({ $0 }) else { return 0 }
    process.waitUntilExit()
    return process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus
  }

  /// Stops it and takes its folder away.
  public func stop() {
    askToStop()
    exitStatus()
    if ownsFolder { try? FileManager.default.removeItem(at: folder) }
  }

  private var logFile: URL { folder.appending(path: "log.jsonl") }
  private var outputFile: URL { folder.appending(path: "output.txt") }

  private static func appending(to file: URL) throws -> FileHandle {
    if !FileManager.default.fileExists(atPath: file.path) { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
    let handle = try FileHandle(forWritingTo: file)
    try handle.seekToEnd()
    return handle
  }

  /// Runs a command of the product to its end.
  public static func run(_ arguments: [String], environment: [String: String] = [:], input: String = "", in folder: URL? = nil) async throws -> (status: Int32, output: String, errors: String) {
    try await onThread {
      let process = Process()
      let (inPipe, outPipe, errorPipe) = (Pipe(), Pipe(), Pipe())
      process.executableURL = try executable()
      process.arguments = arguments
      process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
      if let folder { process.currentDirectoryURL = folder }
      process.standardInput = inPipe
      process.standardOutput = outPipe
      process.standardError = errorPipe
      try process.run()
      try inPipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
      try inPipe.fileHandleForWriting.close()
      // At the same time, so that a full pipe of one never stops what goes into the other.
      let complaints = Mutex(Data())
      let reading = DispatchGroup()
      DispatchQueue.global().async(group: reading) { complaints.withLock { $0 = errorPipe.fileHandleForReading.readDataToEndOfFile() } }
      let output = String(decoding: outPipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      reading.wait()
      let errors = complaints.withLock { String(decoding: $0, as: UTF8.self) }
      process.waitUntilExit()
      return (process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus, output, errors)
    }
  }

  /// The product beside the test bundle.
  public static func executable() throws -> URL {
    let folder = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL.deletingLastPathComponent() ?? Bundle.main.bundleURL
    let folders = [folder, URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent(), Repository.root.appending(path: ".build/debug")]
    guard let found = folders.map({ $0.appending(path: "guildhall") }).first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else { throw Failure.notBuilt }
    return found
  }
}

/// Where the tests' own files are.
public enum Repository {
  public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}

/// Work that blocks: on a thread of its own, not on the few that all tests share.
public func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    let thread = Thread { continuation.resume(with: Result { try work() }) }
    thread.stackSize = 4 << 20
    thread.start()
  }
}

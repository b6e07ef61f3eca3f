public import Foundation
import Synchronization

/// A PostgreSQL server of the tests' own, on the loopback address and a free port, with everything it stores in a folder of its own.
///
/// It ends, and its folder goes, when the process that started it ends in whatever way: a watching shell reads a pipe that this process holds open.
public final class PostgresServer: Sendable {
  public enum Failure: Error { case notInstalled, notStarted(String) }

  /// The server that the tests of this process share: it doesn't flush to the disk, and its texts sort as in a dictionary unless a column says otherwise.
  public static let shared = Result { try PostgresServer(flushes: false) }

  /// The address of an empty database on the shared server.
  public static func freshDatabase() async throws -> String { try await sharedServer().makeDatabase() }
  /// `shared`, started without blocking the threads that tests share.
  public static func sharedServer() async throws -> PostgresServer { try await offThread { try shared.get() } }
  /// A server for a test that kills or freezes it; the test stops it.
  public static func start(flushes: Bool) async throws -> PostgresServer { try await offThread { try PostgresServer(flushes: flushes) } }

  /// Where the programs of the newest installed version are; `nil` without one.
  public static let programs: URL? = {
    let versions = URL(filePath: "/usr/lib/postgresql")
    let installed = (try? FileManager.default.contentsOfDirectory(atPath: versions.path)) ?? []
    let newest = installed.compactMap(Int.init).max().map { versions.appending(path: "\($0)/bin") }
    return newest.flatMap { FileManager.default.isExecutableFile(atPath: $0.appending(path: "initdb").path) ? $0 : nil }
  }()

  public let port: Int
  private let folder: URL
  private let lifeline: Pipe
  private let databases = Mutex(0)

  /// Starts a server; `flushes` says whether what it commits survives its being killed with the machine (`fsync`).
  public init(flushes: Bool) throws {
    guard let programs = Self.programs else { throw Failure.notInstalled }
    folder = FileManager.default.temporaryDirectory.appending(path: "guildhall-postgres-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    port = try Self.freePort()
    lifeline = Pipe()
    let watch = Process()
    watch.executableURL = URL(filePath: "/bin/sh")
    watch.arguments = ["-c", Self.script, "postgres-watch", programs.path, folder.path, "\(port)", flushes ? "on" : "off"]
    watch.standardInput = lifeline
    watch.standardOutput = FileHandle.nullDevice
    watch.standardError = FileHandle.nullDevice
    try watch.run()
    try waitUntilReady()
  }

  /// Cleans up by itself; the shell does it when this side of the pipe is closed.
  public func stop() { try? lifeline.fileHandleForWriting.close() }

  /// Kills the server with all of its processes, as a power cut would: nothing is flushed that wasn't.
  public func kill() async throws { try await Self.offThread { [self] in try command("k") { !$0 } } }

  /// Starts the server again after `kill`; it recovers what it had committed.
  public func restart() async throws { try await Self.offThread { [self] in try command("s") { $0 } } }

  /// Makes the server stand still without closing a connection, as a broken network does, or go on.
  public func freeze() { write("f") }
  public func thaw() { write("t") }

  /// Makes an empty database, and answers its address.
  public func makeDatabase() async throws -> String { try await Self.offThread { [self] in try createDatabase() } }

  /// Runs SQL outside of the product's own code, and answers what it printed.
  public func ask(_ sql: String, in database: String = "postgres") async throws -> String {
    try await Self.offThread { [self] in try query(sql, in: database) }
  }

  private func createDatabase() throws -> String {
    let number = databases.withLock { count in
      count += 1
      return count
    }
    let name = "test_\(number)"
    let (status, output) = try run("createdb", ["--template=template0", name])
    guard status == 0 else { throw Failure.notStarted(output) }
    return address(of: name)
  }

  public func address(of database: String) -> String { "postgres://postgres@127.0.0.1:\(port)/\(database)" }

  /// `ask` for code that can't wait otherwise, such as the body of a transaction.
  public func query(_ sql: String, in database: String = "postgres") throws -> String {
    let (status, output) = try run("psql", ["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql])
    guard status == 0 else { throw Failure.notStarted(output) }
    return output
  }

  /// Starting programs blocks: on a thread of its own, not on the few that all tests share.
  private static func offThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue(label: "postgres.tests").async { continuation.resume(with: Result { try work() }) }
    }
  }

  private func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = Self.programs?.appending(path: program)
    process.arguments = ["-h", "127.0.0.1", "-p", "\(port)", "-U", "postgres"] + arguments
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }

  private func write(_ command: String) { try? lifeline.fileHandleForWriting.write(contentsOf: Data("\(command)\n".utf8)) }

  private func command(_ letter: String, until isDone: (_ isReady: Bool) -> Bool) throws {
    write(letter)
    // Coming back after a kill takes long where the disk is busy.
    for _ in 0..<2400 {
      if isDone(try isReady()) { return }
      usleep(50_000)
    }
    throw Failure.notStarted("no change after \(letter)")
  }

  private func isReady() throws -> Bool { try run("pg_isready", ["-q", "-t", "2"]).status == 0 }

  private func waitUntilReady() throws {
    for _ in 0..<600 {
      if try isReady() { return }
      usleep(50_000)
    }
    let log = try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)
    stop()
    throw Failure.notStarted(log ?? "no log")
  }

  private static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0 }
    }
    guard bound else { throw Failure.notStarted("no free port") }
    return Int(in_port_t(bigEndian: address.sin_port))
  }

  /// Starts the server and obeys the letters that come through the pipe: kill, start, freeze, thaw. When the pipe ends, all ends.
  private static let script = """
    bin=$1 folder=$2 port=$3 flush=$4
    as=
    if [ "$(id -u)" = 0 ]; then
      as="setpriv --reuid=postgres --regid=postgres --clear-groups"
      chown postgres "$folder"
    fi
    cd "$folder"
    exec 2>>"$folder/log" 1>&2
    $as mkdir -m 700 sockets
    $as "$bin/initdb" -D data -U postgres -A trust -E UTF8 --locale=C --locale-provider=icu --icu-locale=en-US --no-sync
    start() {
      $as "$bin/postgres" -D data -k "$folder/sockets" -h 127.0.0.1 -p $port -c fsync=$flush -c full_page_writes=$flush \\
        -c max_connections=500 -c shared_buffers=64MB </dev/null &
      server=$!
    }
    family() { for child in $(cat /proc/$server/task/$server/children); do kill $1 $child; done; kill $1 $server; }
    trap '' INT TERM HUP PIPE
    start
    while read -r letter; do
      case $letter in
        k) family -KILL; wait $server ;;
        s) start ;;
        f) family -STOP ;;
        t) family -CONT ;;
      esac
    done
    family -CONT
    kill -QUIT $server
    wait $server
    cd / && rm -rf "$folder"
    """
}

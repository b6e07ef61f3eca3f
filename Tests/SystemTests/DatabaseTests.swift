import Contract
import Foundation
import Testing
import TestSupport

/// What happens to the server when its database is locked, gone, full, foreign or shared.
@Suite struct DatabaseTests {
  @Test("A database that another program has locked is told as 503, and works again when the lock is gone")
  func locked() async throws {
    let server = try await GuildhallProcess.start()
    defer { server.stop() }
    let token = try await server.signUp()
    let lock = try await Lock(server.folder.appending(path: "guildhall.db"))
    let refused = try await server.ask("POST", "/organizations", token, body: ["name": "Hall", "slug": "hall"])
    #expect(refused.status == 503 && refused.code == "unavailable" && refused.detail.contains("locked"), "\(refused.text)")
    #expect(refused["retry-after"].flatMap { Int($0) } ?? 0 > 0)
    // Who only reads isn't kept waiting.
    #expect(try await server.ask("GET", "/organizations", token).status == 200)
    lock.end()
    try await eventually("writing works again") { try await server.ask("POST", "/organizations", token, body: ["name": "Hall", "slug": "hall"]).status == 201 }
  }

  @Test("PostgreSQL killed under load is told as 503 and by readyz; when it is back, so is the server, and nothing that was acknowledged is lost")
  func postgresGone() async throws {
    let postgres = try await PostgresServer.start(flushes: true)
    defer { postgres.stop() }
    try await withFolder { folder in
      let server = try await GuildhallProcess.start(
        database: try await postgres.makeDatabase(), in: folder, with: ["--rate-limits", "off", "--secret-key-file", try secretKeyFile(in: folder)])
      defer { server.stop() }
      let token = try await server.signUp()
      let load = (0..<4).map { client in
        Task {
          var founded: [String] = []
          var statuses: Set<Int> = []
          for turn in 0..<10_000 {
            if Task.isCancelled { break }
            let slug = "c\(client)-\(turn)"
            let answer = try await server.ask("POST", "/organizations", token, body: ["name": "Hall", "slug": .string(slug)], within: 120)
            statuses.insert(answer.status)
            if answer.status == 201 { founded.append(slug) } else { try? await Task.sleep(for: .milliseconds(50)) }
          }
          return (founded, statuses)
        }
      }
      try await Task.sleep(for: .milliseconds(700))
      try await postgres.kill()
      try await eventually("readyz says that the database is gone") { try await server.get("/readyz").status == 503 }
      #expect(try await server.get("/healthz").status == 200)
      let refused = try await server.ask("GET", "/account", token)
      #expect(refused.status == 503 && refused["retry-after"] != nil, "\(refused.status) \(refused.text)")
      try await postgres.restart()
      try await eventually("readyz says that all is well") { try await server.get("/readyz").status == 200 }
      try await Task.sleep(for: .milliseconds(500))
      load.forEach { $0.cancel() }
      var founded: [String] = []
      for task in load {
        let (slugs, statuses) = try await task.value
        founded += slugs
        // 409: the answer to the same request before was lost on its commit, and the name is taken by it.
        #expect(statuses.isSubset(of: [201, 503, 409]), "\(statuses)")
      }
      #expect(founded.count > 10)
      for slug in founded { #expect(try await server.ask("GET", "/organizations/\(slug)", token).status == 200, "\(slug) was founded and is gone.") }
      #expect(server.isRunning)
    }
  }

  @Test("A full disk is told as such, leaves the database whole, and is forgotten when there is space", .enabled(if: SmallDisk.isPossible))
  func full() async throws {
    let disk = try await SmallDisk(megabytes: 8)
    defer { disk.unmount() }
    let server = try await GuildhallProcess.start(database: disk.folder.appending(path: "guildhall.db").path)
    defer { server.stop() }
    let token = try await server.signUp()
    #expect(try await server.ask("POST", "/organizations", token, body: ["name": "Before", "slug": "before"]).status == 201)
    try disk.fill()
    var refused: HTTPExchange?
    for turn in 0..<500 where refused == nil {
      let answer = try await server.ask("POST", "/organizations", token, body: ["name": "Hall", "slug": .string("hall-\(turn)"), "description": .string(String(repeating: "d", count: 1000))])
      if answer.status != 201 { refused = answer }
    }
    let answer = try #require(refused, "The disk never became full.")
    #expect(answer.status == 503 && answer.code == "storage.full" && answer.detail.contains("space"), "\(answer.status) \(answer.text)")
    #expect(try await server.ask("GET", "/organizations/before", token).status == 200)
    #expect(try await server.ask("GET", "/organizations/before/events/verification", token).json["intact"] == true)
    try disk.makeSpace()
    try await eventually("writing works again") { try await server.ask("POST", "/organizations", token, body: ["name": "After", "slug": "after"]).status == 201 }
    try await onThread {
      server.kill()
      try server.restart()
    }
    #expect(try await server.ask("GET", "/organizations/after/events/verification", token).json["intact"] == true)
    #expect(try await sqlite(disk.folder.appending(path: "guildhall.db"), "PRAGMA integrity_check") == "ok")
  }

  @Test("A copy that is made while the server writes is whole, and becomes a server of its own with its key")
  func backup() async throws {
    try await withFolder { folder in
      let path = folder.appending(path: "hall.db").path
      let server = try await GuildhallProcess.start(database: path, in: folder, with: ["--rate-limits", "off"])
      defer { server.stop() }
      let token = try await server.signUp()
      #expect(try await server.ask("POST", "/organizations", token, body: ["name": "Before", "slug": "before"]).status == 201)
      let writing = Task {
        for turn in 0..<10_000 where !Task.isCancelled { _ = try await server.ask("POST", "/organizations", token, body: ["name": "Hall", "slug": .string("during-\(turn)")]) }
      }
      let made = try await GuildhallProcess.run(["backup", "copy.db", "--database", path], in: folder)
      #expect(made.status == 0 && made.output.contains("hall.db.key"), "\(made.errors)")
      writing.cancel()
      _ = await writing.result
      #expect(try await server.ask("POST", "/organizations", token, body: ["name": "After", "slug": "after"]).status == 201)
      let again = try await GuildhallProcess.run(["backup", "copy.db", "--database", path], in: folder)
      #expect(again.status != 0 && again.errors.contains("copy.db exists already; name a new file."), "\(again.errors)")
      let none = try await GuildhallProcess.run(["backup", "other.db", "--database", "missing.db"], in: folder)
      #expect(none.status == 1 && none.errors.contains("there is no such database") && !FileManager.default.fileExists(atPath: folder.appending(path: "missing.db").path), "\(none.errors)")
      #expect(try FileManager.default.attributesOfItem(atPath: folder.appending(path: "copy.db").path)[.posixPermissions] as? Int == 0o600)
      try FileManager.default.copyItem(atPath: "\(path).key", toPath: folder.appending(path: "copy.db.key").path)
      let restored = try await GuildhallProcess.start(database: folder.appending(path: "copy.db").path, in: folder, with: ["--rate-limits", "off"])
      defer { restored.stop() }
      #expect(try await restored.ask("GET", "/organizations/before", token).status == 200)
      #expect(try await restored.ask("GET", "/organizations/after", token).status == 404)
      #expect(try await restored.ask("GET", "/organizations/before/events/verification", token).text.contains("\"fault\"") == false)
    }
  }

  @Test("A database that a newer version has migrated is left alone")
  func newer() async throws {
    try await withFolder { folder in
      let path = folder.appending(path: "guildhall.db")
      #expect(try await GuildhallProcess.run(["migrate", "--database", path.path]).status == 0)
      _ = try await sqlite(path, "INSERT INTO migration (name, digest, at) VALUES ('9999-later', 'x', 0)")
      let (status, _, errors) = try await GuildhallProcess.run(["serve", "--database", path.path, "--listen", "127.0.0.1:0"])
      #expect(status == 1 && errors == "guildhall: This database was migrated by a newer version (9999-later); start that version instead.\n", "\(errors)")
    }
  }

  @Test("Two servers on one file of SQLite take turns, and lose nothing")
  func shared() async throws {
    let first = try await GuildhallProcess.start()
    defer { first.stop() }
    let token = try await first.signUp()
    try await withFolder { folder in
      let second = try await GuildhallProcess.start(database: first.folder.appending(path: "guildhall.db").path, in: folder)
      defer { second.stop() }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (number, server) in [first, second].enumerated() {
          group.addTask {
            for turn in 0..<25 {
              let answer = try await server.ask("POST", "/organizations", token, body: ["name": "Hall", "slug": .string("s\(number)-\(turn)")])
              #expect(answer.status == 201, "\(answer.text)")
            }
          }
        }
        try await group.waitForAll()
      }
      for server in [first, second] { #expect(try await server.ask("GET", "/organizations?limit=200", token).json["total"]?.number == 50) }
    }
  }
}

/// A write lock on a database of SQLite, held by a program of its own until it is ended.
private final class Lock: Sendable {
  private let input = Pipe()
  private let process = Process()

  init(_ file: URL) async throws {
    process.executableURL = Repository.root.appending(path: "Scripts/python")
    process.arguments = ["-c", "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE'); print('locked', flush=True); sys.stdin.read()", file.path]
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    _ = try await onThread { output.fileHandleForReading.availableData }
  }

  func end() {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}

/// Runs SQL on a file, outside of the product.
private func sqlite(_ file: URL, _ sql: String) async throws -> String {
  try await onThread {
    let process = Process()
    let output = Pipe()
    process.executableURL = Repository.root.appending(path: "Scripts/python")
    process.arguments = ["-c", "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); print(*[r[0] for r in c.execute(sys.argv[2])], sep='\\n')", file.path, sql]
    process.standardOutput = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

/// A file system of a few megabytes in memory.
private struct SmallDisk: Sendable {
  let folder: URL

  /// Mounting needs root, and a kernel that lets it.
  static let isPossible: Bool = {
    guard getuid() == 0, let disk = try? SmallDisk(mounting: 1) else { return false }
    disk.unmount()
    return true
  }()

  init(megabytes: Int) async throws { self = try await onThread { try SmallDisk(mounting: megabytes) } }

  private init(mounting megabytes: Int) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "guildhall-disk-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let process = try Process.run(URL(filePath: "/bin/mount"), arguments: ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", folder.path])
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      try? FileManager.default.removeItem(at: folder)
      throw CocoaError(.fileWriteNoPermission)
    }
  }

  private var ballast: URL { folder.appending(path: "ballast") }

  /// Takes all the space that is left.
  func fill() throws {
    _ = FileManager.default.createFile(atPath: ballast.path, contents: nil)
    let file = try FileHandle(forWritingTo: ballast)
    defer { try? file.close() }
    while (try? file.write(contentsOf: Data(count: 4096))) != nil {}
  }

  func makeSpace() throws { try FileManager.default.removeItem(at: ballast) }

  func unmount() {
    let process = try? Process.run(URL(filePath: "/bin/umount"), arguments: ["--lazy", folder.path])
    process?.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }
}

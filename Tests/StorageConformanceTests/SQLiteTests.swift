import Foundation
import Kernel
import Storage
import StorageSQLite
import Testing

private let moments: @Sendable () -> Moment = { Moment(now: Timestamp(milliseconds: 1), draw: { 1 }) }

/// A chain of which each link must exist at the commit, not before.
private let links = "CREATE TABLE link (id BIGINT PRIMARY KEY NOT NULL, next BIGINT NOT NULL REFERENCES link (id) DEFERRABLE INITIALLY DEFERRED, text TEXT)"

/// What SQLite does beyond the port's promises.
@Suite(.timeLimit(.minutes(5))) struct SQLiteTests {
  private func withFile(body: (SQLiteDatabase, String) async throws -> Void) async throws {
    try await withFolder { folder in
      let path = folder.appending(path: "store.db").path
      var options = SQLiteDatabase.Options()
      options.patience = .seconds(60)
      let db = try SQLiteDatabase(path: path, options: options, moments: moments)
      try await body(db, path)
      try await db.close()
    }
  }

  @Test("A file commits durably, in WAL mode, with foreign keys enforced, and only its owner reads it")
  func settings() async throws {
    try await withFile { db, path async throws in
      let setting = { (sql: Statement) in try await db.write { tx in try tx.row(sql, under: Allowed()) } }
      #expect(try await setting("PRAGMA synchronous")?.integer("synchronous") == 2, "FULL")
      #expect(try await setting("PRAGMA journal_mode")?.text("journal_mode") == "wal")
      #expect(try await setting("PRAGMA foreign_keys")?.integer("foreign_keys") == 1)
      try await db.make([links])
      for file in [path, path + "-wal", path + "-shm"] {
        let permissions = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(permissions == 0o600, "\(file)")
      }
    }
  }

  @Test("Statements are answered rightly however many different ones there are, the first of them again at the end")
  func manyShapes() async throws {
    try await withFile { db, _ async throws in
      // More than are kept prepared.
      for length in Array(1...1100) + [1, 2] {
        #expect(try await db.read { tx in try tx.count("SELECT \(length) AS n WHERE \(length) IN (\(list: 1...length))") } == length)
      }
    }
  }

  @Test("What is looked up by many values of a longer key is searched for, not read through")
  func lookupPlans() async throws {
    try await withFile { db, _ async throws in
      try await db.make(["CREATE TABLE entry (book BIGINT NOT NULL, number BIGINT NOT NULL, id TEXT NOT NULL, note TEXT, PRIMARY KEY (book, number)) WITHOUT ROWID"])
      try await db.make(["CREATE UNIQUE INDEX entry_id ON entry (book, id)"])
      let plan = { (query: Statement) in
        try await db.read { tx in try tx.rows("EXPLAIN QUERY PLAN \(query)").map { row in try row.text("detail") } }.joined(separator: "; ")
      }
      for count in [1, 3, 200] {
        let ids = (0..<count).map { "id \($0)" }
        let wanted = try await plan("SELECT e.note FROM \(values: ids) AS wanted CROSS JOIN entry e WHERE e.book = \(1) AND e.id = wanted.column1")
        #expect(wanted.contains("entry_id (book=? AND id=?)"), "\(wanted)")
      }
      // Why: the shorter key seems to leave less.
      #expect(!(try await plan("SELECT e.note FROM entry e WHERE e.book = \(1) AND e.id IN (\(list: ["a", "b", "c"]))").contains("id=?")))
    }
  }

  /// Runs units so that they wait together, and so are committed together.
  private func together(_ db: SQLiteDatabase, _ bodies: [@Sendable (any Transaction) throws -> Void]) async throws -> [Problem.Code?] {
    let gate = Gate()
    let holder = Task { try await db.write { _ in gate.pass() } }
    await gate.waitForEntry()
    var tasks: [Task<Void, any Error>] = []
    for body in bodies {
      tasks.append(Task { try await db.write(body) })
      try await Task.sleep(for: .milliseconds(5))
    }
    try await Task.sleep(for: .milliseconds(50))
    gate.open()
    try await holder.value
    var codes: [Problem.Code?] = []
    for task in tasks {
      switch await task.result {
      case .success: codes.append(nil)
      case .failure(let error): codes.append((error as? Problem)?.code)
      }
    }
    return codes
  }

  @Test("Of units that are committed together, those that refuse leave nothing and the others all")
  func savepoints() async throws {
    try await withFile { db, _ async throws in
      try await db.make([links])
      let odd = Problem.Code("test.odd", .conflict, "Odd")
      let runs = Counter()
      let codes = try await together(
        db,
        (0..<30).map { id in
          { tx in
            runs.next()
            try tx.change("INSERT INTO link VALUES (\(id), \(id), 'x')", under: Allowed())
            if id % 2 == 1 { throw Problem(odd, "Odd.") }
          }
        })
      #expect(codes == (0..<30).map { $0 % 2 == 1 ? odd : nil })
      #expect(runs.value <= 2 * 30, "however many are refused, no unit runs more than twice")
      #expect(try await db.rows("SELECT id FROM link ORDER BY id").map { try $0.integer("id") } == Array(stride(from: 0, to: 30, by: 2)))
    }
  }

  @Test("A unit that breaks the common commit fails alone, and who was refused because of what it wrote is asked again")
  func brokenCommit() async throws {
    try await withFile { db, _ async throws in
      try await db.make([links])
      let taken = Problem.Code("test.taken", .conflict, "Taken")
      let runs = Counter()
      let codes = try await together(
        db,
        [
          { tx in
            runs.next()
            try tx.change("INSERT INTO link VALUES (1, 1, 'good')", under: Allowed())
          },
          { tx in try tx.change("INSERT INTO link VALUES (2, 99, 'dangling')", under: Allowed()) },
          { tx in
            guard try tx.count("SELECT count(*) AS n FROM link WHERE text = 'dangling'") == 0 else { throw Problem(taken, "Taken.") }
            try tx.change("INSERT INTO link VALUES (3, 3, 'dangling')", under: Allowed())
          },
        ])
      #expect(codes == [nil, .constraint, nil])
      #expect(runs.value == 2, "they did share a transaction")
      #expect(try await db.rows("SELECT id FROM link ORDER BY id").map { try $0.integer("id") } == [1, 3])
    }
  }

  @Test("A full disk refuses clearly what doesn't fit, and keeps everything else")
  func full() async throws {
    try await withFile { db, path async throws in
      try await db.make([links])
      try await db.change("INSERT INTO link VALUES (0, 0, 'before')")
      let pages = try await db.write { try $0.row("PRAGMA page_count")?.integer("page_count") } ?? 0
      _ = try await db.write { try $0.row(Statement(migration: "PRAGMA max_page_count = \(pages + 4)")) }
      let huge = String(repeating: "x", count: 1_000_000)
      let problem = await expectProblem(.full) { try await db.change("INSERT INTO link VALUES (9, 9, \(huge))") }
      #expect(problem?.kind == .unavailable)
      let codes = try await together(
        db,
        (1...6).map { id in { tx in try tx.change("INSERT INTO link VALUES (\(id), \(id), \(id == 4 ? huge : "small"))", under: Allowed()) } })
      #expect(codes == [nil, nil, nil, .full, nil, nil])
      await expectProblem(.full, "even if the body looks away") {
        try await db.write { tx in
          try tx.change("INSERT INTO link VALUES (7, 7, 'small')", under: Allowed())
          _ = try? tx.change("INSERT INTO link VALUES (8, 8, \(huge))", under: Allowed())
        }
      }
      _ = try await db.write { try $0.row("PRAGMA max_page_count = 1000000") }
      #expect(try await db.change("INSERT INTO link VALUES (9, 9, \(huge))") == 1, "when there is space again")
      #expect(try await db.rows("SELECT id FROM link ORDER BY id").map { try $0.integer("id") } == [0, 1, 2, 3, 5, 6, 9])
      #expect(try await db.rows("PRAGMA integrity_check").first?.text("integrity_check") == "ok")
    }
  }

  @Test("A file that another program has locked is unavailable for now, and serves on afterwards")
  func locked() async throws {
    try await withFile { other, path async throws in
      try await other.make([links])
      var options = SQLiteDatabase.Options()
      options.busyTimeout = .milliseconds(100)
      let db = try SQLiteDatabase(path: path, options: options, moments: moments)
      let gate = Gate()
      let holder = Task { try await other.write { _ in gate.pass() } }
      await gate.waitForEntry()
      let problem = await expectProblem(.unavailable) { try await db.change("INSERT INTO link VALUES (1, 1, 'x')") }
      #expect(problem?.retryAfter != nil)
      #expect(try await db.integer("SELECT count(*) AS n FROM link") == 0, "reading goes on")
      gate.open()
      try await holder.value
      #expect(try await db.change("INSERT INTO link VALUES (1, 1, 'x')") == 1)
      try await db.close()
    }
  }

  @Test("Two programs that write to one file lose nothing")
  func twoPrograms() async throws {
    try await withFile { first, path async throws in
      try await first.make(["CREATE TABLE tally (n BIGINT NOT NULL)", "INSERT INTO tally VALUES (0)"])
      var options = SQLiteDatabase.Options()
      (options.patience, options.busyTimeout) = (.seconds(60), .seconds(60))
      let second = try SQLiteDatabase(path: path, options: options, moments: moments)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<200 {
          group.addTask {
            try await (number % 2 == 0 ? first : second).write { tx in
              let n = try tx.row("SELECT n FROM tally")?.integer("n") ?? -1
              try tx.change("UPDATE tally SET n = \(n + 1)", under: Allowed())
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await second.integer("SELECT n FROM tally") == 200)
      try await second.close()
    }
  }

  @Test("What a crash leaves behind opens with everything that was answered and nothing that wasn't")
  func crash() async throws {
    try await withFile { db, path async throws in
      try await db.make([links])
      for id in 1...50 { try await db.change("INSERT INTO link VALUES (\(id), \(id), 'answered')") }
      let gate = Gate()
      let unfinished = Task {
        try await db.write { tx in
          // More than the page cache holds, so that uncommitted pages are in the log already.
          for id in 100..<400 { try tx.change("INSERT INTO link VALUES (\(id), \(id), \(String(repeating: "x", count: 20_000)))", under: Allowed()) }
          gate.pass()
        }
      }
      await gate.waitForEntry()
      // The files as they are now are what a killed process leaves, byte for byte.
      let left = path + ".left"
      try FileManager.default.copyItem(atPath: path, toPath: left)
      try FileManager.default.copyItem(atPath: path + "-wal", toPath: left + "-wal")
      gate.open()
      try await unfinished.value
      let again = try SQLiteDatabase(path: left, moments: moments)
      #expect(try await again.integer("SELECT count(*) AS n FROM link") == 50)
      #expect(try await again.rows("PRAGMA integrity_check").first?.text("integrity_check") == "ok")
      #expect(try await again.change("INSERT INTO link VALUES (60, 60, 'after')") == 1)
      try await again.close()
    }
  }

  @Test("A log that was cut anywhere opens with whole transactions only", arguments: [0.1, 0.35, 0.5, 0.77, 0.93, 0.999])
  func cutLog(_ share: Double) async throws {
    try await withFile { db, path async throws in
      try await db.make([links])
      for pair in 0..<40 {
        try await db.write { tx in
          try tx.change("INSERT INTO link VALUES (\(pair * 2), \(pair * 2 + 1), \(String(repeating: "a", count: 3000)))", under: Allowed())
          try tx.change("INSERT INTO link VALUES (\(pair * 2 + 1), \(pair * 2), \(String(repeating: "b", count: 3000)))", under: Allowed())
        }
      }
      let left = path + ".left"
      try FileManager.default.copyItem(atPath: path, toPath: left)
      let log = try Data(contentsOf: URL(filePath: path + "-wal"))
      try log.prefix(Int(Double(log.count) * share)).write(to: URL(filePath: left + "-wal"))
      let again = try SQLiteDatabase(path: left, moments: moments)
      guard try await again.integer("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'link'") == 1 else { return try await again.close() }
      let count = try await again.integer("SELECT count(*) AS n FROM link")
      #expect(count % 2 == 0 && count < 80)
      #expect(try await again.integer("SELECT count(*) AS n FROM link WHERE next NOT IN (SELECT id FROM link)") == 0)
      try await again.close()
    }
  }

  @Test("What isn't a database is told in one sentence that says what to do")
  func notADatabase() async throws {
    try await withFolder { folder async throws in
      let text = folder.appending(path: "letter.txt")
      try Data(String(repeating: "Dear Ada, this is no database. ", count: 500).utf8).write(to: text)
      let cases = [(text.path, "not a SQLite database"), (folder.path, "can't be opened"), (folder.appending(path: "none/store.db").path, "can't be opened"), ("/proc/guildhall.db", "can't be opened")]
      for (path, words) in cases {
        let problem = await expectProblem(.unusable) { try SQLiteDatabase(path: path, moments: moments) }
        #expect(problem?.detail.contains(path) == true)
        #expect(problem?.detail.contains(words) == true, "\(String(describing: problem))")
      }
      #expect(try Data(contentsOf: text).count == 15_500, "and it is left as it was")
    }
  }

  @Test("A damaged file is told as damaged, wherever it shows")
  func damaged() async throws {
    try await withFolder { folder async throws in
      let path = folder.appending(path: "store.db").path
      let db = try SQLiteDatabase(path: path, moments: moments)
      try await db.make([links])
      try await db.write { tx in for id in 1...2000 { try tx.change("INSERT INTO link VALUES (\(id), \(id), \(String(repeating: "x", count: 200)))", under: Allowed()) } }
      try await db.close()
      var bytes = try Data(contentsOf: URL(filePath: path))
      for place in stride(from: 4096, to: bytes.count, by: 7) { bytes[place] = 0x5A }
      try bytes.write(to: URL(filePath: path))
      await expectProblem(.unusable) {
        let again = try SQLiteDatabase(path: path, moments: moments)
        _ = try await again.integer("SELECT sum(length(text)) AS n FROM link")
      }
    }
  }

  @Test("A back-up is one consistent state, taken while others write, and never overwrites")
  func backup() async throws {
    try await withFile { db, path async throws in
      try await db.make([links])
      let writer = Task {
        for pair in 0..<300 {
          try await db.write { tx in
            try tx.change("INSERT INTO link VALUES (\(pair * 2), \(pair * 2), \(String(repeating: "a", count: 500)))", under: Allowed())
            try tx.change("INSERT INTO link VALUES (\(pair * 2 + 1), \(pair * 2 + 1), 'b')", under: Allowed())
          }
        }
      }
      for copy in 1...3 {
        try await Task.sleep(for: .milliseconds(10))
        let target = path + ".copy\(copy)"
        try await db.backup(to: target)
        let restored = try SQLiteDatabase(path: target, moments: moments)
        #expect(try await restored.integer("SELECT count(*) AS n FROM link") % 2 == 0)
        #expect(try await restored.rows("PRAGMA integrity_check").first?.text("integrity_check") == "ok")
        try await restored.close()
        await expectProblem(.backupExists) { try await db.backup(to: target) }
        #expect(!FileManager.default.fileExists(atPath: target + ".partial"))
      }
      try await writer.value
      await expectProblem(.unusable) { try await db.backup(to: "/proc/none/copy.db") }
      let memory = try SQLiteDatabase(path: nil, moments: moments)
      try await memory.make([links, "INSERT INTO link VALUES (1, 1, 'kept')"])
      try await memory.backup(to: path + ".memory")
      let restored = try SQLiteDatabase(path: path + ".memory", moments: moments)
      #expect(try await restored.texts("SELECT text AS t FROM link") == ["kept"])
      try await restored.close()
    }
  }
}

import Contract
import Foundation
import Testing
import TestSupport

/// What an operator can get wrong: each stops the start with one line that says what to do.
@Suite struct SettingsTests {
  private func start(_ arguments: [String], environment: [String: String] = [:], in folder: URL) async throws -> (status: Int32, output: String, errors: String) {
    try await GuildhallProcess.run(["serve", "--database", "hall.db", "--listen", "127.0.0.1:0"] + arguments, environment: environment, in: folder)
  }

  @Test(
    "A wrong value stops the start with one line",
    arguments: [
      ("database", "mysql://db/hall", "must be a file's path or a postgres:// address"), ("database", "missing/hall.db", "its folder doesn't exist"), ("database", "folder", "this is a folder"),
      ("database", "text.txt", "this is not a SQLite database"), ("listen", "8080", "must be a host and a port"), ("listen", ":80", "must be a host and a port"),
      ("listen", "127.0.0.1:99999", "must be a host and a port"), ("listen", "203.0.113.9:8080", "doesn't have this address"), ("listen", "nowhere.invalid:8080", "no host of this name"),
      ("public-url", "guildhall", "must be where people reach the console"), ("public-url", "ftp://hall.example", "must be where people reach the console"),
      ("public-url", "https://hall.example/path", "without a path"), ("public-url", "https://u:hunter2@hall.example", "without a path or a password"), ("smtp", "mail.example", "has to look like smtp://"), ("smtp", "smtp://ada:hunter2@", "lacks a host name"),
      ("mail-from", "nobody", "--mail-from"), ("mail-reply-to", "nobody", "--mail-reply-to"), ("trusted-proxies", "two", "must be a whole number from 0 to 10"),
      ("trusted-proxies", "11", "must be a whole number from 0 to 10"), ("rate-limits", "maybe", "must be on or off"), ("log-level", "loud", "must be trace, debug"),
      ("log-format", "xml", "must be text or json"), ("maintenance", "\u{7}", "Leave out control characters"), ("asset-folder", "missing", "must be a folder that is there"), ("config-file", "missing.yaml", "can't be read"),
      ("config-file", "text.txt", "must hold all settings under one name"), ("config-file", "misspelt.yaml", "holds \"databse\", which is no setting"),
      ("config-file", "wrong.yaml", "must be a whole number from 0 to 10"), ("config-file", "list.yaml", "must give one text for listen"),
      ("zenml-path", "zenml", "must be a path in small letters"), ("zenml-path", "/zenml/", "must be a path"), ("zenml-path", "/api/v1/zenml", "its own addresses"),
      ("zenml-path", "/acme/v1", "that an organization could be called"), ("apolo-path", "/zenml/api/v1", "must stand apart"),
      ("apolo-admin-path", "/apolo/api/v1/admin", "must stand apart"),
      ("secret-key-file", "missing.key", "can't be read"), ("secret-key-file", "folder", "can't be read"), ("secret-key-file", "text.txt", "32 random bytes"), ("secret-key-file", "empty", "holds no key"),
    ])
  func wrong(name: String, value: String, reason: String) async throws {
    try await withFolder { folder in
      try FileManager.default.createDirectory(at: folder.appending(path: "folder"), withIntermediateDirectories: true)
      let files = [
        "text.txt": "just a text", "empty": "", "misspelt.yaml": "guildhall:\n  databse: x.db\n", "wrong.yaml": "guildhall:\n  trusted-proxies: 99\n", "list.yaml": "guildhall:\n  listen: [a]\n",
      ]
      for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
      // Both ways to write a flag, since services' usual one goes past the parser.
      for arguments in [["--\(name)", value], ["--\(name)=\(value)"]] {
        let (status, output, errors) = try await start(arguments, in: folder)
        #expect(status == 1 && output.isEmpty)
        let lines = errors.split(separator: "\n").filter { !$0.contains(" NOTICE ") }
        #expect(lines.count == 1 && errors.contains("guildhall: --") && errors.contains(reason) && !errors.contains("..\n"), "\(arguments): \(errors)")
        #expect(!errors.contains("hunter2"))
      }
    }
  }

  @Test("Where mails are to go out and the library for them can't be loaded, the start says so; without a mail server nobody needs it")
  func library() async throws {
    try await withFolder { folder in
      try Data("no library".utf8).write(to: folder.appending(path: "libcurl.so.4"))
      let environment = ["LD_LIBRARY_PATH": folder.path]
      let (status, _, errors) = try await start(["--smtp", "smtp://127.0.0.1:25"], environment: environment, in: folder)
      #expect(status == 1 && errors.contains("--smtp") && errors.contains("apt-get install libcurl4"), "\(errors)")
      #expect(try await GuildhallProcess.run(["migrate", "--database", "hall.db"], environment: environment, in: folder).status == 0)
    }
  }

  @Test("A server that is closed for maintenance says so without opening the database")
  func maintenance() async throws {
    let server = try await GuildhallProcess.start(database: "postgres://127.0.0.1:1/hall", with: ["--maintenance", "Back at 14:00 UTC."])
    defer { server.stop() }
    let answer = try await server.ask("GET", "/organizations", nil)
    #expect(answer.status == 503 && answer.json["code"]?.text == "maintenance" && answer.json["detail"]?.text == "Back at 14:00 UTC.")
  }

  @Test("PostgreSQL needs a key that all servers share, and an address that can't be reached is told without its password")
  func postgres() async throws {
    try await withFolder { folder in
      let without = try await start(["--database", "postgres://ada:hunter2@127.0.0.1:1/hall"], in: folder)
      #expect(without.status == 1 && without.errors.contains("--secret-key-file (GUILDHALL_SECRET_KEY_FILE) isn't given: it must name a file"), "\(without.errors)")
      let key = try secretKeyFile(in: folder)
      let gone = try await start(["--database", "postgres://ada:hunter2@127.0.0.1:1/hall", "--secret-key-file", key], in: folder)
      #expect(gone.status == 1 && gone.errors.contains("--database") && gone.errors.contains("Connection refused") && !gone.errors.contains("hunter2"), "\(gone.errors)")
      let unreadable = try await start(["--database", "postgres://ada:hunter2@[::1", "--secret-key-file", key], in: folder)
      #expect(unreadable.status == 1 && unreadable.errors.contains("can't be read") && !unreadable.errors.contains("hunter2"), "\(unreadable.errors)")
    }
  }

  @Test("The environment is heard as flags are, flags go first, and a file is heard last")
  func precedence() async throws {
    try await withFolder { folder in
      try Data("guildhall:\n  rate-limits: off\n  trusted-proxies: 1\n  log-level: loud\n".utf8).write(to: folder.appending(path: "hall.yaml"))
      let file = try await start(["--config-file", "hall.yaml"], in: folder)
      #expect(file.errors.contains("\"loud\""), "\(file.errors)")
      let variable = try await start([], environment: ["GUILDHALL_CONFIG_FILE": "hall.yaml", "GUILDHALL_LOG_LEVEL": "info", "GUILDHALL_TRUSTED_PROXIES": "many"], in: folder)
      #expect(variable.errors.contains("\"many\""), "\(variable.errors)")
      let flag = try await start(["--trusted-proxies", "few"], environment: ["GUILDHALL_TRUSTED_PROXIES": "many"], in: folder)
      #expect(flag.errors.contains("\"few\""), "\(flag.errors)")
    }
  }

  @Test("A port that another program uses is told")
  func port() async throws {
    let server = try await GuildhallProcess.start()
    defer { server.stop() }
    try await withFolder { folder in
      let second = try await start(["--listen", "127.0.0.1:\(server.port)"], in: folder)
      #expect(second.status == 1 && second.errors.contains("another program listens there already"), "\(second.errors)")
    }
  }

  @Test("A folder that can't be written to is told", .enabled(if: getuid() == 0, "Only root can become somebody else."))
  func readOnly() async throws {
    try await withFolder { folder in
      try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path)
      let (status, errors) = try await onThread {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/setpriv")
        process.arguments = ["--reuid=nobody", "--regid=nogroup", "--clear-groups", try GuildhallProcess.executable().path, "serve", "--database", folder.appending(path: "hall.db").path]
        process.standardError = pipe
        try process.run()
        let errors = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, errors)
      }
      #expect(status == 1 && errors.contains("its folder can't be written to"), "\(errors)")
    }
  }

  @Test("A database whose key is gone doesn't get a new one, and a key that all can read is told")
  func key() async throws {
    try await withFolder { folder in
      #expect(try await GuildhallProcess.run(["migrate", "--database", "hall.db"], in: folder).status == 0)
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.appending(path: "hall.db.key").path)
      let open = try await GuildhallProcess.run(["migrate", "--database", "hall.db"], in: folder)
      #expect(open.status == 0 && open.errors.contains("chmod 600"), "\(open.errors)")
      try FileManager.default.removeItem(at: folder.appending(path: "hall.db.key"))
      let lost = try await GuildhallProcess.run(["migrate", "--database", "hall.db"], in: folder)
      #expect(lost.status == 1 && lost.errors.contains("put hall.db.key back"), "\(lost.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "hall.db.key").path))
    }
  }

  @Test("A key that isn't the database's is refused, unless the database's own stands beneath it")
  func anotherKey() async throws {
    try await withFolder { folder in
      #expect(try await GuildhallProcess.run(["migrate", "--database", "hall.db"], in: folder).status == 0)
      let own = try String(contentsOf: folder.appending(path: "hall.db.key"), encoding: .utf8)
      let another = try String(contentsOfFile: secretKeyFile(in: folder), encoding: .utf8)
      let refused = try await GuildhallProcess.run(["migrate", "--database", "hall.db", "--secret-key-file", "secret.key"], in: folder)
      #expect(refused.status == 1 && refused.errors.contains("--secret-key-file") && refused.errors.contains("sealed with another key"), "\(refused.errors)")
      try Data("\(another)\n\(own)".utf8).write(to: folder.appending(path: "both.key"))
      #expect(try await GuildhallProcess.run(["migrate", "--database", "hall.db", "--secret-key-file", "both.key"], in: folder).status == 0)
      #expect(try await GuildhallProcess.run(["migrate", "--database", "hall.db", "--secret-key-file", "secret.key"], in: folder).status == 0)
      #expect(try await GuildhallProcess.run(["migrate", "--database", "hall.db"], in: folder).status == 1)
    }
  }

  @Test("A key that isn't the database's is refused on PostgreSQL too")
  func anotherKeyOnPostgres() async throws {
    let database = try await PostgresServer.sharedServer().makeDatabase()
    try await withFolder { folder in
      let key = try secretKeyFile(in: folder)
      #expect(try await GuildhallProcess.run(["migrate", "--database", database, "--secret-key-file", key], in: folder).status == 0)
      #expect(try await GuildhallProcess.run(["migrate", "--database", database, "--secret-key-file", key], in: folder).status == 0)
      let another = try await GuildhallProcess.run(["migrate", "--database", database, "--secret-key-file", try secretKeyFile(in: folder)], in: folder)
      #expect(another.status == 1 && another.errors.contains("sealed with another key"), "\(another.errors)")
    }
  }

  @Test("A link is made for a database that is there, and for no other")
  func link() async throws {
    try await withFolder { folder in
      let missing = try await GuildhallProcess.run(["account", "link", "ada", "--database", "missing.db"], in: folder)
      #expect(missing.status == 1 && missing.errors.contains("there is no such database"), "\(missing.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }
}

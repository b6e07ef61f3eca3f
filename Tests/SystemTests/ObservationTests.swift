import Contract
import Foundation
import Testing
import TestSupport

/// What an operator sees of a running server: its log and its metrics.
@Suite struct ObservationTests {
  @Test("No secret of any kind is ever in the log, whose lines are JSON with the request's id")
  func log() async throws {
    let database = try await PostgresServer.freshDatabase().replacing("postgres@", with: "postgres:database-password@")
    try await withFolder { folder in
      let key = try secretKeyFile(in: folder)
      let server = try await GuildhallProcess.start(
        .demo, database: database, in: folder, with: ["--log-level", "trace", "--rate-limits", "off", "--secret-key-file", key, "--smtp", "smtp://mailer:mail-password@127.0.0.1:1"])
      defer { server.stop() }
      var secrets: Set<String> = [password, "database-password", "mail-password", "seven quiet boats at noon", "an idempotency key's own secret"]
      secrets.insert(try String(contentsOfFile: key, encoding: .utf8))
      func note(_ text: String) { for match in text.matches(of: /gld_[a-z]+_[A-Za-z0-9_-]{16,}/) { secrets.insert(String(match.output)) } }
      func ask(_ method: String, _ path: String, _ token: String? = nil, _ headers: [String: String] = [:], body: JSON? = nil) async throws -> HTTPExchange {
        let answer = try await server.ask(method, path, token, headers, body: body)
        note(answer.text)
        for header in answer.headers where header.name == "set-cookie" { secrets.insert(String(header.value.prefix { $0 != ";" }.drop { $0 != "=" }.dropFirst())) }
        return answer
      }

      note(server.output)
      let session = try #require(try await ask("POST", "/sessions", body: ["login": "ada", "password": .string(password)]).json["secret"]?.text)
      let token = try await ask("POST", "/account/tokens", session, body: ["name": "Robot", "scopes": ["organization:read"], "expires_in_days": 1])
      #expect(token.status == 201, "\(token.text)")
      let bearer = try #require(token.json["secret"]?.text)
      #expect(try await ask("GET", "/organizations", bearer).status == 200)
      #expect(try await ask("POST", "/organizations", bearer, body: ["name": "No", "slug": "no"]).status == 403)
      let sent = try await ask("POST", "/organizations/analytical-engines/invitations", session, ["Idempotency-Key": "k1"], body: ["email": "pat@log.example", "roles": ["member"]])
      let link = try #require(sent.json["link"]?.text, "\(sent.text)")
      let secret = String(link.split(separator: "=").last ?? "")
      _ = try await ask("POST", "/invitation-links", body: ["token": .string(secret)])
      let joined = try await ask("POST", "/accounts", body: ["email": "pat@log.example", "name": "Pat", "handle": "pat", "password": "seven quiet boats at noon", "invitation": .string(secret)])
      #expect(joined.status == 201, "\(joined.text)")
      _ = try await ask("PUT", "/invitation-links/acceptance", joined.json["secret"]?.text, body: ["token": .string(secret)])
      _ = try await ask("POST", "/account/emails", session, body: ["email": "ada@second.example"])
      _ = try await ask("POST", "/password-resets", body: ["email": "mary@analytical.example"])
      _ = try await ask("DELETE", "/organizations/analytical-engines?confirm=analytical-engines", session)
      _ = try await ask("PUT", "/sessions/current/confirmation", session, body: ["password": .string(password)])
      // Secrets where they don't belong, and such as are almost right.
      for wrong in ["\(session)x", "Basic \(bearer)", "\(password)"] { _ = try await ask("GET", "/account", wrong) }
      for path in ["/join?token=\(secret)", "/reset-password?token=\(bearer)", "/sign-in?login=ada&password=seven%20quiet%20boats%20at%20noon", "/\(session)", "/outbox", "/problems/\(bearer)", "/\(bearer)/\(secret)"] {
        let page = try await onThread { try HTTPExchange.send("GET", path, port: server.port, token: session, ["Cookie": "guildhall=\(session)"]) }
        note(page.text)
        for mail in page.text.matches(of: /href="(\/outbox\/[^"]+)"/) {
          let address = String(mail.output.1)
          note(try await onThread { try HTTPExchange.send("GET", address, port: server.port, token: session) }.text)
        }
      }
      _ = try await ask("POST", "/sessions", body: ["login": .string(session), "password": .string(bearer), "nonsense": .string(secret)])
      _ = try await onThread { try HTTPExchange.send("POST", "/sign-in", port: server.port, ["Content-Type": "application/x-www-form-urlencoded"], body: .string("login=ada&password=\(password)")) }
      _ = try await onThread {
        let connection = try Loopback(port: server.port)
        try connection.send("GET /\(session)\u{1} HTTP/1.1\r\nAuthorization: Bearer \(bearer)\r\n\r\n")
        return try connection.receive()
      }
      try await Task.sleep(for: .seconds(1))
      server.askToStop()
      #expect(try await onThread { server.exitStatus() } == 0)

      #expect(secrets.count > 12, "Too few kinds of secrets were seen to say anything: \(secrets.count)")
      let log = server.log
      for secret in secrets where secret.count > 7 { #expect(!log.contains(secret), "The log holds \(secret)") }
      let lines = log.split(separator: "\n")
      #expect(lines.count > 50)
      for line in lines {
        let entry = try JSON(Array(line.utf8))
        #expect(entry["at"] != nil && entry["level"] != nil && entry["message"] != nil, "\(line)")
        if entry["message"] == "request" { #expect(entry["request_id"]?.text?.isEmpty == false && entry["route"] != nil && entry["status"] != nil, "\(line)") }
      }
    }
  }

  @Test("Prometheus' own checker is content with the metrics")
  func metrics() async throws {
    let server = try await GuildhallProcess.start()
    defer { server.stop() }
    let token = try await server.signUp()
    for path in ["/account", "/organizations/nowhere", "/organizations?limit=0", "/%zz"] { _ = try await server.ask("GET", path, token) }
    _ = try await server.ask("POST", "/organizations", token, body: ["name": "Hall", "slug": "hall"])
    let metrics = try await server.get("/metrics")
    #expect(metrics.status == 200 && metrics["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
    let (status, output) = try await onThread {
      let process = Process()
      let (input, output) = (Pipe(), Pipe())
      process.executableURL = URL(filePath: "/usr/bin/promtool")
      process.arguments = ["check", "metrics"]
      process.standardInput = input
      process.standardOutput = output
      process.standardError = output
      try process.run()
      try input.fileHandleForWriting.write(contentsOf: Data(metrics.body))
      try input.fileHandleForWriting.close()
      let text = output.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return (process.terminationStatus, String(decoding: text, as: UTF8.self))
    }
    #expect(status == 0 && output.isEmpty, "\(output)\n\(metrics.text)")
    #expect(metrics.text.contains(#"http_requests_total{method="POST",route="/api/v1/organizations",status="201"} 1"#))
    #expect(!metrics.text.contains("nowhere"), "A path is in the metrics.")
  }
}

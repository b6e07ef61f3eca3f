import Contract
import Foundation
import Testing
import TestSupport

@Suite struct ShutdownTests {
  @Test("Asked to stop, the server finishes what it has begun, takes nothing new, and ends with 0")
  func drains() async throws {
    let server = try await GuildhallProcess.start()
    defer { server.stop() }
    let token = try await server.signUp()
    try await onThread {
      // A request whose body is still on its way is one that has begun.
      let begun = try Loopback(port: server.port)
      let body = #"{"name":"Last Hall","slug":"last-hall"}"#
      let request = HTTPExchange.request("POST", "/api/v1/organizations", token: token, body: body)
      let idle = try Loopback(port: server.port)
      try idle.send(HTTPExchange.request("GET", "/healthz"))
      #expect(try idle.receive().status == 200)
      try begun.send(String(request.dropLast(10)))
      usleep(300_000)
      server.askToStop()
      #expect(idle.isEnded(), "An idle connection keeps the server.")
      var isRefused = false
      for _ in 0..<100 where !isRefused {
        do { _ = try Loopback(port: server.port) } catch { isRefused = true }
        usleep(20_000)
      }
      #expect(isRefused, "New connections are still taken.")
      #expect(server.isRunning)
      try begun.send(String(request.suffix(10)))
      let answer = try begun.receive()
      #expect(answer.status == 201, "\(answer.text)")
      #expect(server.exitStatus() == 0)
    }
    let log = try? FileManager.default.attributesOfItem(atPath: server.folder.appending(path: "guildhall.db-wal").path)
    #expect(log?[.size] as? Int ?? 0 == 0, "The database wasn't closed.")
    try await onThread { try server.restart() }
    #expect(try await server.ask("GET", "/organizations/last-hall", token).status == 200)
  }

  @Test("A client that never ends its request keeps the server no longer than twenty seconds")
  func patience() async throws {
    let server = try await GuildhallProcess.start()
    defer { server.stop() }
    let token = try await server.signUp()
    try await onThread {
      let begun = try Loopback(port: server.port)
      try begun.send(String(HTTPExchange.request("POST", "/api/v1/organizations", token: token, body: #"{"name":"Slow Hall"}"#).dropLast(10)))
      usleep(300_000)
      let asked = ContinuousClock.now
      server.askToStop()
      #expect(server.exitStatus() == 0)
      #expect(ContinuousClock.now - asked < .seconds(40), "The body alone may take sixty.")
    }
  }
}

import Contract
import CoreMetrics
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Logging
import Synchronization
import Testing

@testable import Server

@Suite struct ObservabilityTests {
  @Test("Instruments are shown in Prometheus' text format")
  func text() {
    let registry = MetricsRegistry()
    registry.describe("jobs_run_total", "Jobs that ran.")
    Counter(label: "jobs.run", dimensions: [("name", "a\"b\\c\nd")], factory: registry).increment(by: 2)
    Counter(label: "jobs.run", dimensions: [("name", "a\"b\\c\nd")], factory: registry).increment()
    Gauge(label: "queue-length", factory: registry).record(7)
    let timer = Timer(label: "wait", factory: registry)
    timer.recordMilliseconds(3)
    timer.recordSeconds(20)
    #expect(
      PrometheusText.render(registry) == """
        # HELP jobs_run_total Jobs that ran.
        # TYPE jobs_run_total counter
        jobs_run_total{name="a\\"b\\\\c\\nd"} 3
        # HELP queue_length Queue length.
        # TYPE queue_length gauge
        queue_length 7
        # HELP wait_seconds Wait seconds.
        # TYPE wait_seconds histogram
        wait_seconds_bucket{le="0.001"} 0
        wait_seconds_bucket{le="0.0025"} 0
        wait_seconds_bucket{le="0.005"} 1
        wait_seconds_bucket{le="0.01"} 1
        wait_seconds_bucket{le="0.025"} 1
        wait_seconds_bucket{le="0.05"} 1
        wait_seconds_bucket{le="0.1"} 1
        wait_seconds_bucket{le="0.25"} 1
        wait_seconds_bucket{le="0.5"} 1
        wait_seconds_bucket{le="1"} 1
        wait_seconds_bucket{le="2.5"} 1
        wait_seconds_bucket{le="5"} 1
        wait_seconds_bucket{le="10"} 1
        wait_seconds_bucket{le="+Inf"} 2
        wait_seconds_sum 20.003
        wait_seconds_count 2

        """)
  }

  @Test("A label with endless values doesn't fill the memory")
  func bounded() {
    let registry = MetricsRegistry()
    for number in 0..<6000 { Counter(label: "c", dimensions: [("n", "\(number)")], factory: registry).increment() }
    #expect(registry.snapshot.first?.family.cells.count == 5000)
  }

  @Test("Requests are counted by route, never by path")
  func requests() async throws {
    try await TestHouse().serve { client in
      for path in ["/api/v1/notes/1", "/api/v1/notes/2", "/nowhere/secret"] { _ = try await client.send(.get, path) }
      let text = try await client.send(.get, "/metrics").text
      #expect(text.contains(#"http_requests_total{method="GET",route="/api/v1/notes/{note}",status="200"} 1"#))
      #expect(text.contains(#"http_requests_total{method="GET",route="/api/v1/notes/{note}",status="404"} 1"#))
      #expect(text.contains(#"http_requests_total{method="GET",route="none",status="404"} 1"#))
      #expect(!text.contains("secret") && text.contains("process_resident_memory_bytes"))
    }
  }

  @Test("promtool has nothing to say about the metrics", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool")))
  func promtool() async throws {
    try await TestHouse().serve { client in
      _ = try await client.send(.get, "/api/v1/notes/1")
      let file = FileManager.default.temporaryDirectory.appending(path: "metrics-\(UUID()).txt")
      try Data(try await client.send(.get, "/metrics").text.utf8).write(to: file)
      defer { try? FileManager.default.removeItem(at: file) }
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/promtool")
      process.arguments = ["check", "metrics"]
      process.standardInput = try FileHandle(forReadingFrom: file)
      let words = Pipe()
      process.standardError = words
      process.standardOutput = words
      try process.run()
      let said = try words.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0 && said.isEmpty, "\(String(decoding: said, as: UTF8.self))")
    }
  }

  @Test("Logs name the request and hold no secret")
  func logs() async throws {
    let house = try await TestHouse()
    try await house.serve { client in
      _ = try await client.send(
        .get, "/hall/topsecret?token=topsecret",
        [.authorization: "Bearer topsecret", .cookie: "guildhall=topsecret", .requestID: "request-1", .traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"])
    }
    let line = try #require(house.sink.all.first { $0.contains("\"message\":\"request\"") })
    let entry = try JSON(Array(line.utf8.dropLast()))
    #expect(entry["request_id"] == "request-1" && entry["route"] == "/hall/{name}" && entry["status"] == "200" && entry["trace_id"] == "0af7651916cd43dd8448eb211c80319c")
    #expect(!house.sink.all.contains { $0.contains("topsecret") })
  }

  @Test("A line of the log stays one line, whatever is in it")
  func oneLine() {
    let lines = LineSink()
    for format in LogFormat.allCases {
      let handler = StructuredLogHandler("t", format: format, level: .info, clock: { Timestamp(milliseconds: 0) }, write: { lines.write($0) })
      Logger(label: "t", factory: { _ in handler }).info("first\nsecond", metadata: ["name": "a \"b\"\r\n2026 ERROR forged"])
    }
    #expect(lines.all.allSatisfy { $0.filter(\.isNewline).count == 1 })
    #expect(lines.all.first?.hasPrefix(#"1970-01-01T00:00:00.000Z INFO first\u{a}second name=""#) == true)
  }

  @Test("The server is ready while its database is, and until it drains")
  func health() async throws {
    try await TestHouse().serve { client in
      let (health, readiness) = (try await client.send(.get, "/healthz"), try await client.send(.get, "/readyz"))
      #expect(health.text == "alive\n" && readiness.text == "ready\n")
    }
  }
}

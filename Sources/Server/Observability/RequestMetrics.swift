import CoreMetrics
import Synchronization

/// Counts and times requests, by route and never by path.
struct RequestMetrics: Sendable {
  private let registry: MetricsRegistry
  private let inFlight: any MeterHandler

  init(_ registry: MetricsRegistry) {
    self.registry = registry
    registry.describe("http_requests_total", "Requests that were answered.")
    registry.describe("http_request_duration_seconds", "How long answers took.")
    registry.describe("http_requests_in_flight", "Requests that are being answered.")
    inFlight = registry.makeMeter(label: "http_requests_in_flight", dimensions: [])
  }

  func begin() { inFlight.increment(by: 1) }

  func end(method: String, route: String, status: Int, nanoseconds: Int64) {
    inFlight.decrement(by: 1)
    registry.makeCounter(label: "http_requests", dimensions: [("method", method), ("route", route), ("status", String(status))]).increment(by: 1)
    registry.makeTimer(label: "http_request_duration", dimensions: [("method", method), ("route", route)]).recordNanoseconds(nanoseconds)
  }
}

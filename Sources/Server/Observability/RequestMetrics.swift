import CoreMetrics
import Synchronization

/// Counts and times requests, by route and never by path.
struct RequestMetrics: Sendable {
  private let registry: MetricsRegistry
  private let inFlight: any MeterHandler
  private let instruments = Instruments()

  init(_ registry: MetricsRegistry) {
    self.registry = registry
    registry.describe("http_requests_total", "Requests that were answered.")
    registry.describe("http_request_duration_seconds", "How long answers took.")
    registry.describe("http_requests_in_flight", "Requests that are being answered.")
    inFlight = registry.makeMeter(label: "http_requests_in_flight", dimensions: [])
  }

  func begin() { inFlight.increment(by: 1) }

  /// A request that was begun is somebody else's now, who begins it anew.
  func handOn() { inFlight.decrement(by: 1) }

  func end(method: String, route: String, status: Int, nanoseconds: Int64) {
    inFlight.decrement(by: 1)
    let (counter, timer) = instruments.find(.init(method: method, route: route, status: status), in: registry)
    counter.increment(by: 1)
    timer.recordNanoseconds(nanoseconds)
  }

  /// Those that were made, so that names and labels are put together once and not for each request. There are as many as there are routes and statuses.
  private final class Instruments: Sendable {
    struct Key: Hashable {
      let method: String
      let route: String
      let status: Int
    }

    private let made = Mutex<[Key: (any CounterHandler, any TimerHandler)]>([:])

    func find(_ key: Key, in registry: MetricsRegistry) -> (any CounterHandler, any TimerHandler) {
      made.withLock { made in
        if let found = made[key] { return found }
        let labels = [("method", key.method), ("route", key.route)]
        let pair = (
          registry.makeCounter(label: "http_requests", dimensions: labels + [("status", String(key.status))]),
          registry.makeTimer(label: "http_request_duration", dimensions: labels))
        made[key] = pair
        return pair
      }
    }
  }
}

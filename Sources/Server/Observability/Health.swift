import Contract
import ControlPlane
import Hummingbird
import Kernel
import Synchronization

/// Whether the process lives, and whether it should get requests.
final class Health: Sendable {
  private let control: ControlPlane
  private let draining = Atomic(false)

  init(_ control: ControlPlane) { self.control = control }

  /// From now on the server says that it isn't ready.
  func drain() { draining.store(true, ordering: .releasing) }

  var isDraining: Bool { draining.load(ordering: .acquiring) }

  func routes(_ metrics: MetricsRegistry, _ process: ProcessMetrics) -> [Route] {
    [
      Route(.get, "/healthz", for: .program, isLimited: false) { _ in Response(200, "text/plain; charset=utf-8", Array("alive\n".utf8)) },
      Route(.get, "/readyz", for: .program, isLimited: false) { [self] _ async throws(Problem) in
        if isDraining { throw Problem(.unavailable, "This server is stopping.") }
        try await control.checkReadiness()
        return Response(200, "text/plain; charset=utf-8", Array("ready\n".utf8))
      },
      // Operators, with a token, are told of organizations too.
      Route(.get, "/metrics", for: .program, isLimited: false) { [self] exchange async throws(Problem) in
        process.update()
        var text = PrometheusText.render(metrics) + LimitMetrics.render(control.tallies)
        if exchange.caller.credential.digest != nil { text += LimitMetrics.render(try await control.alerts.figures(by: exchange.caller)) }
        return Response(200, PrometheusText.mediaType, Array(text.utf8))
      },
    ]
  }
}

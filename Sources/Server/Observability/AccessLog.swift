import Contract
import ControlPlane
import Hummingbird
import Kernel
import Logging

/// One line for each request: its route, never its path, query, cookies or headers, where secrets may stand.
enum AccessLog {
  static func write(_ exchange: Exchange, route: Route?, status: Int, bytes: Int?, nanoseconds: Int64, problem: Problem?) {
    let level: Logger.Level = route?.isLimited == false ? .debug : .info
    // Nothing is put together for a line that nobody reads.
    if exchange.log.logLevel <= level { exchange.logger.log(level: level, "request", metadata: summary(exchange, route, status, bytes, nanoseconds, problem)) }
    guard let problem, problem.code != .maintenance, problem.kind == .defect || problem.kind == .unavailable else { return }
    var cause: Logger.Metadata = ["code": "\(problem.code.name)", "detail": "\(problem.detail)"]
    if let error = problem.cause { cause["cause"] = "\(error)" }
    exchange.logger.log(level: problem.kind == .defect ? .error : .warning, problem.kind == .defect ? "defect" : "unavailable", metadata: cause)
  }

  /// The line of a request that was answered in the fast lane.
  static func write(_ log: Logger, _ id: RequestID, _ route: Route, _ status: Int, from address: String, bytes: Int, nanoseconds: Int64) {
    guard log.logLevel <= .info else { return }
    log.info(
      "request",
      metadata: [
        "request_id": "\(id)", "method": "\(route.method.rawValue)", "route": "\(route.template)", "status": "\(status)",
        "duration_ms": "\(Double(nanoseconds / 1000) / 1000)", "address": "\(address)", "bytes": "\(bytes)",
      ])
  }

  private static func summary(_ exchange: Exchange, _ route: Route?, _ status: Int, _ bytes: Int?, _ nanoseconds: Int64, _ problem: Problem?) -> Logger.Metadata {
    var metadata: Logger.Metadata = [
      "method": "\(exchange.method.rawValue)", "route": "\(route?.template ?? "none")", "status": "\(status)", "duration_ms": "\(Double(nanoseconds / 1000) / 1000)",
      "address": "\(exchange.caller.origin.address)",
    ]
    if let bytes { metadata["bytes"] = "\(bytes)" }
    if let problem { metadata["code"] = "\(problem.code.name)" }
    return metadata
  }
}

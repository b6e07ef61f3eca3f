import HTTPTypes
public import Hummingbird
public import HummingbirdCore
import Kernel
public import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// The web server around the edge: Hummingbird's, without what its own application adds for each request and at the start (a logger and an id of its own, a service
/// that writes the date), which is a tenth of the start and nothing that anybody here looks at.
public struct WebApplication: ApplicationProtocol {
  public let responder: Edge
  public let server: HTTPServerBuilder
  public let configuration: ApplicationConfiguration
  public let logger: Logger
  let clock: @Sendable () -> Timestamp
  let onReady: @Sendable (Int) async -> Void

  public func run() async throws {
    let date = DateField()
    let service = try server.buildServer(
      configuration: HummingbirdCore.ServerConfiguration(address: configuration.address), eventLoopGroup: eventLoopGroup, logger: logger,
      responder: { [self] request, writer, channel in
        var response = try await responder.respond(to: request, context: EdgeContext(source: .init(channel: channel, logger: logger)))
        response.headers.append(date.field(at: clock()))
        try await writer.write(response: response.head, body: response.body)
      },
      onServerRunning: { [self] channel in await onReady(channel.localAddress?.port ?? 0) })
    try await service.run()
  }
}

/// When an answer was made, written once a second.
final class DateField: Sendable {
  private let latest = Mutex<(second: Int64, field: HTTPField)>((.min, HTTPField(name: .date, value: "")))

  func field(at now: Timestamp) -> HTTPField {
    let second = now.milliseconds / 1000
    return latest.withLock { latest in
      if latest.second != second { latest = (second, HTTPField(name: .date, value: now.httpDate)) }
      return latest.field
    }
  }
}

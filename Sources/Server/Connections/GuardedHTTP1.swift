import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// HTTP/1.1 as Hummingbird speaks it, with a guard on every connection.
struct GuardedHTTP1: ServerChildChannel {
  typealias Value = HTTP1Channel.Value

  let channel: HTTP1Channel
  let makeGuard: @Sendable () -> ConnectionGuard

  /// Builds a server whose connections lie idle for no longer than `idleTime`.
  static func builder(idleTime: Duration, makeGuard: @escaping @Sendable () -> ConnectionGuard) -> HTTPServerBuilder {
    HTTPServerBuilder { responder in
      let configuration = HTTP1Channel.Configuration(
        idleTimeout: .seconds(idleTime.components.seconds),
        httpDecoderConfiguration: .init(maxHeaderFieldSize: ConnectionGuard.fieldLimit, maxHeaderListSize: ConnectionGuard.headLimit, maxHeaderFieldCount: ConnectionGuard.fieldCountLimit))
      return GuardedHTTP1(channel: HTTP1Channel(responder: responder, configuration: configuration), makeGuard: makeGuard)
    }
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    self.channel.setup(channel: channel, logger: logger).flatMapThrowing { [makeGuard] value in
      let pipeline = channel.pipeline.syncOperations
      try pipeline.addHandler(makeGuard(), position: .after(pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)))
      return value
    }
  }

  func handle(value: Value, logger: Logger) async { await channel.handle(value: value, logger: logger) }
}

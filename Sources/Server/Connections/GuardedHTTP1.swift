import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// HTTP/1.1 as Hummingbird speaks it, with a guard on every connection, and a lane beside it for what is answered at once.
struct GuardedHTTP1: ServerChildChannel {
  typealias Value = HTTP1Channel.Value

  let channel: HTTP1Channel
  let makeGuard: @Sendable () -> ConnectionGuard
  let fastAnswers: FastAnswers?

  /// Builds a server whose connections lie idle for no longer than `idleTime`.
  static func builder(
    idleTime: Duration, fastAnswers: FastAnswers?, makeGuard: @escaping @Sendable () -> ConnectionGuard
  ) -> HTTPServerBuilder {
    HTTPServerBuilder { responder in
      let configuration = HTTP1Channel.Configuration(
        idleTimeout: .seconds(idleTime.components.seconds),
        httpDecoderConfiguration: .init(maxHeaderFieldSize: ConnectionGuard.fieldLimit, maxHeaderListSize: ConnectionGuard.headLimit, maxHeaderFieldCount: ConnectionGuard.fieldCountLimit))
      return GuardedHTTP1(channel: HTTP1Channel(responder: responder, configuration: configuration), makeGuard: makeGuard, fastAnswers: fastAnswers)
    }
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    self.channel.setup(channel: channel, logger: logger).flatMapThrowing { [makeGuard, fastAnswers] value in
      let pipeline = channel.pipeline.syncOperations
      let connection = makeGuard()
      try pipeline.addHandler(connection, position: .after(pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)))
      if let fastAnswers { try pipeline.addHandler(FastLane(fastAnswers, before: connection), position: .first) }
      return value
    }
  }

  func handle(value: Value, logger: Logger) async { await channel.handle(value: value, logger: logger) }
}

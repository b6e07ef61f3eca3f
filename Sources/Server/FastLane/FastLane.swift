import ControlPlane
import NIOCore

/// Answers decisions on a connection where that needs nothing but memory, before anything of the framework is asked; hands on everything else as it came.
///
/// It stands first in the pipeline and sees bytes. A request that it answers must have come whole and alone, with no answer due before it, and be written so
/// that it can't be read in two ways (`PlainRequest`). One that comes in parts is handed on, and the lane waits for its end. Bytes that leave it unclear where
/// requests begin close the lane of their connection for good.
final class FastLane: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let answers: FastAnswers
  /// Knows which answers are due.
  private let connection: ConnectionGuard
  private var isClosed = false
  /// How many bytes are still to come of a request that was handed on.
  private var due = 0
  private var handedOn = ContinuousClock.now
  // Since the latest end of a read.
  private var (hasAnswered, hasHandedOn) = (false, false)

  init(_ answers: FastAnswers, before connection: ConnectionGuard) { (self.answers, self.connection) = (answers, connection) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosed else { return handOn(data, context) }
    let buffer = unwrapInboundIn(data)
    guard due == 0 else {
      due -= buffer.readableBytes
      isClosed = due < 0
      return handOn(data, context)
    }
    switch buffer.withUnsafeReadableBytes({ PlainRequest.read($0) }) {
    case .plain(let request):
      if connection.isIdle, let answer = answer(request, in: buffer, context) {
        hasAnswered = true
        return context.write(wrapOutboundOut(answer), promise: nil)
      }
    case .other: break
    case .begun(let due): self.due = due
    case .unclear: isClosed = true
    }
    handedOn = .now
    handOn(data, context)
  }

  private func handOn(_ data: NIOAny, _ context: ChannelHandlerContext) {
    hasHandedOn = true
    context.fireChannelRead(data)
  }

  /// Those behind hear of the end of a read that brought them something, or nobody anything: to them, one without a part is the beginning of a head.
  func channelReadComplete(context: ChannelHandlerContext) {
    if hasAnswered { context.flush() }
    if hasHandedOn || !hasAnswered { context.fireChannelReadComplete() }
    (hasAnswered, hasHandedOn) = (false, false)
  }

  /// Now and then a request goes the long way, so that those behind see that the connection isn't idle.
  private func answer(_ request: PlainRequest, in buffer: ByteBuffer, _ context: ChannelHandlerContext) -> ByteBuffer? {
    guard ContinuousClock.now - handedOn < answers.patience, let address = context.remoteAddress?.ipAddress else { return nil }
    return answers.answer(request, in: buffer, from: address, context.channel.allocator)
  }
}

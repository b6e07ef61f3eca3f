import ControlPlane
import NIOCore

/// Answers decisions on a connection where that needs nothing but memory, and charges when they are on the disk, before anything of the framework is asked;
/// hands on everything else as it came.
///
/// It stands first in the pipeline and sees bytes. A request that it answers must have come whole and alone, with no answer due before it, and be written so
/// that it can't be read in two ways (`PlainRequest`). One that comes in parts is handed on, and the lane waits for its end. Bytes that leave it unclear where
/// requests begin close the lane of their connection for good.
///
/// While it owes an answer itself, nothing else happens on the connection: what comes is held, nothing more is read, and who closes it has to wait.
final class FastLane: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let answers: FastAnswers
  /// Knows which answers are due behind the lane.
  private let connection: ConnectionGuard
  private var isClosed = false
  /// How many bytes are still to come of a request that was handed on.
  private var due = 0
  private var handedOn = ContinuousClock.now
  // Since the latest end of a read.
  private var (hasAnswered, hasHandedOn) = (false, false)
  private var owed: Owed?

  /// What waits while the lane owes an answer.
  private struct Owed {
    /// The request.
    let request: ByteBuffer
    /// What came after it.
    var held: [ByteBuffer] = []
    var wantsRead = false
    var closing: [(mode: CloseMode, promise: EventLoopPromise<Void>?)] = []
  }

  init(_ answers: FastAnswers, before connection: ConnectionGuard) { (self.answers, self.connection) = (answers, connection) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data)
    guard owed == nil else {
      owed?.held.append(buffer)
      return
    }
    guard !isClosed else { return handOn(buffer, context) }
    guard due == 0 else {
      due -= buffer.readableBytes
      isClosed = due < 0
      return handOn(buffer, context)
    }
    switch buffer.withUnsafeReadableBytes({ PlainRequest.read($0) }) {
    case .plain(let request) where connection.isIdle: if answer(request, in: buffer, context) { return }
    case .plain, .other: break
    case .begun(let due): self.due = due
    case .unclear: isClosed = true
    }
    handedOn = .now
    handOn(buffer, context)
  }

  /// Those behind hear of the end of a read that brought them something, or nobody anything: to them, one without a part is the beginning of a head.
  func channelReadComplete(context: ChannelHandlerContext) {
    if hasAnswered { context.flush() }
    if hasHandedOn || !hasAnswered && owed == nil { context.fireChannelReadComplete() }
    (hasAnswered, hasHandedOn) = (false, false)
  }

  func read(context: ChannelHandlerContext) {
    guard owed == nil else {
      owed?.wantsRead = true
      return
    }
    context.read()
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    guard owed == nil else {
      owed?.closing.append((mode, promise))
      return
    }
    context.close(mode: mode, promise: promise)
  }

  /// The client is gone: nobody waits for the answer any more.
  func channelInactive(context: ChannelHandlerContext) {
    let owed = owed
    self.owed = nil
    for closing in owed?.closing ?? [] { context.close(mode: closing.mode, promise: closing.promise) }
    context.fireChannelInactive()
  }

  private func handOn(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
    hasHandedOn = true
    context.fireChannelRead(wrapInboundOut(buffer))
  }

  /// Whether the lane answers, now or later. Now and then a request goes the long way, so that those behind see that the connection isn't idle.
  private func answer(_ request: PlainRequest, in buffer: ByteBuffer, _ context: ChannelHandlerContext) -> Bool {
    guard ContinuousClock.now - handedOn < answers.patience, let address = context.remoteAddress?.ipAddress else { return false }
    let loop = context.eventLoop
    let place = NIOLoopBound((lane: self, context: context), eventLoop: loop)
    let outcome = answers.answer(request, in: buffer, from: address, context.channel.allocator) { answer in
      loop.execute { place.value.lane.pay(answer, place.value.context) }
    }
    switch outcome {
    case .now(let answer):
      hasAnswered = true
      context.write(wrapOutboundOut(answer), promise: nil)
    case .later: owed = Owed(request: buffer)
    case .handOn: return false
    }
    return true
  }

  /// Gives the answer that is owed, or hands the request on, and then all that has come meanwhile.
  private func pay(_ answer: ByteBuffer?, _ context: ChannelHandlerContext) {
    guard let owed else { return }
    self.owed = nil
    if let answer {
      context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
    } else {
      handedOn = .now
      handOn(owed.request, context)
    }
    for buffer in owed.held { channelRead(context: context, data: wrapInboundOut(buffer)) }
    if hasHandedOn || hasAnswered { channelReadComplete(context: context) }
    if owed.wantsRead { read(context: context) }
    for closing in owed.closing { close(context: context, mode: closing.mode, promise: closing.promise) }
  }
}

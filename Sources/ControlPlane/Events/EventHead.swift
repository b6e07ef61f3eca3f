public import Kernel
public import Secrets

/// The end of a chain at an instant, signed by the installation: who keeps one can prove later that events behind it were cut off or rewritten.
public struct EventHead: Sendable, Hashable {
  public let stream: Stream
  /// The sequence of the last event; 0 where there is none yet.
  public let sequence: Int
  /// The hash of the last event; empty where there is none yet.
  public let hash: String
  /// When it was signed.
  public let at: Timestamp
  /// Names the key that signed.
  public let key: String
  public let signature: Signature

  /// What the key is for: no other signature of the installation can be taken for a head's.
  static let purpose = "event heads"

  static func signed(_ stream: Stream, _ end: (sequence: Int, hash: String), at now: Timestamp, with key: SigningKey) throws(Problem) -> EventHead {
    EventHead(
      stream: stream, sequence: end.sequence, hash: end.hash, at: now, key: key.verifyingKey.id,
      signature: try key.sign(message(stream, end.sequence, end.hash, now)))
  }

  /// Whether the holder of the key said exactly this.
  public func isSigned(by key: VerifyingKey) -> Bool { key.accepts(signature, of: Self.message(stream, sequence, hash, at)) }

  /// The same for the key as it is handed about; refuses a text that is no key.
  public func isSigned(byKey text: String) throws(Problem) -> Bool {
    isSigned(by: try Problem.checking("key") { () throws(Rejection) in try VerifyingKey(text) })
  }

  /// One field a line, none of which can hold the end of one.
  private static func message(_ stream: Stream, _ sequence: Int, _ hash: String, _ at: Timestamp) -> [UInt8] {
    Array("guildhall event head 1\n\(stream)\n\(sequence)\n\(hash)\n\(at.milliseconds)\n".utf8)
  }
}

public import Kernel

/// How decisions are followed; the defaults suit a server in the same data centre.
public struct DecisionOptions: Sendable {
  /// How long decisions go on without a word from the server; from then on every question is refused as `decisions.out_of_touch`. While all is well a word
  /// comes at least as often as `wait` says, so it should be several times that.
  public var staleness = Duration.seconds(90)
  /// How long the server keeps a request open where nothing changes: whole seconds, 1 to 30.
  public var wait = Duration.seconds(20)
  /// How long an answer of the server may take beyond that.
  public var patience = Duration.seconds(20)
  /// The pause before the second try when the server can't be reached; it doubles with each, up to `longestPause`.
  public var firstPause = Duration.milliseconds(100)
  public var longestPause = Duration.seconds(10)
  /// Whether the token may go unencrypted to another machine.
  public var allowsPlainHTTP = false
  /// The instant of a decision, by which memberships and grants end; the machine's own clock unless told. Decisions are as right as it is.
  public var clock: @Sendable () -> Timestamp = { Timestamp.now }

  public init() {}
}

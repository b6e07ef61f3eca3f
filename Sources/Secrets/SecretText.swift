/// A text that must not appear in logs, errors or dumps: whoever needs it has to call `reveal()`, which is easy to search for.
public struct SecretText: Sendable {
  private let text: String

  public init(_ text: String) { self.text = text }

  public func reveal() -> String { text }
}

extension SecretText: Equatable {
  /// Takes as long wherever the two differ.
  public static func == (one: Self, other: Self) -> Bool { equalInConstantTime(Array(one.text.utf8), Array(other.text.utf8)) }
}

extension SecretText: Redacted {}

/// A value that shows dots instead of itself, however it is printed, interpolated, dumped or reflected.
public protocol Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {}

extension Redacted {
  public var description: String { "•••" }
  public var debugDescription: String { "•••" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

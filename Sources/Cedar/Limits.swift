/// What the readers accept; beyond it they fail with a clear message instead of exhausting memory or stack.
public enum Limits {
  /// Bytes of one text of policies or one schema.
  public static let textSize = 64 << 20
  /// Bytes of one JSON document.
  public static let documentSize = 1 << 30
  /// How deep brackets, operators and JSON values may nest in one another.
  public static let nesting = 200
  /// How deep an expression may be; chains as `a && b && c` count one for each link.
  public static let expressionDepth = 1500
}

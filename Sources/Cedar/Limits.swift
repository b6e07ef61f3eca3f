/// What the readers accept; beyond it they fail with a clear message instead of exhausting memory or stack.
public enum Limits {
  /// Bytes of one text of policies or one schema.
  public static let textSize = 64 << 20
  /// Bytes of one JSON document.
  public static let documentSize = 1 << 30
  /// How deep brackets and conditionals of policies, types of schemas and JSON values may nest in one another.
  public static let nesting = 120
  /// How deep an expression may be; chains as `a && b && c` count one for each link.
  public static let expressionDepth = 500
  /// How deep policies in JSON may nest: enough for any expression that may be read as text.
  public static let policyDocumentNesting = 1100
}

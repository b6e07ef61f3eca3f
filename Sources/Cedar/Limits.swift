/// What the readers accept; beyond it they fail with a clear message instead of exhausting memory or stack.
public enum Limits {
  /// Bytes of one text of policies or one schema.
  public static let textSize = 64 << 20
  /// Bytes of one JSON document.
  public static let documentSize = 1 << 30
  /// How deep brackets and conditionals of policies, and types of schemas, may nest in one another.
  public static let nesting = 36
  /// How deep JSON may nest.
  public static let documentNesting = 100
  /// How deep an expression may be. A chain as `a && b && c`, `a.b.c` or `if … else if …` counts once, however long it is.
  public static let expressionDepth = 36
  /// How deep an expression may be with each link of its chains counted: `.b` in `a.b`, `else if`, a number of a sum.
  /// Of a chain of `&&` or `||` at most some hundreds count.
  public static let links = 500
  /// How many numbers one sum or product may have behind the first.
  public static let arithmeticTerms = 400
  /// How deep policies in JSON may nest.
  public static let policyDocumentNesting = 1100
  /// The links of a chain of `&&` or `||` that are written into one another in JSON.
  static let documentChain = 100
}

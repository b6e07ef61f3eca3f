/// What the readers accept; beyond it they fail with a clear message instead of exhausting memory or stack.
public enum Limits {
  /// Bytes of one text of policies or one schema.
  public static let textSize = 64 << 20
  /// Bytes of one JSON document.
  public static let documentSize = 1 << 30
  /// How deep brackets and conditionals of policies, and types of schemas, may nest in one another.
  public static let nesting = 36
  /// How many types one type of a schema may consist of with all names written out: a record of two records of three longs each consists of nine.
  public static let typeSize = 1 << 16
  /// How deep JSON may nest.
  public static let documentNesting = 100
  /// How deep an expression may be. A chain as `a && b && c`, `a.b.c` or `if … else if …` counts once, however long it is.
  public static let expressionDepth = 36
  /// How deep an expression may be with each link of its chains counted: `.b` in `a.b`, `else if`, a number of a sum. They stand in one another
  /// in JSON, which no reader could follow without end; so `1 + … + 300 == 1 + … + 300` is read, and a sum of 300 within one of 300 is not.
  /// Chains of `&&` and `||` may have any length: they are grouped in JSON, so that at most some hundreds of their links count.
  public static let links = 500
  /// How many numbers one sum or product may have behind the first.
  public static let arithmeticTerms = 400
  /// How deep policies in JSON may nest.
  public static let policyDocumentNesting = 1100
  /// The links of a chain of `&&` or `||` that are written into one another in JSON.
  static let documentChain = 100

  // What the readers of both syntaxes say beyond them.
  static let tooDeep = "this expression is more than \(expressionDepth) deep"
  static let tooManyLinks = "the chains of this expression have more than \(links) links"
  static let tooManyTerms = "more than \(arithmeticTerms) numbers are computed with at once"
  static let splitCondition = "split the condition, or name parts of it in attributes"
  static let splitPolicy = "split the policy"
}

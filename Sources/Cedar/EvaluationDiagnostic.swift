/// The text that policies were read from; their places are places in it.
final class PolicySource: Sendable {
  let bytes: [UInt8]
  let file: String?

  init(_ bytes: [UInt8], file: String?) {
    self.bytes = bytes
    self.file = file
  }
}

extension PolicySet {
  /// What an answer's error says to people: file, line, column and the offending text, where the policy was read from one, and a hint.
  ///
  /// An answer carries offsets alone, so that deciding costs nothing for it; the place is looked up here, in the text the policies keep.
  public func diagnostic(of failure: Response.PolicyError) -> Diagnostic {
    let source = self[failure.policy]?.source
    let location = source.flatMap { source in failure.error.span.map { SourceLocation($0, in: source.bytes) } }
    return Diagnostic(.error, failure.error.message, hint: failure.error.hint, policy: failure.policy, file: source?.file, location: location)
  }
}

extension EvaluationError {
  /// The error of an expression as it is shown; `source` is the text the expression was read from.
  public func diagnostic(source: String, file: String? = nil) -> Diagnostic {
    Diagnostic(.error, message, hint: hint, file: file, location: span.map { SourceLocation($0, in: Array(source.utf8)) })
  }

  /// What to do about it.
  public var hint: String {
    switch kind {
    case .entityDoesNotExist: "pass the entity along, or ask with `has` first, which is false for what does not exist"
    case .attributeDoesNotExist: "ask with `has` first, or look at the attribute's name"
    case .tagDoesNotExist: "ask with `.hasTag(…)` first, or look at the tag's name"
    case .type: "ask with `is` or `has` first; validating against a schema finds this before any request"
    case .overflow: "numbers go from \(Int64.min) to \(Int64.max); keep what is computed within"
    case .extensionFunction: "look at the text it is made of and at its range"
    case .unlinkedSlot: "link the template, which fills its slots"
    case .unknown: "evaluate it again when it is known"
    case .tooDeep: Limits.splitCondition
    }
  }
}

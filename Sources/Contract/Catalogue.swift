extension API {
  /// All operations, in the order in which the document shows them.
  public static let all: [AnyEndpoint] = []
}

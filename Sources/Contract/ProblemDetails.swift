public import Kernel

extension Wire {
  /// How a refusal travels (RFC 9457), as `application/problem+json`.
  public struct ProblemDetails: Codable, Sendable, Hashable {
    /// Where the code is explained.
    public var type: String
    public var title: String
    public var status: Int
    public var detail: String
    /// The path that was asked for.
    public var instance: String?
    /// The stable name to decide by.
    public var code: String
    /// For the operator to find the request in the log.
    public var requestId: String?
    public var errors: [Fault]?
    /// What is missing, where credits don't suffice.
    public var quote: Quote?

    /// What is wrong with one field.
    public struct Fault: Codable, Sendable, Hashable {
      /// Where it stands: a JSON pointer (RFC 6901) into the body, or a parameter's name behind `#/`.
      public var pointer: String
      public var detail: String

      public init(pointer: String, detail: String) {
        self.pointer = pointer
        self.detail = detail
      }
    }

    public init(
      type: String, title: String, status: Int, detail: String, instance: String? = nil, code: String, requestId: String? = nil, errors: [Fault]? = nil,
      quote: Quote? = nil
    ) {
      self.type = type
      self.title = title
      self.status = status
      self.detail = detail
      self.instance = instance
      self.code = code
      self.requestId = requestId
      self.errors = errors
      self.quote = quote
    }
  }

  /// What would have to be added, and where, for the same request to succeed.
  public struct Quote: Codable, Sendable, Hashable {
    /// `balance`, or the id of the sub-balance that limits.
    public var level: String
    /// What may be used there; below zero in arrears.
    public var available: Credits
    public var missing: Credits

    public init(level: String, available: Credits, missing: Credits) {
      self.level = level
      self.available = available
      self.missing = missing
    }

    public init(_ quote: Kernel.Quote) { self.init(level: quote.level, available: quote.available, missing: quote.missing) }
  }
}

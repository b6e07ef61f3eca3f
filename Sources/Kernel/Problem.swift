/// Every refusal the product can give, the only error that crosses a layer.
///
/// `kind` is closed, so that an edge maps it with an exhaustive switch; `code` is open, each feature has its own.
/// `detail` and `faults` are safe to show to anybody who may make the request; `cause` is logged and never shown.
public struct Problem: Error, Sendable {
  /// What sort of refusal: decides the HTTP status and the exit code of the command line.
  public enum Kind: String, Sendable, CaseIterable {
    /// The request can't be read at all.
    case malformed
    /// The request is readable, but a value in it isn't acceptable.
    case invalid
    /// Nobody is signed in, or the credentials don't hold.
    case unauthenticated
    /// The credits or a budget don't suffice.
    case payment
    /// The caller may know of the thing, but not do this to it.
    case forbidden
    /// It doesn't exist, or the caller may not know that it does.
    case missing
    /// This address has no such method.
    case unsupportedMethod
    /// It is found under another name now.
    case moved
    /// It contradicts the present state.
    case conflict
    /// It existed and never comes back under this name.
    case gone
    /// The state has changed since the caller read it.
    case stale
    /// More bytes or rows than are accepted at once.
    case tooLarge
    /// More in the head of the request than is accepted.
    case headersTooLarge
    /// It took too long to arrive.
    case slow
    /// A body in a format that isn't understood.
    case unsupportedMedia
    /// Too many requests for now.
    case limited
    /// A mistake of ours.
    case defect
    /// Out of order for now; the same request may succeed later.
    case unavailable
  }

  /// The stable name of one refusal, `noun.reason`, with its kind and a title for people.
  public struct Code: Hashable, Sendable {
    public let name: String
    public let kind: Kind
    public let title: String

    public init(_ name: String, _ kind: Kind, _ title: String) {
      self.name = name
      self.kind = kind
      self.title = title
    }
  }

  public let code: Code
  public let detail: String
  /// What is wrong with single fields, in the order of the request.
  public let faults: [FieldFault]
  /// When the same request may be tried again, for `limited` and `unavailable`.
  public let retryAfter: Duration?
  /// Under which name it is found, for `moved`.
  public let relocation: Relocation?
  /// What is missing, for `payment`.
  public let quote: Quote?
  public let cause: (any Error)?

  public var kind: Kind { code.kind }

  public init(
    _ code: Code, _ detail: String, faults: [FieldFault] = [], retryAfter: Duration? = nil, relocation: Relocation? = nil, quote: Quote? = nil,
    cause: (any Error)? = nil
  ) {
    self.code = code
    self.detail = detail
    self.faults = faults
    self.retryAfter = retryAfter
    self.relocation = relocation
    self.quote = quote
    self.cause = cause
  }
}

extension Problem.Code {
  public static let defect = Self("defect", .defect, "Something went wrong on our side")
  public static let unavailable = Self("unavailable", .unavailable, "Not available right now")
  public static let invalid = Self("invalid", .invalid, "Some values are not acceptable")
  public static let malformed = Self("malformed", .malformed, "The request can't be read")
  public static let missing = Self("missing", .missing, "Not found")
  public static let stale = Self("stale", .stale, "Changed in the meantime")
}

extension Problem: CustomStringConvertible {
  /// Code, detail and field faults; the cause is left out, since it may hold what must not be shown.
  public var description: String {
    ([code.name + ": " + detail] + faults.map { "\($0.field): \($0.detail)" }).joined(separator: "; ")
  }
}

/// A name in an address that was changed: the same address with the new name leads on.
public struct Relocation: Hashable, Sendable {
  public let old: String
  public let new: String

  public init(from old: String, to new: String) {
    self.old = old
    self.new = new
  }
}

/// What is missing where credits or a budget don't suffice, at the tightest level.
public struct Quote: Hashable, Sendable {
  /// `balance`, or the id of what limits.
  public let level: String
  /// What may be used there; below zero in arrears.
  public let available: Credits
  /// What would have to be added there.
  public let missing: Credits

  public init(level: String, available: Credits, missing: Credits) {
    self.level = level
    self.available = available
    self.missing = missing
  }
}

/// What is wrong with one field of a request.
public struct FieldFault: Hashable, Sendable {
  /// The field's name; parts of a nested one are joined by `/` as in a JSON pointer (RFC 6901).
  public let field: String
  /// A sentence that says what to do.
  public let detail: String

  public init(_ field: String, _ detail: String) {
    self.field = field
    self.detail = detail
  }
}

/// Why a text is not a value of some type; the reason is a sentence that says what to do.
public struct Rejection: Error, Sendable, Equatable {
  public let reason: String

  public init(_ reason: String) { self.reason = reason }
}

/// Gathers the faults of all fields of a request, so that a person mends them in one go.
public struct FieldChecker {
  private var faults: [FieldFault] = []

  public init() {}

  /// The value, or `nil` and a fault on `field`.
  public mutating func check<Value>(_ field: String, _ parse: () throws(Rejection) -> Value) -> Value? {
    do {
      return try parse()
    } catch {
      faults.append(FieldFault(field, error.reason))
      return nil
    }
  }

  public mutating func reject(_ field: String, _ reason: String) { faults.append(FieldFault(field, reason)) }

  /// Refuses as `invalid` with all faults, if there are any.
  public func finish() throws(Problem) {
    guard let first = faults.first else { return }
    throw Problem(.invalid, faults.count == 1 ? first.detail : "\(faults.count) fields need a look.", faults: faults)
  }
}

extension Problem {
  /// The one fault of the one field.
  public static func invalid(_ field: String, _ reason: String) -> Problem {
    Problem(.invalid, reason, faults: [FieldFault(field, reason)])
  }

  /// Parses one field, or refuses as `invalid` with its fault.
  public static func checking<Value>(_ field: String, _ parse: () throws(Rejection) -> Value) throws(Problem) -> Value {
    do { return try parse() } catch { throw .invalid(field, error.reason) }
  }
}

public import Kernel

extension Problem.Kind {
  /// The HTTP status that answers a refusal of this kind (RFC 9110 §15; 429 and 431 are RFC 6585).
  public var status: Int {
    switch self {
    case .moved: 308
    case .malformed: 400
    case .unauthenticated: 401
    case .payment: 402
    case .forbidden: 403
    case .missing: 404
    case .unsupportedMethod: 405
    case .slow: 408
    case .conflict: 409
    case .gone: 410
    case .stale: 412
    case .tooLarge: 413
    case .unsupportedMedia: 415
    case .invalid: 422
    case .limited: 429
    case .headersTooLarge: 431
    case .defect: 500
    case .unavailable: 503
    }
  }
}

// What the edge refuses by itself, before a use case is reached.
extension Problem.Code {
  public static let invalidCredential = Self("credential.invalid", .unauthenticated, "The sign-in or token doesn't hold")
  public static let foreignOrigin = Self("foreign_origin", .forbidden, "Sent from another site")
  public static let unsupportedMethod = Self("unsupported_method", .unsupportedMethod, "This address has no such method")
  public static let tooLarge = Self("too_large", .tooLarge, "Larger than what is accepted")
  public static let headersTooLarge = Self("headers_too_large", .headersTooLarge, "The headers are larger than what is accepted")
  public static let slowRequest = Self("slow_request", .slow, "The request took too long to arrive")
  public static let unsupportedMedia = Self("unsupported_media", .unsupportedMedia, "Not a format that is understood here")
  public static let maintenance = Self("maintenance", .unavailable, "Closed for maintenance")
  public static let limited = Self("limited", .limited, "Too many requests")
  public static let repeatedKey = Self("idempotency.reused_key", .invalid, "This key belongs to another request")
  public static let pendingKey = Self("idempotency.pending", .conflict, "The same request is still being answered")
}

extension AnyEndpoint {
  /// All that this operation may refuse: its own codes, and those of the edge that can happen to it, by status.
  public var allRefusals: [(status: Int, codes: [Problem.Code])] {
    var codes: [Problem.Code] = refusals + [.malformed, .invalid, .slowRequest, .headersTooLarge, .limited, .defect, .unavailable, .maintenance, .invalidCredential]
    switch access {
    case .anyone: break
    case .account: codes += [.signedOut, .tokenScope, .staleSignIn]
    case .superUser: codes += [.signedOut, .tokenScope, .staleSignIn, .forbidden]
    case .organization, .resource:
      codes += [.signedOut, .tokenScope, .staleSignIn, .forbidden, .suspendedMembership, .expiredMembership, .suspendedOrganization]
      if pathParameters.first == "organization" { codes += [.movedOrganization] }
    }
    if method != .get { codes += [.foreignOrigin] }
    if !pathParameters.isEmpty { codes += [.missing] }
    if takesBody { codes += [.tooLarge, .unsupportedMedia] }
    if method.takesKey { codes += [.repeatedKey, .pendingKey] }
    var seen: Set<String> = []
    let byStatus = Dictionary(grouping: codes.filter { seen.insert($0.name).inserted }, by: \.kind.status)
    return byStatus.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

extension Method {
  /// Whether a repetition could do harm, so that an `Idempotency-Key` makes it safe.
  public var takesKey: Bool { self == .post || self == .patch }
}

import HTTPTypes

// Each of these is a token of RFC 9110 §5.6.2, which is all that the initializer checks.
extension HTTPField.Name {
  static let idempotencyKey = Self("Idempotency-Key")!
  static let idempotencyReplayed = Self("Idempotency-Replayed")!
  static let link = Self("Link")!
  static let permissionsPolicy = Self("Permissions-Policy")!
  static let rateLimit = Self("RateLimit")!
  static let rateLimitPolicy = Self("RateLimit-Policy")!
  static let rateLimitLimit = Self("X-RateLimit-Limit")!
  static let rateLimitRemaining = Self("X-RateLimit-Remaining")!
  static let rateLimitReset = Self("X-RateLimit-Reset")!
  static let crossOriginOpenerPolicy = Self("Cross-Origin-Opener-Policy")!
  static let referrerPolicy = Self("Referrer-Policy")!
  static let requestID = Self("X-Request-Id")!
  static let xFrameOptions = Self("X-Frame-Options")!
  static let secFetchSite = Self("Sec-Fetch-Site")!
  static let traceParent = Self("traceparent")!
  static let forwardedFor = Self("X-Forwarded-For")!
}

// The refusals that every door gives: the engine makes them, and the contract promises them.
extension Problem.Code {
  public static let signedOut = Self("session.required", .unauthenticated, "Sign in first")
  public static let forbidden = Self("forbidden", .forbidden, "You may not do this")
  public static let suspendedMembership = Self("member.suspended", .forbidden, "Your membership is suspended")
  public static let expiredMembership = Self("member.expired", .forbidden, "Your membership has expired")
  public static let suspendedOrganization = Self("organization.suspended", .forbidden, "The organization is suspended")
  public static let tokenScope = Self("token.scope", .forbidden, "The token doesn't cover this")
  public static let staleSignIn = Self("session.stale", .forbidden, "Confirm your password")
}

extension API {
  /// All operations, in the order in which the document shows them.
  public static let all: [AnyEndpoint] = Organizations.all + Members.all + Invitations.all + Requests.all + Events.all
}

public import Kernel
public import Secrets

/// Who looks at a page, with what the frame around every page shows of them.
public struct Viewer: Sendable {
  public let id: ID<Account>
  public let handle: Slug
  public let name: DisplayName
  public let portrait: SHA256Digest?
  public let isSuperUser: Bool
  /// The first organizations by name, for the switcher.
  public let organizations: [Organization]
  /// How many there are, those beyond the first included.
  public let organizationCount: Int
  /// The open invitations in the inbox.
  public let invitations: [ReceivedInvitation]
  /// Deleted organizations that the person may still bring back.
  public let restorable: [Organization]
}

extension ControlPlane {
  /// The signed-in person behind the caller; `nil` when nobody is signed in.
  public func viewer(as caller: Caller) async throws(Problem) -> Viewer? {
    guard caller.credential.digest != nil else { return nil }
    do {
      return try await read(as: caller) { work in
        guard case .person = try work.actor() else { return nil }
        let person = try work.person()
        let places = try work.organizations.list(of: person.id, search: nil, PageRequest(limit: 100))
        return Viewer(
          id: person.id, handle: person.handle, name: person.name, portrait: try work.accounts.find(person.id)?.portrait, isSuperUser: person.isSuperUser,
          organizations: places.items, organizationCount: places.total, invitations: try work.inbox(of: person), restorable: try work.restorable(by: person))
      }
    } catch {
      if error.kind == .unauthenticated { return nil }
      throw error
    }
  }
}

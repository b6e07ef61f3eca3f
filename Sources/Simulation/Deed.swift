/// One thing that somebody tries, by the numbers of the books.
enum Deed {
  /// How the organization is named in the request.
  enum Reference { case id, slug, formerSlug(String) }

  enum Key {
    case inbox(invitation: Int)
    /// A link of the invitation, of this generation: the latest one lives.
    case link(invitation: Int, generation: Int, secret: String)
  }

  case signUp(person: Int, handle: String, invitation: (number: Int, generation: Int, secret: String)?)
  case verify(account: Int, secret: String)
  case signIn(person: Int)
  case found(person: Int, slug: String)
  case invite(person: Int, house: Int, Reference, address: String, roles: Set<String>, days: Int?)
  case renew(person: Int, invitation: Int, mail: Bool)
  case changeInvitation(person: Int, invitation: Int, roles: Set<String>)
  case cancel(person: Int, invitation: Int)
  case accept(person: Int, Key)
  case decline(person: Int, Key)
  case setRoles(person: Int, house: Int, Reference, target: Int, roles: Set<String>)
  case setExpiry(person: Int, house: Int, target: Int, ends: Int64?)
  case suspendMember(person: Int, house: Int, target: Int)
  case resumeMember(person: Int, house: Int, target: Int)
  case remove(person: Int, house: Int, target: Int)
  case leave(person: Int, house: Int)
  case reinstate(person: Int, house: Int, target: Int)
  case transfer(person: Int, house: Int, heir: Int, stepDown: String)
  case changeSlug(person: Int, house: Int, slug: String)
  case takeRequests(person: Int, house: Int, Bool)
  case suspend(person: Int, house: Int)
  case resume(person: Int, house: Int)
  case delete(person: Int, house: Int)
  case restore(person: Int, house: Int)
  case restoreByLink(secret: String)
  case deactivate(person: Int, target: Int)
  case reactivate(person: Int, target: Int)
  case deleteAccount(person: Int)
  case request(person: Int, house: Int)
  case approve(person: Int, request: Int, roles: Set<String>)
  case refuse(person: Int, request: Int)
  case withdraw(person: Int, request: Int)

  /// The first word of its description, for statistics.
  var name: String { String("\(self)".prefix { $0 != "(" }) }

  /// Which of its writes is the one that counts; some count attempts first.
  var decisiveWrite: Int {
    switch self {
    case .signUp, .signIn: 1
    default: 0
    }
  }
}

/// What the books expect to come of a deed.
enum Verdict: Equatable {
  /// It is done, and the books are as they should be after it.
  case done
  case refused(String)
  /// The rules refuse the attempt, and it leaves an event in the organization's chain.
  case refusedOnRecord(String, house: Int, Books.Entry)
}

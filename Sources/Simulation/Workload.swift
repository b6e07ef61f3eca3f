import Kernel

/// Picks what happens next: random deeds by random people, most of them sensible, some of them not.
struct Workload {
  var random: SplitMix
  let people: Int
  private var serial = 0
  /// What follows from what was done last.
  private var plans: [Deed] = []

  init(seed: UInt64, people: Int) {
    random = SplitMix(seed: seed)
    self.people = people
  }

  mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(max(1, bound))) }
  mutating func chance(_ one: Int) -> Bool { below(one) == 0 }
  mutating func pick<Value>(_ values: [Value]) -> Value? { values.isEmpty ? nil : values[below(values.count)] }

  private mutating func roles() -> Set<String> {
    var roles: Set<String> = []
    // Mostly few rights, sometimes all, now and then two roles at once.
    for _ in 0...(chance(5) ? 1 : 0) { roles.insert(chance(4) ? "admin" : chance(3) ? "manager" : Books.roles[below(Books.roles.count)]) }
    return roles
  }

  private mutating func slug(_ books: Books) -> String {
    serial += 1
    // Sometimes one that somebody has or had.
    if chance(6), let taken = pick(books.names.keys.sorted()) { return taken }
    return "house-\(serial)x"
  }

  /// Somebody of the house, most often; somebody who runs it, often.
  private mutating func person(of house: Int, _ books: Books) -> Int {
    let seats = books.houses[house].seats
    let onlyRunners = !chance(3)
    let candidates = seats.keys.sorted().filter { !onlyRunners || seats[$0]?.roles.isDisjoint(with: ["admin", "manager"]) == false }
    if !chance(8), let account = pick(candidates) { return books.accounts[account].person }
    return below(people)
  }

  private mutating func member(of house: Int, _ books: Books) -> Int {
    if !chance(10), let account = pick(books.houses[house].seats.keys.sorted()) { return account }
    return below(books.accounts.count)
  }

  private mutating func reference(_ house: Int, _ books: Books) -> Deed.Reference {
    switch below(6) {
    case 0: return .slug
    case 1:
      let former = books.names.filter { $0.value == "h\(house)" }.keys.sorted()
      return pick(former).map { .formerSlug($0) } ?? .id
    default: return .id
    }
  }

  private mutating func key(_ invitation: Int, _ bindings: Bindings) -> Deed.Key {
    let links = bindings.links[invitation] ?? [:]
    // The latest link, or, now and then, a dead one.
    if chance(3) { return .inbox(invitation: invitation) }
    let generation = chance(4) ? pick(links.keys.sorted()) : links.keys.max()
    if let generation, let secret = links[generation] { return .link(invitation: invitation, generation: generation, secret: secret) }
    return .inbox(invitation: invitation)
  }

  /// What can't be undone asks for a fresh sign-in; most people know, some try without.
  private mutating func freshly(_ person: Int, _ deeds: [Deed]) -> Deed? {
    plans = deeds
    return chance(4) ? plans.removeFirst() : .signIn(person: person)
  }

  /// The next deed; `nil` when chance chose something that there is nothing for yet.
  mutating func next(_ books: Books, _ bindings: Bindings, mailed: MailReader) -> Deed? {
    while !plans.isEmpty {
      let planned = plans.removeFirst()
      if planned.isPossible(books) { return planned }
    }
    let person = below(people)
    guard books.account(of: person) != nil else {
      // Two accounts of one instant couldn't be told apart by their mails.
      if books.accounts.contains(where: { $0.person == person && $0.created == books.now }) { return nil }
      serial += 1
      var invitation: (number: Int, generation: Int, secret: String)?
      let fitting = books.invitations.indices.filter { books.invitations[$0].address == Books.address(of: person) }
      if chance(2), let number = pick(chance(5) ? Array(books.invitations.indices) : fitting),
        case .link(_, let generation, let secret) = key(number, bindings)
      {
        invitation = (number, generation, secret)
      }
      return .signUp(person: person, handle: "person-\(person)-\(serial)x", invitation: invitation)
    }
    // Who isn't signed in signs in, unless they try their luck.
    if books.sessions[person].map({ books.now >= $0.ends }) ?? true, !chance(10) { return .signIn(person: person) }
    let bygoneToo = chance(20)
    let living = books.houses.indices.filter { bygoneToo || books.houses[$0].standing != .purged }
    guard let house = pick(living), living.count >= 4 || !chance(12) else { return .found(person: person, slug: slug(books)) }
    let own = books.account(of: person) ?? 0
    let invitations = books.invitations.indices.filter { books.invitations[$0].house == house }
    let mine = books.invitations.indices.filter { books.invitations[$0].address == Books.address(of: person) }
    let requests = books.requests.indices.filter { books.requests[$0].house == house }
    let somebody = self.person(of: house, books)

    switch below(100) {
    case 0..<5:
      let provenToo = chance(10)
      guard let account = pick(books.accounts.indices.filter { mailed.verifications[$0] != nil && (provenToo || !books.accounts[$0].isProven) }), let secret = mailed.verifications[account]
      else { return nil }
      return .verify(account: account, secret: secret)
    case 5..<20:
      let days = chance(3) ? 1 + below(20) : nil
      return .invite(person: somebody, house: house, reference(house, books), address: Books.address(of: below(people)), roles: roles(), days: days)
    case 20..<24:
      let isMailed = chance(2)
      return pick(invitations).map { .renew(person: somebody, invitation: $0, mail: isMailed) }
    case 24..<26:
      let roles = roles()
      return pick(invitations).map { .changeInvitation(person: somebody, invitation: $0, roles: roles) }
    case 26..<29: return pick(invitations).map { .cancel(person: somebody, invitation: $0) }
    case 29..<46:
      guard let invitation = pick(chance(8) ? Array(books.invitations.indices) : mine) else { return nil }
      return .accept(person: person, key(invitation, bindings))
    case 46..<49:
      guard let invitation = pick(mine) else { return nil }
      return .decline(person: person, key(invitation, bindings))
    case 49..<58: return .setRoles(person: somebody, house: house, reference(house, books), target: member(of: house, books), roles: roles())
    case 58..<61: return .setExpiry(person: somebody, house: house, target: member(of: house, books), ends: chance(3) ? nil : books.now + Int64(1 + below(20)) * Books.day)
    case 61..<64: return .suspendMember(person: somebody, house: house, target: member(of: house, books))
    case 64..<66: return .resumeMember(person: somebody, house: house, target: member(of: house, books))
    case 66..<70: return .remove(person: somebody, house: house, target: member(of: house, books))
    case 70..<73: return .leave(person: pick(books.houses[house].seats.keys.sorted()).map { books.accounts[$0].person } ?? person, house: house)
    case 73..<76: return pick(books.houses[house].past.keys.sorted()).map { .reinstate(person: somebody, house: house, target: $0) }
    case 76..<78: return freshly(somebody, [.transfer(person: somebody, house: house, heir: member(of: house, books), stepDown: Books.roles[1 + below(7)])])
    case 78..<80: return .changeSlug(person: somebody, house: house, slug: slug(books))
    case 80..<82: return .takeRequests(person: somebody, house: house, !chance(4))
    case 82: return .suspend(person: somebody, house: house)
    case 83..<85: return .resume(person: somebody, house: house)
    case 85: return freshly(somebody, [.delete(person: somebody, house: house)] + (chance(2) ? [.restore(person: somebody, house: house)] : []))
    case 86..<88: return .restore(person: somebody, house: house)
    case 88: return pick(mailed.restoreLinks.keys.sorted()).map { .restoreByLink(secret: $0) }
    case 89: return .deactivate(person: chance(4) ? person : 0, target: below(books.accounts.count))
    case 90..<92: return .reactivate(person: chance(4) ? person : 0, target: below(books.accounts.count))
    case 92: return freshly(person, [.deleteAccount(person: person)])
    case 93..<96:
      let number = books.requests.count
      let answers: [Deed] = [.approve(person: somebody, request: number, roles: roles()), .refuse(person: somebody, request: number), .withdraw(person: person, request: number)]
      plans = [.request(person: person, house: house)] + (pick(answers).map { [$0] } ?? [])
      return .takeRequests(person: somebody, house: house, true)
    case 96:
      let roles = roles()
      return pick(requests).map { .approve(person: somebody, request: $0, roles: roles) }
    case 97: return pick(requests).map { .refuse(person: somebody, request: $0) }
    case 98: return pick(chance(5) ? Array(books.requests.indices) : books.requests.indices.filter { books.requests[$0].account == own }).map { .withdraw(person: person, request: $0) }
    default: return .signIn(person: person)
    }
  }
}

extension Deed {
  /// Whether the request that it answers has come to be.
  fileprivate func isPossible(_ books: Books) -> Bool {
    switch self {
    case .approve(_, let request, _), .refuse(_, let request), .withdraw(_, let request): request < books.requests.count
    default: true
    }
  }
}

/// What each deed does to the books, or why it is refused.
extension Books {
  private struct Refusal: Error {
    let verdict: Verdict
    init(_ code: String) { verdict = .refused(code) }
    init(_ verdict: Verdict) { self.verdict = verdict }
  }

  /// The same deed twice comes to the same: the second finds things as they are already.
  mutating func take(_ deed: Deed) -> Verdict {
    var after = self
    after.tried = nil
    do {
      try after.enact(deed)
      self = after
      return .done
    } catch {
      let verdict = (error as? Refusal)?.verdict ?? .refused("unexpected: \(error)")
      // Who had the permission and was refused by a rule of the organization's stands in its chain as well.
      guard case .refused(let code) = verdict, ["role.above_own", "organization.last_admin", "forbidden"].contains(code), let tried = after.tried else { return verdict }
      return .refusedOnRecord(code, house: tried.house, tried.entry)
    }
  }

  // MARK: Who may

  private func signedIn(_ person: Int) throws -> Int {
    guard let session = sessions[person], now < session.ends else { throw Refusal("credential.invalid") }
    return session.account
  }

  private enum While { case active, suspended, deleted }

  /// Who acts, and with which roles; operators act with all of them.
  private mutating func permitted(
    _ person: Int, _ house: Int, _ permission: String, _ action: String, possible: While = .active, fresh: Bool = false, by reference: Deed.Reference = .id
  ) throws -> (account: Int, roles: Set<String>) {
    let account = try signedIn(person)
    let place = houses[house]
    func onRecord(_ code: String) -> Refusal { Refusal(.refusedOnRecord(code, house: house, Entry(action: action, isAllowed: false, actor: account))) }
    if place.standing == .purged { throw Refusal("missing") }
    var roles: Set<String> = ["admin"]
    if !accounts[account].isOperator {
      guard let seat = place.seats[account] else { throw Refusal("missing") }
      if place.standing.isDeleted, possible != .deleted || !Self.holds(seat.roles, permission) { throw Refusal("missing") }
      if seat.isSuspended { throw onRecord("member.suspended") }
      if !seat.isInForce(now) { throw onRecord("member.expired") }
      roles = seat.roles
    }
    if place.standing.isDeleted, possible != .deleted { throw Refusal("missing") }
    if !Self.holds(roles, permission) { throw onRecord("forbidden") }
    if place.standing == .suspended, possible == .active { throw onRecord("organization.suspended") }
    if fresh, let session = sessions[person], now - session.authenticated > 15 * Self.minute { throw onRecord("session.stale") }
    tried = (house, Entry(action: action, isAllowed: false, actor: account))
    if case .formerSlug(let slug) = reference, slug.lowercased() != place.slug.lowercased() { throw Refusal("organization.moved") }
    return (account, roles)
  }

  private func reachable(_ target: Int, _ house: Int, by roles: Set<String>) throws -> Seat {
    guard let seat = houses[house].seats[target] else { throw Refusal("member.missing") }
    guard Self.grants(roles, seat.roles) else { throw Refusal("role.above_own") }
    return seat
  }

  private func expectLastingAdmin(_ house: Int) throws {
    if !hasLastingAdmin(house) { throw Refusal("organization.last_admin") }
  }

  /// The invitation that a key opens for an account.
  private func answerable(_ key: Deed.Key, by account: Int) throws -> (number: Int, isProof: Bool) {
    let number: Int
    var isProof = false
    switch key {
    case .inbox(let invitation):
      number = invitation
      let place = houses[invitations[number].house]
      guard place.standing != .purged, accounts[account].isProven, accounts[account].address == invitations[number].address else { throw Refusal("missing") }
    case .link(let invitation, let generation, _):
      number = invitation
      guard invitations[number].generation == generation, houses[invitations[number].house].standing != .purged else { throw Refusal("link.spent") }
      guard accounts[account].address == invitations[number].address else { throw Refusal("invitation.wrong_account") }
      isProof = true
    }
    switch houses[invitations[number].house].standing {
    case .active: return (number, isProof)
    case .suspended: throw Refusal("organization.suspended")
    case .deleted, .purged: throw Refusal("link.spent")
    }
  }

  // MARK: What comes of it

  private mutating func enact(_ deed: Deed) throws {
    switch deed {
    case .signUp(let person, let handle, let invitation):
      if let invitation {
        let card = invitations[invitation.number]
        guard card.generation == invitation.generation, card.state == "pending", now < card.ends, houses[card.house].standing == .active else { throw Refusal("link.spent") }
      }
      let address = Self.address(of: person)
      if accounts.contains(where: { $0.address == address }) { throw Refusal("email.taken") }
      let number = accounts.count
      guard claim(handle, for: "a\(number)") else { throw Refusal("name.taken") }
      let isProven = invitation.map { invitations[$0.number].address == address } ?? false
      accounts.append(
        Account(
          person: person, created: now, handle: handle, address: address, isProven: isProven, isOperator: number == 0, verificationEnds: isProven ? 0 : now + 3 * Self.day))
      if !isProven { mail("email-verification", to: address) }
      open(number, for: person)
    case .verify(let account, _):
      guard !accounts[account].isDeleted, now < accounts[account].verificationEnds else { throw Refusal("link.spent") }
      accounts[account].isProven = true
    case .signIn(let person):
      guard let account = account(of: person) else { throw Refusal("session.wrong_credentials") }
      guard accounts[account].isActive else { throw Refusal("account.deactivated") }
      open(account, for: person)

    case .found(let person, let slug):
      let founder = try signedIn(person)
      let number = houses.count
      guard claim(slug, for: "h\(number)") else { throw Refusal("name.taken") }
      houses.append(House(name: Self.houseName(number), slug: slug, seats: [founder: Seat(roles: ["admin"])]))
      tell(number, "organization.create", by: founder)

    case .invite(let person, let house, let reference, let address, let roles, let days):
      let (inviter, held) = try permitted(person, house, "invitation.manage", "invitation.create", by: reference)
      guard Self.grants(held, roles) else { throw Refusal("role.above_own") }
      if houses[house].seats.keys.contains(where: { accounts[$0].address == address && accounts[$0].isProven }) { throw Refusal("member.exists") }
      let ends = now + Int64(days ?? 14) * Self.day
      if let open = openInvitation(house, address) {
        guard Self.grants(held, invitations[open].roles) else { throw Refusal("role.above_own") }
        invitations[open].roles = roles
        renew(open, until: ends)
      } else {
        invitations.append(Invitation(house: house, address: address, roles: roles, ends: ends))
      }
      tell(house, "invitation.create", by: inviter)
      mail("invitation", to: address)
    case .renew(let person, let number, let isMailed):
      let house = invitations[number].house
      let (inviter, held) = try permitted(person, house, "invitation.manage", "invitation.renew")
      guard Self.grants(held, invitations[number].roles) else { throw Refusal("role.above_own") }
      guard invitations[number].state == "pending" else { throw Refusal("invitation.answered") }
      renew(number, until: now + 14 * Self.day)
      tell(house, "invitation.renew", by: inviter)
      if isMailed { mail("invitation", to: invitations[number].address) }
    case .changeInvitation(let person, let number, let roles):
      let house = invitations[number].house
      let (changer, held) = try permitted(person, house, "invitation.manage", "invitation.update")
      guard Self.grants(held, invitations[number].roles), Self.grants(held, roles) else { throw Refusal("role.above_own") }
      guard invitations[number].state == "pending" else { throw Refusal("invitation.answered") }
      if invitations[number].roles == roles { return }
      invitations[number].roles = roles
      tell(house, "invitation.update", by: changer)
    case .cancel(let person, let number):
      let house = invitations[number].house
      let (canceller, held) = try permitted(person, house, "invitation.manage", "invitation.cancel")
      guard Self.grants(held, invitations[number].roles) else { throw Refusal("role.above_own") }
      switch invitations[number].state {
      case "pending":
        invitations[number].state = "cancelled"
        tell(house, "invitation.cancel", by: canceller)
      case "cancelled": return
      default: throw Refusal("invitation.answered")
      }
    case .accept(let person, let key):
      let account = try signedIn(person)
      let (number, isProof) = try answerable(key, by: account)
      let card = invitations[number]
      switch card.state {
      case "accepted":
        guard card.acceptedBy == account, houses[card.house].seats[account] != nil else { throw Refusal("invitation.answered") }
      case "declined": throw Refusal("invitation.answered")
      case "cancelled": throw Refusal("invitation.cancelled")
      default:
        guard now < card.ends else { throw Refusal("invitation.expired") }
        invitations[number].state = "accepted"
        invitations[number].acceptedBy = account
        if houses[card.house].seats[account] == nil { join(account, card.house, card.roles) } else { houses[card.house].seats[account]?.roles.formUnion(card.roles) }
        tell(card.house, "invitation.accept", by: account)
      }
      if isProof { accounts[account].isProven = true }
    case .decline(let person, let key):
      let account = try signedIn(person)
      let (number, isProof) = try answerable(key, by: account)
      switch invitations[number].state {
      case "declined": break
      case "accepted": throw Refusal("invitation.answered")
      case "cancelled": throw Refusal("invitation.cancelled")
      default:
        guard now < invitations[number].ends else { throw Refusal("invitation.expired") }
        invitations[number].state = "declined"
        tell(invitations[number].house, "invitation.decline", by: account)
      }
      if isProof { accounts[account].isProven = true }

    case .setRoles(let person, let house, let reference, let target, let roles):
      let (changer, held) = try permitted(person, house, "member.update", "member.update", by: reference)
      let seat = try reachable(target, house, by: held)
      guard Self.grants(held, roles) else { throw Refusal("role.above_own") }
      if seat.roles == roles { return }
      houses[house].seats[target]?.roles = roles
      tell(house, "member.update", by: changer)
      try expectLastingAdmin(house)
    case .setExpiry(let person, let house, let target, let ends):
      let (changer, held) = try permitted(person, house, "member.update", "member.update")
      let seat = try reachable(target, house, by: held)
      if seat.ends == ends { return }
      houses[house].seats[target]?.ends = ends
      tell(house, "member.update", by: changer)
      try expectLastingAdmin(house)
    case .suspendMember(let person, let house, let target):
      let (changer, held) = try permitted(person, house, "member.update", "member.suspend")
      if try reachable(target, house, by: held).isSuspended { return }
      houses[house].seats[target]?.isSuspended = true
      tell(house, "member.suspend", by: changer)
      try expectLastingAdmin(house)
    case .resumeMember(let person, let house, let target):
      let (changer, held) = try permitted(person, house, "member.update", "member.resume")
      if try !reachable(target, house, by: held).isSuspended { return }
      houses[house].seats[target]?.isSuspended = false
      tell(house, "member.resume", by: changer)
    case .remove(let person, let house, let target):
      let (remover, held) = try permitted(person, house, "member.remove", "member.remove")
      _ = try reachable(target, house, by: held)
      depart(target, house)
      tell(house, "member.remove", by: remover)
      try expectLastingAdmin(house)
    case .leave(let person, let house):
      let leaver = try signedIn(person)
      guard houses[house].standing == .active || houses[house].standing == .suspended, houses[house].seats[leaver] != nil else { throw Refusal("missing") }
      tried = (house, Entry(action: "member.leave", isAllowed: false, actor: leaver))
      depart(leaver, house)
      tell(house, "member.leave", by: leaver)
      try expectLastingAdmin(house)
    case .reinstate(let person, let house, let target):
      let (restorer, held) = try permitted(person, house, "member.remove", "member.reinstate")
      guard let past = houses[house].past[target], now < past.forgotten else { throw Refusal("missing") }
      guard Self.grants(held, past.roles) else { throw Refusal("role.above_own") }
      join(target, house, past.roles)
      tell(house, "member.reinstate", by: restorer)

    case .transfer(let person, let house, let heir, let stepDown):
      let (giver, _) = try permitted(person, house, "organization.transfer", "organization.transfer", fresh: true)
      guard let seat = houses[house].seats[heir] else { throw Refusal("member.missing") }
      guard heir != giver else { throw Refusal("invalid") }
      guard seat.isInForce(now), accounts[heir].isActive else { throw Refusal("member.not_active") }
      houses[house].seats[heir]?.roles.insert("admin")
      houses[house].seats[giver]?.roles = [stepDown]
      tell(house, "organization.transfer", by: giver)
      try expectLastingAdmin(house)
    case .changeSlug(let person, let house, let slug):
      let (changer, _) = try permitted(person, house, "organization.update", "organization.update")
      if houses[house].slug == slug { return }
      guard claim(slug, for: "h\(house)") else { throw Refusal("name.taken") }
      houses[house].slug = slug
      tell(house, "organization.update", by: changer)
    case .takeRequests(let person, let house, let takes):
      let (changer, _) = try permitted(person, house, "organization.update", "organization.update")
      if houses[house].takesRequests == takes { return }
      houses[house].takesRequests = takes
      tell(house, "organization.update", by: changer)
    case .suspend(let person, let house):
      let (suspender, _) = try permitted(person, house, "organization.suspend", "organization.suspend")
      let isAdmin = houses[house].seats[suspender].map { Self.holds($0.roles, "organization.suspend") } ?? false
      houses[house].standing = .suspended
      houses[house].suspension = isAdmin ? .admin : .operator
      tell(house, "organization.suspend", by: suspender)
    case .resume(let person, let house):
      let (resumer, _) = try permitted(person, house, "organization.suspend", "organization.resume", possible: .suspended)
      guard houses[house].standing == .suspended else { throw Refusal("organization.not_active") }
      guard accounts[resumer].isOperator || houses[house].suspension == .admin else { throw Refusal("forbidden") }
      houses[house].standing = .active
      houses[house].suspension = nil
      tell(house, "organization.resume", by: resumer)
    case .delete(let person, let house):
      let (deleter, _) = try permitted(person, house, "organization.delete", "organization.delete", possible: .suspended, fresh: true)
      houses[house].standing = .deleted(purge: now + 30 * Self.day)
      tell(house, "organization.delete", by: deleter)
      for (admin, seat) in houses[house].seats where seat.roles.contains("admin") { mail("organization-deleted", to: accounts[admin].address) }
    case .restore(let person, let house):
      let (restorer, _) = try permitted(person, house, "organization.delete", "organization.restore", possible: .deleted)
      try revive(house, by: restorer)
    case .restoreByLink(let secret):
      guard let link = restoreLinks[secret], !link.isUsed, now < link.ends, houses[link.house].standing != .purged else { throw Refusal("link.spent") }
      restoreLinks[secret]?.isUsed = true
      try revive(link.house, by: nil)

    case .deactivate(let person, let target):
      let account = try signedIn(person)
      guard accounts[account].isOperator else { throw Refusal("forbidden") }
      guard !accounts[target].isDeleted else { throw Refusal("account.deleted") }
      guard accounts[target].isActive else { return }
      try expectDispensable(target)
      cut(target)
      accounts[target].isActive = false
    case .reactivate(let person, let target):
      let account = try signedIn(person)
      guard accounts[account].isOperator else { throw Refusal("forbidden") }
      guard !accounts[target].isDeleted else { throw Refusal("account.deleted") }
      accounts[target].isActive = true
    case .deleteAccount(let person):
      let account = try signedIn(person)
      if let session = sessions[person], now - session.authenticated > 15 * Self.minute { throw Refusal("session.stale") }
      try expectDispensable(account)
      for house in houses.indices where houses[house].standing != .purged {
        if houses[house].seats[account] != nil {
          depart(account, house)
          tell(house, "account.delete", by: account)
        }
        houses[house].past[account] = nil
      }
      for request in requests.indices where requests[request].account == account && requests[request].state == "pending" { requests[request].state = "withdrawn" }
      mail("security-notice", to: accounts[account].address)
      cut(account)
      accounts[account].isActive = false
      accounts[account].isDeleted = true
      accounts[account].address = nil
      accounts[account].isProven = false

    case .request(let person, let house):
      let account = try signedIn(person)
      let place = houses[house]
      guard place.standing == .active, place.takesRequests else { throw Refusal("missing") }
      if place.seats[account] != nil { throw Refusal("member.exists") }
      if requests.contains(where: { $0.house == house && $0.account == account && $0.state == "pending" }) { return }
      guard accounts[account].isProven else { throw Refusal("email.unverified") }
      requests.append(Request(house: house, account: account))
      tell(house, "request.create", by: account)
      for (admin, seat) in place.seats where seat.roles.contains("admin") { mail("join-request", to: accounts[admin].address) }
    case .approve(let person, let number, let roles):
      let request = requests[number]
      let (approver, held) = try permitted(person, request.house, "request.decide", "request.approve")
      guard Self.grants(held, roles) else { throw Refusal("role.above_own") }
      guard try answer(number, "approved", "request.approve", by: approver) else { return }
      if houses[request.house].seats[request.account] == nil { join(request.account, request.house, roles) }
      mail("join-answer", to: accounts[request.account].address)
    case .refuse(let person, let number):
      let (refuser, _) = try permitted(person, requests[number].house, "request.decide", "request.refuse")
      guard try answer(number, "refused", "request.refuse", by: refuser) else { return }
      mail("join-answer", to: accounts[requests[number].account].address)
    case .withdraw(let person, let number):
      let account = try signedIn(person)
      guard requests[number].account == account, houses[requests[number].house].standing != .purged else { throw Refusal("missing") }
      _ = try answer(number, "withdrawn", "request.withdraw", by: account)
    }
  }

  private mutating func open(_ account: Int, for person: Int) { sessions[person] = Session(account: account, authenticated: now, ends: now + 7 * Self.day) }

  private mutating func renew(_ number: Int, until ends: Int64) {
    invitations[number].ends = ends
    invitations[number].timesSent += 1
    invitations[number].generation += 1
  }

  private mutating func revive(_ house: Int, by account: Int?) throws {
    guard case .deleted(let purge) = houses[house].standing else { throw Refusal("organization.not_deleted") }
    guard now < purge else { throw Refusal("organization.purged") }
    houses[house].standing = houses[house].suspension == nil ? .active : .suspended
    tell(house, "organization.restore", by: account)
    // An operator takes over what nobody could run.
    if let account, accounts[account].isOperator, !hasLastingAdmin(house), houses[house].seats[account] == nil { join(account, house, ["admin"]) }
    try expectLastingAdmin(house)
  }

  private mutating func answer(_ number: Int, _ answer: String, _ action: String, by account: Int) throws -> Bool {
    if requests[number].state == answer { return false }
    guard requests[number].state == "pending" else { throw Refusal("request.answered") }
    requests[number].state = answer
    tell(requests[number].house, action, by: account)
    return true
  }

  private func expectDispensable(_ account: Int) throws {
    for house in houses.indices where houses[house].standing == .active || houses[house].standing == .suspended {
      if houses[house].seats[account]?.roles.contains("admin") == true, !hasLastingAdmin(house, without: account) { throw Refusal("account.only_admin") }
    }
    if accounts[account].isOperator, !accounts.indices.contains(where: { $0 != account && accounts[$0].isOperator && accounts[$0].isActive }) { throw Refusal("account.last_operator") }
  }

  private mutating func cut(_ account: Int) {
    sessions[accounts[account].person] = nil
    if !accounts[account].isProven { accounts[account].verificationEnds = 0 }
  }

  // MARK: What time and jobs do

  mutating func note(_ verdict: Verdict) {
    if case .refusedOnRecord(_, let house, let entry) = verdict { houses[house].story.append(entry) }
  }

  /// Deleted organizations whose time is up are gone, and so is the memory of former members.
  mutating func purge() {
    for house in houses.indices {
      if case .deleted(let purge) = houses[house].standing, purge <= now {
        houses[house].standing = .purged
        houses[house].seats = [:]
        houses[house].past = [:]
        tell(house, "organization.purge", by: nil)
      }
      houses[house].past = houses[house].past.filter { now < $0.value.forgotten }
    }
  }

  static func address(of person: Int) -> String { "person\(person)@example.org" }
  static func houseName(_ number: Int) -> String { "House \(number)" }
}

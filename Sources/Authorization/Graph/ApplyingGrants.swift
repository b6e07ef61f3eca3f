internal import Kernel

extension AccessTables {
  /// A grant in numbers.
  private struct Entry {
    let holder: Int32
    let role: Int32
    let end: [Int32]
  }

  mutating func grant(
    _ holder: AccessHolder, _ role: GrantedRole, _ resource: AccessResource?, isGranted: Bool, _ expires: Timestamp?
  ) throws(AccessRefusal) {
    let who = try number(of: holder)
    var scope: Int32?
    if let resource {
      guard let found = present(resource) else { throw .noSuchResource(resource) }
      scope = found
    }
    // Single actions are shared, on one object, and granted nowhere.
    if case .actions = role { throw .noSuchRole(role.name) }
    guard let role = roles.number(role) else { throw .noSuchRole(role.name) }
    let entry = Entry(holder: who, role: role, end: expires.map { words($0.milliseconds) } ?? [])
    if let scope {
      try set(entry, on: scope, isGranted)
    } else {
      try setOnOrganization(entry, isGranted)
    }
  }

  func number(of holder: AccessHolder) throws(AccessRefusal) -> Int32 {
    switch holder {
    case .member(let id):
      guard let number = members.find(id), memberRows.word(number, Holder.flags) & Holder.isPresent != 0 else { throw .noSuchMember(id) }
      return who(member: number)
    case .team(let id):
      guard let number = teams.find(id), teamRows.word(number, Holder.flags) & Holder.isPresent != 0 else { throw .noSuchTeam(id) }
      return who(team: number)
    }
  }

  // MARK: On a resource

  private mutating func set(_ entry: Entry, on scope: Int32, _ isGranted: Bool) throws(AccessRefusal) {
    // What was granted for good may be granted for a time instead, and the other way round: at most one of both stays.
    var count = 0
    for length in [2, 4] {
      let range = resourceRows.with(scope) { row in Self.section(row, length) }
      let (place, isThere) = resourceRows.with(scope) { row in Self.find(entry, row, range, length) }
      let isWanted = isGranted && entry.end.count + 2 == length
      if isThere { count += 1 }
      switch (isThere, isWanted) {
      case (true, true): resourceRows.replace(scope, place + 2..<place + length, with: entry.end)
      case (false, true):
        resourceRows.replace(scope, place..<place, with: [entry.holder, entry.role] + entry.end)
        count += 1
      case (true, false):
        resourceRows.replace(scope, place..<place + length, with: [])
        count -= 1
      case (false, false): break
      }
      let change: Int32 = isThere == isWanted ? 0 : isWanted ? 1 : -1
      if length == 2, change != 0 { resourceRows.set(scope, Thing.grants, resourceRows.word(scope, Thing.grants) + change) }
    }
    note(entry.holder, scope, holds: count > 0 || holdsAny(entry.holder, on: scope))
  }

  /// Where the grants for good stand, two words each, or those for a time, four words each.
  private static func section(_ row: borrowing Span<Int32>, _ length: Int) -> Range<Int> {
    let middle = Thing.head + 2 * Int(row[Thing.grants])
    return length == 2 ? Thing.head..<middle : middle..<row.count
  }

  private static func find(_ entry: Entry, _ row: borrowing Span<Int32>, _ range: Range<Int>, _ length: Int) -> (place: Int, isThere: Bool) {
    var place = Thing.first(entry.holder, row, from: range.lowerBound, to: range.upperBound, by: length)
    while place < range.upperBound, row[place] == entry.holder, row[place + 1] < entry.role { place += length }
    return (place, place < range.upperBound && row[place] == entry.holder && row[place + 1] == entry.role)
  }

  private func holdsAny(_ holder: Int32, on scope: Int32) -> Bool {
    resourceRows.with(scope) { row in
      [2, 4].contains { length in
        let range = Self.section(row, length)
        let place = Thing.first(holder, row, from: range.lowerBound, to: range.upperBound, by: length)
        return place < range.upperBound && row[place] == holder
      }
    }
  }

  /// Notes with the holder on which resources they hold anything, for lists.
  private mutating func note(_ holder: Int32, _ scope: Int32, holds: Bool) {
    func place(_ row: borrowing Span<Int32>) -> (place: Int, isThere: Bool) {
      let place = Thing.first(scope, row, from: Holder.Layout(row).expiring.upperBound, to: row.count, by: 1)
      return (place, place < row.count && row[place] == scope)
    }
    func change(_ rows: inout Rows) {
      let (place, isThere) = rows.with(holder >> 1) { place($0) }
      if isThere == holds { return }
      rows.replace(holder >> 1, place..<(isThere ? place + 1 : place), with: holds ? [scope] : [])
    }
    if holder & 1 == 0 { change(&memberRows) } else { change(&teamRows) }
  }

  /// Gives a role on a resource that nothing ends.
  mutating func grantForGood(_ holder: Int32, _ role: Int32, on scope: Int32) throws(AccessRefusal) {
    try set(Entry(holder: holder, role: role, end: []), on: scope, true)
  }

  /// Notes with a holder whether they hold anything on a resource.
  mutating func noteHolding(of holder: Int32, on scope: Int32) { note(holder, scope, holds: holdsAny(holder, on: scope)) }

  /// Takes back everything that somebody or a team holds on resources; what they hold on the organization stays.
  mutating func withdrawHoldings(of holder: AccessHolder) throws(AccessRefusal) {
    let who = try number(of: holder)
    withdrawAll(of: who & 1 == 0 ? memberRows.words(who >> 1) : teamRows.words(who >> 1), who)
    func forget(_ rows: inout Rows) {
      let row = who >> 1
      let end = rows.with(row) { Holder.Layout($0).expiring.upperBound }
      rows.replace(row, end..<rows.length(row), with: [])
    }
    if who & 1 == 0 { forget(&memberRows) } else { forget(&teamRows) }
  }

  /// Takes back everything that a holder has on resources.
  mutating func withdrawAll(of row: [Int32], _ holder: Int32) {
    let first = Holder.Layout(row.span).expiring.upperBound
    for scope in row[first...] { withdraw(from: scope) { who, _ in who == holder } }
  }

  /// Takes back some of a resource's grants, each told by its holder and its role.
  mutating func withdraw(from scope: Int32, _ isHit: (Int32, Int32) -> Bool) {
    var (kept, count): ([Int32], Int32) = ([], 0)
    resourceRows.with(scope) { row in
      for length in [2, 4] {
        let range = Self.section(row, length)
        for place in stride(from: range.lowerBound, to: range.upperBound, by: length) where !isHit(row[place], row[place + 1]) {
          for offset in 0..<length { kept.append(row[place + offset]) }
          if length == 2 { count += 1 }
        }
      }
    }
    resourceRows.replace(scope, Thing.head..<resourceRows.length(scope), with: kept)
    resourceRows.set(scope, Thing.grants, count)
  }

  /// Takes back everything that a holder has on a resource, or on the organization.
  mutating func withdrawAll(of holder: AccessHolder, on resource: AccessResource?) throws(AccessRefusal) {
    let who = try number(of: holder)
    guard let resource else {
      func clear(_ rows: inout Rows) {
        let (row, layout, counts) = (who >> 1, rows.with(who >> 1) { Holder.Layout($0) }, rows.word(who >> 1, Holder.counts))
        guard counts > 0xFFFF else { return }
        rows.replace(row, layout.roles.lowerBound..<layout.expiring.upperBound, with: [])
        rows.set(row, Holder.counts, counts & 0xFFFF)
      }
      if who & 1 == 0 { clear(&memberRows) } else { clear(&teamRows) }
      if who & 1 == 1 { setParent(parent(ofTeam: who >> 1), ofTeam: who >> 1) }
      return
    }
    guard let scope = present(resource) else { throw .noSuchResource(resource) }
    withdraw(from: scope) { holder, _ in holder == who }
    note(who, scope, holds: false)
  }

  mutating func withdraw(_ role: GrantedRole, from resource: AccessResource) throws(AccessRefusal) {
    guard let scope = present(resource) else { throw .noSuchResource(resource) }
    if case .actions = role { throw .noSuchRole(role.name) }
    guard let number = roles.number(role) else { throw .noSuchRole(role.name) }
    var (kept, count, holders): ([Int32], Int32, [Int32]) = ([], 0, [])
    resourceRows.with(scope) { row in
      for length in [2, 4] {
        let range = Self.section(row, length)
        for place in stride(from: range.lowerBound, to: range.upperBound, by: length) {
          if row[place + 1] == number {
            holders.append(row[place])
            continue
          }
          for offset in 0..<length { kept.append(row[place + offset]) }
          if length == 2 { count += 1 }
        }
      }
    }
    guard !holders.isEmpty else { return }
    resourceRows.replace(scope, Thing.head..<resourceRows.length(scope), with: kept)
    resourceRows.set(scope, Thing.grants, count)
    for holder in holders { note(holder, scope, holds: holdsAny(holder, on: scope)) }
  }

  /// Forgets all grants on a resource that goes.
  mutating func withdrawAll(on scope: Int32) {
    var holders: Set<Int32> = []
    resourceRows.with(scope) { row in
      for length in [2, 4] {
        for place in stride(from: Self.section(row, length).lowerBound, to: Self.section(row, length).upperBound, by: length) { holders.insert(row[place]) }
      }
    }
    for holder in holders { note(holder, scope, holds: false) }
    withdraw(from: scope) { _, _ in true }
  }

  // MARK: On the organization

  /// Roles on the organization stand with their holder: every decision looks there, and they may be as many as there are members.
  private mutating func setOnOrganization(_ entry: Entry, _ isGranted: Bool) throws(AccessRefusal) {
    func change(_ rows: inout Rows) -> Bool {
      let row = entry.holder >> 1
      let (layout, counts) = rows.with(row) { (Holder.Layout($0), $0[Holder.counts]) }
      var (permanent, expiring): ([Int32], [[Int32]]) = ([], [])
      rows.with(row) { words in
        for place in layout.roles where words[place] != entry.role { permanent.append(words[place]) }
        for place in stride(from: layout.expiring.lowerBound, to: layout.expiring.upperBound, by: 3) where words[place] != entry.role {
          expiring.append([words[place], words[place + 1], words[place + 2]])
        }
      }
      if isGranted { if entry.end.isEmpty { permanent.append(entry.role) } else { expiring.append([entry.role] + entry.end) } }
      guard permanent.count <= Holder.mostRoles, expiring.count <= Holder.mostExpiringRoles else { return false }
      rows.replace(row, layout.roles.lowerBound..<layout.expiring.upperBound, with: permanent + expiring.flatMap { $0 })
      rows.set(row, Holder.counts, counts & 0xFFFF | Int32(permanent.count) << 16 | Int32(expiring.count) << 24)
      return true
    }
    let fits = entry.holder & 1 == 0 ? change(&memberRows) : change(&teamRows)
    guard fits else { throw .tooMany }
    if entry.holder & 1 == 1 { setParent(parent(ofTeam: entry.holder >> 1), ofTeam: entry.holder >> 1) }
  }
}

extension AccessTables {
  /// Everybody who holds anything on a resource, whether or not it has expired.
  func forEachHolder(on scope: Int32, _ visit: (Int32) -> Void) {
    resourceRows.with(scope) { row in
      let middle = Thing.head + 2 * Int(row[Thing.grants])
      for place in stride(from: Thing.head, to: middle, by: 2) { visit(row[place]) }
      for place in stride(from: middle, to: row.count, by: 4) { visit(row[place]) }
    }
  }
}

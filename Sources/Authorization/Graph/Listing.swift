internal import Kernel

/// Lists look where something could be found, and decide each of it like a check: an answer that a check wouldn't give can't be among them.
extension AccessTables {
  func resources(
    _ member: AccessMember, _ verb: AccessVerb, of type: ResourceType?, _ context: AccessContext, at now: Timestamp
  ) -> [AccessResource] {
    numbers(member, verb, of: type, context, at: now).map { resource($0) }
  }

  func numbers(_ member: AccessMember, _ verb: AccessVerb, of type: ResourceType?, _ context: AccessContext, at now: Timestamp) -> [Int32] {
    var kind: Int32 = -1
    if let type {
      guard let number = typeNumbers[type] else { return [] }
      kind = number
    }
    var found: [Int32] = []
    func weigh(_ number: Int32) {
      let (type, flags) = resourceRows.with(number) { ($0[Thing.type], $0[Thing.flags]) }
      guard flags & Thing.isPresent != 0, kind < 0 || type == kind else { return }
      if check(member, verb, target(number), context, at: now).isAllowed { found.append(number) }
    }
    if reachesEverything(member, verb, kind) {
      for number in 0..<Int32(resources.count) { weigh(number) }
      return found
    }
    var seen = ContiguousArray<UInt64>(repeating: 0, count: resources.count / 64 + 1)
    func weighAll(within scope: Int32) {
      var waiting = [scope]
      while let next = waiting.popLast() {
        // What is within was looked at with it.
        if seen[Int(next) >> 6] >> UInt64(next & 63) & 1 != 0 { continue }
        seen[Int(next) >> 6] |= 1 << UInt64(next & 63)
        weigh(next)
        var child = resourceRows.word(next, Thing.firstChild)
        while child >= 0 {
          waiting.append(child)
          child = resourceRows.word(child, Thing.next)
        }
      }
    }
    for holder in circle(of: member) {
      let scopes = holder & 1 == 0 ? Self.scopes(memberRows.words(holder >> 1)) : Self.scopes(teamRows.words(holder >> 1))
      for scope in scopes { weighAll(within: scope) }
    }
    if verb.isReading || verb.isSharing { for place in 0..<open.count { weighAll(within: open[place]) } }
    return found.sorted()
  }

  /// Whether a role on the organization, or a policy, may allow it anywhere, so that every resource is to be looked at.
  private func reachesEverything(_ member: AccessMember, _ verb: AccessVerb, _ kind: Int32) -> Bool {
    guard member.number >= 0 else { return false }
    let flags = memberRows.word(member.number, Holder.flags)
    guard flags & Holder.isMember != 0 || flags & Holder.isPresent != 0 else { return false }
    // What somebody owns they share, wherever it stands.
    if verb.isSharing { return true }
    if flags & Holder.isMember != 0, !rules.permits(verb.rule).isEmpty { return true }
    func mayAllow(_ role: Int32) -> Bool {
      kind >= 0
        ? roles.has(role, roles.cell(row: typeRows[Int(kind)], column: verb.column, own: true))
        : typeRows.contains { roles.has(role, roles.cell(row: $0, column: verb.column, own: true)) }
    }
    if flags & Holder.isMember != 0 {
      for role in 0..<Int32(8) where flags >> role & 1 != 0 && mayAllow(role) { return true }
    }
    return circle(of: member).contains { holder in
      let row = holder & 1 == 0 ? memberRows.words(holder >> 1) : teamRows.words(holder >> 1)
      let layout = Holder.Layout(row.span)
      let expiring = stride(from: layout.expiring.lowerBound, to: layout.expiring.upperBound, by: 3)
      return layout.roles.contains { mayAllow(row[$0]) } || expiring.contains { mayAllow(row[$0]) }
    }
  }

  private static func scopes(_ row: [Int32]) -> ArraySlice<Int32> { row[Holder.Layout(row.span).expiring.upperBound...] }

  /// The member and their teams, as holders.
  private func circle(of member: AccessMember) -> [Int32] {
    guard member.number >= 0 else { return [] }
    var circle = [who(member: member.number)]
    for team in Self.teams(memberRows.words(member.number)) {
      var next = team
      while next >= 0, !circle.contains(who(team: next)) {
        circle.append(who(team: next))
        next = parent(ofTeam: next)
      }
    }
    return circle
  }

  private static func teams(_ row: [Int32]) -> ArraySlice<Int32> { row[Holder.Layout(row.span).teams] }

  // MARK: Principals

  func members(_ verb: AccessVerb, _ target: AccessTarget, _ context: AccessContext, at now: Timestamp) -> [String] {
    let candidates = Candidates(self, verb, target)
    var found: [String] = []
    for number in 0..<Int32(members.count) where memberRows.with(number, { candidates.mayInclude(number, $0) }) {
      if check(AccessMember(number: number), verb, target, context, at: now).isAllowed { found.append(members.text(number)) }
    }
    return found
  }

  /// Who could be allowed something, told by a look at their row.
  private struct Candidates {
    private let everybody: Bool
    /// Organization roles that help.
    private let roles: Int32
    /// Teams that hold anything where it counts, and those within them.
    private var teams: [Bool]
    /// Who holds anything where it counts.
    private let holders: Set<Int32>

    init(_ graph: AccessTables, _ verb: AccessVerb, _ target: AccessTarget) {
      let cell = graph.roles.cell(row: target.typeRow, column: verb.column, own: true)
      var chain = target.isKnown ? [target.number] : target.shared < 0 ? [] : [target.shared]
      var next = target.parent
      var visibility = target.named?.visibility ?? Visibility(word: graph.resourceRows.word(target.number, Thing.flags) & Thing.visibility)
      while next >= 0 {
        if visibility == .inherited { visibility = Visibility(word: graph.resourceRows.word(next, Thing.flags) & Thing.visibility) }
        chain.append(next)
        next = graph.resourceRows.word(next, Thing.parent)
      }
      everybody = verb.isSharing || !graph.rules.permits(verb.rule).isEmpty || verb.isReading && visibility == .public
      var bits = graph.roles.first(cell)
      if verb.isReading, visibility == .organization { bits |= RoleTable.builtInParticipants }
      roles = Int32(bits & 0xFF)
      var all: Set<Int32> = []
      for scope in chain { graph.forEachHolder(on: scope) { all.insert($0) } }
      let holders = all
      self.holders = holders
      teams = (0..<Int32(graph.teams.count)).map { team in
        var next = team
        while next >= 0 {
          if holders.contains(who(team: next)) || graph.teamRows.word(next, Holder.counts) != 0 { return true }
          next = graph.parent(ofTeam: next)
        }
        return false
      }
    }

    func mayInclude(_ member: Int32, _ row: borrowing Span<Int32>) -> Bool {
      guard row[Holder.flags] & Holder.isPresent != 0 else { return false }
      if everybody || row[Holder.flags] & roles != 0 || row[Holder.counts] > 0xFFFF || holders.contains(who(member: member)) { return true }
      for place in Holder.Layout(row).teams where teams[Int(row[place])] { return true }
      return false
    }
  }
}

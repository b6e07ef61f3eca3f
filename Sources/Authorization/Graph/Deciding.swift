public import Kernel

/// The rules of access. All ways to ask end here.
///
/// A principal may do something if a role allows it that they hold, or one of their teams or a team around those: on the resource, on something it
/// stands in, or on the organization; if the resource is open to them and it is only looked at; or if a policy permits it. And no policy forbids it. What has expired
/// at the instant of the decision doesn't count, nor does a policy that fails. Somebody who isn't a member may hold grants, and nothing else helps them but that
/// something is public; a member who is suspended or whose time is over has nothing.
extension AccessGraph {
  /// Decides, and names the ground that decided. Takes well below a microsecond and asks for no memory, unless a policy says what numbers alone don't tell.
  public func check(_ member: AccessMember, _ verb: borrowing AccessVerb, _ target: borrowing AccessTarget, _ context: borrowing AccessContext = .none, at now: Timestamp) -> Verdict {
    var witness = FirstGround()
    let outcome = decide(member.number, verb, target, context, now.milliseconds, &witness)
    return Verdict(outcome: outcome, ground: outcome == .allowed ? witness.permitting : witness.denying)
  }

  @inline(__always)
  func decide<W: Witness>(
    _ member: Int32, _ verb: borrowing AccessVerb, _ target: borrowing AccessTarget, _ context: borrowing AccessContext, _ now: Int64, _ witness: inout W
  ) -> Verdict.Outcome {
    var scene = Scene(verb.name)
    var (isAllowed, isVisible) = (false, false)

    // What the roles must have: a right on things of the type, or on one's own.
    let (owner, record) = target.isKnown ? resourceRows.with(target.number) { ($0[Thing.owner], $0[Thing.record]) } : (-1, 0)
    let isOwn = target.isOwn || owner >= 0 && owner == member
    let cell = roles.cell(row: target.typeRow, column: verb.column, own: isOwn)
    let anyCell = roles.anyCell(row: target.typeRow, own: isOwn)

    // The member, and roles on the organization.
    var attributes: Int32 = 0
    if member >= 0 {
      let flags = memberRows.with(member) { row in
        attributes = row[Holder.record]
        return row[Holder.flags] & Holder.expires != 0 && instant(row[Holder.head], row[Holder.head + 1]) <= now
          ? row[Holder.flags] & ~Holder.isPresent : row[Holder.flags]
      }
      if flags & Holder.isMember != 0 {
        guard flags & Holder.isSuspended == 0 else {
          witness.hear(Ground(kind: .suspended))
          return .suspendedMembership
        }
        guard flags & Holder.isPresent != 0 else {
          witness.hear(Ground(kind: .expired))
          return .expiredMembership
        }
        scene.isMember = true
        scene.rootRoles = UInt64(flags & Holder.roles)
        let allowing = scene.rootRoles & roles.first(cell)
        if allowing != 0 {
          isAllowed = true
          hearRoles(allowing, &witness)
        }
        isVisible = scene.rootRoles & roles.first(anyCell) != 0
      }
      scene.isServiceAccount = flags & Holder.isServiceAccount != 0
      gather(member, cell, anyCell, now, &scene, &isAllowed, &isVisible, &witness)
    }

    // Roles on the resource and on what it stands in.
    if target.isKnown {
      climb(target.number, member, cell, anyCell, now, &scene, &isAllowed, &isVisible, &witness)
    } else {
      scene.climb(target.number)
      scene.visibility = target.visibility
      if target.parent >= 0 { climb(target.parent, member, cell, anyCell, now, &scene, &isAllowed, &isVisible, &witness) }
    }

    // What is open.
    if scene.visibility == .public || scene.visibility == .organization && scene.isMember && scene.rootRoles & RoleTable.participants != 0 {
      isVisible = true
      if verb.isReading, !(isAllowed && W.isEasilyConvinced) {
        isAllowed = true
        witness.hear(Ground(kind: .visibility, role: scene.visibility == .public ? 1 : 0))
      }
    }

    // Policies.
    if rules.isEmpty { return isAllowed ? .allowed : isVisible ? .lacking : .hidden }
    fill(&scene, attributes, record, target, context)
    if scene.isMember, !(isAllowed && W.isEasilyConvinced), run(permitting: true, verb.rule, member, target, context, &scene, &witness) { isAllowed = true }
    guard isAllowed else {
      if isVisible { return .lacking }
      var deaf = FirstGround()
      return scene.isMember && run(permitting: true, rules.verb("read"), member, target, context, &scene, &deaf) ? .lacking : .hidden
    }
    return run(permitting: false, verb.rule, member, target, context, &scene, &witness) ? .forbidden : .allowed
  }

  // MARK: Roles

  @inline(__always)
  private func hearRoles<W: Witness>(_ bits: UInt64, _ witness: inout W) {
    var bits = bits
    repeat {
      witness.hear(Ground(kind: .membership, role: Int32(bits.trailingZeroBitCount)))
      bits &= bits - 1
    } while bits != 0 && !W.isEasilyConvinced
  }

  /// Enters the principal, their teams and the teams around those, with the roles that each holds on the organization.
  @inline(__always)
  private func gather<W: Witness>(
    _ member: Int32, _ cell: Int, _ anyCell: Int, _ now: Int64, _ scene: inout Scene, _ isAllowed: inout Bool, _ isVisible: inout Bool, _ witness: inout W
  ) {
    _ = scene.enter(who(member: member))
    memberRows.with(member) { row in
      let layout = Holder.Layout(row)
      if layout.roles.lowerBound < layout.expiring.upperBound { hold(row, layout, who(member: member), cell, anyCell, now, &scene, &isAllowed, &isVisible, &witness) }
      var place = layout.teams.lowerBound
      while place < layout.teams.upperBound {
        var team = row[place]
        // Who is in a team is in those around it, and those are entered with it.
        while team >= 0, scene.enter(who(team: team)) {
          let holder = who(team: team)
          team = teamRows.with(team) { row in
            if row[Holder.counts] != 0 { hold(row, Holder.Layout(row), holder, cell, anyCell, now, &scene, &isAllowed, &isVisible, &witness) }
            return row[Holder.parent]
          }
        }
        place += 1
      }
    }
  }

  /// The roles of one holder on the organization.
  private func hold<W: Witness>(
    _ row: borrowing Span<Int32>, _ layout: Holder.Layout, _ holder: Int32, _ cell: Int, _ anyCell: Int, _ now: Int64, _ scene: inout Scene, _ isAllowed: inout Bool,
    _ isVisible: inout Bool, _ witness: inout W
  ) {
    func hold(_ role: Int32) {
      if role < 64 { scene.rootRoles |= 1 << UInt64(role) } else { scene.laterRoles.append(role) }
      weigh(role, holder, -1, cell, anyCell, &isAllowed, &isVisible, &witness)
    }
    for place in layout.roles { hold(row[place]) }
    for place in stride(from: layout.expiring.lowerBound, to: layout.expiring.upperBound, by: 3) where instant(row[place + 1], row[place + 2]) > now { hold(row[place]) }
  }

  /// Goes from a resource to what it stands in, and looks for grants to anybody in the circle.
  @inline(__always)
  private func climb<W: Witness>(
    _ resource: Int32, _ member: Int32, _ cell: Int, _ anyCell: Int, _ now: Int64, _ scene: inout Scene, _ isAllowed: inout Bool, _ isVisible: inout Bool,
    _ witness: inout W
  ) {
    var resource = resource
    while resource >= 0 {
      scene.climb(resource)
      let scope = resource
      resource = resourceRows.with(scope) { row in
        if scene.visibility == .inherited { scene.visibility = Visibility(word: row[Thing.flags] & Thing.visibility) }
        if row.count > Thing.head, member >= 0, !(isAllowed && W.isEasilyConvinced) {
          scan(row, scope, cell, anyCell, now, &scene, &isAllowed, &isVisible, &witness)
        }
        return row[Thing.parent]
      }
    }
  }

  @inline(__always)
  private func scan<W: Witness>(
    _ row: borrowing Span<Int32>, _ scope: Int32, _ cell: Int, _ anyCell: Int, _ now: Int64, _ scene: inout Scene, _ isAllowed: inout Bool, _ isVisible: inout Bool,
    _ witness: inout W
  ) {
    let middle = Thing.head + 2 * Int(row[Thing.grants])
    // Where grants are many, each of the circle is looked up among them.
    if row.count - Thing.head > 512 {
      search(row, scope, middle, cell, anyCell, now, &scene, &isAllowed, &isVisible, &witness)
      return
    }
    var place = Thing.head
    while place < middle {
      if scene.isInCircle(row[place]) {
        weigh(row[place + 1], row[place], scope, cell, anyCell, &isAllowed, &isVisible, &witness)
        if isAllowed, W.isEasilyConvinced { return }
      }
      place += 2
    }
    while place < row.count {
      if scene.isInCircle(row[place]), instant(row[place + 2], row[place + 3]) > now {
        weigh(row[place + 1], row[place], scope, cell, anyCell, &isAllowed, &isVisible, &witness)
        if isAllowed, W.isEasilyConvinced { return }
      }
      place += 4
    }
  }

  private func search<W: Witness>(
    _ row: borrowing Span<Int32>, _ scope: Int32, _ middle: Int, _ cell: Int, _ anyCell: Int, _ now: Int64, _ scene: inout Scene, _ isAllowed: inout Bool,
    _ isVisible: inout Bool, _ witness: inout W
  ) {
    for index in 0..<scene.circleCount {
      let holder = scene.circle(index)
      var place = Thing.first(holder, row, from: Thing.head, to: middle, by: 2)
      while place < middle, row[place] == holder {
        weigh(row[place + 1], holder, scope, cell, anyCell, &isAllowed, &isVisible, &witness)
        place += 2
      }
      place = Thing.first(holder, row, from: middle, to: row.count, by: 4)
      while place < row.count, row[place] == holder {
        if instant(row[place + 2], row[place + 3]) > now { weigh(row[place + 1], holder, scope, cell, anyCell, &isAllowed, &isVisible, &witness) }
        place += 4
      }
      if isAllowed, W.isEasilyConvinced { return }
    }
  }

  /// What one role says to it.
  @inline(__always)
  private func weigh<W: Witness>(
    _ role: Int32, _ holder: Int32, _ scope: Int32, _ cell: Int, _ anyCell: Int, _ isAllowed: inout Bool, _ isVisible: inout Bool, _ witness: inout W
  ) {
    if roles.has(role, cell) {
      if isAllowed, W.isEasilyConvinced { return }
      isAllowed = true
      witness.hear(Ground(kind: .grant, role: role, holder: holder, scope: scope))
    } else if roles.has(role, anyCell) {
      isVisible = true
    }
  }
}

extension Thing {
  /// The first place whose word is not below, among sorted entries of one length.
  static func first(_ word: Int32, _ row: borrowing Span<Int32>, from start: Int, to end: Int, by length: Int) -> Int {
    var (low, high) = (0, (end - start) / length)
    while low < high {
      let middle = (low + high) >> 1
      if row[start + middle * length] < word { low = middle + 1 } else { high = middle }
    }
    return start + low * length
  }
}

extension Visibility {
  @inline(__always)
  init(word: Int32) {
    switch word {
    case 0: self = .inherited
    case 1: self = .private
    case 2: self = .organization
    default: self = .public
    }
  }

  var word: Int32 {
    switch self {
    case .inherited: 0
    case .private: 1
    case .organization: 2
    case .public: 3
    }
  }
}

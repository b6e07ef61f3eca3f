internal import Kernel

/// The rules of access. All ways to ask end here.
///
/// A principal may do something if a role allows it that they hold, or one of their teams or a team around those: on the resource, on something it
/// stands in, or on the organization; if the resource is open to them and it is only looked at; or if a policy permits it. And no policy forbids it.
/// What has expired at the instant of the decision doesn't count, nor does a policy that fails. Somebody who isn't a member may hold grants, and
/// nothing else helps them but that something is public; a member who is suspended or whose time is over has nothing.
extension AccessTables {
  @inline(__always)
  func check(
    _ member: AccessMember, _ verb: borrowing AccessVerb, _ target: borrowing AccessTarget, _ context: borrowing AccessContext, at now: Timestamp
  ) -> Verdict {
    var witness = FirstGround()
    let outcome = decide(member.number, verb, target, context, now.milliseconds, &witness)
    return Verdict(outcome: outcome, ground: outcome == .allowed ? witness.permitting : witness.denying)
  }

  @inline(__always)
  func decide<W: Witness>(
    _ member: Int32, _ verb: borrowing AccessVerb, _ target: borrowing AccessTarget, _ context: borrowing AccessContext, _ now: Int64, _ witness: inout W
  ) -> Verdict.Outcome {
    var words = InlineArray<72, Int32>(repeating: Word.missing.bits)
    var board = words.mutableSpan
    var scene = Scene()
    var finding = Finding()

    // What roles must have: a right on things of the type, or on one's own.
    var (isOwn, record): (Bool, Int32) = (false, 0)
    if let named = target.named {
      isOwn = named.isOwn
    } else {
      let owner: Int32
      (owner, record) = resourceRows.with(target.number) { ($0[Thing.owner], $0[Thing.record]) }
      isOwn = owner >= 0 && owner == member
    }
    let cells = Cells(
      right: roles.cell(row: target.typeRow, column: verb.column, own: isOwn), any: roles.anyCell(row: target.typeRow, own: isOwn),
      target: target.isKnown ? target.number : target.shared)

    // The member, and roles on the organization.
    var attributes: Int32 = 0
    if member >= 0 {
      let (flags, end): (Int32, Int64)
      (flags, end, attributes) = memberRows.with(member) { row in
        let flags = row[Holder.flags]
        return (flags, flags & Holder.expires == 0 ? .max : instant(row[Holder.head], row[Holder.head + 1]), row[Holder.record])
      }
      if flags & Holder.isMember != 0 {
        if flags & Holder.isSuspended != 0 {
          witness.hear(Ground(kind: .suspended))
          return .suspendedMembership
        }
        if end <= now {
          witness.hear(Ground(kind: .expired))
          return .expiredMembership
        }
        scene.isMember = true
        scene.rootRoles = UInt64(flags & Holder.roles)
        let allowing = scene.rootRoles & roles.first(cells.right)
        if allowing != 0 {
          finding.isAllowed = true
          hearRoles(allowing, &witness)
        }
        finding.isVisible = scene.rootRoles & roles.first(cells.any) != 0
      }
      scene.isServiceAccount = flags & Holder.isServiceAccount != 0
      gather(member, cells, now, &scene, &board, &finding, &witness)
    }

    // Roles on the resource and on what it stands in.
    if let named = target.named {
      scene.climb(target.number, &board)
      scene.visibility = named.visibility
      if target.shared >= 0, scene.circleCount > 0, !(finding.isAllowed && W.isEasilyConvinced) {
        let (length, grants) = resourceRows.with(target.shared) { ($0.count, $0[Thing.grants]) }
        search(target.shared, length: length, Thing.head + 2 * Int(grants), cells, now, &scene, &board, &finding, &witness)
      }
      climb(target.parent, cells, now, &scene, &board, &finding, &witness)
    } else {
      climb(target.number, cells, now, &scene, &board, &finding, &witness)
    }

    // What is open.
    if scene.visibility == .public || scene.visibility == .organization && scene.isMember && takesPart(scene) {
      finding.isVisible = true
      if verb.isReading, !(finding.isAllowed && W.isEasilyConvinced) {
        finding.isAllowed = true
        witness.hear(Ground(kind: .visibility, role: scene.visibility == .public ? 1 : 0))
      }
    }

    // Who owns an object may share it, as long as they see it.
    if isOwn, verb.isSharing, finding.isVisible, !finding.isAllowed, isObject(target) {
      finding.isAllowed = true
      witness.hear(Ground(kind: .ownership))
    }

    // Policies.
    if rules.isEmpty { return finding.isAllowed ? .allowed : finding.isVisible ? .lacking : .hidden }
    if finding.isAllowed, W.isEasilyConvinced, rules.forbids(verb.rule).isEmpty { return .allowed }
    fill(&board, attributes, record, target, context)
    if scene.isMember, !(finding.isAllowed && W.isEasilyConvinced), !rules.permits(verb.rule).isEmpty {
      if run(verb.rule, permitting: true, member, verb, target, context, scene, board, &witness) { finding.isAllowed = true }
    }
    if finding.isAllowed {
      let isForbidden = !rules.forbids(verb.rule).isEmpty && run(verb.rule, permitting: false, member, verb, target, context, scene, board, &witness)
      return isForbidden ? .forbidden : .allowed
    }
    if finding.isVisible { return .lacking }
    // Who may read it by a policy may know of it.
    let reading = rules.verb("read")
    guard scene.isMember, !rules.permits(reading).isEmpty else { return .hidden }
    var deaf = FirstGround()
    let asReader = AccessVerb(column: verb.column, rule: reading, isReading: true, isSharing: false, name: ResourceVerb.read.name)
    return run(reading, permitting: true, member, asReader, target, context, scene, board, &deaf) ? .lacking : .hidden
  }

  @inline(__always)
  private func takesPart(_ scene: borrowing Scene) -> Bool {
    scene.rootRoles & roles.participants != 0 || !roles.laterParticipants.isEmpty && scene.laterRoles.contains { roles.laterParticipants.contains($0) }
  }

  @inline(never)
  private func isObject(_ target: borrowing AccessTarget) -> Bool { target.type < 0 ? target.named?.type.isObject ?? false : types[Int(target.type)].isObject }

  // MARK: Roles

  /// Where the table of roles answers.
  struct Cells {
    let right: Int
    let any: Int
    /// The row on which single actions count: that of the resource itself, or −1.
    let target: Int32
  }

  /// What has been found so far.
  struct Finding {
    var isAllowed = false
    var isVisible = false
  }

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
    _ member: Int32, _ cells: Cells, _ now: Int64, _ scene: inout Scene, _ board: inout Board, _ finding: inout Finding, _ witness: inout W
  ) {
    scene.enter(who(member: member), &board)
    let counts = memberRows.with(member) { row in
      let counts = row[Holder.counts]
      var place = row[Holder.flags] & Holder.expires == 0 ? Holder.head : Holder.head + 2
      let end = place + Int(counts & 0xFFFF)
      while place < end {
        scene.enter(who(team: row[place]), &board)
        place += 1
      }
      return counts
    }
    if counts > 0xFFFF { hold(who(member: member), memberRows, cells, now, &scene, &board, &finding, &witness) }
    // Those around the teams are entered behind them, until all were asked what they stand in.
    var index = 1
    while index < scene.circleCount {
      let team = scene.circle(index, board) >> 1
      let word = teamParents[Int(team)]
      let parent = word >> 1
      if word & 1 != 0 { hold(who(team: team), teamRows, cells, now, &scene, &board, &finding, &witness) }
      if parent >= 0 { scene.enter(who(team: parent), &board) }
      index += 1
    }
  }

  /// The roles of one holder on the organization.
  private func hold<W: Witness>(
    _ holder: Int32, _ rows: borrowing Rows, _ cells: Cells, _ now: Int64, _ scene: inout Scene, _ board: inout Board, _ finding: inout Finding,
    _ witness: inout W
  ) {
    rows.with(holder >> 1) { row in
      let layout = Holder.Layout(row)
      for place in layout.roles {
        scene.holdAtRoot(row[place])
        weigh(row[place], holder, -1, cells, &finding, &witness)
      }
      for place in stride(from: layout.expiring.lowerBound, to: layout.expiring.upperBound, by: 3) where instant(row[place + 1], row[place + 2]) > now {
        scene.holdAtRoot(row[place])
        weigh(row[place], holder, -1, cells, &finding, &witness)
      }
    }
  }

  /// Goes from a resource to what it stands in, and looks for grants to anybody in the circle.
  @inline(__always)
  private func climb<W: Witness>(
    _ resource: Int32, _ cells: Cells, _ now: Int64, _ scene: inout Scene, _ board: inout Board, _ finding: inout Finding, _ witness: inout W
  ) {
    var resource = resource
    while resource >= 0 {
      let scope = resource
      scene.climb(scope, &board)
      let (parent, flags, length, grants) = resourceRows.with(scope) { ($0[Thing.parent], $0[Thing.flags], $0.count, $0[Thing.grants]) }
      if scene.visibility == .inherited { scene.visibility = Visibility(word: flags & Thing.visibility) }
      if length > Thing.head, !(finding.isAllowed && W.isEasilyConvinced), scene.circleCount > 0 {
        let middle = Thing.head + 2 * Int(grants)
        search(scope, length: length, middle, cells, now, &scene, &board, &finding, &witness)
      }
      resource = parent
    }
  }

  /// Looks at the grants on one resource.
  @inline(__always)
  private func search<W: Witness>(
    _ scope: Int32, length: Int, _ middle: Int, _ cells: Cells, _ now: Int64, _ scene: inout Scene, _ board: inout Board, _ finding: inout Finding,
    _ witness: inout W
  ) {
    if length > Thing.most {
      search(scope, middle, cells, now, &scene, &board, &finding, &witness)
    } else {
      scan(scope, middle, length, cells, now, &scene, &board, &finding, &witness)
    }
  }

  /// Looks at one grant after the other.
  @inline(__always)
  private func scan<W: Witness>(
    _ scope: Int32, _ middle: Int, _ length: Int, _ cells: Cells, _ now: Int64, _ scene: inout Scene, _ board: inout Board, _ finding: inout Finding,
    _ witness: inout W
  ) {
    let bloom = scene.bloom
    var place = Thing.head
    while true {
      // Goes on to the next that may be somebody's of the circle.
      let (next, holder, role, end) = resourceRows.with(scope) { row -> (Int, Int32, Int32, Int64) in
        var next = place
        while next < middle {
          if bloom >> UInt64(row[next] & 63) & 1 != 0 { return (next + 2, row[next], row[next + 1], .max) }
          next += 2
        }
        while next < length {
          if bloom >> UInt64(row[next] & 63) & 1 != 0 { return (next + 4, row[next], row[next + 1], instant(row[next + 2], row[next + 3])) }
          next += 4
        }
        return (-1, 0, 0, 0)
      }
      if next < 0 { return }
      place = next
      if end > now, scene.isInCircle(holder, board) {
        weigh(role, holder, scope, cells, &finding, &witness)
        if finding.isAllowed, W.isEasilyConvinced { return }
      }
    }
  }

  /// Where grants are many, looks up each of the circle among them.
  private func search<W: Witness>(
    _ scope: Int32, _ middle: Int, _ cells: Cells, _ now: Int64, _ scene: inout Scene, _ board: inout Board, _ finding: inout Finding, _ witness: inout W
  ) {
    resourceRows.with(scope) { row in
      for index in 0..<scene.circleCount {
        let holder = scene.circle(index, board)
        var place = Thing.first(holder, row, from: Thing.head, to: middle, by: 2)
        while place < middle, row[place] == holder {
          weigh(row[place + 1], holder, scope, cells, &finding, &witness)
          place += 2
        }
        place = Thing.first(holder, row, from: middle, to: row.count, by: 4)
        while place < row.count, row[place] == holder {
          if instant(row[place + 2], row[place + 3]) > now { weigh(row[place + 1], holder, scope, cells, &finding, &witness) }
          place += 4
        }
        if finding.isAllowed, W.isEasilyConvinced { return }
      }
    }
  }

  /// What one role says to it. Single actions count where they were given, and not within.
  @inline(__always)
  private func weigh<W: Witness>(_ role: Int32, _ holder: Int32, _ scope: Int32, _ cells: Cells, _ finding: inout Finding, _ witness: inout W) {
    if scope != cells.target, roles.isAction(role) { return }
    if roles.has(role, cells.right) {
      if finding.isAllowed, W.isEasilyConvinced { return }
      finding.isAllowed = true
      witness.hear(Ground(kind: .grant, role: role, holder: holder, scope: scope))
    } else if roles.has(role, cells.any) {
      finding.isVisible = true
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

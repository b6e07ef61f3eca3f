internal import Cedar

/// Conditions that numbers alone don't answer: patterns, addresses, times, attributes of attributes. Cedar's evaluator answers them, on the few entities
/// that the decision is about.
extension AccessTables {
  func evaluateInFull(
    _ expression: Expression, _ member: Int32, _ verb: borrowing AccessVerb, _ target: borrowing AccessTarget, _ context: borrowing AccessContext,
    _ scene: borrowing Scene, _ board: borrowing Board
  ) -> Truth {
    let principal = EntityUID(scene.isServiceAccount ? CedarNames.serviceAccount : CedarNames.account, member < 0 ? "" : members.text(member))
    var entities = [principalEntity(principal, member, scene)]
    entities += circleEntities(scene, board)
    let resource: EntityUID
    let root = EntityUID(CedarNames.organization, organization)
    if let named = target.named {
      resource = EntityUID(CedarNames.type(named.type), named.id)
      entities.append(Entity(resource, attributes: named.record, parents: [target.parent < 0 ? root : uid(target.parent)]))
    } else {
      resource = uid(target.number)
    }
    for index in (target.isKnown ? 0 : 1)..<max(scene.chainCount, 1) where scene.chain(index, board) >= 0 {
      let number = scene.chain(index, board)
      let (parent, record) = resourceRows.with(number) { ($0[Thing.parent], $0[Thing.record]) }
      entities.append(Entity(uid(number), attributes: values.record(record), parents: [parent < 0 ? root : uid(parent)]))
    }
    // The same thing may be principal and resource; then the principal counts.
    var seen: Set<EntityUID> = []
    guard let known = try? Entities(entities.filter { seen.insert($0.uid).inserted }) else { return .failed }
    let request = Request(principal: principal, action: EntityUID(CedarNames.action, verb.name), resource: resource, context: context.record)
    guard case .bool(let truth)? = try? Evaluator(request, known).evaluate(expression) else { return .failed }
    return Truth(truth)
  }

  private func uid(_ resource: Int32) -> EntityUID {
    EntityUID(CedarNames.type(types[Int(resourceRows.word(resource, Thing.type))]), resources.text(resource))
  }

  /// A team that was removed still stands where it was named, and is nothing; another may be called so since.
  private func isPresent(team: Int32) -> Bool { teamRows.word(team, Holder.flags) & Holder.isPresent != 0 }

  private func uid(team: Int32) -> EntityUID { EntityUID(CedarNames.team, teams.text(team)) }

  private func principalEntity(_ uid: EntityUID, _ member: Int32, _ scene: borrowing Scene) -> Entity {
    guard member >= 0 else { return Entity(uid) }
    var parents: [EntityUID] = scene.isMember ? [EntityUID(CedarNames.organization, organization)] : []
    let (record, direct) = memberRows.with(member) { row in
      var direct: [Int32] = []
      for place in Holder.Layout(row).teams { direct.append(row[place]) }
      return (row[Holder.record], direct)
    }
    for team in direct where isPresent(team: team) { parents.append(self.uid(team: team)) }
    for role in 0..<Int32(64) where scene.rootRoles >> UInt64(role) & 1 != 0 { parents.append(contentsOf: self.uid(role: role)) }
    for role in scene.laterRoles { parents.append(contentsOf: self.uid(role: role)) }
    return Entity(uid, attributes: values.record(record), parents: parents)
  }

  /// A role as an entity; resource roles and actions that are given on the organization are none.
  private func uid(role: Int32) -> [EntityUID] {
    switch roles.roles[Int(role)] {
    case .organization(let role): [EntityUID(CedarNames.role, role.rawValue)]
    case .custom(let id): [EntityUID(CedarNames.role, id)]
    case .resource, .actions: []
    }
  }

  private func circleEntities(_ scene: borrowing Scene, _ board: borrowing Board) -> [Entity] {
    var entities: [Entity] = []
    for index in 0..<scene.circleCount where scene.circle(index, board) & 1 == 1 {
      let team = scene.circle(index, board) >> 1
      guard isPresent(team: team) else { continue }
      let parent = self.parent(ofTeam: team)
      entities.append(Entity(uid(team: team), parents: parent >= 0 && isPresent(team: parent) ? [uid(team: parent)] : []))
    }
    return entities
  }
}

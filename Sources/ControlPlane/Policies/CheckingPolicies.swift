import Authorization
import Contract
import Kernel
import Storage

/// The largest look that a preview takes: how many people and service accounts, with how many things, and how many questions in all.
private enum PreviewLimit {
  static let principals = 1_000
  static let things = 50
  static let questions = 50_000
  static let admins = 50
}

extension Work {
  func policy(_ reference: String, in organization: Organization) throws(Problem) -> Policy {
    guard let found = try policies.find(reference, in: organization.id) else { throw Problem(.missing, "There is no such policy here.") }
    return found
  }

  /// What policies of the organization may speak of.
  func policySchema(of organization: Organization) throws(Problem) -> PolicySchema {
    try policies.schema(of: organization.id) ?? PolicySchema(version: 0, vocabulary: .builtIn, changedAt: nil, changedBy: "")
  }

  // MARK: Texts

  /// Everything that is to be said about a text, errors first, and what the names in it mean.
  func faults(in text: String, of organization: Organization) throws(Problem) -> (faults: [PolicyFault], references: [PolicyReference]) {
    let schema = try policySchema(of: organization)
    let roles = try roleRows.all(in: organization.id, at: .organization).flatMap { [$0.slug.text, $0.id.description] }
    let validator = schema.version == 0 && roles.isEmpty ? PolicyValidator.builtIn : PolicyValidator(schema.vocabulary, naming: roles)
    guard let validator else { throw Problem(.defect, "The schema of policies can't be read.") }
    var faults = validator.check(text)
    var references: [PolicyReference] = []
    for name in PolicyName.all(in: text) {
      guard !references.contains(where: { $0.type == name.type && $0.name == name.name }), let meant = try meaning(of: name, in: organization) else { continue }
      if let id = meant {
        references.append(PolicyReference(type: name.type, name: name.name, id: id))
      } else {
        let place = name.place(in: text)
        faults.insert(
          PolicyFault(
            "nothing here is called \(name.type)::\"\(name.name)\"", hint: "give the slug, the handle or the id of what is there", line: place.line,
            column: place.column, excerpt: String(text.split(separator: "\n" as Character, omittingEmptySubsequences: false)[place.line - 1].prefix(160)),
            offending: "\"\(name.name)\""), at: 0)
      }
    }
    return (faults, references)
  }

  /// The id of what a name means; `nil` within where nothing is called so, and outside for what isn't called by names.
  private func meaning(of name: PolicyName, in organization: Organization) throws(Problem) -> String?? {
    // What could not be stored as a line is nobody's name.
    if name.name.contains(where: { $0 == "\t" || $0.isNewline }) { return .some(nil) }
    switch name.type {
    case "Team": return .some(try teams.find(name.name, in: organization.id)?.id.description)
    case "User":
      let account = try account(by: name.name)
      return .some(try account.flatMap { account throws(Problem) in try members.of(account.id, in: organization.id)?.account.description })
    case "ServiceAccount": return .some(try serviceAccounts.find(name.name, in: organization.id)?.id.description)
    case "Workspace": return .some(try workspaces.find(name.name, in: organization.id)?.id.description)
    case "App": return .some(try apps.find(name.name, in: organization.id)?.id.description)
    case "Cluster": return .some(try organizationClusters.find(name.name, in: organization.id)?.resource.id.description)
    case "Project":
      if name.name.contains("/") { return .some(try project(called: name.name, in: organization)?.id.description) }
      let found = try ID<Resource>(name.name).flatMap { id throws(Problem) in try accessFacts.place(of: id, in: organization.id) }
      return .some(found?.type == .project ? name.name.lowercased() : nil)
    case "Role":
      // A built-in one is called as it is; what is none is told with those that there are.
      if OrganizationRole(rawValue: name.name) != nil { return nil }
      if let id = ID<DefinedRole>(name.name) {
        let found = try roleRows.find(id, in: organization.id)
        return found.flatMap { $0.scope == .organization ? .some($0.id.description) : nil }
      }
      return try roleRows.find(name.name, at: .organization, in: organization.id).map { .some($0.id.description) }
    case "Organization":
      let isThis = [organization.id.description, organization.slug.text].contains(name.name.lowercased())
      return .some(isThis ? organization.id.description : nil)
    default: return nil
    }
  }

  /// The text as decisions read it. Refuses as `invalid` with every error and its place.
  func checked(_ text: String, in organization: Organization, field: String = "text") throws(Problem) -> CheckedPolicy {
    guard text.utf8.count <= Policy.textLimit else { throw .invalid(field, PolicyDraft.tooLong) }
    let (faults, references) = try faults(in: text, of: organization)
    let errors = faults.filter(\.isError)
    guard errors.isEmpty else {
      let detail = errors.count == 1 ? errors[0].sentence : "The policy has \(errors.count) errors."
      throw Problem(.invalidPolicy, detail, faults: errors.prefix(100).map { FieldFault(field, $0.sentence) })
    }
    return CheckedPolicy(references: references, compiled: references.compiled(text))
  }

  // MARK: What a change would do

  /// What it would do if these were in force, of which some are new and some were there; `keeps` as of a graph that is asked for.
  func preview(_ sources: [AccessRules.Source], in organization: Organization, keeps: Bool) throws(Problem) -> PolicyPreview {
    let graph = try accessGraph(of: organization.id, keeps: keeps)
    let present = try policies.sources(in: organization.id)
    let changed = Set(sources).symmetricDifference(present)
    let proposed: AccessGraph
    let change = try change(sources)
    do { proposed = try graph.applying([change], revision: graph.revision) } catch { throw Problem(.defect, "Policies can't be compiled.") }
    let outlines = changed.compactMap { PolicyOutline($0.text) }
    let actions = Self.actions(outlines)
    let things = try things(outlines, graph, in: organization)
    let attributes = [AccessValue.Attribute("address", .address(caller.origin.address)), AccessValue.Attribute("time", .instant(now))]
    let (context, proposedContext) = (graph.context(AccessValue.readable(attributes)), proposed.context(AccessValue.readable(attributes)))
    let limit = min(PreviewLimit.principals, max(10, PreviewLimit.questions / max(1, things.count * actions.count)))
    let ids = try Array(decisionNames.sample(of: organization.id, limit: limit).prefix(limit))
    let total = try organization.memberCount + serviceAccounts.count(in: organization.id)

    var (losing, gaining): ([(id: String, action: String, thing: String)], [(id: String, action: String, thing: String)]) = ([], [])
    for id in ids {
      let (member, proposedMember) = (graph.member(id), proposed.member(id))
      var (loses, gains): ((String, String)?, (String, String)?)
      for action in actions {
        let (verb, proposedVerb) = (graph.verb(ResourceVerb(action)), proposed.verb(ResourceVerb(action)))
        for thing in things {
          let before = graph.check(member, verb, thing.target(graph), context, at: now).isAllowed
          let after = proposed.check(proposedMember, proposedVerb, thing.target(proposed), proposedContext, at: now).isAllowed
          if before, !after, loses == nil { loses = (action, thing.name) }
          if !before, after, gains == nil { gains = (action, thing.name) }
        }
      }
      if let loses { losing.append((id, loses.0, loses.1)) }
      if let gains { gaining.append((id, gains.0, gains.1)) }
    }
    let shown = Array(losing.prefix(20)) + Array(gaining.prefix(max(0, 20 - losing.count)))
    let names = try decisionNames.principals(Array(Set(shown.map(\.id))), in: organization.id)
    return PolicyPreview(
      losing: losing.count, gaining: gaining.count,
      examples: shown.enumerated().map { place, found in
        PolicyPreview.Example(
          principal: names[found.id] ?? AccessPrincipal(kind: .account, id: found.id, handle: "", name: ""), action: found.action, thing: found.thing,
          loses: place < min(20, losing.count))
      }, asked: ids.count, total: total, things: things.map(\.name), actions: actions,
      locksOut: try locksOut(graph, proposed, attributes, in: organization))
  }

  private static func actions(_ outlines: [PolicyOutline]) -> [String] {
    var found: [String] = []
    for action in outlines.flatMap({ $0.actions ?? ["read", "update", "delete", "use", "manage"] }) where !found.contains(action) { found.append(action) }
    return found.isEmpty ? ["read"] : Array(found.prefix(10))
  }

  /// A thing that a preview tries.
  private struct Tried {
    let type: ResourceType
    let id: String
    let parent: AccessResource?
    let name: String

    func target(_ graph: AccessGraph) -> AccessTarget {
      graph.target(named: id, type, in: parent.flatMap { graph.target($0.type, $0.id) })
    }
  }

  /// Workspaces and projects, and for each type that the policies name and that isn't registered one that has no attributes, in the first projects.
  private func things(_ outlines: [PolicyOutline], _ graph: AccessGraph, in organization: Organization) throws(Problem) -> [Tried] {
    let stored = try decisionNames.resources(of: organization.id, limit: PreviewLimit.things)
    let paths = try decisionNames.paths(ofResources: Set(stored.map(\.id)), in: organization.id)
    let types = Set(outlines.flatMap(\.types))
    let isAboutAll = outlines.contains { $0.types.isEmpty }
    var found: [Tried] = []
    for (type, id) in stored where isAboutAll || types.contains(type) {
      found.append(Tried(type: ResourceType(type), id: id, parent: nil, name: "the \(type) \(paths[id] ?? id)"))
    }
    for type in types.sorted() where !ThingName.registered.contains(ResourceType(type)) {
      for place in stored.filter({ $0.type == "project" }).prefix(5) {
        let name = "a \(type) without attributes in \(paths[place.id] ?? place.id)"
        found.append(Tried(type: ResourceType(type), id: "", parent: AccessResource(.project, place.id), name: name))
      }
      found.append(Tried(type: ResourceType(type), id: "", parent: nil, name: "a \(type) without attributes"))
    }
    if isAboutAll { found.append(Tried(type: ResourceType("dataset"), id: "", parent: nil, name: "a dataset without attributes")) }
    return found.isEmpty ? [Tried(type: .workspace, id: "", parent: nil, name: "a new workspace")] : Array(found.prefix(PreviewLimit.things + 20))
  }

  /// Whether no admin in force for good could still read or manage what one can now: a new workspace, the organization as a thing, or any of the first that are
  /// there.
  private func locksOut(
    _ graph: AccessGraph, _ proposed: AccessGraph, _ attributes: [AccessValue.Attribute], in organization: Organization
  ) throws(Problem) -> Bool {
    let admins = try decisionNames.lastingAdmins(of: organization.id, limit: PreviewLimit.admins)
    let stored = try decisionNames.resources(of: organization.id, limit: PreviewLimit.things)
    let single = [
      [Tried(type: .organization, id: "", parent: nil, name: "")], [Tried(type: .workspace, id: "", parent: nil, name: "")],
      stored.map { Tried(type: ResourceType($0.type), id: $0.id, parent: nil, name: "") },
    ]
    func anybodyMay(_ verb: ResourceVerb, _ things: [Tried], _ graph: AccessGraph) -> Bool {
      let (verb, context) = (graph.verb(verb), graph.context(AccessValue.readable(attributes)))
      return things.contains { thing in
        let target = thing.target(graph)
        return admins.contains { graph.check(graph.member($0), verb, target, context, at: now).isAllowed }
      }
    }
    for things in single {
      for verb in [ResourceVerb.read, .manage] where anybodyMay(verb, things, graph) && !anybodyMay(verb, things, proposed) { return true }
    }
    return false
  }

  /// Refuses what would leave no admin who may read and manage, with what it would do.
  func expectNoLockOut(_ sources: [AccessRules.Source], in organization: Organization) throws(Problem) {
    let preview = try preview(sources, in: organization, keeps: false)
    guard preview.locksOut else { return }
    throw Problem(
      .policyLockOut,
      "No admin could read or manage anything here any more, from where you are now. \(preview.sentence) Leave admins out, or save the policy switched off.")
  }
}

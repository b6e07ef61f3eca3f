public import Authorization
public import Kernel

/// A workspace in an archive, with its projects and who has access to them; without its key.
public struct ArchivedWorkspace: Sendable, Hashable {
  public let resource: Resource
  public let kind: Workspace.Kind
  public let state: WorkspaceState
  public let server: Workspace.Server?
  public let access: ArchivedAccess
  /// By slug.
  public let projects: [ArchivedProject]

  /// As it is stored, without a key: its server's people make a new one.
  var workspace: Workspace { Workspace(resource: resource, kind: kind, state: state, server: server, key: nil, projects: projects.count) }
}

/// A project in an archive.
public struct ArchivedProject: Sendable, Hashable {
  public let resource: Resource
  public let defaultRole: ResourceRole
  public let access: ArchivedAccess
}

/// Who has which role on one thing in an archive.
public struct ArchivedAccess: Sendable, Hashable {
  /// By id.
  public let grants: [ArchivedGrant]
  /// What former members get back when they are reinstated, by account and role.
  public let former: [FormerGrant]

  /// A role that is over, and can be taken up again.
  public struct FormerGrant: Sendable, Hashable {
    public let account: ID<Account>
    public let role: ResourceRole
    public let expires: Timestamp?
  }
}

/// A role that is held by somebody of the archive.
public struct ArchivedGrant: Sendable, Hashable {
  public let id: ID<Grant>
  public let holder: Holder
  public let role: ResourceRole
  public let expires: Timestamp?
  public let since: Timestamp
  public let revision: Int

  /// Whose it is.
  public enum Holder: Sendable, Hashable {
    case member(ID<Member>)
    case invitation(ID<Invitation>)
    case serviceAccount(ID<ServiceAccount>)
    case team(ID<Team>)
  }
}

extension Archive {
  /// Refuses workspaces, projects and access that stand twice, and access of who isn't in the archive.
  func checkWorkspaces(_ checker: inout FieldChecker) {
    let projects = workspaces.flatMap(\.projects)
    Self.findRepeats(workspaces.map(\.resource.id) + projects.map(\.resource.id), "workspaces", "id", &checker)
    Self.findRepeats(workspaces.map(\.resource.slug.key), "workspaces", "slug", &checker)
    let people = AccessPeople(
      members: Set(members.map(\.id)), invitations: Set(invitations.filter { $0.answer == nil }.map(\.id)), programs: Set(serviceAccounts.map(\.id)),
      teams: Set(teams.map(\.id)), former: Set(formerMembers.map(\.account)))
    var seen: Set<ID<Grant>> = []
    for (place, workspace) in workspaces.enumerated() {
      let field = "workspaces/\(place)"
      if workspace.resource.revision < 1 { checker.reject("\(field)/revision", "Give a number from 1 on.") }
      check(workspace.access, people, &seen, at: field, &checker)
      Self.findRepeats(workspace.projects.map(\.resource.slug.key), "\(field)/projects", "slug", &checker)
      for (index, project) in workspace.projects.enumerated() {
        if project.resource.revision < 1 { checker.reject("\(field)/projects/\(index)/revision", "Give a number from 1 on.") }
        check(project.access, people, &seen, at: "\(field)/projects/\(index)", &checker)
      }
    }
  }

  private struct AccessPeople {
    let members: Set<ID<Member>>
    let invitations: Set<ID<Invitation>>
    let programs: Set<ID<ServiceAccount>>
    let teams: Set<ID<Team>>
    let former: Set<ID<Account>>
  }

  private struct Held: Hashable {
    let holder: ArchivedGrant.Holder
    let role: ResourceRole
  }

  private func check(_ access: ArchivedAccess, _ people: AccessPeople, _ seen: inout Set<ID<Grant>>, at place: String, _ checker: inout FieldChecker) {
    Self.findRepeats(access.grants.map { Held(holder: $0.holder, role: $0.role) }, "\(place)/grants", "role", &checker)
    for (index, grant) in access.grants.enumerated() {
      let field = "\(place)/grants/\(index)"
      if !seen.insert(grant.id).inserted { checker.reject("\(field)/id", "This stands in the archive already.") }
      if grant.revision < 1 { checker.reject("\(field)/revision", "Give a number from 1 on.") }
      switch grant.holder {
      case .member(let id): if !people.members.contains(id) { checker.reject("\(field)/member", "There is no such member in the archive.") }
      case .invitation(let id):
        if !people.invitations.contains(id) { checker.reject("\(field)/invitation", "There is no such open invitation in the archive.") }
      case .serviceAccount(let id):
        if !people.programs.contains(id) { checker.reject("\(field)/service_account", "There is no such service account in the archive.") }
      case .team(let id): if !people.teams.contains(id) { checker.reject("\(field)/team", "There is no such team in the archive.") }
      }
    }
    Self.findRepeats(access.former.map { "\($0.account) \($0.role.rawValue)" }, "\(place)/former_grants", "role", &checker)
    for (index, grant) in access.former.enumerated() where !people.former.contains(grant.account) {
      checker.reject("\(place)/former_grants/\(index)/account", "There is no such former member in the archive.")
    }
  }
}

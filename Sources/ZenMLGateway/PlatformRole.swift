import Authorization
import Contract
import ControlPlane
import Kernel
import Secrets

/// A role as ZenML's API knows it: a predefined one of ZenML Pro, which stands for one of ours, or one that the organization made.
struct PlatformRole: Sendable, Hashable {
  enum Level: String, Sendable, Hashable, CaseIterable { case organization, workspace, project }

  let level: Level
  let name: String
  /// Ours, at that level.
  let role: String
  /// One that the organization made; `nil` for a predefined one.
  let defined: DefinedRole?

  private init(_ level: Level, _ name: String, _ role: String) { (self.level, self.name, self.role, defined) = (level, name, role, nil) }

  /// `nil` at levels that ZenML Pro doesn't have.
  init?(_ defined: DefinedRole) {
    guard let level = Level(rawValue: defined.scope.rawValue) else { return nil }
    (self.level, name, role, self.defined) = (level, defined.name.text, defined.slug.text, defined)
  }

  /// As grants name it: `project.auditor`.
  var reference: String { "\(level.rawValue).\(role)" }

  /// What it allows: permissions at the level of the organization, `type:verb` at others.
  var rights: [String] {
    if let defined { return defined.content.names }
    if level == .organization { return OrganizationRole(rawValue: role)?.permissions.map(\.rawValue).sorted() ?? [] }
    return RoleScope(rawValue: level.rawValue).flatMap { ResourceRole(role, of: $0) }?.rights.sorted.map(\.description) ?? []
  }

  /// The predefined ones.
  static let all: [PlatformRole] = [
    PlatformRole(.organization, "Organization Admin", "admin"), PlatformRole(.organization, "Organization Manager", "manager"),
    PlatformRole(.organization, "Organization Viewer", "viewer"), PlatformRole(.organization, "Billing Admin", "billing"),
    PlatformRole(.organization, "Organization Member", "member"),
    PlatformRole(.workspace, "Workspace Admin", "admin"), PlatformRole(.workspace, "Workspace Developer", "developer"),
    PlatformRole(.workspace, "Workspace Contributor", "contributor"), PlatformRole(.workspace, "Workspace Viewer", "viewer"),
    PlatformRole(.workspace, "Stack Admin", "stack-admin"),
    PlatformRole(.project, "Project Admin", "admin"), PlatformRole(.project, "Project Developer", "developer"),
    PlatformRole(.project, "Project Contributor", "contributor"), PlatformRole(.project, "Project Viewer", "viewer"),
  ]

  /// The same one for ever: clients name a role by an id alone, which says in which organization it is meant.
  func id(in organization: ID<Organization>) -> String {
    if let defined { return defined.id.description }
    let digest = SHA256Digest(of: "zenml role \(level.rawValue).\(role) of \(organization)")
    var bytes = Array((Base64URL.decode(digest.text) ?? []).prefix(16))
    guard bytes.count == 16 else { return organization.description }
    // One that is made of a digest (RFC 9562 §5.8).
    bytes[6] = bytes[6] & 0x0F | 0x80
    bytes[8] = bytes[8] & 0x3F | 0x80
    let text = Hex.encode(bytes)
    let parts = [text.prefix(8), text.dropFirst(8).prefix(4), text.dropFirst(12).prefix(4), text.dropFirst(16).prefix(4), text.dropFirst(20)]
    return parts.map { String($0) }.joined(separator: "-")
  }

  /// `RoleRead`.
  func shown(in organization: ID<Organization>) -> JSON {
    var members: [JSON.Member] = [
      .init("id", .string(id(in: organization))), .init("name", .string(name)), .init("description", .string(defined?.description.text ?? "")),
      .init("organization_id", .string(organization.description)),
      .init("level", .string(level.rawValue)), .init("system_managed", .boolean(defined == nil)), .init("type", "normal"),
    ]
    if let defined { members.append(.init("permissions", .array(RolePermissions.shown(defined.content.names)))) }
    return .object(members)
  }
}

/// What roles are made of, as ZenML's API writes it: a type of things and an action, each for itself.
enum RolePermissions {
  /// Of ours: `stack:read`, or `member.list` at the level of the organization.
  static func shown(_ rights: [String]) -> [JSON] {
    rights.map { right in
      let parts = right.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == ":" || $0 == "." }.map { String($0) }
      return .object([.init("resource_type", .string(parts[0])), .init("action", .string(parts.count == 2 ? parts[1] : ""))])
    }
  }

  /// Ours of what a client wrote: objects with a type and an action, or with several actions, or texts such as `stack:read`. `nil` where it wrote none.
  static func read(_ body: JSON, at level: PlatformRole.Level) throws(Problem) -> [String]? {
    let mark = level == .organization ? "." : ":"
    switch body["permissions"] {
    case nil, .null?: return nil
    case .array(let items)?:
      var rights: [String] = []
      for item in items {
        if let text = item.text {
          rights.append(level == .organization ? text.replacing(":", with: ".") : text)
          continue
        }
        guard let type = (item["resource_type"] ?? item["resource"])?.text else { throw refused }
        var actions = [item["action"]?.text].compactMap { $0 }
        if case .array(let several)? = item["actions"] { actions += several.compactMap(\.text) }
        guard !actions.isEmpty else { throw refused }
        rights += actions.map { "\(type)\(mark)\($0)" }
      }
      return rights
    default: throw refused
    }
  }

  private static let refused = Problem.invalid("permissions", #"Give a list such as [{"resource_type": "stack", "action": "read"}]."#)

  /// The types of ZenML at each level, and what can be done with them.
  static let vocabulary: [(level: PlatformRole.Level, types: [String])] = [
    (.workspace, ["flavor", "secret", "service_connector", "stack", "stack_component", "tag", "service_account", "project"]),
    (
      .project,
      [
        "artifact", "artifact_version", "code_repository", "model", "model_version", "pipeline", "pipeline_run", "pipeline_deployment", "pipeline_build",
        "deployment", "schedule", "run_template", "service", "run_metadata", "trigger", "webhook",
      ]
    ),
  ]
  static let actions = ["create", "read", "update", "delete", "read_secret_value", "prune", "client", "promote", "backup_restore", "share"]

  /// All of them, level by level, with what roles on the organization are made of.
  static var all: [JSON] {
    func row(_ level: PlatformRole.Level, _ type: String, _ action: String) -> JSON {
      .object([.init("level", .string(level.rawValue)), .init("resource_type", .string(type)), .init("action", .string(action))])
    }
    let organization = Permission.allCases.compactMap { permission -> JSON? in
      let parts = permission.rawValue.split(separator: "." as Character, maxSplits: 1).map { String($0) }
      return parts.count == 2 ? row(.organization, parts[0], parts[1]) : nil
    }
    return organization + vocabulary.flatMap { level, types in types.flatMap { type in actions.map { row(level, type, $0) } } }
  }
}

extension ControlPlane {
  /// The predefined roles and those that the organization made, at the levels that ZenML Pro has.
  func platformRoles(of organization: ID<Organization>, by caller: Caller) async throws(Problem) -> [PlatformRole] {
    let own = try await all(1_000) { page async throws(Problem) in try await roles.listDefined(in: organization.description, page, by: caller) }
    return PlatformRole.all + own.compactMap { PlatformRole($0) }
  }

  /// One of them by its id; refuses as `invalid` what is none.
  func platformRole(_ id: String, at level: PlatformRole.Level? = nil, of organization: ID<Organization>,
    by caller: Caller) async throws(Problem) -> PlatformRole {
    let found = try await platformRoles(of: organization, by: caller).first { $0.id(in: organization) == id.lowercased()
      && (level == nil || $0.level == level) }
    guard let found else { throw Problem.invalid("role_id", "There is no such role of the organization.") }
    return found
  }
}

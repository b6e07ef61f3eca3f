import Authorization
import Kernel

/// What Apolo calls roles. Where an organization gives roles that Apolo has no word for, the nearest one stands that allows no more.
enum Roles {
  // MARK: Of organizations

  static func name(of roles: RoleSet) -> String { roles.contains(.admin) ? "admin" : roles.contains(.manager) ? "manager" : "user" }

  /// By what somebody may do: for who asks about themselves.
  static func name(of permissions: Set<Permission>) -> String {
    permissions.contains(.organizationDelete) ? "admin" : permissions.contains(.memberUpdate) ? "manager" : "user"
  }

  static func organizationRole(_ name: String) throws(Problem) -> OrganizationRole {
    switch name {
    case "user": .member
    case "manager": .manager
    case "admin": .admin
    default: throw .invalid("role", "There is no role \"\(name.prefix(40))\". The roles are user, manager, admin.")
    }
  }

  /// The roles of a member who is given one of Apolo's in place of the one that they had; what they hold beside those stays.
  static func roles(_ present: RoleSet, becoming role: OrganizationRole) -> [String] {
    ([role] + present.roles.filter { ![.admin, .manager, .member, .guest].contains($0) }).map(\.rawValue)
  }

  // MARK: Of clusters

  static func clusterName(of role: GrantedRole) -> String {
    switch role {
    case .resource(.clusterAdmin): "admin"
    case .resource(.clusterManager): "manager"
    default: "user"
    }
  }

  static func clusterRole(_ name: String) throws(Problem) -> String {
    switch name {
    case "admin", "manager", "user": name
    case "member": "user"
    default: throw .invalid("role", "There is no role \"\(name.prefix(40))\". The roles are user, manager, admin.")
    }
  }

  // MARK: Of projects

  static func projectName(of role: GrantedRole) -> String {
    switch role {
    case .resource(.projectAdmin): "admin"
    case .resource(.projectManager): "manager"
    case .resource(.projectDeveloper), .resource(.projectContributor): "writer"
    default: "reader"
    }
  }

  static func projectRole(_ name: String) throws(Problem) -> String {
    switch name {
    case "admin", "manager": name
    case "writer": "developer"
    case "reader": "viewer"
    default: throw .invalid("role", "There is no role \"\(name.prefix(40))\". The roles are reader, writer, manager, admin.")
    }
  }
}

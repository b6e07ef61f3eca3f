import Kernel

extension API {
  /// What an organization decides for itself.
  public enum OrganizationSettings {
    public static let list = Endpoint<Wire.InOrganization, Nothing, Nothing, Wire.OrganizationSettings>(
      "setting.list", .get, "/organizations/{organization}/settings", access: .organization(permission: "organization.read"),
      summary: "List an organization's settings: what holds, whether the organization or the installation says so, and what the installation says.")

    public static let set = Endpoint<Wire.InSetting, Nothing, Wire.SettingValue, Wire.OrganizationSetting>(
      "setting.set", .put, "/organizations/{organization}/settings/{setting}", access: .organization(permission: "organization.update"),
      summary: "Give an organization a value of its own for a setting; it holds at once. `member_credits` takes `credits.manage` alone.",
      refusals: [.aboveOwnRights])

    public static let reset = Endpoint<Wire.InSetting, Nothing, Nothing, Wire.OrganizationSetting>(
      "setting.reset", .delete, "/organizations/{organization}/settings/{setting}", access: .organization(permission: "organization.update"),
      summary: "Let an organization follow the installation again.")

    static var all: [AnyEndpoint] { [AnyEndpoint(list), AnyEndpoint(set), AnyEndpoint(reset)] }
  }
}

extension Wire {
  /// A setting of an organization, by name.
  public struct InSetting: Codable, Sendable, Hashable {
    public var organization: String
    public var setting: String

    public init(organization: String, setting: String) {
      self.organization = organization
      self.setting = setting
    }
  }

  /// What the settings are called.
  public enum OrganizationSettingName: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
    case invitationTerm = "invitation_term"
    case defaultRole = "default_role"
    case joinRequests = "join_requests"
    case reinstatementTerm = "reinstatement_term"
    case timeZone = "time_zone"
    case memberCredits = "member_credits"
    case outsideCollaborators = "outside_collaborators"
  }

  /// Who decided a value.
  public enum SettingSource: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case installation, organization }

  /// One setting as it stands in an organization.
  public struct OrganizationSetting: Codable, Sendable, Hashable {
    public var name: OrganizationSettingName
    /// What holds: a whole number of days for terms, a role, `yes` or `no`, the name of a time zone, an amount of credits or `unlimited`, or who may do
    /// something.
    public var value: String
    public var source: SettingSource
    /// What the installation says: what a reset goes back to.
    public var inherited: String
    public var summary: String

    public init(name: OrganizationSettingName, value: String, source: SettingSource, inherited: String, summary: String) {
      self.name = name
      self.value = value
      self.source = source
      self.inherited = inherited
      self.summary = summary
    }
  }

  /// All settings of an organization.
  public struct OrganizationSettings: Codable, Sendable, Hashable {
    public var settings: [OrganizationSetting]

    public init(settings: [OrganizationSetting]) { self.settings = settings }
  }

  /// A value as it is written: `30`, `member`, `yes`.
  public struct SettingValue: Codable, Sendable, Hashable {
    public var value: Unchecked<SettingText>

    public init(value: String) { self.value = .init(value) }
  }
}

/// The value of a setting.
public enum SettingText: TextRules {
  public static var rules: Schema.StringRules { .init(length: 1...64) }
  public static var example: String { "30" }
}

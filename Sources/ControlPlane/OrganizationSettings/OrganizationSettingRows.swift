import Kernel
import Storage

extension Work {
  var organizationSettings: OrganizationSettingRows { OrganizationSettingRows(tx: tx, settings: settings) }
}

/// The values that organizations decided for themselves.
struct OrganizationSettingRows {
  let tx: any Transaction
  let settings: Settings

  func inForce(in organization: ID<Organization>) throws(Problem) -> SettingsInForce {
    SettingsInForce(own: try own(of: organization), installation: settings)
  }

  /// By name.
  func own(of organization: ID<Organization>) throws(Problem) -> [OrganizationSetting] {
    try tx.rows("SELECT name, value FROM organization_setting WHERE organization = \(organization) ORDER BY name").map { row throws(Problem) in
      let name = try row.choice("name", of: OrganizationSetting.Name.self)
      return try row.parsed("value") { text throws(Rejection) in try OrganizationSetting(name, text) }
    }
  }

  func set(_ setting: OrganizationSetting, of organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO organization_setting (organization, name, value) VALUES (\(organization), \(setting.name.rawValue), \(setting.text))
      ON CONFLICT (organization, name) DO UPDATE SET value = excluded.value
      """, under: proof)
  }

  func reset(_ name: OrganizationSetting.Name, of organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    try tx.change("DELETE FROM organization_setting WHERE organization = \(organization) AND name = \(name.rawValue)", under: proof)
  }
}

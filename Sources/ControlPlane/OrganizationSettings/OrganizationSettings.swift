import Authorization
public import Kernel

extension ControlPlane {
  public var organizationSettings: OrganizationSettings { OrganizationSettings(plane: self) }
}

/// What organizations decide for themselves, where the installation leaves it to them.
public struct OrganizationSettings: Sendable {
  let plane: ControlPlane

  /// What holds in the organization, for whoever sees it.
  public func inForce(in reference: String, by caller: Caller) async throws(Problem) -> SettingsInForce {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadOrganization.self, in: reference).0
      return try work.organizationSettings.inForce(in: organization.id)
    }
  }

  /// Gives the organization a value of its own, even where it is the installation's at present. It holds at once, for all that is done from now on.
  public func set(_ name: String, to text: String, in reference: String, by caller: Caller) async throws(Problem) -> SettingEntry {
    // Who shares out credits says what new members get of them.
    if name == OrganizationSetting.Name.memberCredits.rawValue { return try await set(SetMemberCredits.self, name, to: text, in: reference, by: caller) }
    return try await set(SetOrganizationSetting.self, name, to: text, in: reference, by: caller)
  }

  private func set<A: OrganizationAction>(
    _ action: A.Type, _ name: String, to text: String, in reference: String, by caller: Caller
  ) async throws(Problem) -> SettingEntry {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(action, in: reference)
      let name = try OrganizationSetting.Name(known: name)
      let setting = try Problem.checking("value") { () throws(Rejection) in try OrganizationSetting(name, text) }
      if case .defaultRole(let role) = setting { try RoleSet(role).expectWithin(permit.permissions) }
      let before = try work.organizationSettings.inForce(in: organization.id).entry(name)
      guard before.own != setting.text else { return before }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(name, of: organization),
        [Change(name.rawValue, from: before.value, to: setting.text), before.own == nil ? Change("source", from: "installation", to: "organization") : nil])
      try work.organizationSettings.set(setting, of: organization.id, under: proof)
      try work.organizations.update(organization, under: proof)
      return try work.organizationSettings.inForce(in: organization.id).entry(name)
    }
  }

  /// Lets the organization follow the installation again. Resetting again changes nothing.
  public func reset(_ name: String, in reference: String, by caller: Caller) async throws(Problem) -> SettingEntry {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(ResetOrganizationSetting.self, in: reference)
      let name = try OrganizationSetting.Name(known: name)
      let before = try work.organizationSettings.inForce(in: organization.id).entry(name)
      guard let own = before.own else { return before }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(name, of: organization),
        [Change(name.rawValue, from: own, to: before.inherited), Change("source", from: "organization", to: "installation")])
      try work.organizationSettings.reset(name, of: organization.id, under: proof)
      try work.organizations.update(organization, under: proof)
      return try work.organizationSettings.inForce(in: organization.id).entry(name)
    }
  }
}

extension OrganizationSetting.Name {
  fileprivate init(known text: String) throws(Problem) {
    guard let name = Self(rawValue: text) else {
      throw Problem(.missing, "There is no such setting. There are \(Self.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    self = name
  }
}

extension Target {
  fileprivate init(_ name: OrganizationSetting.Name, of organization: Organization) { self.init("setting", organization.id.description, named: name.rawValue) }
}

import Authorization
import Contract
import Kernel

extension OrganizationSettings {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.OrganizationSettings.list) { call async throws(Problem) in
        Wire.OrganizationSettings(settings: try await inForce(in: call.path.organization, by: call.caller).entries.map(Wire.OrganizationSetting.init))
      },
      BoundEndpoint(API.OrganizationSettings.set) { call async throws(Problem) in
        Wire.OrganizationSetting(try await set(call.path.setting, to: call.body.value.text, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.OrganizationSettings.reset) { call async throws(Problem) in
        Wire.OrganizationSetting(try await reset(call.path.setting, in: call.path.organization, by: call.caller))
      },
    ]
  }
}

extension Wire.OrganizationSetting {
  init(_ entry: SettingEntry) {
    self.init(
      name: Wire.OrganizationSettingName(entry.name), value: entry.value, source: entry.own == nil ? .installation : .organization, inherited: entry.inherited,
      summary: entry.name.summary)
  }
}

extension Wire.OrganizationSettingName {
  init(_ name: OrganizationSetting.Name) {
    switch name {
    case .invitationTerm: self = .invitationTerm
    case .defaultRole: self = .defaultRole
    case .joinRequests: self = .joinRequests
    case .reinstatementTerm: self = .reinstatementTerm
    case .timeZone: self = .timeZone
    case .memberCredits: self = .memberCredits
    case .outsideCollaborators: self = .outsideCollaborators
    }
  }
}

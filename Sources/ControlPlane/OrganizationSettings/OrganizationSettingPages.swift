import Authorization
import Kernel
import Markup

/// The section of an organization's settings in which it decides for itself what the installation leaves to it: a small form for each.
func organizationSettingsSection(
  _ entries: [SettingEntry], of organization: Organization, returned: (name: String, state: FormState)?, token: FormToken
) -> HTML {
  pageSection("Invitations, members and time", "Where nothing is decided here, what this installation says holds.") {
    for entry in entries { settingForm(entry, of: organization, returned.flatMap { $0.name == entry.name.rawValue ? $0.state : nil }, token) }
  }
}

private func settingForm(_ entry: SettingEntry, of organization: Organization, _ returned: FormState?, _ token: FormToken) -> HTML {
  let state = returned ?? FormState("setting-\(entry.name.rawValue)", ["value": entry.value])
  let inherited = entry.name.inWords(entry.inherited)
  let hint: HTML =
    entry.own == nil ? "\(entry.name.explanation) This is the installation's value." : "\(entry.name.explanation) The installation says: \(inherited)."
  return postForm("/\(organization.slug)/settings/values/\(entry.name.rawValue)", state, token: token) {
    switch entry.name {
    case .invitationTerm: daysField("Days to answer an invitation", InvitationTerm.range, in: state, hint: hint)
    case .reinstatementTerm: daysField("Days to reinstate a former member", ReinstatementTerm.range, in: state, hint: hint)
    case .defaultRole: selectField("Role of new members", "value", in: state, OrganizationRole.allCases.map(Choice.init), hint: hint)
    case .joinRequests:
      selectField("Who may join", "value", in: state, [Choice("no", "Only who is invited"), Choice("yes", "Whoever asks and is let in")], hint: hint)
    case .timeZone: textField("Time zone", "value", in: state, hint: hint, .maxlength(64), .autocapitalize("none"), .spellcheck(false))
    case .outsideCollaborators:
      selectField("Outside collaborators", "value", in: state, CollaboratorRule.allCases.map { Choice($0.rawValue, $0.inWords) }, hint: hint)
    case .memberCredits: textField("Credits of new members", "value", in: state, hint: hint, .maxlength(64), .autocapitalize("none"), .spellcheck(false))
    }
    buttonRow {
      submitButton("Save", .plain, small: true)
      if entry.own != nil { submitButton("Reset to the installation's: \(inherited)", .quiet, small: true, .name("act"), .value("reset"), .formnovalidate) }
    }
  }
}

private func daysField(_ label: String, _ range: ClosedRange<Int>, in state: FormState, hint: HTML) -> HTML {
  textField(label, "value", in: state, type: .number, hint: hint, .min(range.lowerBound), .max(range.upperBound), .inputmode("numeric"))
}

/// The settings, for who may only read them.
func organizationSettingsFacts(_ entries: [SettingEntry]) -> HTML {
  pageSection("Invitations, members and time") {
    definitions(entries.map { ($0.name.title, HTML($0.name.inWords($0.value))) })
  }
}

extension OrganizationSetting.Name {
  /// What it decides.
  var title: String {
    switch self {
    case .invitationTerm: "To answer an invitation"
    case .defaultRole: "Role of new members"
    case .joinRequests: "Who may join"
    case .reinstatementTerm: "To reinstate a former member"
    case .timeZone: "Time zone"
    case .memberCredits: "Credits of new members"
    case .outsideCollaborators: "Outside collaborators"
    }
  }

  fileprivate var explanation: String {
    switch self {
    case .invitationTerm: "\(InvitationTerm.range.inWords); who invites may choose another for one invitation."
    case .defaultRole: "Invitations begin with it; who invites may choose another."
    case .joinRequests: "Requests stand among the members until somebody answers them."
    case .reinstatementTerm: "\(ReinstatementTerm.range.inWords); it counts for who leaves from now on."
    case .timeZone: "Such as Europe/Berlin. The days, weeks and months of budgets begin by its clocks."
    case .memberCredits: "How many of the credits who joins from now on may use, or unlimited. It doesn't count for managers and admins, who share credits out."
    case .outsideCollaborators: "They aren't members, take no seat and see one app each. Whoever is one already stays one until somebody ends it."
    }
  }

  fileprivate func inWords(_ value: String) -> String {
    switch self {
    case .invitationTerm, .reinstatementTerm: Int(value).map { counted($0, "day") } ?? value
    case .defaultRole, .timeZone, .memberCredits: value
    case .outsideCollaborators: CollaboratorRule(rawValue: value)?.inWords ?? value
    case .joinRequests: value == "yes" ? "whoever asks and is let in" : "only who is invited"
    }
  }
}

extension CollaboratorRule {
  fileprivate var inWords: String {
    switch self {
    case .managers: "invited by whoever manages the app"
    case .inviters: "invited by who manages the app and may invite members"
    case .nobody: "invited by nobody"
    }
  }
}

extension ClosedRange<Int> {
  fileprivate var inWords: String { "From \(lowerBound) to \(upperBound)" }
}

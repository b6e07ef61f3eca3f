import Authorization
import Kernel

/// What an action is called where people read of it.
struct EventDeed {
  /// The action's name.
  let action: String
  /// Makes a sentence between the actor's name and the target's: "invited".
  let past: String
  /// "invite people": for an attempt that was refused, and for choosing.
  let infinitive: String
  /// Whether the target's name belongs into the sentence.
  let namesTarget: Bool

  private init(_ action: String, _ past: String, _ infinitive: String, namesTarget: Bool = true) {
    (self.action, self.past, self.infinitive, self.namesTarget) = (action, past, infinitive, namesTarget)
  }

  /// The infinitive with a capital.
  var title: String { infinitive.prefix(1).uppercased() + infinitive.dropFirst() }

  static func named(_ action: String) -> EventDeed? { byName[action] }

  /// Everything that stands in an organization's log, in the order in which people look for it.
  static let all: [EventDeed] = [
    EventDeed(CreateOrganization.name, "created", "create the organization"), EventDeed(UpdateOrganization.name, "changed", "change the organization"),
    EventDeed(SetOrganizationSetting.name, "changed the setting", "change a setting"), EventDeed(ResetOrganizationSetting.name, "reset the setting", "reset a setting"),
    EventDeed(SuspendOrganization.name, "suspended", "suspend the organization"), EventDeed(ResumeOrganization.name, "let work again", "let the organization work again"),
    EventDeed(TransferOrganization.name, "handed the organization over to", "hand the organization over"),
    EventDeed(ExportOrganization.name, "took along", "take the organization along"), EventDeed(ImportOrganization.name, "took in", "take the organization in"),
    EventDeed(DeleteOrganization.name, "deleted", "delete the organization"), EventDeed(RestoreOrganization.name, "restored", "restore the organization"),
    EventDeed(AddMember.name, "added", "add a member"), EventDeed(UpdateMember.name, "changed the roles or expiry of", "change roles or expiry"),
    EventDeed(SuspendMember.name, "suspended", "suspend a member"), EventDeed(ResumeMember.name, "let in again", "let a member in again"),
    EventDeed(RemoveMember.name, "removed", "remove a member"), EventDeed(ReinstateMember.name, "reinstated", "reinstate a former member"),
    EventDeed(LeaveOrganization.name, "left", "leave"), deletedAccount, EventDeed(InviteMember.name, "invited", "invite people"),
    EventDeed(RenewInvitation.name, "sent again the invitation of", "send an invitation again"),
    EventDeed(UpdateInvitation.name, "changed the invitation of", "change an invitation"),
    EventDeed(CancelInvitation.name, "withdrew the invitation of", "withdraw an invitation"),
    EventDeed(AcceptInvitation.name, "accepted the invitation to", "accept an invitation"),
    EventDeed(DeclineInvitation.name, "declined the invitation to", "decline an invitation"),
    EventDeed(RequestToJoin.name, "asked to join", "ask to join", namesTarget: false),
    EventDeed(WithdrawRequest.name, "withdrew their request to join", "withdraw a request to join", namesTarget: false),
    EventDeed(ApproveRequest.name, "took in, as they asked,", "take in who asked"), EventDeed(RefuseRequest.name, "refused the request of", "refuse a request to join"),
    EventDeed(CreateTeam.name, "made the team", "make a team"), EventDeed(UpdateTeam.name, "changed the team", "change a team"),
    EventDeed(DeleteTeam.name, "deleted the team", "delete a team"), EventDeed(AddTeamMember.name, "added to the team", "add to a team"),
    EventDeed(RemoveTeamMember.name, "took from the team", "take from a team"),
    EventDeed(AddTeamMaintainer.name, "chose a maintainer for the team", "choose a team's maintainers"),
    EventDeed(RemoveTeamMaintainer.name, "dismissed a maintainer of the team", "dismiss a team's maintainers"),
    EventDeed(CreateRole.name, "made the role", "make a role"), EventDeed(UpdateRole.name, "changed the role", "change a role"),
    EventDeed(DeleteRole.name, "deleted the role", "delete a role"),
    EventDeed(GiveOrganizationAccess.name, "gave a role on", "give a role on the organization"),
    EventDeed(UpdateOrganizationAccess.name, "changed a role on", "change a role on the organization"),
    EventDeed(WithdrawOrganizationAccess.name, "took away a role on", "take away a role on the organization"),
    EventDeed(AskElevation.name, "asked for a role:", "ask for a role"), EventDeed(RefuseElevation.name, "refused a role to", "refuse a role"),
    EventDeed(WithdrawElevation.name, "took back the request for a role of", "take back a request for a role"),
    EventDeed(CreatePolicy.name, "wrote the policy", "write a policy"), EventDeed(UpdatePolicy.name, "changed the policy", "change a policy"),
    EventDeed(EnablePolicy.name, "put in force the policy", "put a policy in force"),
    EventDeed(DisablePolicy.name, "took out of force the policy", "take a policy out of force"),
    EventDeed(DeletePolicy.name, "deleted the policy", "delete a policy"),
    EventDeed(UpdatePolicySchema.name, "changed what policies may speak of, in", "change what policies may speak of"),
    EventDeed(CreateWorkspace.name, "made the workspace", "make a workspace"), EventDeed(UpdateWorkspace.name, "changed the workspace", "change a workspace"),
    EventDeed(DeactivateWorkspace.name, "deactivated the workspace", "deactivate a workspace"),
    EventDeed(ActivateWorkspace.name, "activated the workspace", "activate a workspace"),
    EventDeed(RenewWorkspaceKey.name, "made a new key for the workspace", "make a new key for a workspace"),
    EventDeed(ReportWorkspace.name, "started the workspace", "start a workspace"),
    EventDeed(ReportProject.name, "made on the workspace's server the project", "make a project on a workspace's server"),
    EventDeed(ReportProjectEnd.name, "deleted on the workspace's server the project", "delete a project on a workspace's server"),
    EventDeed(CreateApp.name, "made the app", "make an app"), EventDeed(UpdateApp.name, "changed the app", "change an app"),
    EventDeed(DeleteApp.name, "deleted the app", "delete an app"),
    EventDeed(MoveApp.name, "carried to another organization the app", "carry an app to another organization"),
    EventDeed(ReceiveApp.name, "took in from another organization the app", "take in an app from another organization"),
    EventDeed(MoveWorkspace.name, "carried to another organization the workspace", "carry a workspace to another organization"),
    EventDeed(ReceiveWorkspace.name, "took in from another organization the workspace", "take in a workspace from another organization"),
    EventDeed(TransferApp.name, "handed over the app", "hand an app over"),
    EventDeed(GiveAppAccess.name, "gave access to the app", "give access to an app"),
    EventDeed(UpdateAppAccess.name, "changed access to the app", "change access to an app"),
    EventDeed(WithdrawAppAccess.name, "ended access to the app", "end access to an app"), EventDeed(LeaveApp.name, "gave up the app", "give up an app"),
    EventDeed(InviteCollaborator.name, "invited to an app from outside", "invite outside collaborators"),
    EventDeed(RenewCollaborator.name, "sent again the invitation to an app of", "send an outside collaborator's invitation again"),
    EventDeed(UpdateCollaborator.name, "changed the outside collaborator", "change an outside collaborator"),
    EventDeed(RemoveCollaborator.name, "ended the access from outside of", "end an outside collaborator's access"),
    EventDeed(RemoveAnyCollaborator.name, "ended the access from outside of", "end an outside collaborator's access to any app"),
    EventDeed(AcceptCollaboration.name, "accepted as outside collaborator the invitation of", "accept an invitation to an app"),
    EventDeed(DeclineCollaboration.name, "declined as outside collaborator the invitation of", "decline an invitation to an app"),
    EventDeed(LeaveCollaboration.name, "gave up the access from outside of", "give up an app as outside collaborator"),
    EventDeed(RegisterObject.name, "registered", "register an object"), EventDeed(UpdateObject.name, "changed what is said of", "change an object"),
    EventDeed(DeleteObject.name, "deleted the object", "delete an object"), EventDeed(ShareObject.name, "shared", "share an object"),
    EventDeed(UnshareObject.name, "ended all shares of", "end all shares of an object"),
    EventDeed(ReportShare.name, "shared on the workspace's server", "share an object on a workspace's server"),
    EventDeed(ReportShareEnd.name, "deleted on the workspace's server", "end all shares on a workspace's server"),
    EventDeed(DeleteWorkspace.name, "deleted the workspace", "delete a workspace"),
    EventDeed(GiveWorkspaceAccess.name, "gave access to the workspace", "give access to a workspace"),
    EventDeed(UpdateWorkspaceAccess.name, "changed access to the workspace", "change access to a workspace"),
    EventDeed(WithdrawWorkspaceAccess.name, "withdrew access to the workspace", "withdraw access to a workspace"),
    EventDeed(LeaveWorkspace.name, "gave up access to the workspace", "give up access to a workspace"),
    EventDeed(CreateProject.name, "made the project", "make a project"), EventDeed(UpdateProject.name, "changed the project", "change a project"),
    EventDeed(DeleteProject.name, "deleted the project", "delete a project"),
    EventDeed(GiveProjectAccess.name, "gave access to the project", "give access to a project"),
    EventDeed(UpdateProjectAccess.name, "changed access to the project", "change access to a project"),
    EventDeed(WithdrawProjectAccess.name, "withdrew access to the project", "withdraw access to a project"),
    EventDeed(LeaveProject.name, "gave up access to the project", "give up access to a project"),
    EventDeed(SetMemberCredits.name, "changed what new members may use of the credits, in", "change what new members may use of the credits"),
    EventDeed(AllowProgram.name, "let in the program", "let a program in"), EventDeed(FetchProgramToken.name, "signed a program in with", "sign a program in"),
    EventDeed(CorrectCredits.name, "put right the balance of", "put a balance right"),
    EventDeed(TopUp.name, "brought in credits for", "bring in credits"), EventDeed(SetOverdraft.name, "agreed an overdraft with", "agree an overdraft"),
    EventDeed(CreateSubBalance.name, "shared out credits to", "share out credits"),
    EventDeed(UpdateSubBalance.name, "changed the share of", "change what is shared out"),
    EventDeed(DeleteSubBalance.name, "removed the share of", "remove what is shared out"),
    EventDeed(TransferCredits.name, "moved credits to or from", "move credits"), EventDeed(UseCredits.name, "used credits of", "use credits"),
    EventDeed(RecordUsage.name, "recorded usage of", "record usage"), EventDeed(SetPrice.name, "set the price of", "set a price"),
    EventDeed(DeletePrice.name, "deleted the price of", "delete a price"),
    EventDeed(CreateQuota.name, "set the quota", "set a quota"), EventDeed(UpdateQuota.name, "changed the quota", "change a quota"),
    EventDeed(DeleteQuota.name, "took away the quota", "take a quota away"), EventDeed(UseQuota.name, "used quotas of", "use quotas"),
    EventDeed(CreateBudget.name, "set the budget of", "set a budget"), EventDeed(UpdateBudget.name, "changed the budget of", "change a budget"),
    EventDeed(DeleteBudget.name, "took away the budget of", "take a budget away"),
    EventDeed(CreateAlertRule.name, "asked for the alert", "ask for an alert"), EventDeed(DeleteAlertRule.name, "took away the alert", "take an alert away"),
    EventDeed(CreateServiceAccount.name, "made the service account", "make a service account"),
    EventDeed(UpdateServiceAccount.name, "changed the service account", "change a service account"),
    EventDeed(DisableServiceAccount.name, "disabled the service account", "disable a service account"),
    EventDeed(EnableServiceAccount.name, "enabled the service account", "enable a service account"),
    EventDeed(DeleteServiceAccount.name, "deleted the service account", "delete a service account"),
    EventDeed(CreateServiceAccountKey.name, "made a key for", "make a key for a service account"),
    EventDeed(RotateServiceAccountKey.name, "rotated a key of", "rotate a key of a service account"),
    EventDeed(RevokeServiceAccountKey.name, "revoked a key of", "revoke a key of a service account"),
  ]

  /// Everything that stands in an account's log.
  static let ofAccounts: [EventDeed] = [
    EventDeed(SignUp.name, "created the account", "create the account", namesTarget: false),
    EventDeed(UpdateAccount.name, "changed the profile", "change the profile", namesTarget: false),
    EventDeed(ProvisionAccount.name, "made the account", "make the account", namesTarget: false),
    EventDeed(ChangeAccount.name, "changed the account", "change the account", namesTarget: false),
    EventDeed(RemoveAccount.name, "ended the account", "end the account", namesTarget: false),
    EventDeed(DeactivateAccount.name, "deactivated the account", "deactivate the account", namesTarget: false),
    EventDeed(ReactivateAccount.name, "let the account sign in again", "let the account sign in again", namesTarget: false),
    deletedAccount,
    EventDeed(SignIn.name, "signed in with", "sign in"), EventDeed(ConfirmSession.name, "gave the password again in", "give the password again"),
    EventDeed(RevokeSession.name, "ended the session", "end a session"), EventDeed(SignOut.name, "signed out of", "sign out"),
    EventDeed(ChangePassword.name, "changed the password", "change the password", namesTarget: false),
    EventDeed(ResetPassword.name, "set a new password by a link from a mail", "set a new password by a link from a mail", namesTarget: false),
    EventDeed(AddEmail.name, "added the address", "add an address"), EventDeed(VerifyEmail.name, "confirmed the address", "confirm an address"),
    EventDeed(MakeEmailPrimary.name, "had mail sent from now on to", "choose where mail goes"),
    EventDeed(RemoveEmail.name, "removed the address", "remove an address"),
    EventDeed(EndDerivedTokens.name, "ended the tokens of an hour", "end the tokens of an hour", namesTarget: false),
    EventDeed(CreateToken.name, "made the access token", "make an access token"),
    EventDeed(RevokeToken.name, "revoked the access token", "revoke an access token"),
    EventDeed(ApproveDeviceLogin.name, "let in the device with", "let a device in"),
    EventDeed(RefuseDeviceLogin.name, "kept out the device with", "keep a device out"),
  ]

  /// In the log of the account, and in those of the organizations that it left by that.
  private static let deletedAccount = EventDeed(DeleteAccount.name, "deleted their account", "delete an account", namesTarget: false)

  private static let byName = Dictionary((all + ofAccounts).map { ($0.action, $0) }, uniquingKeysWith: { first, _ in first })
}

extension Target {
  /// The name, for people: that of a setting as its form says it.
  var shownName: String { kind == "setting" ? OrganizationSetting.Name(rawValue: name)?.title ?? name : name }
}

extension Change {
  /// The field's name, for people.
  var shownField: String { OrganizationSetting.Name(rawValue: field)?.title ?? field.split(separator: "_").joined(separator: " ") }

  /// A value, for people: an instant as they write it.
  static func shown(_ value: String) -> String {
    guard value.utf8.last == UInt8(ascii: "Z"), let instant = Timestamp(value) else { return value }
    return instantText(instant)
  }
}

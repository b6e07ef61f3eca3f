/// One thing that somebody does: it names itself in the audit log, and is what a permit is for.
public protocol Action: Sendable {
  /// `noun.verb`.
  static var name: String { get }
}

/// Something done within an organization, by somebody who holds a permission there.
public protocol OrganizationAction: Action {
  static var permission: Permission { get }
  /// Whether it asks for a sign-in of the last minutes, because it can't easily be undone.
  static var needsFreshSignIn: Bool { get }
  /// Whether it is possible while the organization is suspended.
  static var worksWhileSuspended: Bool { get }
  /// Whether it is possible while the organization awaits its deletion.
  static var worksWhileDeleted: Bool { get }
}

extension OrganizationAction {
  public static var needsFreshSignIn: Bool { false }
  public static var worksWhileSuspended: Bool { permission.isReading }
  public static var worksWhileDeleted: Bool { false }
}

/// Something done with credits, whose record is the entry in the organization's journal.
public protocol JournaledAction: OrganizationAction {}

/// Something done with one team: who has a place in it may be allowed there what their roles don't allow.
public protocol TeamAction: OrganizationAction {
  /// The least place in the team that is enough without the permission.
  static var sufficientSeat: TeamSeat { get }
}

/// Something a person does with what is their own; an operator may do it for them.
public protocol AccountAction: Action {
  static var needsFreshSignIn: Bool { get }
  /// Whether only an operator may do it, even to themselves.
  static var needsSuperUser: Bool { get }
}

extension AccountAction {
  public static var needsFreshSignIn: Bool { false }
  public static var needsSuperUser: Bool { false }
}

/// Something done to the installation as a whole, by its operators.
public protocol InstallationAction: Action {}

/// Something that takes no rights, only the right secret: a password, or a link from a mail.
public protocol SecretAction: Action {}

// Organizations

public enum ReadOrganization: OrganizationAction {
  public static let name = "organization.read"
  public static let permission = Permission.organizationRead
}

public enum UpdateOrganization: OrganizationAction {
  public static let name = "organization.update"
  public static let permission = Permission.organizationUpdate
}

public enum SetOrganizationSetting: OrganizationAction {
  public static let name = "setting.set"
  public static let permission = Permission.organizationUpdate
}

/// What of the credits new members may use.
public enum SetMemberCredits: OrganizationAction {
  public static let name = "setting.set_member_credits"
  public static let permission = Permission.creditsManage
}

public enum ResetOrganizationSetting: OrganizationAction {
  public static let name = "setting.reset"
  public static let permission = Permission.organizationUpdate
}

public enum SuspendOrganization: OrganizationAction {
  public static let name = "organization.suspend"
  public static let permission = Permission.organizationSuspend
}

public enum ResumeOrganization: OrganizationAction {
  public static let name = "organization.resume"
  public static let permission = Permission.organizationSuspend
  public static let worksWhileSuspended = true
}

public enum TransferOrganization: OrganizationAction {
  public static let name = "organization.transfer"
  public static let permission = Permission.organizationTransfer
  public static let needsFreshSignIn = true
}

public enum DeleteOrganization: OrganizationAction {
  public static let name = "organization.delete"
  public static let permission = Permission.organizationDelete
  public static let needsFreshSignIn = true
  public static let worksWhileSuspended = true
}

public enum RestoreOrganization: OrganizationAction {
  public static let name = "organization.restore"
  public static let permission = Permission.organizationDelete
  public static let worksWhileSuspended = true
  public static let worksWhileDeleted = true
}

public enum ExportOrganization: OrganizationAction {
  public static let name = "organization.export"
  public static let permission = Permission.organizationExport
  public static let needsFreshSignIn = true
}

public enum PurgeOrganization: OrganizationAction {
  public static let name = "organization.purge"
  public static let permission = Permission.organizationDelete
  public static let worksWhileSuspended = true
  public static let worksWhileDeleted = true
}

// Members

public enum ListMembers: OrganizationAction {
  public static let name = "member.list"
  public static let permission = Permission.memberList
}

public enum AddMember: OrganizationAction {
  public static let name = "member.add"
  public static let permission = Permission.memberAdd
}

public enum UpdateMember: OrganizationAction {
  public static let name = "member.update"
  public static let permission = Permission.memberUpdate
}

public enum SuspendMember: OrganizationAction {
  public static let name = "member.suspend"
  public static let permission = Permission.memberUpdate
}

public enum ResumeMember: OrganizationAction {
  public static let name = "member.resume"
  public static let permission = Permission.memberUpdate
}

public enum RemoveMember: OrganizationAction {
  public static let name = "member.remove"
  public static let permission = Permission.memberRemove
}

public enum ReinstateMember: OrganizationAction {
  public static let name = "member.reinstate"
  public static let permission = Permission.memberRemove
}

// Invitations and requests

public enum ListInvitations: OrganizationAction {
  public static let name = "invitation.list"
  public static let permission = Permission.invitationList
}

public enum InviteMember: OrganizationAction {
  public static let name = "invitation.create"
  public static let permission = Permission.invitationManage
}

public enum RenewInvitation: OrganizationAction {
  public static let name = "invitation.renew"
  public static let permission = Permission.invitationManage
}

public enum UpdateInvitation: OrganizationAction {
  public static let name = "invitation.update"
  public static let permission = Permission.invitationManage
}

public enum CancelInvitation: OrganizationAction {
  public static let name = "invitation.cancel"
  public static let permission = Permission.invitationManage
}

public enum ApproveRequest: OrganizationAction {
  public static let name = "request.approve"
  public static let permission = Permission.requestDecide
}

public enum RefuseRequest: OrganizationAction {
  public static let name = "request.refuse"
  public static let permission = Permission.requestDecide
}

// Teams

/// Who may not see all teams lists their own.
public enum ListTeams: OrganizationAction {
  public static let name = "team.list"
  public static let permission = Permission.organizationRead
}

public enum ReadTeam: TeamAction {
  public static let name = "team.read"
  public static let permission = Permission.teamRead
  public static let sufficientSeat = TeamSeat.member
}

public enum CreateTeam: OrganizationAction {
  public static let name = "team.create"
  public static let permission = Permission.teamManage
}

public enum UpdateTeam: TeamAction {
  public static let name = "team.update"
  public static let permission = Permission.teamManage
  public static let sufficientSeat = TeamSeat.maintainer
}

public enum DeleteTeam: OrganizationAction {
  public static let name = "team.delete"
  public static let permission = Permission.teamManage
}

public enum AddTeamMember: TeamAction {
  public static let name = "team-member.add"
  public static let permission = Permission.teamManage
  public static let sufficientSeat = TeamSeat.maintainer
}

public enum RemoveTeamMember: TeamAction {
  public static let name = "team-member.remove"
  public static let permission = Permission.teamManage
  public static let sufficientSeat = TeamSeat.maintainer
}

public enum AddTeamMaintainer: OrganizationAction {
  public static let name = "team-maintainer.add"
  public static let permission = Permission.teamManage
}

public enum RemoveTeamMaintainer: OrganizationAction {
  public static let name = "team-maintainer.remove"
  public static let permission = Permission.teamManage
}

// Roles

public enum CreateRole: OrganizationAction {
  public static let name = "role.create"
  public static let permission = Permission.roleManage
}

public enum UpdateRole: OrganizationAction {
  public static let name = "role.update"
  public static let permission = Permission.roleManage
}

public enum DeleteRole: OrganizationAction {
  public static let name = "role.delete"
  public static let permission = Permission.roleManage
}

/// Roles on the organization that people, programs and teams hold beside those of the membership.
public enum ListOrganizationAccess: OrganizationAction {
  public static let name = "organization-access.list"
  public static let permission = Permission.memberList
}

public enum GiveOrganizationAccess: OrganizationAction {
  public static let name = "organization-access.give"
  public static let permission = Permission.memberUpdate
}

public enum UpdateOrganizationAccess: OrganizationAction {
  public static let name = "organization-access.update"
  public static let permission = Permission.memberUpdate
}

public enum WithdrawOrganizationAccess: OrganizationAction {
  public static let name = "organization-access.withdraw"
  public static let permission = Permission.memberUpdate
}

// Requests for roles

public enum ListElevations: OrganizationAction {
  public static let name = "elevation.list"
  public static let permission = Permission.organizationRead
}

// Policies, and who may do what

public enum ListPolicies: OrganizationAction {
  public static let name = "policy.list"
  public static let permission = Permission.policyRead
}

public enum CreatePolicy: OrganizationAction {
  public static let name = "policy.create"
  public static let permission = Permission.policyManage
}

public enum UpdatePolicy: OrganizationAction {
  public static let name = "policy.update"
  public static let permission = Permission.policyManage
}

public enum EnablePolicy: OrganizationAction {
  public static let name = "policy.enable"
  public static let permission = Permission.policyManage
}

public enum DisablePolicy: OrganizationAction {
  public static let name = "policy.disable"
  public static let permission = Permission.policyManage
}

public enum DeletePolicy: OrganizationAction {
  public static let name = "policy.delete"
  public static let permission = Permission.policyManage
}

public enum UpdatePolicySchema: OrganizationAction {
  public static let name = "policy-schema.update"
  public static let permission = Permission.policyManage
}

/// What everybody may ask about themselves.
public enum AskAccess: OrganizationAction {
  public static let name = "access.ask"
  public static let permission = Permission.organizationRead
}

/// About others, and in lists.
public enum CheckAccess: OrganizationAction {
  public static let name = "access.check"
  public static let permission = Permission.accessRead
}

/// All facts that decisions look at, for a platform that decides by itself.
public enum FollowAccess: OrganizationAction {
  public static let name = "access-fact.list"
  public static let permission = Permission.accessFollow
}

// Service accounts

public enum ListServiceAccounts: OrganizationAction {
  public static let name = "service-account.list"
  public static let permission = Permission.serviceAccountRead
}

public enum CreateServiceAccount: OrganizationAction {
  public static let name = "service-account.create"
  public static let permission = Permission.serviceAccountManage
}

public enum UpdateServiceAccount: OrganizationAction {
  public static let name = "service-account.update"
  public static let permission = Permission.serviceAccountManage
}

public enum DisableServiceAccount: OrganizationAction {
  public static let name = "service-account.disable"
  public static let permission = Permission.serviceAccountManage
}

public enum EnableServiceAccount: OrganizationAction {
  public static let name = "service-account.enable"
  public static let permission = Permission.serviceAccountManage
}

public enum DeleteServiceAccount: OrganizationAction {
  public static let name = "service-account.delete"
  public static let permission = Permission.serviceAccountManage
}

public enum CreateServiceAccountKey: OrganizationAction {
  public static let name = "service-account-key.create"
  public static let permission = Permission.serviceAccountManage
}

public enum RotateServiceAccountKey: OrganizationAction {
  public static let name = "service-account-key.rotate"
  public static let permission = Permission.serviceAccountManage
}

public enum RevokeServiceAccountKey: OrganizationAction {
  public static let name = "service-account-key.revoke"
  public static let permission = Permission.serviceAccountManage
}

// Credits

public enum ReadCredits: OrganizationAction {
  public static let name = "credits.read"
  public static let permission = Permission.creditsRead
}

/// What moved, when, by whom.
public enum ReadStatement: OrganizationAction {
  public static let name = "credits.statement"
  public static let permission = Permission.usageRead
}

/// Holds, charges and what ends or takes them back. What was used before an organization was suspended is recorded all the same; holds and what else asks
/// beforehand are refused then.
public enum UseCredits: JournaledAction {
  public static let name = "credits.use"
  public static let permission = Permission.creditsUse
  public static let worksWhileSuspended = true
}

public enum CreateSubBalance: OrganizationAction {
  public static let name = "sub-balance.create"
  public static let permission = Permission.creditsManage
}

public enum DeleteSubBalance: OrganizationAction {
  public static let name = "sub-balance.delete"
  public static let permission = Permission.creditsManage
}

public enum UpdateSubBalance: OrganizationAction {
  public static let name = "sub-balance.update"
  public static let permission = Permission.creditsManage
}

/// Between an organization's balance and one of its sub-balances.
public enum TransferCredits: OrganizationAction {
  public static let name = "credits.transfer"
  public static let permission = Permission.creditsManage
}

// Usage and prices

/// What has been used is recorded while an organization is suspended, too.
public enum RecordUsage: JournaledAction {
  public static let name = "usage.record"
  public static let permission = Permission.creditsUse
  public static let worksWhileSuspended = true
}

public enum ReadUsage: OrganizationAction {
  public static let name = "usage.read"
  public static let permission = Permission.usageRead
}

/// What somebody used themselves they may always see.
public enum ReadOwnUsage: OrganizationAction {
  public static let name = "usage.read_own"
  public static let permission = Permission.organizationRead
}

// Quotas, budgets and alerts

public enum CreateQuota: OrganizationAction {
  public static let name = "quota.create"
  public static let permission = Permission.quotaManage
}

public enum UpdateQuota: OrganizationAction {
  public static let name = "quota.update"
  public static let permission = Permission.quotaManage
}

public enum DeleteQuota: OrganizationAction {
  public static let name = "quota.delete"
  public static let permission = Permission.quotaManage
}

/// Leases, whose own rows are their record. What runs goes on while an organization is suspended; nothing new begins.
public enum UseQuota: JournaledAction {
  public static let name = "quota.use"
  public static let permission = Permission.creditsUse
  public static let worksWhileSuspended = true
}

public enum CreateBudget: OrganizationAction {
  public static let name = "budget.create"
  public static let permission = Permission.creditsManage
}

public enum UpdateBudget: OrganizationAction {
  public static let name = "budget.update"
  public static let permission = Permission.creditsManage
}

public enum DeleteBudget: OrganizationAction {
  public static let name = "budget.delete"
  public static let permission = Permission.creditsManage
}

public enum CreateAlertRule: OrganizationAction {
  public static let name = "alert-rule.create"
  public static let permission = Permission.creditsManage
}

public enum DeleteAlertRule: OrganizationAction {
  public static let name = "alert-rule.delete"
  public static let permission = Permission.creditsManage
}

// Records

public enum ListEvents: OrganizationAction {
  public static let name = "event.list"
  public static let permission = Permission.eventList
}

// What people do for themselves

public enum ReadAccount: AccountAction { public static let name = "account.read" }
public enum UpdateAccount: AccountAction { public static let name = "account.update" }
public enum DeleteAccount: AccountAction {
  public static let name = "account.delete"
  public static let needsFreshSignIn = true
}
public enum ChangePassword: AccountAction { public static let name = "password.change" }
public enum AddEmail: AccountAction { public static let name = "email.add" }
public enum MakeEmailPrimary: AccountAction { public static let name = "email.make_primary" }
public enum RemoveEmail: AccountAction { public static let name = "email.remove" }
public enum RevokeSession: AccountAction { public static let name = "session.revoke" }
/// Those of an hour that programs got.
public enum EndDerivedTokens: AccountAction { public static let name = "derived-token.end" }
public enum CreateToken: AccountAction { public static let name = "token.create" }
/// Lets a program sign in as oneself.
public enum AllowProgram: AccountAction { public static let name = "program.allow" }
public enum RevokeToken: AccountAction { public static let name = "token.revoke" }
public enum ApproveDeviceLogin: AccountAction { public static let name = "device-login.approve" }
public enum RefuseDeviceLogin: AccountAction { public static let name = "device-login.refuse" }
public enum CreateOrganization: AccountAction { public static let name = "organization.create" }
/// For a role, for a time and with a reason; somebody who could give it answers.
public enum AskElevation: AccountAction { public static let name = "elevation.ask" }
/// By who could give the role, as approving is: that is giving it.
public enum RefuseElevation: AccountAction { public static let name = "elevation.refuse" }
public enum WithdrawElevation: AccountAction { public static let name = "elevation.withdraw" }
public enum AcceptInvitation: AccountAction { public static let name = "invitation.accept" }
public enum DeclineInvitation: AccountAction { public static let name = "invitation.decline" }
public enum LeaveOrganization: AccountAction { public static let name = "member.leave" }
public enum RequestToJoin: AccountAction { public static let name = "request.create" }
public enum WithdrawRequest: AccountAction { public static let name = "request.withdraw" }

// What operators do

public enum DeactivateAccount: AccountAction {
  public static let name = "account.deactivate"
  public static let needsSuperUser = true
}
public enum ReactivateAccount: AccountAction {
  public static let name = "account.reactivate"
  public static let needsSuperUser = true
}
/// Name, handle, address, password, and whether they run the installation.
public enum ChangeAccount: AccountAction {
  public static let name = "account.change"
  public static let needsSuperUser = true
}
public enum RemoveAccount: AccountAction {
  public static let name = "account.remove"
  public static let needsSuperUser = true
  public static let needsFreshSignIn = true
}
/// For somebody else.
public enum ProvisionAccount: InstallationAction { public static let name = "account.provision" }
public enum ListAccounts: InstallationAction { public static let name = "account.list" }
public enum UpdateInstallation: InstallationAction { public static let name = "installation.update" }
public enum ImportOrganization: InstallationAction { public static let name = "organization.import" }
public enum TopUp: InstallationAction { public static let name = "credits.top_up" }
public enum CorrectCredits: InstallationAction { public static let name = "credits.correct" }
public enum ReadMetrics: InstallationAction { public static let name = "metrics.read" }
public enum SetOverdraft: InstallationAction { public static let name = "credits.set_overdraft" }
public enum SetPrice: InstallationAction { public static let name = "price.set" }
public enum DeletePrice: InstallationAction { public static let name = "price.delete" }

// What needs no rights, only the right secret

public enum SignUp: SecretAction { public static let name = "account.create" }
public enum SignIn: SecretAction { public static let name = "session.create" }
public enum FetchProgramToken: SecretAction { public static let name = "program.token" }
public enum SignOut: SecretAction { public static let name = "session.end" }
public enum ConfirmSession: SecretAction { public static let name = "session.confirm" }
public enum VerifyEmail: SecretAction { public static let name = "email.verify" }
public enum RequestPasswordReset: SecretAction { public static let name = "password.request_reset" }
public enum ResetPassword: SecretAction { public static let name = "password.reset" }
public enum RevokeTokenByValue: SecretAction { public static let name = "token.revoke" }
public enum RevokeServiceAccountKeyByValue: SecretAction { public static let name = "service-account-key.revoke" }
public enum RestoreOrganizationByLink: SecretAction { public static let name = "organization.restore" }

import Authorization
import Kernel
import Testing

/// Every action that is done within an organization. `CoverageTests` compares the list with the source.
let organizationActions: [any OrganizationAction.Type] = [
  ReadOrganization.self, UpdateOrganization.self, SetOrganizationSetting.self, SetMemberCredits.self, ResetOrganizationSetting.self, SuspendOrganization.self, ResumeOrganization.self, TransferOrganization.self, DeleteOrganization.self, RestoreOrganization.self,
  ExportOrganization.self, PurgeOrganization.self, ListMembers.self, AddMember.self, UpdateMember.self, SuspendMember.self, ResumeMember.self, RemoveMember.self, ReinstateMember.self,
  ListInvitations.self, InviteMember.self, RenewInvitation.self, UpdateInvitation.self, CancelInvitation.self, ApproveRequest.self, RefuseRequest.self, ListEvents.self,
  ListServiceAccounts.self, CreateServiceAccount.self, UpdateServiceAccount.self, DisableServiceAccount.self, EnableServiceAccount.self, DeleteServiceAccount.self,
  CreateServiceAccountKey.self, RotateServiceAccountKey.self, RevokeServiceAccountKey.self, ListTeams.self, CreateTeam.self, DeleteTeam.self,
  AddTeamMaintainer.self, RemoveTeamMaintainer.self, ListWorkspaces.self, CreateWorkspace.self, ListProjects.self,
  ListElevations.self, CreateRole.self, UpdateRole.self, DeleteRole.self, ListOrganizationAccess.self, GiveOrganizationAccess.self, UpdateOrganizationAccess.self,
  WithdrawOrganizationAccess.self, ListPolicies.self, CreatePolicy.self, UpdatePolicy.self, EnablePolicy.self, DisablePolicy.self, DeletePolicy.self, UpdatePolicySchema.self, AskAccess.self,
  CheckAccess.self, FollowAccess.self,
  ListClusters.self, ListApps.self, CreateApp.self, ListAllCollaborators.self, RemoveAnyCollaborator.self, ReceiveApp.self, ReceiveWorkspace.self, ReadMemberAccess.self,
  ReadCredits.self, ReadStatement.self, UseCredits.self, RecordUsage.self, ReadUsage.self, ReadOwnUsage.self, CreateSubBalance.self, UpdateSubBalance.self,
  DeleteSubBalance.self,
  TransferCredits.self, CreateQuota.self, UpdateQuota.self, DeleteQuota.self, UseQuota.self, CreateBudget.self, UpdateBudget.self, DeleteBudget.self,
  CreateAlertRule.self, DeleteAlertRule.self,
] + teamActions

/// What is done with one resource.
let resourceActions: [any ResourceAction.Type] = [
  ReadWorkspace.self, UpdateWorkspace.self, DeactivateWorkspace.self, ActivateWorkspace.self, RenewWorkspaceKey.self, DeleteWorkspace.self, CreateProject.self,
  ReadProject.self, UpdateProject.self, DeleteProject.self, ListWorkspaceAccess.self, GiveWorkspaceAccess.self, UpdateWorkspaceAccess.self, WithdrawWorkspaceAccess.self,
  LeaveWorkspace.self, GiveProjectAccess.self, UpdateProjectAccess.self, WithdrawProjectAccess.self, LeaveProject.self,
  ReadCluster.self, UpdateCluster.self, ListClusterAccess.self, GiveClusterAccess.self, UpdateClusterAccess.self, WithdrawClusterAccess.self, LeaveCluster.self,
  ReadApp.self, UpdateApp.self, DeleteApp.self, TransferApp.self, ListAppAccess.self, GiveAppAccess.self, UpdateAppAccess.self, WithdrawAppAccess.self, LeaveApp.self,
  MoveApp.self, MoveWorkspace.self, ListCollaborators.self, InviteCollaborator.self, RenewCollaborator.self, UpdateCollaborator.self, RemoveCollaborator.self,
]

/// What is done with one thing of whatever type.
let objectActions: [any ObjectAction.Type] = [
  ReadObject.self, RegisterObject.self, UpdateObject.self, DeleteObject.self, ListShares.self, ShareObject.self, UnshareObject.self,
]

/// Those that a place in a team can allow.
let teamActions: [any TeamAction.Type] = [ReadTeam.self, UpdateTeam.self, AddTeamMember.self, RemoveTeamMember.self]

let accountActions: [any AccountAction.Type] = [
  ReadAccount.self, UpdateAccount.self, DeleteAccount.self, ChangePassword.self, AddEmail.self, MakeEmailPrimary.self, RemoveEmail.self, RevokeSession.self, CreateToken.self, AllowProgram.self,
  RevokeToken.self, ApproveDeviceLogin.self, RefuseDeviceLogin.self, CreateOrganization.self, AskElevation.self, RefuseElevation.self, WithdrawElevation.self, AcceptInvitation.self, DeclineInvitation.self, LeaveOrganization.self, RequestToJoin.self, WithdrawRequest.self,
  DeactivateAccount.self, ReactivateAccount.self, ChangeAccount.self, RemoveAccount.self, EndDerivedTokens.self, SetStar.self,
  AcceptCollaboration.self, DeclineCollaboration.self, LeaveCollaboration.self,
]

let installationActions: [any InstallationAction.Type] = [
  ListAccounts.self, ProvisionAccount.self, UpdateInstallation.self, ImportOrganization.self, TopUp.self, CorrectCredits.self, SetOverdraft.self, ReadMetrics.self, SetPrice.self, DeletePrice.self,
  ListAllClusters.self, RegisterCluster.self, ChangeCluster.self, DeleteCluster.self, AdmitToCluster.self, WithdrawCluster.self,
]

let secretActions: [any SecretAction.Type] = [
  SignUp.self, SignIn.self, FetchProgramToken.self, SignOut.self, ConfirmSession.self, VerifyEmail.self, RequestPasswordReset.self, ResetPassword.self, RevokeTokenByValue.self,
  RevokeServiceAccountKeyByValue.self, RestoreOrganizationByLink.self, ReportWorkspace.self, ReportWorkspaceUsage.self,
  ReportProject.self, ReportProjectEnd.self, ReportShare.self, ReportShareEnd.self,
]

/// The instant of all decisions in these tests.
let now = Timestamp(milliseconds: 1_800_000_000_000)

extension OrganizationAction {
  static func decision(by principal: Principal, in organization: OrganizationFacts) -> Decision { Engine(at: now).decide(Self.self, by: principal, in: organization) }

  /// The permissions that the permit carries, or `nil` without one.
  static func grant(by principal: Principal, in organization: OrganizationFacts) -> Set<Permission>? {
    try? Engine(at: now).permit(Self.self, by: principal, in: organization).permissions
  }
}

extension TeamAction {
  static func decision(by principal: Principal, in organization: OrganizationFacts, seated seat: TeamSeat?) -> Decision {
    Engine(at: now).decide(Self.self, by: principal, in: organization, seated: seat)
  }

  static func grant(by principal: Principal, in organization: OrganizationFacts, seated seat: TeamSeat?) -> Set<Permission>? {
    try? Engine(at: now).permit(Self.self, by: principal, in: organization, seated: seat).permissions
  }
}

extension AccountAction {
  static func decision(by principal: Principal, on owner: String) -> Decision { Engine(at: now).decide(Self.self, by: principal, on: owner) }
}

extension InstallationAction {
  static func decision(by principal: Principal) -> Decision { Engine(at: now).decide(Self.self, by: principal) }
}

extension Decision {
  var isAllowed: Bool { if case .allowed = self { true } else { false } }
  var denial: Denial? { if case .denied(let denial) = self { denial } else { nil } }
}

/// Like `#expect`, for what is tried a hundred thousand times: it costs nothing until it fails.
func check(_ condition: Bool, _ comment: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation) {
  if !condition { Issue.record(Comment(rawValue: comment()), sourceLocation: sourceLocation) }
}

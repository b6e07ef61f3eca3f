// Workspaces

/// Who may not see all workspaces lists those that they have access to.
public enum ListWorkspaces: OrganizationAction {
  public static let name = "workspace.list"
  public static let permission = Permission.organizationRead
}

public enum CreateWorkspace: OrganizationAction {
  public static let name = "workspace.create"
  public static let permission = Permission.workspaceCreate
}

public enum ReadWorkspace: ResourceAction {
  public static let name = "workspace.read"
  public static let right = Right.Exact(.workspace, .read)
}

public enum UpdateWorkspace: ResourceAction {
  public static let name = "workspace.update"
  public static let right = Right.Exact(.workspace, .update)
}

public enum DeactivateWorkspace: ResourceAction {
  public static let name = "workspace.deactivate"
  public static let right = Right.Exact(.workspace, .manage)
}

public enum ActivateWorkspace: ResourceAction {
  public static let name = "workspace.activate"
  public static let right = Right.Exact(.workspace, .manage)
}

public enum RenewWorkspaceKey: ResourceAction {
  public static let name = "workspace-key.renew"
  public static let right = Right.Exact(.workspace, .manage)
}

public enum DeleteWorkspace: ResourceAction {
  public static let name = "workspace.delete"
  public static let right = Right.Exact(.workspace, .delete)
}

/// What a workspace's server says of itself.
public enum ReportWorkspace: SecretAction { public static let name = "workspace.report" }
/// What it says was used on it.
public enum ReportWorkspaceUsage: SecretAction { public static let name = "workspace.report_usage" }
/// That a project was made on it.
public enum ReportProject: SecretAction { public static let name = "project.report" }
/// What its users share there.
public enum ReportShare: SecretAction { public static let name = "object.report_share" }
/// That what was shared there is gone.
public enum ReportShareEnd: SecretAction { public static let name = "object.report_unshare" }
/// That a project of it is gone.
public enum ReportProjectEnd: SecretAction { public static let name = "project.report_end" }

// Projects

/// Who may not see all projects lists those that they have access to.
public enum ListProjects: OrganizationAction {
  public static let name = "project.list"
  public static let permission = Permission.organizationRead
}

/// On the workspace that it will stand in.
public enum CreateProject: ResourceAction {
  public static let name = "project.create"
  public static let right = Right.Exact(.project, .create)
}

public enum ReadProject: ResourceAction {
  public static let name = "project.read"
  public static let right = Right.Exact(.project, .read)
}

public enum UpdateProject: ResourceAction {
  public static let name = "project.update"
  public static let right = Right.Exact(.project, .update)
}

public enum DeleteProject: ResourceAction {
  public static let name = "project.delete"
  public static let right = Right.Exact(.project, .delete)
}

// Grants

/// For who has a role that lets them see the workspace itself; who sees it because of something in it doesn't.
public enum ListWorkspaceAccess: ResourceAction {
  public static let name = "workspace-access.list"
  public static let right = Right.Exact(.workspace, .read)
}

public enum GiveWorkspaceAccess: ResourceAction {
  public static let name = "workspace-access.give"
  public static let right = Right.Exact(.workspace, .manage)
}

public enum UpdateWorkspaceAccess: ResourceAction {
  public static let name = "workspace-access.update"
  public static let right = Right.Exact(.workspace, .manage)
}

public enum WithdrawWorkspaceAccess: ResourceAction {
  public static let name = "workspace-access.withdraw"
  public static let right = Right.Exact(.workspace, .manage)
}

/// What everybody may do who has access, for themselves.
public enum LeaveWorkspace: ResourceAction {
  public static let name = "workspace-access.leave"
  public static let right = Right.Exact(.workspace, .read)
  public static let worksWhileSuspended = false
}

public enum GiveProjectAccess: ResourceAction {
  public static let name = "project-access.give"
  public static let right = Right.Exact(.project, .manage)
}

public enum UpdateProjectAccess: ResourceAction {
  public static let name = "project-access.update"
  public static let right = Right.Exact(.project, .manage)
}

public enum WithdrawProjectAccess: ResourceAction {
  public static let name = "project-access.withdraw"
  public static let right = Right.Exact(.project, .manage)
}

/// What everybody may do who has access, for themselves.
public enum LeaveProject: ResourceAction {
  public static let name = "project-access.leave"
  public static let right = Right.Exact(.project, .read)
  public static let worksWhileSuspended = false
}

// Clusters

/// Who may not see all of the organization's clusters lists those that they have.
public enum ListClusters: OrganizationAction {
  public static let name = "cluster.list"
  public static let permission = Permission.organizationRead
}

public enum ReadCluster: ResourceAction {
  public static let name = "cluster.read"
  public static let right = Right.Exact(.cluster, .read)
}

/// What its people get who are given nothing else.
public enum UpdateCluster: ResourceAction {
  public static let name = "cluster.update"
  public static let right = Right.Exact(.cluster, .share)
}

/// For who has a role that lets them see the cluster itself; who sees it because of something on it doesn't.
public enum ListClusterAccess: ResourceAction {
  public static let name = "cluster-access.list"
  public static let right = Right.Exact(.cluster, .read)
}

public enum GiveClusterAccess: ResourceAction {
  public static let name = "cluster-access.give"
  public static let right = Right.Exact(.cluster, .share)
}

public enum UpdateClusterAccess: ResourceAction {
  public static let name = "cluster-access.update"
  public static let right = Right.Exact(.cluster, .share)
}

public enum WithdrawClusterAccess: ResourceAction {
  public static let name = "cluster-access.withdraw"
  public static let right = Right.Exact(.cluster, .share)
}

/// What everybody may do who has access, for themselves.
public enum LeaveCluster: ResourceAction {
  public static let name = "cluster-access.leave"
  public static let right = Right.Exact(.cluster, .read)
  public static let worksWhileSuspended = false
}

// Clusters of the installation

public enum ListAllClusters: InstallationAction { public static let name = "cluster.list_all" }
public enum RegisterCluster: InstallationAction { public static let name = "cluster.register" }
public enum ChangeCluster: InstallationAction { public static let name = "cluster.change" }
public enum DeleteCluster: InstallationAction { public static let name = "cluster.delete" }
/// Lets an organization have it, or changes what it has of it.
public enum AdmitToCluster: InstallationAction { public static let name = "cluster.admit" }
public enum WithdrawCluster: InstallationAction { public static let name = "cluster.withdraw" }

// Apps

/// Who may not see all apps lists those that they have access to, and those that are open to them.
public enum ListApps: OrganizationAction {
  public static let name = "app.list"
  public static let permission = Permission.organizationRead
}

public enum CreateApp: OrganizationAction {
  public static let name = "app.create"
  public static let permission = Permission.appCreate
}

public enum ReadApp: ResourceAction {
  public static let name = "app.read"
  public static let right = Right.Exact(.app, .read)
}

public enum UpdateApp: ResourceAction {
  public static let name = "app.update"
  public static let right = Right.Exact(.app, .update)
}

public enum DeleteApp: ResourceAction {
  public static let name = "app.delete"
  public static let right = Right.Exact(.app, .delete)
}

/// Into another organization.
public enum MoveApp: ResourceAction {
  public static let name = "app.move"
  public static let right = Right.Exact(.app, .manage)
  public static let needsFreshSignIn = true
}

/// Into another organization.
public enum MoveWorkspace: ResourceAction {
  public static let name = "workspace.move"
  public static let right = Right.Exact(.workspace, .manage)
  public static let needsFreshSignIn = true
}

public enum ReceiveApp: OrganizationAction {
  public static let name = "app.receive"
  public static let permission = Permission.appManage
}

public enum ReceiveWorkspace: OrganizationAction {
  public static let name = "workspace.receive"
  public static let permission = Permission.workspaceManage
}

/// From a member to the organization.
public enum TransferApp: ResourceAction {
  public static let name = "app.transfer"
  public static let right = Right.Exact(.app, .manage)
}

public enum ListAppAccess: ResourceAction {
  public static let name = "app-access.list"
  public static let right = Right.Exact(.app, .read)
}

public enum GiveAppAccess: ResourceAction {
  public static let name = "app-access.give"
  public static let right = Right.Exact(.app, .manage)
}

public enum UpdateAppAccess: ResourceAction {
  public static let name = "app-access.update"
  public static let right = Right.Exact(.app, .manage)
}

public enum WithdrawAppAccess: ResourceAction {
  public static let name = "app-access.withdraw"
  public static let right = Right.Exact(.app, .manage)
}

/// What everybody may do who has access, for themselves.
public enum LeaveApp: ResourceAction {
  public static let name = "app-access.leave"
  public static let right = Right.Exact(.app, .read)
  public static let worksWhileSuspended = false
}

/// What somebody holds beside the roles of their membership, and where it comes from.
public enum ReadMemberAccess: OrganizationAction {
  public static let name = "member.read_access"
  public static let permission = Permission.accessRead
}

// Outside collaborators

public enum ListCollaborators: ResourceAction {
  public static let name = "collaborator.list"
  public static let right = Right.Exact(.app, .manage)
  public static let worksWhileSuspended = true
}

public enum InviteCollaborator: ResourceAction {
  public static let name = "collaborator.invite"
  public static let right = Right.Exact(.app, .manage)
}

public enum RenewCollaborator: ResourceAction {
  public static let name = "collaborator.renew"
  public static let right = Right.Exact(.app, .manage)
}

public enum UpdateCollaborator: ResourceAction {
  public static let name = "collaborator.update"
  public static let right = Right.Exact(.app, .manage)
}

public enum RemoveCollaborator: ResourceAction {
  public static let name = "collaborator.remove"
  public static let right = Right.Exact(.app, .manage)
}

/// On whichever app of the organization.
public enum ListAllCollaborators: OrganizationAction {
  public static let name = "collaborator.list_all"
  public static let permission = Permission.invitationList
}

public enum RemoveAnyCollaborator: OrganizationAction {
  public static let name = "collaborator.remove_any"
  public static let permission = Permission.memberRemove
}

public enum AcceptCollaboration: AccountAction { public static let name = "collaboration.accept" }
public enum DeclineCollaboration: AccountAction { public static let name = "collaboration.decline" }
public enum LeaveCollaboration: AccountAction { public static let name = "collaboration.leave" }

// Stars

public enum SetStar: AccountAction { public static let name = "star.set" }

// Objects

public enum ReadObject: ObjectAction {
  public static let name = "object.read"
  public static let verb = ResourceVerb.read
}

/// On what it will stand in.
public enum RegisterObject: ObjectAction {
  public static let name = "object.register"
  public static let verb = ResourceVerb.create
}

public enum UpdateObject: ObjectAction {
  public static let name = "object.update"
  public static let verb = ResourceVerb.update
}

public enum DeleteObject: ObjectAction {
  public static let name = "object.delete"
  public static let verb = ResourceVerb.delete
}

/// With whom it is shared.
public enum ListShares: ObjectAction {
  public static let name = "share.list"
  public static let verb = ResourceVerb.read
}

/// Who owns it may, too.
public enum ShareObject: ObjectAction {
  public static let name = "object.share"
  public static let verb = ResourceVerb.share
}

/// Ends all that was shared of what is gone.
public enum UnshareObject: ObjectAction {
  public static let name = "object.unshare"
  public static let verb = ResourceVerb.delete
}

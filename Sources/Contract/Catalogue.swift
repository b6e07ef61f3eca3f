extension API {
  /// All operations, in the order in which the document shows them.
  public static let all: [AnyEndpoint] =
    Accounts.all + Emails.all + Passwords.all + Sessions.all + Tokens.all + DerivedTokens.all + Installation.all
    + Organizations.all + OrganizationSettings.all + Archives.all + Images.all + Members.all + Roles.all + Invitations.all + Requests.all
    + Teams.all + ServiceAccounts.all + Workspaces.all + Clusters.all + Projects.all + Apps.all + Collaborators.all + Stars.all + Attributes.all
    + Grants.all + OrganizationAccess.all + Objects.all + Sharing.all + Elevations.all + Policies.all + Decisions.all + AccessFacts.all
    + Credits.all + Transfers.all + Usage.all + Prices.all + Quotas.all + Budgets.all + Alerts.all + Events.all
}

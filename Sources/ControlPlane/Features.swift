import Kernel

extension ControlPlane {
  /// Everything the product offers beside gateways.
  public var features: [Feature] { features(beside: []) }

  /// Everything the product offers, feature by feature: what the edges serve and the jobs that run.
  public func features(beside gateways: [Gateway]) -> [Feature] {
    [
      Feature("accounts", operations: accounts.operations + emails.operations + passwords.operations,
        pages: accounts.pages + ProfilePages(plane: self).pages + AccountDeletionPages(plane: self).pages),
      Feature("sessions", operations: sessions.operations, pages: sessions.pages + SecurityPages(plane: self).pages, jobs: [PurgeSecrets(self)]),
      Feature("device-logins", pages: deviceLogins.pages),
      Feature("tokens", operations: tokens.operations + derivedTokens.operations, pages: tokens.pages),
      Feature("code-logins", pages: codeLogins.pages),
      Feature("installation", operations: installation.operations, pages: OperatorPages(plane: self).pages),
      Feature("organizations", operations: organizations.operations, pages: organizations.pages + OrganizationSettingsPages(plane: self).pages,
        jobs: [PurgeOrganizations(self)]),
      Feature("organization-settings", operations: organizationSettings.operations),
      Feature("archives", operations: archives.operations, pages: archives.pages),
      Feature("images", operations: images.operations, pages: images.pages),
      Feature("members", operations: members.operations, pages: members.pages, jobs: [IndexMembers(self), FileByExpiry(self)]),
      Feature("roles", operations: roles.operations, pages: roles.pages),
      Feature("elevations", operations: elevations.operations, pages: elevations.pages),
      Feature("organization-access", operations: organizationAccess.operations, pages: organizationAccess.pages),
      Feature("invitations", operations: invitations.operations, pages: invitations.pages),
      Feature("requests", operations: requests.operations, pages: requests.pages),
      Feature("teams", operations: teams.operations, pages: teams.pages),
      Feature("workspaces", operations: workspaces.operations, pages: workspaces.pages),
      Feature("clusters", operations: clusters.operations, pages: clusters.pages + OrganizationClusterPages(plane: self).pages),
      Feature("projects", operations: projects.operations, pages: projects.pages),
      Feature("apps", operations: apps.operations, pages: apps.pages + PublicAppPages(plane: self).pages),
      Feature("moving", pages: moving.pages),
      Feature("collaborators", operations: collaborators.operations, pages: collaborators.pages),
      Feature("objects", operations: objects.operations, pages: objects.pages),
      Feature("sharing", operations: sharing.operations, pages: sharing.pages),
      Feature("attributes", operations: attributes.operations, pages: attributes.pages),
      Feature("stars", operations: stars.operations, pages: stars.pages),
      Feature("grants", operations: grants.operations, pages: grants.pages),
      Feature("policies", operations: policies.operations, pages: policies.pages),
      Feature("decisions", operations: decisions.operations, pages: decisions.pages),
      Feature("access-facts", operations: facts.operations),
      Feature("service-accounts", operations: serviceAccounts.operations, pages: serviceAccounts.pages),
      Feature("credits", operations: credits.operations, pages: credits.pages),
      Feature("prices", operations: prices.operations, pages: prices.pages),
      Feature("usage", operations: usage.operations, pages: usage.pages),
      Feature("quotas", operations: quotas.operations, pages: quotas.pages + leases.pages, jobs: [ForgetLeases(self)]),
      Feature("budgets", operations: budgets.operations, pages: budgets.pages, jobs: [ForgetBudgetCounts(self)]),
      Feature("alerts", operations: alerts.operations, pages: alerts.pages, jobs: [WatchCredits(self), ForgetAlerts(self)]),
      Feature("events", operations: events.operations, pages: events.pages),
      Feature("clients", pages: ClientPages(plane: self, guides: gateways.compactMap(\.guide)).pages),
      Feature("idempotency", jobs: [ForgetAnsweredRequests(plane: self)]),
      Feature("search", pages: SearchPages(plane: self).pages),
      Feature("design", pages: DesignPages(plane: self).pages),
      Feature("mail", pages: OutboxPages(plane: self).pages, jobs: [SendMail(self)]),
    ]
  }
}

import Kernel

extension ControlPlane {
  /// Everything the product offers, feature by feature: what the edges serve and the jobs that run.
  public var features: [Feature] {
    [
      Feature("accounts", operations: accounts.operations + emails.operations + passwords.operations),
      Feature("sessions", operations: sessions.operations, jobs: [PurgeSecrets(self)]),
      Feature("tokens", operations: tokens.operations),
      Feature("installation", operations: installation.operations),
      Feature("organizations", operations: organizations.operations, jobs: [PurgeOrganizations(self)]),
      Feature("members", operations: members.operations),
      Feature("invitations", operations: invitations.operations),
      Feature("requests", operations: requests.operations),
      Feature("events", operations: events.operations),
      Feature("mail", jobs: [SendMail(self)]),
      Feature("idempotency", jobs: [ForgetAnsweredRequests(plane: self)]),
    ]
  }
}

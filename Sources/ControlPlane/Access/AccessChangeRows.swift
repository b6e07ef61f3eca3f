import Authorization
import Kernel
import Storage

extension Work {
  var accessChanges: AccessChangeRows { AccessChangeRows(tx: tx) }
}

/// Notes what a change of the facts that decisions look at was about, in the transaction that makes it. Whoever writes such a fact notes it, or decisions go on
/// with what they know; `DecisionFactsTests` compares both.
struct AccessChangeRows {
  let tx: any Transaction

  /// What has changed; how it is now is read when somebody needs it.
  enum Subject: Hashable {
    /// A membership, with its roles, seats and grants, by the account: also one that has ended.
    case account(ID<Account>)
    /// The same by its own id, for one that goes on.
    case member(ID<Member>)
    case serviceAccount(ID<ServiceAccount>)
    case team(ID<Team>)
    case resource(ID<Resource>, type: String)
    /// One that its platform registered, by that platform's id.
    case object(String, type: String)
    /// Who sees a workspace or a cluster because of what they hold on something in it.
    case passages(ID<Resource>)
    /// What a team holds on a resource.
    case teamGrant(ID<Team>, on: ID<Resource>)
    /// Everything that a team holds on things, shared ones too.
    case teamHoldings(ID<Team>)
    /// What a team holds on the organization.
    case teamRoles(ID<Team>)
    /// What a custom role allows, or that it is no more.
    case role(ID<DefinedRole>)
    /// One that is, or was, in force.
    case policy(ID<Policy>)
    case policies
    /// The organization's own state: people read a suspended one and change nothing.
    case organization
    case everything

    /// That of a resource, whichever kind it is.
    static func of(_ resource: Resource) -> Subject {
      RegisteredObject.others.contains(resource.type)
        ? .resource(resource.id, type: resource.type.name) : .object(resource.slug.text, type: resource.type.name)
    }

    fileprivate var columns: (kind: String, subject: String, beside: String) {
      switch self {
      case .account(let id): ("account", id.description, "")
      case .member(let id): ("member", id.description, "")
      case .serviceAccount(let id): ("service-account", id.description, "")
      case .team(let id): ("team", id.description, "")
      case .resource(let id, let type): ("resource", id.description, type)
      case .object(let name, let type): ("resource", name, type)
      case .passages(let id): ("passages", id.description, "")
      case .teamGrant(let team, let resource): ("team-grant", team.description, resource.description)
      case .teamHoldings(let team): ("team-grant", team.description, "holdings")
      case .teamRoles(let team): ("team-grant", team.description, "organization")
      // The kinds that the table knows are fixed; one that says what it is about besides is no change of the policies.
      case .role(let id): ("policies", id.description, "role")
      case .policy(let id): ("policies", id.description, "policy")
      case .policies: ("policies", "", "")
      case .organization: ("policies", "", "organization")
      case .everything: ("everything", "", "")
      }
    }

    fileprivate init?(_ kind: String, _ subject: String, _ beside: String) {
      switch kind {
      case "account": if let id = ID<Account>(subject) { self = .account(id) } else { return nil }
      case "member": if let id = ID<Member>(subject) { self = .member(id) } else { return nil }
      case "service-account": if let id = ID<ServiceAccount>(subject) { self = .serviceAccount(id) } else { return nil }
      case "team": if let id = ID<Team>(subject) { self = .team(id) } else { return nil }
      case "resource" where !RegisteredObject.others.contains(ResourceType(beside)): self = .object(subject, type: beside)
      case "resource": if let id = ID<Resource>(subject) { self = .resource(id, type: beside) } else { return nil }
      case "team-grant" where beside == "organization": if let id = ID<Team>(subject) { self = .teamRoles(id) } else { return nil }
      case "team-grant" where beside == "holdings": if let id = ID<Team>(subject) { self = .teamHoldings(id) } else { return nil }
      case "team-grant":
        guard let team = ID<Team>(subject), let resource = ID<Resource>(beside) else { return nil }
        self = .teamGrant(team, on: resource)
      case "passages": if let id = ID<Resource>(subject) { self = .passages(id) } else { return nil }
      case "policies" where beside == "role": if let id = ID<DefinedRole>(subject) { self = .role(id) } else { return nil }
      case "policies" where beside == "policy": if let id = ID<Policy>(subject) { self = .policy(id) } else { return nil }
      case "policies" where beside == "organization": self = .organization
      case "policies": self = .policies
      default: self = .everything
      }
    }
  }

  /// How many changes are kept; who is further behind reads everything again.
  static let kept: Int64 = 4096

  func note(_ subject: Subject, in organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    let row = try tx.row(
      """
      INSERT INTO access_head (organization, revision) VALUES (\(organization), \(tx.now))
      ON CONFLICT (organization) DO UPDATE SET revision = access_head.revision + 1 RETURNING revision
      """, under: proof)
    let revision = try row.orDefect().integer("revision")
    let (kind, beside, text) = (subject.columns.kind, subject.columns.beside, subject.columns.subject)
    try tx.change(
      "INSERT INTO access_change (organization, revision, kind, subject, beside) VALUES (\(organization), \(revision), \(kind), \(text), \(beside))",
      under: proof)
    guard revision % 256 == 0 else { return }
    try tx.change("DELETE FROM access_change WHERE organization = \(organization) AND revision <= \(revision - Self.kept)", under: proof)
  }

  /// In every organization that the account belongs to, or has access in from outside.
  func noteEverywhere(_ account: ID<Account>, under proof: some Proof) throws(Problem) {
    let places: Statement = """
      SELECT organization FROM member WHERE account = \(account)
      UNION SELECT organization FROM collaborator WHERE account = \(account) AND since IS NOT NULL ORDER BY 1
      """
    for row in try tx.rows(places) {
      try note(.account(account), in: try row.id("organization"), under: proof)
    }
  }

  /// In every organization that the account of this address belongs to.
  func noteHolder(of email: ID<AccountEmail>, under proof: some Proof) throws(Problem) {
    guard let row = try tx.row("SELECT account FROM account_email WHERE id = \(email)") else { return }
    try noteEverywhere(try row.id("account"), under: proof)
  }

  // MARK: By what hangs on other things

  func note(grantBy holder: (member: ID<Member>?, serviceAccount: ID<ServiceAccount>?, team: ID<Team>?), on resource: ID<Resource>, under proof: some Proof)
    throws(Problem)
  {
    let subject: Subject
    if let member = holder.member {
      subject = .member(member)
    } else if let serviceAccount = holder.serviceAccount {
      subject = .serviceAccount(serviceAccount)
    } else if let team = holder.team {
      subject = .teamGrant(team, on: resource)
    } else {
      return
    }
    guard let row = try tx.row("SELECT organization FROM resource WHERE id = \(resource) AND organization IS NOT NULL") else { return }
    try note(subject, in: try row.id("organization"), under: proof)
  }

  func note(seatOf holder: (member: ID<Member>?, serviceAccount: ID<ServiceAccount>?), in team: ID<Team>, under proof: some Proof) throws(Problem) {
    let subject: Subject
    if let member = holder.member {
      subject = .member(member)
    } else if let serviceAccount = holder.serviceAccount {
      subject = .serviceAccount(serviceAccount)
    } else {
      return
    }
    guard let row = try tx.row("SELECT organization FROM team WHERE id = \(team)") else { return }
    try note(subject, in: try row.id("organization"), under: proof)
  }

  // MARK: Reading

  /// The number of the last change; 0 before the first.
  func head(of organization: ID<Organization>) throws(Problem) -> Int64 {
    try tx.row("SELECT revision FROM access_head WHERE organization = \(organization)")?.integer("revision") ?? 0
  }

  /// What has changed behind a revision, each once, in the order in which it changed first; `nil` where that isn't known any more.
  func subjects(in organization: ID<Organization>, after revision: Int64, upTo head: Int64) throws(Problem) -> [Subject]? {
    // Who follows may name any number.
    guard head > revision, revision >= head - Self.kept else { return nil }
    let rows = try tx.rows(
      """
      SELECT kind, subject, beside FROM access_change WHERE organization = \(organization) AND revision > \(revision) AND revision <= \(head)
      ORDER BY revision
      """)
    guard Int64(rows.count) == head - revision else { return nil }
    var seen: Set<Subject> = []
    var subjects: [Subject] = []
    for row in rows {
      guard let subject = Subject(try row.text("kind"), try row.text("subject"), try row.text("beside")), subject != .everything else { return nil }
      if seen.insert(subject).inserted { subjects.append(subject) }
    }
    return subjects
  }
}

extension Row {
  /// Who holds a seat or a grant, of those that decisions know.
  func accessHolder() throws(Problem) -> (member: ID<Member>?, serviceAccount: ID<ServiceAccount>?) {
    (
      try optional("member") { column throws(Problem) in try id(column) }, try optional("service_account") { column throws(Problem) in try id(column) }
    )
  }
}

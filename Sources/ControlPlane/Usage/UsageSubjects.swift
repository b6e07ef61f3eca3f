import Contract
import Kernel
import Ledger

/// Those that events name, found once for a whole batch.
struct UsageSubjects {
  /// Whose it is, what for and where, as it is stored, with the account that is charged.
  struct Found: Hashable {
    let holderKind: UsageSeries.HolderKind
    let holder: String
    let project: String
    let cluster: String
    let subBalance: String
    let account: AccountNumber

    func line(_ meter: UsageMeter, number: Int64) -> UsageBatch.Line { UsageBatch.Line(number: number, series: series(meter), account: account) }

    func series(_ meter: UsageMeter) -> UsageSeries {
      UsageSeries(holderKind: holderKind, holder: holder, project: project, cluster: cluster, meter: meter, subBalance: subBalance)
    }
  }

  private let found: [UsageDraft.Subject: Result<Found, Problem>]

  func find(_ subject: UsageDraft.Subject) throws(Problem) -> Found {
    guard let result = found[subject] else { throw Problem(.defect, "Somebody whom an event names wasn't looked for.") }
    return try result.get()
  }

  init(_ subjects: Set<UsageDraft.Subject>, in organization: Organization, _ work: Work) throws(Problem) {
    let names = try Names(subjects, in: organization, work)
    var holders: [SubBalance.HolderKind: Set<String>] = [:]
    for subject in subjects { for (kind, key) in names.charged(subject) { holders[kind, default: []].insert(key) } }
    var accounts: [SubBalance.HolderKind: [String: AccountNumber]] = [:]
    for (kind, keys) in holders { accounts[kind] = try work.usageSubjects.accounts(of: kind, keys, in: organization.id) }
    var found: [UsageDraft.Subject: Result<Found, Problem>] = [:]
    for subject in subjects {
      do throws(Problem) { found[subject] = .success(try names.find(subject, accounts)) } catch { found[subject] = .failure(error) }
    }
    self.found = found
  }
}

/// What names stand for.
private struct Names {
  private var members: [String: ID<Account>] = [:]
  private var serviceAccounts: [String: ID<ServiceAccount>] = [:]
  private var projects: [String: ID<Project>] = [:]
  private var subBalances: [String: SubBalance] = [:]

  init(_ subjects: Set<UsageDraft.Subject>, in organization: Organization, _ work: Work) throws(Problem) {
    let rows = work.usageSubjects
    for name in Set(subjects.map(\.member)) where !name.isEmpty {
      if let id = ID<Account>(name) { members[name] = id } else { members[name] = try work.accounts.named(name)?.id }
    }
    let present = try rows.members(Set(members.values), in: organization.id)
    members = members.filter { present.contains($0.value) }
    for name in Set(subjects.map(\.serviceAccount)) where !name.isEmpty { serviceAccounts[name] = try work.serviceAccounts.find(name, in: organization.id)?.id }
    for name in Set(subjects.map(\.project)) where !name.isEmpty {
      if let id = ID<Project>(name) {
        projects[name] = id
        continue
      }
      let parts = name.split(separator: "/", omittingEmptySubsequences: false).map { NameEntry.key(String($0)) }
      if parts.count == 2, let workspace = parts[0], let slug = parts[1] { projects[name] = try rows.project(slug, of: workspace, in: organization.id) }
    }
    let own = try rows.projects(Set(projects.values), in: organization.id)
    projects = projects.filter { own.contains($0.value) }
    for name in Set(subjects.map(\.subBalance)) where !name.isEmpty {
      subBalances[name] = try ID<SubBalance>(name).flatMap { id throws(Problem) in try work.subBalances.find(id, in: organization.id) }
    }
  }

  /// Whose sub-balances are charged, the first that there is.
  func charged(_ subject: UsageDraft.Subject) -> [(SubBalance.HolderKind, String)] {
    var holders: [(SubBalance.HolderKind, String)] = []
    if let id = members[subject.member] { holders.append((.member, id.description)) }
    if let id = serviceAccounts[subject.serviceAccount] { holders.append((.serviceAccount, id.description)) }
    // As a share names it: by its id, or as its platform does.
    if let id = projects[subject.project] { holders += [(.project, id.description), (.project, subject.project)] }
    if !subject.cluster.isEmpty { holders.append((.cluster, subject.cluster)) }
    return holders
  }

  func find(_ subject: UsageDraft.Subject, _ accounts: [SubBalance.HolderKind: [String: AccountNumber]]) throws(Problem) -> UsageSubjects.Found {
    var (kind, holder, project) = (UsageSeries.HolderKind.nobody, "", "")
    if !subject.member.isEmpty {
      guard let id = members[subject.member] else { throw Problem(.missing, "No member of this organization is called \(subject.member).") }
      (kind, holder) = (.member, id.description)
    }
    if !subject.serviceAccount.isEmpty {
      guard let id = serviceAccounts[subject.serviceAccount] else { throw Problem(.missing, "There is no service account \(subject.serviceAccount) here.") }
      (kind, holder) = (.serviceAccount, id.description)
    }
    if !subject.project.isEmpty {
      guard let id = projects[subject.project] else { throw Problem(.missing, "There is no project \(subject.project) here.") }
      project = id.description
    }
    var account: AccountNumber?
    if !subject.subBalance.isEmpty {
      guard let found = subBalances[subject.subBalance] else { throw Problem(.missing, "There is no sub-balance \(subject.subBalance) here.") }
      account = found.account
    }
    for (kind, key) in charged(subject) where account == nil { account = accounts[kind]?[key] }
    return UsageSubjects.Found(
      holderKind: kind, holder: holder, project: project, cluster: subject.cluster, subBalance: subBalances[subject.subBalance]?.id.description ?? "",
      account: account ?? .balance)
  }
}

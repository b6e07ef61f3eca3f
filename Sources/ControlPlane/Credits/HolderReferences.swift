import Authorization
import Contract
import Kernel
import Ledger
import Storage

extension CreditUses {
  /// Sub-balances as requests and commands name their holders, `member:emmy` or `project:eva`; the id stands for whoever is gone.
  func references(of subBalances: some Sequence<SubBalance>, in reference: String, by caller: Caller) async throws(Problem) -> [ID<SubBalance>: String] {
    let subBalances = Array(subBalances)
    let accounts = Set(subBalances.compactMap { $0.holder.kind == .member ? ID<Account>($0.holder.key) : nil })
    let machines = Set(subBalances.compactMap { $0.holder.kind == .serviceAccount ? ID<ServiceAccount>($0.holder.key) : nil })
    var names: [String: String] = [:]
    if !accounts.isEmpty || !machines.isEmpty {
      names = try await plane.read(as: caller) { work in
        let organization = try work.permit(ReadCredits.self, in: reference).0
        return try work.holderRows.handles(of: accounts).merging(work.holderRows.slugs(of: machines, in: organization.id)) { first, _ in first }
      }
    }
    var found: [ID<SubBalance>: String] = [:]
    for subBalance in subBalances {
      let holder = subBalance.holder
      let isPerson = holder.kind == .member || holder.kind == .serviceAccount
      found[subBalance.id] = "\(holder.kind.rawValue):\(isPerson ? names[holder.key] ?? holder.key : holder.name)"
    }
    return found
  }
}

extension SubBalances {
  /// The same by id, of those that there are.
  func named(_ ids: Set<ID<SubBalance>>, in reference: String, by caller: Caller) async throws(Problem) -> [ID<SubBalance>: String] {
    if ids.isEmpty { return [:] }
    let found = try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      return try ids.compactMap { id throws(Problem) in try work.subBalances.find(id, in: organization.id) }
    }
    return try await plane.credits.references(of: found, in: reference, by: caller)
  }
}

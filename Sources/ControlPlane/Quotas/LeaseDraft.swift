public import Kernel
public import Ledger

/// A lease that somebody wants.
public struct LeaseDraft: Sendable {
  public let id: ID<Lease>?
  /// Whom it counts for, as they were named; `nil` for the caller.
  public let holder: (kind: SubBalance.HolderKind, name: String)?
  public let cluster: String?
  public let amounts: LeaseAmounts
  public let term: Duration
  public let note: Note

  /// Reads what somebody typed; without `seconds` it ends after an hour.
  public init(
    id: ID<Lease>? = nil, holder: (kind: SubBalance.HolderKind, name: String)? = nil, cluster: String = "", runningJobs: Int = 0, gpus: Int = 0,
    storage: Int = 0, seconds: Int? = nil, note: String = ""
  ) throws(Problem) {
    var checker = FieldChecker()
    for (field, amount) in [("running_jobs", runningJobs), ("gpus", gpus), ("storage", storage)] where amount < 0 || amount > Quota.most {
      checker.reject(field, "Give a whole number from 0 to \(Quota.most).")
    }
    if runningJobs == 0, gpus == 0, storage == 0 { checker.reject("running_jobs", "Say what it takes: running jobs, GPUs or storage.") }
    let place = cluster.isEmpty ? nil : checker.check("cluster") { () throws(Rejection) in try DisplayName(cluster) }
    let parsedNote = checker.check("note") { () throws(Rejection) in try Note(note) }
    let parsedTerm = checker.leaseTerm(seconds)
    try checker.finish()
    guard let parsedNote, let parsedTerm else { throw Problem(.defect, "A checked field is missing.") }
    (self.id, self.holder, self.cluster, term, self.note) = (id, holder, place?.text, parsedTerm, parsedNote)
    amounts = LeaseAmounts(runningJobs: Int64(runningJobs), gpus: Int64(gpus), storage: Int64(storage))
  }
}

/// For how long a lease is to last from now on.
public struct LeaseRenewal: Sendable {
  public let term: Duration

  public init(seconds: Int?) throws(Problem) {
    var checker = FieldChecker()
    let parsed = checker.leaseTerm(seconds)
    try checker.finish()
    guard let parsed else { throw Problem(.defect, "A checked field is missing.") }
    term = parsed
  }
}

/// A lease as it is shown.
public struct SeenLease: Sendable {
  public enum State: String, Sendable, Hashable, CaseIterable { case live, released, expired }

  public let lease: Lease
  public let holderKind: SubBalance.HolderKind
  /// What the holder is called.
  public let name: String
  public let note: Note
  public let actor: JournalActor
  public let state: State

  init(_ kept: KeptLease, at instant: Timestamp) {
    (lease, holderKind, name, note, actor) = (kept.lease, kept.holderKind, kept.name, kept.note, kept.actor)
    state =
      switch kept.lease.state(at: instant) {
      case .live: .live
      case .released: .released
      case .expired: .expired
      }
  }
}

/// A lease with what is kept beside it.
struct KeptLease: Sendable {
  var lease: Lease
  let holderKind: SubBalance.HolderKind
  let name: String
  let note: Note
  /// Who took it.
  let actor: JournalActor
}

extension FieldChecker {
  /// An hour, where nobody says otherwise.
  fileprivate mutating func leaseTerm(_ seconds: Int?) -> Duration? {
    guard let seconds else { return .hours(1) }
    if HoldDraft.terms.contains(seconds) { return .seconds(seconds) }
    reject("expires_in", "Let it expire in 1 second to 366 days.")
    return nil
  }
}

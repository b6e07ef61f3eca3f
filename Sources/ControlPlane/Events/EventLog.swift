import Authorization
import Kernel
import Storage

/// Proof that a permitted change stands in the log: the only thing under which a feature's rows can be written.
struct Recorded: Proof {
  fileprivate init() {}
}

/// The right to write what is no change of anything governed: counters of attempts, the queue of mails, claims of jobs, the time of last use.
struct Housekeeping: Proof {}

/// An attempt that the rules refused, on its way to the log.
struct RefusedAttempt: Error {
  let action: String
  let stream: Stream
  let target: Target
  let actor: EventActor
  let reason: String
}

extension Work {
  /// Appends the event of a permitted change to its stream, in the transaction that makes the change, and answers the proof that writes need.
  func record<A: Action>(_ permit: Permit<A>, in stream: Stream, on target: Target, _ changes: [Change?] = []) throws(Problem) -> Recorded {
    try append(
      action: A.name, outcome: .allowed, reason: permit.reasons.map(\.text).joined(separator: ", "), actor: actor(for: permit.principal), in: stream, on: target,
      changes.compactMap { $0 })
    return Recorded()
  }

  private func actor(for principal: Principal) throws(Problem) -> EventActor {
    switch principal {
    case .anonymous: return try workspaceServer().map { EventActor(serverOf: $0) } ?? .anonymous
    case .system(let job): return EventActor(.system(job))
    case .serviceAccount: return EventActor(try actor())
    case .account(let account):
      if case .person(let person)? = try? actor(), person.id.description == account.id { return EventActor(.person(person)) }
      // Signing in and the like: the account acts before it has a credential.
      let name = try ID<Account>(account.id).flatMap { id throws(Problem) in try accounts.find(id)?.name.text }
      return EventActor(kind: .account, id: account.id, name: name ?? "", via: "")
    }
  }

  fileprivate func append(
    action: String, outcome: Event.Outcome, reason: String, actor: EventActor, in stream: Stream, on target: Target, _ changes: [Change]
  ) throws(Problem) {
    let chain = stream.description
    let head = try tx.row("SELECT sequence, hash FROM event_head WHERE stream = \(chain)")
    let sequence = Int(try head?.integer("sequence") ?? 0) + 1
    let previous = try head?.text("hash") ?? ""
    let id = tx.newID(Event.self)
    let written = Change.written(changes)
    let hash = Event.hash(
      stream: stream, sequence: sequence, id: id, at: now, action: action, outcome: outcome, reason: reason, actor: actor, target: target, changes: written,
      origin: caller.origin, previous: previous)
    forgetFacts()
    let proof = Recorded()
    // The head first: appends to one stream that overlap then meet at its row, where PostgreSQL lets the later one run again; at the event's key it would only say no.
    try tx.change(
      """
      INSERT INTO event_head (stream, sequence, hash) VALUES (\(chain), \(sequence), \(hash))
      ON CONFLICT (stream) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash
      """, under: proof)
    try tx.change(
      """
      INSERT INTO event (stream, sequence, id, at, action, outcome, reason, actor_kind, actor, actor_name, via, target_kind, target, target_name, changes, address, user_agent,
        request_id, previous, hash)
      VALUES (\(chain), \(sequence), \(id), \(now), \(action), \(outcome.rawValue), \(reason), \(actor.kind.rawValue), \(actor.id), \(actor.name), \(actor.via),
        \(target.kind), \(target.id), \(target.name), \(written), \(caller.origin.address), \(caller.origin.userAgent), \(caller.origin.requestID), \(previous), \(hash))
      """, under: proof)
  }
}

extension ControlPlane {
  /// Leaves an event for an attempt that was refused; the attempt itself has left nothing.
  func record(_ attempt: RefusedAttempt, by caller: Caller) async throws(Problem) {
    try await database.write { [self] tx in
      let work = Work(tx, caller: caller, plane: self)
      try work.append(
        action: attempt.action, outcome: .refused, reason: attempt.reason, actor: attempt.actor, in: attempt.stream, on: attempt.target, [])
    }
  }
}

extension EventActor {
  static let anonymous = EventActor(kind: .anonymous, id: "", name: "", via: "")

  init(_ actor: Actor) {
    switch actor {
    case .anonymous: self = .anonymous
    case .system(let job): self.init(kind: .system, id: job, name: job, via: "")
    case .machine(let machine): self.init(kind: .serviceAccount, id: machine.id.description, name: machine.name.text, via: "key")
    case .person(let person): self.init(person)
    }
  }

  /// The server of a workspace, which proves itself with the workspace's key.
  init(serverOf workspace: Workspace) {
    self.init(kind: .system, id: "workspace \(workspace.id)", name: "the server of \(workspace.resource.slug)", via: "key")
  }

  private init(_ person: Person) {
    self.init(kind: .account, id: person.id.description, name: person.name.text, via: person.token == nil ? "session" : "token")
  }
}

extension Reason {
  fileprivate var text: String {
    switch self {
    case .role(let role): "role \(role.rawValue)"
    case .seat(let seat): "team \(seat.rawValue)"
    case .superUser: "operator"
    case .own: "own"
    case .system(let job): "job \(job)"
    case .grant(let role, _, .caller): "role \(role)"
    case .grant(let role, _, .team): "role \(role) by a team"
    case .visibility(let visibility): "open to \(visibility.rawValue)"
    case .policy(let id): "policy \(id)"
    }
  }
}

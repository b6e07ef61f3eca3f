import Authorization
public import Kernel
public import Secrets

extension ControlPlane {
  public var events: Events { Events(plane: self) }
}

/// Which events a list shows.
public struct EventFilter: Sendable, Hashable {
  public var action: String?
  public var outcome: Event.Outcome?
  /// The id of an account or a service account, or a job's name.
  public var actor: String?
  public var target: String?
  public var since: Timestamp?
  /// The first instant that is left out.
  public var until: Timestamp?

  public init(
    action: String? = nil, outcome: Event.Outcome? = nil, actor: String? = nil, target: String? = nil, since: Timestamp? = nil, until: Timestamp? = nil
  ) {
    self.action = action
    self.outcome = outcome
    self.actor = actor
    self.target = target
    self.since = since
    self.until = until
  }
}

/// What a look through a chain of events found.
public struct ChainVerification: Sendable, Hashable {
  /// How many events were looked at.
  public let events: Int
  /// The hash of the last.
  public let head: String
  /// The first event that doesn't fit, and why; `nil` when all do.
  public let fault: Fault?

  public struct Fault: Sendable, Hashable {
    public let sequence: Int
    public let reason: String
  }
}

/// Reading and verifying the log.
public struct Events: Sendable {
  let plane: ControlPlane

  public func list(in reference: String, _ filter: EventFilter, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<Event> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListEvents.self, in: reference).0
      return try work.events.list(in: .organization(organization.id), filter, page)
    }
  }

  /// All events that a filter shows, the newest first, a page after the other.
  public func all(in reference: String, _ filter: EventFilter, by caller: Caller, _ body: (Event) -> Void) async throws(Problem) {
    var cursor: Cursor?
    repeat {
      let page = try await list(in: reference, filter, PageRequest(limit: PageRequest.limits.upperBound, cursor: cursor), by: caller)
      page.items.forEach(body)
      cursor = page.next
    } while cursor != nil
  }

  /// What the caller did and what was done to the account: its own stream.
  public func listOwn(_ filter: EventFilter, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<Event> {
    try await plane.read(as: caller) { work in
      let person = try work.person()
      _ = try work.permit(ReadAccount.self, on: person.id)
      return try work.events.list(in: .account(person.id), filter, page)
    }
  }

  /// What the caller did in an organization that they may open, whether or not they may see what others did: a range of one index, however long its log is.
  public func listOwn(in reference: String, _ filter: EventFilter, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<Event> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadOrganization.self, in: reference).0
      var own = filter
      own.actor = try work.person().id.description
      return try work.events.list(in: .organization(organization.id), own, page)
    }
  }

  /// The oldest events behind `sequence`, up to 1,000: for exports, feeds and off-line verification.
  public func range(in reference: String, after sequence: Int, limit: Int, by caller: Caller) async throws(Problem) -> [Event] {
    guard (1...1000).contains(limit), sequence >= 0 else { throw .invalid("limit", "Ask for 1 to 1,000 events at once, behind a sequence of 0 or more.") }
    return try await plane.read(as: caller) { work in
      let organization = try work.permit(ListEvents.self, in: reference).0
      return try work.events.range(in: .organization(organization.id), after: sequence, limit: limit)
    }
  }

  /// The present end of an organization's chain, signed.
  public func head(of reference: String, by caller: Caller) async throws(Problem) -> EventHead {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListEvents.self, in: reference).0
      let stream = Stream.organization(organization.id)
      let end = try work.events.head(of: stream) ?? (sequence: 0, hash: "")
      return try EventHead.signed(stream, end, at: work.now, with: plane.world.keys.signingKey(for: EventHead.purpose))
    }
  }

  /// What checks the signatures of heads, for anybody; the key in use first.
  public func verifyingKeys() throws(Problem) -> [VerifyingKey] { try plane.world.keys.verifyingKeys(for: EventHead.purpose) }

  /// Computes every hash of an organization's chain again, and compares the end with the recorded head.
  public func verify(_ reference: String, by caller: Caller) async throws(Problem) -> ChainVerification {
    let stream = try await plane.read(as: caller) { work in Stream.organization(try work.permit(ListEvents.self, in: reference).0.id) }
    return try await verify(stream)
  }

  func verify(_ stream: Stream) async throws(Problem) -> ChainVerification {
    var verifier = ChainVerifier()
    while verifier.fault == nil {
      let after = verifier.count
      let (events, head) = try await plane.read(as: .system("verify")) { work in
        (try work.events.stored(in: stream, after: after, limit: 1000), try work.events.head(of: stream))
      }
      for (sequence, event) in events {
        if let event { verifier.take(event) } else { verifier.takeUnreadable(sequence) }
      }
      if events.count < 1000 {
        verifier.finish(head: head)
        break
      }
    }
    return ChainVerification(events: verifier.count, head: verifier.last, fault: verifier.fault)
  }
}

/// Follows a chain of events from its beginning; the same for the database and for an export.
public struct ChainVerifier: Sendable {
  public private(set) var count = 0
  public private(set) var last = ""
  public private(set) var fault: ChainVerification.Fault?

  public init() {}

  /// Takes the next event; after the first fault nothing is looked at any more.
  public mutating func take(_ event: Event) {
    guard fault == nil else { return }
    let expected = count + 1
    if event.sequence != expected {
      fault = .init(sequence: expected, reason: "Event \(expected) is missing.")
    } else if event.previous != last {
      fault = .init(sequence: expected, reason: "Event \(expected) doesn't follow the one before it.")
    } else if !event.isIntact {
      fault = .init(sequence: expected, reason: "Event \(expected) was changed.")
    } else {
      count = expected
      last = event.hash
    }
  }

  /// Takes an event that is stored and can't be read.
  mutating func takeUnreadable(_ sequence: Int) {
    guard fault == nil else { return }
    fault = .init(sequence: sequence, reason: "Event \(sequence) was changed, and can't be read any more.")
  }

  /// Compares the end with a head that was kept; whether the head is genuine, its signature tells.
  public mutating func finish(head: EventHead) { finish(head: (head.sequence, head.hash)) }

  /// Compares the end with the recorded head, so that events cut off at the end are missed too.
  public mutating func finish(head: (sequence: Int, hash: String)?) {
    guard fault == nil, let head, head.sequence != count || head.hash != last else { return }
    fault = .init(sequence: count + 1, reason: head.sequence > count ? "Events \(count + 1) to \(head.sequence) are missing." : "The recorded end doesn't fit.")
  }
}

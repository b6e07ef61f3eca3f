public import Kernel

extension API {
  public enum Events {
    public static let list = Endpoint<Wire.InOrganization, Wire.EventQuery, Nothing, Wire.List<Wire.Event>>(
      "event.list", .get, "/organizations/{organization}/events", access: .organization(permission: "event.list"),
      summary: "List what happened in an organization, the newest first.")

    public static let export = Endpoint<Wire.InOrganization, Wire.EventRange, Nothing, Wire.EventExport>(
      "event.export", .get, "/organizations/{organization}/events/export", access: .organization(permission: "event.list"),
      summary: "Read the log from its beginning, a thousand events at a time, to keep and to verify elsewhere.")

    public static let verify = Endpoint<Wire.InOrganization, Nothing, Nothing, Wire.ChainVerification>(
      "event.verify", .get, "/organizations/{organization}/events/verification", access: .organization(permission: "event.list"),
      summary: "Compute the whole chain of hashes again.")

    public static let own = Endpoint<Nothing, Wire.EventQuery, Nothing, Wire.List<Wire.Event>>(
      "event.own", .get, "/account/events", access: .account, summary: "List what happened to your account, the newest first.")

    public static let head = Endpoint<Wire.InOrganization, Nothing, Nothing, Wire.EventHead>(
      "event.head", .get, "/organizations/{organization}/events/head", access: .organization(permission: "event.list"),
      summary: "The end of the log as it is now, signed: keep it elsewhere, to prove later that nothing before it was cut off.")

    public static let keys = Endpoint<Nothing, Nothing, Nothing, Wire.VerifyingKeys>(
      "event.keys", .get, "/event-keys", access: .anyone, summary: "The public keys that check the signatures of log ends; the one in use first.")

    static var all: [AnyEndpoint] { [AnyEndpoint(list), AnyEndpoint(export), AnyEndpoint(verify), AnyEndpoint(head), AnyEndpoint(keys), AnyEndpoint(own)] }
  }
}

extension Wire {
  public enum EventOutcome: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case allowed, refused }

  public struct Event: Codable, Sendable, Hashable {
    /// What the chain belongs to: `organization:` or `account:` and an id.
    public var stream: String
    /// 1, 2, 3 … without gaps.
    public var sequence: Int
    public var id: ID<Event>
    public var at: Timestamp
    /// `noun.verb`.
    public var action: String
    public var outcome: EventOutcome
    /// Why it was allowed, or the code of the refusal.
    public var reason: String
    public var actor: EventParty
    /// `session`, `token`, or nothing.
    public var via: String
    public var target: EventParty
    public var changes: [EventChange]
    public var address: String
    public var userAgent: String
    public var requestId: String
    public var previous: String
    public var hash: String

    public init(
      stream: String, sequence: Int, id: ID<Event>, at: Timestamp, action: String, outcome: EventOutcome, reason: String, actor: EventParty, via: String, target: EventParty,
      changes: [EventChange], address: String, userAgent: String, requestId: String, previous: String, hash: String
    ) {
      self.stream = stream
      self.sequence = sequence
      self.id = id
      self.at = at
      self.action = action
      self.outcome = outcome
      self.reason = reason
      self.actor = actor
      self.via = via
      self.target = target
      self.changes = changes
      self.address = address
      self.userAgent = userAgent
      self.requestId = requestId
      self.previous = previous
      self.hash = hash
    }
  }

  /// Who did it or what it was done to, with the name it had then.
  public struct EventParty: Codable, Sendable, Hashable {
    public var kind: String
    public var id: String
    public var name: String

    public init(kind: String, id: String, name: String) {
      self.kind = kind
      self.id = id
      self.name = name
    }
  }

  public struct EventChange: Codable, Sendable, Hashable {
    public var field: String
    public var before: String?
    public var after: String?

    public init(field: String, before: String?, after: String?) {
      self.field = field
      self.before = before
      self.after = after
    }
  }

  public struct EventQuery: Codable, Sendable, Hashable, PagedQuery {
    public var action: String?
    public var outcome: EventOutcome?
    /// An account's id, or a job's name.
    public var actor: String?
    /// The id of what it was done to.
    public var target: String?
    public var since: Timestamp?
    public var until: Timestamp?
    public var limit: Int?
    public var cursor: String?

    public init(
      action: String? = nil, outcome: EventOutcome? = nil, actor: String? = nil, target: String? = nil, since: Timestamp? = nil, until: Timestamp? = nil, limit: Int? = nil,
      cursor: String? = nil
    ) {
      self.action = action
      self.outcome = outcome
      self.actor = actor
      self.target = target
      self.since = since
      self.until = until
      self.limit = limit
      self.cursor = cursor
    }
  }

  public struct EventRange: Codable, Sendable, Hashable {
    /// The sequence of the last event you have; 0 unless told.
    public var after: Int?
    /// 1 to 1,000; 1,000 unless told.
    public var limit: Int?

    public init(after: Int? = nil, limit: Int? = nil) {
      self.after = after
      self.limit = limit
    }
  }

  public struct EventExport: Codable, Sendable, Hashable {
    /// The oldest first.
    public var events: [Event]

    public init(events: [Event]) { self.events = events }
  }

  /// The end of a chain at an instant, signed. The message is five lines, each ended by a line feed: `guildhall event head 1`, stream, sequence, hash, and `at` in
  /// milliseconds since 1970; the signature is Ed25519 (RFC 8032) in base64url.
  public struct EventHead: Codable, Sendable, Hashable {
    public var stream: String
    /// That of the last event; 0 where there is none.
    public var sequence: Int
    /// That of the last event; empty where there is none.
    public var hash: String
    public var at: Timestamp
    /// Names the key that signed.
    public var key: String
    public var signature: String

    public init(stream: String, sequence: Int, hash: String, at: Timestamp, key: String, signature: String) {
      self.stream = stream
      self.sequence = sequence
      self.hash = hash
      self.at = at
      self.key = key
      self.signature = signature
    }
  }

  /// The last line of an exported log.
  public struct EventLogEnd: Codable, Sendable, Hashable {
    public var head: EventHead

    public init(head: EventHead) { self.head = head }
  }

  public struct VerifyingKeys: Codable, Sendable, Hashable {
    public var keys: [VerifyingKey]

    public init(keys: [VerifyingKey]) { self.keys = keys }
  }

  public struct VerifyingKey: Codable, Sendable, Hashable {
    public var id: String
    /// Ed25519, 32 bytes in base64url.
    public var key: String

    public init(id: String, key: String) {
      self.id = id
      self.key = key
    }
  }

  public struct ChainVerification: Codable, Sendable, Hashable {
    public var intact: Bool
    /// How many events were looked at.
    public var events: Int
    public var head: String
    /// The first event that doesn't fit.
    public var faultSequence: Int?
    public var faultReason: String?

    public init(intact: Bool, events: Int, head: String, faultSequence: Int?, faultReason: String?) {
      self.intact = intact
      self.events = events
      self.head = head
      self.faultSequence = faultSequence
      self.faultReason = faultReason
    }
  }
}

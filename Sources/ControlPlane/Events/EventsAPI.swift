public import Contract
import Kernel
import Secrets

extension Events {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Events.list) { call async throws(Problem) in
        Wire.List(try await list(in: call.path.organization, EventFilter(call.query), call.query.page(), by: call.caller), Wire.Event.init)
      },
      BoundEndpoint(API.Events.export) { call async throws(Problem) in
        let events = try await range(in: call.path.organization, after: call.query.after ?? 0, limit: call.query.limit ?? 1000, by: call.caller)
        return Wire.EventExport(events: events.map(Wire.Event.init))
      },
      BoundEndpoint(API.Events.verify) { call async throws(Problem) in
        let found = try await verify(call.path.organization, by: call.caller)
        return Wire.ChainVerification(
          intact: found.fault == nil, events: found.events, head: found.head, faultSequence: found.fault?.sequence, faultReason: found.fault?.reason)
      },
      BoundEndpoint(API.Events.head) { call async throws(Problem) in Wire.EventHead(try await head(of: call.path.organization, by: call.caller)) },
      BoundEndpoint(API.Events.keys) { _ async throws(Problem) in
        Wire.VerifyingKeys(keys: try verifyingKeys().map { Wire.VerifyingKey(id: $0.id, key: $0.text) })
      },
      BoundEndpoint(API.Events.own) { call async throws(Problem) in
        Wire.List(try await listOwn(EventFilter(call.query), call.query.page(), by: call.caller), Wire.Event.init)
      },
    ]
  }
}

extension Events {
  /// The whole chain as lines of JSON, the oldest first: what `guildhall audit verify --file` takes.
  func lines(of reference: String, by caller: Caller) async throws(Problem) -> [UInt8] {
    var bytes: [UInt8] = []
    var last = 0
    while true {
      let events = try await range(in: reference, after: last, limit: 1000, by: caller)
      for event in events { bytes += try WireCoding.encode(Wire.Event(event)) + [UInt8(ascii: "\n")] }
      guard events.count == 1000, let end = events.last else { return bytes }
      last = end.sequence
    }
  }
}

extension EventFilter {
  init(_ query: Wire.EventQuery) {
    let outcome: Event.Outcome? =
      switch query.outcome {
      case nil: nil
      case .allowed: .allowed
      case .refused: .refused
      }
    self.init(action: query.action, outcome: outcome, actor: query.actor, target: query.target, since: query.since, until: query.until)
  }
}

extension Wire.Event {
  init(_ event: Event) {
    self.init(
      stream: event.stream.description, sequence: event.sequence, id: event.id.cast(), at: event.at, action: event.action,
      outcome: event.outcome == .allowed ? .allowed : .refused, reason: event.reason,
      actor: Wire.EventParty(kind: event.actor.kind.rawValue, id: event.actor.id, name: event.actor.name), via: event.actor.via,
      target: Wire.EventParty(kind: event.target.kind, id: event.target.id, name: event.target.name),
      changes: event.changes.map { Wire.EventChange(field: $0.field, before: $0.before, after: $0.after) }, address: event.origin.address, userAgent: event.origin.userAgent,
      requestId: event.origin.requestID, previous: event.previous, hash: event.hash)
  }
}

extension Wire.EventHead {
  init(_ head: EventHead) {
    self.init(stream: head.stream.description, sequence: head.sequence, hash: head.hash, at: head.at, key: head.key, signature: head.signature.text)
  }
}

extension EventHead {
  /// A head that was kept; `nil` when it can't be one.
  public init?(_ wire: Wire.EventHead) {
    guard let stream = Stream(wire.stream), let signature = Signature(wire.signature) else { return nil }
    self.init(stream: stream, sequence: wire.sequence, hash: wire.hash, at: wire.at, key: wire.key, signature: signature)
  }
}

extension Event {
  /// An event of an export, so that a chain can be verified without the database it came from; `nil` when it can't be one.
  public init?(_ wire: Wire.Event) {
    guard let stream = Stream(wire.stream), let kind = EventActor.Kind(rawValue: wire.actor.kind) else { return nil }
    self.init(
      stream: stream, sequence: wire.sequence, id: wire.id.cast(), at: wire.at, action: wire.action, outcome: wire.outcome == .allowed ? .allowed : .refused, reason: wire.reason,
      actor: EventActor(kind: kind, id: wire.actor.id, name: wire.actor.name, via: wire.via), target: Target(wire.target.kind, wire.target.id, named: wire.target.name),
      changes: wire.changes.map { Change($0.field, from: $0.before, to: $0.after) }, origin: Origin(address: wire.address, userAgent: wire.userAgent, requestID: wire.requestId),
      previous: wire.previous, hash: wire.hash)
  }
}

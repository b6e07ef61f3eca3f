import Kernel
import Storage

extension Work {
  var events: EventRows { EventRows(tx: tx) }
}

/// Reads the log. Writing it is `Work.record`'s alone.
struct EventRows {
  let tx: any Transaction

  func list(in stream: Stream, _ filter: EventFilter, _ page: PageRequest) throws(Problem) -> Page<Event> {
    let base: Statement = "stream = \(stream.description)\(conditions(filter))"
    var after = Statement.none
    if let keys = try page.keys(of: "events", count: 1) {
      guard let sequence = Int64(keys[0]) else { throw .invalid("cursor", "This cursor can't be read; start again without it.") }
      after = " AND sequence < \(sequence)"
    }
    let found = try tx.rows("SELECT * FROM event WHERE \(base)\(after) ORDER BY sequence DESC LIMIT \(page.limit + 1)").map { row throws(Problem) in try Event(row) }
    let total = filter == EventFilter() ? try head(of: stream)?.sequence ?? 0 : try tx.count("SELECT count(*) AS n FROM event WHERE \(base)")
    return Page(found, of: "events", limit: page.limit, total: total) { [String($0.sequence)] }
  }

  /// Up to `limit` events behind `sequence`, the oldest first.
  func range(in stream: Stream, after sequence: Int, limit: Int) throws(Problem) -> [Event] {
    try rows(in: stream, after: sequence, limit: limit).map { row throws(Problem) in try Event(row) }
  }

  /// As `range`, with `nil` for what is stored and can't be read: somebody changed it behind our back.
  func stored(in stream: Stream, after sequence: Int, limit: Int) throws(Problem) -> [(sequence: Int, event: Event?)] {
    try rows(in: stream, after: sequence, limit: limit).map { row throws(Problem) in (Int(try row.integer("sequence")), try? Event(row)) }
  }

  private func rows(in stream: Stream, after sequence: Int, limit: Int) throws(Problem) -> [Row] {
    try tx.rows("SELECT * FROM event WHERE stream = \(stream.description) AND sequence > \(sequence) ORDER BY sequence LIMIT \(limit)")
  }

  func head(of stream: Stream) throws(Problem) -> (sequence: Int, hash: String)? {
    try tx.row("SELECT sequence, hash FROM event_head WHERE stream = \(stream.description)").map { row throws(Problem) in (Int(try row.integer("sequence")), try row.text("hash")) }
  }

  private func conditions(_ filter: EventFilter) -> Statement {
    var conditions = Statement.none
    if let action = filter.action { conditions = conditions + " AND action = \(action)" }
    if let outcome = filter.outcome { conditions = conditions + " AND outcome = \(outcome.rawValue)" }
    if let actor = filter.actor { conditions = conditions + " AND actor = \(actor)" }
    if let target = filter.target { conditions = conditions + " AND target = \(target)" }
    if let since = filter.since { conditions = conditions + " AND at >= \(since)" }
    if let until = filter.until { conditions = conditions + " AND at < \(until)" }
    return conditions
  }
}

extension Event {
  /// What somebody made unreadable behind our back is shown as it stands, so that the rest of the log can be read; it is never intact.
  init(_ row: Row) throws(Problem) {
    let stream = try Stream(row.text("stream")).orDefect()
    let written = try row.text("changes")
    let changes = Change.read(written) ?? [Change("unreadable", to: written)]
    self.init(
      stream: stream, sequence: Int(try row.integer("sequence")), id: ID(try row.text("id")) ?? .nothing, at: try row.instant("at"), action: try row.text("action"), outcome: try row.choice("outcome"),
      reason: try row.text("reason"),
      actor: EventActor(kind: try row.choice("actor_kind"), id: try row.text("actor"), name: try row.text("actor_name"), via: try row.text("via")),
      target: Target(try row.text("target_kind"), try row.text("target"), named: try row.text("target_name")), changes: changes,
      origin: Origin(address: try row.text("address"), userAgent: try row.text("user_agent"), requestID: try row.text("request_id")), previous: try row.text("previous"),
      hash: try row.text("hash"))
  }
}

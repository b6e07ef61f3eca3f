import CPostgres
import Glibc
import Kernel
import Storage

/// What the server answered to one statement.
struct PostgresAnswer {
  let rows: [Row]
  /// How many rows an INSERT, UPDATE or DELETE touched.
  let changed: Int
  /// The command tag, such as `SELECT 5`.
  let tag: String
}

/// One connection to the server, and the statements prepared on it. Closed when it is released.
final class PostgresConnection {
  private struct Shape: Hashable {
    let sql: String
    let types: [SQLType]
  }

  /// How many statements stay prepared; beyond that all are forgotten, since the server keeps a plan of each in memory.
  private static let preparedLimit = 512

  private let handle: OpaquePointer
  private let answerTimeout: Duration
  private var prepared: [Shape: String] = [:]
  private var preparedCount = 0

  init(to target: Target) throws(PostgresFailure) {
    answerTimeout = target.answerTimeout
    if let fault = postgres_library_fault() {
      throw PostgresFailure(Problem(.unusable, "libpq can't be loaded (\(String(cString: fault))); install it: apt-get install libpq5"))
    }
    let connected = CStrings(target.parameters.map(\.name) + [nil]).withPointers { names in
      CStrings(target.parameters.map(\.value) + [nil]).withPointers { values in PQconnectdbParams(names, values, 1) }
    }
    guard let connected else { throw PostgresFailure(.refused, state: "53200", "out of memory") }
    handle = connected
    guard PQstatus(handle) == CONNECTION_OK else { throw PostgresFailure(.refused, state: PostgresFailure.unreachable, Self.message(handle)) }
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
    guard let encoding = PQparameterStatus(handle, "server_encoding"), String(cString: encoding) == "UTF8" else {
      let advice = "create it with: createdb --encoding=UTF8 --template=template0 NAME"
      throw PostgresFailure(Problem(.unusable, "The PostgreSQL database isn't encoded in UTF-8; \(advice)"))
    }
    try execute(target.settings)
  }

  deinit { PQfinish(handle) }

  var isInTransaction: Bool { [PQTRANS_INTRANS, PQTRANS_INERROR].contains(PQtransactionStatus(handle)) }

  /// Runs SQL without values and answers its command tag.
  @discardableResult func execute(_ sql: String) throws(PostgresFailure) -> String {
    let result = try exchange(sql) { PQsendQuery(handle, sql) }
    defer { PQclear(result) }
    return String(cString: PQcmdStatus(result))
  }

  /// Runs one statement with its values, prepared under its text when `cached`.
  func rows(_ sql: String, _ values: [SQLValue], _ types: [SQLType], cached: Bool) throws(PostgresFailure) -> PostgresAnswer {
    let name = cached ? try prepare(sql, types) : nil
    let parameters = CStrings(values.map(\.parameter))
    let result = try exchange(sql) {
      parameters.withPointers { pointers in
        if let name { return PQsendQueryPrepared(handle, name, Int32(values.count), pointers, nil, nil, 0) }
        return PQsendQueryParams(handle, sql, Int32(values.count), types.map(\.oid), pointers, nil, nil, 0)
      }
    }
    defer { PQclear(result) }
    return try PostgresAnswer(result, sql: sql)
  }

  /// Runs a `COPY … FROM STDIN` and streams what it takes.
  func copy(_ sql: String, _ bytes: [UInt8]) throws(PostgresFailure) {
    PQclear(try exchange(sql, awaiting: PGRES_COPY_IN) { PQsendQuery(handle, sql) })
    let result = try exchange(sql) {
      let sent = bytes.withUnsafeBytes { memory in
        // As much at once as the count can tell.
        stride(from: 0, to: memory.count, by: 1 << 24).allSatisfy { start in
          let piece = memory[start..<min(start + 1 << 24, memory.count)]
          return PQputCopyData(handle, UnsafeRawBufferPointer(rebasing: piece).bindMemory(to: CChar.self).baseAddress, Int32(piece.count)) == 1
        }
      }
      return sent ? PQputCopyEnd(handle, nil) : -1
    }
    PQclear(result)
  }

  func forgetPrepared() { prepared = [:] }

  private func prepare(_ sql: String, _ types: [SQLType]) throws(PostgresFailure) -> String {
    let shape = Shape(sql: sql, types: types)
    if let name = prepared[shape] { return name }
    if prepared.count >= Self.preparedLimit {
      forgetPrepared()
      try execute("DEALLOCATE ALL")
    }
    preparedCount += 1
    let name = "s\(preparedCount)"
    PQclear(try exchange(sql) { PQsendPrepare(handle, name, sql, Int32(types.count), types.map(\.oid)) })
    prepared[shape] = name
    return name
  }

  /// Sends, and waits for the whole answer; when it takes longer than any statement may take, the connection counts as lost.
  ///
  /// `state`: what the server says when it is ready for more instead of done.
  private func exchange(_ sql: String, awaiting state: ExecStatusType? = nil, _ send: () -> Int32) throws(PostgresFailure) -> OpaquePointer {
    guard send() == 1 else { throw lost() }
    let deadline = ContinuousClock.now + answerTimeout
    var answer: OpaquePointer?
    while true {
      while PQisBusy(handle) == 1 {
        var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        let ready = poll(&descriptor, 1, Int32(clamping: max(0, (deadline - .now).milliseconds)))
        if ready < 0, errno == EINTR { continue }
        guard ready > 0, PQconsumeInput(handle) == 1 else {
          PQclear(answer)
          throw lost()
        }
      }
      guard let result = PQgetResult(handle) else { break }
      PQclear(answer)
      answer = result
      // There comes nothing behind it before more is sent.
      if PQresultStatus(result) == state { return result }
    }
    guard let answer else { throw lost() }
    switch PQresultStatus(answer) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK: return answer
    default:
      defer { PQclear(answer) }
      throw PostgresFailure(answer, sql: sql, isLost: PQstatus(handle) != CONNECTION_OK)
    }
  }

  private func lost() -> PostgresFailure { PostgresFailure(.reconnect, state: "08006", Self.message(handle)) }

  private static func message(_ handle: OpaquePointer) -> String { String(cString: PQerrorMessage(handle)) }
}

extension PostgresConnection {
  /// Where to connect, and how each connection is set up.
  struct Target: Sendable {
    let parameters: [(name: String, value: String)]
    let settings: String
    let answerTimeout: Duration

    init(address: String, options: PostgresDatabase.Options) throws(Problem) {
      let isAddress = address.hasPrefix("postgres://") || address.hasPrefix("postgresql://")
      guard isAddress, Self.isReadable(address) else {
        // The library's own message may repeat the password.
        throw Problem(.unusable, "The database address can't be read; write it as postgres://user:password@host:port/name.")
      }
      // What comes later wins: the address over our defaults, our needs over the address.
      parameters = [
        ("application_name", "guildhall"), ("connect_timeout", "\(max(2, options.connectTimeout.wholeSeconds))"), ("gssencmode", "disable"),
        ("target_session_attrs", "read-write"), ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
        ("dbname", address),
        ("client_encoding", "UTF8"),
      ]
      settings = [
        "SET statement_timeout = \(options.statementTimeout.milliseconds)",
        "SET lock_timeout = \(options.lockTimeout.milliseconds)",
        "SET idle_in_transaction_session_timeout = \(options.idleTimeout.milliseconds)",
        "SET standard_conforming_strings = on",
        // A commit that is answered is on the disk; a server told to go further (remote_apply) goes further.
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
      ].joined(separator: "; ")
      answerTimeout = options.statementTimeout + .seconds(5)
    }

    /// The library looks at the ports (one for each host) only when it connects.
    private static func isReadable(_ address: String) -> Bool {
      // Where the library is missing, connecting says so.
      guard postgres_library_fault() == nil else { return true }
      guard let parsed = PQconninfoParse(address, nil) else { return false }
      defer { PQconninfoFree(parsed) }
      let port = sequence(first: parsed) { $0 + 1 }.prefix { $0.pointee.keyword != nil }.first { String(cString: $0.pointee.keyword) == "port" }
      guard let ports = port?.pointee.val else { return true }
      return String(cString: ports).split(separator: ",").allSatisfy { UInt16($0) ?? 0 > 0 }
    }
  }
}

/// Texts as C wants them: ended by zero, in one piece of memory.
private struct CStrings {
  private var bytes: [CChar] = []
  private var starts: [Int?] = []

  init(_ texts: [String?]) {
    for text in texts {
      starts.append(text == nil ? nil : bytes.count)
      guard let text else { continue }
      bytes.append(contentsOf: text.utf8.lazy.map(CChar.init(bitPattern:)))
      bytes.append(0)
    }
  }

  func withPointers<Result>(_ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result) -> Result {
    bytes.withUnsafeBufferPointer { memory in
      starts.map { start in start.flatMap { memory.baseAddress?.advanced(by: $0) } }.withUnsafeBufferPointer { body($0.baseAddress) }
    }
  }
}

extension SQLValue {
  fileprivate var parameter: String? {
    switch self {
    case .null: nil
    case .integer(let integer): String(integer)
    case .text(let text): text
    }
  }
}

extension SQLType {
  /// The server's number of the type (`pg_type.oid`): int8 and text.
  fileprivate var oid: Oid {
    switch self {
    case .integer: 20
    case .text: 25
    }
  }
}

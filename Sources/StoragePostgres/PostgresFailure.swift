import CPostgres
import Kernel
import Storage

/// Why a statement, or the connection under it, failed.
struct PostgresFailure: Error, CustomStringConvertible {
  /// What could help.
  enum Remedy {
    /// Nothing that the driver can do.
    case refused
    /// Another run a little later.
    case wait
    /// Another run on a new connection.
    case reconnect
    /// Another run with statements prepared anew.
    case prepare
    /// Only the caller can find out: the connection was lost on the commit.
    case ask
  }

  let remedy: Remedy
  /// The five characters that name the error (PostgreSQL, appendix A); empty for ours.
  let state: String
  let description: String
  /// A refusal that is none of the server's.
  private let own: Problem?

  /// A state of ours: the server couldn't be connected to.
  static let unreachable = "08001"

  init(_ remedy: Remedy, state: String = "", _ description: String) {
    (self.remedy, self.state, self.description, own) = (remedy, state, description, nil)
  }

  init(_ problem: Problem) { (remedy, state, description, own) = (.refused, "", problem.detail, problem) }

  init(_ result: OpaquePointer, sql: String, isLost: Bool) {
    let field = { (code: Unicode.Scalar) in PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) } }
    let state = field("C") ?? ""
    // The first line alone: the detail that follows repeats stored values, which don't belong in a log.
    let message = field("M") ?? String(cString: PQresultErrorMessage(result))
    let remedy: Remedy =
      switch state {
      case _ where isLost, "57P01", "57P02", "57P03", "57P05", "25P03", "25P04": .reconnect
      case _ where state.hasPrefix("08"): .reconnect
      case "40001", "40P01": .wait
      case "26000": .prepare
      case "0A000" where message.contains("cached plan"): .prepare
      default: .refused
      }
    self.init(remedy, state: state, "\(state) \(message): \(sql)")
  }

  var isTransient: Bool { [.wait, .reconnect, .prepare].contains(remedy) }
  /// Class 23: integrity constraint violation.
  var isViolation: Bool { state.hasPrefix("23") }
  var withUnknownOutcome: PostgresFailure { PostgresFailure(.ask, state: state, description) }

  fileprivate var problem: Problem? { own }
}

extension Problem {
  /// What a failure means to a caller.
  init(postgres failure: PostgresFailure) {
    if let problem = failure.problem {
      self = problem
      return
    }
    let soon = Duration.seconds(1)
    switch (failure.remedy, failure.state) {
    case (.ask, _):
      let lost = "The connection to the database was lost while this was being stored, so it may be stored or not."
      self.init(.unavailable, "\(lost) Try again; with the same idempotency key that is safe.", retryAfter: soon, cause: failure)
    case (.wait, _): self.init(.serialization, "Too many changes at once; try again in a moment.", retryAfter: soon, cause: failure)
    case (.reconnect, _), (_, PostgresFailure.unreachable):
      self.init(.unavailable, "The database can't be reached right now; try again in a moment.", retryAfter: soon, cause: failure)
    case (_, "53100"): self.init(.full, "There is no space left to store this; nothing was changed.", cause: failure)
    case (_, "55P03"): self.init(.unavailable, "The database is locked by another program; try again in a moment.", retryAfter: soon, cause: failure)
    case (_, "57014"): self.init(.unavailable, "The database took too long; try again in a moment.", retryAfter: soon, cause: failure)
    case (_, let state) where state.hasPrefix("23"): self.init(.constraint, "This contradicts what is stored.", cause: failure)
    case (_, let state) where state.hasPrefix("53") || state.hasPrefix("58"):
      self.init(.unavailable, "The database can't do this right now; try again in a moment.", retryAfter: soon, cause: failure)
    case (_, "54000"): self.init(.invalid, "A text is too long to be stored.", cause: failure)
    default: self.init(.defect, "The database failed.", cause: failure)
    }
  }
}

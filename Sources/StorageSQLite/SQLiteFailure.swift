import GRDB
import Kernel
import Storage

extension Problem {
  /// What an error of SQLite means to a caller; a `Problem` passes as it is.
  init(sqlite error: any Error) {
    if let problem = error as? Problem {
      self = problem
      return
    }
    guard let failure = error as? DatabaseError else {
      self.init(.defect, "The database failed.", cause: error)
      return
    }
    switch failure.resultCode {
    case .SQLITE_CONSTRAINT: self.init(.constraint, "This contradicts what is stored.", cause: failure)
    case .SQLITE_FULL: self.init(.full, "There is no space left to store this; nothing was changed.", cause: failure)
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self.init(.unavailable, "The database is locked by another program; try again in a moment.", retryAfter: .seconds(1), cause: failure)
    case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_NOMEM, .SQLITE_INTERRUPT, .SQLITE_PROTOCOL:
      self.init(.unavailable, "The database can't be reached right now; nothing was changed.", retryAfter: .seconds(1), cause: failure)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: self.init(.unusable, "The database is damaged; restore a back-up.", cause: failure)
    case .SQLITE_TOOBIG: self.init(.invalid, "A text is too long to be stored.", cause: failure)
    default: self.init(.defect, "The database failed.", cause: failure)
    }
  }

  /// What it means that a file couldn't be opened: a sentence for whoever starts the program.
  init(opening path: String, failed error: any Error) {
    switch (error as? DatabaseError)?.resultCode {
    case .SQLITE_NOTADB?: self.init(.unusable, "\(path) is not a SQLite database; name another file.", cause: error)
    case .SQLITE_CORRUPT?: self.init(.unusable, "The database \(path) is damaged; restore a back-up.", cause: error)
    case .SQLITE_CANTOPEN?, .SQLITE_READONLY?, .SQLITE_PERM?:
      self.init(.unusable, "The database \(path) can't be opened; check that its folder exists and that this user may write there.", cause: error)
    default: self.init(sqlite: error)
    }
  }
}

import Contract
import Kernel

extension Problem {
  static let missingMember = Problem(.missingMember, "There is no such member in this organization.")
  static let alreadyMember = Problem(.alreadyMember, "This account is a member already.")
  static let spentLink = Problem(.spentLink, "This link was used already, has expired, or never was one of ours. Ask for a new one.")
}

extension Problem {
  /// Refuses a time that ends before it begins.
  static func expectOrder(_ since: Timestamp?, _ until: Timestamp?) throws(Problem) {
    if let since, let until, since >= until { throw .invalid("since", "Let the time begin before it ends.") }
  }
}

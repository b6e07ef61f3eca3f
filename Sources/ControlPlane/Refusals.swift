import Contract
import Kernel

extension Problem {
  static let missingMember = Problem(.missingMember, "There is no such member in this organization.")
  static let alreadyMember = Problem(.alreadyMember, "This account is a member already.")
  static let spentLink = Problem(.spentLink, "This link was used already, has expired, or never was one of ours. Ask for a new one.")
}

import ControlPlane
import Kernel
import Storage

/// Which ids and secrets the product gave to what the books count.
struct Bindings {
  var accounts: [ID<Account>] = []
  var houses: [ID<Organization>] = []
  var invitations: [ID<Invitation>] = []
  var requests: [ID<JoinRequest>] = []
  /// The secret of each person's session.
  var sessions: [Int: String] = [:]
  /// The secrets of the links that were answered, by invitation and generation.
  var links: [Int: [Int: String]] = [:]

  /// Looks up, by what they are called, the ids of what has come to be since. The latest isn't always the newest: clocks jump back.
  mutating func complete(_ books: Books, in database: any Database) async throws(Problem) {
    while accounts.count < books.accounts.count {
      let key = books.accounts[accounts.count].handle
      accounts.append(try await Self.id(in: database, "SELECT owner AS id FROM name WHERE key = \(key)"))
    }
    while houses.count < books.houses.count {
      let key = books.houses[houses.count].slug
      houses.append(try await Self.id(in: database, "SELECT owner AS id FROM name WHERE key = \(key)"))
    }
    while invitations.count < books.invitations.count {
      let invitation = books.invitations[invitations.count]
      invitations.append(
        try await Self.id(
          in: database,
          "SELECT id FROM invitation WHERE organization = \(houses[invitation.house]) AND address = \(invitation.address) AND id NOT IN (\(list: invitations + [.nothing]))"))
    }
    while requests.count < books.requests.count {
      let request = books.requests[requests.count]
      requests.append(
        try await Self.id(
          in: database,
          "SELECT id FROM join_request WHERE organization = \(houses[request.house]) AND account = \(accounts[request.account]) AND id NOT IN (\(list: requests + [.nothing]))"))
    }
  }

  /// The id that a query answers; the nil id where there is nothing, which the auditor then notices.
  private static func id<Noun>(in database: any Database, _ statement: Statement) async throws(Problem) -> ID<Noun> {
    try await database.read { tx in try tx.row(statement)?.id("id") ?? .nothing }
  }
}

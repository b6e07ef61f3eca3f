public import Kernel

/// A team in an archive, with those in it: members, open invitations and service accounts.
public struct ArchivedTeam: Sendable, Hashable {
  public let id: ID<Team>
  public let slug: Slug
  public let name: DisplayName
  public let description: Note
  public let createdAt: Timestamp
  public let revision: Int
  /// By id.
  public let seats: [Seat]
  /// The places that former members get back when they are reinstated, by account.
  public let formerSeats: [FormerSeat]

  /// A place in it.
  public struct Seat: Sendable, Hashable {
    public let id: ID<TeamMember>
    public let holder: Holder
    public let maintains: Bool
    public let since: Timestamp

    /// Whose it is.
    public enum Holder: Sendable, Hashable {
      case member(ID<Member>)
      case invitation(ID<Invitation>)
      case serviceAccount(ID<ServiceAccount>)

      fileprivate var isMember: Bool { if case .member = self { true } else { false } }
    }
  }

  /// A place that is over, and can be taken up again.
  public struct FormerSeat: Sendable, Hashable {
    public let account: ID<Account>
    public let maintains: Bool
  }
}

extension Archive {
  /// Refuses teams and places that stand twice, and places of who isn't in the archive.
  func checkTeams(_ checker: inout FieldChecker) {
    Self.findRepeats(teams.map(\.id), "teams", "id", &checker)
    Self.findRepeats(teams.map(\.slug.key), "teams", "slug", &checker)
    let present = Set(members.map(\.id))
    let open = Set(invitations.filter { $0.answer == nil }.map(\.id))
    let programs = Set(serviceAccounts.map(\.id))
    let former = Set(formerMembers.map(\.account))
    var seen: Set<ID<TeamMember>> = []
    for (place, team) in teams.enumerated() {
      if team.revision < 1 { checker.reject("teams/\(place)/revision", "Give a number from 1 on.") }
      Self.findRepeats(team.seats.map(\.holder), "teams/\(place)/members", "member", &checker)
      Self.findRepeats(team.formerSeats.map(\.account), "teams/\(place)/former_members", "account", &checker)
      for (index, seat) in team.seats.enumerated() {
        let field = "teams/\(place)/members/\(index)"
        if !seen.insert(seat.id).inserted { checker.reject("\(field)/id", "This stands in the archive already.") }
        switch seat.holder {
        case .member(let id): if !present.contains(id) { checker.reject("\(field)/member", "There is no such member in the archive.") }
        case .invitation(let id):
          if !open.contains(id) { checker.reject("\(field)/invitation", "There is no such open invitation in the archive.") }
        case .serviceAccount(let id):
          if !programs.contains(id) { checker.reject("\(field)/service_account", "There is no such service account in the archive.") }
        }
        if seat.maintains, !seat.holder.isMember { checker.reject("\(field)/maintainer", "Only members maintain a team.") }
      }
      for (index, seat) in team.formerSeats.enumerated() where !former.contains(seat.account) {
        checker.reject("teams/\(place)/former_members/\(index)/account", "There is no such former member in the archive.")
      }
    }
  }
}

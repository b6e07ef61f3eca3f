import Authorization
public import Markup

/// A page that the navigation or the search leads to.
public struct ConsoleEntry: Sendable {
  /// Which entry of the navigation it is; the empty text for a page that stands under another.
  public let section: String
  public let title: String
  public let href: Link
  /// Other words that people look for.
  let words: String

  init(_ section: String, _ title: String, _ href: Link, _ words: String = "") {
    (self.section, self.title, self.href, self.words) = (section, title, href, words)
  }

  /// The pages of the personal area.
  public static let personal = [
    ConsoleEntry("organizations", "Organizations", "/me/organizations", "your organizations join requests"),
    ConsoleEntry("profile", "Profile", "/me", "name handle picture e-mail addresses account"),
    ConsoleEntry("security", "Security and sessions", "/me/security", "password sign out devices"),
    ConsoleEntry("tokens", "Access tokens", "/me/tokens", "api keys secrets"), ConsoleEntry("activity", "Activity", "/me/activity", "history events log"),
    ConsoleEntry("apps", "Apps", "/me/apps", "public open to everybody templates find outside collaborators invited"),
    ConsoleEntry("", "Create an organization", "/organizations/new", "new found"), ConsoleEntry("", "Delete your account", "/me/deletion", "remove close"),
  ]

  /// The pages about the whole installation.
  public static let operations = [
    ConsoleEntry("operator-organizations", "All organizations", "/operator/organizations", "installation operator"),
    ConsoleEntry("operator-accounts", "All accounts", "/operator/accounts", "people users installation operator"),
    ConsoleEntry("operator-clusters", "Clusters", "/operator/clusters", "machines node pools presets installation operator"),
    ConsoleEntry("operator-prices", "Prices", "/operator/prices", "price list costs tiers installation operator"),
    ConsoleEntry("operator-installation", "Sign-up and tokens", "/operator/installation", "settings installation operator"),
  ]

  /// Whether each word of a search begins a word of the title or of what else it is called.
  func fits(_ search: String) -> Bool {
    let own = "\(title) \(words)".lowercased().split { !$0.isLetter && !$0.isNumber }
    return search.lowercased().split { !$0.isLetter && !$0.isNumber }.allSatisfy { word in own.contains { $0.hasPrefix(word) } }
  }
}

extension OrganizationFrame {
  /// The section of an organization's first page.
  public static let overview = "overview"

  /// The pages that the viewer may open.
  public var entries: [ConsoleEntry] {
    func start(_ section: String) -> Link { Self.start(of: section, in: organization) }
    let people: Link = "/\(organization.slug)/members"
    let settings: Link = "/\(organization.slug)/settings"
    let all: [(ConsoleEntry, needs: Set<Permission>)] = [
      (ConsoleEntry(Self.overview, "Overview", start(Self.overview), "start home"), [.organizationRead]),
      (ConsoleEntry("workspaces", "Workspaces", start("workspaces"), "servers projects access"), [.organizationRead]),
      (ConsoleEntry("", "New workspace", "/\(organization.slug)/workspaces/new", "make create enroll server"), [.workspaceCreate]),
      (ConsoleEntry("clusters", "Clusters", start("clusters"), "machines presets node pools projects"), [.organizationRead]),
      (ConsoleEntry("apps", "Apps", start("apps"), "models data workflows templates"), [.organizationRead]),
      (ConsoleEntry("", "New app", "/\(organization.slug)/apps/new", "make create"), [.appCreate]),
      (ConsoleEntry("", "Starred", "/\(organization.slug)/stars", "stars favourites bookmarks"), [.organizationRead]),
      (ConsoleEntry("", "Objects", "/\(organization.slug)/objects", "datasets models shared with me shares"), [.organizationRead]),
      (ConsoleEntry("", "All projects", "/\(organization.slug)/projects", "list"), [.organizationRead]),
      (ConsoleEntry("members", "Members", start("members"), "people users"), [.memberList]),
      (ConsoleEntry("", "Invite people", "\(people)/invitations/new", "add members"), [.invitationManage]),
      (ConsoleEntry("", "Invitations", "\(people)/invitations", "open pending"), [.invitationList]),
      (ConsoleEntry("", "Requests to join", "\(people)/requests", "open pending"), [.invitationList]),
      (ConsoleEntry("", "Former members", "\(people)/former", "reinstate left removed"), [.memberList]),
      (ConsoleEntry("teams", "Teams", start("teams"), "groups maintainers"), [.organizationRead]),
      (ConsoleEntry("", "New team", "/\(organization.slug)/teams/new", "make create group"), [.teamManage]),
      (ConsoleEntry("access", "Access", start("access"), "explorer why can't I who may check explain simulate"), [.organizationRead]),
      (ConsoleEntry("policies", "Policies", start("policies"), "cedar rules forbid permit compliance"), [.policyRead]),
      (ConsoleEntry("", "New policy", "/\(organization.slug)/policies/new", "make create template cedar"), [.policyManage]),
      (ConsoleEntry("", "What policies may speak of", "/\(organization.slug)/policy-schema", "schema cedar types attributes"), [.policyRead]),
      (ConsoleEntry("credits", "Credits", start("credits"), "balance money top up grants usage overdraft"), [.creditsRead]),
      (ConsoleEntry("", "Sub-balances", "/\(organization.slug)/credits/shares", "shares of the credits allowances"), [.creditsRead]),
      (ConsoleEntry("", "Held credits", "/\(organization.slug)/credits/holds", "reserved reservations set aside"), [.creditsRead]),
      (ConsoleEntry("", "Budgets", "/\(organization.slug)/credits/budgets", "limits spending month"), [.creditsRead]),
      (ConsoleEntry("", "Quotas", "/\(organization.slug)/credits/quotas", "limits jobs gpus storage seats"), [.creditsRead]),
      (ConsoleEntry("", "Leases", "/\(organization.slug)/credits/leases", "taken running jobs gpus storage"), [.creditsRead]),
      (ConsoleEntry("", "Alerts", "/\(organization.slug)/credits/alerts", "rules mail runway used up"), [.creditsRead]),
      (ConsoleEntry("", "Statement of the credits", "/\(organization.slug)/credits/statement", "journal charges transfers usage export"), [.usageRead]),
      (ConsoleEntry("", "Prices", "/\(organization.slug)/credits/prices", "price list costs tiers tariff"), [.creditsRead]),
      (ConsoleEntry("usage", "Usage", start("usage"), "reports costs consumption metering charts export own"), [.usageRead, .organizationRead]),
      (ConsoleEntry("", "Usage events", "/\(organization.slug)/usage/events", "metering records corrections"), [.usageRead]),
      (ConsoleEntry("roles", "Roles", start("roles"), "permissions rights allows"), [.organizationRead]),
      (ConsoleEntry("", "New role", "/\(organization.slug)/roles/new", "make create copy custom permissions"), [.roleManage]),
      (ConsoleEntry("", "Who holds more", "/\(organization.slug)/roles/holders", "further roles of teams grants organization"), [.memberList]),
      (ConsoleEntry("", "Requests for roles", "/\(organization.slug)/roles/requests", "elevation ask approve temporary access"), [.organizationRead]),
      (ConsoleEntry("connect", "Connect a client", start("connect"), "api token zenml apolo cli command line sdk program"), [.organizationRead]),
      (ConsoleEntry("audit", "Audit log", start("audit"), "events history verify chain export"), [.eventList]),
      (
        ConsoleEntry("settings", "Settings", start("settings"), "general name logo slug billing danger zone leave"),
        [.organizationUpdate, .organizationSuspend, .organizationTransfer, .organizationDelete]
      ),
      (ConsoleEntry("", "Hand over", "\(settings)/transfer", "transfer owner admin"), [.organizationTransfer]),
      (ConsoleEntry("", "Suspend", "\(settings)/suspension", "pause stop resume"), [.organizationSuspend]),
      (ConsoleEntry("", "Delete the organization", "\(settings)/deletion", "remove danger"), [.organizationDelete]),
    ]
    return all.filter { !permissions.isDisjoint(with: $0.needs) }.map(\.0)
  }
}

public import Authorization
public import Kernel
public import Secrets

/// How one kind of client is pointed at this installation: what is typed, step by step. Each gateway brings that of its platform's clients.
public struct ClientGuide: Sendable {
  /// Names it in addresses, in letters alone: `zenml`.
  public let slug: String
  /// What people call it: `ZenML`.
  public let name: String
  /// One sentence: what works with it.
  public let summary: String
  /// What a token for it must be able to do at least, and what it gets unless something else is chosen.
  public let scope: TokenScope
  /// Whether a token that is good for one organization is enough for it; else it needs one for everywhere.
  public let staysInOrganization: Bool
  public let steps: @Sendable (Place) -> [Step]

  /// Where a client works, and as whom.
  public struct Place: Sendable {
    /// Without a slash at the end.
    public let publicURL: String
    public let organization: Slug
    public let handle: Slug
    /// The id and the secret of the token; `nil` before one was made.
    public let token: (id: ID<AccessToken>, secret: SecretText)?
  }

  /// Something to type, and why.
  public struct Step: Sendable {
    public let title: String
    /// One command to a line.
    public let commands: String

    public init(_ title: String, _ commands: String) { (self.title, self.commands) = (title, commands) }
  }

  public init(
    _ slug: String, name: String, summary: String, scope: TokenScope, staysInOrganization: Bool, steps: @escaping @Sendable (Place) -> [Step]
  ) {
    (self.slug, self.name, self.summary, self.scope, self.staysInOrganization, self.steps) = (slug, name, summary, scope, staysInOrganization, steps)
  }
}

extension ClientGuide.Place {
  /// The token as plain clients carry it, or what stands for it.
  public var credential: String { token?.secret.reveal() ?? "TOKEN" }
}

extension ClientGuide {
  /// What needs no gateway.
  static let own: [ClientGuide] = [api, commandLine]

  private static let api = ClientGuide(
    "api", name: "JSON API", summary: "Everything that the console can do, for programs of any language; the reference has each operation.", scope: .read,
    staysInOrganization: true
  ) { place in
    let members = "\(place.publicURL)/api/v1/organizations/\(place.organization)/members"
    return [
      Step("Keep the token where programs find it", "export GUILDHALL_TOKEN=\(place.credential)"),
      Step("Ask who the members are", "curl --fail-with-body -H \"Authorization: Bearer $GUILDHALL_TOKEN\" \(members)"),
    ]
  }

  private static let commandLine = ClientGuide(
    "cli", name: "Command line", summary: "The command guildhall, for people at a terminal, for scripts and for pipelines.", scope: .write,
    staysInOrganization: true
  ) { place in
    let surroundings = ["GUILDHALL_HOST=\(place.publicURL)", "GUILDHALL_TOKEN=\(place.credential)", "GUILDHALL_ORG=\(place.organization)"]
    return [
      Step("In a script or a pipeline, say where and as whom", surroundings.map { "export \($0)" }.joined(separator: "\n")),
      Step("Look around", "guildhall status\nguildhall member list"),
      Step("At a terminal of your own, sign in instead", "guildhall login \(place.publicURL)\nguildhall config switch-org \(place.organization)"),
    ]
  }
}

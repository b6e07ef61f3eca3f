import Contract
public import Kernel
public import Secrets

/// A server of its own that people of an organization work on, with projects in it.
public struct Workspace: Sendable, Hashable {
  public internal(set) var resource: Resource
  public let kind: Kind
  public internal(set) var state: WorkspaceState
  /// What its server told of itself; `nil` until it has.
  public internal(set) var server: Server?
  /// Of the key with which its server signs in; `nil` where it has none.
  public let key: Key?
  /// How many are in it.
  public let projects: Int

  /// How many an organization may have.
  static let limit = 1_000

  /// Who runs its server.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Its people.
    case enrolled
    /// This installation.
    case managed
  }

  /// What a server told of itself.
  public struct Server: Sendable, Hashable {
    /// Empty where it told none.
    public let address: String
    /// Empty where it told none.
    public let version: String
    public let reported: Timestamp

    /// Refuses an address that isn't one of the web, and what is too long.
    public init(address: String, version: String, reported: Timestamp) throws(Problem) {
      let known = address.hasPrefix("http://") || address.hasPrefix("https://")
      guard known, address.utf8.count <= 512, address.unicodeScalars.allSatisfy({ $0.isASCII && $0.value > 0x20 && $0.value != 0x7F }) else {
        throw .invalid("address", "Give the server's address, from its http:// or https:// on.")
      }
      guard version.utf8.count <= 64, version.unicodeScalars.allSatisfy({ $0.isASCII && $0.value >= 0x20 && $0.value != 0x7F }) else {
        throw .invalid("version", "Give a version of at most 64 characters.")
      }
      (self.address, self.version, self.reported) = (address, version, reported)
    }

    /// The same for one that may not have told where it is reached.
    init(telling address: String?, version: String, reported: Timestamp) throws(Problem) {
      try self.init(address: address ?? "http://unknown", version: version, reported: reported)
      if address == nil { self.init(stored: "", version: version, reported: reported) }
    }

    init(stored address: String, version: String, reported: Timestamp) { (self.address, self.version, self.reported) = (address, version, reported) }
  }

  /// What is shown of a key: all but its secret.
  public struct Key: Sendable, Hashable {
    public let hint: String
    public let made: Timestamp
  }

  public var id: ID<Workspace> { resource.id.cast() }

  /// Where its server is reached; `nil` until that has said so.
  public var address: String? { server.flatMap { $0.address.isEmpty ? nil : $0.address } }
}

/// How a workspace shall be, how it is, and why.
public struct WorkspaceState: Sendable, Hashable {
  public let desired: Desired
  public let status: Status
  /// In a sentence.
  public let reason: String

  public enum Desired: String, Sendable, Hashable, CaseIterable { case available, deactivated, deleted }

  public enum Status: String, Sendable, Hashable, CaseIterable {
    case notInitialized = "not_initialized"
    case pending, available, failed, deactivated, deleted
  }

  /// Of a workspace whose server hasn't come yet.
  static let enrolled = WorkspaceState(desired: .available, status: .notInitialized, reason: "Its server hasn't reported yet.")

  /// After its server has reported, with or without where it is reached. Refuses one that is deactivated or deleted, whose server isn't let in.
  func reported(isReachable: Bool = true) throws(Problem) -> WorkspaceState {
    try expectLetIn()
    let reason = isReachable ? "Its server has reported." : "Its server has reported without an address: start it with ZENML_SERVER_SERVER_URL."
    return WorkspaceState(desired: .available, status: .available, reason: reason)
  }

  /// Refuses who comes to one that is deactivated or deleted.
  func expectLetIn() throws(Problem) {
    switch desired {
    case .available: return
    case .deactivated: throw Problem(.deactivatedWorkspace, "This workspace is deactivated. Activate it first.")
    case .deleted: throw Problem(.missing, "There is no such workspace.")
    }
  }

  /// After who runs it began to make it as it shall be.
  func began() -> WorkspaceState {
    switch desired {
    case .available: WorkspaceState(desired: .available, status: .pending, reason: "It is being made.")
    case .deactivated: WorkspaceState(desired: .deactivated, status: .pending, reason: "It is being deactivated.")
    case .deleted: WorkspaceState(desired: .deleted, status: .pending, reason: "It is being deleted.")
    }
  }

  /// After that went wrong.
  func failed(because reason: Note) -> WorkspaceState { WorkspaceState(desired: desired, status: .failed, reason: reason.text) }

  /// The same where nobody is let in; of one that is deactivated already nothing changes.
  func deactivated() -> WorkspaceState {
    guard desired == .available else { return self }
    return WorkspaceState(desired: .deactivated, status: .deactivated, reason: "Somebody deactivated it.")
  }

  /// The same where people are let in again: as it was, if its server had reported.
  func activated(isKnown: Bool) -> WorkspaceState {
    guard desired == .deactivated else { return self }
    return isKnown ? WorkspaceState(desired: .available, status: .available, reason: "Its server had reported before.") : .enrolled
  }

  /// Whether its server and its people are let in.
  public var letsIn: Bool { desired == .available }
}

/// A workspace with the key for its server, which is told only now.
public struct NewWorkspace: Sendable {
  public let workspace: Workspace
  public let secret: SecretText
  /// What its server is started with, the key among it: names and values of its environment.
  public let settings: [ServerSetting]
}

/// A variable in the environment of a workspace's server.
public struct ServerSetting: Sendable, Hashable {
  public let name: String
  public let value: String

  /// What the server of a workspace is started with (ZenML 0.98: `ZENML_SERVER_DEPLOYMENT_TYPE` and the settings of the class `ServerProConfiguration`).
  ///
  /// `key` is the secret, or what stands in its place where it isn't known any more.
  static func all(of workspace: Workspace, in organization: Organization, at settings: Settings, key: String) -> [ServerSetting] {
    let (prefix, publicURL) = ("ZENML_SERVER_PRO_", settings.publicURL)
    return [
      ServerSetting(name: "ZENML_SERVER_DEPLOYMENT_TYPE", value: "cloud"),
      ServerSetting(name: "\(prefix)API_URL", value: publicURL + settings.paths.zenML), ServerSetting(name: "\(prefix)DASHBOARD_URL", value: publicURL),
      ServerSetting(name: "\(prefix)OAUTH2_CLIENT_SECRET", value: key), ServerSetting(name: "\(prefix)OAUTH2_AUDIENCE", value: publicURL),
      ServerSetting(name: "\(prefix)ORGANIZATION_ID", value: organization.id.description),
      ServerSetting(name: "\(prefix)ORGANIZATION_NAME", value: organization.slug.text),
      ServerSetting(name: "\(prefix)WORKSPACE_ID", value: workspace.id.description),
      ServerSetting(name: "\(prefix)WORKSPACE_NAME", value: workspace.resource.slug.text),
      ServerSetting(name: "ZENML_SERVER_SERVER_URL", value: workspace.address ?? "https://where.people.reach.it"),
    ]
  }

  /// As a line of an environment file; what stands in quotes there is escaped by nothing, so the values hold no line breaks.
  var line: String { "\(name)=\(value)" }
}

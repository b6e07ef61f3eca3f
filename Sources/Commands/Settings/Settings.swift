import Client
import Contract
import Kernel

/// Where one command works, and who says so: a flag before the environment, that before the project file, that before the context.
struct Settings: Sendable {
  let contextName: String?
  let context: ConfigurationFile.Context?
  let server: Sourced<ServerAddress>?
  let token: Sourced<String>?
  let organization: Sourced<String>?
  let allowsPlainHTTP: Bool
  /// What pins the choice of organization, so that switching it would change nothing.
  let organizationPin: Source?
  /// The same for the context.
  let contextPin: Source?

  struct Sourced<Value: Sendable & Hashable>: Sendable, Hashable {
    let value: Value
    let source: Source
  }

  enum Source: Sendable, Hashable, CustomStringConvertible {
    case flag(String)
    case environment(String)
    case project(path: String)
    case context(String)

    var description: String {
      switch self {
      case .flag(let name): name
      case .environment(let name): name
      case .project(let path): path
      case .context(let name): "context \(name)"
      }
    }
  }

  /// What was said in each place.
  struct Said: Sendable {
    var contextFlag: String?
    var hostFlag: String?
    var plainHTTPFlag = false
    var file = ConfigurationFile()
    var project: ProjectFile?
    var variable: @Sendable (String) -> String? = { _ in nil }
  }

  init(_ said: Said) throws(Problem) {
    let project = said.project
    func first(_ flag: (String, String?)?, _ variable: String, _ inProject: String?) -> Sourced<String>? {
      if let flag, let value = flag.1 { return Sourced(value: value, source: .flag(flag.0)) }
      if let value = said.variable(variable) { return Sourced(value: value, source: .environment(variable)) }
      if let project, let inProject { return Sourced(value: inProject, source: .project(path: project.path)) }
      return nil
    }
    let namedContext = first(("--context", said.contextFlag), "GUILDHALL_CONTEXT", project?.content.context)
    let namedHost = first(("--host", said.hostFlag), "GUILDHALL_HOST", project?.content.host)
    let server: Sourced<ServerAddress>? = try namedHost.map { host throws(Problem) in
      Sourced(value: try Problem.checking("host") { () throws(Rejection) in try ServerAddress(host.value) }, source: host.source)
    }

    let chosen = try Self.context(namedContext, for: server?.value, in: said.file)
    contextName = chosen?.name
    context = chosen?.context
    if let server {
      self.server = server
    } else {
      self.server = try chosen.map { chosen throws(Problem) in Sourced(value: try chosen.context.server(), source: .context(chosen.name)) }
    }
    token = try Self.token(said, self.server, chosen)
    organization = first(nil, "GUILDHALL_ORG", project?.content.organization)
      ?? chosen.flatMap { chosen in chosen.context.organization.map { Sourced(value: $0, source: .context(chosen.name)) } }
    organizationPin = first(nil, "GUILDHALL_ORG", project?.content.organization)?.source
    contextPin = first(nil, "GUILDHALL_CONTEXT", project?.content.context)?.source ?? first(nil, "GUILDHALL_HOST", project?.content.host)?.source
    allowsPlainHTTP = said.plainHTTPFlag || said.variable("GUILDHALL_PLAIN_HTTP") == "1" || chosen?.context.plainHttp == true
  }

  /// The context that was named, or that of the server that was named, or the current one.
  private static func context(
    _ named: Sourced<String>?, for server: ServerAddress?, in file: ConfigurationFile
  ) throws(Problem) -> (name: String, context: ConfigurationFile.Context)? {
    if let named {
      guard let context = file.contexts[named.value] else {
        let known = file.contexts.keys.sorted().joined(separator: ", ")
        throw Problem(
          .unusableFile, "There is no context \(named.value) (\(named.source)). \(known.isEmpty ? "Make one with: guildhall login SERVER --context \(named.value)" : "There are: \(known).")")
      }
      guard let server, try context.server() != server else { return (named.value, context) }
      // Whoever names both means the server; a token goes only where it came from.
      return try self.context(of: server, in: file)
    }
    if let server { return try context(of: server, in: file) }
    return file.currentContext.flatMap { name in file.contexts[name].map { (name, $0) } }
  }

  private static func context(of server: ServerAddress, in file: ConfigurationFile) throws(Problem) -> (name: String, context: ConfigurationFile.Context)? {
    if let name = file.currentContext, let context = file.contexts[name], try context.server() == server { return (name, context) }
    for (name, context) in file.contexts.sorted(by: { $0.key < $1.key }) where (try? ServerAddress(context.host)) == server { return (name, context) }
    return nil
  }

  private static func token(_ said: Said, _ server: Sourced<ServerAddress>?, _ chosen: (name: String, context: ConfigurationFile.Context)?) throws(Problem) -> Sourced<String>? {
    if let token = said.variable("GUILDHALL_TOKEN") {
      // Otherwise a folder from somebody else could send the token to a server of theirs.
      if case .project(let path)? = server?.source, chosen == nil {
        throw Problem(.pinned, "\(path) names a server that you never signed in to, so the token of GUILDHALL_TOKEN isn't sent there. If you trust it, name the server in GUILDHALL_HOST too.")
      }
      return Sourced(value: token, source: .environment("GUILDHALL_TOKEN"))
    }
    guard let chosen, let token = chosen.context.token else { return nil }
    return Sourced(value: token, source: .context(chosen.name))
  }
}

import Client
import Contract
import Kernel

/// What `guildhall` remembers between commands: where you are signed in, and where you work.
struct ConfigurationFile: Codable, Sendable, Hashable {
  /// The name of the context that is used when nothing else is said.
  var currentContext: String?
  var contexts: [String: Context]

  init(currentContext: String? = nil, contexts: [String: Context] = [:]) {
    self.currentContext = currentContext
    self.contexts = contexts
  }

  /// One server with who you are there.
  struct Context: Codable, Sendable, Hashable {
    var host: String
    var token: String?
    /// Whether the token was made by `guildhall login`, which `guildhall logout` then revokes.
    var madeToken: Bool?
    var tokenExpiresAt: Timestamp?
    /// The handle of the account.
    var account: String?
    var organization: String?
    /// Whether the server is spoken to without encryption, though it is another machine.
    var plainHttp: Bool?

    init(
      host: String, token: String? = nil, madeToken: Bool? = nil, tokenExpiresAt: Timestamp? = nil, account: String? = nil, organization: String? = nil, plainHttp: Bool? = nil
    ) {
      self.host = host
      self.token = token
      self.madeToken = madeToken
      self.tokenExpiresAt = tokenExpiresAt
      self.account = account
      self.organization = organization
      self.plainHttp = plainHttp
    }

    /// The server; refuses a host that was broken by hand.
    func server() throws(Problem) -> ServerAddress { try Problem.checking("host") { () throws(Rejection) in try ServerAddress(host) } }
  }

  /// Names that need no quotes in any shell: 1 to 64 letters, digits, `.`, `-`, `_` and `:`.
  static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count) && text.first != "-"
      && text.unicodeScalars.allSatisfy { $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || ".-_:".unicodeScalars.contains($0)) }
  }
}

/// The configuration file at its place.
struct ConfigurationStore: Sendable {
  let path: String

  /// `GUILDHALL_CONFIG`, or `guildhall/config.json` under `XDG_CONFIG_HOME` or `~/.config`.
  init(_ surroundings: Surroundings) throws(Problem) {
    if let path = surroundings.variable("GUILDHALL_CONFIG") {
      self.path = path.hasPrefix("/") ? path : "\(surroundings.workingDirectory)/\(path)"
    } else if let folder = surroundings.variable("XDG_CONFIG_HOME"), folder.hasPrefix("/") {
      path = "\(folder)/guildhall/config.json"
    } else if let home = surroundings.variable("HOME") {
      path = "\(home)/.config/guildhall/config.json"
    } else {
      throw Problem(.unusableFile, "There is no home folder to keep the configuration in: HOME isn't set. Name a file in GUILDHALL_CONFIG.")
    }
  }

  /// The file's content; empty where there is no file yet. Refuses a file with tokens that others can read.
  func read() throws(Problem) -> ConfigurationFile {
    guard let (bytes, mode) = try PlainFile.read(path) else { return ConfigurationFile() }
    guard !bytes.allSatisfy({ $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }) else { return ConfigurationFile() }
    let file: ConfigurationFile
    do {
      file = try WireCoding.decode(ConfigurationFile.self, from: bytes)
    } catch {
      let place = error.faults.first.map { "\($0.field): \($0.detail)" } ?? error.detail.replacing("The body isn't JSON", with: "it isn't JSON")
      throw Problem(.unusableFile, "\(path) can't be understood: \(place) Mend it, or move it away and sign in again.")
    }
    if mode & 0o077 != 0, file.contexts.values.contains(where: { $0.token != nil }) {
      throw Problem(.unusableFile, "\(path) holds tokens, and others on this machine can read it. Close it with: chmod 600 \(path)")
    }
    return file
  }

  /// Changes the file: reads it, lets `change` work, and puts the result in its place as a whole, readable by its owner alone.
  @discardableResult
  func update<Result>(_ change: (inout ConfigurationFile) throws(Problem) -> Result) throws(Problem) -> Result {
    try PlainFile.makeFolder(PlainFile.parent(of: path))
    return try PlainFile.locked(path + ".lock") { () throws(Problem) in
      var content = try read()
      let before = content
      let result = try change(&content)
      guard content != before else { return result }
      let file = try ReplacedFile(path, mode: 0o600)
      try file.write(Array(Self.text(content).utf8))
      try file.finish()
      return result
    }
  }

  /// Contexts in the order of their names, so that the same content is the same text.
  static func text(_ content: ConfigurationFile) throws(Problem) -> String {
    guard let json = try? JSON(try WireCoding.encode(content)), case .object(let members) = json else { throw Problem(.defect, "The configuration can't be written.") }
    return JSON.object(
      members.map { member in
        guard case .object(let contexts) = member.value else { return member }
        return JSON.Member(member.name, .object(contexts.sorted { $0.name < $1.name }))
      }
    ).pretty
  }
}

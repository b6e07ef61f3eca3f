import Authorization
import Configuration
import ControlPlane
import Foundation
import Kernel
import Logging
import Outbound
import Server
import Yams

/// What an operator says by flag, environment or file, checked: a wrong value stops the start with one clear line.
struct ServerSettings: Sendable {
  private(set) var database: DatabaseAddress
  let listen: (host: String, port: Int)
  var publicURL: String
  let smtp: SMTPConfiguration?
  let keyFile: String?
  let assetFolder: String?
  let trustedProxies: Int
  let isRateLimited: Bool
  /// What holds in organizations that don't decide for themselves.
  let invitationDays: Int?
  let lateUsageDays: Int?
  let reinstatementDays: Int?
  let defaultRole: OrganizationRole?
  let takesJoinRequests: Bool?
  /// What visitors read while the installation is being worked on.
  let paths: GatewayPaths
  let maintenance: String?
  let logLevel: Logger.Level
  let logFormat: LogFormat

  enum DatabaseAddress: Sendable {
    case file(String)
    case memory
    case postgres(String)
  }

  static let names = [
    "database", "listen", "public-url", "smtp", "mail-from", "mail-reply-to", "secret-key-file", "asset-folder", "trusted-proxies",
    "rate-limits", "invitation-days", "reinstatement-days", "default-role", "join-requests", "zenml-path", "apolo-path", "apolo-admin-path",
    "maintenance", "log-level", "log-format",
  ]

  /// The values of flags go before the environment's, and those before the file's.
  static func read(flags: [String: String], file: String?, environment: [String: String] = ProcessInfo.processInfo.environment) async throws -> ServerSettings {
    var providers: [any ConfigProvider] = [provider("flags", flags), EnvironmentVariablesProvider(environmentVariables: environment)]
    if let path = file ?? environment["GUILDHALL_CONFIG_FILE"] { providers.append(provider("file", try values(ofFile: path))) }
    return try ServerSettings(Reading(reader: ConfigReader(providers: providers)))
  }

  private static func provider(_ name: String, _ values: [String: String]) -> InMemoryProvider {
    InMemoryProvider(name: name, values: Dictionary(uniqueKeysWithValues: values.map { (AbsoluteConfigKey(["guildhall", $0.key]), ConfigValue(.string($0.value), isSecret: false)) }))
  }

  /// The settings of a YAML file, under `guildhall:` by the names of the flags. A name that is none is told: it may be one misspelt.
  private static func values(ofFile path: String) throws -> [String: String] {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { throw SettingFault("config-file", path, "can't be read") }
    guard let root = try? Yams.compose(yaml: text) else { throw SettingFault("config-file", path, "isn't YAML") }
    guard let top = root.mapping, top.count == 1, let settings = top["guildhall"]?.mapping else {
      throw SettingFault("config-file", path, "must hold all settings under one name, guildhall")
    }
    var values: [String: String] = [:]
    for (name, value) in settings {
      guard let name = name.string, names.contains(name) else {
        throw SettingFault("config-file", path, "holds \"\(name.string ?? "…")\", which is no setting; there are \(names.joined(separator: ", "))")
      }
      guard let text = value.scalar?.string else { throw SettingFault("config-file", path, "must give one text for \(name)") }
      values[name] = text
    }
    return values
  }

  private init(_ reading: Reading) throws {
    database = try Self.database(reading.text("database") ?? "guildhall.db")
    listen = try Self.endpoint(reading.text("listen") ?? "127.0.0.1:8080")
    let reachable = ["0.0.0.0", "::"].contains(listen.host) ? "localhost" : listen.host
    publicURL = try Self.publicURL(reading.text("public-url") ?? "http://\(reachable.contains(":") ? "[\(reachable)]" : reachable):\(listen.port)")
    let sender = reading.text("mail-from") ?? "Guildhall <guildhall@\(Self.mailDomain(of: publicURL))>"
    // Sender and reply address are looked at even where no mail server is named yet.
    for (name, mailbox) in [("mail-from", sender), ("mail-reply-to", reading.text("mail-reply-to") ?? sender)] {
      do throws(Rejection) { _ = try Mailbox(mailbox) } catch { throw SettingFault(name, mailbox, error.reason) }
    }
    if let address = reading.text("smtp") {
      do throws(Problem) {
        smtp = try SMTPConfiguration(address: address, sender: sender, replyTo: reading.text("mail-reply-to"))
      } catch {
        // The address may hold a password, so it isn't repeated.
        throw SettingFault("smtp", "…", error.detail)
      }
    } else {
      smtp = nil
    }
    keyFile = reading.text("secret-key-file")
    assetFolder = try reading.folder("asset-folder")
    trustedProxies = try reading.number("trusted-proxies", 0...10) ?? 0
    isRateLimited = try reading.choice("rate-limits", among: ["on", "off"]) != "off"
    invitationDays = try reading.number("invitation-days", InvitationTerm.range)
    lateUsageDays = try reading.number("late-usage-days", 0...365)
    reinstatementDays = try reading.number("reinstatement-days", ReinstatementTerm.range)
    defaultRole = try reading.choice("default-role", among: OrganizationRole.allCases.map(\.rawValue)).flatMap(OrganizationRole.init(rawValue:))
    takesJoinRequests = try reading.choice("join-requests", among: ["on", "off"]).map { $0 == "on" }
    var paths = GatewayPaths()
    if let path = reading.text("zenml-path") { paths.zenML = path }
    if let path = reading.text("apolo-path") { paths.apolo = path }
    if let path = reading.text("apolo-admin-path") { paths.apoloAdmin = path }
    if let fault = paths.fault {
      let names = ["zenml-path", "apolo-path", "apolo-admin-path"]
      throw SettingFault(names[fault.number], [paths.zenML, paths.apolo, paths.apoloAdmin][fault.number], fault.reason)
    }
    self.paths = paths
    maintenance = try reading.text("maintenance").map { text in
      do throws(Rejection) { return try Note(text).text } catch { throw SettingFault("maintenance", text, "can't be shown: \(error.reason)") }
    }
    logLevel = Logger.Level(rawValue: try reading.choice("log-level", among: Logger.Level.allCases.map(\.rawValue)) ?? "info") ?? .info
    logFormat = LogFormat(rawValue: try reading.choice("log-format", among: LogFormat.allCases.map(\.rawValue)) ?? "text") ?? .text
  }

  /// The same, with the database left alone.
  func withoutDatabase() -> ServerSettings {
    var settings = self
    settings.database = .memory
    return settings
  }

  /// The file of the secret key of the installation whose database is this file.
  func keyPath(beside database: String) -> String { keyFile ?? "\(database).key" }

  private static func database(_ text: String) throws -> DatabaseAddress {
    if text == ":memory:" { return .memory }
    if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") { return .postgres(text) }
    if text.contains("://") { throw SettingFault("database", text, "must be a file's path or a postgres:// address") }
    return .file(text)
  }

  private static func endpoint(_ text: String) throws -> (host: String, port: Int) {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65535).contains(port) else {
      throw SettingFault("listen", text, "must be a host and a port, such as 127.0.0.1:8080")
    }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard !host.isEmpty else { throw SettingFault("listen", text, "must be a host and a port, such as 0.0.0.0:8080") }
    return (String(host), port)
  }

  private static func publicURL(_ text: String) throws -> String {
    // What may hold a password isn't repeated.
    let shown = text.contains("@") ? "…" : text
    guard let parts = URLComponents(string: text), let scheme = parts.scheme, ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty, parts.query == nil,
      parts.user == nil, parts.password == nil, parts.fragment == nil, parts.path.isEmpty || parts.path == "/"
    else { throw SettingFault("public-url", shown, "must be where people reach the console, such as https://guildhall.example.org, without a path or a password") }
    return text.hasSuffix("/") ? String(text.dropLast()) : text
  }

  /// A domain for a sender who wasn't named; one that mail servers take even where the console is reached by a number.
  private static func mailDomain(of url: String) -> String {
    let host = URLComponents(string: url)?.host ?? ""
    return host.contains(".") && host.contains { $0.isLetter } ? host : "guildhall.invalid"
  }
}

/// Looks settings up, and checks the simple ones.
private struct Reading {
  let reader: ConfigReader

  /// An empty text counts as none.
  func text(_ name: String) -> String? {
    reader.string(forKey: ConfigKey(["guildhall", name])).flatMap { $0.isEmpty ? nil : $0 }
  }

  func number(_ name: String, _ range: ClosedRange<Int>) throws -> Int? {
    guard let text = text(name) else { return nil }
    guard let number = Int(text), range.contains(number) else { throw SettingFault(name, text, "must be a whole number from \(range.lowerBound) to \(range.upperBound)") }
    return number
  }

  func folder(_ name: String) throws -> String? {
    guard let path = text(name) else { return nil }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else { throw SettingFault(name, path, "must be a folder that is there") }
    return path
  }

  func choice(_ name: String, among choices: [String]) throws -> String? {
    guard let text = text(name) else { return nil }
    guard choices.contains(text) else { throw SettingFault(name, text, "must be \(choices.dropLast().joined(separator: ", ")) or \(choices[choices.count - 1])") }
    return text
  }
}

/// A value that can't be used, told in one line.
struct SettingFault: Error, CustomStringConvertible {
  let description: String

  /// Without a value, what is wrong is that there is none.
  init(_ name: String, _ value: String?, _ reason: String) {
    let given = value.map { "is \"\($0.prefix(120))\"" } ?? "isn't given"
    description = "--\(name) (GUILDHALL_\(name.replacing("-", with: "_").uppercased())) \(given): \(reason.hasSuffix(".") ? String(reason.dropLast()) : reason)."
  }
}

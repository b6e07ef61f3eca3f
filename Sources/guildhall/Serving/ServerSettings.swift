import Configuration
import Foundation
import Kernel
import Logging
import Outbound
import Server
import SystemPackage

/// What an operator says by flag, environment or file, checked: a wrong value stops the start with one clear line.
struct ServerSettings: Sendable {
  let database: DatabaseAddress
  let listen: (host: String, port: Int)
  var publicURL: String
  let smtp: SMTPConfiguration?
  let keyFile: String?
  let assetFolder: String?
  let trustedProxies: Int
  let isRateLimited: Bool
  let logLevel: Logger.Level
  let logFormat: LogFormat

  enum DatabaseAddress: Sendable {
    case file(String)
    case memory
    case postgres(String)
  }

  /// The values of flags go before the environment's, and those before the file's.
  static func read(flags: [String: String], file: String?, environment: [String: String] = ProcessInfo.processInfo.environment) async throws -> ServerSettings {
    let given = flags.map { (AbsoluteConfigKey(["guildhall"] + $0.key.split(separator: "-").map(String.init)), ConfigValue(.string($0.value), isSecret: false)) }
    var providers: [any ConfigProvider] = [
      InMemoryProvider(name: "flags", values: Dictionary(uniqueKeysWithValues: given)), EnvironmentVariablesProvider(environmentVariables: environment),
    ]
    if let path = file ?? environment["GUILDHALL_CONFIG_FILE"] {
      do {
        providers.append(try await FileProvider<YAMLSnapshot>(filePath: FilePath(path)))
      } catch {
        throw SettingFault("config-file", path, "can't be read as YAML")
      }
    }
    return try ServerSettings(Reading(reader: ConfigReader(providers: providers)))
  }

  private init(_ reading: Reading) throws {
    database = try Self.database(reading.text("database") ?? "guildhall.db")
    listen = try Self.endpoint(reading.text("listen") ?? "127.0.0.1:8080")
    let reachable = ["0.0.0.0", "::"].contains(listen.host) ? "localhost" : listen.host
    publicURL = try Self.publicURL(reading.text("public-url") ?? "http://\(reachable.contains(":") ? "[\(reachable)]" : reachable):\(listen.port)")
    if let address = reading.text("smtp") {
      let sender = reading.text("mail-from") ?? "Guildhall <guildhall@\(Self.mailDomain(of: publicURL))>"
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
    assetFolder = reading.text("asset-folder")
    trustedProxies = try reading.number("trusted-proxies", 0...10) ?? 0
    isRateLimited = try reading.choice("rate-limits", among: ["on", "off"]) != "off"
    logLevel = Logger.Level(rawValue: try reading.choice("log-level", among: Logger.Level.allCases.map(\.rawValue)) ?? "info") ?? .info
    logFormat = LogFormat(rawValue: try reading.choice("log-format", among: LogFormat.allCases.map(\.rawValue)) ?? "text") ?? .text
  }

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
    guard let parts = URLComponents(string: text), let scheme = parts.scheme, ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty, parts.query == nil,
      parts.fragment == nil, parts.path.isEmpty || parts.path == "/"
    else { throw SettingFault("public-url", text, "must be where people reach the console, such as https://guildhall.example.org, without a path") }
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
    reader.string(forKey: ConfigKey(["guildhall"] + name.split(separator: "-").map(String.init))).flatMap { $0.isEmpty ? nil : $0 }
  }

  func number(_ name: String, _ range: ClosedRange<Int>) throws -> Int? {
    guard let text = text(name) else { return nil }
    guard let number = Int(text), range.contains(number) else { throw SettingFault(name, text, "must be a whole number from \(range.lowerBound) to \(range.upperBound)") }
    return number
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

  init(_ name: String, _ value: String, _ reason: String) {
    description = "--\(name) (GUILDHALL_\(name.replacing("-", with: "_").uppercased())) is \"\(value.prefix(120))\": \(reason)."
  }
}

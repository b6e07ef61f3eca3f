import Configuration
import ControlPlane
import Foundation
import Kernel
import Outbound
import Secrets
import Server
import SystemPackage

/// What an operator says by flag, environment or file, checked: a wrong value stops the start with one clear line.
struct ServerSettings: Sendable {
  var database: DatabaseAddress
  var listen: (host: String, port: Int)
  var publicURL: String
  var smtp: SMTPConfiguration?
  var keyFile: String?
  var assetFolder: String?
  var trustedProxies: Int
  var isRateLimited: Bool
  var logLevel: String
  var logFormat: LogFormat

  enum LogFormat: String { case text, json }

  enum DatabaseAddress: Sendable {
    case file(String)
    case memory
    case postgres(String)
  }

  /// The values that flags gave go before the environment's, and those before the file's.
  static func read(flags: [String: String], file: String?, environment: [String: String] = ProcessInfo.processInfo.environment) async throws -> ServerSettings {
    var providers: [any ConfigProvider] = [
      InMemoryProvider(name: "flags", values: Dictionary(uniqueKeysWithValues: flags.map { (AbsoluteConfigKey(["guildhall", $0.key]), ConfigValue(.string($0.value), isSecret: false)) })),
      EnvironmentVariablesProvider(environmentVariables: environment),
    ]
    if let path = file ?? environment["GUILDHALL_CONFIG_FILE"] {
      do {
        providers.append(try await FileProvider<YAMLSnapshot>(filePath: FilePath(path)))
      } catch {
        throw SettingFault("config-file", path, "can't be read as YAML: \(error)")
      }
    }
    return try ServerSettings(ConfigReader(providers: providers).scoped(to: "guildhall"))
  }

  private init(_ reader: ConfigReader) throws {
    func text(_ name: String) -> String? { reader.string(forKey: ConfigKey(name)).flatMap { $0.isEmpty ? nil : $0 } }
    func number(_ name: String, default standard: Int, _ range: ClosedRange<Int>) throws -> Int {
      guard let text = text(name) else { return standard }
      guard let number = Int(text), range.contains(number) else { throw SettingFault(name, text, "must be a whole number from \(range.lowerBound) to \(range.upperBound)") }
      return number
    }
    func choice<Value: RawRepresentable<String>>(_ name: String, default standard: Value, _ all: [Value]) throws -> Value {
      guard let text = text(name) else { return standard }
      guard let value = Value(rawValue: text) else { throw SettingFault(name, text, "must be one of \(all.map(\.rawValue).joined(separator: ", "))") }
      return value
    }

    database = try Self.database(text("database") ?? "guildhall.db")
    listen = try Self.endpoint(text("listen") ?? "127.0.0.1:8080")
    publicURL = try Self.publicURL(text("public.url") ?? "http://\(listen.host == "0.0.0.0" || listen.host == "::" ? "localhost" : listen.host):\(listen.port)")
    if let address = text("smtp") {
      do {
        smtp = try SMTPConfiguration(address: address, sender: text("mail.from") ?? "Guildhall <guildhall@\(Self.host(of: publicURL))>", replyTo: text("mail.reply.to"))
      } catch {
        // The address may hold a password, so it isn't repeated.
        throw SettingFault("smtp", "…", error.detail)
      }
    }
    keyFile = text("secret.key.file")
    assetFolder = text("asset.folder")
    trustedProxies = try number("trusted.proxies", default: 0, 0...10)
    isRateLimited = try choice("rate.limits", default: Switch.on, [.on, .off]) == .on
    logLevel = try choice("log.level", default: Level.info, Level.allCases).rawValue
    logFormat = try choice("log.format", default: .text, [.text, .json])
  }

  private enum Switch: String { case on, off }
  private enum Level: String, CaseIterable { case trace, debug, info, notice, warning, error, critical }

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
    let host = text[..<colon].trimmingPrefix("[").drop { $0 == "]" }
    let bare = host.hasSuffix("]") ? host.dropLast() : host
    guard !bare.isEmpty else { throw SettingFault("listen", text, "must be a host and a port, such as 0.0.0.0:8080") }
    return (String(bare), port)
  }

  private static func publicURL(_ text: String) throws -> String {
    guard let components = URLComponents(string: text), let scheme = components.scheme, ["http", "https"].contains(scheme), let host = components.host, !host.isEmpty,
      components.query == nil, components.fragment == nil, components.path.isEmpty || components.path == "/"
    else { throw SettingFault("public-url", text, "must be where people reach the console, such as https://guildhall.example.org, without a path") }
    return text.hasSuffix("/") ? String(text.dropLast()) : text
  }

  private static func host(of url: String) -> String {
    let host = URLComponents(string: url)?.host ?? "localhost"
    return host.contains(".") && !host.allSatisfy { $0.isNumber || $0 == "." } ? host : "guildhall.invalid"
  }
}

/// A value that can't be used, told in one line.
struct SettingFault: Error, CustomStringConvertible {
  let description: String

  init(_ name: String, _ value: String, _ reason: String) {
    let flag = name.replacing(".", with: "-")
    let variable = "GUILDHALL_\(flag.replacing("-", with: "_").uppercased())"
    description = "--\(flag) (\(variable)) is \"\(value.prefix(120))\": \(reason)"
  }
}

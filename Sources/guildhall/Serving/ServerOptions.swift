import ArgumentParser
import Foundation
import Logging
import Server

/// The flags of every command that opens the database itself. What isn't given here is looked for in the environment, then in the file.
struct ServerOptions: ParsableArguments {
  @Option(name: .customLong("database"), help: "A file's path, :memory:, or a postgres:// address (GUILDHALL_DATABASE; guildhall.db unless told).")
  var database: String?

  @Option(name: .customLong("listen"), help: "Host and port to serve on (GUILDHALL_LISTEN; 127.0.0.1:8080 unless told).")
  var listen: String?

  @Option(name: .customLong("public-url"), help: "Where people reach the console; links in mails begin with it (GUILDHALL_PUBLIC_URL).")
  var publicURL: String?

  @Option(name: .customLong("smtp"), help: "The mail server, such as smtp://user:password@mail.example.org:587 (GUILDHALL_SMTP).")
  var smtp: String?

  @Option(name: .customLong("mail-from"), help: "Whom mails come from, such as 'Guildhall <hall@example.org>' (GUILDHALL_MAIL_FROM).")
  var mailFrom: String?

  @Option(name: .customLong("mail-reply-to"), help: "Where answers to mails go (GUILDHALL_MAIL_REPLY_TO).")
  var mailReplyTo: String?

  @Option(name: .customLong("secret-key-file"), help: "A file with the key for secrets at rest; made beside a database file when absent (GUILDHALL_SECRET_KEY_FILE).")
  var secretKeyFile: String?

  @Option(name: .customLong("asset-folder"), help: "The folder with fonts and the documentation's scripts (GUILDHALL_ASSET_FOLDER).")
  var assetFolder: String?

  @Option(name: .customLong("trusted-proxies"), help: "How many proxies in front add to X-Forwarded-For (GUILDHALL_TRUSTED_PROXIES; 0 unless told).")
  var trustedProxies: String?

  @Option(name: .customLong("rate-limits"), help: "on or off (GUILDHALL_RATE_LIMITS; on unless told).")
  var rateLimits: String?

  @Option(name: .customLong("invitation-days"),
    help: "How many days an invitation can be answered where the organization doesn't say (GUILDHALL_INVITATION_DAYS; 14 unless told).")
  var invitationDays: String?

  @Option(name: .customLong("reinstatement-days"),
    help: "How many days a former member can be reinstated where the organization doesn't say (GUILDHALL_REINSTATEMENT_DAYS; 90 unless told).")
  var reinstatementDays: String?

  @Option(name: .customLong("late-usage-days"),
    help: "How many days after the end of a month what was used in it is still taken (GUILDHALL_LATE_USAGE_DAYS; 10 unless told).")
  var lateUsageDays: String?

  @Option(name: .customLong("default-role"),
    help: "The role of an invitation that names none, where the organization doesn't say (GUILDHALL_DEFAULT_ROLE; member unless told).")
  var defaultRole: String?

  @Option(name: .customLong("join-requests"),
    help: "on or off: whether people may ask to join where the organization doesn't say (GUILDHALL_JOIN_REQUESTS; off unless told).")
  var joinRequests: String?

  @Option(name: .customLong("zenml-path"), help: "Where ZenML's clients find their interface (GUILDHALL_ZENML_PATH; /zenml/api/v1 unless told).")
  var zenmlPath: String?

  @Option(name: .customLong("apolo-path"), help: "Where Apolo's clients find theirs (GUILDHALL_APOLO_PATH; /apolo/api/v1 unless told).")
  var apoloPath: String?

  @Option(name: .customLong("apolo-admin-path"), help: "Where they find its administration (GUILDHALL_APOLO_ADMIN_PATH; /apolo/apis/admin/v1 unless told).")
  var apoloAdminPath: String?

  @Option(name: .customLong("maintenance"),
    help: "What visitors read while you work on the installation, such as 'Back at 14:00 UTC.': nothing else is answered, and the database isn't opened (GUILDHALL_MAINTENANCE).")
  var maintenance: String?

  @Option(name: .customLong("log-level"), help: "trace, debug, info, notice, warning, error or critical (GUILDHALL_LOG_LEVEL; info unless told).")
  var logLevel: String?

  @Option(name: .customLong("log-format"), help: "text or json (GUILDHALL_LOG_FORMAT; text unless told).")
  var logFormat: String?

  @Option(name: .customLong("config-file"), help: "A YAML file with the same settings under `guildhall:` (GUILDHALL_CONFIG_FILE).")
  var configFile: String?

  /// Flags that are each followed by a value, none of them twice; `nil` for everything else, such as `--help`, `--name=value`, or what isn't a flag.
  static func plain(_ arguments: ArraySlice<String>) -> [String: String]? {
    guard arguments.count.isMultiple(of: 2) else { return nil }
    var flags: [String: String] = [:]
    for place in stride(from: arguments.startIndex, to: arguments.endIndex, by: 2) {
      let (flag, value) = (arguments[place], arguments[place + 1])
      let name = String(flag.dropFirst(2))
      guard flag.hasPrefix("--"), name == "config-file" || ServerSettings.names.contains(name), !value.hasPrefix("-") else { return nil }
      guard flags.updateValue(value, forKey: name) == nil else { return nil }
    }
    return flags
  }

  func settings() async throws -> ServerSettings {
    let flags = [
      "database": database, "listen": listen, "public-url": publicURL, "smtp": smtp, "mail-from": mailFrom, "mail-reply-to": mailReplyTo, "secret-key-file": secretKeyFile,
      "asset-folder": assetFolder, "trusted-proxies": trustedProxies, "rate-limits": rateLimits, "invitation-days": invitationDays,
      "late-usage-days": lateUsageDays, "reinstatement-days": reinstatementDays, "default-role": defaultRole, "join-requests": joinRequests,
      "zenml-path": zenmlPath, "apolo-path": apoloPath, "apolo-admin-path": apoloAdminPath, "maintenance": maintenance, "log-level": logLevel,
      "log-format": logFormat,
    ]
    return try await ServerSettings.read(flags: flags.compactMapValues { $0 }, file: configFile)
  }
}

extension ServerSettings {
  /// Where the server's own messages go: the standard error.
  func logger() -> Logger {
    let handler = StructuredLogHandler("guildhall", format: logFormat, level: logLevel, clock: Composition.clock)
    return Logger(label: "guildhall") { _ in handler }
  }
}

import ArgumentParser
import Client
import Contract
import Kernel

struct StatusCommand: ClientCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show who you are, on which server, and in which organization you work.", aliases: ["whoami"])

  @OptionGroup var general: GeneralOptions

  func perform(_ invocation: Invocation) async throws(Problem) {
    let settings = invocation.settings
    let client = try invocation.client()
    let account: Wire.Account?
    do {
      account = try await client.call(API.Accounts.read)
    } catch {
      guard error.kind == .forbidden else { throw error }
      account = nil
    }
    let token = try? await ownToken(client)
    let status = Status(
      server: client.server.description, serverFrom: settings.server?.source.description ?? "", handle: account?.handle ?? settings.context?.account, name: account?.name,
      email: account?.email, superUser: account?.superUser ?? false, organization: settings.organization?.value, organizationFrom: settings.organization?.source.description,
      context: settings.contextName, token: token?.hint, tokenFrom: settings.token?.source.description ?? "", tokenExpiresAt: token?.expiresAt ?? settings.knownExpiry,
      tokenScopes: token?.scopes.map(\.rawValue) ?? [])
    try invocation.printer.show(status)
    if let end = status.tokenExpiresAt, end - invocation.printer.now < .days(7) { invocation.printer.say("The token ends \(end.relative(to: invocation.printer.now)). Renew it with: guildhall login") }
  }

  /// The token that is in use, found among the own ones by what is shown of its secret.
  private func ownToken(_ client: GuildhallClient) async throws(Problem) -> Wire.Token? {
    guard let secret = client.token else { return nil }
    for try await page in client.pages(API.Tokens.list, query: Wire.Paging(limit: 200)) {
      if let token = page.items.first(where: { $0.isHint(of: secret) }) { return token }
    }
    return nil
  }
}

extension Wire.Token {
  /// Whether `secret` looks like this token: the hint is its beginning, an ellipsis, and four characters before its checksum of six.
  func isHint(of secret: String) -> Bool {
    let parts = hint.split(separator: "…", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return false }
    return secret.hasPrefix(parts[0]) && secret.dropLast(6).hasSuffix(parts[1])
  }
}

extension Settings {
  /// When the stored token ends, where that was told when it was made.
  var knownExpiry: Timestamp? {
    if case .context? = token?.source { context?.tokenExpiresAt } else { nil }
  }
}

/// Where a person stands.
private struct Status: Listable {
  var server: String
  var serverFrom: String
  var handle: String?
  var name: String?
  var email: String?
  var superUser: Bool
  var organization: String?
  var organizationFrom: String?
  var context: String?
  var token: String?
  var tokenFrom: String
  var tokenExpiresAt: Timestamp?
  var tokenScopes: [String]

  static let noun = (one: "status", many: "states")
  var identity: String { handle ?? server }

  static let columns: [Column<Status>] = [
    Column("Server") { .text($0.server + " (\($0.serverFrom))") },
    Column("Account") { .text($0.handle) },
    Column("Name") { .text($0.name) },
    Column("E-mail") { .text($0.email) },
    Column("Operator") { .flag($0.superUser) },
    Column("Organization") { status in .text(status.organization.map { "\($0) (\(status.organizationFrom ?? ""))" }) },
    Column("Token") { status in .text("\(status.token ?? "not listed") (\(status.tokenFrom))") },
    Column("Token ends") { .time($0.tokenExpiresAt) },
    Column("Token covers") { .words($0.tokenScopes) },
  ]
}

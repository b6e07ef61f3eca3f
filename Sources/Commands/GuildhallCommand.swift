public import ArgumentParser
import Client
import Kernel

/// The commands that run on the server's own machine and that only the executable can give, since they need the whole product.
public protocol LocalCommands {
  /// As `guildhall --version` says it.
  static var version: String { get }
  /// Beside the nouns: `serve` and the like.
  static var commands: [any ParsableCommand.Type] { get }
  /// Beneath `account`.
  static var accountCommands: [any ParsableCommand.Type] { get }
  /// What a plain command line asks for, where it can be told without the parser; `nil` for whatever the parser should look at.
  static func plain(_ arguments: [String]) -> (@Sendable () async throws -> Void)?
}

/// `guildhall`: the root of all commands.
public struct GuildhallCommand<Local: LocalCommands>: AsyncParsableCommand {
  public static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "guildhall",
      abstract: "Organizations, their members and what they may do.",
      discussion: """
        Begin with: guildhall login https://guildhall.example.org
        Then look around: guildhall org list, guildhall member list, guildhall status

        Most commands work in one organization: that of --org, of GUILDHALL_ORG, of a .guildhall.json in this folder or above, \
        or the one chosen with: guildhall config switch-org NAME

        On a screen you see tables; in a pipe, fields with tabs between them; with --json, JSON.
        """,
      version: Local.version,
      groupedSubcommands: [
        CommandGroup(name: "Session", subcommands: [LoginCommand.self, LogoutCommand.self, StatusCommand.self, ConfigCommand.self]),
        CommandGroup(
          name: "Organization",
          subcommands: [
            OrganizationCommand.self, MemberCommand.self, TeamCommand.self, WorkspaceCommand.self, ClusterCommand.self, ProjectCommand.self,
            AppCommand.self, CollaboratorCommand.self, CollaborationCommand.self, StarCommand.self, AttributeCommand.self,
            ObjectCommand.self,
            RoleCommand.self, InvitationCommand.self, RequestCommand.self, ServiceAccountCommand.self, PolicyCommand.self,
            CheckCommand.self, ExplainCommand.self, SimulateCommand.self,
            AuditCommand.self,
          ]),
        CommandGroup(
          name: "Credits",
          subcommands: [
            CreditsCommand.self, SubBalanceCommand.self, HoldCommand.self, BudgetCommand.self, AlertCommand.self, QuotaCommand.self, LeaseCommand.self,
            UsageCommand.self, PriceListCommand.self,
          ]),
        CommandGroup(name: "Personal", subcommands: [AccountCommand<Local>.self, TokenCommand.self]),
        CommandGroup(name: "Scripting", subcommands: [APICommand.self, CompletionsCommand<Local>.self]),
        CommandGroup(name: "Server", subcommands: Local.commands),
      ])
  }

  public static var _errorPrefix: String { "guildhall: " }

  public init() {}

  /// Runs the command that the process was started with, and ends the process with its exit code.
  public static func start() async -> Never {
    ProcessSignals.fillStandardStreams()
    let surroundings = Surroundings.ofProcess()
    // A reader who has gone away is told by `write`, and isn't worth a signal.
    ProcessSignals.ignoreClosedPipes()
    let status = await run(Array(CommandLine.arguments.dropFirst()), in: surroundings)
    ProcessSignals.exit(status)
  }

  /// `-1`, `-0.5`
  private static func isNegativeNumber(_ argument: String) -> Bool {
    argument.utf8.first == UInt8(ascii: "-") && argument.utf8.dropFirst().first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } == true
      && Double(argument) != nil
  }

  /// Runs one command and answers its exit code.
  public static func run(_ arguments: [String], in surroundings: Surroundings) async -> ExitStatus {
    do {
      if let work = Local.plain(arguments) {
        try await work()
        return .success
      }
      var command = try await asyncParseAsRoot(JSONFields.rewritten(arguments))
      switch command {
      case let command as any ClientCommand: try await command.run(in: surroundings)
      case var command as any AsyncParsableCommand: try await command.run()
      default: try command.run()
      }
      return .success
    } catch let problem as Problem {
      return ErrorReport(problem).tell(surroundings)
    } catch {
      let code = exitCode(for: error)
      if !code.isSuccess, let place = arguments.indices.first(where: { isNegativeNumber(arguments[$0]) && !($0 > 0 && arguments[$0 - 1].hasPrefix("-")) }) {
        let number = arguments[place]
        // The parser takes it for an option, and says so at length.
        let what = "\(String(number.prefix(40)).onOneLine) isn't possible here: amounts and quantities are above zero, and limits are 0 or more."
        surroundings.terminal.tell("guildhall: \(what)\n")
        return ExitStatus(code.rawValue)
      }
      let text = fullMessage(for: error)
      guard !text.isEmpty else { return ExitStatus(code.rawValue) }
      if code.isSuccess {
        do { try surroundings.terminal.write(text + "\n") } catch { return ErrorReport(error).tell(surroundings) }
      } else {
        // What was typed is repeated in the message, however long it is.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.count > 1000 ? $0.prefix(400) + "…" : $0 }
        surroundings.terminal.tell(lines.joined(separator: "\n") + "\n")
      }
      return ExitStatus(code.rawValue)
    }
  }
}

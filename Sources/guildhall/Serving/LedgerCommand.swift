import ArgumentParser
import Commands
import ControlPlane
import Kernel

/// `guildhall ledger`
struct LedgerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger", abstract: "The books of all organizations, on the server's own machine.", subcommands: [Verify.self])

  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify", abstract: "Prove that the books are whole, and what was counted of the usage: work both out anew, and compare.",
      discussion: "Works while the server runs. Ends with 1 when anything is wrong. Example: guildhall ledger verify --only acme")

    @Option(help: ArgumentHelp("Only this organization, by slug or id.", valueName: "organization")) var only: String?
    @OptionGroup var options: ServerOptions

    func run() async throws {
      let settings = try await options.settings()
      try settings.expectDatabase()
      let composition = try await Composition(settings, log: settings.logger())
      let reports: [LedgerReport]
      let usage: [LedgerReport]
      do {
        reports = try await composition.plane.verifyLedgers(of: only)
        usage = try await composition.plane.verifyUsage(of: only)
      } catch {
        await composition.close()
        throw error
      }
      await composition.close()
      var isSound = true
      for report in reports {
        let entries = "\(report.entries) \(report.entries == 1 ? "entry" : "entries")"
        print("\(report.organization): \(entries), \(report.faults.isEmpty ? "sound" : "NOT sound")")
        for fault in report.faults { print("  \(fault.text)") }
        isSound = isSound && report.faults.isEmpty
      }
      for report in usage {
        print("\(report.organization): \(report.entries) usage \(report.entries == 1 ? "event" : "events"), \(report.faults.isEmpty ? "sound" : "NOT sound")")
        for fault in report.faults { print("  \(fault.text)") }
        isSound = isSound && report.faults.isEmpty
      }
      if reports.isEmpty { print("No organization has books yet.") }
      if !isSound { throw ExitCode(1) }
    }
  }
}

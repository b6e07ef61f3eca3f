import Testing

/// Calls that would make a run of the core depend on the world, or end the process. Each list may only shrink.
@Suite struct CallTests {
  /// Adapters and composition roots: what touches the world stands there.
  private static let impure: Set<String> = ["guildhall", "simulate", "cedar-conformance", "Commands", "Client", "GuildhallDecisions"]

  /// How often an adapter or edge reaches for the world.
  static let worldly: [String: Int] = [
    "Sources/Server/FactWatching.swift": 1,
    "Sources/Server/JobRunner.swift": 1,
    "Sources/Server/ServerApplication.swift": 1,
    "Sources/StoragePostgres/PostgresSession.swift": 2,
  ]

  @Test func `The clock, randomness, the environment and sleep stand in composition roots and adapters`() {
    let pattern = /\bDate\(\)|\bDate\.now\b|\bUUID\(\)|\.random\(|\.randomElement\(|\.shuffled\(\)|\bSystemRandomNumberGenerator\b|\bTask\.sleep\b|\bProcessInfo\b|\busleep\(|\barc4random|\bgettimeofday\b|\bgetenv\(/
    // What draws from a generator of its own is as good as the generator.
    expect(
      found(["Date", "UUID()", ".random", ".shuffled", "SystemRandom", "sleep", "ProcessInfo", "arc4random", "gettimeofday", "getenv"], pattern, but: { Self.impure.contains($0.target) || $0.target == "Simulation" }), within: Self.worldly, list: "CallTests.worldly",
      "the world is given to the core, not fetched by it: take `World`'s clock or draw, or the moment of the transaction.")
  }

  @Test func `Nothing is printed but by commands`() {
    expect(
      found(["print(", "debugPrint(", "dump(", "NSLog(", "puts("], /(?:^|[^.\w])(?:print|debugPrint|dump|NSLog|puts)\(/, but: { ["guildhall", "simulate", "cedar-conformance", "Commands"].contains($0.target) }), within: [:], list: "",
      "log through `World.log`, or answer a value.")
  }

  /// Where the compiler can't see that it can't fail, and nothing would be left to say if it did.
  static let trapping: [String: Int] = ["Sources/Secrets/WorkerThreads.swift": 1]

  @Test func `Nothing ends the process`() {
    expect(
      found(["try!", "fatalError", "as!", "precondition", "assert", "unowned(unsafe)", "unsafeBitCast"], /\btry!|\bfatalError\(|\bas!|\bpreconditionFailure\(|\bassertionFailure\(|(?:^|[^.\w])(?:precondition|assert)\(|\bunowned\(unsafe\)|\bunsafeBitCast\b/), within: Self.trapping,
      list: "CallTests.trapping", "refuse with a `Problem`; a defect of ours is `Problem(.defect, …)`.")
  }

  /// Names of header fields, which are made of letters and hyphens as anybody can see.
  static let unwrapping: [String: Int] = ["Sources/Server/HTTPFieldNames.swift": 16]

  @Test func `Nothing is unwrapped by force`() {
    // A name, a closing bracket or a quote, followed at once by an exclamation mark that doesn't begin `!=`.
    expect(found(["!"], /[\w)\]"]!(?!=)/), within: Self.unwrapping, list: "CallTests.unwrapping", "unwrap with `guard let`, and refuse as a defect.")
  }

  /// Who may write without an event in the log: queues, counters, claims, times of last use. This is the way around the audit.
  static let housekeeping: [String: Int] = [
    "Sources/ControlPlane/Alerts/Alerts.swift": 1,
    "Sources/ControlPlane/Alerts/ForgetAlerts.swift": 1,
    "Sources/ControlPlane/Alerts/WatchCredits.swift": 1,
    "Sources/ControlPlane/CodeLogins/CodeLoginRows.swift": 2,
    "Sources/ControlPlane/DerivedTokens/DerivedTokenRows.swift": 3,
    "Sources/ControlPlane/DeviceLogins/DeviceLoginRows.swift": 4,
    "Sources/ControlPlane/Enrolment/WorkspaceServerRows.swift": 4,
    "Sources/ControlPlane/Idempotency/AnsweredRequestRows.swift": 5,
    "Sources/ControlPlane/Installation/KeyCheck.swift": 1,
    "Sources/ControlPlane/Invitations/Invitations.swift": 1,
    "Sources/ControlPlane/Jobs/JobClaims.swift": 2,
    "Sources/ControlPlane/Mail/Outbox.swift": 6,
    "Sources/ControlPlane/Members/FileByExpiry.swift": 1,
    "Sources/ControlPlane/Members/IndexMembers.swift": 1,
    "Sources/ControlPlane/Organizations/PurgeOrganizations.swift": 1,
    "Sources/ControlPlane/Budgets/ForgetBudgetCounts.swift": 1, "Sources/ControlPlane/Quotas/ForgetLeases.swift": 1,
    "Sources/ControlPlane/ServiceAccounts/ServiceAccountKeyRows.swift": 2,
    "Sources/ControlPlane/Sessions/SessionRows.swift": 2,
    "Sources/ControlPlane/Sessions/Sessions.swift": 1,
    "Sources/ControlPlane/Throttle/ThrottleRows.swift": 3,
    "Sources/ControlPlane/Tickets/Ticket.swift": 4,
    "Sources/ControlPlane/Tokens/TokenRows.swift": 2,
    "Sources/ControlPlane/Workspaces/WorkspaceRows.swift": 1,
  ]

  @Test func `Writing without an event is for the few that keep house`() {
    expect(
      found(["Housekeeping()"], /\bHousekeeping\(\)/), within: Self.housekeeping, list: "CallTests.housekeeping",
      "a change of anything governed needs a permit and an event: `try work.record(permit, …)`.")
  }

  @Test func `Every command says its name`() {
    for file in SourceTree.product {
      let named = Set(file.code.having(["commandName:"]))
      for line in file.code.having(["CommandConfiguration("]) where named.isDisjoint(with: [line, line + 1]) {
        report(file.path, line + 1, "give it a commandName; without one every start of the program looks up the type's name, a fifth of the time.")
      }
    }
  }

  @Test func `Proofs are made where they are earned`() {
    for file in SourceTree.product {
      for line in file.code.having(["Recorded()"]) where file.path != "Sources/ControlPlane/Events/EventLog.swift" { report(file.path, line + 1, "only the log makes this proof.") }
      for line in file.code.having([" Permit(", "(Permit("]) where file.path != "Sources/Authorization/Engine.swift" { report(file.path, line + 1, "only the engine makes a permit.") }
      for line in file.code.having([": Proof"]) where !["Sources/ControlPlane/Events/EventLog.swift", "Sources/ControlPlane/Ledger/OpenLedger.swift", "Sources/Storage/Migration.swift"].contains(file.path) {
        if !file.code[line].contains("some Proof") { report(file.path, line + 1, "a new kind of proof is a new way around the audit.") }
      }
    }
  }

  @Test func `Markup is typed`() {
    for file in SourceTree.product where file.target != "Markup" {
      for line in file.uncommented.having(["\"<", "</"]) where file.uncommented[line].contains(/"[^"]*<\/?(?:a|b|br|body|button|div|form|h[1-6]|html|i|img|input|li|link|p|script|span|style|svg|table|td|tr|ul)[ >\/]/) {
        report(file.path, line + 1, "write the element with Markup's functions; a text is escaped, so this shows as text or is a hole.")
      }
      for line in file.code.having(["HTML(bytes:"]) { report(file.path, line + 1, "only Markup may take bytes as they are.") }
    }
  }

  @Test func `What is unchecked says what makes it safe`() {
    for file in SourceTree.product {
      for line in file.code.having(["@unchecked Sendable", "nonisolated(unsafe)", "@preconcurrency"]) {
        let above = line > 0 ? file.lines[line - 1].drop { $0 == " " } : ""
        if !above.hasPrefix("//") { report(file.path, line + 1, "say on the line before what makes it safe.") }
      }
    }
  }

  private func found(_ words: [String], _ pattern: Regex<Substring>, but isLeftOut: (SourceFile) -> Bool = { _ in false }) -> [String: [Int]] {
    var found: [String: [Int]] = [:]
    for file in SourceTree.product where !isLeftOut(file) {
      let lines = file.code.having(words, matching: pattern)
      if !lines.isEmpty { found[file.path] = lines.map { $0 + 1 } }
    }
    return found
  }
}

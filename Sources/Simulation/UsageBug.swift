import Kernel
public import Storage

/// Mistakes that a careless change could bring to usage and budgets, planted below the core so that the simulation can show that it finds them.
public enum UsageBug: String, Sendable, CaseIterable, Distortion {
  /// What is recorded isn't added to the sums.
  case sumForgotten
  /// Usage is charged, and what it was charged isn't written beside it.
  case chargeForgotten
  /// What was recorded before is recorded again.
  case idForgotten
  /// What was taken back is taken back again.
  case correctionForgotten
  /// Budgets don't keep what they have counted.
  case budgetForgotten
  /// A period of a budget that is over leaves nothing.
  case periodForgotten
  /// What is taken back of a period that is over stays in it.
  case pastUntouched
  /// A meter doesn't go on from where it was.
  case meterForgotten

  /// `false` for a change that the mistake leaves out.
  public func lets(_ sql: String, _ values: [SQLValue]) -> Bool {
    switch self {
    case .sumForgotten: !sql.hasPrefix("INSERT INTO usage_rollup")
    case .chargeForgotten: !sql.hasPrefix("INSERT INTO usage_charge")
    case .budgetForgotten: !sql.hasPrefix("UPDATE budget SET period_start")
    case .periodForgotten: !sql.hasPrefix("INSERT INTO budget_period")
    case .pastUntouched: !sql.hasPrefix("UPDATE budget_period")
    case .meterForgotten: !sql.hasPrefix("INSERT INTO usage_meter")
    case .idForgotten, .correctionForgotten: true
    }
  }

  /// What the mistake makes of an answer.
  public func distorted(_ rows: [Row], of sql: String) -> [Row] {
    switch self {
    case .idForgotten where sql.contains("CROSS JOIN usage_event e") && sql.contains("wanted.column1"): []
    case .correctionForgotten where sql.contains("e.corrects IN"): []
    default: rows
    }
  }
}

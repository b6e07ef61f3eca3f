import ControlPlane
import CoreMetrics
import Kernel

/// The figures of credits, quotas and alerts as metrics, made anew for each who looks: what has gone leaves no series behind.
enum LimitMetrics {
  static func render(_ figures: LimitFigures) -> String {
    let registry = MetricsRegistry()
    for (name, help) in helps { registry.describe(name, help) }
    for organization in figures.organizations {
      let label = [("organization", organization.organization)]
      func set(_ name: String, _ value: Double) { registry.makeMeter(label: name, dimensions: label).set(value) }
      set("guildhall_credits_balance", organization.balance.number)
      set("guildhall_credits_held", organization.held.number)
      registry.makeFloatingPointCounter(label: "guildhall_credits_used_total", dimensions: label).increment(by: organization.used.number)
      set("guildhall_running_jobs", Double(organization.runningJobs))
      set("guildhall_gpus_taken", Double(organization.gpus))
      set("guildhall_storage_taken_bytes", Double(organization.storage))
    }
    for alert in figures.alerts {
      let label = [("kind", alert.kind.rawValue)]
      registry.makeMeter(label: "guildhall_alerts_open", dimensions: label).set(Int64(alert.open))
      registry.makeCounter(label: "guildhall_alerts_total", dimensions: label).increment(by: Int64(alert.told))
    }
    registry.makeMeter(label: "guildhall_budgets_used_up", dimensions: []).set(Int64(figures.budgetsUsedUp))
    return PrometheusText.render(registry)
  }

  /// What this process was asked.
  static func render(_ tallies: Tallies) -> String {
    let registry = MetricsRegistry()
    registry.describe("guildhall_usage_events_total", "Usage events that this process was sent, by what came of each.")
    registry.describe("guildhall_holds_total", "Holds that this process was asked to make or to end, by what came of it.")
    for (kind, name, outcome) in tallied {
      registry.makeCounter(label: name, dimensions: [("outcome", outcome)]).increment(by: tallies[kind])
    }
    return PrometheusText.render(registry)
  }

  private static let tallied: [(Tallies.Kind, name: String, outcome: String)] = [
    (.usageAccepted, "guildhall_usage_events_total", "accepted"), (.usageDuplicate, "guildhall_usage_events_total", "duplicate"),
    (.usageRefused, "guildhall_usage_events_total", "refused"), (.holdMade, "guildhall_holds_total", "made"),
    (.holdSettled, "guildhall_holds_total", "settled"), (.holdReleased, "guildhall_holds_total", "released"),
    (.holdRefused, "guildhall_holds_total", "refused"),
  ]

  private static let helps: KeyValuePairs<String, String> = [
    "guildhall_credits_balance": "Credits that an organization has; below zero in arrears.",
    "guildhall_credits_held": "Credits that live holds set aside.",
    "guildhall_credits_used_total": "Credits that an organization has used since the beginning.",
    "guildhall_running_jobs": "Running jobs that live leases take.",
    "guildhall_gpus_taken": "GPUs that live leases take.",
    "guildhall_storage_taken_bytes": "Storage that live leases take.",
    "guildhall_alerts_open": "Alerts that hold now.",
    "guildhall_alerts_total": "Alerts that were told.",
    "guildhall_budgets_used_up": "Budgets that leave nothing in their present period.",
  ]
}

extension Credits {
  /// For charts, not for counting.
  fileprivate var number: Double { Double(micro) / 1_000_000 }
}

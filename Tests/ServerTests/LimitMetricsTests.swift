import Contract
import ControlPlane
import Foundation
import HTTPTypes
import HummingbirdTesting
import Kernel
import Ledger
import Secrets
import TestSupport
import Testing

@testable import Server

@Suite struct LimitMetricsTests {
  @Test func `Operators are told of organizations, and nobody else`() async throws {
    let hall = try await Hall(.plain)
    let plane = hall.house.plane
    _ = try await plane.alerts.create(.amount, amount: try Credits(decimal: "5000"), in: "hall", by: hall.caller(.admin))
    func token(_ person: Hall.Person) async throws -> HTTPFields {
      let made = try await plane.tokens.create(AccessTokenDraft(name: "scrape", scopes: ["organization:admin"]), by: hall.caller(person))
      return [.authorization: "Bearer \(made.secret.reveal())"]
    }
    let (admin, member) = (try await token(.admin), try await token(.member))
    try await hall.serve { client in
      let open = try await client.send(.get, "/metrics")
      #expect(open.status == .ok && !open.text.contains("guildhall_credits") && !open.text.contains("hall\""))
      #expect(try await client.send(.get, "/metrics", member).status == .forbidden)
      #expect(try await client.send(.get, "/metrics", [.authorization: "Bearer nonsense"]).status == .unauthorized)
      let text = try await client.send(.get, "/metrics", admin).text
      for line in [
        #"guildhall_credits_balance{organization="hall"} 1038.25"#, #"guildhall_credits_held{organization="hall"} 20"#,
        #"guildhall_credits_used_total{organization="hall"} 12.25"#, #"guildhall_gpus_taken{organization="hall"} 10"#,
        #"guildhall_alerts_open{kind="amount"} 1"#, #"guildhall_alerts_open{kind="depleted"} 0"#, "# TYPE guildhall_credits_used_total counter",
        #"guildhall_usage_events_total{outcome="accepted"} 3"#, #"guildhall_usage_events_total{outcome="duplicate"} 0"#,
        #"guildhall_holds_total{outcome="made"} 1"#, "guildhall_budgets_used_up 0", "process_resident_memory_bytes",
      ] { #expect(text.contains(line), "\(line)") }
    }
  }

  @Test func `The dashboard asks for metrics that there are`() async throws {
    let file = Repository.root.appending(path: "docs/grafana-dashboard.json")
    let dashboard = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    let panels = try #require(dashboard["panels"] as? [[String: Any]])
    let asked = panels.flatMap { ($0["targets"] as? [[String: Any]] ?? []).compactMap { $0["expr"] as? String } }
    #expect(panels.count > 10 && asked.count >= panels.count)
    let hall = try await Hall(.plain)
    let made = try await hall.house.plane.tokens.create(AccessTokenDraft(name: "scrape", scopes: ["organization:admin"]), by: hall.caller(.admin))
    try await hall.serve { client in
      _ = try await client.send(.get, "/healthz")
      let text = try await client.send(.get, "/metrics", [.authorization: "Bearer \(made.secret.reveal())"]).text
      let there = Set(text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { String($0.prefix { $0 != "{" && $0 != " " }) })
      for expression in asked {
        let names = expression.matches(of: /\b(?:guildhall|http|process)_\w+/).map { String($0.0) }
        #expect(!names.isEmpty && Set(names).isSubset(of: there), "\(expression)")
      }
      // And none that it doesn't show.
      let shown = asked.joined(separator: " ")
      for name in there where name.hasPrefix("guildhall_") { #expect(shown.contains(name), "\(name)") }
    }
  }
}

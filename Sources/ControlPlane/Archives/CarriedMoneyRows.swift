import Authorization
import Contract
import Kernel
import Ledger
import Storage

/// Credits, usage and limits, as their tables hold them. Once they are taken in, books and usage are proven from their entries and events alone.
extension CarriedTable {
  private static let actorKinds = ["account", "service-account", "system", "anonymous"]
  private static let holders = ["member", "service-account"]
  private static let positive: ClosedRange<Int64> = 1...Int64.max
  private static let counted: ClosedRange<Int64> = 0...Int64.max

  // MARK: The books

  static let money: [CarriedTable] = [
    // Everybody's prices come along: they are what usage was charged by. `number` counts them from 1 on.
    CarriedTable("price", of: .condition { organization, _ in "(t.organization IS NULL OR t.organization = \(organization))" }, taken: .special, by: "t.number",
      [
        .price("number"), .uuid("id"), .flag("agreed", "CASE WHEN t.organization IS NULL THEN 0 ELSE 1 END"), .text("resource", atMost: 200),
        .text("preset", atMost: 200), .instant("since"), .text("unit", atMost: 200), .integer("per", positive), .text("tiers", atMost: 100_000), .note("note"),
        .instant("created_at"),
      ]),
    CarriedTable("ledger", by: "t.organization", left: ["book"], [.integer("sequence", counted), .instant("at")]),
    CarriedTable("ledger_account", of: .book, by: "t.number",
      [
        .integer("number"), .choice("purpose", of: AccountPurpose.self), .choice("kind", ["credit-funds", "debit-funds", "allowance", "allotments"]),
        .integer("parent").optional, .integer("floor").optional, .integer("balance"), .integer("held", counted),
      ]),
    CarriedTable("ledger_entry", of: .book, by: "t.sequence",
      [
        .integer("sequence", positive), .uuid("id"), .instant("at"), .integer("first_link"), .integer("links", positive),
        .choice("kind", ["post", "spend", "charge", "hold", "settle", "release", "reverse"]), .integer("debit"), .integer("credit"),
        .integer("amount", positive), .integer("ceiling").optional, .instant("expires_at").optional, .text("subject").optional,
        .choice("actor_kind", actorKinds), .anybody("actor"), .note("note"),
      ]),
    CarriedTable("ledger_balance", of: .book, by: "t.account, t.sequence",
      [
        .integer("account"), .integer("sequence", positive), .integer("first", positive), .instant("at"), .integer("balance"), .integer("held"),
      ]),
    // As they are: a job that runs settles with the organization, wherever that is now.
    CarriedTable("ledger_hold", of: .book, by: "t.sequence",
      [
        .integer("sequence", positive), .uuid("id"), .integer("debit"), .integer("credit"), .integer("amount", positive), .integer("ceiling"),
        .instant("made_at"), .instant("expires_at"), .choice("state", ["live", "settled", "released", "expired"]), .integer("settled").optional,
        .text("ended_by").optional,
      ]),
    CarriedTable("credit_grant", of: .book,
      [
        .id, .choice("kind", ["paid", "promotional"]), .integer("sequence"), .integer("priority"), .instant("expires_at").optional,
        .text("scope", atMost: 100_000), .integer("granted", positive), .integer("remaining", counted), .note("note"), .instant("created_at"),
      ]),
    CarriedTable("credit_burn", of: .book, by: "t.sequence, t.place",
      [.integer("sequence", positive), .integer("place"), .reference("credit_grant", to: "credit_grant"), .integer("amount", positive)]),
    CarriedTable("sub_balance",
      [
        .id, .integer("account"), .choice("holder_kind", of: SubBalance.HolderKind.self), .anybody("holder"), .text("name"), .text("sort_name"),
        .instant("created_at"), .revision, .instant("removed_at").optional,
      ]),
  ]

  // MARK: Usage

  static let usage: [CarriedTable] = [
    CarriedTable("usage_log", by: "t.organization", left: ["log"], [.integer("sequence", counted)]),
    CarriedTable("usage_source", of: .log, by: "t.number", [.integer("number"), .text("name")]),
    CarriedTable("usage_series", of: .log, by: "t.number",
      computed: [
        CarriedComputation("key") { row, _ in
          let parts = ["holder_kind", "holder", "project", "cluster", "resource", "preset", "unit", "sub_balance"]
          return .text(parts.map { row.text($0) ?? "" }.joined(separator: "\u{1F}"))
        }
      ],
      [
        .integer("number"), .choice("holder_kind", [""] + holders), .anybody("holder"), .text("project"), .text("cluster"), .text("resource"),
        .text("preset"), .text("unit"), .text("sub_balance"),
      ]),
    CarriedTable("usage_event", of: .log, by: "t.sequence",
      [
        .integer("sequence", positive), .integer("source"), .text("id"), .instant("at"), .integer("series"), .integer("quantity"), .price("price").optional,
        .integer("account").optional, .integer("charge"), .integer("corrects").optional,
      ]),
    CarriedTable("usage_receipt", of: .log, by: "t.last",
      [.integer("last", positive), .integer("first", positive), .instant("at"), .choice("actor_kind", actorKinds), .anybody("actor")]),
    CarriedTable("usage_charge", of: .log, by: "t.receipt, t.transfer",
      [.integer("receipt", positive), .uuid("transfer"), .integer("account"), .integer("amount")]),
    CarriedTable("usage_meter", of: .log,
      // Numbers first, by what they are: another installation has others.
      by: "t.month, CASE WHEN t.meter LIKE '%\u{1F}%' THEN 1 ELSE 0 END, CASE WHEN t.meter LIKE '%\u{1F}%' THEN 0 ELSE length(t.meter) END, t.meter",
      [.instant("month"), .meter("meter"), .integer("quantity", counted), .integer("charge", counted)]),
    CarriedTable("usage_rollup", of: .log, by: "t.span, t.start, t.series",
      [
        .choice("span", Timestamp.Span.allCases.map(\.rawValue)), .instant("start"), .integer("series"), .integer("quantity"), .integer("charge"),
        .integer("events"),
      ]),
  ]

  // MARK: Limits

  static let limits: [CarriedTable] = [
    CarriedTable("quota_clock", by: "t.organization", [.instant("at"), .integer("turns")]),
    CarriedTable("quota",
      [
        .id, .choice("dimension", of: QuotaDimension.self), .choice("subject", ["organization", "each"] + holders), .anybody("holder"), .text("name"),
        .text("cluster"), .integer("most", counted).optional, .instant("created_at"), .revision,
      ]),
    CarriedTable("made_thing", by: "t.feature, t.thing", [.text("feature", atMost: 48), .uuid("thing"), .reference("workspace", to: "resource")]),
    CarriedTable("lease",
      [
        .text("id"), .choice("holder_kind", holders), .anybody("holder"), .text("name"), .text("cluster"), .integer("running_jobs", counted),
        .integer("gpus", counted), .integer("storage", counted), .note("note"), .choice("actor_kind", actorKinds), .anybody("actor"), .instant("since"),
        .integer("term"), .instant("expires_at"), .instant("released_at").optional,
      ]),
    CarriedTable("budget",
      [
        .id, .choice("subject", of: BudgetSubject.self), .anybody("holder"), .text("name"), .choice("period", of: BudgetPeriod.self),
        .integer("soft", positive).optional, .integer("hard", counted).optional, .instant("period_start"), .instant("period_end"),
        .integer("spent", counted), .integer("held", counted), .flag("told_soft"), .flag("told_hard"), .instant("created_at"), .revision,
      ]),
    CarriedTable("budget_period",
      of: .condition { organization, _ in "t.budget IN (SELECT b.id FROM budget b WHERE b.organization = \(organization))" }, by: "t.budget, t.period_start",
      [.reference("budget", to: "budget"), .instant("period_start"), .instant("period_end"), .integer("spent")]),
    CarriedTable("budget_count", of: .book, by: "t.transfer, t.budget",
      [.uuid("transfer"), .reference("budget", to: "budget"), .integer("amount", positive), .flag("is_hold"), .instant("period_start")]),
    CarriedTable("credit_watch", by: "t.organization", [.instant("start"), .integer("used"), .integer("used_before"), .instant("due_at").optional]),
    CarriedTable("alert_rule",
      [
        .id, .choice("condition", ["amount", "runway", "depleted", "recovered"]), .integer("amount").optional, .integer("seconds").optional,
        .flag("is_told"), .instant("created_at"),
      ]),
    CarriedTable("alert",
      [
        .id, .choice("kind", ["amount", "runway", "depleted", "recovered", "budget-soft", "budget-hard"]), .text("rule").optional, .text("budget").optional,
        .text("name"), .integer("amount").optional, .integer("seconds").optional, .integer("balance"), .instant("at"), .instant("ended_at").optional,
        .instant("mailed_at").optional, .integer("spent").optional, .instant("period_end").optional,
      ]),
  ]
}

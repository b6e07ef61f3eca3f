import Contract
import Kernel
import Ledger

extension Alerts {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Alerts.list) { call async throws(Problem) in
        Wire.List(try await list(in: call.path.organization, open: call.query.active ?? false, call.query.page(), by: call.caller), Wire.Alert.init)
      },
      BoundEndpoint(API.Alerts.listRules) { call async throws(Problem) in
        Wire.List(try await rules(in: call.path.organization, call.query.page(), by: call.caller), Wire.AlertRule.init)
      },
      BoundEndpoint(API.Alerts.createRule) { call async throws(Problem) in
        let body = call.body
        return Wire.AlertRule(
          try await create(AlertKind(body.condition), amount: body.amount, seconds: body.seconds, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Alerts.deleteRule) { call async throws(Problem) in
        try await delete(call.path.rule.cast(), in: call.path.organization, by: call.caller)
        return Nothing()
      },
    ]
  }
}

extension AlertKind {
  fileprivate init(_ condition: Wire.AlertCondition) {
    self =
      switch condition {
      case .amount: .amount
      case .runway: .runway
      case .depleted: .depleted
      case .recovered: .recovered
      }
  }

  fileprivate var wire: Wire.AlertKind {
    switch self {
    case .amount: .amount
    case .runway: .runway
    case .depleted: .depleted
    case .recovered: .recovered
    case .budgetSoft: .budgetSoft
    case .budgetHard: .budgetHard
    }
  }
}

extension Wire.AlertRule {
  fileprivate init(_ setting: AlertSetting) {
    var (amount, seconds): (Credits?, Int?)
    let condition: Wire.AlertCondition
    switch setting.rule.condition {
    case .amount(let crossed): (condition, amount) = (.amount, crossed)
    case .runway(let time): (condition, seconds) = (.runway, Int(time.wholeSeconds))
    case .depleted: condition = .depleted
    case .recovered: condition = .recovered
    }
    let isActive = setting.rule.isTold && setting.rule.condition != .recovered
    self.init(id: setting.id.cast(), condition: condition, amount: amount, seconds: seconds, active: isActive, createdAt: setting.createdAt)
  }
}

extension Wire.Alert {
  fileprivate init(_ alert: Alert) {
    self.init(
      id: alert.id.cast(), kind: alert.kind.wire, text: "\(alert.title). \(alert.text)", rule: alert.rule?.cast(), budget: alert.budget?.cast(),
      amount: alert.amount, seconds: alert.seconds, balance: alert.balance, at: alert.at, endedAt: alert.endedAt)
  }
}

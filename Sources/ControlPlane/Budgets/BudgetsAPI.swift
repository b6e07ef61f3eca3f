import Contract
import Kernel
import Ledger

extension Budgets {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Budgets.list) { call async throws(Problem) in
        let subject = call.query.subject.map { BudgetSubject($0) }
        return Wire.List(try await list(in: call.path.organization, of: subject, call.query.page(), by: call.caller), Wire.Budget.init)
      },
      BoundEndpoint(API.Budgets.create) { call async throws(Problem) in
        let body = call.body
        return Wire.Budget(
          try await create(
            BudgetDraft(
              subject: BudgetSubject(body.subject ?? .organization), holder: body.holder ?? "", period: BudgetPeriod(body.period ?? .month),
              soft: body.soft?.text ?? "", hard: body.hard?.text ?? ""),
            in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Budgets.read) { call async throws(Problem) in
        Wire.Budget(try await find(call.path.budget.cast(), in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Budgets.listPeriods) { call async throws(Problem) in
        let found = try await periods(of: call.path.budget.cast(), in: call.path.organization, call.query.page(), by: call.caller)
        return Wire.List(found) { Wire.BudgetPeriodSummary(start: $0.start, end: $0.end, spent: $0.spent) }
      },
      BoundEndpoint(API.Budgets.update) { call async throws(Problem) in
        let limits = try BudgetLimits(soft: call.body.soft?.text ?? "", hard: call.body.hard?.text ?? "")
        return Wire.Budget(try await update(call.path.budget.cast(), limits, seen: call.revision, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Budgets.delete) { call async throws(Problem) in
        try await delete(call.path.budget.cast(), seen: call.revision, in: call.path.organization, by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Budgets.readEffective) { call async throws(Problem) in
        let query = call.query
        let purpose = SpendingPurpose(
          member: query.member, serviceAccount: query.serviceAccount, project: query.project, cluster: query.cluster, token: query.token)
        let seen = try await effective(for: purpose, in: call.path.organization, by: call.caller)
        let limitedBy = seen.available == nil ? nil : seen.binding?.description ?? "balance"
        return Wire.EffectiveBudget(available: seen.available, limitedBy: limitedBy, budgets: seen.budgets.map(Wire.Budget.init))
      },
    ]
  }
}

extension SpendingPurpose {
  /// As it came; nothing where nothing did.
  init(_ purpose: Wire.SpendingPurpose?) {
    self.init(
      member: purpose?.member, serviceAccount: purpose?.serviceAccount, project: purpose?.project?.text, cluster: purpose?.cluster?.text,
      token: purpose?.token)
  }
}

extension BudgetSubject {
  fileprivate init(_ subject: Wire.BudgetSubject) {
    self =
      switch subject {
      case .organization: .organization
      case .team: .team
      case .member: .member
      case .serviceAccount: .serviceAccount
      case .project: .project
      case .cluster: .cluster
      case .token: .token
      }
  }

  fileprivate var wire: Wire.BudgetSubject {
    switch self {
    case .organization: .organization
    case .team: .team
    case .member: .member
    case .serviceAccount: .serviceAccount
    case .project: .project
    case .cluster: .cluster
    case .token: .token
    }
  }
}

extension BudgetPeriod {
  fileprivate init(_ period: Wire.BudgetPeriod) {
    self =
      switch period {
      case .day: .day
      case .week: .week
      case .month: .month
      case .none: .none
      }
  }

  fileprivate var wire: Wire.BudgetPeriod {
    switch self {
    case .day: .day
    case .week: .week
    case .month: .month
    case .none: .none
    }
  }
}

extension Wire.Budget {
  fileprivate init(_ setting: BudgetSetting) {
    let budget = setting.budget
    let isEndless = budget.period == .none
    self.init(
      id: budget.id.cast(), subject: setting.key.subject.wire, holder: setting.key.holder.isEmpty ? nil : setting.key.holder,
      name: setting.name.isEmpty ? nil : setting.name, period: budget.period.wire, soft: budget.soft?.credits, hard: budget.hard, spent: budget.spent,
      held: budget.held, available: budget.available, periodStart: isEndless ? nil : budget.window.lowerBound,
      periodEnd: isEndless ? nil : budget.window.upperBound, createdAt: setting.createdAt, revision: setting.revision)
  }
}

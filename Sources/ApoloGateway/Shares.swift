import Contract
import ControlPlane
import Kernel
import Ledger

/// What members may use of their organization's credits, and the balance of all: as Apolo tells of both.
struct Shares {
  let plane: ControlPlane

  // MARK: The organization's

  /// Who may not see the credits is told of none.
  func balance(of organization: String, by caller: Caller) async throws(Problem) -> JSON {
    do throws(Problem) {
      let balance = try await plane.credits.balance(of: organization, by: caller)
      return Money.balance(balance.limit == .unlimited ? nil : balance.balance, spent: balance.used)
    } catch {
      guard error.kind == .forbidden else { throw error }
      return Money.balance(.zero, spent: .zero)
    }
  }

  /// Changes the organization's balance: `credits`, or nothing for no limit; or `additional_credits`.
  func change(_ body: JSON, of organization: Organization, _ request: GatewayRequest) async throws(Problem) {
    let (reference, caller) = (organization.id.description, request.caller)
    let isUnlimited = try await plane.credits.balance(of: reference, by: caller).limit == .unlimited
    if let more = body["additional_credits"], more != .null {
      let amount = try Money.credits(more, "additional_credits")
      guard amount != .zero, !isUnlimited else { return }
      let id = try request.transfer(in: organization.id, "balance")
      if amount > .zero {
        _ = try await plane.credits.topUp(TopUpOrder(id: id, amount: amount.description), of: reference, by: caller)
      } else {
        _ = try await plane.credits.correct(CreditCorrection(id: id, amount: amount), of: reference, by: caller)
      }
    } else if body["credits"] != nil {
      guard let credits = try Money.limit(body["credits"], "credits") else {
        _ = try await plane.credits.setOverdraft(nil, of: reference, by: caller)
        return
      }
      _ = try await plane.credits.correct(
        CreditCorrection(id: request.transfer(in: organization.id, "balance"), balance: credits), of: reference, by: caller)
      if isUnlimited { _ = try await plane.credits.setOverdraft(.zero, of: reference, by: caller) }
    } else {
      throw .invalid("credits", "Give credits or additional_credits.")
    }
  }

  // MARK: Members'

  /// A member's share, with what they have used of it.
  struct Share: Sendable {
    let seen: SeenSubBalance
    let used: Credits

    var json: JSON { Money.balance(seen.isUnlimited ? nil : seen.balance, spent: used) }
  }

  /// Without a share nothing but the organization's balance limits a member.
  static func json(_ share: Share?) -> JSON { share?.json ?? Money.balance(nil, spent: .zero) }

  /// Of all members, by account.
  func all(in organization: String, by caller: Caller) async throws(Problem) -> [ID<Account>: Share] {
    let found: [SeenSubBalance]
    do throws(Problem) {
      found = try await ApoloGateway.all { page throws(Problem) in try await plane.subBalances.list(in: organization, of: .member, page, by: caller) }
    } catch {
      guard error.kind == .forbidden else { throw error }
      return [:]
    }
    return try await shares(found, in: organization, by: caller)
  }

  func of(_ member: Member, in organization: String, by caller: Caller) async throws(Problem) -> Share? {
    let found: [SeenSubBalance]
    do throws(Problem) {
      found = try await plane.subBalances.list(in: organization, of: .member, named: member.account.description, PageRequest(limit: 1), by: caller).items
    } catch {
      guard error.kind == .forbidden else { throw error }
      return nil
    }
    return try await shares(found, in: organization, by: caller)[member.account]
  }

  private func shares(_ found: [SeenSubBalance], in organization: String, by caller: Caller) async throws(Problem) -> [ID<Account>: Share] {
    let used = try await plane.subBalances.used(found.map(\.subBalance), in: organization, by: caller)
    return Dictionary(
      found.compactMap { seen in
        ID<Account>(seen.subBalance.holder.key).map { ($0, Share(seen: seen, used: used[seen.subBalance.id] ?? .zero)) }
      }, uniquingKeysWith: { first, _ in first })
  }

  /// Lets a member use so much, or with `nil` as much as there is.
  func set(_ credits: Credits?, of member: Member, in organization: String, by caller: Caller) async throws(Problem) {
    guard let share = try await of(member, in: organization, by: caller) else {
      let (holder, amount) = (member.account.description, credits.map(\.description) ?? "")
      _ = try await plane.subBalances.create(
        SubBalanceDraft(holderKind: .member, holder: holder, amount: amount, isUnlimited: credits == nil), in: organization, by: caller)
      return
    }
    guard share.seen.isUnlimited != (credits == nil) || credits.map({ $0 != share.seen.balance }) ?? false else { return }
    let text = credits?.description
    _ = try await plane.subBalances.update(
      share.seen.subBalance.id, SubBalanceUpdate(balance: text, isUnlimited: text == nil), seen: nil, in: organization, by: caller)
  }

  /// The share through which a member's use is counted; where there is none, one without a limit is made if the caller may.
  func opened(for member: Member, in organization: String, by caller: Caller) async throws(Problem) -> Share? {
    if let share = try await of(member, in: organization, by: caller) { return share }
    do throws(Problem) {
      try await set(nil, of: member, in: organization, by: caller)
    } catch {
      guard [.forbidden, .conflict].contains(error.kind) else { throw error }
    }
    return try await of(member, in: organization, by: caller)
  }

  /// Changes a member's share: `credits`, or nothing for no limit; or `additional_credits`.
  func change(_ body: JSON, of member: Member, in organization: Organization, _ request: GatewayRequest) async throws(Problem) {
    let (reference, caller) = (organization.id.description, request.caller)
    if let more = body["additional_credits"], more != .null {
      let amount = try Money.credits(more, "additional_credits")
      guard amount != .zero, let share = try await of(member, in: reference, by: caller), !share.seen.isUnlimited else { return }
      _ = try await plane.subBalances.move(
        (amount > .zero ? amount : -amount).description, id: request.transfer(in: organization.id, "balance of \(member.account)"),
        into: share.seen.subBalance.id, isIn: amount > .zero, in: reference, by: caller)
    } else if body["credits"] != nil {
      try await set(Money.limit(body["credits"], "credits"), of: member, in: reference, by: caller)
    } else {
      throw .invalid("credits", "Give credits or additional_credits.")
    }
  }

  // MARK: Use

  /// Records what was used already, below zero if need be: of the organization's credits, or through a member's share.
  func charge(_ body: JSON, _ member: Member?, in organization: Organization, _ request: GatewayRequest) async throws(Problem) {
    let amount = try Money.credits(body["spending"] ?? body["credits"] ?? .null, "spending")
    guard amount != .zero else { return }
    guard amount > .zero else { throw .invalid("spending", "What was used is more than nothing.") }
    let (reference, caller) = (organization.id.description, request.caller)
    var share: Share?
    if let member { share = try await opened(for: member, in: reference, by: caller) }
    let draft = try ChargeDraft(
      id: request.transfer(in: organization.id, "spending"), subBalance: share?.seen.subBalance.id, amount: amount.description,
      purpose: SpendingPurpose(member: member?.account.description, cluster: request.cluster.isEmpty ? nil : request.cluster))
    _ = try await plane.holds.charge(draft, in: reference, by: caller)
  }
}

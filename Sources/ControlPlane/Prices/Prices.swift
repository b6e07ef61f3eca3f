import Authorization
import Contract
public import Kernel
import Ledger
import Storage

extension ControlPlane {
  public var prices: Prices { Prices(plane: self) }
}

/// What use costs. A price begins with an hour, and holds until the next one for the same; it can't be changed, and not be deleted once it has begun.
public struct Prices: Sendable {
  let plane: ControlPlane

  /// Those for everybody.
  public func list(resource: String? = nil, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<ListedPrice> {
    try await plane.read(as: caller) { work in
      _ = try work.person()
      return try work.prices.list(for: nil, resource: resource, page)
    }
  }

  /// Those that hold for an organization: agreed with it, or for everybody.
  public func list(of reference: String, resource: String? = nil, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<ListedPrice> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      return try work.prices.list(for: organization.id, resource: resource, page)
    }
  }

  /// Sets a price for everybody, or agrees it with one organization. For operators. Refuses what would change the price of use that was recorded.
  public func set(_ draft: PriceDraft, for reference: String? = nil, by caller: Caller) async throws(Problem) -> ListedPrice {
    try await plane.write(as: caller) { work in
      let permit = try work.permit(SetPrice.self)
      let organization = try reference.map { reference throws(Problem) in try work.operated(reference) }
      let since = try work.beginning(of: draft, for: organization?.id)
      guard try !work.prices.contains(draft.key, since: since, for: organization?.id) else {
        throw Problem(.priceTaken, "There is a price of \(draft.key.words) from \(since) on. Let this one begin at another hour, or delete that one.")
      }
      let proof = try work.record(
        permit, in: organization.map { .organization($0.id) } ?? .installation, on: Target("price", draft.key.words, named: draft.key.words),
        [
          Change("price", to: draft.price?.words ?? "none"), Change("since", to: since.description),
          draft.note.isEmpty ? nil : Change("note", to: draft.note.text),
        ])
      let id = try work.prices.insert(draft, since: since, for: organization?.id, under: proof)
      return try work.prices.find(id, for: organization?.id).orDefect()
    }
  }

  /// Deletes a price before it begins. For operators.
  public func delete(_ id: ID<ListedPrice>, of reference: String? = nil, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let permit = try work.permit(DeletePrice.self)
      let organization = try reference.map { reference throws(Problem) in try work.operated(reference) }
      guard let price = try work.prices.find(id, for: organization?.id) else { throw Problem(.missing, "There is no such price here.") }
      // Events may lie a little ahead.
      guard price.version.since > work.now + UsageDraft.skew else {
        throw Problem(.priceBegun, "This price has begun. Set another one that follows it.")
      }
      let proof = try work.record(
        permit, in: organization.map { .organization($0.id) } ?? .installation,
        on: Target("price", price.version.key.words, named: price.version.key.words),
        [Change("price", from: price.version.price?.words ?? "none"), Change("since", from: price.version.since.description)])
      try work.prices.delete(id, under: proof)
    }
  }
}

extension PriceKey {
  /// For the log and for sentences: `gpu a100`.
  var words: String { preset.map { "\(resource) \($0)" } ?? resource }
}

extension Work {
  /// When a price begins. What was recorded already isn't priced anew.
  fileprivate func beginning(of draft: PriceDraft, for organization: ID<Organization>?) throws(Problem) -> Timestamp {
    guard let since = draft.since else {
      let present = now.start(of: .hour)
      return try prices.isUsed(draft.key, since: present, by: organization) ? now.end(of: .hour) : present
    }
    guard try !prices.isUsed(draft.key, since: since, by: organization) else {
      throw Problem(
        .priceTooLate, "What was used since then was recorded already: a price doesn't change what was charged. Let it begin later.",
        faults: [FieldFault("since", "Let it begin later.")])
    }
    return since
  }
}

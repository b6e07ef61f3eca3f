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

  /// Sets a price for everybody, or agrees it with one organization. For operators. Refuses what would change the price of use that was recorded, a unit that
  /// isn't the present price's unless the draft says so, and the end of what has no price.
  public func set(_ draft: PriceDraft, for reference: String? = nil, by caller: Caller) async throws(Problem) -> ListedPrice {
    try await plane.write(as: caller) { work in
      let permit = try work.permit(SetPrice.self)
      let organization = try reference.map { reference throws(Problem) in try work.operated(reference) }
      let since = try work.beginning(of: draft, for: organization?.id)
      guard try !work.prices.contains(draft.key, since: since, for: organization?.id) else {
        throw Problem(.priceTaken, "There is a price of \(draft.key.words) from \(since) on. Let this one begin at another hour, or delete that one.")
      }
      let unit = try work.unit(of: draft, since: since, for: organization?.id)
      let price = try draft.price(unit: unit)
      let proof = try work.record(
        permit, in: organization.map { .organization($0.id) } ?? .installation, on: Target("price", draft.key.words, named: draft.key.words),
        [
          Change("price", to: price?.words ?? "none"), Change("since", to: since.description),
          draft.note.isEmpty ? nil : Change("note", to: draft.note.text),
        ])
      let id = try work.prices.insert(draft.key, price, unit: unit, note: draft.note, since: since, for: organization?.id, under: proof)
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
  /// What a price counts: what the draft says, else what the price says that it follows.
  fileprivate func unit(of draft: PriceDraft, since: Timestamp, for organization: ID<Organization>?) throws(Problem) -> String {
    let resource = draft.key.resource
    let versions: [PriceVersion]
    if let organization { versions = try prices.versions(of: [resource], for: organization) } else { versions = try prices.versions(of: resource) }
    // What holds until then: what the price is set for may have none of its own.
    var present = PriceList(versions).version(for: resource, preset: draft.key.preset, at: since)?.price?.unit
    if draft.isEnd {
      let own = versions.filter { $0.key == draft.key && $0.isAgreed == (organization != nil) && $0.since < since }.max { $0.since < $1.since }
      guard let ended = own?.price?.unit else {
        let agreed = organization == nil ? "" : " agreed"
        throw Problem(.noPrice, "There is no price of \(draft.key.words)\(agreed) that could end then.")
      }
      present = ended
    }
    guard let unit = draft.unit ?? present else { throw .invalid("unit", "Say what its quantities count, such as second.") }
    if let present, unit != present, !draft.isNewUnit {
      let what = "The present price of \(draft.key.words) is for \(present), and events in another unit than the price's are refused."
      throw Problem(.priceUnit, "\(what) Keep that unit, or say that it is a new one.", faults: [FieldFault("unit", "\(what) Keep \(present).")])
    }
    return unit
  }

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

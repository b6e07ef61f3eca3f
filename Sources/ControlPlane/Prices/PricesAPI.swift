import Contract
import Kernel
import Ledger

extension Prices {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Prices.list) { call async throws(Problem) in
        Wire.List(try await list(resource: call.query.resource, call.query.page(), by: call.caller)) { shown($0) }
      },
      BoundEndpoint(API.Prices.create) { call async throws(Problem) in shown(try await set(PriceDraft(call.body), by: call.caller)) },
      BoundEndpoint(API.Prices.delete) { call async throws(Problem) in
        try await delete(call.path.price.cast(), by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Prices.listOfOrganization) { call async throws(Problem) in
        Wire.List(try await list(of: call.path.organization, resource: call.query.resource, call.query.page(), by: call.caller)) { shown($0) }
      },
      BoundEndpoint(API.Prices.createForOrganization) { call async throws(Problem) in
        shown(try await set(PriceDraft(call.body), for: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Prices.deleteOfOrganization) { call async throws(Problem) in
        try await delete(call.path.price.cast(), of: call.path.organization, by: call.caller)
        return Nothing()
      },
    ]
  }

  private func shown(_ price: ListedPrice) -> Wire.Price { Wire.Price(price, at: plane.world.clock()) }
}

extension PriceDraft {
  fileprivate init(_ draft: Wire.PriceDraft) throws(Problem) {
    try self.init(
      resource: draft.resource.text, preset: draft.preset?.text ?? "", unit: draft.unit?.text ?? "", isNewUnit: draft.newUnit ?? false,
      per: draft.per?.text ?? "1",
      tiers: draft.tiers.map { ($0.upTo?.text ?? "", $0.credits.text) }, since: draft.since, note: draft.note?.text ?? "")
  }
}

extension Wire.Price {
  fileprivate init(_ price: ListedPrice, at now: Timestamp) {
    let version = price.version
    let state: Wire.PriceState =
      switch price.state(at: now) {
      case .coming: .coming
      case .current: .current
      case .past: .past
      }
    self.init(
      id: price.id.cast(), resource: version.key.resource, preset: version.key.preset, unit: price.unit, per: (version.price?.per ?? .one).description,
      tiers: version.price?.tiers.map { Wire.PriceTier(upTo: $0.upTo?.description, credits: $0.credits.description) } ?? [], since: version.since, state: state,
      agreed: version.isAgreed, note: price.note.text, createdAt: price.createdAt)
  }
}

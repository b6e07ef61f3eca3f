extension Denial {
  /// The same for whoever may read the resource: nothing of it is hidden from them, so they are told which right they lack.
  public func told(toReaderOf resource: ResourceFacts, asking right: Right.Exact) -> Denial {
    guard self == .hiddenResource else { return self }
    return .lackingRight(right, heldBy: RightHolders(of: right, levels: resource.chain.map { RoleScope($0.type) }))
  }
}

extension Right.Exact {
  /// Who could have the right on a thing that stands in things of these levels, its own first, in a sentence for who lacks it.
  public func hint(levels: [RoleScope]) -> String { RightHolders(of: self, levels: levels).sentence(for: self) }
}

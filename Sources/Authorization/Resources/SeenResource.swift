extension Denial {
  /// The same for whoever may read the resource: nothing of it is hidden from them, so they are told which right they lack.
  public func told(toReaderOf resource: ResourceFacts, asking right: Right.Exact) -> Denial {
    guard self == .hiddenResource else { return self }
    return .lackingRight(right, heldBy: RightHolders(of: right, levels: resource.chain.map { RoleScope($0.type) }))
  }
}

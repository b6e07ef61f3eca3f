extension Collection {
  /// The elements in their order, in arrays of `count` (more than 0) and a last one with the rest.
  public func chunks(ofCount count: Int) -> [[Element]] {
    var chunks: [[Element]] = []
    chunks.reserveCapacity((self.count + count - 1) / count)
    for element in self {
      if chunks.isEmpty || chunks[chunks.count - 1].count == count {
        chunks.append([])
        chunks[chunks.count - 1].reserveCapacity(count)
      }
      chunks[chunks.count - 1].append(element)
    }
    return chunks
  }
}

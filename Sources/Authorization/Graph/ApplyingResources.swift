internal import Cedar

extension AccessTables {
  func present(_ resource: AccessResource) -> Int32? {
    guard let type = typeNumbers[resource.type], let number = resources.find(resource.id, kind: type) else { return nil }
    return resourceRows.word(number, Thing.flags) & Thing.isPresent == 0 ? nil : number
  }

  mutating func place(
    _ resource: AccessResource, _ outer: AccessResource?, _ owner: String?, _ visibility: Visibility, _ attributes: Record
  ) throws(AccessRefusal) {
    var parent: Int32 = -1
    if let outer {
      guard let found = present(outer) else { throw .noSuchResource(outer) }
      parent = found
    }
    let former = present(resource)
    try refuseCycleAndDepth(former, parent)

    let number = resourceNumber(resource.type, resource.id)
    let ownerNumber = owner.map { memberNumber($0) } ?? -1
    let record = values.record(attributes)
    let isMoved = former == nil || resourceRows.word(number, Thing.parent) != parent
    if isMoved {
      // What was shared there ends there.
      if former != nil {
        withdrawShares(from: number)
        unlink(number)
      }
      link(number, parent)
    }
    resourceRows.set(number, Thing.record, record)
    resourceRows.set(number, Thing.owner, ownerNumber)
    resourceRows.set(number, Thing.flags, Thing.isPresent | visibility.word)
    setOpen(number, visibility == .organization || visibility == .public)
    if isMoved { takeOver(resource, parent, as: number) }
  }

  private func refuseCycleAndDepth(_ resource: Int32?, _ parent: Int32) throws(AccessRefusal) {
    var (above, depth) = (parent, 1)
    while above >= 0 {
      guard above != resource else { throw .cycle }
      above = resourceRows.word(above, Thing.parent)
      depth += 1
    }
    if depth > Thing.deepest { throw .tooMany }
    // What is moved takes along what stands in it.
    if let resource, resourceRows.word(resource, Thing.parent) != parent, depth + height(resource) - 1 > Thing.deepest { throw .tooMany }
  }

  /// How many levels a resource and what stands in it are.
  private func height(_ resource: Int32) -> Int {
    var height = 1
    var child = resourceRows.word(resource, Thing.firstChild)
    while child >= 0 {
      if resourceRows.word(child, Thing.flags) & Thing.isPresent != 0 { height = max(height, 1 + self.height(child)) }
      child = resourceRows.word(child, Thing.next)
    }
    return height
  }

  /// Removes a resource and all that stands in it, the inner ones first.
  mutating func remove(_ resource: AccessResource) throws(AccessRefusal) {
    guard let number = present(resource) else { throw .noSuchResource(resource) }
    var all: [Int32] = []
    forEachWithin(number) { all.append($0) }
    for inner in all.reversed() {
      withdrawAll(on: inner)
      unlink(inner)
      setOpen(inner, false)
      resourceRows.replace(inner, with: Thing.absent(resourceRows.word(inner, Thing.type)))
    }
  }

  /// A resource and all within it, each before what stands in it.
  func forEachWithin(_ resource: Int32, _ visit: (Int32) -> Void) {
    var waiting = [resource]
    while let next = waiting.popLast() {
      visit(next)
      var child = resourceRows.word(next, Thing.firstChild)
      while child >= 0 {
        waiting.append(child)
        child = resourceRows.word(child, Thing.next)
      }
    }
  }

  // MARK: Children

  mutating func link(_ resource: Int32, _ parent: Int32) {
    resourceRows.set(resource, Thing.parent, parent)
    guard parent >= 0 else { return }
    let first = resourceRows.word(parent, Thing.firstChild)
    resourceRows.set(resource, Thing.next, first)
    if first >= 0 { resourceRows.set(first, Thing.previous, resource) }
    resourceRows.set(parent, Thing.firstChild, resource)
  }

  private mutating func unlink(_ resource: Int32) {
    let (parent, next, previous) = resourceRows.with(resource) { ($0[Thing.parent], $0[Thing.next], $0[Thing.previous]) }
    if next >= 0 { resourceRows.set(next, Thing.previous, previous) }
    if previous >= 0 { resourceRows.set(previous, Thing.next, next) } else if parent >= 0 { resourceRows.set(parent, Thing.firstChild, next) }
    resourceRows.set(resource, Thing.next, -1)
    resourceRows.set(resource, Thing.previous, -1)
    resourceRows.set(resource, Thing.parent, -1)
  }

  // MARK: Open ones

  private mutating func setOpen(_ resource: Int32, _ isOpen: Bool) {
    let place = resourceRows.word(resource, Thing.place)
    guard isOpen == (place < 0) else { return }
    if isOpen {
      resourceRows.set(resource, Thing.place, Int32(open.count))
      open.append(resource)
      return
    }
    // The last one takes its place.
    let last = open[open.count - 1]
    open[Int(place)] = last
    resourceRows.set(last, Thing.place, place)
    resourceRows.set(resource, Thing.place, -1)
    open.removeLast()
  }
}

/// Shares stand on the object's own row as single actions; those of objects that are merely named on a row of their own beneath what they are named in, until
/// they are known.
extension AccessTables {
  /// Between what an object is named in and its name. No id of ours has it.
  static let border = UInt8(0x1F)

  /// The row of the shares of what is named so there.
  func shared(_ name: String, kind: Int32, in parent: Int32) -> Int32? {
    hasNamed ? resources.find(Self.key(name, place(parent)), kind: kind) : nil
  }

  private func place(_ parent: Int32) -> String { parent < 0 ? "" : "\(resourceRows.word(parent, Thing.type)):\(resources.text(parent))" }
  private static func key(_ name: String, _ place: String) -> String { "\(place)\(Character(Unicode.Scalar(border)))\(name)" }

  /// The name without what it is named in.
  static func name(_ key: String) -> String { key.utf8.firstIndex(of: border).map { String(key[key.utf8.index(after: $0)...]) } ?? key }

  mutating func share(
    _ resource: AccessResource, in outer: AccessResource?, with holder: AccessHolder, _ verbs: Set<ResourceVerb>
  ) throws(AccessRefusal) {
    let who = try number(of: holder)
    var parent: Int32 = -1
    if let outer {
      guard let found = present(outer) else { throw .noSuchResource(outer) }
      parent = found
    }
    let row: Int32
    if let known = present(resource), resourceRows.word(known, Thing.parent) == parent {
      row = known
    } else {
      row = namedRow(resource.id, typeNumber(resource.type), in: parent)
    }
    var numbers: Set<Int32> = []
    let known = roles.roles.count
    for verb in verbs { if let number = roles.number(GrantedRole.actions([verb])) { numbers.insert(number) } }
    if roles.roles.count != known { rolesChanged() }
    let table = roles
    withdraw(from: row) { $0 == who && table.isAction($1) && !numbers.contains($1) }
    for number in numbers.sorted() { try grantForGood(who, number, on: row) }
    noteHolding(of: who, on: row)
  }

  private mutating func namedRow(_ name: String, _ type: Int32, in parent: Int32) -> Int32 {
    let row = resources.number(Self.key(name, place(parent)), kind: type)
    if Int(row) == resourceRows.count { resourceRows.append(Thing.absent(type)) }
    if resourceRows.word(row, Thing.flags) & Thing.isNamed == 0 {
      resourceRows.set(row, Thing.flags, Thing.isNamed)
      link(row, parent)
    }
    hasNamed = true
    return row
  }

  /// What was shared while it was merely named is shared now that it is known.
  mutating func takeOver(_ resource: AccessResource, _ parent: Int32, as number: Int32) {
    guard let row = shared(resource.id, kind: resourceRows.word(number, Thing.type), in: parent) else { return }
    var entries: [(holder: Int32, role: Int32)] = []
    resourceRows.with(row) { words in
      for place in stride(from: Thing.head, to: Thing.head + 2 * Int(words[Thing.grants]), by: 2) { entries.append((words[place], words[place + 1])) }
    }
    // A role that fits on the one row fits on the other.
    for (holder, role) in entries { try? grantForGood(holder, role, on: number) }
    withdrawAll(on: row)
  }

  mutating func withdrawShares(from row: Int32) {
    var holders: Set<Int32> = []
    forEachHolder(on: row) { holders.insert($0) }
    let table = roles
    withdraw(from: row) { table.isAction($1) }
    for holder in holders { noteHolding(of: holder, on: row) }
  }
}

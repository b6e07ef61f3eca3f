import Kernel

extension Wire.ChargeDraft {
  /// Reads a charge as platforms send it by the thousand: an id of theirs, an amount, and perhaps a note; `nil` for what is out of the ordinary, which is to be
  /// read as any other body is.
  public static func readAtOnce(_ bytes: [UInt8]) -> Self? {
    var scanner = PlainScanner(bytes)
    guard scanner.skip("{") else { return nil }
    var (id, amount, note): (ID<Wire.CreditTransfer>?, String?, String?)
    repeat {
      guard let name = scanner.plain(longest: 8), scanner.skip(":") else { return nil }
      if scanner.matches(name, "id"), id == nil {
        guard let found = scanner.text(longest: 36).flatMap({ ID<Wire.CreditTransfer>($0) }) else { return nil }
        id = found
      } else if scanner.matches(name, "amount"), amount == nil {
        guard let found = scanner.text(longest: 32) else { return nil }
        amount = found
      } else if scanner.matches(name, "note"), note == nil {
        guard let found = scanner.text(longest: 256) else { return nil }
        note = found
      } else {
        return nil
      }
    } while scanner.skip(",")
    guard scanner.skip("}"), scanner.atEnd(), let id, let amount else { return nil }
    return Self(id: id, amount: amount, note: note)
  }
}

extension Wire.CreditTransfer {
  /// Writes it as `WireCoding` does.
  public func written() -> [UInt8] {
    var writer = JSONWriter(room: 320 + note.utf8.count)
    writer.raw("{\"id\":")
    writer.string(id.description)
    writer.raw(",\"sequence\":")
    writer.raw(String(sequence))
    writer.member("at", at.description)
    writer.member("kind", kind.rawValue)
    writer.member("amount", amount.description)
    writer.member("from", from)
    writer.member("to", to)
    if let fromHolder { writer.member("from_holder", fromHolder) }
    if let toHolder { writer.member("to_holder", toHolder) }
    if let subject { writer.member("subject", subject.description) }
    writer.member("note", note)
    writer.raw(",\"actor\":{\"kind\":")
    writer.string(actor.kind.rawValue)
    writer.member("id", actor.id)
    writer.raw("}}")
    return writer.bytes
  }
}

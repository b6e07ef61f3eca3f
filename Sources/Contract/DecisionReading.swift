public import Kernel

extension Wire.DecisionQuestion {
  /// Reads a question as platforms ask it by the thousand: who, what and with which thing, by ids. Whatever is out of the ordinary is read as any other body is.
  public static func read(_ bytes: [UInt8]) throws(Problem) -> Self {
    if let question = readAtOnce(bytes) { return question }
    return try WireCoding.decode(Self.self, from: bytes)
  }

  /// The same; `nil` for what is out of the ordinary.
  public static func readAtOnce(_ bytes: [UInt8]) -> Self? {
    var reader = DecisionReader(bytes)
    guard let question = reader.question(), reader.atEnd() else { return nil }
    return question
  }
}

extension Wire.DecisionQuestions {
  /// Reads many questions in one pass, as `DecisionQuestion.read` does one.
  public static func read(_ bytes: [UInt8]) throws(Problem) -> Self {
    if let questions = readAtOnce(bytes) { return questions }
    return try WireCoding.decode(Self.self, from: bytes)
  }

  /// The same; `nil` for what is out of the ordinary.
  public static func readAtOnce(_ bytes: [UInt8]) -> Self? {
    var reader = DecisionReader(bytes)
    return reader.questions()
  }
}

extension Wire.Decision {
  /// Writes it as `WireCoding` does.
  public func written() -> [UInt8] {
    var writer = JSONWriter(room: 192 + sentence.utf8.count)
    write(to: &writer)
    return writer.bytes
  }

  fileprivate func write(to writer: inout JSONWriter) {
    writer.raw(allowed ? "{\"allowed\":true,\"outcome\":\"" : "{\"allowed\":false,\"outcome\":\"")
    writer.raw(outcome.rawValue)
    writer.raw("\",\"revision\":")
    writer.raw(String(revision))
    writer.raw(",\"sentence\":")
    writer.string(sentence)
    writer.raw(",\"grounds\":[")
    for (place, ground) in grounds.enumerated() {
      if place > 0 { writer.byte(",") }
      ground.write(to: &writer)
    }
    writer.raw("]}")
  }
}

extension Wire.DecisionGround {
  fileprivate func write(to writer: inout JSONWriter) {
    writer.raw("{\"effect\":")
    writer.string(effect)
    writer.raw(",\"kind\":")
    writer.string(kind)
    writer.member("role", role)
    if let resource {
      writer.raw(",\"resource\":")
      resource.write(to: &writer)
    }
    writer.raw(",\"teams\":[")
    for (place, team) in teams.enumerated() {
      if place > 0 { writer.byte(",") }
      writer.string(team)
    }
    writer.byte("]")
    if let policy {
      writer.raw(",\"policy\":")
      policy.write(to: &writer)
    }
    writer.member("sentence", sentence)
    writer.byte("}")
  }
}

extension Wire.DecisionSubject {
  fileprivate func write(to writer: inout JSONWriter) {
    writer.raw("{\"type\":")
    writer.string(type.text)
    writer.member("id", id.text)
    writer.member("slug", slug)
    writer.member("name", name)
    writer.byte("}")
  }
}

extension JSONWriter {
  /// A member after others; none for `nil`.
  mutating func member(_ name: String, _ text: String?) {
    guard let text else { return }
    raw(",\"")
    raw(name)
    raw("\":")
    string(text)
  }
}

extension Wire.DecisionList {
  /// Writes it as `WireCoding` does.
  public func written() -> [UInt8] {
    var writer = JSONWriter(room: 64 + items.count * 256)
    writer.raw("{\"revision\":")
    writer.raw(String(revision))
    writer.raw(",\"items\":[")
    for (place, item) in items.enumerated() {
      if place > 0 { writer.byte(",") }
      item.write(to: &writer)
    }
    writer.raw("]}")
    return writer.bytes
  }
}

private struct DecisionReader {
  private var scanner: PlainScanner

  init(_ bytes: [UInt8]) { scanner = PlainScanner(bytes) }

  mutating func atEnd() -> Bool { scanner.atEnd() }

  mutating func questions() -> Wire.DecisionQuestions? {
    guard scanner.skip("{"), let name = scanner.plain(longest: 8), scanner.matches(name, "items"), scanner.skip(":"), scanner.skip("[") else { return nil }
    var items: [Wire.DecisionQuestion] = []
    items.reserveCapacity(scanner.bytes.count / 128)
    if !scanner.skip("]") {
      repeat {
        guard let item = question() else { return nil }
        items.append(item)
      } while scanner.skip(",")
      guard scanner.skip("]") else { return nil }
    }
    return scanner.skip("}") && scanner.atEnd() ? Wire.DecisionQuestions(items: items) : nil
  }

  mutating func question() -> Wire.DecisionQuestion? {
    guard scanner.skip("{") else { return nil }
    var (principal, action, resource): (Wire.DecisionPrincipal?, String?, Wire.DecisionResource?)
    repeat {
      guard let name = scanner.plain(longest: 16), scanner.skip(":") else { return nil }
      if scanner.matches(name, "principal"), principal == nil {
        guard let (type, id) = subject(), let kind = Wire.DecisionPrincipalType(rawValue: type) else { return nil }
        principal = Wire.DecisionPrincipal(type: kind, id: id)
      } else if scanner.matches(name, "action"), action == nil {
        guard let text = scanner.text(longest: 64) else { return nil }
        action = text
      } else if scanner.matches(name, "resource"), resource == nil {
        guard let found = self.resource() else { return nil }
        resource = found
      } else {
        return nil
      }
    } while scanner.skip(",")
    guard scanner.skip("}"), let action, let resource else { return nil }
    return Wire.DecisionQuestion(principal: principal, action: action, resource: resource)
  }

  private mutating func resource() -> Wire.DecisionResource? {
    guard scanner.skip("{") else { return nil }
    var (type, id, parent): (String?, String?, Wire.DecisionSubject?)
    repeat {
      guard let name = scanner.plain(longest: 16), scanner.skip(":") else { return nil }
      if scanner.matches(name, "type"), type == nil {
        guard let text = scanner.text(longest: 64) else { return nil }
        type = text
      } else if scanner.matches(name, "id"), id == nil {
        guard let text = scanner.text(longest: 256) else { return nil }
        id = text
      } else if scanner.matches(name, "parent"), parent == nil {
        guard let (type, id) = subject() else { return nil }
        parent = Wire.DecisionSubject(type: type, id: id)
      } else {
        return nil
      }
    } while scanner.skip(",")
    guard scanner.skip("}"), let type else { return nil }
    return Wire.DecisionResource(type: type, id: id, parent: parent)
  }

  private mutating func subject() -> (type: String, id: String)? {
    guard scanner.skip("{") else { return nil }
    var (type, id): (String?, String?)
    repeat {
      guard let name = scanner.plain(longest: 8), scanner.skip(":") else { return nil }
      if scanner.matches(name, "type"), type == nil {
        type = scanner.text(longest: 64)
        if type == nil { return nil }
      } else if scanner.matches(name, "id"), id == nil {
        id = scanner.text(longest: 256)
        if id == nil { return nil }
      } else {
        return nil
      }
    } while scanner.skip(",")
    guard scanner.skip("}"), let type, let id else { return nil }
    return (type, id)
  }
}

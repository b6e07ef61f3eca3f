public import Kernel

extension Wire.UsageEventDrafts {
  /// Reads events as programs write them, in one pass and without anything in between: they come by the thousand. Whatever is out of the ordinary is read as
  /// any other body is, and so refused in the same words.
  public static func read(_ bytes: [UInt8]) throws(Problem) -> Self {
    var reader = UsageReader(bytes)
    if let drafts = reader.drafts() { return drafts }
    return try WireCoding.decode(Self.self, from: bytes)
  }
}

extension Wire.UsageResults {
  /// Writes results as `WireCoding` does.
  public func written() -> [UInt8] {
    var writer = JSONWriter(room: 32 + results.count * 96)
    writer.raw("{\"results\":[")
    for (place, result) in results.enumerated() {
      if place > 0 { writer.byte(",") }
      writer.raw("{\"id\":")
      writer.string(result.id)
      writer.raw(",\"outcome\":\"")
      writer.raw(result.outcome.rawValue)
      writer.byte("\"")
      if let sequence = result.sequence {
        writer.raw(",\"sequence\":")
        writer.raw(String(sequence))
      }
      if let credits = result.credits {
        writer.raw(",\"credits\":\"")
        writer.raw(credits.description)
        writer.byte("\"")
      }
      if let problem = result.problem {
        writer.raw(",\"problem\":{\"code\":")
        writer.string(problem.code)
        writer.raw(",\"detail\":")
        writer.string(problem.detail)
        if let errors = problem.errors {
          writer.raw(",\"errors\":[")
          for (place, fault) in errors.enumerated() {
            writer.raw(place > 0 ? ",{\"pointer\":" : "{\"pointer\":")
            writer.string(fault.pointer)
            writer.raw(",\"detail\":")
            writer.string(fault.detail)
            writer.byte("}")
          }
          writer.byte("]")
        }
        writer.byte("}")
      }
      writer.byte("}")
    }
    writer.raw("]}")
    return writer.bytes
  }
}

private struct UsageReader {
  private var scanner: PlainScanner

  init(_ bytes: [UInt8]) { scanner = PlainScanner(bytes) }

  mutating func drafts() -> Wire.UsageEventDrafts? {
    var source: String?
    var events: [Wire.UsageEventDraft]?
    guard scanner.skip("{") else { return nil }
    repeat {
      guard let name = scanner.text(longest: 16), scanner.skip(":") else { return nil }
      switch name {
      case "source" where source == nil:
        guard let found = scanner.text(longest: 128) else { return nil }
        source = found
      case "events" where events == nil:
        guard let found = list() else { return nil }
        events = found
      default: return nil
      }
    } while scanner.skip(",")
    guard scanner.skip("}"), scanner.atEnd(), let source, let events else { return nil }
    return Wire.UsageEventDrafts(source: source, events: events)
  }

  private mutating func list() -> [Wire.UsageEventDraft]? {
    var events: [Wire.UsageEventDraft] = []
    guard scanner.skip("[") else { return nil }
    if scanner.skip("]") { return events }
    events.reserveCapacity(scanner.bytes.count / 160)
    repeat {
      guard let event = event() else { return nil }
      events.append(event)
    } while scanner.skip(",")
    return scanner.skip("]") ? events : nil
  }

  private mutating func event() -> Wire.UsageEventDraft? {
    guard scanner.skip("{") else { return nil }
    var seen: UInt16 = 0
    var draft = Wire.UsageEventDraft(id: "")
    repeat {
      guard let field = fieldName(), scanner.skip(":"), seen & 1 << field.rawValue == 0, let text = scanner.text(longest: field.longest) else { return nil }
      seen |= 1 << field.rawValue
      switch field {
      case .id: draft.id = .init(text)
      case .at: draft.at = .init(text)
      case .resource: draft.resource = .init(text)
      case .preset: draft.preset = .init(text)
      case .unit: draft.unit = .init(text)
      case .quantity: draft.quantity = .init(text)
      case .member: draft.member = .init(text)
      case .serviceAccount: draft.serviceAccount = .init(text)
      case .project: draft.project = .init(text)
      case .cluster: draft.cluster = .init(text)
      case .subBalance: draft.subBalance = .init(text)
      case .corrects: draft.corrects = .init(text)
      }
    } while scanner.skip(",")
    return scanner.skip("}") && seen & 1 << Field.id.rawValue != 0 ? draft : nil
  }

  private enum Field: UInt16 {
    case id, at, resource, preset, unit, quantity, member, serviceAccount, project, cluster, subBalance, corrects

    /// As the types allow.
    var longest: Int {
      switch self {
      case .id, .corrects, .cluster: 128
      case .at, .quantity: 40
      case .resource, .preset, .unit: 64
      case .member, .serviceAccount, .project, .subBalance: 256
      }
    }
  }

  private mutating func fieldName() -> Field? {
    guard let range = scanner.plain(longest: 16) else { return nil }
    let field: Field?
    // No two begin alike and are equally long but these.
    switch (range.count, scanner.bytes[range.lowerBound]) {
    case (2, UInt8(ascii: "i")): field = scanner.matches(range, "id") ? .id : nil
    case (2, UInt8(ascii: "a")): field = scanner.matches(range, "at") ? .at : nil
    case (4, UInt8(ascii: "u")): field = scanner.matches(range, "unit") ? .unit : nil
    case (6, UInt8(ascii: "p")): field = scanner.matches(range, "preset") ? .preset : nil
    case (6, UInt8(ascii: "m")): field = scanner.matches(range, "member") ? .member : nil
    case (7, UInt8(ascii: "p")): field = scanner.matches(range, "project") ? .project : nil
    case (7, UInt8(ascii: "c")): field = scanner.matches(range, "cluster") ? .cluster : nil
    case (8, UInt8(ascii: "r")): field = scanner.matches(range, "resource") ? .resource : nil
    case (8, UInt8(ascii: "q")): field = scanner.matches(range, "quantity") ? .quantity : nil
    case (8, UInt8(ascii: "c")): field = scanner.matches(range, "corrects") ? .corrects : nil
    case (11, UInt8(ascii: "s")): field = scanner.matches(range, "sub_balance") ? .subBalance : nil
    case (15, UInt8(ascii: "s")): field = scanner.matches(range, "service_account") ? .serviceAccount : nil
    default: field = nil
    }
    return field
  }
}

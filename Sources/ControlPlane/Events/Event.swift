public import Kernel
import Secrets

/// One thing that happened, allowed or refused: an entry of the log that the audit, the feed and notifications read.
public struct Event: Sendable, Hashable {
  public let stream: Stream
  /// 1, 2, 3 … without gaps within its stream.
  public let sequence: Int
  public let id: ID<Event>
  public let at: Timestamp
  /// `noun.verb`, the name of the action.
  public let action: String
  public let outcome: Outcome
  /// Why it was allowed, or the code of the refusal.
  public let reason: String
  public let actor: EventActor
  public let target: Target
  public let changes: [Change]
  public let origin: Origin
  /// The hash of the event before it in the stream; that of the first is empty.
  public let previous: String
  public let hash: String

  public enum Outcome: String, Sendable, Hashable, CaseIterable { case allowed, refused }
}

/// Which chain an event belongs to.
public enum Stream: Sendable, Hashable, CustomStringConvertible {
  case organization(ID<Organization>)
  case account(ID<Account>)
  case installation

  public var description: String {
    switch self {
    case .organization(let id): "organization:\(id)"
    case .account(let id): "account:\(id)"
    case .installation: "installation"
    }
  }

  init?(_ text: String) {
    if text == "installation" {
      self = .installation
    } else if text.hasPrefix("organization:"), let id = ID<Organization>(text.dropFirst(13)) {
      self = .organization(id)
    } else if text.hasPrefix("account:"), let id = ID<Account>(text.dropFirst(8)) {
      self = .account(id)
    } else {
      return nil
    }
  }
}

/// Who did it, with the name they had then.
public struct EventActor: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable {
    case account
    case serviceAccount = "service-account"
    case system
    case anonymous
  }

  public let kind: Kind
  /// The id of the account or service account, or the job's name.
  public let id: String
  public let name: String
  /// `session`, `token`, `key`, or nothing.
  public let via: String
}

/// What it was done to, with the name it had then.
public struct Target: Sendable, Hashable {
  public let kind: String
  public let id: String
  public let name: String

  public init(_ kind: String, _ id: String, named name: String) {
    self.kind = kind
    self.id = id
    self.name = name
  }
}

/// One field, before and after; `nil` where there was or is nothing.
public struct Change: Sendable, Hashable {
  public let field: String
  public let before: String?
  public let after: String?

  public init(_ field: String, from before: String? = nil, to after: String? = nil) {
    self.field = field
    self.before = before
    self.after = after
  }

  /// `nil` where nothing changes.
  public static func of(_ field: String, _ before: String?, _ after: String?) -> Change? { before == after ? nil : Change(field, from: before, to: after) }
}

extension Event {
  /// SHA-256 over the event's content and the hash before it, in base64url.
  ///
  /// The content is written as its fields in a fixed order, each as its length in bytes, a colon, and its UTF-8, so that no two contents give the same text.
  static func hash(
    stream: Stream, sequence: Int, id: ID<Event>, at: Timestamp, action: String, outcome: Outcome, reason: String, actor: EventActor, target: Target, changes: String,
    origin: Origin, previous: String
  ) -> String {
    let fields: [String] = [
      previous, stream.description, String(sequence), id.description, String(at.milliseconds), action, outcome.rawValue, reason, actor.kind.rawValue, actor.id,
      actor.name, actor.via, target.kind, target.id, target.name, changes, origin.address, origin.userAgent, origin.requestID,
    ]
    var content: [UInt8] = []
    content.reserveCapacity(1024)
    for field in fields {
      content.append(contentsOf: String(field.utf8.count).utf8)
      content.append(UInt8(ascii: ":"))
      content.append(contentsOf: field.utf8)
    }
    return SHA256Digest(of: content).text
  }

  /// Whether the stored hash is the hash of what is stored.
  public var isIntact: Bool {
    hash
      == Self.hash(
        stream: stream, sequence: sequence, id: id, at: at, action: action, outcome: outcome, reason: reason, actor: actor, target: target,
        changes: Change.written(changes), origin: origin, previous: previous)
  }
}

extension Change {
  /// How changes are stored: each field as its length, a colon and its text; `-` where there is nothing.
  static func written(_ changes: [Change]) -> String {
    changes.map { change in
      [change.field, change.before, change.after].map { text in text.map { "\($0.utf8.count):\($0)" } ?? "-" }.joined()
    }.joined()
  }

  /// `nil` for a text that `written` doesn't make.
  static func read(_ text: String) -> [Change]? {
    var fields: [String?] = []
    var rest = text.utf8[...]
    while let first = rest.first {
      if first == UInt8(ascii: "-") {
        fields.append(nil)
        rest = rest.dropFirst()
        continue
      }
      guard let colon = rest.firstIndex(of: UInt8(ascii: ":")), let length = Int(String(decoding: rest[..<colon], as: UTF8.self)) else { return nil }
      rest = rest[rest.index(after: colon)...]
      guard length >= 0, length <= rest.count else { return nil }
      fields.append(String(decoding: rest.prefix(length), as: UTF8.self))
      rest = rest.dropFirst(length)
    }
    guard fields.count.isMultiple(of: 3) else { return nil }
    var changes: [Change] = []
    for place in stride(from: 0, to: fields.count, by: 3) {
      guard let field = fields[place] else { return nil }
      changes.append(Change(field, from: fields[place + 1], to: fields[place + 2]))
    }
    return changes
  }
}

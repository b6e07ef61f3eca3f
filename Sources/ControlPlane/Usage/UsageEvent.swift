import Contract
public import Kernel
public import Ledger

/// What is told of something that was used, by who measured it.
public struct UsageDraft: Sendable, Hashable {
  /// Whose it is, what for and where, as the source names it; empty where it says nothing.
  public struct Subject: Sendable, Hashable {
    public var member = ""
    public var serviceAccount = ""
    public var project = ""
    public var cluster = ""
    public var subBalance = ""

    public init() {}
  }

  /// What was used, and how much of it.
  public struct Use: Sendable, Hashable {
    /// `nil` for when it is received.
    public internal(set) var at: Timestamp?
    public let meter: UsageMeter
    public let quantity: Quantity
    public let subject: Subject

    public init(at: Timestamp?, _ meter: UsageMeter, _ quantity: Quantity, of subject: Subject = Subject()) {
      (self.at, self.meter, self.quantity, self.subject) = (at, meter, quantity, subject)
    }
  }

  public enum Content: Sendable, Hashable {
    case use(Use)
    /// Takes back the event of the same source with this id.
    case correction(of: String)
  }

  public let id: String
  public let content: Content

  /// How many are taken at once.
  public static let limit = 10_000

  init(_ id: String, _ content: Content) { (self.id, self.content) = (id, content) }

  /// Something that was used, as it is written. Refuses with all faults at once.
  public init(
    _ id: String, at: Timestamp?, resource: String, preset: String = "", unit: String, quantity: String, of subject: Subject = Subject()
  ) throws(Problem) {
    var checker = FieldChecker()
    let parsedID = checker.check("id") { () throws(Rejection) in try UsageKey.check(id) }
    let parsedResource = checker.check("resource") { () throws(Rejection) in try UsageMeter.name(resource) }
    let parsedPreset = preset.isEmpty ? "" : checker.check("preset") { () throws(Rejection) in try UsageMeter.name(preset) }
    let parsedUnit = checker.check("unit") { () throws(Rejection) in try UsageMeter.name(unit) }
    let parsedQuantity = checker.check("quantity") { () throws(Rejection) in try Quantity(decimal: quantity) }
    try checker.finish()
    guard let parsedID, let parsedResource, let parsedPreset, let parsedUnit, let parsedQuantity else { throw Problem(.defect, "A checked field is missing.") }
    self.init(parsedID, .use(Use(at: at, UsageMeter(parsedResource, preset: parsedPreset, unit: parsedUnit), parsedQuantity, of: subject)))
  }

  /// What takes an event back.
  public init(_ id: String, correcting original: String) throws(Problem) {
    let id = try Problem.checking("id") { () throws(Rejection) in try UsageKey.check(id) }
    self.init(id, .correction(of: try Problem.checking("corrects") { () throws(Rejection) in try UsageKey.check(original) }))
  }

  /// Refuses more at once than are taken.
  static func expectFew(_ count: Int) throws(Problem) {
    guard count <= limit else { throw Problem(.tooManyUsageEvents, "Send at most \(grouped(limit)) events at once; these are \(grouped(count)).") }
  }
}

/// A thing that can be used: told apart by its name, its preset and what it is counted in.
public struct UsageMeter: Sendable, Hashable {
  public let resource: String
  /// Empty for none.
  public let preset: String
  public let unit: String

  public init(_ resource: String, preset: String = "", unit: String) { (self.resource, self.preset, self.unit) = (resource, preset, unit) }

  /// Refuses what can't be the name of a resource, a preset or a unit: letters, digits and `. _ : / -`, 64 at most, a letter or digit first.
  static func name(_ text: String) throws(Rejection) -> String {
    let bytes = text.utf8Span.span
    guard bytes.count > 0, bytes.count <= 64, bytes[0].isLetterOrDigit else { throw wrongName }
    for place in bytes.indices where !bytes[place].isLetterOrDigit && !bytes[place].isMark { throw wrongName }
    return text
  }

  private static let wrongName = Rejection("Use 1 to 64 letters, digits and . _ : / -, a letter or digit first.")
}

/// The name of a source, or of an event within it: up to 128 visible characters of ASCII, so that both databases and all programs order them alike.
enum UsageKey {
  static func check(_ text: String) throws(Rejection) -> String {
    let bytes = text.utf8Span.span
    guard bytes.count > 0, bytes.count <= 128 else { throw wrong }
    for place in bytes.indices where bytes[place] < 0x21 || bytes[place] > 0x7E { throw wrong }
    return text
  }

  private static let wrong = Rejection("Use 1 to 128 visible ASCII characters, without spaces.")
}

extension UInt8 {
  fileprivate var isLetterOrDigit: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: false
    }
  }

  fileprivate var isMark: Bool {
    switch self {
    case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "-"): true
    default: false
    }
  }
}

/// What events have in common: whose, what for, where, of what. Texts are ids of ours but for clusters; empty where nothing was said.
public struct UsageSeries: Sendable, Hashable {
  public enum HolderKind: String, Sendable, Hashable, CaseIterable {
    case nobody = ""
    case member
    case serviceAccount = "service-account"
  }

  public let holderKind: HolderKind
  /// The id of the account or service account.
  public let holder: String
  public let project: String
  public let cluster: String
  public let meter: UsageMeter
  public let subBalance: String

  /// All of it in one text, which nothing else has: none of its parts holds a control character.
  var key: String {
    [holderKind.rawValue, holder, project, cluster, meter.resource, meter.preset, meter.unit, subBalance].joined(separator: "\u{1F}")
  }
}

/// An event as it was recorded.
public struct UsageEvent: Sendable, Hashable {
  public let sequence: Int64
  public let id: String
  public let at: Timestamp
  /// The number of its series.
  public let series: Int64
  /// Below zero where it takes another one back.
  public let quantity: Quantity
  /// The number of the price by which it was charged, and the account that was; `nil` where nothing had a price.
  public let price: Int64?
  public let account: AccountNumber?
  public let charge: Credits
  /// The number of the event that it takes back.
  public let corrects: Int64?
}

/// An event with what it is of.
public struct ListedUsageEvent: Sendable {
  public let event: UsageEvent
  public let source: String
  public let series: UsageSeries
  /// The ids of the event that it takes back, and of the one that took it back.
  public let corrects: String?
  public let correctedBy: String?
}

/// What came of one event.
public struct RecordedUsage: Sendable, Hashable {
  public let sequence: Int64
  /// `nil` where nothing has a price.
  public let charge: Credits?
  /// Whether the same was recorded before.
  public let isKnown: Bool
}

/// Which events are asked for.
public struct UsageEventFilter: Sendable, Hashable {
  public var source: String?
  public var id: String?
  public var since: Timestamp?
  /// The first instant that isn't in it.
  public var until: Timestamp?

  public init(source: String? = nil, id: String? = nil, since: Timestamp? = nil, until: Timestamp? = nil) {
    (self.source, self.id, self.since, self.until) = (source, id, since, until)
  }
}

extension UsageDraft {
  /// How far ahead of our clock an event may lie.
  static let skew = Duration.minutes(5)

  /// Refuses what isn't used yet, and what is too late: the month in which it was used ended `grace` ago, and is closed.
  static func expectOpen(_ at: Timestamp, now: Timestamp, grace: Duration) throws(Problem) {
    guard at <= now + skew else { throw Problem(.futureUsage, "This lies in the future: record what was used when it was used.") }
    guard at.end(of: .month) + grace > now else {
      throw Problem(.closedUsage, "The month of this event was closed \(grace.wholeDays) days after its end. What is still owed is settled by a charge.")
    }
  }
}

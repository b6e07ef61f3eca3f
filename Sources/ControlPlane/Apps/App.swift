public import Authorization
import Contract
public import Kernel
public import Secrets

/// Something that an organization's people make of models, data and workflows, with access of its own.
public struct App: Sendable, Hashable {
  public internal(set) var resource: Resource
  /// For whoever opens it.
  public internal(set) var notes: AppNotes
  /// Whether others are meant to begin with a copy of it.
  public internal(set) var isTemplate: Bool
  public internal(set) var image: SHA256Digest?
  /// What its owner is called; `nil` where the organization owns it.
  public let ownerName: DisplayName?
  /// How many people have starred it.
  public let stars: Int
  public let changedAt: Timestamp

  /// How many an organization may have.
  static let limit = 20_000

  public var id: ID<App> { resource.id.cast() }

  /// Who an app may be open to: what is at the top inherits from nothing.
  static func visibility(_ name: String) throws(Problem) -> Visibility {
    guard let visibility = Visibility(rawValue: name), visibility != .inherited else {
      throw .invalid("visibility", "Choose private, organization or public.")
    }
    return visibility
  }
}

/// A long text of an app: at most 64 kB, without control characters but line breaks and tabs.
public struct AppNotes: Hashable, Sendable {
  public let text: String

  static let limit = 65_536

  public init(_ raw: some StringProtocol) throws(Rejection) {
    let text = String(raw)
    guard text.utf8.count <= Self.limit else { throw Rejection("Use at most 64 kB.") }
    guard text.unicodeScalars.allSatisfy({ $0 == "\n" || $0 == "\r" || $0 == "\t" || $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }) else {
      throw Rejection("Leave out control characters.")
    }
    self.text = text
  }

  public static let empty = AppNotes(verified: "")
  private init(verified: String) { text = verified }

  public var isEmpty: Bool { text.isEmpty }
}

/// What is to be changed of an app, or said of a new one; `nil` leaves as is.
public struct AppUpdate: Sendable {
  public var resource: ResourceUpdate
  public var notes: String?
  public var visibility: String?
  public var isTemplate: Bool?

  public init(_ resource: ResourceUpdate = ResourceUpdate(), notes: String? = nil, visibility: String? = nil, isTemplate: Bool? = nil) {
    (self.resource, self.notes, self.visibility, self.isTemplate) = (resource, notes, visibility, isTemplate)
  }

  /// The app after the update.
  func applied(to app: App) throws(Problem) -> App {
    var result = app
    result.resource = try resource.applied(to: app.resource)
    if let notes { result.notes = try Problem.checking("notes") { () throws(Rejection) in try AppNotes(notes) } }
    if let visibility { result.resource.visibility = try App.visibility(visibility) }
    if let isTemplate { result.isTemplate = isTemplate }
    return result
  }

  /// What differs, for the log. Of notes it tells how long they are.
  func changes(from before: App, to after: App) -> [Change] {
    let notes = before.notes == after.notes ? nil : Change("notes", from: "\(before.notes.text.utf8.count) bytes", to: "\(after.notes.text.utf8.count) bytes")
    return resource.changes(from: before.resource, to: after.resource)
      + [
        notes, .of("visibility", before.resource.visibility.rawValue, after.resource.visibility.rawValue),
        .of("template", before.isTemplate ? "yes" : "no", after.isTemplate ? "yes" : "no"),
      ].compactMap { $0 }
  }
}

/// What a list of apps shows.
public struct AppFilter: Sendable {
  public var search: String?
  /// Only what the caller has starred.
  public var isStarred: Bool
  /// Only templates.
  public var isTemplate: Bool
  public var visibility: Visibility?

  public init(search: String? = nil, isStarred: Bool = false, isTemplate: Bool = false, visibility: Visibility? = nil) {
    (self.search, self.isStarred, self.isTemplate, self.visibility) = (search, isStarred, isTemplate, visibility)
  }

  var isEmpty: Bool { search == nil && !isStarred && !isTemplate && visibility == nil }
}

/// What a copy of an app is to be called, and where it is to be.
public struct AppCopy: Sendable {
  public let draft: ResourceDraft
  /// By id or slug; `nil` for the app's own.
  public let organization: String?

  public init(_ draft: ResourceDraft, organization: String? = nil) { (self.draft, self.organization) = (draft, organization) }
}

/// An app that everybody sees, with the organization that it is of.
public struct PublicApp: Sendable {
  public let organization: Organization
  public let app: App
  /// By the one who looks.
  public let isStarred: Bool
}

public import Authorization
public import Contract
public import Kernel
public import Markup

/// A page of the console, or a form that one of its pages sends.
public struct PageRoute: Sendable {
  /// GET for pages, POST for forms.
  public let method: Method
  /// With parameters in braces: `/{organization}/members`.
  public let path: String
  /// Whether the address may carry a secret (`token`), which the edge takes out of it before the page is shown.
  public let takesSecret: Bool
  /// Whether it shows nothing itself, but leads on to the page with the form that is sent to this address.
  public var isPassage = false
  public let answer: @Sendable (Visit) async throws(Problem) -> PageAnswer

  /// A page.
  public static func page(_ path: String, _ answer: @escaping @Sendable (Visit) async throws(Problem) -> PageAnswer) -> PageRoute {
    PageRoute(method: .get, path: path, takesSecret: false, answer: answer)
  }

  /// A page that a link with a secret leads to. The secret stands in `Visit.secret`, and no longer in the address, the history or a referrer.
  public static func opened(_ path: String, _ answer: @escaping @Sendable (Visit) async throws(Problem) -> PageAnswer) -> PageRoute {
    PageRoute(method: .get, path: path, takesSecret: true, answer: answer)
  }

  /// An address that forms alone are sent to, for who comes by it without one: on to the page that the form stands on.
  static func passage(_ path: String, to page: @escaping @Sendable (Visit) -> String) -> PageRoute {
    var route = PageRoute.page(path) { visit in .redirect(to: page(visit)) }
    route.isPassage = true
    return route
  }

  /// What a form is sent to. The edge has checked where it came from before this runs.
  public static func form(_ path: String, _ answer: @escaping @Sendable (Visit) async throws(Problem) -> PageAnswer) -> PageRoute {
    PageRoute(method: .post, path: path, takesSecret: false, answer: answer)
  }
}

/// A request for a page.
public struct Visit: Sendable {
  public let caller: Caller
  /// The path as it was asked for, with its query: where to come back to.
  public let location: String
  /// What every form of the answer carries, so that no other site can send it.
  public let token: FormToken
  /// Another one for each page, for forms that shall act once however often they are sent.
  public let formKey: String
  /// The secret of the link that was opened last, with the page it belongs to.
  private let opened: (path: String, secret: String)?
  private let parameters: [String: String]
  private let query: [(String, String)]
  private let form: [(String, String)]
  private let files: [UploadedFile]

  public init(
    caller: Caller, location: String, token: FormToken, opened: (path: String, secret: String)? = nil, parameters: [String: String], query: [(String, String)],
    form: [(String, String)], files: [UploadedFile] = [], formKey: String = ""
  ) {
    self.opened = opened
    self.caller = caller
    self.location = location
    self.token = token
    self.formKey = formKey
    self.parameters = parameters
    self.query = query
    self.form = form
    self.files = files
  }

  /// A parameter of the path; the empty text where the route has none of that name.
  public func parameter(_ name: String) -> String { parameters[name] ?? "" }

  /// The secret with which the page at `path` was opened; the empty text where it wasn't.
  public func secret(of path: String) -> String { opened?.path == path ? opened?.secret ?? "" : "" }

  /// What the query says; `nil` where it says nothing, or nothing but space.
  public func query(_ name: String) -> String? {
    query.first { $0.0 == name }.flatMap { $0.1.allSatisfy(\.isWhitespace) ? nil : $0.1 }
  }

  /// The field of a form as it was typed; the empty text where it is missing.
  public func field(_ name: String) -> String { form.first { $0.0 == name }?.1 ?? "" }

  /// Everything that was typed, for a form that comes back.
  public var typed: [(String, String)] { form }

  /// All values of a field that may come several times.
  public func fields(_ name: String) -> [String] { form.filter { $0.0 == name }.map(\.1) }

  /// The file that was chosen in a form's field; `nil` where none was.
  public func file(_ field: String) -> UploadedFile? { files.first { $0.field == field && !$0.bytes.isEmpty } }

  /// Where a small form that stands on many pages comes back to: the page it was sent from, as it says itself.
  func back(or path: String) -> String { Link(local: field("back"))?.text ?? path }

  /// Which page of a list; a cursor that can't be read counts as none.
  public var page: PageRequest {
    guard let text = query("cursor"), let cursor = try? Cursor(text), let page = try? PageRequest(limit: 50, cursor: cursor) else { return .first }
    return page
  }
}

/// A file that came with a form. What the browser says of it is a claim.
public struct UploadedFile: Sendable {
  public let field: String
  public let name: String
  public let bytes: [UInt8]

  public init(field: String, name: String, bytes: [UInt8]) { (self.field, self.name, self.bytes) = (field, name, bytes) }
}

extension Problem {
  /// The same for a form that calls some of the fields otherwise.
  func calling(_ names: [String: String]) -> Problem {
    Problem(code, detail, faults: faults.map { FieldFault(names[$0.field] ?? $0.field, $0.detail) })
  }

  /// Whether a person can mend it where it arose: then the form comes back with what was typed.
  var isMendable: Bool {
    switch kind {
    case .invalid, .conflict, .forbidden, .gone, .limited, .stale, .tooLarge, .payment: true
    case .malformed, .unauthenticated, .missing, .unsupportedMethod, .moved, .unsupportedMedia, .headersTooLarge, .slow, .defect, .unavailable: false
    }
  }
}

/// What a page's handler answers.
public enum PageAnswer: Sendable {
  /// A whole page within the console's frame.
  case page(ConsolePage)
  /// On to another page of ours; `flash` is shown there once.
  case redirect(to: String, flash: Flash?)
  /// On to another page with a new session in the cookie, or, with `nil`, without one.
  case signedIn(secret: String?, to: String, flash: Flash?)
  /// A file to keep.
  case download(name: String, mediaType: String, bytes: [UInt8])
  /// A picture, which never changes under its address.
  case image(Image)

  public static func redirect(to path: String) -> PageAnswer { .redirect(to: path, flash: nil) }
}

/// A sentence shown once, on the next page.
public struct Flash: Sendable, Hashable {
  public enum Tone: String, Sendable { case good, attention, danger }

  public let tone: Tone
  public let text: String
  /// What takes back what was just done, where something does.
  public let undo: Undo?

  public init(_ tone: Tone, _ text: String, undo: Undo? = nil) {
    self.tone = tone
    self.text = text
    self.undo = undo
  }

  /// A form that does the reverse of what was just done, by one press.
  public struct Undo: Sendable, Hashable {
    public let action: Link
    public let fields: [Field]

    public struct Field: Sendable, Hashable {
      public let name: String
      public let value: String
    }

    public init(_ action: Link, _ fields: [(name: String, value: String)]) {
      self.action = action
      self.fields = fields.map { Field(name: $0.name, value: $0.value) }
    }
  }
}

/// The pages of one organization, as one person sees them.
public struct OrganizationFrame: Sendable {
  public let organization: Organization
  /// What the person may do there: what they may not isn't offered.
  public let permissions: Set<Permission>
  /// Which entry of the navigation is the present one.
  public let section: String

  public init(_ organization: Organization, _ permissions: Set<Permission>, section: String) {
    self.organization = organization
    self.permissions = permissions
    self.section = section
  }

  /// Where a section of an organization's pages begins; its first page where there is no such section.
  public static func start(of section: String, in organization: Organization) -> Link {
    let sections = ["workspaces", "clusters", "apps", "members", "teams", "access", "policies", "credits", "usage", "roles", "audit", "settings"]
    return sections.contains(section) ? "/\(organization.slug.text)/\(section)" : "/\(organization.slug.text)"
  }
}

extension ShellModel.Place {
  /// An organization in the switcher, which keeps to the kind of page one is on.
  public init(_ organization: Organization, section: String) {
    self.init(
      id: organization.id.description, name: organization.name.text, detail: counted(organization.memberCount, "member"),
      href: OrganizationFrame.start(of: section, in: organization), logo: organization.logo.map(Image.link))
  }
}

/// A page without its frame: the edge adds head, navigation and the switcher.
public struct ConsolePage: Sendable {
  public enum Frame: Sendable {
    /// A narrow card in the middle: sign-in, invitations, errors.
    case plain
    /// The personal area.
    case personal(section: String)
    /// The pages of an organization.
    case organization(OrganizationFrame)
  }

  public let title: String
  public let frame: Frame
  public let status: Int
  /// It tells a secret that is stored nowhere else: no reload brings it back.
  public let isShownOnce: Bool
  public let content: HTML

  public init(_ title: String, in frame: Frame, status: Int = 200, isShownOnce: Bool = false, @HTMLBuilder content: () -> HTML) {
    self.title = title
    self.frame = frame
    self.status = status
    self.isShownOnce = isShownOnce
    self.content = content()
  }
}

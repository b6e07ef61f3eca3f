import Client
import Contract
import Kernel

/// One run of a client command: where it works, whom it asks, and how it speaks.
struct Invocation: Sendable {
  let surroundings: Surroundings
  let store: ConfigurationStore
  let settings: Settings
  let printer: Printer
  let progress: Progress

  init(_ options: GeneralOptions, _ surroundings: Surroundings, makesContext: Bool) throws(Problem) {
    self.surroundings = surroundings
    store = try ConfigurationStore(surroundings)
    let file = try store.read()
    let context = options.context.flatMap { makesContext && file.contexts[$0] == nil ? nil : $0 }
    settings = try Settings(
      Settings.Said(
        contextFlag: context, hostFlag: options.host, plainHTTPFlag: options.plainHttp, file: file,
        project: ProjectFile.nearest(to: surroundings.workingDirectory), variable: surroundings.variable))
    printer = Printer(options, surroundings)
    progress = Progress(surroundings.terminal, isQuiet: options.quiet)
  }

  var terminal: any Terminal { surroundings.terminal }

  /// A client for the server that is spoken to, with the token there is; refuses when nobody is signed in.
  func client() throws(Problem) -> GuildhallClient {
    guard let server = settings.server?.value else {
      throw Problem(.noServer, "You aren't signed in anywhere yet. Begin with: guildhall login https://guildhall.example.org")
    }
    guard let token = settings.token?.value else {
      let source = if case .project(let path)? = settings.server?.source { ", which \(path) names" } else { "" }
      throw Problem(.notSignedIn, "You aren't signed in to \(server.name)\(source). Sign in with: guildhall login \(server)")
    }
    return client(of: server, token: token)
  }

  func client(of server: ServerAddress, token: String?, allowsPlainHTTP: Bool = false) -> GuildhallClient {
    GuildhallClient(
      base: server, token: token, transport: WatchedTransport(base: surroundings.transport, progress: progress), allowsPlainHTTP: allowsPlainHTTP || settings.allowsPlainHTTP,
      agent: "guildhall-cli", rest: surroundings.rest)
  }

  /// The organization to work in: the one that is named, the chosen one, or the only one there is.
  func organization(_ option: OrganizationOption) async throws(Problem) -> String { try await organization(option.org) }

  func organization(_ named: String?) async throws(Problem) -> String {
    if let name = named ?? settings.organization?.value {
      guard !name.isEmpty, name.utf8.count <= 200 else { throw Problem.invalid("org", "Give the slug or the id of an organization; guildhall org list shows yours.") }
      return name
    }
    let mine = try await client().call(API.Organizations.list, query: Wire.OrganizationQuery(limit: 20))
    switch mine.items.count {
    case 0:
      throw Problem(.noOrganization, "You belong to no organization yet. Found one with: guildhall org create NAME, or look for invitations: guildhall invitation inbox")
    case 1: return mine.items[0].slug
    default:
      let names = mine.items.map(\.slug).joined(separator: ", ")
      throw Problem(.noOrganization, "Say in which organization, with --org, or choose one: guildhall config switch-org NAME. Yours are \(names)\(mine.nextCursor == nil ? "" : " and more").")
    }
  }

  /// Prints a list page by page, as much of it as was asked for, and says how much there is.
  func list<Path: Part, Query: PagedQuery & Part, Row: Listable & Part>(
    _ endpoint: Endpoint<Path, Query, Nothing, Wire.List<Row>>, path: Path, query: Query, _ options: ListOptions, whenEmpty sentence: String
  ) async throws(Problem) {
    var query = query
    var room = options.all ? Int.max : options.limit
    query.limit = min(room, PageRequest.limits.upperBound)
    var listing = Listing<Row>(printer)
    var total = 0
    var orMore = ""
    for try await page in try client().pages(endpoint, path: path, query: query) {
      try listing.add(Array(page.items.prefix(room)))
      room -= page.items.count
      total = page.total
      orMore = page.totalIsCapped == true ? " or more" : ""
      guard room > 0 else { break }
      progress.note("\(listing.count.grouped) of \(total.of(Row.noun.one, Row.noun.many))\(orMore)")
    }
    try listing.finish()
    if total == 0, listing.count == 0 { printer.say(sentence) }
    if listing.count < total || !orMore.isEmpty && room <= 0, case .screen = printer.form {
      printer.say(printer.style.quiet("\(listing.count.grouped) of \(total.of(Row.noun.one, Row.noun.many))\(orMore). --all shows all of them."))
    }
  }
}

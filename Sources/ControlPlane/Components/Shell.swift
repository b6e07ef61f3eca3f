public import Markup

/// The frame around a page of somebody who is signed in: bar, navigation, page, foot.
public func shell(_ model: ShellModel, @HTMLBuilder content: () -> HTML) -> HTML {
  document(lang: "en", theme(model.theme)) {
    documentHead(title: model.title, place: model.active?.name, model.assets)
    body {
      a(href: "#page", .class("skip")) { "Skip to the page" }
      bar(model)
      if !model.banners.isEmpty { section(.class("banners"), .aria("label", "Notices")) { for notice in model.banners { bannerLine(notice) } } }
      toasts(model.flashes, model.token)
      div(.class(model.navigation.isEmpty ? "hall alone" : "hall")) {
        if !model.navigation.isEmpty { navigation(model) }
        main(.class(model.isWide ? "page wide" : "page"), .id("page"), .tabindex(-1), content: content)
        foot(model)
      }
      keysDialog(canInvite: model.canInvite)
    }
  }
}

/// Everything that the frame says; the edge fills it.
public struct ShellModel: Sendable {
  public var title: String
  public var person: Person
  /// The organization whose pages these are; `nil` in the personal area.
  public var active: Place?
  public var places: [Place]
  /// Where the switcher looks for organizations beyond `places`, by `q`; `nil` where there are none.
  public var morePlaces: MorePlaces?
  public var invitations: [PendingInvitation]
  public var navigation: [NavigationGroup]
  public var banners: [Notice]
  public var flashes: [Flash]
  public var theme: Theme
  public var token: FormToken
  public var assets: PageAssets
  /// The page of the search, which the bar opens; none, no search.
  public var search: Link?
  /// Lists use the whole width.
  public var isWide: Bool
  public var canInvite: Bool
  /// What stands in the foot: the version, the installation's name.
  public var imprint: String
  /// Where a demonstration shows the mails that it doesn't send.
  public var outgoingMail: Link?

  public init(
    title: String, person: Person, active: Place? = nil, places: [Place] = [], morePlaces: MorePlaces? = nil, invitations: [PendingInvitation] = [],
    navigation: [NavigationGroup] = [], banners: [Notice] = [], flashes: [Flash] = [],
    theme: Theme = .system, token: FormToken, assets: PageAssets, search: Link? = nil, isWide: Bool = false, canInvite: Bool = false, imprint: String = "",
    outgoingMail: Link? = nil
  ) {
    self.title = title
    self.person = person
    self.active = active
    self.places = places
    self.morePlaces = morePlaces
    self.invitations = invitations
    self.navigation = navigation
    self.banners = banners
    self.flashes = flashes
    self.theme = theme
    self.token = token
    self.assets = assets
    self.search = search
    self.isWide = isWide
    self.canInvite = canInvite
    self.imprint = imprint
    self.outgoingMail = outgoingMail
  }

  /// Who is signed in.
  public struct Person: Sendable {
    public var id: String
    public var name: String
    public var handle: String
    /// `nil` for their initials.
    public var portrait: Link?

    public init(id: String, name: String, handle: String, portrait: Link? = nil) { (self.id, self.name, self.handle, self.portrait) = (id, name, handle, portrait) }
  }

  /// An organization in the switcher. `href` keeps to the kind of page one is on.
  public struct Place: Sendable {
    public var id: String
    public var name: String
    public var detail: String
    public var href: Link
    /// `nil` for the seal.
    public var logo: Link?

    public init(id: String, name: String, detail: String, href: Link, logo: Link? = nil) {
      (self.id, self.name, self.detail, self.href, self.logo) = (id, name, detail, href, logo)
    }
  }

  /// The organizations that the switcher doesn't show at once.
  public struct MorePlaces: Sendable {
    /// How many one belongs to, all in all.
    public var total: Int
    /// Answers those that fit a query `q`, in a list with the id `places`.
    public var search: Link

    public init(total: Int, search: Link) { (self.total, self.search) = (total, search) }
  }

  /// An invitation that waits for an answer.
  public struct PendingInvitation: Sendable {
    public var organization: (id: String, name: String)
    public var detail: String
    /// Where the answer is sent to.
    public var href: Link

    public init(organization: (id: String, name: String), detail: String, href: Link) { (self.organization, self.detail, self.href) = (organization, detail, href) }
  }

  /// Pages that belong together; the first group needs no title.
  public struct NavigationGroup: Sendable {
    public var title: String?
    public var items: [NavigationItem]

    public init(_ title: String? = nil, _ items: [NavigationItem]) { (self.title, self.items) = (title, items) }
  }

  /// A page in the navigation.
  public struct NavigationItem: Sendable {
    public var title: String
    public var href: Link
    public var isCurrent: Bool
    /// How many wait there for somebody to act.
    public var count: Int?

    public init(_ title: String, href: Link, isCurrent: Bool = false, count: Int? = nil) { (self.title, self.href, self.isCurrent, self.count) = (title, href, isCurrent, count) }
  }

  /// What holds for the whole page for now.
  public struct Notice: Sendable {
    public enum Urgency: String, Sendable { case accent, attention, danger }
    public var urgency: Urgency
    public var title: String
    public var text: String
    public var action: (title: String, href: Link)?

    public init(_ urgency: Urgency, _ title: String, _ text: String = "", action: (title: String, href: Link)? = nil) { (self.urgency, self.title, self.text, self.action) = (urgency, title, text, action) }
  }
}

/// Light or dark, by the system or by choice.
public enum Theme: String, Sendable, CaseIterable { case system, light, dark }

/// Where the style sheet, the scripts and the fonts are to be had, with their content in their names.
public struct PageAssets: Sendable {
  public var stylesheets: [Link]
  public var script: Link
  public var icon: Link
  /// To be fetched at once; empty where none were made.
  public var fonts: [Link]

  public init(stylesheets: [Link], script: Link, icon: Link, fonts: [Link] = []) { (self.stylesheets, self.script, self.icon, self.fonts) = (stylesheets, script, icon, fonts) }
}

func theme(_ theme: Theme) -> Attribute { .data("theme", theme.rawValue).when(theme != .system) }

func documentHead(title text: String, place: String?, _ assets: PageAssets) -> HTML {
  head {
    charset()
    meta(name: "viewport", content: "width=device-width, initial-scale=1")
    meta(name: "color-scheme", content: "light dark")
    title([text, place, "Guildhall"].compactMap { $0 }.joined(separator: " · "))
    for font in assets.fonts { preload(font: font) }
    for sheet in assets.stylesheets { stylesheet(sheet) }
    icon(assets.icon, type: "image/svg+xml")
    script(module: assets.script)
  }
}

private func bar(_ model: ShellModel) -> HTML {
  header(.class("bar")) {
    if !model.navigation.isEmpty {
      button(.button, .class("icon-button bar-narrow"), .popovertarget("navigation"), .aria("label", "Open the navigation")) { Icon.menu.html }
    }
    a(href: "/", .class("home"), .aria("label", "Guildhall, home")) { mark(pixels: 22) }
    switcher(model)
    span(.class("space"))
    if let search = model.search {
      a(href: search, .class("bar-search"), .data("dialog-page", "Search"), .data("key", "/"), .data("command", "k"), .aria("keyshortcuts", "Control+K /")) {
        Icon.search.html
        span { "Search" }
        kbd(.class("needs-script"), .aria("hidden", true)) { "Ctrl K" }
      }
    }
    personMenu(model)
  }
}

private func switcher(_ model: ShellModel) -> HTML {
  details(.class("switcher"), .data("menu")) {
    summary(.data("key", "o"), .aria("keyshortcuts", "o")) {
      if let active = model.active {
        figure(of: active)
        span(.class("name")) { bdi { active.name } }
      } else {
        figure(of: model.person)
        span(.class("name")) { bdi { model.person.name } }
      }
      if !model.invitations.isEmpty {
        span(.class("dot"))
        span(.class("visually-hidden")) { ", \(counted(model.invitations.count, "invitation")) waiting" }
      }
      Icon.chevronUpDown.html
    }
    div(.class("panel")) {
      if model.places.count > 7 {
        div(.class("find needs-script")) {
          input(
            .search, name: nil, .class("control"), .placeholder("Find an organization"), .aria("label", "Find an organization"), .autocomplete("off"),
            .data("finds", "places"), model.morePlaces.map { .data("asks", $0.search.text) } ?? .none)
        }
      }
      ul { li { placeLink("/me", name: model.person.name, detail: "Personal", figure: figure(of: model.person, .medium), isCurrent: model.active == nil) } }
      if !model.places.isEmpty {
        div {
          p(.class("group")) { "Organizations" }
          placeList(model.places, current: model.active?.id)
          p(.class("nothing"), .data("nothing", "places"), .hidden) { "No organization of yours fits." }
          if let more = model.morePlaces { p(.class("all")) { a(href: "/me/organizations") { "All \(counted(more.total, "organization"))" } } }
        }
      }
      if !model.invitations.isEmpty {
        div {
          p(.class("group")) { "Invitations" }
          ul { for invitation in model.invitations { li { invited(invitation, model.token) } } }
        }
      }
      ul(.class("make")) {
        li {
          a(href: "/organizations/new") {
            Icon.plus.html
            span(.class("name")) { "Create an organization" }
          }
        }
      }
    }
  }
}

/// The organizations of the switcher.
func placeList(_ places: [ShellModel.Place], current: String? = nil) -> HTML {
  ul(.class("places"), .id("places")) {
    for place in places {
      li { placeLink(place.href, name: place.name, detail: place.detail, figure: figure(of: place, .medium), isCurrent: place.id == current) }
    }
  }
}

private func placeLink(_ href: Link, name: String, detail: String, figure: HTML, isCurrent: Bool) -> HTML {
  a(href: href, .aria("current", "true").when(isCurrent)) {
    figure
    span(.class("name")) {
      bdi { name }
      small { detail }
    }
    if isCurrent { Icon.check.html }
  }
}

private func invited(_ invitation: ShellModel.PendingInvitation, _ token: FormToken) -> HTML {
  div(.class("invited")) {
    seal(of: invitation.organization.id, .medium)
    span(.class("name")) {
      bdi { invitation.organization.name }
      small { invitation.detail }
    }
    actionForm(invitation.href, token: token) { submitButton("Join", .plain, small: true, .aria("label", "Join \(invitation.organization.name)")) }
  }
}

private func personMenu(_ model: ShellModel) -> HTML {
  details(.class("menu"), .data("menu")) {
    summary(.class("icon-button"), .aria("label", "Your menu, \(model.person.name)")) { figure(of: model.person, .medium) }
    div(.class("panel")) {
      div(.class("who-head")) {
        bdi { model.person.name }
        small { model.person.handle }
      }
      a(href: "/me", .class("item")) { "Profile" }
      a(href: "/me/organizations", .class("item")) { "Your organizations" }
      a(href: "/me/security", .class("item")) { "Security and sessions" }
      a(href: "/me/tokens", .class("item")) { "Access tokens" }
      hr()
      form(.post, action: "/theme", .class("themes"), .data("themes"), .aria("label", "Theme")) {
        tokenField(model.token)
        span { "Theme" }
        for theme in Theme.allCases {
          button(.submit, .name("theme"), .value(theme.rawValue), .aria("pressed", theme == model.theme)) { theme == .system ? "System" : theme == .light ? "Light" : "Dark" }
        }
      }
      hr()
      a(href: "#keys", .class("item needs-script"), .data("dialog", "keys"), .data("key", "?")) {
        "Keyboard"
        kbd { "?" }
      }
      a(href: "/docs", .class("item")) { "API" }
      actionForm("/sign-out", token: model.token) { button(.submit, .class("item")) { "Sign out" } }
    }
  }
}

private func navigation(_ model: ShellModel) -> HTML {
  nav(.class("navigation"), .id("navigation"), .popover, .aria("label", model.active == nil ? "Personal area" : "Organization")) {
    div(.class("navigation-close")) {
      button(.button, .class("icon-button"), .popovertarget("navigation"), .aria("label", "Close the navigation")) { Icon.cross.html }
    }
    for group in model.navigation {
      if let title = group.title { p(.class("group")) { title } }
      ul {
        for item in group.items {
          li {
            a(href: item.href, .aria("current", "page").when(item.isCurrent)) {
              item.title
              if let count = item.count, count > 0 { span(.class("count")) { grouped(count) } }
            }
          }
        }
      }
    }
  }
}

private func foot(_ model: ShellModel) -> HTML {
  footer(.class("foot")) {
    span { model.imprint.isEmpty ? "Guildhall" : model.imprint }
    span(.class("space"))
    if let mail = model.outgoingMail { a(href: mail) { "Outgoing mail" } }
    a(href: "/docs") { "API" }
  }
}

func bannerLine(_ notice: ShellModel.Notice) -> HTML {
  banner(notice.urgency == .accent ? .accent : notice.urgency == .attention ? .attention : .danger, HTML(notice.title), HTML(notice.text)) {
    if let action = notice.action { linkButton(action.title, href: action.href, small: true) }
  }
}

/// What was just done, with its undoing where there is one and a `token` to do it with.
func toasts(_ flashes: [Flash], _ token: FormToken? = nil) -> HTML {
  div(.class("toasts"), .id("toasts")) {
    for flash in flashes {
      toast(flash.tone == .good ? .good : flash.tone == .attention ? .attention : .danger, HTML(flash.text)) {
        if let token, let undo = flash.undo {
          form(.post, action: undo.action) {
            tokenField(token)
            for field in undo.fields { input(.hidden, name: field.name, .value(field.value)) }
            button(.submit, .class("link")) { "Undo" }
          }
        }
      }
    }
  }
}

private func keysDialog(canInvite: Bool) -> HTML {
  var keys: [(String, String)] = [
    ("/", "Search this list, or everything"), ("Ctrl K", "Search people, organizations and pages"),
    ("o", "Switch to another organization"), ("?", "This list"), ("Esc", "Close what is open"),
  ]
  if canInvite { keys.insert(("i", "Invite people"), at: 2) }
  return modal("keys", title: "Keyboard") {
    dl(.class("keys")) {
      for (key, meaning) in keys {
        div {
          dt { meaning }
          dd { kbd { key } }
        }
      }
    }
  }
}

private func figure(of place: ShellModel.Place, _ size: SealSize = .small) -> HTML { place.logo.map { picture($0, size, .logo) } ?? seal(of: place.id, size) }

private func figure(of person: ShellModel.Person, _ size: SealSize = .small) -> HTML {
  person.portrait.map { picture($0, size, .portrait) } ?? monogram(of: person.id, name: person.name, size)
}

internal import Kernel
internal import Markup

extension ComponentExample {
  /// Every component in every state, in the order of the page `/design`. Ids are unique across all of them.
  public static let all: [ComponentExample] = buttons + fields + choices + tables + tabs + overlays + notices + badges + seals + waiting + figures + charts + code + headers + lists + times + danger

  private static let token = FormToken("example")
  private static let now = Timestamp("2026-05-20T12:00:00Z") ?? Timestamp(milliseconds: 0)

  private static let buttons = [
    ComponentExample("Button", "kinds") {
      buttonRow {
        submitButton("Invite people")
        submitButton("Save changes", .plain)
        submitButton("Cancel", .quiet)
        submitButton("Remove", .danger)
        submitButton("Delete Acme for good", .final)
      }
    },
    ComponentExample("Button", "as a link, with a figure, small") {
      buttonRow {
        linkButton("New token", href: "#page", .primary, icon: .plus)
        linkButton("Download CSV", href: "#page", icon: .download)
        linkButton("Undo", href: "#page", icon: .undo, small: true)
        iconButton(.more, label: "More")
        iconButton(.cross, label: "Close")
      }
    },
    ComponentExample("Button", "disabled and busy") {
      buttonRow {
        submitButton("Invite people", .primary, .disabled)
        submitButton("Remove", .danger, .disabled)
        submitButton("Sending 12 of 40", .primary, .aria("busy", true))
        submitButton("Verifying", .plain, .aria("busy", true))
      }
    },
  ]

  private static let filled = FormState("example-filled", ["name": "Acme Research", "address": "acme", "role": "member", "note": "Welcome to the lab.", "digest": "on", "join": "request"])
  private static let refused = FormState(
    "example-refused", values: [("email", "ada@acme"), ("note", String(repeating: "x", count: 48)), ("role", "admin"), ("join", "open"), ("confirm", "acmee")],
    problem: .example)

  private static let fields = [
    ComponentExample("Field", "empty, filled, with a hint, optional, with a prefix") {
      div(.class("form")) {
        textField("E-mail", "email", in: FormState("example-empty"), type: .email, .autocomplete("email"), .placeholder("ada@example.org"))
        textField("Name", "name", in: filled, hint: "As it stands on invitations and invoices.")
        textField("Address", "address", in: filled, hint: "Old addresses keep leading here.", prefix: "guildhall.example/")
        textAreaField("Message", "note", in: filled, limit: 240, optional: true)
        selectField("Role", "role", in: filled, [Choice("member", "Member"), Choice("manager", "Manager"), Choice("admin", "Admin")])
        passwordField("Password", "password", in: filled, isNew: true, hint: "At least 12 characters; a sentence does well.")
      }
    },
    ComponentExample("Field", "with a fault") {
      postForm("#page", refused, token: token) {
        textField("E-mail", "email", in: refused, type: .email, hint: "The invitation goes here.")
        textAreaField("Message", "note", in: refused, limit: 40)
        selectField("Role", "role", in: refused, [Choice("member", "Member"), Choice("admin", "Admin")])
        radioField("Who may join", "join", in: refused, [Choice("open", "Anybody"), Choice("request", "Whoever is let in")])
        buttonRow { submitButton("Send the invitation") }
      }
    },
    ComponentExample("Field", "refused as a whole") {
      let state = FormState("example-whole", values: [("email", "ada@acme.example")], problem: .exampleWhole)
      postForm("#page", state, token: token) {
        textField("E-mail", "email", in: state, type: .email)
        passwordField("Password", "password", in: state)
        buttonRow { submitButton("Sign in") }
      }
    },
    ComponentExample("Field", "read-only and disabled") {
      let state = FormState("example-locked", ["id": "01968e5c-7a3e-7c41-9d26-3f1f8a0b5c11", "region": "eu"])
      div(.class("form")) {
        textField("Id", "id", in: state, classes: "mono", .readonly)
        selectField("Region", "region", in: state, [Choice("eu", "Europe")], .disabled)
      }
    },
  ]

  private static let choices = [
    ComponentExample("Choice", "one of a few, yes or no") {
      div(.class("form")) {
        radioField(
          "Who may join", "join", in: filled,
          [
            Choice("invited", "Only the invited"), Choice("request", "Whoever asks and is let in", hint: "Managers see requests among the members."),
            Choice("domain", "Everybody of a verified domain", hint: "Verify a domain first.", disabled: true),
          ])
        checkField("Send me a digest every Monday", "digest", in: filled, hint: "What changed in your organizations, in one mail.")
      }
    }
  ]

  private static let people: [(id: String, name: String, email: String, role: String, since: String)] = [
    ("a1", "Ada Lovelace", "ada@acme.example", "admin", "2026-05-20T11:57:00Z"), ("b2", "Grace Hopper", "grace@acme.example", "manager", "2026-05-19T20:00:00Z"),
    ("c3", "عائشة الحسن", "aisha@acme.example", "member", "2026-02-02T09:00:00Z"),
  ]

  private static let roles = [Choice("admin", "Admin"), Choice("manager", "Manager"), Choice("member", "Member")]

  private static let tables = [
    ComponentExample("Table", "sorted, with picking, inline choice and row menus") {
      filterBar("#page", search: "", placeholder: "Find a member", replaces: "example-list") {
        smallSelect("Role", "role", [Choice("", "Any role")] + roles, selected: "")
      } actions: {
        linkButton("Download CSV", href: "#page", icon: .download, small: true)
      }
    },
    ComponentExample("Table", "rows") {
      pickingForm("#page", id: "example-members", token: token) {
        submitButton("Change role", .plain, small: true)
        submitButton("Remove", .danger, small: true)
      } table: {
        dataTable(
          "Members",
          [
            Column("Name", sort: .init(href: "#page", current: .ascending)), Column("Role"), Column("Two-step"), Column("Jobs", .number, sort: .init(href: "#page", current: nil)), Column("Last active"),
          ],
          people.map { person in
            TableRow(
              personCell(id: person.id, name: person.name, detail: person.email, href: "#page"), smallSelect("Role of \(person.name)", "role", roles, selected: person.role, inline: true),
              person.id == "b2" ? badge("Off", .attention, icon: .warning) : badge("On", .good, icon: .check), HTML(grouped(person.id == "a1" ? 12_480 : 37)),
              relativeTime(Timestamp(person.since) ?? now, now: now), selection: .init(form: "example-members", name: "member", value: person.id, label: person.name))
          })
      }
      pagination(shown: 3, total: 1240, "member", first: "#page", next: "#page")
    },
    ComponentExample("Table", "with a total, and a menu in each row") {
      dataTable(
        "Credits by workspace", [Column("Workspace"), Column("Held", .number), Column("Spent", .number), .actions],
        [
          TableRow("vision", "120", "1,240", moreMenu("More for vision", token: token, [.link("Open", href: "#page"), .line, .action("Stop all jobs", to: "#page", isDanger: true)])),
          TableRow("speech", "0", "310", moreMenu("More for speech", token: token, [.link("Open", href: "#page")])),
        ], footer: ["Total", "120", "1,550", .empty])
    },
    ComponentExample("Matrix", "of roles and what they allow") {
      matrix(
        "What each role allows", corner: "May", columns: ["admin", "manager", "viewer", "guest"],
        [
          MatrixGroup("The organization", [("Open the organization", [true, true, true, true]), ("Delete the organization", [true, false, false, false])]),
          MatrixGroup("People", [("See the members", [true, true, true, false])]),
        ])
    },
    ComponentExample("Choice matrix", "of what a role allows") {
      choiceMatrix(
        "rights",
        [
          ChoiceRow("Project", [Choice("project:*", "everything"), Choice("project:read", "read"), Choice("project:update", "update")]),
          ChoiceRow("Dataset", [Choice("dataset:*", "everything", disabled: true), Choice("dataset:read", "read"), Choice("dataset:create", "create")]),
        ], in: FormState("example-rights", ["rights": "dataset:read"]), fixed: ["project:read"])
    },
  ]

  private static let tabs = [
    ComponentExample("Tabs", "with counts") {
      tabBar(
        "Example lists",
        [Tab("Members", href: "#page", count: 1240, isCurrent: true), Tab("Invitations", href: "#page", count: 3), Tab("Requests", href: "#page", count: 0), Tab("Service accounts", href: "#page", count: 2), Tab("Former", href: "#page", count: 18)])
    }
  ]

  private static let overlays = [
    ComponentExample("Dialog", "with a form, with consequences") {
      buttonRow {
        dialogButton("Invite people", opens: "example-invite", href: "#example-invite")
        dialogButton("Delete Acme", opens: "example-delete", href: "#example-delete", .danger)
      }
      let invite = FormState("example-invite-form", ["role": "member"])
      modal("example-invite", title: "Invite people to Acme") {
        postForm("#page", invite, token: token) {
          textAreaField("E-mail addresses", "emails", in: invite, rows: 3, hint: "Separated by commas, spaces or lines. 8 of 50 seats are free.")
          selectField("Role", "role", in: invite, roles)
          buttonRow { submitButton("Send invitations") }
        }
      }
      let delete = FormState("example-delete-form")
      modal("example-delete", title: "Delete Acme and its 14 workspaces") {
        consequences(["42 members lose access at once", "3 running jobs are stopped", "1,240 credits stay with you for 30 days"])
        postForm("#page", delete, token: token) {
          confirmField("Type \(HTML.code("acme")) to go on", "slug", expecting: "acme", in: delete)
          buttonRow { submitButton("Delete Acme for 30 days, then for good", .final) }
        }
      }
    },
    ComponentExample("Menu", "behind a word, behind dots") {
      buttonRow {
        buttonMenu("Export", token: token, [.link("As CSV", href: "#page"), .link("As JSON", href: "#page")])
        moreMenu(
          "More for Ada Lovelace", token: token,
          [.link("Open profile", href: "#page"), .action("Resend the invitation", to: "#page"), .line, .dialog("Remove from Acme", opens: "example-delete", href: "#page", isDanger: true)])
      }
    },
  ]

  private static let notices = [
    ComponentExample("Toast", "good, attention, danger, with undo") {
      div(.class("stack narrow")) {
        toast(.good, "3 invitations are on their way.")
        toast(.neutral, "\(bdi { "Grace Hopper" }) is no longer a member.") { actionForm("#page", token: token) { button(.submit, .class("link")) { "Undo" } } }
        toast(.attention, "2 of 3 addresses were invited. See the rows that were not.")
        toast(.danger, "The role was not changed: Acme needs at least one admin.")
      }
    },
    ComponentExample("Banner", "in every tone") {
      div(.class("stack")) {
        banner(.accent, "Two-step sign-in will be required from 1 June.", "Set it up now, it takes a minute.") { linkButton("Set it up", href: "#page", small: true) }
        banner(.good, "acme.example is verified.", "People with such an address can be let in without an invitation.")
        banner(.attention, "Credits run out in about 3 days.", "1,240 are left at this week’s pace.") { linkButton("Top up", href: "#page", small: true) }
        banner(.danger, "Acme is to be deleted on 19 June.", "Ada Lovelace asked for it on 20 May. An admin can still restore it.") { linkButton("Restore Acme", href: "#page", small: true) }
      }
    },
    ComponentExample("Empty state", "with what to do first") {
      emptyState("Nobody is invited right now", "Invitations that wait for an answer stand here, with who sent them and when they end.") { linkButton("Invite people", href: "#page", .primary) }
    },
  ]

  private static let badges = [
    ComponentExample("Badge", "roles and states") {
      div(.class("row")) {
        badge("Admin", .accent)
        badge("Member")
        badge("You")
        badge("Active", .good, icon: .check)
        badge("Pending", .attention, icon: .clock)
        badge("Suspended", .danger, icon: .warning)
        badge("Managed by Okta", icon: .lock)
      }
    }
  ]

  private static let seals = [
    ComponentExample("Seal", "of organizations") {
      div(.class("row")) {
        seal(of: "acme", .huge)
        seal(of: "acme", .large)
        seal(of: "acme", .medium)
        seal(of: "acme")
        for number in 1...40 { seal(of: "organization-\(number)", .large) }
      }
    },
    ComponentExample("Monogram", "of people") {
      div(.class("row")) {
        for name in ["Ada Lovelace", "Grace Hopper", "Linus", "李小龙", "عائشة الحسن", "Jean-Luc Picard", "Ünal Öz", "🦊", "x"] { monogram(of: name, name: name, .large) }
        for name in ["Ada Lovelace", "Grace Hopper", "Linus", "李小龙"] { monogram(of: name, name: name) }
      }
    },
    ComponentExample("Icon", "all of them") { div(.class("row")) { for icon in Icon.allCases { icon.html } } },
  ]

  private static let waiting = [
    ComponentExample("Skeleton", "while a list is fetched") { div(.class("narrow")) { skeleton("Loading the members") } },
    ComponentExample("Progress", "with a number, without an end, of a quota") {
      div(.class("stack narrow")) {
        progressBar("Sending invitations", "example-sending", done: 12, of: 40, note: "You can leave this page; the rest is sent without you.")
        pendingBar("Making the workspace", "example-pending", step: "Waiting for the cluster")
        quotaBar("Running jobs", "example-jobs", used: 21, of: 50, unit: "jobs")
        quotaBar("Seats", "example-seats", used: 48, of: 50, unit: "seats")
      }
    },
    ComponentExample("Limit bar", "all of it usable, limited by something above it, and nothing left") {
      dataTable(
        "Sub-balances", [Column("Sub-balance"), Column("Left", .wide), Column("Left, in credits", .number), Column("Limited by")],
        [("eva", 1200.0, 1200.0, "itself"), ("larch", 350, 900, "the organization's balance"), ("nightly", 0, 0, "itself")].map { name, usable, own, limit in
          TableRow(
            notedCell(HTML(name), "project"), limitBar(available: usable, own: own, scale: 1200), HTML(grouped(Int(usable))), HTML(limit))
        })
    },
    ComponentExample("Steps", "that tick themselves off") {
      stepList([
        Step("Create an organization", "Acme stands since this morning.", isDone: true),
        Step("Invite people", "They get a mail with a link that is good for 7 days.", isDone: false, action: linkButton("Invite people", href: "#page", small: true)),
        Step("Give somebody else the role of admin", "So that the organization never depends on one person.", isDone: false, action: linkButton("Choose", href: "#page", small: true)),
      ])
    },
  ]

  private static let figures = [
    ComponentExample("Stat", "figures in a row") {
      statRow([
        Stat("Members", "1,240", note: "12 more than a month ago", href: "#page"), Stat("Running jobs", "42 \(small { "of 50" })", note: "quota of the organization"),
        Stat("Credits", "8,310", note: "about 9 days at this week’s pace"), Stat("Open invitations", "3", note: "the oldest ends in 2 days"),
      ])
    }
  ]

  private static let months = zip(["Dec", "Jan", "Feb", "Mar", "Apr", "May"], [420.0, 610, 580, 1240, 990, 1390]).map { ChartPoint($0, $1) }

  private static let balances = zip(["Dec", "Jan", "Feb", "Mar", "Apr", "May"], [1500, 400, 2750, 1900, 920, -320] as [Int128])
    .map { ChartPoint($0, Credits(clamping: $1 * 1_000_000)) }

  private static let charts = [
    ComponentExample("Chart", "a line over time") { lineChart("Credits spent", summary: "Spent 1,390 credits in May, 40 % more than in April.", unit: "credits", months) },
    ComponentExample("Chart", "a line that goes below zero") {
      lineChart("Balance", summary: "−320 in May, 1,240 less than in April.", unit: "credits", balances)
    },
    ComponentExample("Chart", "bars") { barChart("Members who joined", summary: "Between 420 and 1,390 a month.", unit: "members", months) },
    ComponentExample("Chart", "without any values, and in a line of text") {
      lineChart("Credits spent", summary: "Nothing was spent yet.", unit: "credits", [])
      p(.class("row")) {
        "This week "
        sparkline([3, 5, 2, 8, 6, 9, 12], summary: "Rising from 3 to 12 jobs a day")
      }
    },
  ]

  private static let code = [
    ComponentExample("Code", "a block, a line, a secret that is shown once") {
      div(.class("stack narrow")) {
        codeBlock("guildhall login --host https://guildhall.example\nguildhall member invite ada@acme.example --role manager", title: "Command line")
        codeLine("https://guildhall.example/invitations/7Qk3vN0bVt8", label: "invitation link")
        secretLine("ghp_4f9aK2mP0sXw7LbQyR3uTzN8cVdE1hJg6oA5iB", label: "access token")
      }
    }
  ]

  private static let headers = [
    ComponentExample("Breadcrumb", "the way to a page") { breadcrumb([("Acme", "#page"), ("Members", "#page"), ("Ada Lovelace", "#page")]) },
  ]

  private static let lists = [
    ComponentExample("Definitions", "what is known of a thing") {
      definitions([
        ("Name", "Acme Research"), ("Address", HTML.code("guildhall.example/acme")), ("Founded", day(Timestamp("2026-05-03T14:05:00Z") ?? now)),
        ("Billing", "billing@acme.example \(badge("Verified", .good, icon: .check))"),
      ])
    },
    ComponentExample("Timeline", "who did what, with what changed") {
      timeline(
        [
          TimelineEntry(
            actor: ("a1", "Ada Lovelace"), "changed the role of \(bdi { "Grace Hopper" })", at: Timestamp("2026-05-20T11:57:00Z") ?? now, changes: [("Role", "Member", "Manager")],
            details: [("From", HTML.code("203.0.113.7")), ("Request", HTML.code("0b9c42"))]),
          TimelineEntry(actor: ("b2", "Grace Hopper"), "accepted the invitation of \(bdi { "Ada Lovelace" })", at: Timestamp("2026-05-20T09:30:00Z") ?? now),
          TimelineEntry(actor: ("a1", "Ada Lovelace"), "founded Acme Research", at: Timestamp("2026-05-03T14:05:00Z") ?? now),
        ], now: now)
    },
  ]

  private static let times = [
    ComponentExample("Time", "seen from now, a day, to the minute") {
      div(.class("row")) {
        for text in ["2026-05-20T11:59:40Z", "2026-05-20T11:48:00Z", "2026-05-20T07:00:00Z", "2026-05-11T07:00:00Z", "2026-05-27T12:00:00Z", "2024-01-01T00:00:00Z"] {
          relativeTime(Timestamp(text) ?? now, now: now)
          span(.class("quiet-text")) { "·" }
        }
        day(now)
        span(.class("quiet-text")) { "·" }
        exactTime(now)
      }
    }
  ]

  private static let danger = [
    ComponentExample("Danger zone", "last on its page") {
      dangerZone([
        DangerousAct("Leave Acme", "You lose access at once. An admin can invite you again.", action: submitButton("Leave Acme", .danger)),
        DangerousAct("Transfer Acme", "Another admin becomes the owner; you stay a member.", action: linkButton("Transfer", href: "#page")),
        DangerousAct("Delete Acme and its 14 workspaces", "Hidden at once, restorable for 30 days, then gone.", action: linkButton("Delete Acme", href: "#page", .danger)),
      ])
    }
  ]
}

extension HTML {
  fileprivate static func code(_ text: String) -> HTML { Markup.code { text } }
}

extension Problem {
  fileprivate static let example = Problem(
    .invalid, "Four fields need a look.",
    faults: [
      FieldFault("email", "This address has no domain. Write it as name@example.org."), FieldFault("note", "Use at most 40 characters."), FieldFault("role", "You can invite up to manager."),
      FieldFault("join", "Verify a domain first, or let people in one by one."),
    ])

  fileprivate static let exampleWhole = Problem(.malformed, "This e-mail address and password don't belong together. Try again, or set a new password.")
}

import Authorization
import Kernel
import Markup
import Secrets

/// The part of a service account's page about its keys, and the page on which one is rotated.
struct ServiceAccountKeyPages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    [
      .form("/{organization}/members/service-accounts/{service_account}/keys") { visit async throws(Problem) in try await create(visit) },
      .passage("/{organization}/members/service-accounts/{service_account}/keys") { $0.serviceAccount },
      .page("/{organization}/members/service-accounts/{service_account}/keys/{key}/rotation") { visit async throws(Problem) in
        .page(try await rotationPage(Self.rotating, visit))
      },
      .form("/{organization}/members/service-accounts/{service_account}/keys/{key}/rotation") { visit async throws(Problem) in try await rotate(visit) },
      .form("/{organization}/members/service-accounts/{service_account}/keys/{key}/revocation") { visit async throws(Problem) in
        try await flashing(to: visit.serviceAccount, orElse: visit.serviceAccounts) { () async throws(Problem) in
          try await plane.serviceAccounts.revokeKey(
            .named(visit.parameter("key")), of: visit.parameter("service_account"), in: visit.parameter("organization"), by: visit.caller)
          return "The key is revoked."
        }
      },
    ]
  }

  static let beginning = FormState("key", ["days": String(AccessTokenDraft.usualDays)])
  private static let rotating = FormState("rotation", ["overlap": String(KeyRotation.usualHours), "days": String(AccessTokenDraft.usualDays)])

  // MARK: On the page of the service account

  func secret(_ fresh: NewServiceAccountKey) -> HTML {
    pageSection("Its new key", "Keep it now: it isn't shown again. Programs send it as \(code { "Authorization: Bearer …" }).") {
      secretLine(fresh.secret.reveal(), label: fresh.key.name.text)
    }
  }

  func list(_ page: Page<ServiceAccountKey>, _ here: Link, isReachable: Bool, _ visit: Visit, now: Timestamp) -> HTML {
    pageSection("Keys", "With one of them a program is this service account.") {
      if page.items.isEmpty {
        emptyState("No keys", isReachable ? "Make one below, and give it to the program." : "It can't act until somebody makes a key for it.")
      } else {
        dataTable(
          "Keys", [Column("Name"), Column("Key"), Column("Made"), Column("Last used"), Column("Expires")] + (isReachable ? [.actions] : []),
          page.items.map { row($0, here, isReachable: isReachable, visit, now: now) })
        pagination(shown: page.items.count, total: page.total, "key", next: page.next.map { here.adding("cursor", $0.description) })
      }
    }
  }

  private func row(_ key: ServiceAccountKey, _ here: Link, isReachable: Bool, _ visit: Visit, now: Timestamp) -> TableRow {
    TableRow(
      HTML(key.name.text), code { key.hint }, relativeTime(key.createdAt, now: now), key.usedAt.map { relativeTime($0, now: now) } ?? "never",
      key.holds(at: now) ? key.expiresAt.map { relativeTime($0, now: now) } ?? "never" : badge("expired", .attention),
      isReachable ? moreMenu("More for \(key.name)", token: visit.token, menu(of: key, "\(here)/keys/\(key.id)", now: now)) : HTML.empty)
  }

  private func menu(of key: ServiceAccountKey, _ here: Link, now: Timestamp) -> [MenuItem] {
    let revoking = MenuItem.action("Revoke", to: "\(here)/revocation", isDanger: true)
    return key.holds(at: now) ? [.link("Rotate", href: "\(here)/rotation"), .line, revoking] : [revoking]
  }

  func form(_ state: FormState, _ here: Link, _ visit: Visit) -> HTML {
    pageSection("A new key") {
      postForm("\(here)/keys", state, token: visit.token) {
        onceField(visit)
        textField("What it is for", "name", in: state, hint: "The program or the machine that holds it.", .maxlength(128))
        daysField(in: state)
        buttonRow { submitButton("Make a key") }
      }
    }
  }

  private func daysField(in state: FormState) -> HTML {
    textField("Days until it expires", "days", in: state, type: .number, hint: "From 1 to 366.", .min(1), .max(366), .inputmode("numeric"))
  }

  /// The number that was typed. Left empty, it is the usual one; what is no number is told as one out of range.
  private func number(_ text: String) -> Int? { text.isEmpty ? nil : Int(text) ?? -1 }

  private func create(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let fresh = try await plane.serviceAccounts.createKey(
        named: visit.field("name"), KeyTerm(days: number(visit.field("days"))), of: visit.parameter("service_account"), in: visit.parameter("organization"),
        by: visit.caller)
      return .page(try await plane.serviceAccounts.accountPage(visit, fresh: fresh))
    } catch {
      guard error.isMendable else { throw error }
      let state = FormState("key", values: visit.typed, problem: error.calling(["expires_in_days": "days"]))
      return .page(try await plane.serviceAccounts.accountPage(visit, newKey: state, status: 422))
    }
  }

  // MARK: Rotating

  private func rotationPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let account = try await plane.serviceAccounts.find(visit.parameter("service_account"), in: organization.id.description, by: visit.caller)
    let key = try await plane.serviceAccounts.findKey(.named(visit.parameter("key")), of: account.slug.text, in: organization.id.description, by: visit.caller)
    let here: Link = "/\(organization.slug)/members/service-accounts/\(account.slug)"
    return ConsolePage(
      "Rotate a key of \(account.name)", in: .organization(OrganizationFrame(organization, permissions, section: "members")), status: status
    ) {
      breadcrumb([("Service accounts", "/\(organization.slug)/members/service-accounts"), (account.name.text, here)])
      pageHeader(HTML("Rotate the key \(key.name)"), "A new key takes the place of \(code { key.hint }), which goes on until the program has the new one.")
      postForm("\(here)/keys/\(key.id)/rotation", state, token: visit.token) {
        onceField(visit)
        selectField(
          "The old key ends", "overlap", in: state,
          [Choice("0", "At once"), Choice("1", "After an hour"), Choice("24", "After a day"), Choice("168", "After a week"), Choice("720", "After 30 days")])
        daysField(in: state)
        buttonRow {
          submitButton("Make the new key")
          linkButton("Cancel", href: here)
        }
      }
    }
  }

  private func rotate(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let rotation = try KeyRotation(hours: number(visit.field("overlap")), days: number(visit.field("days")))
      let fresh = try await plane.serviceAccounts.rotateKey(
        .named(visit.parameter("key")), rotation, of: visit.parameter("service_account"), in: visit.parameter("organization"), by: visit.caller)
      return .page(try await plane.serviceAccounts.accountPage(visit, fresh: fresh))
    } catch {
      guard error.isMendable else { throw error }
      let problem = error.calling(["expires_in_days": "days", "overlap_hours": "overlap"])
      return .page(try await rotationPage(FormState("rotation", values: visit.typed, problem: problem), visit, status: 422))
    }
  }
}

import Authorization
import Kernel
import Markup
import Secrets

/// What to type to point a client at an organization, with a token made for it.
struct ClientPages: Sendable {
  let plane: ControlPlane
  /// Beside those of our own.
  let guides: [ClientGuide]

  private var all: [ClientGuide] { guides + ClientGuide.own }

  var pages: [PageRoute] {
    [
      .page("/{organization}/connect") { visit async throws(Problem) in .page(try await page(all[0], nil, nil, visit)) },
      .page("/{organization}/connect/{client}") { visit async throws(Problem) in .page(try await page(guide(of: visit), nil, nil, visit)) },
      .form("/{organization}/connect/{client}") { visit async throws(Problem) in
        let guide = try guide(of: visit)
        do throws(Problem) {
          return .page(try await page(guide, try await makeToken(for: guide, visit), nil, visit))
        } catch {
          guard error.isMendable else { throw error }
          return .page(try await page(guide, nil, error, visit))
        }
      },
    ]
  }

  private func guide(of visit: Visit) throws(Problem) -> ClientGuide {
    guard let guide = all.first(where: { $0.slug == visit.parameter("client") }) else {
      throw Problem(.missing, "No client of this name is known here. There are \(all.map(\.name).joined(separator: ", ")).")
    }
    return guide
  }

  /// As weak as the client can work with: only here where that is enough, and with an end.
  private func makeToken(for guide: ClientGuide, _ visit: Visit) async throws(Problem) -> NewAccessToken {
    let organization = guide.staysInOrganization ? visit.parameter("organization") : nil
    let scopes = [guide.scope.rawValue] + (guide.staysInOrganization ? [] : [TokenScope.account.rawValue])
    // Without an end there are tokens elsewhere; a number that can't be is told.
    let days = visit.field("days").isEmpty ? nil : Int(visit.field("days")).flatMap { $0 == 0 ? nil : $0 } ?? -1
    let draft = try AccessTokenDraft(name: guide.name, scopes: scopes, organization: organization, days: days)
    return try await plane.tokens.create(draft, by: visit.caller)
  }

  private func page(_ guide: ClientGuide, _ fresh: NewAccessToken?, _ problem: Problem?, _ visit: Visit) async throws(Problem) -> ConsolePage {
    let (organization, permissions) = try await plane.organizations.open(visit.parameter("organization"), by: visit.caller)
    let handle = try await plane.accounts.read(by: visit.caller).handle
    let here: Link = "/\(organization.slug)/connect"
    let place = ClientGuide.Place(
      publicURL: plane.settings.publicURL, organization: organization.slug, handle: handle, token: fresh.map { ($0.token.id, $0.secret) })
    let beginning = FormState("token", ["days": String(AccessTokenDraft.usualDays)])
    let state = problem.map { FormState("token", values: visit.typed, problem: $0.calling(["expires_in_days": "days"])) } ?? beginning
    return ConsolePage(
      "Connect a client to \(organization.name)", in: .organization(OrganizationFrame(organization, permissions, section: "connect")),
      status: problem == nil ? 200 : 422, isShownOnce: fresh != nil
    ) {
      pageHeader("Connect a client", "What to type to use \(bdi { organization.name.text }) from a program or from the clients of another platform.")
      tabBar("Clients", all.enumerated().map { Tab($0.element.name, href: "\(here)/\($0.element.slug)", isCurrent: $0.element.slug == guide.slug) })
      p { guide.summary }
      if fresh != nil {
        banner(.good, "The token is made", "It stands in the commands below and isn't shown again. It acts as you.")
      } else {
        pageSection("A token for it", "The commands below say TOKEN until you make one. \(reach(of: guide))") {
          postForm("\(here)/\(guide.slug)", state, token: visit.token) {
            onceField(visit)
            textField("Days until it expires", "days", in: state, type: .number, hint: "From 1 to 366.", .min(1), .max(366), .inputmode("numeric"))
            buttonRow {
              submitButton("Make a token")
              linkButton("Your tokens", href: "/me/tokens")
            }
          }
        }
      }
      pageSection("What to type") {
        for step in guide.steps(place) { codeBlock(step.commands, title: step.title) }
      }
    }
  }

  private func reach(of guide: ClientGuide) -> String {
    guide.staysInOrganization
      ? "It is good for this organization alone, and \(guide.scope.allowance)."
      : "These clients work with all your organizations, so it is good for all of them, and \(guide.scope.allowance)."
  }
}

extension TokenScope {
  fileprivate var allowance: String {
    switch self {
    case .read: "can read and change nothing"
    case .write: "can change things, except who has which role"
    case .admin: "can do there what you can"
    case .irreversible: "goes with more"
    case .decisions: "can ask who may do what"
    case .account: "can read and change your account"
    }
  }
}

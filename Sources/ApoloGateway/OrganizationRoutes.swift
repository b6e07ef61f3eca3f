import Authorization
import Contract
import ControlPlane
import Kernel

/// Organizations, their balance, and what new members begin with.
struct OrganizationRoutes {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    let organizations = "\(Apolo.adminBase)/orgs"
    let one = "\(organizations)/{organization}"
    return [
      GatewayRoute(.get, organizations) { request async throws(Problem) in .json(try await list(request)) },
      GatewayRoute(.post, organizations) { request async throws(Problem) in .json(try await found(request)) },
      GatewayRoute(.get, one) { request async throws(Problem) in try await shown(request) },
      GatewayRoute(.delete, one) { request async throws(Problem) in
        let organization = try await plane.organizations.find(request.organization, by: request.caller)
        let answer = try await json(organization, request.caller)
        _ = try await plane.organizations.delete(organization.id.description, confirm: organization.slug.text, by: request.caller)
        return .json(answer)
      },
      GatewayRoute(.patch, "\(one)/balance") { request async throws(Problem) in
        try await plane.once(request, "organization balance \(request.organization)") { () async throws(Problem) in
          try await Shares(plane: plane).change(request.object(), of: plane.organizations.find(request.organization, by: request.caller), request)
          return try await shown(request)
        }
      },
      GatewayRoute(.post, "\(one)/spending") { request async throws(Problem) in
        try await plane.once(request, "organization spending \(request.organization)") { () async throws(Problem) in
          try await Shares(plane: plane).charge(request.object(), nil, in: plane.organizations.find(request.organization, by: request.caller), request)
          return try await shown(request)
        }
      },
      GatewayRoute(.patch, "\(one)/defaults") { request async throws(Problem) in
        try await setDefaults(request.object(), request)
        return try await shown(request)
      },
      // As older clients say it.
      GatewayRoute(.patch, one) { request async throws(Problem) in
        try await setDefaults(request.object(), request)
        return try await shown(request)
      },
    ]
  }

  /// The caller's own; all of them for an operator.
  private func list(_ request: GatewayRequest) async throws(Problem) -> JSON {
    var isOperator = false
    if case .person(let person) = try await plane.accounts.speaker(by: request.caller) { isOperator = person.isSuperUser }
    let found = try await all { page throws(Problem) in
      try await plane.organizations.list(all: isOperator, search: nil, isOpen: !isOperator, page, by: request.caller)
    }
    var answer: [JSON] = []
    for organization in found where organization.state.kind != .deleted { answer.append(try await json(organization, request.caller)) }
    return .array(answer)
  }

  private func found(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let body = try request.object()
    let name = try body.text("name")
    let credits = try Money.limit(body["user_default_credits"], "user_default_credits")
    let draft = try OrganizationDraft(name: name, slug: name, description: "", billingEmail: try await address(of: request.caller))
    let made = try await plane.organizations.found(draft, takesClusters: !request.flag("skip_auto_add_to_clusters"), by: request.caller)
    let reference = made.id.description
    if let credits { try await setCredits(credits, in: reference, request.caller) }
    // So that what the founder uses is counted, too.
    if case .person(let person) = try await plane.accounts.speaker(by: request.caller) {
      let founder = try await People.expected(person.handle.text, in: reference, plane, by: request.caller)
      try await Shares(plane: plane).set(nil, of: founder, in: reference, by: request.caller)
    }
    return try await json(made, request.caller)
  }

  private func address(of caller: Caller) async throws(Problem) -> String {
    guard let email = try await plane.accounts.read(by: caller).email else { throw .invalid("name", "Give your account an address first: bills go there.") }
    return email.text
  }

  private func setDefaults(_ body: JSON, _ request: GatewayRequest) async throws(Problem) {
    try await Notifications(plane: plane).set(body, in: request.organization, by: request.caller)
    // What isn't sent stays as it is.
    guard body["credits"] != nil || body["notification_intervals"] == nil else { return }
    try await setCredits(Money.limit(body["credits"], "credits"), in: request.organization, request.caller)
  }

  private func setCredits(_ credits: Credits?, in organization: String, _ caller: Caller) async throws(Problem) {
    let text = OrganizationSetting.memberCredits(credits).text
    _ = try await plane.organizationSettings.set(OrganizationSetting.Name.memberCredits.rawValue, to: text, in: organization, by: caller)
  }

  private func shown(_ request: GatewayRequest) async throws(Problem) -> GatewayAnswer {
    .json(try await json(plane.organizations.find(request.organization, by: request.caller), request.caller))
  }

  private func json(_ organization: Organization, _ caller: Caller) async throws(Problem) -> JSON {
    let reference = organization.id.description
    let credits = try await plane.organizationSettings.inForce(in: reference, by: caller).memberCredits
    return .members([
      ("name", .string(organization.slug.text)), ("balance", try await Shares(plane: plane).balance(of: reference, by: caller)),
      ("user_default_credits", credits.map { .string($0.description) }),
      ("notification_intervals", try await Notifications(plane: plane).json(in: reference, by: caller)),
    ])
  }
}

import Contract
import ControlPlane
import Kernel

/// The organizations of whoever asks.
struct OrganizationPart: ZenMLPart {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    [
      GatewayRoute(.get, "/organizations") { request async throws(Problem) in
        let slice = try Slice(request)
        let name = request.text("name")?.lowercased()
        let found = try await plane.organizations.own(by: request.caller).filter { name == nil || $0.slug.text.lowercased() == name }
        return .json(.array(slice.of(found).map { Self.shown($0) }))
      },
      GatewayRoute(.get, "/organizations/{organization}") { request async throws(Problem) in
        .json(Self.shown(try await plane.organizations.find(request.parameter("organization"), by: request.caller)))
      },
    ]
  }

  /// `OrganizationRead`: what clients call its name is what it can be looked up by.
  static func shown(_ organization: Organization) -> JSON {
    .object([
      .init("id", .string(organization.id.description)), .init("name", .string(organization.slug.text)),
      .init("display_name", .string(organization.name.text)),
      .init("description", .optional(organization.description.isEmpty ? nil : organization.description.text)),
      .init("logo_url", .null), .init("has_active_subscription", .boolean(true)), .init("trial_expiry", .null),
      .init("created", .string(organization.createdAt.description)), .init("updated", .string(organization.createdAt.description)),
    ])
  }
}

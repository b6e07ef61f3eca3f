import Authorization
public import Kernel

/// Ends deleted organizations whose time to be restored has run out, and forgets former members after their term.
public struct PurgeOrganizations: Job {
  public static let name = "purge-organizations"
  public static let interval = Duration.minutes(10)

  let plane: ControlPlane

  public init(_ plane: ControlPlane) { self.plane = plane }

  public func run() async throws(Problem) {
    let due = try await plane.read(as: .system(Self.name)) { work in try work.organizations.due(at: work.now) }
    for id in due {
      try await plane.write(as: .system(Self.name)) { work in
        // Somebody may have restored it since.
        guard let organization = try work.organizations.find(id), case .deleted(_, let purge, _) = organization.state, purge <= work.now else { return }
        let permit = try work.permit(PurgeOrganization.self, on: organization)
        let proof = try work.record(permit, in: .organization(id), on: Target(organization), [Change("state", from: "deleted", to: "purged")])
        let pictures = try work.apps.images(in: id)
        try work.organizations.purge(id, under: proof)
        for picture in [organization.logo] + pictures { try work.images.forget(picture, under: proof) }
      }
    }
    try await plane.write(as: .system(Self.name)) { work in try work.members.forgetFormer(under: Housekeeping()) }
  }
}

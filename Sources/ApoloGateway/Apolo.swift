public import ControlPlane

/// Lets the unmodified clients of Apolo use organizations, clusters, projects, roles, credits and quotas: `apolo-cli`, `apolo-sdk`, `neuro-admin-client`.
public enum Apolo {
  /// Where the clients' own API begins; it is what people log in to.
  public static let base = "/apolo/api/v1"
  /// Where the administration begins.
  public static let adminBase = "/apolo/apis/admin/v1"

  /// All addresses of both.
  public static func gateway(_ plane: ControlPlane) -> Gateway {
    let people = StartUpRoutes(plane: plane).routes + LoginRoutes(plane: plane).routes + UserRoutes(plane: plane).routes + PermissionRoutes(plane: plane).routes
    let organizations = OrganizationRoutes(plane: plane).routes + MemberRoutes(plane: plane).routes
    let clusters = ClusterRoutes(plane: plane).routes + TenantRoutes(plane: plane).routes + ClusterMemberRoutes(plane: plane).routes
    let projects = ProjectRoutes(plane: plane).routes + ProjectMemberRoutes(plane: plane).routes
    return Gateway(
      "apolo", bases: [base, adminBase], routes: people + organizations + clusters + projects, guide: .apolo,
      secret: { BearerEnvelope.secret(in: $0) }, refusal: { Refusals.answer($0, to: $1) })
  }
}

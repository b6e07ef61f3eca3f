import Contract
public import ControlPlane
import Kernel

/// Lets the unmodified clients of ZenML Pro work with this installation: the library, the command line, and the servers of workspaces (`zenml` 0.70 and newer).
///
/// It translates. What is asked for is a use case of the core, and what is refused there is refused here, in the words that those clients read.
public enum ZenML {
  /// All its addresses on a core, below the path that its settings say.
  public static func gateway(_ plane: ControlPlane) -> Gateway {
    let base = plane.settings.paths.zenML
    let parts: [any ZenMLPart] = [
      SignInPart(plane: plane), AccountPart(plane: plane), UserPart(plane: plane), PlatformPart(plane: plane),
      OrganizationPart(plane: plane), MemberPart(plane: plane), RolePart(plane: plane), TeamPart(plane: plane),
      ServiceAccountPart(plane: plane), WorkspacePart(plane: plane), ManagedWorkspacePart(plane: plane), ServerPart(plane: plane),
    ]
    let routes = parts.flatMap(\.routes).map { $0.below(base) }
    return Gateway("zenml", bases: [base], routes: routes, guide: .zenML(at: base), secret: ProKey.secret(in:), refusal: { problem,
      _ in ZenMLRefusal.answer(problem) })
  }
}

/// Some addresses that belong together, without their beginning.
protocol ZenMLPart: Sendable {
  var plane: ControlPlane { get }
  var routes: [GatewayRoute] { get }
}

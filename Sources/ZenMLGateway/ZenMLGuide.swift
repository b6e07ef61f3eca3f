import Authorization
import ControlPlane
import Kernel
import Secrets

extension ClientGuide {
  /// What is typed at a machine that has ZenML's own package.
  static func zenML(at base: String) -> ClientGuide {
    ClientGuide(
      "zenml", name: "ZenML",
      summary: "The library and the command line of ZenML, unchanged: they sign in here, find the workspaces and work on their servers with your roles.",
      scope: .write, staysInOrganization: true
    ) { place in
      let address = place.publicURL + base
      let key = place.token.map { ProKey.wrapping($0.secret.reveal(), id: $0.id.description) } ?? "TOKEN"
      let surroundings = ["ZENML_PRO_API_URL=\(address)", "ZENML_STORE_API_KEY='\(key)'", "ZENML_STORE_URL=https://WORKSPACE.example.org"]
      return [
        Step("Install the client", "pip install \"zenml>=0.90\""),
        Step("Log in to a workspace, by its name", "echo '\(key)' | zenml login WORKSPACE --pro-api-url \(address) --api-key"),
        Step("See the workspaces that you can open", "zenml server list --pro-api-url \(address)"),
        Step("In a pipeline, without logging in", surroundings.map { "export \($0)" }.joined(separator: "\n")),
      ]
    }
  }
}

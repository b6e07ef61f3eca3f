import Authorization
import ControlPlane
import Kernel
import Secrets

extension ClientGuide {
  /// What is typed at a machine that has Apolo's own command line.
  static func apolo(at base: String) -> ClientGuide {
    ClientGuide(
      "apolo", name: "Apolo",
      summary: "Apolo's command line and library, unchanged: organizations, people, clusters, quotas, credits and projects are those of this installation.",
      scope: .admin, staysInOrganization: false
    ) { place in
      let address = place.publicURL + base
      let token = place.token.map { BearerEnvelope.text($0.secret, for: place.handle.text) } ?? "TOKEN"
      return [
        Step("Install the client", "pip install apolo-cli==26.9.0"),
        Step("Log in with a browser", "apolo config login \(address)"),
        Step("Or with the token, where there is none", "apolo config login-with-token \(token) \(address)"),
        Step("Work in this organization", "apolo config switch-org \(place.organization)\napolo config show"),
        Step("See who is in it, and add somebody", "apolo admin get-org-users \(place.organization)\napolo admin add-org-user \(place.organization) NAME"),
      ]
    }
  }
}

import Contract
import ControlPlane
import HTTPTypes
import Kernel
import Secrets
import Testing

/// ZenML's management API, as scripts use it, on the core's own members, roles, teams and keys.
@Suite struct ZenMLManagementTests {
  private func text(_ json: JSON?) -> String { if case .string(let text)? = json { text } else { "no text" } }
  private func items(_ json: JSON) -> [JSON] { if case .array(let items) = json { items } else { [] } }

  @Test func `Roles are given and taken at every level, to people, teams and invitations`() async throws {
    let stage = try await ZenMLStage()
    try await stage.serve { client in
      let organization = stage.organization
      let roles = items(try await client.ask(.get, "/organizations/hall/roles?system_managed=True", stage.ada).json)
      #expect(roles.count == 14 && Set(roles.map { text($0["id"]) }).count == 14)
      func role(_ name: String) -> String { text(roles.first { $0["name"] == .string(name) }?["id"]) }
      #expect(try await client.ask(.get, "/roles/\(role("Stack Admin"))", stage.bob).json["level"] == "workspace")
      #expect(items(try await client.ask(.get, "/organizations/hall/roles?level=project&name=Project%20Viewer", stage.ada).json).count == 1)
      let bob = text(try await client.ask(.get, "/users/me", stage.bob).json["id"])
      func holds(_ role: String, _ query: String = "") async throws -> Bool {
        items(try await client.ask(.get, "/roles/\(role)/assignments?\(query)", stage.ada).json).contains { text($0["user"]?["id"]) == bob }
      }
      // On the workspace, on a project in it, and on the organization.
      let project = try await stage.plane.projects.create(ResourceDraft(name: "Weaving"), of: "looms", in: "hall", by: stage.hall.caller(.admin)).id
      for (name, place) in [
        ("Workspace Developer", "workspace_id=\(stage.id)"), ("Project Viewer", "workspace_id=looms&project_id=\(project)"), ("Billing Admin", ""),
      ] {
        let path = "/roles/\(role(name))/assignments?user_id=\(bob)&\(place)"
        #expect(try await !holds(role(name), place), "\(name)")
        #expect(try await client.ask(.post, path, stage.bob).status >= 403, "nobody gives themselves \(name)")
        #expect(try await client.ask(.post, path, stage.ada).status == 200, "\(name)")
        #expect(try await holds(role(name), place), "\(name)")
        #expect(try await client.ask(.post, path, stage.ada).status == 409, "\(name) twice")
        #expect(try await client.ask(.delete, path, stage.ada).status == 200, "\(name)")
        #expect(try await !holds(role(name), place), "\(name)")
        #expect(try await client.ask(.delete, path, stage.ada).status == 404, "\(name) taken twice")
      }
      for query in ["", "user_id=\(bob)&team_id=crew", "user_id=\(bob)&invitation_id=x"] {
        #expect(try await client.ask(.post, "/roles/\(role("Workspace Viewer"))/assignments?workspace_id=looms&\(query)", stage.ada).status == 400, "\(query)")
      }
      #expect(try await client.ask(.post, "/roles/\(role("Project Viewer"))/assignments?workspace_id=looms&user_id=\(bob)", stage.ada).status == 422)
      #expect(try await client.ask(.post, "/roles/\(organization)/assignments?user_id=\(bob)", stage.ada).status == 404)
      // The last role taken ends the membership.
      #expect(try await client.ask(.delete, "/roles/\(role("Organization Member"))/assignments?user_id=\(bob)", stage.ada).status == 200)
      #expect(try await client.ask(.get, "/organizations/hall", stage.bob).status == 404)
      // The last admin stays.
      let ada = text(try await client.ask(.get, "/users/me", stage.ada).json["id"])
      #expect(try await client.ask(.delete, "/roles/\(role("Organization Admin"))/assignments?user_id=\(ada)", stage.ada).status == 409)
    }
  }

  @Test func `An invitation is a placeholder, and answered in the inbox`() async throws {
    let stage = try await ZenMLStage()
    try await stage.serve { client in
      let roles = items(try await client.ask(.get, "/organizations/hall/roles", stage.ada).json)
      func role(_ name: String) -> String { text(roles.first { $0["name"] == .string(name) }?["id"]) }
      let sent = try await client.ask(
        .post, "/organizations/hall/invitations", stage.ada, json: #"{"email":"Dora@Example.org","role_id":"\#(role("Organization Member"))"}"#)
      #expect(sent.status == 200 && sent.json["status"] == "pending", "\(sent.json.compact)")
      let id = text(sent.json["id"])
      #expect(try await client.ask(.post, "/roles/\(role("Workspace Viewer"))/assignments?workspace_id=looms&invitation_id=\(id)", stage.ada).status == 200)
      #expect(try await client.ask(.post, "/organizations/hall/invitations", stage.bob, json: #"{"email":"x@example.org"}"#).status == 403)
      let listed = items(try await client.ask(.get, "/organizations/hall/invitations?only_pending=True&email=dora@example.org", stage.ada).json)
      #expect(listed.map { text($0["id"]) } == [id])
      #expect(items(try await client.ask(.get, "/invitations", stage.bob).json).isEmpty)
      #expect(try await client.ask(.post, "/invitations/\(id)?accept=true", stage.bob).status == 404, "it isn't addressed to bob")
      // Whoever has the link has the address.
      let link = try await stage.plane.invitations.renew(try #require(ID(id)), mail: false, in: "hall", by: stage.hall.caller(.admin)).link
      let draft = try AccountDraft(
        email: "dora@example.org", name: "Dora", handle: "dora", password: Hall.password, invitation: String(link.split(separator: "=").last ?? ""))
      let dora = try await stage.plane.accounts.create(draft, by: Caller(.none, from: stage.hall.caller(.admin).origin))
      let token = dora.secret.reveal()
      let inbox = items(try await client.ask(.get, "/invitations", token).json)
      #expect(inbox.map { text($0["organization_name"]) } == ["hall"])
      #expect(try await client.ask(.get, "/users/authorize_server?server_id=\(stage.id)", token).status == 403)
      let accepted = try await client.ask(.post, "/invitations/\(id)?accept=True", token)
      #expect(accepted.status == 200 && accepted.json == .string(stage.organization))
      #expect(try await client.ask(.get, "/users/authorize_server?server_id=\(stage.id)", token).status == 200, "the role moved to the account")
      let withdrawn = text(try await client.ask(.post, "/organizations/hall/invitations?email=eve@example.org", stage.ada).json["id"])
      #expect(try await client.ask(.delete, "/organizations/hall/invitations/\(withdrawn)", stage.ada).status == 200)
      #expect(items(try await client.ask(.get, "/organizations/hall/invitations?email=eve@example.org&only_pending=true", stage.ada).json).isEmpty)
    }
  }

  @Test func `Teams, programs and keys are made, used and ended`() async throws {
    let stage = try await ZenMLStage()
    try await stage.serve { client in
      let bob = text(try await client.ask(.get, "/users/me", stage.bob).json["id"])
      // Teams.
      let team = try await client.ask(.post, "/teams", stage.ada, json: #"{"name":"Weavers","description":"d","organization_id":"\#(stage.organization)"}"#)
      let id = text(team.json["id"])
      #expect(team.status == 200 && team.json["member_count"] == 0)
      #expect(try await client.ask(.post, "/teams/\(id)/members?user_id=\(bob)", stage.ada).status == 200)
      #expect(try await client.ask(.post, "/teams/\(id)/members?user_id=\(bob)", stage.ada).status == 409)
      #expect(items(try await client.ask(.get, "/teams/\(id)/members", stage.ada).json).map { text($0["user"]?["username"]) } == ["bob"])
      let roles = items(try await client.ask(.get, "/organizations/hall/roles?name=Workspace%20Viewer", stage.ada).json)
      #expect(try await client.ask(.get, "/users/authorize_server?server_id=\(stage.id)", stage.bob).status == 403)
      #expect(try await client.ask(.post, "/roles/\(text(roles[0]["id"]))/assignments?workspace_id=looms&team_id=\(id)", stage.ada).status == 200)
      #expect(try await client.ask(.get, "/users/authorize_server?server_id=\(stage.id)", stage.bob).status == 200, "bob comes in with the team")
      #expect(try await client.ask(.delete, "/teams/\(id)/members?user_id=\(bob)", stage.ada).status == 200)
      #expect(try await client.ask(.get, "/users/authorize_server?server_id=\(stage.id)", stage.bob).status == 403, "and is out without it")
      #expect(try await client.ask(.patch, "/teams/\(id)", stage.ada, json: #"{"name":"Spinners"}"#).json["name"] == "Spinners")
      #expect(items(try await client.ask(.get, "/organizations/hall/teams", stage.ada).json).count == 2)
      #expect(try await client.ask(.delete, "/teams/\(id)", stage.bob).status == 403)
      #expect(try await client.ask(.delete, "/teams/\(id)", stage.ada).status == 200)
      #expect(try await client.ask(.get, "/teams/\(id)", stage.ada).status == 404)
      // Programs: as on the platform they are called by id or name.
      let path = "/organizations/hall/service_accounts"
      let made = try await client.ask(.post, path, stage.hall.secret(of: .admin), json: #"{"username":"runner","description":"Runs."}"#)
      #expect(made.status == 200 && made.json["is_service_account"] == .boolean(true), "\(made.json.compact)")
      let key = try await client.ask(.post, "\(path)/runner/api_keys", stage.hall.secret(of: .admin), json: #"{"name":"CI","expires_in_minutes":1440}"#)
      let secret = text(key.json["key"])
      #expect(secret.hasPrefix("ZENPROKEY_"))
      #expect(try await client.ask(.get, "/organizations", secret).status == 200)
      let rotated = try await client.ask(
        .put, "\(path)/runner/api_keys/\(text(key.json["id"]))/rotate", stage.hall.secret(of: .admin), json: #"{"retain_period_minutes":0}"#)
      #expect(try await client.ask(.get, "/organizations", secret).status == 401, "nothing is retained")
      #expect(try await client.ask(.get, "/organizations", text(rotated.json["key"])).status == 200)
      #expect(try await client.ask(.patch, "\(path)/runner", stage.hall.secret(of: .admin), json: #"{"is_active":false}"#).json["is_active"] == .boolean(false))
      #expect(try await client.ask(.get, "/organizations", text(rotated.json["key"])).status == 401)
      #expect(try await client.ask(.delete, "\(path)/runner", stage.hall.secret(of: .admin)).status == 200)
      // A person's own.
      let own = try await client.ask(.post, "/users/me/api_keys", stage.hall.secret(of: .member), json: #"{"name":"mine"}"#)
      #expect(try await client.ask(.get, "/organizations", text(own.json["key"])).status == 200)
      #expect(items(try await client.ask(.get, "/users/me/api_keys", stage.hall.secret(of: .member)).json).allSatisfy { $0["key"] == .null }, "keys are told once")
      #expect(try await client.ask(.delete, "/users/me/api_keys/\(text(own.json["id"]))", stage.hall.secret(of: .member)).status == 200)
      #expect(try await client.ask(.get, "/organizations", text(own.json["key"])).status == 401)
      #expect(try await client.ask(.post, "/users/me/api_keys", stage.ada, json: #"{"name":"mine"}"#).status == 403, "a key without the scope makes no other")
      #expect(items(try await client.ask(.get, "/devices", stage.hall.secret(of: .member)).json).count >= 1)
    }
  }

  @Test func `Workspaces are enrolled and ended, and their people listed`() async throws {
    let stage = try await ZenMLStage()
    try await stage.serve { client in
      let made = try await client.ask(.post, "/workspaces?name=mill&enroll=true", stage.ada)
      let key = text(made.json["enrollment_key"])
      #expect(made.status == 200 && key.hasPrefix("gld_enr_") && made.json["status"] == "not_initialized", "\(made.json.compact)")
      let id = text(made.json["id"])
      let login = try await client.ask(.post, "/auth/login", form: [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", key)])
      #expect(login.status == 200)
      #expect(try await client.ask(.get, "/workspaces/mill", stage.ada).json["enrollment_key"] == nil, "it is told once")
      #expect(try await client.ask(.post, "/workspaces?name=mill&enroll=true", stage.ada).status == 409)
      #expect(try await client.ask(.post, "/workspaces", stage.ada, json: #"{"name":"other","is_managed":true}"#).status == 422)
      #expect(try await client.ask(.post, "/workspaces?name=bobs&enroll=true&organization_id=hall", stage.bob).status == 403)
      let people = items(try await client.ask(.get, "/workspaces/mill/members", stage.ada).json)
      #expect(people.map { text($0["user"]?["username"]) } == ["ada"] && text(items(people[0]["roles"] ?? .null)[0]["name"]) == "Workspace Admin")
      #expect(try await client.ask(.patch, "/workspaces/\(id)", stage.ada, json: #"{"display_name":"Mill","desired_state":"deactivated"}"#).json["status"] == "deactivated")
      #expect(try await client.ask(.get, "/users/authorize_server?server_id=\(id)", stage.ada).status == 403)
      #expect(try await client.ask(.delete, "/workspaces/\(id)", stage.bob).status == 404)
      #expect(try await client.ask(.delete, "/workspaces/\(id)", stage.ada).status == 200)
      #expect(try await client.ask(.get, "/workspaces/\(id)", stage.ada).status == 404)
      let members = items(try await client.ask(.get, "/organizations/hall/members?include_teams=False", stage.ada).json)
      #expect(Set(members.map { text($0["user"]?["username"]) }) == ["ada", "bob", "robot"])
      #expect(try await client.ask(.delete, "/organizations/hall/members?user_id=bob", stage.ada).status == 200)
      #expect(try await client.ask(.get, "/organizations/hall", stage.bob).status == 404)
    }
  }

  @Test func `An organization's own roles are made, given at every level, changed and deleted`() async throws {
    let stage = try await ZenMLStage()
    let admin = stage.hall.secret(of: .admin)
    try await stage.serve { client in
      let bob = text(try await client.ask(.get, "/users/me", stage.bob).json["id"])
      func make(_ body: String, _ secret: String) async throws -> (status: Int, json: JSON) {
        let answer = try await client.ask(.post, "/roles", secret, json: body)
        return (answer.status, answer.json)
      }
      let auditor = #"{"name":"Stack auditor","description":"Looks.","organization_id":"hall","level":"workspace","permissions":[{"resource_type":"stack","actions":["read","update"]},"secret:read"]}"#
      let made = try await make(auditor, admin)
      #expect(made.status == 200 && made.json["system_managed"] == .boolean(false) && made.json["level"] == "workspace", "\(made.json.compact)")
      let id = text(made.json["id"])
      func allows(_ json: JSON, _ type: String, _ action: String) -> Bool {
        items(json["permissions"] ?? .null).contains { $0["resource_type"] == .string(type) && $0["action"] == .string(action) }
      }
      #expect(allows(made.json, "stack", "update") && allows(made.json, "secret", "read") && !allows(made.json, "stack", "delete"))
      #expect(try await make(auditor, admin).status == 409)
      #expect(try await make(auditor, stage.bob).status == 403)
      for body in [
        #"{"name":"x","organization_id":"hall","level":"workspace"}"#, #"{"name":"x","organization_id":"hall","level":"moon","permissions":["stack:read"]}"#,
        #"{"name":"x","organization_id":"hall","permissions":"all"}"#, #"{"name":"x","organization_id":"hall","permissions":[{"action":"read"}]}"#,
        #"{"name":"x","organization_id":"hall","level":"organization","permissions":["nothing.here"]}"#,
      ] {
        #expect(try await make(body, admin).status == 422, "\(body)")
      }
      // It stands among the others, and is found by what it allows.
      #expect(items(try await client.ask(.get, "/organizations/hall/roles", stage.bob).json).count > 14)
      #expect(items(try await client.ask(.get, "/organizations/hall/roles?system_managed=False", stage.bob).json).contains { text($0["id"]) == id })
      let reading = items(try await client.ask(.get, "/organizations/hall/roles?level=workspace&resource=stack&action=update", stage.bob).json)
      #expect(reading.contains { text($0["id"]) == id } && !reading.contains { $0["name"] == "Workspace Viewer" })
      // On a workspace, and on the organization.
      let assigned = "/roles/\(id)/assignments?user_id=\(bob)&workspace_id=looms"
      #expect(try await client.ask(.post, assigned, stage.bob).status >= 403)
      #expect(try await client.ask(.post, assigned, stage.ada).status == 200)
      #expect(try await client.ask(.post, assigned, stage.ada).status == 409)
      #expect(try await client.ask(.get, "/users/authorize_server?server_id=\(stage.id)", stage.bob).status == 200)
      #expect(items(try await client.ask(.get, "/roles/\(id)/assignments?workspace_id=looms", stage.ada).json).map { text($0["user"]?["id"]) } == [bob])
      #expect(items(try await client.ask(.get, "/workspaces/looms/members", stage.ada).json).contains { text(items($0["roles"] ?? .null).first?["id"]) == id })
      let held = "/organizations/hall/roles?user_id=\(bob)&workspace_scope=looms"
      #expect(items(try await client.ask(.get, held, stage.ada).json).contains { text($0["id"]) == id })
      #expect(try await client.ask(.delete, "/roles/\(id)", admin).status == 409, "it is held")
      #expect(try await client.ask(.patch, "/roles/\(id)", admin, json: #"{"name":"Looker","permissions":["stack:read"]}"#).json["name"] == "Looker")
      let shrunk = try await client.ask(.get, "/roles/\(id)", stage.bob).json
      #expect(!allows(shrunk, "stack", "update"))
      #expect(try await client.ask(.delete, assigned, stage.ada).status == 200)
      #expect(try await client.ask(.get, "/users/authorize_server?server_id=\(stage.id)", stage.bob).status == 403)
      let helper = try await make(#"{"name":"Inviter","organization_id":"hall","level":"organization","permissions":[{"resource_type":"invitation","action":"manage"}]}"#, admin)
      let inviter = text(helper.json["id"])
      #expect(try await client.ask(.post, "/roles/\(inviter)/assignments?user_id=\(bob)", admin).status == 200)
      let members = items(try await client.ask(.get, "/organizations/hall/members?role_id=\(inviter)", admin).json)
      #expect(members.map { text($0["user"]?["id"]) } == [bob])
      #expect(items(try await client.ask(.get, "/organizations/hall/roles?assigned_to_current_user=True", stage.bob).json).count >= 1)
      #expect(try await client.ask(.delete, "/roles/\(inviter)/assignments?user_id=\(bob)", admin).status == 200)
      for role in [id, inviter] { #expect(try await client.ask(.delete, "/roles/\(role)", admin).status == 200) }
      // Predefined ones stay.
      let viewer = text(items(try await client.ask(.get, "/organizations/hall/roles?name=Project%20Viewer", stage.ada).json)[0]["id"])
      #expect(try await client.ask(.delete, "/roles/\(viewer)", admin).status == 403)
      #expect(try await client.ask(.patch, "/roles/\(viewer)", admin, json: "{}").status == 403)
      #expect(items(try await client.ask(.get, "/permissions", stage.bob).json).count > 200)
      #expect(try await client.ask(.get, "/permissions").status == 401)
    }
  }

  @Test func `Operators make, change and end accounts; others find whom they know`() async throws {
    let stage = try await ZenMLStage()
    // The first account of the house runs it.
    let root = stage.hall.secret(of: .admin)
    try await stage.serve { client in
      let made = try await client.ask(.post, "/users?username=pia@example.org&password=seven%20quiet%20boats%20at%20noon&is_superuser=False", root)
      #expect(made.status == 200 && made.json["email"] == "pia@example.org" && made.json["is_superuser"] == .boolean(false), "\(made.json.compact)")
      let id = text(made.json["id"])
      let login = try await client.ask(.post, "/auth/login", form: [("username", "pia@example.org"), ("password", "seven quiet boats at noon")])
      #expect(login.status == 200)
      #expect(try await client.ask(.post, "/users?username=pia@example.org&password=seven%20quiet%20boats%20at%20noon", root).status == 409)
      #expect(try await client.ask(.post, "/users?username=x@example.org&password=short", root).status == 422)
      #expect(try await client.ask(.post, "/users?username=x@example.org&password=seven%20quiet%20boats%20at%20noon", stage.bob).status == 403)
      #expect(items(try await client.ask(.get, "/users?email=Pia@example.org", root).json).map { text($0["id"]) } == [id])
      #expect(items(try await client.ask(.get, "/users?email=pia@example.org", stage.bob).json).isEmpty, "bob doesn't know pia")
      #expect(try await client.ask(.get, "/users/\(id)", stage.bob).status == 404)
      #expect(Set(items(try await client.ask(.get, "/users", stage.bob).json).map { text($0["username"]) }) == ["ada", "bob"])
      #expect(try await client.ask(.get, "/users/bob", stage.bob).json["username"] == "bob")
      #expect(try await client.ask(.patch, "/users/bob", stage.hall.secret(of: .member), json: #"{"is_superuser":true}"#).status == 403)
      #expect(try await client.ask(.patch, "/users/\(id)", stage.bob, json: #"{"name":"x"}"#).status == 403)
      let changed = try await client.ask(.patch, "/users/\(id)", root, json: #"{"name":"Pia","username":"pia","is_active":false}"#)
      #expect(changed.json["name"] == "Pia" && changed.json["is_active"] == .boolean(false))
      #expect(try await client.ask(.get, "/users/me", text(login.json["access_token"])).status == 401, "deactivated at once")
      #expect(try await client.ask(.delete, "/users/\(id)", stage.bob).status == 403)
      #expect(try await client.ask(.delete, "/users/pia", root).status == 200)
      #expect(try await client.ask(.get, "/users/pia", root).status == 404)
      #expect(try await client.ask(.get, "/health").json == .object([.init("status", "ok")]))
      #expect(try await client.ask(.get, "/releases", stage.bob).json == .array([]))
      #expect(try await client.ask(.get, "/organizations/hall/trial", stage.bob).json["trial_expiry"] == .null)
      // A workspace rests and goes on.
      #expect(try await client.ask(.post, "/workspaces/looms/deactivate", stage.bob).status >= 403)
      #expect(try await client.ask(.post, "/workspaces/looms/deactivate", stage.ada).json["status"] == "deactivated")
      #expect(try await client.ask(.post, "/workspaces/looms/deploy", stage.ada).status == 200)
      // An organization is ended by who may, with a sign-in of the last minutes.
      #expect(try await client.ask(.delete, "/organizations/hall", stage.bob).status == 403)
      #expect(try await client.ask(.delete, "/organizations/hall", root).status == 409, "it holds credits for what runs")
      let draft = try OrganizationDraft(name: "Ends", slug: "ends", description: "", billingEmail: "books@example.org")
      _ = try await stage.plane.organizations.found(draft, by: stage.hall.caller(.admin))
      #expect(try await client.ask(.delete, "/organizations/ends", stage.bob).status == 404)
      #expect(try await client.ask(.delete, "/organizations/ends", root).status == 200)
      #expect(try await client.ask(.get, "/organizations/ends", stage.ada).status == 404)
    }
  }
}

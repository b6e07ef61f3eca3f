import Kernel
import Markup

extension DeviceLogins {
  var pages: [PageRoute] {
    [
      .page("/device") { visit async throws(Problem) in
        guard let code = visit.query("user_code") else { return .page(try await codePage(FormState("device"), visit)) }
        do throws(Problem) { return .page(try await questionPage(try await find(code, by: visit.caller), FormState("approval"), visit)) } catch {
          guard error.kind == .missing || error.isMendable else { throw error }
          return .page(try await codePage(FormState("device", values: [("user_code", code)], problem: .inCode(error)), visit, status: 422))
        }
      },
      .form("/device") { visit async throws(Problem) in
        do throws(Problem) {
          let found = try await find(visit.field("user_code"), by: visit.caller)
          return .redirect(to: address(of: found, visit.field("workspace")).text)
        } catch {
          guard error.kind == .missing || error.isMendable else { throw error }
          return .page(try await codePage(FormState("device", values: visit.typed, problem: .inCode(error)), visit, status: 422))
        }
      },
      .passage("/device/approval") { _ in "/device" },
      .form("/device/approval") { visit async throws(Problem) in
        let (code, workspace) = (visit.field("user_code"), visit.field("workspace"))
        do throws(Problem) {
          let login = try await approve(code, isTrusted: visit.field("trusted") == "on", workspace: workspace.isEmpty ? nil : workspace, by: visit.caller)
          return .redirect(to: "/device", flash: Flash(.good, "\(login.client) is signed in as you. Go back to it; you can close this page."))
        } catch {
          guard error.kind == .missing || error.isMendable else { throw error }
          return .redirect(to: "/device", flash: Flash(.attention, error.detail))
        }
      },
      .form("/device/refusal") { visit async throws(Problem) in
        try await flashing(to: "/device") { () async throws(Problem) in
          try await refuse(visit.field("user_code"), by: visit.caller)
          return "It was kept out. If you didn't begin this, somebody else may have: give your codes to nobody."
        }
      },
    ]
  }

  private func address(of login: DeviceLogin, _ workspace: String) -> Link {
    let page = ("/device" as Link).adding("user_code", login.code.description)
    return workspace.isEmpty ? page : page.adding("workspace", workspace)
  }

  private func codePage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    guard try await plane.viewer(as: visit.caller) != nil else { throw Problem(.signedOut, "Sign in first.") }
    return ConsolePage("Connect a device", in: .personal(section: "sessions"), status: status) {
      pageHeader("Connect a device", "A program that you sign in to shows a code. Type it here to let it in as you.")
      postForm("/device", state, token: visit.token) {
        input(.hidden, name: "workspace", .value(visit.query("workspace") ?? visit.field("workspace")))
        textField(
          "Code", "user_code", in: state, hint: "Eight letters, such as BCDF-GHJK.", .maxlength(16), .autocomplete("off"), .autocapitalize("characters"),
          .spellcheck(false))
        buttonRow { submitButton("Go on") }
      }
    }
  }

  private func questionPage(_ login: DeviceLogin, _ state: FormState, _ visit: Visit) async throws(Problem) -> ConsolePage {
    let workspaces = try await plane.workspaces.everywhere(by: visit.caller)
    let wanted = visit.query("workspace")
    let chosen = workspaces.first { item in item.workspace.resource.slug.text == wanted?.lowercased() || item.workspace.id.description == wanted?.lowercased() }
    let state = FormState("approval", ["workspace": (chosen ?? (workspaces.count == 1 ? workspaces.first : nil))?.workspace.id.description ?? ""])
    let now = plane.world.clock()
    return ConsolePage("Connect a device", in: .personal(section: "sessions")) {
      pageHeader("Let this program in as you?", "It will see and do what you may. Say yes only if you began this yourself and see the same code there.")
      definitions([
        ("Code", code { login.code.description }), ("Program", bdi { login.client }), ("Address", code { login.address }),
        ("Asked", relativeTime(login.createdAt, now: now)),
      ])
      postForm("/device/approval", state, token: visit.token) {
        input(.hidden, name: "user_code", .value(login.code.description))
        if !workspaces.isEmpty {
          selectField(
            "Workspace", "workspace", in: state,
            [Choice("", "None for now")]
              + workspaces.prefix(500).map { Choice($0.workspace.id.description, "\($0.workspace.resource.name) in \($0.organization.name)") },
            hint: "What it works on first.", optional: true)
        }
        checkField("I trust this device: stay signed in for 30 days instead of one", "trusted", in: state)
        buttonRow { submitButton("Let it in") }
      }
      actionForm("/device/refusal", token: visit.token, fields: ["user_code": login.code.description]) { submitButton("Keep it out", .plain) }
    }
  }
}

extension Problem {
  /// What is wrong with a code, at its field.
  fileprivate static func inCode(_ problem: Problem) -> Problem {
    problem.faults.isEmpty ? Problem(problem.code, problem.detail, faults: [FieldFault("user_code", problem.detail)]) : problem
  }
}

import Authorization
import Kernel
import Markup

/// The pages on which operators change and delete a cluster.
struct ClusterSettingsPages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    [
      .page("/operator/clusters/{cluster}/settings") { visit async throws(Problem) in .page(try await settingsPage(nil, visit)) },
      .form("/operator/clusters/{cluster}/settings") { visit async throws(Problem) in try await save(visit) },
      .page("/operator/clusters/{cluster}/deletion") { visit async throws(Problem) in .page(try await deletionPage(FormState("delete"), visit)) },
      .form("/operator/clusters/{cluster}/deletion") { visit async throws(Problem) in try await delete(visit) },
    ]
  }

  private func settingsPage(_ returned: FormState?, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let cluster = try await plane.clusters.find(visit.parameter("cluster"), by: visit.caller)
    let here: Link = "/operator/clusters/\(cluster.slug)"
    let state = returned ?? FormState("cluster", values: values(of: cluster), problem: nil)
    return ConsolePage("Settings of \(cluster.name)", in: .personal(section: "operator-clusters"), status: status) {
      clusterOperatorHead(cluster, current: "settings")
      postForm("\(here)/settings", state, token: visit.token) {
        revisionField(cluster.revision, in: state)
        textField("Name", "name", in: state, .maxlength(128))
        clusterFields(state)
        buttonRow { submitButton("Save changes") }
      }
      dangerZone([
        DangerousAct(
          "Delete \(cluster.name)",
          cluster.organizations == 0
            ? "It is forgotten here, for good. Its machines go on."
            : HTML("\(counted(cluster.organizations, "organization")) \(cluster.organizations == 1 ? "has" : "have") it. Withdraw it from them first."),
          action: cluster.organizations == 0
            ? linkButton("Delete", href: "\(here)/deletion", .danger) : linkButton("Who has it", href: "\(here)/organizations"))
      ])
    }
  }

  private func values(of cluster: Cluster) -> [(String, String)] {
    var values = [
      "name": cluster.name.text, "description": cluster.description.text, "location": cluster.location.text, "default_role": cluster.defaultRole.name,
      "is_default": cluster.isDefault ? "yes" : "", "maintenance": cluster.isInMaintenance ? "yes" : "", "revision": String(cluster.revision),
    ]
    for (service, address) in cluster.addresses { values["address_\(service.rawValue)"] = address }
    return values.merging(cluster.limits.typed) { first, _ in first }.map { ($0.key, $0.value) }
  }

  private func save(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let update = try visit.clusterUpdate(name: visit.field("name"))
      let saved = try await plane.clusters.update(visit.parameter("cluster"), update, seen: Int(visit.field("revision")), by: visit.caller)
      return .redirect(to: "/operator/clusters/\(saved.slug)/settings", flash: Flash(.good, "\(saved.name) is saved."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await settingsPage(FormState("cluster", values: visit.typed, problem: error.ofClusterForm), visit, status: 422))
    }
  }

  private func deletionPage(_ state: FormState, _ visit: Visit, status: Int = 200) async throws(Problem) -> ConsolePage {
    let cluster = try await plane.clusters.find(visit.parameter("cluster"), by: visit.caller)
    let here: Link = "/operator/clusters/\(cluster.slug)"
    return ConsolePage("Delete \(cluster.name)", in: .personal(section: "operator-clusters"), status: status) {
      breadcrumb([("Clusters", "/operator/clusters"), (cluster.name.text, here)])
      pageHeader(HTML("Delete \(cluster.name)"))
      consequences([
        "Its presets and node pools are forgotten here", "Its machines go on: end those yourself", "What was done with it stays in the log, under its name",
      ])
      postForm("\(here)/deletion", state, token: visit.token) {
        confirmField("Type \(code { cluster.slug.text }) to show that you mean it", "confirm", expecting: cluster.slug.text, in: state)
        buttonRow {
          submitButton("Delete \(cluster.name)", .final)
          linkButton("Cancel", href: "\(here)/settings")
        }
      }
    }
  }

  private func delete(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let name = try await plane.clusters.find(visit.parameter("cluster"), by: visit.caller).name
      try await plane.clusters.delete(visit.parameter("cluster"), confirm: visit.field("confirm"), by: visit.caller)
      return .redirect(to: "/operator/clusters", flash: Flash(.attention, "\(name) is deleted."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await deletionPage(FormState("delete", values: visit.typed, problem: error), visit, status: 422))
    }
  }
}

/// The pages on which operators see which organizations have a cluster.
struct ClusterTenantPages: Sendable {
  let plane: ControlPlane

  var pages: [PageRoute] {
    [
      .page("/operator/clusters/{cluster}/organizations") { visit async throws(Problem) in .page(try await listPage(visit)) },
      .form("/operator/clusters/{cluster}/organizations") { visit async throws(Problem) in try await admit(visit) },
      .page("/operator/clusters/{cluster}/organizations/{organization}") { visit async throws(Problem) in .page(try await tenantPage(nil, visit)) },
      .form("/operator/clusters/{cluster}/organizations/{organization}") { visit async throws(Problem) in try await change(visit) },
      .form("/operator/clusters/{cluster}/organizations/{organization}/withdrawal") { visit async throws(Problem) in try await withdraw(visit) },
      .passage("/operator/clusters/{cluster}/organizations/{organization}/withdrawal") {
        "\($0.operatedCluster)/organizations/\($0.parameter("organization"))"
      },
    ]
  }

  private func listPage(_ visit: Visit, _ returned: FormState? = nil, status: Int = 200) async throws(Problem) -> ConsolePage {
    let cluster = try await plane.clusters.find(visit.parameter("cluster"), by: visit.caller)
    let page = try await plane.clusters.tenants(of: cluster.slug.text, visit.page, by: visit.caller)
    let here: Link = "/operator/clusters/\(cluster.slug)/organizations"
    let now = plane.world.clock()
    var beginning = cluster.limits.typed
    (beginning["default_role"], beginning["takes_members"]) = (cluster.defaultRole.name, "yes")
    let state = returned ?? FormState("admission", values: beginning.map { ($0.key, $0.value) }, problem: nil)
    return ConsolePage("Organizations on \(cluster.name)", in: .personal(section: "operator-clusters"), status: status) {
      clusterOperatorHead(cluster, current: "organizations")
      if page.items.isEmpty {
        emptyState("No organization has it yet", "Let the first one have it below.")
      } else {
        dataTable(
          "Organizations", [Column("Organization"), Column("May have there"), Column("Projects", .number), Column("Since")],
          page.items.map { tenant in
            TableRow(
              personCell(
                id: tenant.organization.id, name: tenant.organization.name.text, detail: tenant.organization.slug.text,
                href: "\(here)/\(tenant.organization.slug)"),
              notedCell(HTML(tenant.limits.words), tenant.cluster.isHalted ? "in maintenance" : nil), HTML(grouped(tenant.cluster.projects)),
              relativeTime(tenant.cluster.resource.createdAt, now: now))
          })
        pagination(shown: page.items.count, total: page.total, "organization", next: page.next.map { here.adding("cursor", $0.description) })
      }
      pageSection("Let an organization have it") {
        postForm(here, state, token: visit.token) {
          textField(
            "Organization", "organization", in: state, hint: "By handle or id.", .maxlength(36), .autocapitalize("none"), .spellcheck(false))
          tenantFields(state)
          checkField(
            "Everybody who takes part in it gets access now", "takes_members", value: "yes", in: state,
            hint: "Who joins later does in any case; guests, and those who only pay, don't.")
          buttonRow { submitButton("Let it have the cluster") }
        }
      }
    }
  }

  private func tenantFields(_ state: FormState) -> HTML {
    fragment {
      selectField("Default role", "default_role", in: state, clusterRoleChoices)
      limitFields(state)
    }
  }

  private func admit(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let named = visit.field("organization").filter { !$0.isWhitespace }
      let admission = ClusterAdmission(
        defaultRole: visit.field("default_role"), limits: try visit.limits(), takesMembers: visit.field("takes_members") == "yes")
      let tenant: ClusterTenant
      do throws(Problem) { tenant = try await plane.clusters.admit(named, to: visit.parameter("cluster"), admission, by: visit.caller) } catch {
        // The organization was typed, not followed.
        throw error.kind == .missing && !named.isEmpty ? .invalid("organization", error.detail) : error
      }
      return .redirect(
        to: "\(visit.operatedCluster)/organizations", flash: Flash(.good, "\(tenant.organization.name) has \(tenant.cluster.resource.name) now."))
    } catch {
      guard error.isMendable || visit.field("organization").allSatisfy(\.isWhitespace) else { throw error }
      let problem = error.isMendable ? error : Problem.invalid("organization", "Name the organization.")
      return .page(try await listPage(visit, FormState("admission", values: visit.typed, problem: problem), status: 422))
    }
  }

  // MARK: One of them

  private func tenant(_ visit: Visit) async throws(Problem) -> (Cluster, ClusterTenant) {
    let cluster = try await plane.clusters.find(visit.parameter("cluster"), by: visit.caller)
    guard let tenant = try await plane.clusters.tenant(visit.parameter("organization"), of: cluster.slug.text, by: visit.caller) else {
      throw Problem(.missing, "This organization doesn't have this cluster.")
    }
    return (cluster, tenant)
  }

  private func tenantPage(
    _ returned: FormState?, _ visit: Visit, confirmation: FormState = FormState("withdraw"), status: Int = 200
  ) async throws(Problem) -> ConsolePage {
    let (cluster, tenant) = try await tenant(visit)
    let here: Link = "/operator/clusters/\(cluster.slug)/organizations/\(tenant.organization.slug)"
    var values = tenant.limits.typed
    (values["default_role"], values["maintenance"]) = (tenant.cluster.defaultRole.name, tenant.cluster.isHalted ? "yes" : "")
    let state = returned ?? FormState("admission", values: values.map { ($0.key, $0.value) }, problem: nil)
    let name = tenant.organization.name
    return ConsolePage("\(name) on \(cluster.name)", in: .personal(section: "operator-clusters"), status: status) {
      breadcrumb([("Clusters", "/operator/clusters"), (cluster.name.text, "/operator/clusters/\(cluster.slug)/organizations")])
      pageHeader(bdi { name.text }, HTML("What it has of \(cluster.name)."))
      postForm(here, state, token: visit.token) {
        tenantFields(state)
        checkField("Nothing new of it begins there", "maintenance", value: "yes", in: state, hint: "Maintenance for this organization alone.")
        buttonRow { submitButton("Save changes") }
      }
      pageSection("Withdraw the cluster from \(name)") {
        consequences([
          tenant.cluster.projects == 0
            ? "It has no project there" : "\(counted(tenant.cluster.projects, "project")) there \(tenant.cluster.projects == 1 ? "goes" : "go") with it",
          "Everybody's access ends at once", "Its quotas there are forgotten", "It can't be brought back; to stop it for a while, let nothing new begin there",
        ])
        postForm("\(here)/withdrawal", confirmation, token: visit.token) {
          confirmField(
            "Type \(code { tenant.organization.slug.text }) to show that you mean it", "confirm", expecting: tenant.organization.slug.text, in: confirmation)
          buttonRow { submitButton("Withdraw it", .final) }
        }
      }
    }
  }

  private func change(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      _ = try await tenant(visit)
      let admission = ClusterAdmission(
        defaultRole: visit.field("default_role"), isHalted: visit.field("maintenance") == "yes", limits: try visit.limits())
      let saved = try await plane.clusters.admit(visit.parameter("organization"), to: visit.parameter("cluster"), admission, by: visit.caller)
      return .redirect(
        to: "\(visit.operatedCluster)/organizations/\(saved.organization.slug)", flash: Flash(.good, "What \(saved.organization.name) has of it is saved."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await tenantPage(FormState("admission", values: visit.typed, problem: error), visit, status: 422))
    }
  }

  private func withdraw(_ visit: Visit) async throws(Problem) -> PageAnswer {
    do throws(Problem) {
      let name = try await tenant(visit).1.organization.name
      try await plane.clusters.withdraw(
        visit.parameter("cluster"), from: visit.parameter("organization"), confirm: visit.field("confirm"), by: visit.caller)
      return .redirect(to: "\(visit.operatedCluster)/organizations", flash: Flash(.attention, "\(name) doesn't have the cluster any more."))
    } catch {
      guard error.isMendable else { throw error }
      return .page(try await tenantPage(nil, visit, confirmation: FormState("withdraw", values: visit.typed, problem: error), status: 422))
    }
  }
}

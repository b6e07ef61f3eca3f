import Authorization
import Contract
import Kernel

extension Organizations {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Organizations.create) { call async throws(Problem) in
        var billingEmail = call.body.billingEmail?.text
        if billingEmail == nil { billingEmail = try await plane.accounts.primaryEmail(of: call.caller)?.text }
        let draft = try OrganizationDraft(
          name: call.body.name.text, slug: call.body.slug.orProposed(), description: call.body.description?.text ?? "", billingEmail: billingEmail ?? "")
        return Wire.Organization(try await found(draft, by: call.caller))
      },
      BoundEndpoint(API.Organizations.list) { call async throws(Problem) in
        let query = call.query
        return Wire.List(
          try await list(all: query.all ?? false, search: query.search, isOpen: true, query.page(), by: call.caller), Wire.Organization.init)
      },
      BoundEndpoint(API.Organizations.read) { call async throws(Problem) in Wire.Organization(try await find(call.path.organization, by: call.caller)) },
      BoundEndpoint(API.Organizations.update) { call async throws(Problem) in
        let changes = OrganizationUpdate(
          name: call.body.name?.text, slug: call.body.slug?.text, description: call.body.description?.text, billingEmail: call.body.billingEmail?.text,
          acceptsRequests: call.body.acceptsRequests)
        return Wire.Organization(try await update(call.path.organization, changes, seen: call.revision, by: call.caller))
      },
      BoundEndpoint(API.Organizations.delete) { call async throws(Problem) in
        Wire.Organization(try await delete(call.path.organization, confirm: call.query.confirm, seen: call.revision, by: call.caller))
      },
      BoundEndpoint(API.Organizations.restore) { call async throws(Problem) in
        Wire.Organization(try await restore(call.path.organization, seen: call.revision, by: call.caller))
      },
      BoundEndpoint(API.Organizations.restoreByLink) { call async throws(Problem) in
        Wire.OrganizationName(try await restore(link: call.body.token.text, from: call.caller.origin))
      },
      BoundEndpoint(API.Organizations.suspend) { call async throws(Problem) in
        Wire.Organization(try await suspend(call.path.organization, because: call.body.reason.text, seen: call.revision, by: call.caller))
      },
      BoundEndpoint(API.Organizations.resume) { call async throws(Problem) in
        Wire.Organization(try await resume(call.path.organization, seen: call.revision, by: call.caller))
      },
      BoundEndpoint(API.Organizations.transfer) { call async throws(Problem) in
        let role = OrganizationRole(call.body.stepDownTo)
        return Wire.Organization(
          try await transfer(call.path.organization, to: call.body.member.cast(), steppingDownTo: role, seen: call.revision, by: call.caller))
      },
      BoundEndpoint(API.Organizations.leave) { call async throws(Problem) in
        try await plane.members.leave(call.path.organization, by: call.caller)
        return Nothing()
      },
    ]
  }
}

extension Wire.Organization {
  init(_ organization: Organization) {
    var suspension: Organization.Suspension?
    var deletion: (since: Timestamp, purge: Timestamp)?
    let state: Wire.OrganizationState
    switch organization.state {
    case .active: state = .active
    case .suspended(let present): (state, suspension) = (.suspended, present)
    case .deleted(let since, let purge, let present): (state, deletion, suspension) = (.deleted, (since, purge), present)
    }
    self.init(
      id: organization.id.cast(), slug: organization.slug.text, name: organization.name.text, description: organization.description.text,
      billingEmail: organization.billingEmail.text, acceptsRequests: organization.acceptsRequests, state: state, suspendedAt: suspension?.since,
      suspensionReason: suspension?.reason.text, deletedAt: deletion?.since, purgeAt: deletion?.purge, logo: Image.path(organization.logo),
      memberCount: organization.memberCount, createdAt: organization.createdAt,
      revision: organization.revision)
  }
}

extension Wire.OrganizationName {
  init(_ organization: Organization) { self.init(id: organization.id.cast(), slug: organization.slug.text, name: organization.name.text) }
}

extension OrganizationRole {
  init(_ role: Wire.OrganizationRole) {
    switch role {
    case .admin: self = .admin
    case .manager: self = .manager
    case .billing: self = .billing
    case .infrastructure: self = .infrastructure
    case .contributor: self = .contributor
    case .viewer: self = .viewer
    case .member: self = .member
    case .guest: self = .guest
    }
  }

  var wire: Wire.OrganizationRole {
    switch self {
    case .admin: .admin
    case .manager: .manager
    case .billing: .billing
    case .infrastructure: .infrastructure
    case .contributor: .contributor
    case .viewer: .viewer
    case .member: .member
    case .guest: .guest
    }
  }
}

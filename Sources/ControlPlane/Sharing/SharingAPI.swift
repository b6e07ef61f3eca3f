import Authorization
import Contract
import Kernel

extension Sharing {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Sharing.list) { call async throws(Problem) in
        let query = call.query
        if (query.parentType == nil) != (query.parent == nil) { throw Problem.invalid("parent", "Say both its type and which it is.") }
        var place: Wire.ObjectName?
        if let type = query.parentType, let parent = query.parent { place = Wire.ObjectName(type: type, id: parent) }
        let name = try SharedName(Wire.SharedName(type: query.type ?? "object", id: query.id ?? "-", parent: place))
        let found = try await list(of: name, in: call.path.organization, query.page(), by: call.caller)
        // Who may see nothing there isn't asked for more.
        guard query.type != nil, query.id != nil else { throw Problem.invalid(query.type == nil ? "type" : "id", "Say which object.") }
        return Wire.List(found, Wire.ObjectShare.init)
      },
      BoundEndpoint(API.Sharing.received) { call async throws(Problem) in
        Wire.List(try await received(in: call.path.organization, call.query.page(), by: call.caller), Wire.ObjectShare.init)
      },
      BoundEndpoint(API.Sharing.given) { call async throws(Problem) in
        Wire.List(try await given(in: call.path.organization, call.query.page(), by: call.caller), Wire.ObjectShare.init)
      },
      BoundEndpoint(API.Sharing.set) { call async throws(Problem) in
        Wire.ShareResult(share: try await set(ShareDraft(call.body), in: call.path.organization, by: call.caller).map(Wire.ObjectShare.init))
      },
      BoundEndpoint(API.Sharing.drop) { call async throws(Problem) in
        let names = call.body.objects.map { name in Result { () throws(Problem) in try SharedName(name) } }
        let dropped = try await drop(names, in: call.path.organization, by: call.caller)
        return Wire.DroppedShares(
          results: zip(call.body.objects, dropped).map { name, outcome in
            switch outcome {
            case .success(let count): Wire.DroppedShare(type: name.type, id: name.id, shares: count)
            case .failure(let problem): Wire.DroppedShare(type: name.type, id: name.id, code: problem.code.name, detail: problem.detail)
            }
          })
      },
    ]
  }
}

extension SharedName {
  init(_ wire: Wire.SharedName) throws(Problem) {
    self.init(
      try ObjectName(type: wire.type, id: wire.id),
      in: try wire.parent.map { parent throws(Problem) in try ThingName.Place(type: parent.type, id: parent.id, field: "parent") })
  }
}

extension ShareDraft {
  fileprivate init(_ wire: Wire.ShareDraft) throws(Problem) {
    guard wire.actions.count <= 100 else { throw Problem.invalid("actions", "Name at most 100 actions.") }
    self.init(
      try SharedName(wire.object), with: GrantDraft(Wire.GrantDraft(holder: wire.holder, kind: wire.kind)).candidate, actions: wire.actions,
      onBehalfOf: try wire.sharer.map { sharer throws(Problem) in try AccessQuestion.PrincipalName(sharer) }, isSharersOwn: wire.own ?? false)
  }
}

extension Wire.ObjectShare {
  init(_ share: Share) {
    let object = Wire.SharedName(
      type: share.object.name.type.name, id: share.object.name.id,
      parent: share.object.place.map { Wire.ObjectName(type: $0.type.name, id: $0.id.description) })
    var (account, member, serviceAccount, team): (ID<Wire.Account>?, ID<Wire.Member>?, ID<Wire.ServiceAccount>?, ID<Wire.Team>?)
    let (kind, handle): (Wire.GrantHolderKind, String)
    switch share.holder {
    case .member(let id, let person, let slug, _): (kind, member, account, handle) = (.account, id.cast(), person.cast(), slug.text)
    case .serviceAccount(let id, let slug, _): (kind, serviceAccount, handle) = (.serviceAccount, id.cast(), slug.text)
    case .team(let id, let slug, _): (kind, team, handle) = (.team, id.cast(), slug.text)
    case .invitation(_, let address): (kind, handle) = (.invitation, address.text)
    }
    self.init(
      id: share.id.cast(), object: object, kind: kind, account: account, member: member, serviceAccount: serviceAccount, team: team,
      name: share.holder.name, handle: handle, actions: share.sortedActions.map(\.name), sharedBy: share.sharer.name.text, since: share.since,
      revision: share.revision)
  }
}

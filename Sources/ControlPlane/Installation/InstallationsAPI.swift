import Contract
import Kernel

extension Installations {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Installation.read) { call async throws(Problem) in Wire.Installation(try await read(by: call.caller)) },
      BoundEndpoint(API.Installation.update) { call async throws(Problem) in
        let update = InstallationUpdate(
          signUp: call.body.signUp.flatMap { Installation.SignUpPolicy(rawValue: $0.rawValue) }, allowsEndlessTokens: call.body.endlessTokens,
          letsMembersBeAdded: call.body.directMembers)
        return Wire.Installation(try await self.update(update, by: call.caller))
      },
    ]
  }
}

extension Wire.Installation {
  init(_ installation: Installation) {
    self.init(
      signUp: Wire.SignUpPolicy(rawValue: installation.signUp.rawValue) ?? .closed, endlessTokens: installation.allowsEndlessTokens,
      directMembers: installation.letsMembersBeAdded)
  }
}

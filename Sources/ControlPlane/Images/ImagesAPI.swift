import Contract
import Kernel

extension Images {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Images.setLogo) { call async throws(Problem) in
        Wire.Organization(try await setLogo(call.body.read(), of: call.path.organization, seen: call.revision, by: call.caller))
      },
      BoundEndpoint(API.Images.removeLogo) { call async throws(Problem) in
        Wire.Organization(try await setLogo(nil, of: call.path.organization, seen: call.revision, by: call.caller))
      },
      BoundEndpoint(API.Images.setPortrait) { call async throws(Problem) in Wire.Account(try await setPortrait(call.body.read(), seen: call.revision, by: call.caller)) },
      BoundEndpoint(API.Images.removePortrait) { call async throws(Problem) in Wire.Account(try await setPortrait(nil, seen: call.revision, by: call.caller)) },
    ]
  }
}

extension Wire.ImageDraft {
  /// Both alphabets of base64 are taken, with or without padding.
  func read() throws(Problem) -> Image {
    let text = content.text.filter { $0 != "=" }.replacing("+", with: "-").replacing("/", with: "_")
    guard let bytes = Base64URL.decode(text) else { throw .invalid("content", "Give the bytes of the picture in base64.") }
    return try Problem.checking("content") { () throws(Rejection) in try Image(bytes) }
  }
}

import Kernel

extension API {
  /// Logos of organizations and portraits of people.
  public enum Images {
    public static let setLogo = Endpoint<Wire.InOrganization, Nothing, Wire.ImageDraft, Wire.Organization>(
      "organization.set_logo", .put, "/organizations/{organization}/logo", access: .organization(permission: "organization.update"),
      summary: "Give an organization a logo: PNG, JPEG or WebP of at most 256 kB and 2,048 pixels a side.", refusals: [.stale])

    public static let removeLogo = Endpoint<Wire.InOrganization, Nothing, Nothing, Wire.Organization>(
      "organization.remove_logo", .delete, "/organizations/{organization}/logo", access: .organization(permission: "organization.update"),
      summary: "Take the logo away; a figure drawn from the id stands in its place.", refusals: [.stale])

    public static let setPortrait = Endpoint<Nothing, Nothing, Wire.ImageDraft, Wire.Account>(
      "account.set_portrait", .put, "/account/portrait", access: .account, summary: "Show a picture beside the own name: PNG, JPEG or WebP of at most 256 kB and 2,048 pixels a side.",
      refusals: [.stale])

    public static let removePortrait = Endpoint<Nothing, Nothing, Nothing, Wire.Account>(
      "account.remove_portrait", .delete, "/account/portrait", access: .account, summary: "Take the picture away; the initials stand in its place.", refusals: [.stale])

    static var all: [AnyEndpoint] { [AnyEndpoint(setLogo), AnyEndpoint(removeLogo), AnyEndpoint(setPortrait), AnyEndpoint(removePortrait)] }
  }
}

extension Wire {
  public struct ImageDraft: Codable, Sendable, Hashable {
    /// The bytes of the picture in base64.
    public var content: Unchecked<PictureText>

    public init(content: String) { self.content = .init(content) }
  }
}

/// A picture of at most 256 kB in base64 (RFC 4648 §4 or §5).
public enum PictureText: TextRules {
  public static var rules: Schema.StringRules { .init(pattern: "^[A-Za-z0-9+/_-]+={0,2}$", length: 1...349_528) }
  /// One grey pixel.
  public static var example: String { "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==" }
}

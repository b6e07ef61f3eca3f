import Kernel
public import Markup
public import Secrets

extension Images {
  var pages: [PageRoute] {
    [
      .page("/images/{digest}") { visit async throws(Problem) in
        guard let digest = SHA256Digest(visit.parameter("digest")) else { throw Problem(.missing, "There is no such image.") }
        return .image(try await find(digest))
      },
      .form("/{organization}/settings/logo") { visit async throws(Problem) in
        let organization = visit.parameter("organization")
        return try await flashing(to: "/\(organization)/settings") { () async throws(Problem) in
          let image = try picture(in: visit)
          _ = try await setLogo(image, of: organization, seen: nil, by: visit.caller)
          return image == nil ? "The logo is removed." : "The new logo is in use."
        }
      },
      .form("/me/portrait") { visit async throws(Problem) in
        try await flashing(to: "/me") { () async throws(Problem) in
          let image = try picture(in: visit)
          _ = try await setPortrait(image, seen: nil, by: visit.caller)
          return image == nil ? "Your picture is removed." : "Your new picture is in use."
        }
      },
    ]
  }

  /// The file that was chosen; `nil` where the button to remove it was pressed.
  private func picture(in visit: Visit) throws(Problem) -> Image? {
    guard visit.field("remove").isEmpty else { return nil }
    let bytes = visit.file("picture")?.bytes ?? []
    return try Problem.checking("picture") { () throws(Rejection) in try Image(bytes) }
  }
}

/// The logo of an organization, or its seal.
func figure(of organization: Organization, _ size: SealSize = .small) -> HTML {
  organization.logo.map { picture(Image.link($0), size, .logo) } ?? seal(of: organization.id, size)
}

/// The portrait of a person, or their initials.
func figure(of account: Account, _ size: SealSize = .small) -> HTML {
  account.portrait.map { picture(Image.link($0), size, .portrait) } ?? monogram(of: account.id, name: account.name.text, size)
}

extension Image {
  /// Where pages find it.
  public static func link(_ digest: SHA256Digest) -> Link { Link(local: "/images/\(digest.text)") ?? "/" }
}

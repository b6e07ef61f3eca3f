import Authorization
public import Kernel
public import Secrets

extension ControlPlane {
  public var images: Images { Images(plane: self) }
}

/// Whose portrait is found under which digest.
typealias Portraits = [ID<Account>: SHA256Digest]

/// Logos of organizations and portraits of people.
public struct Images: Sendable {
  let plane: ControlPlane

  /// The image behind a digest, for whoever knows it: nobody guesses one.
  public func find(_ digest: SHA256Digest) async throws(Problem) -> Image {
    try await plane.read(as: .system("images")) { work in
      guard let image = try work.images.find(digest) else { throw Problem(.missing, "There is no such image.") }
      return image
    }
  }

  /// The portraits of those who have one, for lists of people whom the viewer may see.
  func portraits(of accounts: [ID<Account>]) async throws(Problem) -> Portraits {
    accounts.isEmpty ? [:] : try await plane.read(as: .system("images")) { work in try work.images.portraits(of: accounts) }
  }

  /// Gives the organization a logo, or takes it away.
  public func setLogo(_ image: Image?, of reference: String, seen: Int?, by caller: Caller) async throws(Problem) -> Organization {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(UpdateOrganization.self, in: reference)
      try organization.expect(seen)
      guard organization.logo != image?.digest else { return organization }
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(organization), [Change("logo", from: organization.logo?.text, to: image?.digest.text)])
      try work.images.setLogo(of: organization, image, under: proof)
      return try work.organizations.find(organization.id).orDefect()
    }
  }

  /// Gives the caller a portrait, or takes it away.
  public func setPortrait(_ image: Image?, seen: Int?, by caller: Caller) async throws(Problem) -> Account {
    try await plane.write(as: caller) { work in
      let person = try work.person()
      let permit = try work.permit(UpdateAccount.self, on: person.id)
      let account = try work.accounts.find(person.id).orDefect()
      try account.expect(seen)
      guard account.portrait != image?.digest else { return account }
      let proof = try work.record(permit, in: .account(person.id), on: Target(account), [Change("portrait", from: account.portrait?.text, to: image?.digest.text)])
      try work.images.setPortrait(of: account, image, under: proof)
      return try work.accounts.find(person.id).orDefect()
    }
  }
}

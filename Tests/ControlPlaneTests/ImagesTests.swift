import Contract
@testable import ControlPlane
import Kernel
import Secrets
import Storage
import Testing

@Suite struct ImagesTests {
  /// The beginnings of files of each kind, with their sizes.
  static func png(_ width: Int = 64, _ height: Int = 64, salt: UInt8 = 0) -> [UInt8] {
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8) + word(width) + word(height) + [8, 6, 0, 0, 0, 1, 2, 3, salt]
  }

  private static func word(_ number: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }

  private static func jpeg(_ width: Int, _ height: Int) -> [UInt8] {
    [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xFF, 0xC2, 0, 11, 8] + word(height).suffix(2) + word(width).suffix(2) + [3, 1, 0x22, 0, 2, 0x11]
  }

  private static func webp(_ kind: String, _ rest: [UInt8]) -> [UInt8] {
    Array("RIFF".utf8) + [40, 0, 0, 0] + Array("WEBP\(kind)".utf8) + rest + [UInt8](repeating: 0, count: 16)
  }

  @Test func `The kind and the size are read from the bytes, whatever their name says`() throws {
    #expect(try Image(Self.png(2048, 1)).mediaType == .png)
    #expect(try Image(Self.jpeg(640, 480)).mediaType == .jpeg)
    let lossy: [UInt8] = [10, 0, 0, 0, 0, 0, 0, 0x9D, 0x01, 0x2A, 64, 0, 32, 0]
    for bytes in [Self.webp("VP8 ", lossy), Self.webp("VP8L", [9, 0, 0, 0, 0x2F, 0x3F, 0xC0, 0x0F, 0]), Self.webp("VP8X", [10, 0, 0, 0, 0, 0, 0, 0, 63, 0, 0, 31, 0, 0])] {
      #expect(try Image(bytes).mediaType == .webp)
    }
  }

  // No test cases of their own: the log would hold each image byte by byte.
  @Test func `What can't be shown is refused`() {
    let images: [[UInt8]] = [
      [], Array("<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>".utf8), Array("GIF89a".utf8) + [1, 0, 1, 0, 0, 0, 0], Array("RIFF".utf8),
      Self.png(2049, 1), Self.png(1, 0), Self.png(0, 1), Self.png(1 << 31, 5), Array(Self.png().prefix(20)), Self.png() + [UInt8](repeating: 0, count: 256 << 10),
      [0xFF, 0xD8, 0xFF], [0xFF, 0xD8, 0xFF, 0xE0] + [UInt8](repeating: 0, count: 10), [0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xFF] + [UInt8](repeating: 0xFF, count: 40),
      Self.jpeg(0, 5), Self.jpeg(4000, 5), Self.webp("VP8?", []),
    ]
    for bytes in images { #expect(throws: Rejection.self, "\(bytes.prefix(32))") { try Image(bytes) } }
  }

  @Test func `A logo is set by who may change the organization, shown, replaced and taken away`() async throws {
    let lab = try await Lab()
    let (images, first, second) = (lab.plane.images, try Image(Self.png(salt: 1)), try Image(Self.png(salt: 2)))
    let (session, _) = try await lab.member("Bob", as: "manager")
    #expect(await refusal { try await images.setLogo(first, of: lab.slug, seen: nil, by: lab.house.caller(session)) } == "forbidden")
    #expect(await refusal { try await images.setLogo(first, of: lab.slug, seen: nil, by: lab.house.visitor()) } == "session.required")
    let before = try await lab.plane.organizations.find(lab.slug, by: lab.admin)
    let shown = try await images.setLogo(first, of: lab.slug, seen: before.revision, by: lab.admin)
    #expect(shown.logo == first.digest && shown.revision == before.revision + 1)
    #expect(try await images.find(first.digest) == first)
    #expect(await refusal { try await images.setLogo(second, of: lab.slug, seen: before.revision, by: lab.admin) } == "stale")
    // The same again changes nothing.
    #expect(try await images.setLogo(first, of: lab.slug, seen: nil, by: lab.admin) == shown)
    _ = try await images.setLogo(second, of: lab.slug, seen: nil, by: lab.admin)
    #expect(await refusal { try await images.find(first.digest) } == "missing")
    #expect(try await images.setLogo(nil, of: lab.slug, seen: nil, by: lab.admin).logo == nil)
    #expect(await refusal { try await images.find(second.digest) } == "missing")
    #expect(try await lab.house.actions(in: lab.stream).suffix(3) == ["organization.update", "organization.update", "organization.update"])
  }

  @Test func `A picture that stands in two places stays until both let it go`() async throws {
    let lab = try await Lab()
    let (images, image) = (lab.plane.images, try Image(Self.png()))
    _ = try await images.setLogo(image, of: lab.slug, seen: nil, by: lab.admin)
    _ = try await images.setPortrait(image, seen: nil, by: lab.admin)
    _ = try await images.setLogo(nil, of: lab.slug, seen: nil, by: lab.admin)
    #expect(try await images.find(image.digest) == image)
    #expect(try await lab.plane.accounts.read(by: lab.admin).portrait == image.digest)
    _ = try await images.setPortrait(nil, seen: nil, by: lab.admin)
    #expect(await refusal { try await images.find(image.digest) } == "missing")
  }

  @Test func `What is gone takes its picture along`() async throws {
    let lab = try await Lab()
    let (images, logo, portrait) = (lab.plane.images, try Image(Self.png(salt: 1)), try Image(Self.png(salt: 2)))
    let (session, _) = try await lab.member("Bob", as: "member")
    _ = try await images.setPortrait(portrait, seen: nil, by: lab.house.caller(session))
    _ = try await images.setLogo(logo, of: lab.slug, seen: nil, by: lab.admin)
    try await lab.plane.accounts.delete(by: lab.house.caller(session))
    #expect(await refusal { try await images.find(portrait.digest) } == "missing")
    _ = try await lab.plane.organizations.delete(lab.slug, confirm: lab.slug, by: lab.admin)
    #expect(try await images.find(logo.digest) == logo)
    lab.house.pass(.days(30))
    try await PurgeOrganizations(lab.plane).run()
    #expect(await refusal { try await images.find(logo.digest) } == "missing")
  }
}

import Kernel
import Testing

/// What comes from outside may be as large as a request can be: every reader of texts must say no at once.
@Suite(.serialized) struct SizeTests {
  enum Thing {}

  static let sizes = [0, 1, 128, 10_000, 1_000_000]

  /// One megabyte of each of these is somebody's attempt to make us slow.
  static let fillings = ["a", " ", "-", "a@", ".", "\u{301}", "\u{200D}", "👩‍🔬", "🇩", "\r\n", "\u{0}", "0", "İ"]

  static let readers: [(name: String, read: @Sendable (String) -> Void)] = [
    ("ID", { _ = ID<Thing>($0) }),
    ("Timestamp", { _ = Timestamp($0) }),
    ("EmailAddress", { _ = try? EmailAddress($0) }),
    ("Credits", { _ = try? Credits(signedDecimal: $0) }),
    ("Slug", { _ = try? Slug($0) }),
    ("Slug.proposed", { _ = Slug.proposed(for: $0) }),
    ("DisplayName", { _ = try? DisplayName($0) }),
    ("Note", { _ = try? Note($0) }),
    ("Cursor", { _ = try? Cursor($0) }),
    ("Hex", { _ = Hex.decode($0) }),
    ("Base64URL", { _ = Base64URL.decode($0) }),
  ]

  private static let texts = fillings.flatMap { filling in sizes.map { size in String(repeating: filling, count: size / filling.utf8.count) } }

  @Test(arguments: readers.map(\.name))
  func `Texts of any size are answered at once`(reader: String) throws {
    let read = try #require(Self.readers.first { $0.name == reader }?.read)
    for text in Self.texts {
      let time = elapsed {
        read(text)
        read(text + " x ")
      }
      // Generous, for builds without optimization on a busy machine; a quadratic reader takes minutes.
      #expect(time < .seconds(60), "\(text.utf8.count) bytes of \(text.first.debugDescription) took \(reader) \(time)")
    }
  }

  @Test(arguments: sizes)
  func `Names, notes and addresses keep their limits`(size: Int) {
    let text = String(repeating: "a", count: size)
    #expect(((try? DisplayName(text)) != nil) == (1...128).contains(size))
    #expect(((try? Note(text)) != nil) == (size <= 2000))
    #expect((try? EmailAddress(text + "@example.org")) == nil || size == 1)
    #expect(((try? Slug(text)) != nil) == (size == 1))
  }
}

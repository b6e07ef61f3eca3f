import Foundation
import Kernel
import Testing

@testable import Contract

@Suite struct SnakeCaseTests {
  @Test(
    "Words begin where a reader sees them begin",
    arguments: [
      ("name", "name"), ("nextCursor", "next_cursor"), ("apiURLFor", "api_url_for"), ("requestId", "request_id"), ("aB", "a_b"), ("endsInURL", "ends_in_url"),
      ("line1", "line1"), ("aBC1d", "a_bc_1d"), ("", ""),
    ])
  func words(name: String, expected: String) {
    #expect(name.snakeCased == expected)
  }

  @Test("Any identifier travels as Foundation would write it, and comes back as Foundation would read it")
  func sameAsFoundation() throws {
    var random = SplitMix(seed: 7)
    let letters = Array("abcxyzABCXYZ019")
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    for _ in 0..<2000 {
      let name = "k" + String((0..<Int.random(in: 0...10, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" })
      let theirs = try #require(try JSONSerialization.jsonObject(with: encoder.encode(OneField(name: name))) as? [String: Int]).keys.first
      #expect(name.snakeCased == theirs, "\(name)")
      let back = try decoder.decode(Names.self, from: Data("{\"\(name.snakeCased)\":1}".utf8)).names
      #expect(back == [name.snakeCased.camelCased], "\(name)")
    }
  }
}

private struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

private struct OneField: Encodable {
  let name: String

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AnyKey.self)
    try container.encode(1, forKey: AnyKey(stringValue: name))
  }
}

private struct Names: Decodable {
  let names: [String]

  init(from decoder: any Decoder) throws { names = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue) }
}

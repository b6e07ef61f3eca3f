import Kernel
import Testing

@testable import Contract

@Suite struct SchemaProbeTests {
  @Test("All fields of a type are found, with their names, types and whether they are needed")
  func fields() throws {
    guard case .object(let name, let properties) = try Schema.probing(Sample.self) else {
      Issue.record("not an object")
      return
    }
    #expect(name == "Sample")
    #expect(
      properties == [
        .init(name: "id", schema: .string(.init(format: "uuid")), required: true),
        .init(name: "display_name", schema: .string(.init()), required: true),
        .init(name: "is_open", schema: .boolean, required: true),
        .init(name: "count", schema: .integer(range: nil), required: false),
        .init(name: "small", schema: .integer(range: 0...255), required: true),
        .init(name: "big", schema: .integer(range: 0...Int.max), required: false),
        .init(name: "colour", schema: .string(.init(choices: ["red", "dark-red"])), required: true),
        .init(name: "colours", schema: .array(.string(.init(choices: ["red", "dark-red"]))), required: true),
        .init(name: "inner", schema: .object(name: "SampleInner", properties: [.init(name: "at", schema: .string(.init(format: "date-time")), required: false)]), required: false),
        .init(name: "labels", schema: .dictionary(.string(.init())), required: true),
        .init(name: "extra", schema: .anything, required: true),
      ])
  }

  @Test("The example of a type survives the wire")
  func example() throws {
    let probed = try Probed<Sample>.make(inside: [])
    let bytes = try WireCoding.encode(probed.example)
    #expect(try WireCoding.encode(WireCoding.decode(Sample.self, from: bytes)) == bytes)
  }

  @Test(
    "Objects are called after their types",
    arguments: [
      (Wire.ProblemDetails.self as Any.Type, "ProblemDetails"), (Wire.ProblemDetails.Fault.self, "ProblemDetailsFault"), (Wire.List<Wire.Paging>.self, "PagingList"),
      (Wire.List<Wire.ProblemDetails.Fault>.self, "ProblemDetailsFaultList"), (Pair<Wire.Paging, Wire.List<Wire.Paging>>.self, "PagingPagingListPair"), (Hidden.self, "Hidden"),
    ])
  func names(type: Any.Type, expected: String) {
    #expect(Schema.name(of: type) == expected)
  }

  @Test("A type that holds itself refers to itself")
  func recursion() throws {
    guard case .object("Tree", let properties) = try Schema.probing(Tree.self) else {
      Issue.record("not an object")
      return
    }
    #expect(properties.map(\.schema) == [.array(.reference("Tree")), .reference("Tree"), .dictionary(.reference("Tree"))])
  }

  @Test("What the contract can't promise is told, not guessed")
  func failures() {
    #expect(throws: ProbeFailure.self) { try Schema.probing(WithFraction.self) }
    #expect(throws: ProbeFailure.self) { try Schema.probing(WithPickyField.self) }
    #expect(throws: ProbeFailure.self) { try Schema.probing(WithLostName.self) }
    #expect(throws: ProbeFailure.self) { try Schema.probing(Ping.self) }
  }
}

private enum Colour: String, CaseIterable, SchemaLeaf {
  case red
  case darkRed = "dark-red"
}

struct Sample: Codable {
  enum Noun {}
  struct Inner: Codable { var at: Timestamp? }

  var id: ID<Noun>
  var displayName: String
  var isOpen: Bool
  var count: Int?
  var small: UInt8
  var big: UInt64?
  fileprivate var colour: Colour
  fileprivate var colours: [Colour]
  var inner: Inner?
  var labels: [String: String]
  var extra: JSON
}

private struct Pair<First: Codable, Second: Codable>: Codable {
  let first: First
  let second: Second
}

private struct Hidden: Codable {}

private struct Tree: Codable {
  let children: [Tree]
  let parent: Box<Tree>?
  let named: [String: Tree]

  /// A reference, so that the type can hold itself.
  final class Box<Value: Codable>: Codable {
    let value: Value

    init(from decoder: any Decoder) throws { value = try Value(from: decoder) }
    func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
  }

  enum CodingKeys: CodingKey { case children, parent, named }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    children = try container.decode([Tree].self, forKey: .children)
    parent = try container.decodeIfPresent(Tree.self, forKey: .parent) == nil ? nil : nil
    named = try container.decode([String: Tree].self, forKey: .named)
  }
}

private struct WithFraction: Codable { var share: Double }
private struct WithLostName: Codable { var pageURL: String }

private struct WithPickyField: Codable {
  enum Letter: String, Codable { case a, b }
  var letter: Letter
}

private struct Ping: Codable { var pong: Pong }
private final class Pong: Codable { var ping: Ping }

import Cedar
import Testing

/// Makes deep expressions of long chains within long chains, of lengths near those where something changes.
private struct ChainMaker {
  var random: Seeded

  private mutating func pick<Element>(_ elements: [Element]) -> Element { elements[Int.random(in: 0..<elements.count, using: &random)] }

  private mutating func length() -> Int {
    let near = pick([1, 2, 8, 9, 35, 99, 100, 101, 199, 200, 201, 298, 399, 400])
    return max(1, pick([near, near, Int.random(in: 1..<500, using: &random), 499, 500, 501] + [1, 2, 3, 4, 5, 6]))
  }

  mutating func make(_ depth: Int) -> Expression {
    if depth <= 0 { return Expression(.variable(pick(Variable.allCases))) }
    let inner = make(depth - pick([1, 1, 1, 4]))
    let other = make(min(depth - 1, pick([0, 0, 0, 1])))
    let count = length()
    let place = pick([0, count - 1, count / 2])
    switch Int.random(in: 0..<14, using: &random) {
    case 0: return Expression(.and((0..<count + 1).map { $0 == place ? inner : other }))
    case 1: return Expression(.or((0..<count + 1).map { $0 == place ? inner : other }))
    case 2: return Expression(.and([other, Expression(.and([other, inner])), other]))
    case 3: return (0..<count).reduce(inner) { subject, _ in Expression(.attribute(subject, "boss")) }
    case 4: return (0..<count).reduce(inner) { subject, n in n == place ? Expression(.binary(.getTag, subject, other)) : Expression(.attribute(subject, "a b")) }
    case 5, 6:
      // A path, also behind something else, with and without names that can't stand in one.
      var (subject, parts) = (inner, count < 20 ? [other] : [])
      for n in 0..<min(count, 300) {
        let name: Text = n == place && count % 3 == 0 ? "a b" : "boss"
        parts.append(Expression(.has(subject, name)))
        subject = Expression(.attribute(subject, name))
      }
      return parts.count > 1 ? Expression(.and(parts)) : parts[0]
    case 7: return Expression(.conditional((0..<count).map { .init($0 == place ? inner : other, then: other) }, else: pick([inner, other])))
    case 8: return Expression(.arithmetic(pick([inner, other]), (0..<count).map { .init($0 % 2 == 0 ? .add : .subtract, $0 == place ? inner : other) }))
    case 9: return Expression(.arithmetic(other, (0..<count).map { .init(.multiply, $0 == place ? inner : other) }))
    case 10: return Expression(.set([other, inner]))
    case 11: return Expression(.record([.init("a", inner), .init("b c", other)]))
    case 12: return Expression(.unary(pick([.not, .negate]), inner))
    default: return Expression(.binary(pick([.equal, .less, .lessOrEqual, .isIn, .contains]), pick([inner, other]), pick([inner, other])))
    }
  }
}

@Suite struct ChainTests {
  /// A text is read exactly if its JSON is, both say the same, and each is what the other is written as.
  @Test(arguments: 0..<8)
  func `what is read as text is read from its JSON, and the other way round`(seed: Int) throws {
    var maker = ChainMaker(random: Seeded(UInt64(seed)))
    var (read, refused) = (0, 0)
    for _ in 0..<25 {
      let expression = maker.make(Int.random(in: 1..<5, using: &maker.random))
      let policy = Policy(id: "p", effect: .permit, conditions: [Condition(.when, expression)])
      let (text, json) = (policy.description, policy.json.description)
      let parsed = try? Policy(parsing: text, id: "p")
      let fromJSON = try? Policy(json: json, id: "p")
      #expect((parsed == nil) == (fromJSON == nil), "\(text.prefix(2000))")
      guard let parsed, let fromJSON else {
        refused += 1
        continue
      }
      read += 1
      #expect(parsed == policy && fromJSON == policy, "\(text.prefix(2000))")
      #expect(parsed.json.description == json && fromJSON.description == text)
    }
    #expect(read >= 8 && refused >= 1, "\(read) read, \(refused) refused")
  }

  @Test func `a chain comes back from JSON whatever it stands in and whatever stands in it`() throws {
    let path = "principal" + String(repeating: ".boss", count: 300) + " == principal"
    for (op, count) in [("&&", 199), ("||", 199), ("&&", 100), ("&&", 101), ("||", 2500)] {
      let chain = String(repeating: "true \(op) ", count: count) + path
      // The deepest place that is read, too.
      for text in [chain, String(repeating: "!(", count: 32) + chain + String(repeating: ")", count: 32)] {
        let policy = try Policy(parsing: "permit(principal, action, resource) when { \(text) };", id: "p")
        #expect(try Policy(json: policy.json.description, id: "p") == policy)
        #expect(try Policy(parsing: policy.description, id: "p") == policy)
      }
    }
  }

  @Test func `&& and || are associative`() throws {
    for op in ["&&", "||"] {
      let flat = try Expression(parsing: "true \(op) false \(op) context.mfa \(op) 1")
      for text in ["(true \(op) false) \(op) (context.mfa \(op) 1)", "true \(op) (false \(op) (context.mfa \(op) 1))", "((true \(op) false) \(op) context.mfa) \(op) 1"] {
        #expect(try Expression(parsing: text) == flat && Expression(parsing: text).description == flat.description)
      }
    }
    for text in ["1 + (2 + 3)", "1 - (2 - 3)", "2 * (3 * 4)"] { #expect(try Expression(parsing: text).description == text) }
  }

  @Test func `sums within sums have as many links as JSON could follow`() throws {
    func sum(_ first: Int, _ count: Int, _ last: String = "1") -> String { "\(first)" + String(repeating: " + 1", count: count) + " + \(last)" }
    #expect(throws: Never.self) { try Expression(parsing: "\(sum(1, 398)) == \(sum(2, 398))") }
    #expect(throws: Never.self) { try Expression(parsing: "\(sum(1, 398)) == (\(sum(2, 50, "(\(sum(3, 398)))")))") }
    let error = #expect(throws: ParseFailure.self) { try Expression(parsing: "\(sum(1, 300)) == (\(sum(2, 300, "(\(sum(3, 300)))")))") }
    #expect(error?.diagnostics.first?.message == "the chains of this expression have more than 500 links")
    #expect(error?.diagnostics.first?.hint == "split the condition, or name parts of it in attributes" && error?.diagnostics.first?.location != nil)
  }

  @Test func `a method of JSON is called on something`() {
    let text = #"{"effect":"permit","principal":{"op":"All"},"action":{"op":"All"},"resource":{"op":"All"},"conditions":[{"kind":"when","body":{"isIpv4":[]}}]}"#
    let error = #expect(throws: DataFailure.self) { try Policy(json: text) }
    #expect(error?.description.contains("called on nothing") == true && error?.diagnostics.first?.location?.offending == "[]")
  }
}

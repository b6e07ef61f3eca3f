import Cedar
import Testing

@Suite struct DataTests {
  @Test(arguments: [
    (#"{"a": [1, -2, true, null, "x\n\"\\\/\b\f\r\t\u00e9\ud83d\ude00"], "b": {}}"#, #"{"a":[1,-2,true,null,"x\n\"\\/\u0008\u000c\r\té😀"],"b":{}}"#), (" [ ] ", "[]"), ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"), ("\"\"", "\"\""), ("false", "false"),
  ] as [(String, String)])
  func `JSON is read and written`(text: String, written: String) throws {
    let json = try JSON(parsing: text)
    #expect(json.description == written)
    #expect(try JSON(parsing: json.written(indented: true)) == json)
  }

  @Test(arguments: [
    "", " ", "{", "[", "[1", "[1,", "[1 2]", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\":1,}", "{a:1}", "{\"a\":1,\"a\":2}", "1 2", "tru", "nul", "falsy", "01", "-0", "-", "1.5", "1e5", "1E5", "9223372036854775808", "-9223372036854775809", "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\\ud800x\"", "\"\n\"", "\"a\\n\n\"", "+1", "'a'", "\u{feff}1",
  ])
  func `what is not JSON is refused`(text: String) { #expect(throws: ParseFailure.self, "\(text)") { try JSON(parsing: text, file: "x.json") } }

  @Test func `bytes that are no UTF-8 are refused`() {
    #expect(throws: ParseFailure.self) { try JSON(parsing: [0x22, 0xff, 0x22]) }
    #expect(throws: ParseFailure.self) { try JSON(parsing: [0x22, 0x5c, 0x6e, 0xff, 0x22]) }
  }

  @Test func `a name given twice is found among many`() throws {
    let members = (0..<40).map { "\"k\($0)\": \($0)" }
    #expect(try JSON(parsing: "{\(members.joined(separator: ","))}")["k39"] == .long(39))
    #expect(throws: ParseFailure.self) { try JSON(parsing: "{\((members + ["\"k3\": 1"]).joined(separator: ","))}") }
    #expect(JSON.long(1)["a"] == nil)
  }

  @Test(arguments: [
    "null", "{\"__expr\": \"1\"}", "{\"__extn\": {\"fn\": \"none\", \"arg\": \"x\"}}", "{\"__extn\": {\"fn\": \"ip\", \"arg\": \"x\"}}", "{\"__extn\": {\"fn\": \"ip\", \"args\": [1]}}", "{\"__entity\": {\"type\": \"a b\", \"id\": \"x\"}}", "[null]", "{\"a\": null}",
  ])
  func `a value that can't be is refused`(text: String) {
    let error = #expect(throws: FormatError.self) { try Value(json: JSON(parsing: text)) }
    #expect(error?.description.isEmpty == false)
  }

  @Test(arguments: [
    ("{\"__entity\": {\"type\": \"A\"}}", "{__entity: {type: \"A\"}}"), ("{\"__extn\": {\"fn\": \"ip\"}}", "{__extn: {fn: \"ip\"}}"), ("{\"__extn\": {\"fn\": \"ip\", \"x\": 1}}", "{__extn: {fn: \"ip\", x: 1}}"), ("{\"__entity\": {\"type\": \"A\", \"id\": \"x\"}}", "A::\"x\""), ("{\"__extn\": {\"fn\": \"isIpv4\", \"arg\": {\"__extn\": {\"fn\": \"ip\", \"arg\": \"::1\"}}}}", "false"),
    ("{\"__extn\": {\"fn\": \"offset\", \"args\": [{\"__extn\": {\"fn\": \"datetime\", \"arg\": \"1970-01-01\"}}, {\"__extn\": {\"fn\": \"duration\", \"arg\": \"1ms\"}}]}}", "datetime(\"1970-01-01T00:00:00.001Z\")"),
  ] as [(String, String)])
  func `escapes are values, and what looks like one a record`(text: String, value: String) throws { #expect(try Value(json: JSON(parsing: text)).description == value) }

  @Test func `a type stands for the escapes`() throws {
    #expect(try Value(json: JSON(parsing: "[\"1.5\"]"), as: .set(.decimal)) == .set([.decimal(Decimal("1.5")!)]))
    #expect(try Value(json: JSON(parsing: "{\"type\": \"A\", \"id\": \"x\"}"), as: .entity("A")) == .entity(EntityUID("A", "x")))
    #expect(try Value(json: JSON(parsing: "{\"fn\": \"ip\", \"args\": [\"::1\"]}"), as: .ip) == .ip(IPAddress("::1")!))
    #expect(try Value(json: JSON(parsing: "{\"__extn\": {\"fn\": \"duration\", \"arg\": \"1h\"}}"), as: .duration) == .duration(Duration("1h")!))
    let instant = try #require(Datetime("2024-01-01T01:00:00Z"))
    for text in [#"{"fn": "offset", "args": ["2024-01-01", "1h"]}"#, #"{"__extn": {"fn": "offset", "args": ["2024-01-01", {"fn": "duration", "arg": "1h"}]}}"#, #"{"__extn": {"fn": "datetime", "arg": "2024-01-01T01:00:00Z"}}"#] {
      #expect(try Value(json: JSON(parsing: text), as: .datetime) == .datetime(instant))
    }
    #expect(throws: FormatError.self) { try Value(json: JSON(parsing: #"{"__extn": {"fn": "offset", "args": ["2024-01-01", "1h"]}}"#)) }
    #expect(throws: FormatError.self) { try Value(json: .long(1), as: .datetime) }
    #expect(throws: FormatError.self) { try Value(json: .string("x"), as: .set(.long)) }
    #expect(throws: FormatError.self) { try Value(json: .string("x"), as: .record([:])) }
    #expect(throws: FormatError.self) { try Value(json: .string("x"), as: .decimal) }
    #expect(throws: FormatError.self) { try Record(json: .long(1)) }
  }

  @Test(arguments: [
    "{}", "[1]", "[{}]", "[{\"uid\": 1, \"attrs\": {}, \"parents\": []}]", "[{\"uid\": {\"type\": \"A\", \"id\": 1}, \"attrs\": {}, \"parents\": []}]", "[{\"uid\": {\"type\": \"A\", \"id\": \"a\"}, \"parents\": []}]", "[{\"uid\": {\"type\": \"A\", \"id\": \"a\"}, \"attrs\": {}}]",
    "[{\"uid\": {\"type\": \"A\", \"id\": \"a\"}, \"attrs\": [], \"parents\": []}]", "[{\"uid\": {\"type\": \"A\", \"id\": \"a\"}, \"attrs\": {}, \"parents\": [1]}]", "[{\"uid\": {\"type\": \"A\", \"id\": \"a\"}, \"attrs\": {\"x\": null}, \"parents\": []}]", "[{\"uid\": {\"type\": \"A\", \"id\": \"a\"}, \"attrs\": {}, \"parents\": [], \"tags\": 1}]",
    "[{\"uid\": {\"type\": \"A\", \"id\": \"a\"}, \"attrs\": {}, \"parents\": [{\"type\": \"A\", \"id\": \"a\"}]}]", "[{\"uid\": {\"type\": \"A\", \"id\": \"a\"}, \"attrs\": {}, \"parents\": []}, {\"uid\": {\"type\": \"A\", \"id\": \"a\"}, \"attrs\": {\"x\": 1}, \"parents\": []}]", "nonsense",
  ])
  func `entities that can't be are refused with their place`(text: String) {
    let error = #expect(throws: DataFailure.self) { try Entities(json: text) }
    #expect(error?.description.isEmpty == false)
  }

  @Test(arguments: [
    ("Action", "U", false), ("Action", "Action", true), ("A::Action", "Action", true), ("Action", "A::Action", true), ("A::Action", "B::C::Action", true), ("A::Action", "U", false), ("A::Action", "A::U", false), ("Action", "Action::X", false), ("U", "Action", true), ("Action::X", "U", true),
  ])
  func `only an action may be the group of an action, in any namespace`(type: String, parent: String, isAccepted: Bool) throws {
    let text = "[{\"uid\": {\"type\": \"\(type)\", \"id\": \"v\"}, \"attrs\": {},\n \"parents\": [{\"__entity\": {\"type\": \"\(parent)\", \"id\": \"g\"}}]}]"
    guard !isAccepted else { return #expect(try Entities(json: text).count == 1) }
    let error = #expect(throws: DataFailure.self) { try Entities(json: text, file: "e.json") }
    let one = try #require(error?.diagnostics.first)
    #expect(one.location?.line == 2 && one.location?.column == 14 && one.message.contains("is an action") && one.hint?.contains("`Action`") == true)
  }

  @Test(arguments: ["{}", "{\"principal\": 1, \"action\": \"Action::\\\"a\\\"\", \"resource\": \"A::\\\"a\\\"\"}", "{\"principal\": \"x\", \"action\": \"Action::\\\"a\\\"\", \"resource\": \"A::\\\"a\\\"\"}", "{\"principal\": \"A::\\\"a\\\"\", \"action\": \"Action::\\\"a\\\"\", \"resource\": \"A::\\\"a\\\"\", \"context\": 1}"])
  func `a request that can't be is refused`(text: String) { #expect(throws: DataFailure.self) { try Request(json: JSON(parsing: text)) } }

  @Test func `a request reads back`() throws { #expect(try Request(json: sampleRequest.json) == sampleRequest) }

  private static let good = #"{"effect": "permit", "principal": {"op": "All"}, "action": {"op": "All"}, "resource": {"op": "All"}, "conditions": []}"#

  @Test(arguments: [
    "nonsense", "{}", "{\"effect\": \"allow\"}", good.replacing("permit", "allow"), good.replacing("\"conditions\": []", "\"conditions\": [], \"more\": 1"), good.replacing("\"conditions\": []", "\"conditions\": [{\"kind\": \"if\", \"body\": {\"Value\": true}}]"), good.replacing("\"conditions\": []", "\"conditions\": [], \"annotations\": {\"a b\": \"\"}"),
    good.replacing("\"conditions\": []", "\"conditions\": [{\"kind\": \"when\", \"body\": {\"Slot\": \"?principal\"}}]"), good.replacing("\"principal\": {\"op\": \"All\"}", "\"principal\": {\"op\": \"<\"}"), good.replacing("\"principal\": {\"op\": \"All\"}", "\"principal\": {\"op\": \"All\", \"x\": 1}"), good.replacing("\"resource\": {\"op\": \"All\"}", #""resource": {"op": "All", "entity": {"type": "U", "id": "a"}}"#), good.replacing("\"principal\": {\"op\": \"All\"}", "\"principal\": {\"op\": \"==\"}"),
    good.replacing("\"principal\": {\"op\": \"All\"}", "\"principal\": {\"op\": \"==\", \"slot\": \"?resource\"}"), good.replacing("\"principal\": {\"op\": \"All\"}", "\"principal\": {\"op\": \"==\", \"slot\": \"?x\"}"), good.replacing("\"principal\": {\"op\": \"All\"}", "\"principal\": {\"op\": \"is\", \"entity_type\": \"a b\"}"), good.replacing("\"action\": {\"op\": \"All\"}", "\"action\": {\"op\": \"is\"}"),
    good.replacing("\"action\": {\"op\": \"All\"}", "\"action\": {\"op\": \"==\", \"entity\": {\"type\": \"User\", \"id\": \"a\"}}"), good.replacing("\"action\": {\"op\": \"All\"}", "\"action\": {\"op\": \"in\"}"),
  ])
  func `a policy in JSON that can't be is refused`(text: String) { #expect(throws: DataFailure.self, "\(text)") { try Policy(json: text) } }

  @Test(arguments: [
    "{}", "{\"a\": 1, \"b\": 2}", "{\"Var\": \"other\"}", "{\"none\": {}}", "{\"&&\": {\"left\": {\"Value\": true}}}", "{\"==\": {\"left\": {\"Value\": true}, \"right\": {\"Value\": true}, \"x\": 1}}", "{\"has\": {\"left\": {\"Var\": \"context\"}, \"attr\": []}}", "{\"has\": {\"left\": {\"Var\": \"context\"}, \"attr\": [1]}}", "{\"like\": {\"left\": {\"Value\": \"a\"}, \"pattern\": [{}]}}",
    "{\"like\": {\"left\": {\"Value\": \"a\"}, \"pattern\": \"a\"}}", "{\"is\": {\"left\": {\"Value\": \"a\"}, \"entity_type\": \"a b\"}}", "{\"Set\": {}}", "{\"Record\": []}", "{\"ip\": {}}", "{\"Value\": null}", #"{"Value": [{"a": null}]}"#, #"{"Value": {"__extn": {"fn": "no", "arg": "x"}}}"#, #"{"Value": {"__extn": {"fn": "isIpv4", "args": []}}}"#, #"{"isIpv4": []}"#, #"{"unknown": [{"Value": "x"}]}"#, "{\"Slot\": \"?x\"}", "[]", "{\"!\": {\"arg\": 1}}", "{\".\": {\"left\": {\"Var\": \"context\"}}}", "{\"if-then-else\": {\"if\": {\"Value\": true}}}",
  ])
  func `an expression in JSON that can't be is refused`(body: String) {
    let text = Self.good.replacing("\"conditions\": []", "\"conditions\": [{\"kind\": \"when\", \"body\": \(body)}]")
    #expect(throws: DataFailure.self, "\(body)") { try Policy(json: text) }
  }

  @Test(arguments: [
    ("{\"has\": {\"left\": {\"Var\": \"context\"}, \"attr\": [\"a\", \"b\"]}}", "context has a.b"), ("{\"is\": {\"left\": {\"Var\": \"principal\"}, \"entity_type\": \"A\", \"in\": {\"Var\": \"resource\"}}}", "principal is A && principal in resource"), ("{\"is\": {\"left\": {\"Var\": \"principal\"}, \"entity_type\": \"A\", \"in\": null}}", "principal is A"),
    ("{\">\": {\"left\": {\"Value\": 1}, \"right\": {\"Value\": 2}}}", "1 > 2"), ("{\">=\": {\"left\": {\"Value\": 1}, \"right\": {\"Value\": 2}}}", "1 >= 2"), ("{\"!=\": {\"left\": {\"Value\": 1}, \"right\": {\"Value\": 2}}}", "1 != 2"), ("{\"Value\": [1, {\"a\": 2}]}", "[1, {a: 2}]"), ("{\"neg\": {\"arg\": {\"Value\": 5}}}", "-(5)"), ("{\"isEmpty\": {\"arg\": {\"Set\": []}}}", "[].isEmpty()"),
    ("{\"like\": {\"left\": {\"Value\": \"a\"}, \"pattern\": [\"Wildcard\", {\"Literal\": \"b*\"}]}}", "\"a\" like \"*b\\*\""), ("{\"getTag\": {\"left\": {\"Var\": \"principal\"}, \"right\": {\"Value\": \"t\"}}}", "principal.getTag(\"t\")"), ("{\"Value\": {\"__extn\": {\"fn\": \"decimal\", \"arg\": \"1.0\"}}}", "decimal(\"1.0\")"),
    // What fails fails when it is evaluated.
    (#"{"Value": {"__extn": {"fn": "ip", "arg": "x"}}}"#, #"ip("x")"#), (#"{"Value": {"__extn": {"fn": "ip", "arg": 1}}}"#, "ip(1)"), (#"{"Value": {"__extn": {"fn": "isIpv4", "arg": "x"}}}"#, #""x".isIpv4()"#), (#"{"Value": {"__extn": {"fn": "ip", "args": []}}}"#, "ip()"), (#"{"Value": {"__extn": {"fn": "ip", "args": ["a", "b"]}}}"#, #"ip("a", "b")"#),
    (#"{"Value": [{"a": {"__extn": {"fn": "ip", "arg": "x"}}}, 1, {"__entity": {"type": "U", "id": "a"}}]}"#, #"[{a: ip("x")}, 1, U::"a"]"#), (#"{"Value": {"__extn": {"fn": "offset", "args": [{"__extn": {"fn": "datetime", "arg": "x"}}, {"__extn": {"fn": "duration", "arg": "1ms"}}]}}}"#, #"datetime("x").offset(duration("1ms"))"#),
    (#"{"Value": {"__extn": {"fn": "ip", "more": 1}}}"#, #"{__extn: {fn: "ip", more: 1}}"#), (#"{"Value": {"b": 1, "a": true}}"#, "{a: true, b: 1}"),
  ] as [(String, String)])
  func `an expression in JSON says what the text says`(body: String, text: String) throws {
    let policy = try Policy(json: Self.good.replacing("\"conditions\": []", "\"conditions\": [{\"kind\": \"when\", \"body\": \(body)}]"))
    #expect(policy.conditions[0].body.description == text)
    #expect(try Policy(json: policy.json.description) == policy)
  }

  @Test(arguments: [
    "{}", "{\"templates\": {}, \"staticPolicies\": {}}", "{\"templates\": {\"a\": \(good)}, \"staticPolicies\": {}, \"templateLinks\": []}", "{\"templates\": {}, \"staticPolicies\": {\"a\": \(good.replacing("\"principal\": {\"op\": \"All\"}", "\"principal\": {\"op\": \"==\", \"slot\": \"?principal\"}"))}, \"templateLinks\": []}",
    "{\"templates\": {}, \"staticPolicies\": {}, \"templateLinks\": [{\"templateId\": \"a\", \"newId\": \"b\", \"values\": {}}]}", "{\"templates\": {}, \"staticPolicies\": {}, \"templateLinks\": [{\"templateId\": \"a\"}]}", "{\"templates\": {}, \"staticPolicies\": {}, \"templateLinks\": [], \"x\": 1}", "nonsense",
  ])
  func `a policy set in JSON that can't be is refused`(text: String) { #expect(throws: DataFailure.self, "\(text)") { try PolicySet(json: text) } }
}

extension String {
  fileprivate func replacing(_ part: String, _ other: String) -> String {
    guard let range = firstRange(of: part) else { return self }
    return String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
  }
}

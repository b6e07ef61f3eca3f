import Cedar
import Foundation

/// Feeds mutated texts to every reader: whatever they say, they must come back, and what they accept must read back from what they write.
struct MutationRun {
  let inputs: UInt64
  let seed: UInt64
  let seconds: UInt64?

  func run() -> Bool {
    var generator = SplitMix(state: seed)
    var counts: [String: (accepted: Int, refused: Int)] = [:]
    var slowest = 0.0
    var failures: [String] = []
    var pool = Self.seeds
    let start = Date()
    var done: UInt64 = 0
    while done < inputs, failures.count < 10 {
      if let seconds, done % 256 == 0, Date().timeIntervalSince(start) > Double(seconds) { break }
      let index = Int(generator.next() % UInt64(pool.count))
      let reader = pool[index].reader
      let text = Self.mutated(pool[index].text, pool, &generator)
      let began = Date()
      let isAccepted = Self.read(text, reader, &failures)
      slowest = max(slowest, Date().timeIntervalSince(began))
      counts[reader.rawValue, default: (0, 0)].accepted += isAccepted ? 1 : 0
      counts[reader.rawValue, default: (0, 0)].refused += isAccepted ? 0 : 1
      // What is still read leads to further mutants.
      if isAccepted, text.count < 4096, generator.next() % 64 == 0 {
        if pool.count < 512 { pool.append((reader, text)) } else { pool[Self.seeds.count + Int(generator.next() % UInt64(512 - Self.seeds.count))] = (reader, text) }
      }
      done += 1
    }
    for (reader, count) in counts.sorted(by: { $0.key < $1.key }) { print("\(reader): \(count.accepted) accepted, \(count.refused) refused") }
    for failure in failures { print(failure) }
    let elapsed = Date().timeIntervalSince(start)
    print("\(done) inputs of seed \(seed) in \(Int(elapsed)) s, slowest \(String(format: "%.1f", slowest * 1000)) ms, \(failures.count) failures")
    return failures.isEmpty
  }

  enum Reader: String { case policies, policiesJSON, schema, schemaJSON, entities, request }

  private static func read(_ bytes: [UInt8], _ reader: Reader, _ failures: inout [String]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    func check(_ holds: Bool, _ what: String) { if !holds { failures.append("\(what): \(text)") } }
    do {
      switch reader {
      case .policies:
        let policies = try PolicySet(parsing: text)
        for policy in policies.policies { check((try? Policy(parsing: policy.description, id: policy.id)) == policy, "a policy does not read back") }
        let formatted = try? Formatter().format(text)
        check(formatted.flatMap { try? PolicySet(parsing: $0) } == policies, "formatted policies do not read back")
        _ = Linter().lint(policies)
        _ = Validator(sampleSchema).validate(policies, level: 1)
      case .policiesJSON:
        let policies = try PolicySet(json: text)
        check((try? PolicySet(json: policies.json.description)) == policies, "policies in JSON do not read back")
      case .schema:
        let document = try SchemaDocument(parsing: text)
        let schema = try document.resolved()
        check((try? Schema(parsing: document.description)) == schema, "a schema does not read back")
      case .schemaJSON:
        let document = try SchemaDocument(json: text)
        let schema = try document.resolved()
        check((try? SchemaDocument(json: document.json.description).resolved()) == schema, "a schema in JSON does not read back")
      case .entities:
        let entities = try Entities(json: text)
        check((try? Entities(json: entities.json)) == entities, "entities do not read back")
        _ = PreparedEntities(entities)
      case .request:
        let request = try Request(json: JSON(parsing: text))
        check((try? Request(json: request.json)) == request, "a request does not read back")
      }
      return true
    } catch {
      // Every refusal can be put into words.
      if "\(error)".isEmpty { failures.append("a refusal without words: \(text)") }
      return false
    }
  }

  private static func mutated(_ text: [UInt8], _ pool: [(reader: Reader, text: [UInt8])], _ generator: inout SplitMix) -> [UInt8] {
    var text = text
    for _ in 0...Int(generator.next() % 4) {
      let place = text.isEmpty ? 0 : Int(generator.next() % UInt64(text.count))
      let length = min(Int(generator.next() % 16) + 1, text.count - place)
      switch generator.next() % 9 {
      case 0: text.removeSubrange(place..<place + length)
      case 1: text.insert(contentsOf: Array(tokens[Int(generator.next() % UInt64(tokens.count))].utf8), at: place)
      case 2: text.insert(UInt8(truncatingIfNeeded: generator.next()), at: place)
      case 3: if !text.isEmpty { text[place] ^= 1 << UInt8(generator.next() % 8) }
      case 4: text.insert(contentsOf: Array(text[place..<place + length]), at: place)
      case 5:
        let other = pool[Int(generator.next() % UInt64(pool.count))].text
        if !other.isEmpty {
          let from = Int(generator.next() % UInt64(other.count))
          text.insert(contentsOf: other[from..<min(from + Int(generator.next() % 64), other.count)], at: place)
        }
      case 6: text.replaceSubrange(place..<place + length, with: Array(tokens[Int(generator.next() % UInt64(tokens.count))].utf8))
      case 7:
        // Deep nesting, rarely.
        if generator.next() % 64 == 0 {
          let bracket = ["(", "[", "{\"a\":", "!", "-", "if true then ", "a.", "Set<"][Int(generator.next() % 8)]
          text.insert(contentsOf: Array(String(repeating: bracket, count: Int(generator.next() % 5000)).utf8), at: place)
        }
      default: text.removeSubrange(place...)
      }
    }
    return text
  }

  private static let tokens = [
    "permit", "forbid", "when", "unless", "principal", "action", "resource", "context", "in", "is", "has", "like", "if", "then", "else", "true", "false",
    "==", "!=", "<", "<=", ">", ">=", "&&", "||", "!", "-", "+", "*", "(", ")", "[", "]", "{", "}", "::", ".", ",", ";", ":", "@", "?", "?principal", "?resource",
    "\"", "\\", "\\u{1f600}", "\\x41", "\\*", "\\u{d800}", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "0", "User::\"a\"",
    "Action::\"view\"", ".contains(", ".isEmpty()", ".getTag(\"a\")", "ip(\"10.0.0.0/8\")", "decimal(\"1.5\")", "datetime(\"2024-01-01\")", "duration(\"1h\")",
    "// comment\n", "\n", "\t", "\u{a0}", "é", "e\u{301}", "__cedar", "__entity", "__extn", "entity", "type", "namespace", "appliesTo", "enum", "tags", "Set<",
    "Long", "String", "Bool", "\"type\"", "\"Record\"", "\"attributes\"", "null", "1e5", "0.5", "\\ud83d\\ude00", "\u{0}",
  ]

  private static let seeds: [(reader: Reader, text: [UInt8])] = [
    (
      Reader.policies,
      #"@id("a") permit(principal == User::"a", action in [Action::"view", Action::"edit"], resource is Doc in Folder::"f") when { principal has a.b && context.x + 1 * -2 < 3 || "a*" like "\*b*" } unless { resource.tags.containsAny(["x", "y"]) && ip("10.0.0.1").isInRange(ip("10.0.0.0/8")) };"#
    ),
    (
      Reader.policies,
      #"forbid(principal in ?principal, action, resource == ?resource); permit(principal, action == N::Action::"go", resource) when { if context has "a b" then {a: 1, "b": [true, User::"x"]}["a"] == 1 else datetime("2024-01-01T00:00:00Z").offset(duration("-1d")).toTime().toHours() >= 5 && decimal("1.0").lessThan(decimal("2.0")) && principal.hasTag("t") && !!principal.getTag("t").isEmpty() }; // end"#
    ),
    (
      Reader.policiesJSON,
      #"{"templates":{},"staticPolicies":{"p":{"effect":"permit","principal":{"op":"is","entity_type":"A","in":{"entity":{"type":"B","id":"c"}}},"action":{"op":"in","entities":[{"type":"Action","id":"x"}]},"resource":{"op":"All"},"conditions":[{"kind":"when","body":{"&&":{"left":{"has":{"left":{"Var":"principal"},"attr":"a"}},"right":{"like":{"left":{"Value":"a"},"pattern":["Wildcard",{"Literal":"b"}]}}}}}],"annotations":{"id":"a"}}},"templateLinks":[]}"#
    ),
    (
      Reader.schema,
      #"namespace N { @doc("x") entity User in [Team] = { name: String, age?: Long, "a b": Set<{x: Bool}>, when: datetime } tags Set<String>; entity Team; entity Color enum ["red", "blue"]; type T = { c: Color, ip: ipaddr }; action view, "edit it" in [all] appliesTo { principal: [User], resource: Team, context: T }; action all; }"#
    ),
    (
      Reader.schemaJSON,
      #"{"N":{"commonTypes":{"T":{"type":"Record","attributes":{"a":{"type":"Long","required":false}}}},"entityTypes":{"User":{"memberOfTypes":["Team"],"shape":{"type":"Record","attributes":{"s":{"type":"Set","element":{"type":"Extension","name":"ipaddr"}},"t":{"type":"EntityOrCommon","name":"T"}}},"tags":{"type":"String"}},"Team":{},"Color":{"enum":["red"]}},"actions":{"view":{"memberOf":[{"id":"all"}],"appliesTo":{"principalTypes":["User"],"resourceTypes":["Team"],"context":{"type":"T"}}},"all":{}}}}"#
    ),
    (
      Reader.entities,
      #"[{"uid":{"type":"User","id":"a"},"attrs":{"n":1,"s":["x",{"__entity":{"type":"T","id":"t"}}],"r":{"d":{"__extn":{"fn":"decimal","arg":"1.5"}}}},"parents":[{"type":"T","id":"t"}],"tags":{"k":true}},{"uid":{"__entity":{"type":"T","id":"t"}},"attrs":{},"parents":[]}]"#
    ),
    (
      Reader.request,
      #"{"principal":"User::\"a\"","action":{"type":"Action","id":"view"},"resource":{"type":"Doc","id":"d"},"context":{"ip":{"__extn":{"fn":"ip","arg":"::1"}},"n":-5}}"#
    ),
  ].map { ($0.0, Array($0.1.utf8)) }

  private static let sampleSchema: Schema = {
    let text =
      #"entity User in Team { a?: {b: Long}, age: Long } tags Set<String>; entity Team; entity Folder; entity Doc in Folder { tags: Set<String> }; action view, edit appliesTo { principal: User, resource: Doc, context: { x: Long, "a b"?: Bool } };"#
    return (try? Schema(parsing: text)) ?? .empty
  }()
}

/// A small generator with a seed (Steele, Lea, Flood, "Fast splittable pseudorandom number generators").
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

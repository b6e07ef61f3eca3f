import Cedar
import Foundation

/// Feeds mutated texts to every reader: whatever they say, they must come back, and what they accept must read back from what they write
/// and mean the same to both evaluators. Runs on a stack of 512 kB, the least that threads have.
package struct MutationRun: Sendable {
  let inputs: UInt64
  let seed: UInt64
  let seconds: UInt64?
  /// Says every so many inputs how far it is; never, if nil.
  let progress: UInt64?

  package init(inputs: UInt64, seed: UInt64, seconds: UInt64? = nil, progress: UInt64? = nil) {
    self.inputs = inputs
    self.seed = seed
    self.seconds = seconds
    self.progress = progress
  }

  package struct Report: Sendable {
    package var done: UInt64 = 0
    package var failures: [String] = []
    var accepted: [Reader: Int] = [:]
    var refused: [Reader: Int] = [:]
    var slowest = 0.0
    var bytes = 0

    package var accepts: Int { accepted.values.reduce(0, +) }
  }

  package func run() -> Report {
    // Written by the thread alone, and read only after it has signalled that it is done.
    nonisolated(unsafe) var report = Report()
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      report = self.runHere()
      done.signal()
    }
    thread.stackSize = 512 << 10
    thread.start()
    // Signalled by the thread when it writes no more.
    done.wait()
    return report
  }

  private func runHere() -> Report {
    var report = Report()
    var generator = SplitMix(state: seed)
    var pools = Dictionary(uniqueKeysWithValues: Reader.allCases.map { reader in (reader, Self.seeds.filter { $0.reader == reader }.map(\.text)) })
    let start = Date()
    while report.done < inputs, report.failures.count < 10 {
      if let seconds, report.done % 256 == 0, Date().timeIntervalSince(start) > Double(seconds) { break }
      let reader = Reader.allCases[Int(generator.next() % UInt64(Reader.allCases.count))]
      let pool = pools[reader] ?? []
      let text = Self.mutated(pool[Int(generator.next() % UInt64(pool.count))], pool, &generator)
      report.bytes += text.count
      let began = Self.processorTime
      var faults: [String] = []
      let isAccepted = Self.read(text, reader, &faults)
      let took = Self.processorTime - began
      if took > 10 { faults.append("\(took) s for \(text.count) bytes: \(String(decoding: text.prefix(200), as: UTF8.self))") }
      report.failures += faults.map { "seed \(seed), input \(report.done), \(reader.rawValue): \($0)" }
      report.slowest = max(report.slowest, took)
      if isAccepted { report.accepted[reader, default: 0] += 1 } else { report.refused[reader, default: 0] += 1 }
      // What is still read, and is not about nothing, leads to further mutants.
      if isAccepted, (24..<2048).contains(text.count), generator.next() % 32 == 0 {
        let seeds = Self.seeds.count { $0.reader == reader }
        if pool.count < 64 { pools[reader, default: []].append(text) } else { pools[reader]?[seeds + Int(generator.next() % UInt64(64 - seeds))] = text }
      }
      report.done += 1
      if let progress, report.done % progress == 0 { Self.say(report.summary(seed, Date().timeIntervalSince(start))) }
    }
    return report
  }

  /// What this thread has used, in seconds: others on the machine don't make a reader slow.
  private static var processorTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

  package enum Reader: String, CaseIterable, Sendable { case policies, expression, policiesJSON, schema, schemaJSON, entities, request }

  private static func read(_ bytes: [UInt8], _ reader: Reader, _ failures: inout [String]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    func check(_ holds: Bool, _ what: String) { if !holds { failures.append("\(what): \(text)") } }
    do {
      switch reader {
      case .policies: try policies(text, check)
      case .expression:
        let expression = try Expression(parsing: text)
        check((try? Expression(parsing: expression.description)) == expression, "an expression does not read back")
        _ = try? Evaluator(sampleRequest, sampleEntities).evaluate(expression)
      case .policiesJSON:
        let policies = try PolicySet(json: text)
        check((try? PolicySet(json: policies.json.description)) == policies, "policies in JSON do not read back")
        _ = Validator(sampleSchema).validate(policies)
      case .schema:
        let schema = try SchemaDocument(parsing: text)
        let resolved = try schema.resolved()
        check((try? Schema(parsing: schema.description)) == resolved, "a schema does not read back")
      case .schemaJSON:
        let schema = try SchemaDocument(json: text)
        let resolved = try schema.resolved()
        check((try? SchemaDocument(json: schema.json.description).resolved()) == resolved, "a schema in JSON does not read back")
        if let text = try? schema.cedarText() { check((try? SchemaDocument(parsing: text).resolved()) != nil, "a schema in JSON is written as no schema") }
      case .entities:
        let entities = try Entities(json: text)
        check((try? Entities(json: entities.json)) == entities, "entities do not read back")
        _ = try? Entities(json: text, schema: sampleSchema)
        _ = PreparedEntities(entities)
      case .request:
        // As bytes, which may be no UTF-8.
        let document = try JSON(parsing: bytes)
        let request = try Request(json: document)
        check((try? Request(json: request.json)) == request, "a request does not read back")
        _ = try? Request(json: document, schema: sampleSchema)
      }
      return true
    } catch {
      // Every refusal can be put into words.
      if "\(error)".isEmpty { failures.append("a refusal without words: \(text)") }
      return false
    }
  }

  private static func policies(_ text: String, _ check: (Bool, String) -> Void) throws {
    let policies = try PolicySet(parsing: text)
    for policy in policies.policies { check((try? Policy(parsing: policy.description, id: policy.id)) == policy, "a policy does not read back") }
    let formatted = try? Formatter().format(text)
    check(formatted.flatMap { try? PolicySet(parsing: $0) } == policies, "formatted policies do not read back")
    check(formatted.flatMap { try? Formatter().format($0) } == formatted, "formatting twice changes the text")
    _ = Linter().lint(policies, source: text)
    _ = Validator(sampleSchema).validate(policies, level: 1, source: text)
    let answer = policies.authorize(sampleRequest, sampleEntities)
    let prepared = Authorizer(PreparedPolicies(policies), PreparedEntities(sampleEntities))
    check(prepared.authorize(sampleRequest) == answer, "prepared policies answer differently")
    check(prepared.isAllowed(sampleRequest) == (answer.decision == .allow), "`isAllowed` answers differently")
    let partial = PartialRequest(principal: .known(sampleRequest.principal), action: .known(sampleRequest.action), resource: .unknown("Doc"), context: nil)
    check(policies.authorize(partial, sampleEntities).residuals.authorize(sampleRequest, sampleEntities).decision == answer.decision, "the residuals answer differently")
  }

  private static func mutated(_ text: [UInt8], _ pool: [[UInt8]], _ generator: inout SplitMix) -> [UInt8] {
    var text = text
    func below(_ bound: Int) -> Int { Int(generator.next() % UInt64(bound)) }
    func token() -> [UInt8] { Array(tokens[below(tokens.count)].utf8) }
    for _ in 0...below(4) {
      let place = text.isEmpty ? 0 : below(text.count)
      let length = min(below(16) + 1, text.count - place)
      switch below(10) {
      case 0: text.removeSubrange(place..<place + length)
      case 1: text.insert(contentsOf: token(), at: place)
      case 2: text.insert(UInt8(truncatingIfNeeded: generator.next()), at: place)
      case 3: if !text.isEmpty { text[place] ^= 1 << UInt8(below(8)) }
      case 4: text.insert(contentsOf: Array(text[place..<place + length]), at: place)
      case 5:
        let other = pool[below(pool.count)]
        if !other.isEmpty {
          let from = below(other.count)
          text.insert(contentsOf: other[from..<min(from + below(64), other.count)], at: place)
        }
      case 6: text.replaceSubrange(place..<place + length, with: token())
      case 7:
        // Deep nesting, and long chains, now and then.
        if below(64) == 0 {
          let piece = ["(", "[", "{\"a\":", "!", "-", "if true then ", "if false then 1 else ", ".getTag(\"a\")", "[\"a\"]", ".isEmpty()", "a.", "Set<", "true && ", "1 + ", "false || ", ".a", "[1, ", "{a: "][below(18)]
          text.insert(contentsOf: Array(String(repeating: piece, count: below(5000)).utf8), at: place)
        }
      case 8:
        // A long text, rarely: all of it many times over.
        if below(256) == 0 { text = Array(repeatElement(text, count: below(100) + 1).joined()) }
      default: if below(4) == 0 { text.removeSubrange(place...) }
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
    (Reader.request, #"{"principal":{"type":"User","id":"a"},"action":{"type":"Action","id":"view"},"resource":{"type":"Doc","id":"d"},"context":{"x":1,"a b":true}}"#),
    (Reader.entities, #"[{"uid":{"type":"User","id":"a"},"attrs":{"age":1,"a":{"b":2}},"parents":[{"type":"Team","id":"t"}],"tags":{"k":["v"]}},{"uid":{"type":"Doc","id":"d"},"attrs":{"tags":["x"]},"parents":[{"type":"Folder","id":"f"}]}]"#),
    (Reader.expression, #"if principal.age > -1 && !(context has "a b") then [1, 2].containsAll([resource.tags, {"k": ip("::1/64")}]) else User::"a" in [Team::"t", principal]"#),
    (Reader.expression, #"principal.a.b - 3 * context.x + 1 <= 9223372036854775807 || "\u{e9}*" like "\*é*" && principal is N::User in Team::"t""#),
  ].map { ($0.0, Array($0.1.utf8)) }

  private static let sampleSchema: Schema = {
    let text =
      #"entity User in Team { a?: {b: Long}, age: Long } tags Set<String>; entity Team; entity Folder; entity Doc in Folder { tags: Set<String> }; action view, edit appliesTo { principal: User, resource: Doc, context: { x: Long, "a b"?: Bool } };"#
    return (try? Schema(parsing: text)) ?? .empty
  }()

  private static let sampleRequest = Request(
    principal: EntityUID("User", "a"), action: EntityUID("Action", "view"), resource: EntityUID("Doc", "d"), context: ["x": .long(1), "a b": .bool(true)])

  private static let sampleEntities: Entities = {
    let entities = [
      Entity(EntityUID("User", "a"), attributes: ["age": .long(42), "a": .record(["b": .long(2)])], tags: ["a": .set([.string("v")])], parents: [EntityUID("Team", "t")]),
      Entity(EntityUID("Doc", "d"), attributes: ["tags": .set([.string("x"), .string("y")])], parents: [EntityUID("Folder", "f")]),
    ]
    return (try? Entities(entities)) ?? Entities()
  }()
}

extension MutationRun.Report {
  package func summary(_ seed: UInt64, _ elapsed: Double) -> String {
    let readers = MutationRun.Reader.allCases.map { "\($0.rawValue) \(accepted[$0] ?? 0) of \((accepted[$0] ?? 0) + (refused[$0] ?? 0))" }
    let rate = Int(Double(done) / max(elapsed, 0.001))
    return "\(done) inputs of seed \(seed), \(bytes >> 20) MiB, \(Int(elapsed)) s (\(rate)/s), slowest \(String(format: "%.1f", slowest * 1000)) ms, "
      + "\(failures.count) failures; accepted: \(readers.joined(separator: ", "))"
  }
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

import Contract
import Kernel
import Testing

@Suite struct UsageReadingTests {
  private typealias Drafts = Wire.UsageEventDrafts

  /// What came of it either way: the value, or the refusal in its words.
  private static func outcome(_ read: () throws(Problem) -> Drafts) -> Result<Drafts, Text> {
    do { return .success(try read()) } catch { return .failure(Text(text: error.description)) }
  }

  private struct Text: Error, Equatable { let text: String }

  private static func expectSame(_ bytes: [UInt8]) {
    let direct = outcome { () throws(Problem) in try Drafts.read(bytes) }
    let general = outcome { () throws(Problem) in try WireCoding.decode(Drafts.self, from: bytes) }
    #expect(direct == general, "\(String(decoding: bytes, as: UTF8.self))")
  }

  private static let sample = Drafts(
    source: "scheduler-1",
    events: [
      Wire.UsageEventDraft(
        id: "1", at: "2026-11-21T09:00:00Z", resource: "gpu", preset: "a100-large", unit: "second", quantity: "3600", member: "ada", serviceAccount: "runner",
        project: "research/eva", cluster: "larch", subBalance: "01890a5d-ac96-774b-bcce-b302099a8057"),
      Wire.UsageEventDraft(id: "2", corrects: "1"), Wire.UsageEventDraft(id: "3"),
    ])

  @Test func `Events are read in one pass as they are read otherwise`() throws {
    let bytes = try WireCoding.encode(Self.sample)
    #expect(try Drafts.read(bytes) == Self.sample)
    Self.expectSame(bytes)
    Self.expectSame(Array(try JSON(bytes).pretty.utf8))
  }

  @Test(arguments: [
    "", "{}", "[]", "{\"source\":\"s\",\"events\":[]}", "{\"events\":[],\"source\":\"s\"}", "{\"source\":\"s\"}", "{\"events\":[]}", "{\"source\":\"\",\"events\":[]}",
    "{\"source\":\"s\",\"events\":[{}]}", "{\"source\":\"s\",\"events\":[{\"id\":\"1\",}]}", "{\"source\":\"s\",\"events\":[{\"id\":1}]}",
    "{\"source\":\"s\",\"events\":[{\"id\":\"1\",\"id\":\"2\"}]}", "{\"source\":\"s\",\"events\":[{\"id\":\"1\",\"what\":\"2\"}]}",
    "{\"source\":\"s\",\"events\":[{\"id\":\"1\",\"at\":null}]}", "{\"source\":\"s\",\"events\":[{\"id\":\"1\"}]} x", "{\"source\":\"s\",\"events\":[{\"id\":\"1\"},]}",
    "{\"source\":\"s\",\"source\":\"t\",\"events\":[{\"id\":\"1\"}]}", "{\"source\":\"s\",\"events\":[{\"id\":\"\\u0031\"}]}", "{\"source\":\"s\",\"events\":[{\"id\":\"é\"}]}",
    "{\"source\":\"s\",\"events\":[{\"id\":\"a\u{1}\"}]}", "{\"source\":\"s\",\"events\":[{\"id\":\"1\",\"quantity\":3}]}", "{\"source\":\"s\",\"events\":[[\"1\"]]}",
    "\n { \"source\" : \"s\" ,\t\"events\" : [ { \"id\" : \"1\" , \"member\" : \"ada\" } ] }\r\n", "{\"source\":\"s\",\"events\":[{\"id\":\"1\"}]", "{\"source\":\"s\"",
    "{\"source\":\"s\",\"events\":[{\"idd\":\"1\",\"id\":\"1\"}]}", "{\"source\":\"s\",\"events\":{\"id\":\"1\"}}",
    "{\"source\":\"s\",\"events\":[{\"id\":\"1\",\"sub_balancE\":\"1\"}]}",
  ])
  func `What is out of the ordinary is refused in the same words`(_ text: String) { Self.expectSame(Array(text.utf8)) }

  @Test(arguments: [("source", 128), ("id", 128), ("at", 40), ("resource", 64), ("unit", 64), ("quantity", 40), ("member", 256), ("cluster", 128), ("corrects", 128)])
  func `Texts are as long as their types allow`(_ field: String, _ longest: Int) {
    for count in [longest, longest + 1] {
      let text = String(repeating: "7", count: count)
      Self.expectSame(
        Array(
          (field == "source"
            ? "{\"source\":\"\(text)\",\"events\":[{\"id\":\"1\"}]}"
            : field == "id" ? "{\"source\":\"s\",\"events\":[{\"id\":\"\(text)\"}]}" : "{\"source\":\"s\",\"events\":[{\"id\":\"1\",\"\(field)\":\"\(text)\"}]}").utf8))
    }
  }

  @Test(arguments: 0..<40 as Range<UInt64>) func `Broken bytes are read alike`(_ seed: UInt64) throws {
    var dice = SplitMix(seed: seed)
    let whole = try WireCoding.encode(Self.sample)
    for _ in 0..<50 {
      var bytes = whole
      for _ in 0...(dice.next() % 2) {
        let place = Int(dice.next() % UInt64(bytes.count))
        switch dice.next() % 3 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: dice.next())
        case 1: bytes.remove(at: place)
        default: bytes.insert(whole[Int(dice.next() % UInt64(whole.count))], at: place)
        }
      }
      Self.expectSame(bytes)
    }
  }

  @Test func `Results are written as they are written otherwise`() throws {
    let problem = Wire.ProblemSummary(Problem(.usageReused, "Another \"event\"\nsays é."))
    let results = Wire.UsageResults(results: [
      Wire.UsageResult(id: "a\"b\\c", outcome: .recorded, sequence: 7, credits: Credits(micro: -2_500_000), problem: nil),
      Wire.UsageResult(id: "2", outcome: .known, sequence: 8, credits: nil, problem: nil),
      Wire.UsageResult(id: "", outcome: .refused, sequence: nil, credits: nil, problem: problem),
    ])
    #expect(String(decoding: results.written(), as: UTF8.self) == String(decoding: try WireCoding.encode(results), as: UTF8.self))
    #expect(Wire.UsageResults(results: []).written() == (try WireCoding.encode(Wire.UsageResults(results: []))))
  }
}

import Contract
import Kernel
import Testing

/// Decisions are read and written in one pass just as they are read and written otherwise.
@Suite struct DecisionReadingTests {
  private struct Text: Error, Equatable { let text: String }

  private static func outcome<Value>(_ read: () throws(Problem) -> Value) -> Result<Value, Text> {
    do { return .success(try read()) } catch { return .failure(Text(text: error.description)) }
  }

  private static func expectSame(_ text: String) {
    let bytes = Array(text.utf8)
    let direct = outcome { () throws(Problem) in try Wire.DecisionQuestion.read(bytes) }
    #expect(direct == outcome { () throws(Problem) in try WireCoding.decode(Wire.DecisionQuestion.self, from: bytes) }, "\(text)")
    let many = Array("{\"items\":[\(text), \(text)]}".utf8)
    let all = outcome { () throws(Problem) in try Wire.DecisionQuestions.read(many) }
    #expect(all == outcome { () throws(Problem) in try WireCoding.decode(Wire.DecisionQuestions.self, from: many) }, "\(text)")
  }

  @Test func `Usual questions are read in one pass`() throws {
    let questions = [
      Wire.DecisionQuestion(action: "read", resource: Wire.DecisionResource(type: "dataset")),
      Wire.DecisionQuestion(
        principal: Wire.DecisionPrincipal(type: .account, id: "01890a5d-ac96-774b-bcce-b302099a8057"), action: "update",
        resource: Wire.DecisionResource(type: "dataset", id: "customers", parent: Wire.DecisionSubject(type: "project", id: "p"))),
      Wire.DecisionQuestion(
        principal: Wire.DecisionPrincipal(type: .serviceAccount, id: "runner"), action: "deploy", resource: Wire.DecisionResource(type: "project", id: "research/eva")),
    ]
    for question in questions {
      let bytes = try WireCoding.encode(question)
      #expect(Wire.DecisionQuestion.readAtOnce(bytes) == question)
      Self.expectSame(String(decoding: bytes, as: UTF8.self))
    }
    let many = Wire.DecisionQuestions(items: questions)
    #expect(Wire.DecisionQuestions.readAtOnce(try WireCoding.encode(many)) == many)
    #expect(Wire.DecisionQuestions.readAtOnce(Array("{\"items\":[]}".utf8))?.items == [])
  }

  @Test(arguments: [
    "", "{}", "[]", "null", "{\"action\":\"read\"}", "{\"resource\":{\"type\":\"x\"}}", "{\"action\":\"read\",\"resource\":{}}",
    "{\"action\":\"read\",\"resource\":{\"type\":\"x\"},}", "{\"action\":\"read\",\"action\":\"read\",\"resource\":{\"type\":\"x\"}}",
    "{\"action\":\"read\",\"resource\":{\"type\":\"x\",\"id\":\"\"}}", "{\"action\":\"read\",\"resource\":{\"type\":\"x\",\"id\":7}}",
    "{\"action\":\"read\",\"resource\":{\"type\":\"x\",\"own\":true}}", "{\"action\":\"r\\u0065ad\",\"resource\":{\"type\":\"x\"}}",
    "{\"action\":\"Read\",\"resource\":{\"type\":\"X Y\"}}", "{\"principal\":{\"type\":\"person\",\"id\":\"a\"},\"action\":\"read\",\"resource\":{\"type\":\"x\"}}",
    "{\"principal\":{\"type\":\"account\"},\"action\":\"read\",\"resource\":{\"type\":\"x\"}}", "{\"principal\":null,\"action\":\"read\",\"resource\":{\"type\":\"x\"}}",
    "{\"action\":\"read\",\"resource\":{\"type\":\"x\",\"parent\":{\"type\":\"project\",\"id\":\"p\",\"slug\":\"s\"}}}",
    "{\"action\":\"read\",\"resource\":{\"type\":\"x\",\"attributes\":{\"a\":1}},\"context\":{\"mfa\":true}}", "{\"action\":\"read\",\"resource\":{\"type\":\"x\"},\"at_least_revision\":3}",
    " { \"resource\" :\t{ \"id\" : \"é\" , \"type\" : \"x\" } ,\n\"action\" : \"read\" } ", "{\"action\":\"read\",\"resource\":{\"type\":\"x\"}} x", "{\"action\":\"read\",\"resource\":{\"type\":\"x\"}",
  ])
  func `What is out of the ordinary is read or refused as otherwise`(_ text: String) { Self.expectSame(text) }

  @Test(arguments: [("action", 64), ("type", 64), ("id", 256)])
  func `Texts are as long as their types allow`(_ field: String, _ longest: Int) {
    for count in [longest, longest + 1] {
      let text = String(repeating: "a", count: count)
      Self.expectSame(
        field == "action"
          ? "{\"action\":\"\(text)\",\"resource\":{\"type\":\"x\"}}" : "{\"action\":\"read\",\"resource\":{\"type\":\"x\",\"\(field)\":\"\(text)\"}}")
    }
  }

  @Test func `Answers are written as they are otherwise`() throws {
    let place = Wire.DecisionSubject(type: "project", id: "1", slug: "research/eva", name: "Eva \"the\" first\n")
    let grounds = [
      Wire.DecisionGround(effect: "allows", kind: "membership", role: "organization.viewer", resource: nil, teams: [], policy: nil, sentence: "the role viewer"),
      Wire.DecisionGround(effect: "forbids", kind: "policy", role: nil, resource: place, teams: ["a", "b\\"], policy: place, sentence: "é"),
    ]
    let decisions = [
      Wire.Decision(allowed: true, outcome: .allowed, revision: 7, sentence: "Allowed.", grounds: []),
      Wire.Decision(allowed: false, outcome: .forbidden, revision: .max, sentence: "Forbidden by \"x\".", grounds: grounds),
    ]
    for decision in decisions { #expect(try decision.written() == WireCoding.encode(decision)) }
    for items in [[], decisions] {
      let list = Wire.DecisionList(revision: 3, items: items)
      #expect(try list.written() == WireCoding.encode(list))
    }
  }
}

import Kernel
import Storage
import Testing

private enum Colour: String, SQLBindable { case red }
private enum Rank: Int64, SQLBindable { case low = 1 }

@Suite struct StatementTests {
  @Test("A value is bound in its place, never spliced")
  func binding() throws {
    let name = "x'; DROP TABLE y; --"
    let statement: Statement = "SELECT a FROM b WHERE c = \(name) AND d = \(5) AND e IN (\(list: [1, 2] as [Int64]))"
    #expect(try statement.rendered(with: .question).sql == "SELECT a FROM b WHERE c = ? AND d = ? AND e IN (?, ?)")
    #expect(try statement.rendered(with: .numbered).sql == "SELECT a FROM b WHERE c = $1 AND d = $2 AND e IN ($3, $4)")
    #expect(try statement.rendered(with: .numbered).values == [.text(name), .integer(5), .integer(1), .integer(2)])
  }

  @Test("A missing value keeps the type it would have")
  func missing() throws {
    let (text, integer, colour, rank) = (nil as String?, nil as Int64?, nil as Colour?, nil as Rank?)
    let rendered = try ("\(text) \(integer) \(colour) \(rank) \(Colour.red) \(Rank.low) \(true)" as Statement).rendered(with: .question)
    #expect(rendered.values == [.null, .null, .null, .null, .text("red"), .integer(1), .integer(1)])
    #expect(rendered.types == [.text, .integer, .text, .integer, .text, .integer, .integer])
  }

  @Test("Clauses join with their values, and the one that is not there leaves no trace")
  func clauses() throws {
    let filter: Statement = " AND b = \("y")"
    let statement: Statement = "a = \(1)\(filter)\(.none)" + " LIMIT \(2)"
    let rendered = try statement.rendered(with: .numbered)
    #expect(rendered.sql == "a = $1 AND b = $2 LIMIT $3")
    #expect(rendered.values == [.integer(1), .text("y"), .integer(2)])
    #expect(try ("IN (\(list: [] as [Int64]))" as Statement).rendered(with: .question).sql == "IN (NULL)")
  }

  @Test("A zero character is refused before it reaches a database")
  func zero() {
    #expect(throws: Problem.self) { try ("\("a\0b")" as Statement).rendered(with: .question) }
  }
}

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
    let lookups: [Statement] = [[], [7], [7, 8], [7, 8, 9], [7, 8, 9, 10], [7, 8, 9, 10, 11]].map { (ids: [Int64]) in "\(values: ids)" }
    #expect(try lookups.map { try $0.rendered(with: .question).values.count } == [1, 1, 2, 4, 4, 8])
    #expect(lookups[3].shape == lookups[4].shape)
  }

  @Test("A zero character is refused before it reaches a database")
  func zero() {
    #expect(throws: Problem.self) { try ("\("a\0b")" as Statement).rendered(with: .question) }
  }

  @Test("One shape is one text, whatever the values; a shape holds none of them")
  func shapes() throws {
    let table = "SELECT 1"
    let statements: [Statement] = [
      "a = \(1)", "a = \(2)", "a = \("x")", "a = \(nil as String?)", "b = \(1)", "a = \(1) ", "a = ?", "a = \(1)\(2)", "\(1)a = ", "IN (\(list: [1, 2]))", "IN (\(list: [3, 4]))",
      "IN (\(list: [1, 2, 3]))", "", .none, "SELECT 1", Statement(migration: table), "SELECT \("1" as Statement)",
    ]
    for one in statements {
      for other in statements {
        let isSameText = try one.rendered(with: .question).sql == other.rendered(with: .question).sql
        #expect(one.shape != other.shape || isSameText && one.shape.hashValue == other.shape.hashValue, "\(one) \(other)")
      }
      #expect(try one.storableValues() == one.rendered(with: .question).values)
    }
    #expect(statements[0].shape == statements[2].shape && statements[9].shape == statements[10].shape)
    #expect(!"\(("a = \("hunter2")" as Statement).shape)".contains("hunter2"))
    #expect(throws: Problem.self) { try ("\("a\0b")" as Statement).storableValues() }
  }
}

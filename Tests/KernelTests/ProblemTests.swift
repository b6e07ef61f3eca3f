import Kernel
import Testing

@Suite struct FieldCheckerTests {
  @Test func `All faults are told at once, in the order of the request`() {
    var checker = FieldChecker()
    let good: Int? = checker.check("a") { () throws(Rejection) in 1 }
    let bad: Int? = checker.check("b") { () throws(Rejection) in throw Rejection("Enter b.") }
    checker.reject("c/d", "Leave c out.")
    #expect(good == 1)
    #expect(bad == nil)
    let problem = #expect(throws: Problem.self) { try checker.finish() }
    #expect(problem?.code == .invalid)
    #expect(problem?.faults == [FieldFault("b", "Enter b."), FieldFault("c/d", "Leave c out.")])
    #expect(problem?.detail == "2 fields need a look.")
  }

  @Test func `A single fault is the whole problem`() {
    var checker = FieldChecker()
    checker.reject("a", "Enter a.")
    #expect(#expect(throws: Problem.self) { try checker.finish() }?.detail == "Enter a.")
  }

  @Test func `Without faults nothing is refused`() { #expect(throws: Never.self) { try FieldChecker().finish() } }

  @Test func `One field alone is checked in passing`() throws {
    #expect(try Problem.checking("a") { () throws(Rejection) in 1 } == 1)
    let problem = #expect(throws: Problem.self) { try Problem.checking("a") { () throws(Rejection) -> Int in throw Rejection("Enter a.") } }
    #expect(problem?.faults == [FieldFault("a", "Enter a.")])
  }
}

@Suite struct ProblemTests {
  private struct Secret: Error, CustomStringConvertible { let description = "hunter2" }

  @Test func `What a problem says of itself leaves its cause out`() {
    let problem = Problem(.defect, "It failed.", faults: [FieldFault("a", "Enter a.")], cause: Secret())
    #expect("\(problem)" == "defect: It failed.; a: Enter a.")
  }

  @Test func `Every kind has a name of its own`() { #expect(Set(Problem.Kind.allCases.map(\.rawValue)).count == Problem.Kind.allCases.count) }
}

import Testing

/// The rules can fail: each pattern is tried on what it must find and on what it must leave alone.
@Suite struct SelfTests {
  @Test func `Comments and texts are told from code`() {
    let file = SourceFile(
      path: "Sources/X/Y.swift",
      text: """
        let a = "print(1)" // try!
        /* fatalError( /* nested */
        still */ let b = 1
        let c = #"a "quoted" \\(x) text!"#
        let d = \"\""
          SELECT 1 -- text
          \"\""
        let e = "say \\"x!\\" \\(f(1)) end"; let g = h!
        """)
    #expect(file.code[0] == "let a = \"\" ")
    #expect(file.code[1] == "")
    #expect(file.code[2] == " let b = 1")
    #expect(file.code[3] == "let c = #\"\"#")
    #expect(file.uncommented[5].contains("SELECT 1"))
    #expect(file.code[5].allSatisfy { $0 == " " })
    #expect(file.code[7].contains("let e = \"\"; let g = h!"))
    #expect(file.code.count == file.lines.count)
  }

  @Test(arguments: [
    ("import Kernel", "Kernel"), ("public import Storage", "Storage"), ("  @testable import ControlPlane", "ControlPlane"), ("import struct Foundation.Date", "Foundation"),
    ("@preconcurrency internal import GRDB", "GRDB"),
  ])
  func `Imports are found`(line: String, module: String) { #expect(SourceFile(path: "Sources/X/Y.swift", text: line).imports.map(\.module) == [module]) }

  @Test(arguments: ["\"SELECT id FROM x\"", "  INSERT INTO y (a)", "UPDATE member SET x = 1", "DELETE FROM z", "ON CONFLICT (id) DO"])
  func `SQL is found`(line: String) { #expect(line.contains(ShapeTests.sql)) }

  @Test(arguments: ["Select a member", "\"Update the member\"", "DELETE /api/v1/x", "case select, update"])
  func `Prose is not SQL`(line: String) { #expect(!line.contains(ShapeTests.sql)) }

  @Test func `The tree is found, and is the whole of it`() {
    #expect(SourceTree.files.count > 200)
    #expect(SourceTree.product.contains { $0.path == "Sources/Kernel/ID.swift" })
    #expect(SourceTree.files.contains { $0.path == "Tests/TidyTests/SelfTests.swift" })
  }
}

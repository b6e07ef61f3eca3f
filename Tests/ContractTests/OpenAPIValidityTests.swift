import Foundation
import Testing

@testable import Contract

@Suite struct OpenAPIValidityTests {
  @Test("The document is valid OpenAPI 3.1, by the field's own validator")
  func valid() throws {
    let sketches = [AnyEndpoint(Sketch.list), AnyEndpoint(Sketch.show), AnyEndpoint(Sketch.change), AnyEndpoint(Sketch.remove)]
    #expect(try complaint(about: OpenAPI(API.all).text) == nil)
    #expect(try complaint(about: OpenAPI(sketches).text) == nil)
  }

  @Test("The validator finds what is wrong")
  func invalid() throws {
    #expect(try complaint(about: #"{"openapi":"3.1.0"}"#) != nil)
  }

  /// What openapi-spec-validator says of a document; `nil` where it is content.
  private func complaint(about document: String) throws -> String? {
    let file = FileManager.default.temporaryDirectory.appending(path: "openapi-\(UUID()).json")
    try Data(document.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let process = Process()
    process.executableURL = root.appending(path: "Scripts/python")
    process.arguments = ["-c", "import json, sys, openapi_spec_validator as v; v.validate(json.load(open(sys.argv[1])), cls=v.OpenAPIV31SpecValidator)", file.path]
    let words = Pipe()
    process.standardError = words
    try process.run()
    let said = try words.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? nil : String(decoding: said, as: UTF8.self)
  }
}

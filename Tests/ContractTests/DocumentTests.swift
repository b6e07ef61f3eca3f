import Contract
import Foundation
import Testing

@Test func theDocumentInTheRepositoryIsTheOneTheProgramGives() throws {
  let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/openapi.json")
  let stored = try String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
  let given = try OpenAPI(API.all, version: API.version).text.trimmingCharacters(in: .whitespacesAndNewlines)
  #expect(stored == given, "Run `make openapi` and look at what changed.")
}

@Test func operationsHaveNamesAndAddressesOfTheirOwn() {
  #expect(Set(API.all.map(\.name)).count == API.all.count)
  #expect(Set(API.all.map { "\($0.method.rawValue) \($0.path)" }).count == API.all.count)
}

import Cedar
import Foundation
import Testing

/// Where the data of the conformance tests is: `CEDAR_CONFORMANCE_DATA`, or beside the repository.
private let conformanceData: URL? = {
  let given = ProcessInfo.processInfo.environment["CEDAR_CONFORMANCE_DATA"].map { URL(fileURLWithPath: $0) }
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  let beside = root.deletingLastPathComponent().appendingPathComponent("shared/cedar")
  return [given, beside].compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0.appendingPathComponent("tests").path) }
}()

/// The integration tests of cedar-policy/cedar-integration-tests. `cedar-conformance` runs the same and more.
@Suite(.enabled(if: conformanceData != nil, "skipped: neither CEDAR_CONFORMANCE_DATA nor ../shared/cedar is there"))
struct ConformanceTests {
  @Test func `the handwritten cases come out as expected`() throws {
    let data = try #require(conformanceData)
    #expect(try run(data.appendingPathComponent("tests"), data) >= 20)
  }

  @Test func `the cases of the sample corpus come out as expected`() throws {
    let data = try #require(conformanceData)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cedar-corpus-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let unpack = Process()
    unpack.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    unpack.arguments = ["tar", "xzf", data.appendingPathComponent("corpus-sample.tar.gz").path, "-C", folder.path]
    try unpack.run()
    unpack.waitUntilExit()
    #expect(unpack.terminationStatus == 0)
    #expect(try run(folder, folder) >= 1500)
  }

  /// Runs all cases below a folder; answers how many there were.
  private func run(_ folder: URL, _ root: URL) throws -> Int {
    let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)).compactMap { $0 as? URL }
    var count = 0
    for file in files where file.pathExtension == "json" && !file.lastPathComponent.hasSuffix("entities.json") {
      let json = try JSON(parsing: Array(Data(contentsOf: file)))
      func text(_ name: Text) throws -> String {
        guard case .string(let path)? = json[name] else { throw CocoaError(.coderReadCorrupt) }
        return try String(contentsOf: root.appendingPathComponent(path.string), encoding: .utf8)
      }
      let schema = try Schema(parsing: try text("schema"))
      let policies = try PolicySet(parsing: try text("policies")).named(by: "id")
      let entities = try Entities(json: try text("entities"), schema: schema)
      #expect(Validator(schema).validate(policies).isValid == (json["shouldValidate"] == .bool(true)), "\(file.lastPathComponent)")
      let authorizer = Authorizer(PreparedPolicies(policies), PreparedEntities(entities))
      guard case .array(let requests)? = json["requests"] else { throw CocoaError(.coderReadCorrupt) }
      for expected in requests {
        let request = try Request(json: expected, schema: expected["validateRequest"] == .bool(false) ? nil : schema)
        for response in [policies.authorize(request, entities), authorizer.authorize(request)] {
          #expect(JSON.string(Text(response.decision.rawValue)) == expected["decision"], "\(file.lastPathComponent)")
          #expect(Set(response.reasons.map(\.text)) == texts(expected["reason"]), "\(file.lastPathComponent)")
          #expect(Set(response.errors.map(\.policy.text)) == texts(expected["errors"]), "\(file.lastPathComponent)")
        }
      }
      count += 1
    }
    return count
  }

  private func texts(_ json: JSON?) -> Set<Text> {
    guard case .array(let elements)? = json else { return [] }
    return Set(elements.compactMap { if case .string(let text) = $0 { text } else { nil } })
  }
}

import Cedar
import Foundation

/// Runs cases and tells where we disagree.
struct ConformanceRun {
  struct Report {
    var passed = 0
    var failed = 0
    var disagreements: [String] = []
  }

  let folder: URL

  func run() -> Report {
    var report = Report()
    var roots: [String: URL] = [:]
    for file in caseFiles() {
      let name = file.path.hasPrefix(folder.path) ? String(file.path.dropFirst(folder.path.count + 1)) : file.path
      do {
        let conformanceCase = try ConformanceCase(file: file, root: { try root(for: $0, of: file, &roots) })
        let found = conformanceCase.disagreements()
        if found.isEmpty { report.passed += 1 } else { report.failed += 1 }
        report.disagreements += found.map { "\(name): \($0)" }
      } catch {
        report.failed += 1
        report.disagreements.append("\(name): \(error)")
      }
    }
    return report
  }

  /// JSON files that are neither entities nor schemas.
  private func caseFiles() -> [URL] {
    guard let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) else { return [] }
    return files.compactMap { $0 as? URL }
      .filter { $0.pathExtension == "json" && !$0.lastPathComponent.hasSuffix("entities.json") && !$0.lastPathComponent.hasSuffix("schema.json") }
      .sorted { $0.path < $1.path }
  }

  /// The folder the case's paths are relative to: the nearest one above it in which they exist.
  private func root(for path: String, of file: URL, _ known: inout [String: URL]) throws -> URL {
    let parent = file.deletingLastPathComponent()
    let key = "\(parent.path) \(path.split(separator: "/").first ?? "")"
    if let root = known[key] { return root }
    var candidate = parent
    while candidate.path != "/" {
      if FileManager.default.fileExists(atPath: candidate.appendingPathComponent(path).path) {
        known[key] = candidate
        return candidate
      }
      candidate.deleteLastPathComponent()
    }
    throw CocoaError(.fileNoSuchFile)
  }
}

/// One case: policies, entities and a schema, with requests and the expected answers.
struct ConformanceCase {
  private struct Expectation: Decodable {
    struct UID: Decodable {
      let type: String
      let id: String
    }

    let description: String
    let principal: UID?
    let action: UID?
    let resource: UID?
    let validateRequest: Bool?
    let decision: String
    let reason: [String]
    let errors: [String]
  }

  private struct File: Decodable {
    let policies: String
    let entities: String
    let schema: String
    let shouldValidate: Bool
    let requests: [Expectation]
  }

  private let file: File
  private let contexts: [JSON]
  private let policyText: String
  private let entityText: String
  private let schemaText: String

  init(file: URL, root: (String) throws -> URL) throws {
    let data = try Data(contentsOf: file)
    self.file = try JSONDecoder().decode(File.self, from: data)
    let document = try JSON(parsing: Array(data))
    guard case .array(let requests)? = document["requests"] else { throw CocoaError(.coderReadCorrupt) }
    contexts = requests.map { $0["context"] ?? .object([]) }
    func read(_ path: String) throws -> String { try String(contentsOf: try root(path).appendingPathComponent(path), encoding: .utf8) }
    policyText = try read(self.file.policies)
    entityText = try read(self.file.entities)
    schemaText = try read(self.file.schema)
  }

  func disagreements() -> [String] {
    do {
      let schema = try Schema(parsing: schemaText)
      let policies = try PolicySet(parsing: policyText).named(by: "id")
      var found: [String] = []
      let validation = Validator(schema).validate(policies)
      if validation.isValid != file.shouldValidate {
        let why = validation.errors.first.map { ": \($0)" } ?? ""
        found.append("expected the policies \(file.shouldValidate ? "" : "not ")to be valid, they are \(validation.isValid ? "" : "not")\(why)")
      }
      let entities = try Entities(json: entityText, schema: schema)
      let authorizer = Authorizer(PreparedPolicies(policies), PreparedEntities(entities))
      for (expected, context) in zip(file.requests, contexts) {
        found += try disagreements(expected, context, schema, policies, entities, authorizer).map { "\(expected.description): \($0)" }
      }
      return found
    } catch {
      return ["\(error)"]
    }
  }

  private func disagreements(
    _ expected: Expectation, _ context: JSON, _ schema: Schema, _ policies: PolicySet, _ entities: Entities, _ authorizer: Authorizer
  ) throws -> [String] {
    func uid(_ uid: Expectation.UID?) throws -> EntityUID {
      // The format lets a request leave a part out (cedar-policy/cedar before 3.0): what stands for it is nothing that a policy can name.
      guard let uid else { return EntityUID("__cedar::Unspecified", "") }
      guard let type = EntityType(parsing: uid.type) else { throw CocoaError(.coderValueNotFound) }
      return EntityUID(type, uid.id)
    }
    let action = try uid(expected.action)
    let request = Request(
      principal: try uid(expected.principal), action: action, resource: try uid(expected.resource),
      context: try Record(json: context, as: schema.actions[action]?.context))
    var found: [String] = []
    let isWhole = expected.principal != nil && expected.action != nil && expected.resource != nil
    if expected.validateRequest ?? isWhole {
      do { try schema.validate(request) } catch { found.append("the request is refused: \(error)") }
    }
    let plain = policies.authorize(request, entities)
    let prepared = authorizer.authorize(request)
    for (name, response) in [("", plain), ("prepared, ", prepared)] {
      if response.decision.rawValue != expected.decision { found.append("\(name)expected \(expected.decision), got \(response.decision)") }
      if Set(response.reasons.map(\.description)) != Set(expected.reason) { found.append("\(name)expected the reasons \(expected.reason), got \(response.reasons)") }
      let errors = response.errors.map(\.policy.description)
      if Set(errors) != Set(expected.errors) { found.append("\(name)expected errors of \(expected.errors), got \(response.errors)") }
    }
    return found
  }
}

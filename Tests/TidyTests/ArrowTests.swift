import Foundation
import Testing

/// The arrows of ARCHITECTURE.md: which target may import which. Whoever adds one changes the picture on purpose, here and in Package.swift.
@Suite struct ArrowTests {
  struct Arrows: Sendable {
    let ours: Set<String>
    /// Products of packages, and C libraries.
    var foreign: Set<String> = []
    /// Modules of the toolchain. The pure ground has none.
    var system: Set<String> = []
  }

  private static let everyPort: Set<String> = ["Kernel", "Storage", "Authorization", "Secrets", "ControlPlane", "StorageSQLite"]

  static let picture: [String: Arrows] = [
    "Kernel": Arrows(ours: []),
    "Cedar": Arrows(ours: []),
    "Markup": Arrows(ours: []),
    "Authorization": Arrows(ours: ["Kernel", "Cedar"]),
    "Ledger": Arrows(ours: ["Kernel"]),
    "Contract": Arrows(ours: ["Kernel"]),
    "Storage": Arrows(ours: ["Kernel"], system: ["Synchronization"]),
    "Secrets": Arrows(ours: ["Kernel"], foreign: ["CArgon2", "Crypto"], system: ["Foundation", "Synchronization"]),
    "ControlPlane": Arrows(
      ours: ["Kernel", "Markup", "Authorization", "Ledger", "Contract", "Storage", "Secrets"], foreign: ["Logging", "Metrics"], system: ["Synchronization"]),
    "StorageSQLite": Arrows(ours: ["Kernel", "Storage"], foreign: ["GRDB", "GRDBSQLite"], system: ["Foundation", "Dispatch", "Synchronization"]),
    "StoragePostgres": Arrows(ours: ["Kernel", "Storage"], foreign: ["CPostgres"], system: ["Dispatch", "Glibc"]),
    "Outbound": Arrows(ours: ["Kernel", "ControlPlane"], foreign: ["CCurl"], system: ["Foundation", "Dispatch", "Synchronization"]),
    "Server": Arrows(
      ours: ["Kernel", "Markup", "Authorization", "Contract", "Secrets", "ControlPlane"],
      foreign: ["Hummingbird", "HummingbirdCore", "HTTPTypes", "ServiceLifecycle", "UnixSignals", "Logging", "Metrics", "CoreMetrics", "NIOCore", "NIOHTTP1", "CAssets", "CZlib"],
      system: ["Foundation", "Glibc", "Synchronization"]),
    "ZenMLGateway": Arrows(ours: ["Kernel", "Authorization", "Contract", "Secrets", "ControlPlane"]),
    "ApoloGateway": Arrows(ours: ["Kernel", "Authorization", "Ledger", "Contract", "Secrets", "ControlPlane"]),
    "Client": Arrows(
      ours: ["Kernel", "Contract"], foreign: ["AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOFoundationCompat"], system: ["Glibc", "Darwin", "Synchronization"]),
    "GuildhallDecisions": Arrows(ours: ["Kernel", "Authorization", "Contract", "Client"], system: ["Glibc", "Darwin", "Synchronization"]),
    "Commands": Arrows(
      ours: ["Kernel", "Contract", "Client", "ControlPlane"], foreign: ["ArgumentParser"], system: ["Foundation", "Dispatch", "Glibc", "Darwin", "Synchronization"]),
    "guildhall": Arrows(
      ours: [
        "Kernel", "Markup", "Authorization", "Ledger", "Contract", "Storage", "Secrets", "ControlPlane", "StorageSQLite", "StoragePostgres", "Outbound", "Server", "ZenMLGateway", "ApoloGateway", "Client",
        "Commands",
      ], foreign: ["CMalloc", "Hummingbird", "ServiceLifecycle", "Logging", "Metrics", "ArgumentParser", "Configuration", "NIOCore", "Yams"],
      system: ["Foundation", "Glibc", "Synchronization"]),
    "Simulation": Arrows(ours: everyPort.union(["Ledger"]), foreign: ["Logging"], system: ["Foundation", "Synchronization"]),
    "simulate": Arrows(ours: everyPort.union(["Simulation"]), system: ["Foundation"]),
    "cedar-conformance": Arrows(ours: ["Cedar"], system: ["Foundation"]),
  ]

  @Test func `Package.swift declares the arrows of the picture and no others`() throws {
    let manifest = try Manifest(SourceTree.text(of: "Package.swift"))
    let names = Set(manifest.dependencies.keys)
    for name in names.symmetricDifference(Self.picture.keys).sorted() {
      report("Package.swift", nil, "the target \(name) stands either only here or only in `ArrowTests.picture`: draw it in both, and in ARCHITECTURE.md.")
    }
    for (name, arrows) in Self.picture.sorted(by: { $0.key < $1.key }) {
      guard let declared = manifest.dependencies[name] else { continue }
      for extra in declared.subtracting(arrows.ours).subtracting(arrows.foreign).sorted() {
        report("Package.swift", nil, "\(name) → \(extra) is no arrow of the picture: leave it out, or change `ArrowTests.picture` and ARCHITECTURE.md on purpose.")
      }
      for missing in arrows.ours.subtracting(declared).sorted() { report("Package.swift", nil, "\(name) → \(missing) stands in `ArrowTests.picture` but isn't declared: take it out there.") }
    }
  }

  @Test func `No file imports what its target may not`() {
    for file in SourceTree.product {
      guard let arrows = Self.picture[file.target] else { continue }
      for (line, module) in file.imports where !arrows.ours.contains(module) && !arrows.foreign.contains(module) && !arrows.system.contains(module) {
        report(file.path, line, "\(file.target) may not import \(module); what needs it belongs to another target (ARCHITECTURE.md, Layers).")
      }
    }
  }

  @Test func `The picture has no circle`() {
    var done: Set<String> = []
    var rest = Set(Self.picture.keys)
    while let next = rest.sorted().first(where: { Self.picture[$0]?.ours.isSubset(of: done) == true }) {
      done.insert(next)
      rest.remove(next)
    }
    #expect(rest.isEmpty, "These import each other in a circle, or what isn't in the picture: \(rest.sorted())")
  }

  @Test func `The ground is pure`() {
    for name in ["Kernel", "Cedar", "Markup", "Authorization", "Ledger", "Contract"] { #expect(Self.picture[name]?.system.isEmpty == true && Self.picture[name]?.foreign.isEmpty == true) }
    #expect(Self.picture["ControlPlane"]?.ours.isDisjoint(with: ["StorageSQLite", "StoragePostgres", "Outbound", "Server", "Client"]) == true)
  }

  @Test func `No module has a public type of its own name, which would hide its others`() {
    for file in SourceTree.product {
      let pattern = try? Regex<Substring>("^public (?:final )?(?:struct|class|enum|actor|protocol) \(NSRegularExpression.escapedPattern(for: file.target))\\b")
      // `ControlPlane` is the one that nobody needs to tell apart: its siblings aren't named with their module.
      guard let pattern, file.target != "ControlPlane" else { continue }
      for line in file.code.having(["public "], matching: pattern) { report(file.path, line + 1, "the type is called like its module; choose another name.") }
    }
  }
}

/// The targets that Package.swift declares, tests aside, with the names of what each depends on.
private struct Manifest {
  var dependencies: [String: Set<String>] = [:]

  init(_ text: String) throws {
    var products: [String: String] = [:]
    for match in text.matches(of: #/let (\w+) = Target\.Dependency\.product\(name: "(\w+)"/#) { products[String(match.1)] = String(match.2) }
    let targets = text[(text.range(of: "  targets: [")?.upperBound ?? text.startIndex)...]
    for match in targets.matches(of: #/(ours|\.executableTarget)\(\s*(?:name: )?"([\w-]+)"/#) {
      let declaration = Self.balanced(targets[match.range.lowerBound...])
      let list = declaration.firstIndex(of: "[").map { Self.balanced(declaration[$0...]) } ?? ""
      var found: Set<String> = []
      for product in list.matches(of: #/\.product\(name: "(\w+)"/#) { found.insert(String(product.1)) }
      let bare = list.replacing(#/\.product\([^)]*\)/#, with: "")
      for name in bare.matches(of: #/"([\w-]+)"/#) { found.insert(String(name.1)) }
      for (variable, product) in products where bare.contains(try Regex("\\b\(variable)\\b")) { found.insert(product) }
      if match.2 != "TestSupport" { dependencies[String(match.2)] = found }
    }
  }

  /// From the beginning to where its first bracket closes.
  private static func balanced(_ text: Substring) -> Substring {
    var depth = 0
    for place in text.indices {
      switch text[place] {
      case "(", "[": depth += 1
      case ")", "]":
        depth -= 1
        if depth == 0 { return text[...place] }
      default: break
      }
    }
    return text
  }
}

// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// A target of ours: the arrows of ARCHITECTURE.md are exactly these dependencies.
func ours(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [], resources: [Resource]? = nil) -> Target {
  .target(name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")

let package = Package(
  name: "guildhall",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "guildhall", targets: ["guildhall"]),
    .library(name: "Cedar", targets: ["Cedar"]),
    // Who may do what, as facts and decisions: without a database, without a server.
    .library(name: "Authorization", targets: ["Kernel", "Cedar", "Authorization"]),
    // The same in the process of a server that follows the facts.
    .library(name: "GuildhallDecisions", targets: ["Kernel", "Authorization", "GuildhallDecisions"]),
    // For the benchmarks, which stand in a package of their own.
    .library(name: "ControlPlane", targets: ["Kernel", "Authorization", "Ledger", "Storage", "StorageSQLite", "StoragePostgres", "Secrets", "ControlPlane"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML", "JSON", "CommandLineArguments"]),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // Ground: no I/O, no clock, no randomness.
    ours("Kernel"),
    ours("Cedar"),
    ours("Markup"),
    ours("Authorization", ["Kernel", "Cedar"]),
    ours("Ledger", ["Kernel"]),

    // Ports: what the core speaks to.
    ours("Contract", ["Kernel"]),
    ours("Storage", ["Kernel"]),
    ours("Secrets", ["Kernel", "CArgon2", crypto]),
    .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),

    // Core: every feature, no web framework, no database driver.
    ours(
      "ControlPlane", ["Kernel", "Markup", "Authorization", "Ledger", "Contract", "Storage", "Secrets", logging],
      resources: [.embedInCode("Schema")]),

    // Adapters.
    ours("StorageSQLite", ["Kernel", "Storage", .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift")]),
    ours("StoragePostgres", ["Kernel", "Storage", "CPostgres"]),
    .target(name: "CPostgres", dependencies: ["CLibraries"]),
    ours("Outbound", ["Kernel", "ControlPlane", "CCurl"]),
    .target(name: "CCurl", dependencies: ["CLibraries"]),
    // Loads the two when they are first called.
    .target(name: "CLibraries"),

    // Edges.
    ours(
      "Server",
      [
        "Kernel", "Markup", "Authorization", "Contract", "Secrets", "ControlPlane", "CAssets", "CZlib", hummingbird, httpTypes, lifecycle, logging,
        .product(name: "UnixSignals", package: "swift-service-lifecycle"), .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "HummingbirdCore", package: "hummingbird"), .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      exclude: ["Assets"]),
    .target(name: "CAssets"),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    ours("ZenMLGateway", ["Kernel", "Authorization", "Contract", "Secrets", "ControlPlane"]),
    ours(
      "Client",
      [
        "Kernel", "Contract", httpClient, .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]),
    // For servers that decide in their own processes: no database, no web server.
    ours("GuildhallDecisions", ["Kernel", "Authorization", "Contract", "Client"]),
    // Other platforms' clients: they translate into the core's use cases, and decide nothing.
    ours("ApoloGateway", ["Kernel", "Authorization", "Ledger", "Contract", "Secrets", "ControlPlane"]),
    ours("Commands", ["Kernel", "Contract", "Client", "ControlPlane", .product(name: "ArgumentParser", package: "swift-argument-parser")]),

    // Executables.
    .executableTarget(
      name: "guildhall",
      dependencies: [
        "Kernel", "Markup", "Authorization", "Ledger", "Contract", "Storage", "Secrets", "ControlPlane", "StorageSQLite", "StoragePostgres", "Outbound", "Server", "ZenMLGateway", "ApoloGateway", "Client",
        "Commands", "CMalloc", logging, metrics,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Configuration", package: "swift-configuration"), .product(name: "Yams", package: "Yams"), .product(name: "NIOCore", package: "swift-nio"),
      ],
      swiftSettings: strict,
      // Nothing looks our symbols up by name, and addresses to be moved at the start take 8 bytes for dozens of them instead of 24 each:
      // 10 MB less in memory (docs/performance.md).
      linkerSettings: [
        .unsafeFlags(["-use-ld=lld", "-Xlinker", "--no-export-dynamic", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs"], .when(platforms: [.linux]))
      ]),
    .systemLibrary(name: "CMalloc"),
    .executableTarget(name: "simulate", dependencies: ["Kernel", "Storage", "Authorization", "Secrets", "ControlPlane", "StorageSQLite", "Simulation"], swiftSettings: strict),
    ours("Simulation", ["Kernel", "Storage", "Authorization", "Secrets", "ControlPlane", "StorageSQLite", "Ledger"]),
    .executableTarget(name: "cedar-conformance", dependencies: ["Cedar"], swiftSettings: strict),

    // Tests.
    ours("TestSupport", ["Kernel", "Contract", "Storage", "StorageSQLite", "StoragePostgres"]),
    tests("KernelTests", ["Kernel"]),
    tests("CedarTests", ["Cedar", "cedar-conformance"]),
    tests("MarkupTests", ["Markup", "TestSupport"]),
    tests("AuthorizationTests", ["Kernel", "Authorization", "Cedar"], exclude: ["roles.golden", "resource-roles.golden"]),
    tests("LedgerTests", ["Kernel", "Ledger"]),
    tests("ContractTests", ["Kernel", "Contract"]),
    tests("SecretsTests", ["Kernel", "Secrets"]),
    tests("StorageConformanceTests", ["Kernel", "Storage", "StorageSQLite", "StoragePostgres", "ControlPlane", "TestSupport"]),
    tests(
      "ControlPlaneTests",
      ["Kernel", "Markup", "Authorization", "Contract", "Storage", "Secrets", "ControlPlane", "StorageSQLite", "StoragePostgres", "Simulation", "TestSupport", logging]),
    tests("OutboundTests", ["Kernel", "ControlPlane", "Outbound", "TestSupport"]),
    tests(
      "ServerTests",
      [
        "Kernel", "Markup", "Authorization", "Ledger", "Contract", "Storage", "Secrets", "ControlPlane", "StorageSQLite", "Server", "ZenMLGateway", "ApoloGateway", "Simulation",
        "TestSupport", hummingbird, httpTypes, logging, .product(name: "HummingbirdTesting", package: "hummingbird"), .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOEmbedded", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
      ]),
    tests(
      "CommandTests", ["Kernel", "Contract", "Secrets", "Client", "ControlPlane", "Commands", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
    tests("BrowserTests", ["guildhall", "Contract", "TestSupport"], exclude: ["Walks"]),
    tests("SystemTests", ["guildhall", "Kernel", "Authorization", "Contract", "Client", "GuildhallDecisions", "TestSupport"], exclude: ["Fuzzing"]),
    // Other platforms' clients, as their registries have them.
    tests("ClientTests", ["guildhall", "TestSupport"], exclude: ["ZenML", "Apolo"]),
    tests("SimulationTests", ["Kernel", "Simulation"]),
    tests("TidyTests", []),
  ],
  swiftLanguageModes: [.v6]
)

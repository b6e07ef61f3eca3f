// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// A target of ours: the arrows of ARCHITECTURE.md are exactly these dependencies.
func ours(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
  .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
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
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // Ground: no I/O, no clock, no randomness.
    ours("Kernel"),
    ours("Cedar"),
    ours("Markup"),
    ours("Authorization", ["Kernel"]),

    // Ports: what the core speaks to.
    ours("Contract", ["Kernel"]),
    ours("Storage", ["Kernel"]),
    ours("Secrets", ["Kernel", "CArgon2", crypto]),
    .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),

    // Core: every feature, no web framework, no database driver.
    ours(
      "ControlPlane", ["Kernel", "Markup", "Authorization", "Contract", "Storage", "Secrets", logging, metrics],
      resources: [.embedInCode("Schema")]),

    // Adapters.
    ours("StorageSQLite", ["Kernel", "Storage", .product(name: "GRDB", package: "GRDB.swift")]),
    ours("StoragePostgres", ["Kernel", "Storage", "CPostgres"]),
    .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    ours("Outbound", ["Kernel", "ControlPlane", "CCurl"]),
    .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),

    // Edges.
    ours(
      "Server",
      ["Kernel", "Markup", "Contract", "Secrets", "ControlPlane", hummingbird, httpTypes, lifecycle, logging, metrics, .product(name: "NIOCore", package: "swift-nio")],
      resources: [.embedInCode("Assets")]),
    ours("Client", ["Kernel", "Contract", httpClient, .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOFoundationCompat", package: "swift-nio")]),

    ours("Commands", ["Kernel", "Contract", "Client", "ControlPlane", .product(name: "ArgumentParser", package: "swift-argument-parser")]),

    // Executables.
    .executableTarget(
      name: "guildhall",
      dependencies: [
        "Kernel", "Markup", "Authorization", "Contract", "Storage", "Secrets", "ControlPlane", "StorageSQLite", "StoragePostgres", "Outbound", "Server", "Client", "Commands",
        hummingbird, lifecycle, logging, metrics,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Configuration", package: "swift-configuration"),
      ],
      swiftSettings: strict),
    .executableTarget(name: "simulate", dependencies: ["Kernel", "Storage", "Authorization", "Secrets", "ControlPlane", "StorageSQLite", "Simulation"], swiftSettings: strict),
    ours("Simulation", ["Kernel", "Storage", "Authorization", "Secrets", "ControlPlane", "StorageSQLite"]),
    .executableTarget(name: "cedar-conformance", dependencies: ["Cedar"], swiftSettings: strict),

    // Tests.
    ours("TestSupport", ["Kernel", "Storage", "StorageSQLite", "StoragePostgres"]),
    tests("KernelTests", ["Kernel"]),
    tests("CedarTests", ["Cedar"]),
    tests("MarkupTests", ["Markup", "TestSupport"]),
    tests("AuthorizationTests", ["Kernel", "Authorization"]),
    tests("ContractTests", ["Kernel", "Contract"]),
    tests("SecretsTests", ["Kernel", "Secrets"]),
    tests("StorageConformanceTests", ["Kernel", "Storage", "StorageSQLite", "StoragePostgres", "ControlPlane", "TestSupport"]),
    tests("ControlPlaneTests", ["Markup", "StoragePostgres", "TestSupport", "Kernel", "Authorization", "Contract", "Storage", "Secrets", "ControlPlane", "StorageSQLite", "Simulation"]),
    tests("OutboundTests", ["Kernel", "ControlPlane", "Outbound", "TestSupport"]),
    tests(
      "ServerTests",
      ["TestSupport", "Markup", "Kernel", "Authorization", "Contract", "Storage", "Secrets", "ControlPlane", "StorageSQLite", "Server", "Simulation", hummingbird, httpTypes, .product(name: "HummingbirdTesting", package: "hummingbird")]),
    tests("SimulationTests", ["Kernel", "Simulation"]),
    tests("CommandTests", ["Kernel", "Contract", "Client", "ControlPlane", "Commands", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
    tests("TidyTests", []),
  ],
  swiftLanguageModes: [.v6]
)

// swift-tools-version: 6.2
import PackageDescription

// Benchmarks stand in a package of their own, so that building the product never builds them. One executable per area;
// all of them print their figures with `Figures`.

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v26)],
  dependencies: [
    .package(name: "guildhall", path: ".."),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    .target(name: "Figures", swiftSettings: strict),
    // Counts allocations, by taking the place of the C library's functions: for programs that measure, and no others.
    .target(name: "Allocations"),
    .executableTarget(name: "cedar-benchmark", dependencies: ["Figures", "Allocations", .product(name: "Cedar", package: "guildhall")], swiftSettings: strict),
    .executableTarget(name: "access-benchmark", dependencies: [.product(name: "Authorization", package: "guildhall")], swiftSettings: strict),
    .executableTarget(name: "member-benchmark", dependencies: ["Figures", .product(name: "ControlPlane", package: "guildhall"), .product(name: "Logging", package: "swift-log")], swiftSettings: strict),
    .executableTarget(name: "ledger-benchmark", dependencies: ["Figures", .product(name: "ControlPlane", package: "guildhall"), .product(name: "Logging", package: "swift-log")], swiftSettings: strict),
    // The least that the web framework does: what the server is compared with.
    .executableTarget(name: "bare-server", dependencies: [.product(name: "Hummingbird", package: "hummingbird"), .product(name: "Logging", package: "swift-log")], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)

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
  dependencies: [.package(name: "guildhall", path: "..")],
  targets: [
    .target(name: "Figures", swiftSettings: strict),
    .executableTarget(name: "cedar-benchmark", dependencies: ["Figures", .product(name: "Cedar", package: "guildhall")], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)

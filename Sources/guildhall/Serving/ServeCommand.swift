import ApoloGateway
import ArgumentParser
import CMalloc
import ControlPlane
import Foundation
import Kernel
import Logging
import Metrics
import NIOCore
import Server
import ZenMLGateway

/// `guildhall serve`
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve the console and the API.",
    discussion: "Migrates the database first. Stops on SIGTERM or SIGINT, after the last answer is sent.")

  @OptionGroup var options: ServerOptions

  func run() async throws { try await Self.serve(options.settings()) }

  static func serve(_ settings: ServerSettings) async throws {
    let log = settings.logger()
    let composition = try await Composition(settings.maintenance == nil ? settings : settings.withoutDatabase(), log: log)
    try await guildhall.serve(composition, settings) { port in
      log.notice("serving", metadata: ["address": "\(settings.listen.host):\(port)", "url": "\(settings.publicURL)"])
      guard settings.maintenance == nil else { return log.notice("closed for maintenance: every request is answered 503") }
      guard (try? await composition.plane.installation.isNew()) == true else { return }
      log.notice("nobody has an account yet: who signs up first becomes the operator", metadata: ["url": "\(settings.publicURL)/sign-up"])
    }
  }
}

/// Serves until the process is asked to stop, then closes the database.
func serve(_ composition: Composition, _ settings: ServerSettings, onReady: @escaping @Sendable (Int) async -> Void) async throws {
  // Big pieces go back to the system at once. Left to itself glibc raises the bound, and keeps the 19 MB of each argon2 thread for good.
  mallopt(M_MMAP_THRESHOLD, 1 << 20)
  let registry = MetricsRegistry()
  MetricsSystem.bootstrap(registry)
  let gateways = [ZenML.gateway(composition.plane), Apolo.gateway(composition.plane)]
  let server = try ServerApplication(
    composition.plane, features: composition.plane.features(beside: gateways), gateways: gateways,
    configuration: ServerConfiguration(
      host: settings.listen.host, port: settings.listen.port, trustedProxies: settings.trustedProxies, limits: settings.isRateLimited ? RateLimits() : nil,
      assetFolder: settings.assetFolder, maintenance: settings.maintenance),
    metrics: registry, version: Local.version)
  do {
    try await server.run(onReady: onReady)
  } catch {
    await composition.close()
    throw SettingFault.cannotListen(error, on: settings.listen) ?? error
  }
  await composition.close()
}

extension SettingFault {
  fileprivate static func cannotListen(_ error: any Error, on endpoint: (host: String, port: Int)) -> SettingFault? {
    let reason: String? =
      switch error {
      case let error as IOError where error.errnoCode == EADDRINUSE: "another program listens there already"
      case let error as IOError where error.errnoCode == EADDRNOTAVAIL: "this machine doesn't have this address"
      case let error as IOError where error.errnoCode == EACCES: "this user may not listen there; ports from 1024 on are free to everybody"
      case is SocketAddressError, is SocketAddressError.UnknownHost: "there is no host of this name"
      default: nil
      }
    return reason.map { SettingFault("listen", "\(endpoint.host):\(endpoint.port)", $0) }
  }
}

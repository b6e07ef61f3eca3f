import ArgumentParser
import Contract

/// `guildhall openapi`
struct OpenAPICommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "openapi", abstract: "Print the description of the API (OpenAPI 3.1).")

  func run() throws { print(try OpenAPI(API.all, version: Local.version).text) }
}

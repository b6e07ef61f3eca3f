import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Markup
import NIOCore
import Testing

@testable import Server

@Suite struct AssetTests {
  @Test("What is compiled in is what lies in the folder; otherwise run Scripts/assets")
  func embedded() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources/Server/Assets")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(AssetStore.embedded.map(\.name).sorted() == names)
    for (name, bytes) in AssetStore.embedded { #expect(Array(try Data(contentsOf: folder.appending(path: name))) == bytes, "\(name)") }
  }

  @Test("The layers stand first in the style sheet, and the whole is kept for ever")
  func styleSheet() async throws {
    try await TestHouse().serve { client in
      let store = AssetStore(hasFonts: false)
      let path = store.link("guildhall.css").text
      let sheet = try await client.send(.get, path)
      #expect(sheet.status == .ok && sheet.headers[.contentType] == "text/css; charset=utf-8")
      #expect(sheet.headers[.cacheControl] == "public, max-age=31536000, immutable")
      #expect(sheet.text.hasPrefix("/* The order of precedence") && !sheet.text.contains("@font-face"))
      let page = try await client.send(.get, "/hall/x")
      #expect(page.text.contains(path))
      let script = try await client.send(.get, store.link("guildhall.js").text)
      #expect(script.headers[.contentType] == "text/javascript; charset=utf-8")
    }
  }

  @Test("Who takes gzip gets it, and it is the same text", arguments: [("gzip, br", true), ("br, gzip;q=0.5", true), ("*", true), ("gzip;q=0", false), ("identity", false), ("", false)])
  func compression(accept: String, isCompressed: Bool) async throws {
    try await TestHouse().serve { client in
      let path = AssetStore(hasFonts: false).link("guildhall.css").text
      let plain = try await client.send(.get, path)
      let answer = try await client.send(.get, path, [.acceptEncoding: accept])
      #expect((answer.headers[.contentEncoding] == "gzip") == isCompressed && answer.headers[.vary] == "Accept-Encoding")
      guard isCompressed else { return }
      #expect(answer.body.readableBytes * 3 < plain.body.readableBytes)
      #expect(try gunzipped(Data(answer.body.readableBytesView)) == Data(plain.body.readableBytesView))
    }
  }

  @Test("From the folder come the files that are there, and nothing else")
  func folder() async throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "assets-\(UUID())")
    defer { try? FileManager.default.removeItem(at: root) }
    try FileManager.default.createDirectory(at: root.appending(path: "fonts/inner"), withIntermediateDirectories: true)
    try Data("secret".utf8).write(to: root.appending(path: "secret.txt"))
    try Data("font".utf8).write(to: root.appending(path: "fonts/inter.woff2"))
    try Data("hidden".utf8).write(to: root.appending(path: "fonts/.hidden"))
    try FileManager.default.createSymbolicLink(at: root.appending(path: "fonts/link.txt"), withDestinationURL: root.appending(path: "secret.txt"))
    try await TestHouse().serve(assetFolder: root.path) { client in
      let font = try await client.send(.get, "/assets/fonts/inter.woff2")
      #expect(font.status == .ok && font.headers[.contentType] == "font/woff2" && font.text == "font")
      #expect(try await client.send(.get, "/assets/fonts/inter.woff2", [.ifNoneMatch: font.headers[.eTag] ?? ""]).status == .notModified)
      for path in [
        "/assets/fonts/../secret.txt", "/assets/fonts/..%2Fsecret.txt", "/assets/fonts/%2e%2e/secret.txt", "/assets/fonts/.hidden", "/assets/fonts/link.txt", "/assets/fonts/inner", "/assets/fonts",
        "/assets/secret.txt", "/assets//etc/passwd", "/assets/fonts/%2Fetc%2Fpasswd",
      ] { #expect(try await client.send(.get, path).status == .notFound, "\(path)") }
    }
  }

  private func gunzipped(_ data: Data) throws -> Data {
    let file = FileManager.default.temporaryDirectory.appending(path: "asset-\(UUID()).gz")
    try data.write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", file.path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let content = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return content
  }
}

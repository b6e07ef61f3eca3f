import Foundation
import Testing
import TestSupport

@Suite struct ApiFuzzTests {
  @Test("schemathesis finds no 5xx, and no answer that the API's description doesn't promise")
  func promises() async throws {
    let (status, output) = try await onThread {
      let process = Process()
      let pipe = Pipe()
      process.executableURL = Repository.root.appending(path: "Scripts/fuzz-api")
      process.arguments = ["--seconds", "25", "--seed", "1", "--phases", "coverage,fuzzing"]
      process.environment = ProcessInfo.processInfo.environment.merging(["GUILDHALL": try GuildhallProcess.executable().path]) { $1 }
      process.standardOutput = pipe
      process.standardError = pipe
      try process.run()
      let output = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
    #expect(status == 0, "\(output.suffix(6000))")
  }
}

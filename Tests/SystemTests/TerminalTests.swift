import Foundation
import Glibc
import Testing
import TestSupport

/// What is asked on a terminal, by a terminal of the test's own (`man 7 pty`).
@Suite struct TerminalTests {
  @Test("A new operator's password is asked for twice and never shown", arguments: [password, "something else entirely"])
  func passwordTwice(again: String) async throws {
    try await withFolder { folder in
      let arguments = ["account", "create", "--super-user", "--email", "ada@example.org", "--name", "Ada", "--database", "hall.db"]
      let (status, screen) = try await onThread {
        let terminal = try Pseudoterminal(running: arguments, in: folder)
        try terminal.expect("Password: ")
        try terminal.type(password)
        try terminal.expect("The same again: ")
        try terminal.type(again)
        return (try terminal.status(), terminal.screen)
      }
      #expect(!screen.contains(password) && !screen.contains(again), "\(screen)")
      if again == password {
        #expect(status == 0 && screen.contains("Ada (ada) is an operator"), "\(screen)")
      } else {
        #expect(status != 0 && screen.contains("The two aren't the same, so nothing was changed."), "\(screen)")
        #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "hall.db").path))
      }
    }
  }
}

/// A program with a keyboard and a screen, both of them a test's.
private final class Pseudoterminal {
  private let keyboard: FileHandle
  private let process = Process()
  private(set) var screen = ""

  init(running arguments: [String], in folder: URL) throws {
    let ours = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    // TIOCSPTLCK and TIOCGPTN of `man 2 ioctl_tty`, whose macros Swift doesn't see: what unlockpt(3) and ptsname(3) do.
    var (isLocked, number): (Int32, UInt32) = (0, 0)
    guard ours >= 0, ioctl(ours, 0x4004_5431, &isLocked) == 0, ioctl(ours, 0x8004_5430, &number) == 0 else { throw Failure.noTerminal }
    keyboard = FileHandle(fileDescriptor: ours, closeOnDealloc: true)
    let theirs = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    guard theirs >= 0 else { throw Failure.noTerminal }
    let side = FileHandle(fileDescriptor: theirs, closeOnDealloc: true)
    process.executableURL = try GuildhallProcess.executable()
    process.arguments = arguments
    process.currentDirectoryURL = folder
    (process.standardInput, process.standardOutput, process.standardError) = (side, side, side)
    try process.run()
    try side.close()
  }

  deinit { if process.isRunning { process.terminate() } }

  /// Waits until the screen ends with the text.
  func expect(_ text: String) throws {
    while !screen.hasSuffix(text) { guard readMore() else { throw Failure.missing(text, screen) } }
  }

  func type(_ line: String) throws { try keyboard.write(contentsOf: Data("\(line)\n".utf8)) }

  /// Reads to the end.
  func status() throws -> Int32 {
    while readMore() {}
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// Whether there was more; a terminal whose program has ended answers with an error.
  private func readMore() -> Bool {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(keyboard.fileDescriptor, &bytes, bytes.count)
    guard count > 0 else { return false }
    screen += String(decoding: bytes[..<count], as: UTF8.self)
    return true
  }

  enum Failure: Error { case noTerminal, missing(String, String) }
}

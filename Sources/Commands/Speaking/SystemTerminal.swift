import Kernel
import Synchronization
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The process's own standard input and outputs.
struct SystemTerminal: Terminal {
  private static let hasProgressLine = Mutex(false)

  var screenWidth: Int? {
    guard isatty(STDOUT_FILENO) == 1 else { return nil }
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 else { return 80 }
    return Int(size.ws_col)
  }

  var isInteractive: Bool { hasKeyboard && isatty(STDERR_FILENO) == 1 }
  var hasKeyboard: Bool { isatty(STDIN_FILENO) == 1 }

  func write(_ text: String) throws(Problem) {
    showProgress(nil)
    let failure = Self.write(Array(text.utf8), to: STDOUT_FILENO)
    switch failure {
    case 0: return
    case EPIPE, ECONNRESET: throw Problem(.closedOutput, "Nobody reads the output any more.")
    default: throw Problem(.unwritable, "The output can't be written: \(SystemFailure.reason(failure)).")
    }
  }

  func tell(_ text: String) {
    showProgress(nil)
    _ = Self.write(Array(text.utf8), to: STDERR_FILENO)
  }

  func showProgress(_ line: String?) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    Self.hasProgressLine.withLock { shown in
      guard line != nil || shown else { return }
      _ = Self.write(Array("\r\u{1B}[K\(line ?? "")".utf8), to: STDERR_FILENO)
      shown = line != nil
    }
  }

  func readLine() throws(Problem) -> String? {
    var line: [UInt8] = []
    while true {
      var byte: UInt8 = 0
      let count = read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return line.isEmpty ? nil : String(decoding: line, as: UTF8.self) }
      if byte == UInt8(ascii: "\n") { return String(decoding: line.last == 0x0D ? line.dropLast() : line[...], as: UTF8.self) }
      guard line.count < 1 << 20 else { throw Problem(.unusableFile, "The line is longer than 1 MB.") }
      line.append(byte)
    }
  }

  func readSecretLine(_ question: String) throws(Problem) -> String? {
    // Silence before the question: who types as soon as they read it isn't seen.
    let echo = ProcessSignals.silenceKeyboard()
    defer {
      echo?.restore()
      tell("\n")
    }
    tell("\(question) ")
    return try readLine()
  }

  func readAll(limit: Int) throws(Problem) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(STDIN_FILENO, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Problem(.unusableFile, "The standard input can't be read: \(SystemFailure.reason(errno)).") }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= limit else { throw Problem(.unusableFile, "The standard input is longer than \(limit >> 10) KB.") }
    }
  }

  /// Answers 0, or the system's number for why not.
  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { buffer in
        #if canImport(Glibc)
        Glibc.write(descriptor, buffer.baseAddress, buffer.count)
        #else
        Darwin.write(descriptor, buffer.baseAddress, buffer.count)
        #endif
      }
      if count >= 0 { written += count } else if errno == EAGAIN {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&waiting, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }
}

/// What the system says of its error numbers.
enum SystemFailure {
  static func reason(_ number: Int32) -> String { strerror(number).map { String(cString: $0) } ?? "error \(number)" }
}

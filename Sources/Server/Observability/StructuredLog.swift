import Contract
import Glibc
public import Kernel
public import Logging
import Synchronization

/// How lines of the log look.
public enum LogFormat: String, Sendable, CaseIterable {
  /// For people: time, level, message, then `name=value`.
  case text
  /// For collectors: one JSON object a line.
  case json
}

/// Writes log lines to the standard error.
public struct StructuredLogHandler: LogHandler {
  public var logLevel: Logger.Level
  public var metadata: Logger.Metadata = [:]
  public var metadataProvider: Logger.MetadataProvider?
  private let label: String
  private let format: LogFormat
  private let clock: @Sendable () -> Timestamp
  private let write: @Sendable (String) -> Void

  public init(_ label: String, format: LogFormat, level: Logger.Level, clock: @escaping @Sendable () -> Timestamp) {
    self.init(label, format: format, level: level, clock: clock) { line in LogOutput.write(line) }
  }

  init(_ label: String, format: LogFormat, level: Logger.Level, clock: @escaping @Sendable () -> Timestamp, write: @escaping @Sendable (String) -> Void) {
    self.label = label
    self.format = format
    logLevel = level
    self.clock = clock
    self.write = write
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
    if let own = event.metadata { all.merge(own) { $1 } }
    if let error = event.error { all["error"] = "\(error)" }
    let fields = all.map { ($0.key, $0.value.description) }.sorted { $0.0 < $1.0 }
    switch format {
    case .json:
      let members: [(String, String)] = [("at", clock().description), ("level", event.level.rawValue), ("logger", label), ("message", event.message.description)] + fields
      write(JSON.object(members.map { JSON.Member($0.0, .string($0.1)) }).compact + "\n")
    case .text:
      let behind = fields.map { " \($0.0)=\($0.1.asLogText)" }.joined()
      write("\(clock()) \(event.level.rawValue.uppercased()) \(event.message.description.onOneLine)\(behind)\n")
    }
  }
}

/// The standard error, one line after the other.
private enum LogOutput {
  private static let lock = Mutex(())

  static func write(_ line: String) {
    lock.withLock { _ in
      var rest = Array(line.utf8)[...]
      while !rest.isEmpty {
        let written = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
        guard written > 0 else { return }
        rest = rest.dropFirst(written)
      }
    }
  }
}

extension String {
  /// Line breaks and control characters escaped, so that what came from outside can't look like a line of its own.
  fileprivate var onOneLine: String {
    unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F } ? unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "\\u{\(String($0.value, radix: 16))}" : String($0) }.joined() : self
  }

  fileprivate var asLogText: String { contains(" ") || contains("\"") || isEmpty ? JSON.string(onOneLine).compact : onOneLine }
}

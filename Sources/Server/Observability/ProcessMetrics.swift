import CoreMetrics
import Glibc
import Kernel

/// What the operating system says of this process, read when somebody looks.
struct ProcessMetrics: Sendable {
  private let registry: MetricsRegistry

  init(_ registry: MetricsRegistry, started: Timestamp) {
    self.registry = registry
    registry.describe("process_resident_memory_bytes", "Memory that the process holds.")
    registry.describe("process_open_fds", "Files and connections that the process has open.")
    registry.describe("process_start_time_seconds", "When the process started, in seconds since 1970.")
    registry.makeMeter(label: "process_start_time_seconds", dimensions: []).set(Double(started.milliseconds) / 1000)
  }

  func update() {
    if let pages = Self.residentPages { registry.makeMeter(label: "process_resident_memory_bytes", dimensions: []).set(Int64(pages) * Int64(sysconf(Int32(_SC_PAGESIZE)))) }
    if let count = Self.openFiles { registry.makeMeter(label: "process_open_fds", dimensions: []).set(Int64(count)) }
  }

  /// The second number of `/proc/self/statm` (proc(5)).
  private static var residentPages: Int? {
    guard let file = fopen("/proc/self/statm", "r") else { return nil }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 128)
    let count = fread(&buffer, 1, buffer.count, file)
    let fields = String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? Int(fields[1]) : nil
  }

  private static var openFiles: Int? {
    guard let folder = opendir("/proc/self/fd") else { return nil }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    // Itself, its parent, and the folder that is being read don't count.
    return max(0, count - 3)
  }
}

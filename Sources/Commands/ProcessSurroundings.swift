import Client
import Kernel
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension Surroundings {
  /// Those of this process: its environment, its terminal, the network, the system's clock.
  static func ofProcess() -> Surroundings {
    Surroundings(
      variable: { name in getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } },
      workingDirectory: currentFolder(), machine: machineName(), terminal: SystemTerminal(), transport: NetworkTransport(),
      clock: {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
      },
      rest: { try? await Task.sleep(for: $0) }, ownsProcess: true)
  }

  private static func currentFolder() -> String {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return String(cString: path)
  }

  private static func machineName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "this machine" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

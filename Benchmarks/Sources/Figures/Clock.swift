internal import Foundation

/// What the process has used so far.
public enum Usage {
  /// Seconds of processor time, user and system, of all threads.
  public static var processorTime: Double {
    var usage = rusage()
    #if os(Linux)
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
    getrusage(RUSAGE_SELF, &usage)
    #endif
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  /// Resident bytes, on Linux; elsewhere 0.
  public static var residentBytes: Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * 4096
  }

  /// Processor seconds one run of the body takes: the least of several rounds, each long enough to be measured.
  public static func least(rounds: Int = 5, atLeast seconds: Double = 0.2, _ body: () -> Void) -> Double {
    var best = Double.infinity
    for _ in 0..<rounds {
      var runs = 0
      let start = processorTime
      var used = 0.0
      repeat {
        body()
        runs += 1
        used = processorTime - start
      } while used < seconds
      best = min(best, used / Double(runs))
    }
    return best
  }
}

import CoreMetrics
import Synchronization

/// One time series, or the series of one histogram.
protocol MetricCell: AnyObject, Sendable {
  var samples: [MetricSample] { get }
}

/// One line of the text format: what is behind the name, further labels, the value.
struct MetricSample {
  var suffix = ""
  var labels: [(String, String)] = []
  let value: Double
}

final class CounterCell: CounterHandler, MetricCell {
  private let value = Atomic<Int64>(0)

  func increment(by amount: Int64) { value.wrappingAdd(max(0, amount), ordering: .relaxed) }
  func reset() { value.store(0, ordering: .relaxed) }

  var samples: [MetricSample] { [MetricSample(value: Double(value.load(ordering: .relaxed)))] }
}

final class SumCell: FloatingPointCounterHandler, MetricCell {
  private let value = Mutex(0.0)

  func increment(by amount: Double) { value.withLock { $0 += max(0, amount) } }
  func reset() { value.withLock { $0 = 0 } }

  var samples: [MetricSample] { [MetricSample(value: value.withLock { $0 })] }
}

final class GaugeCell: MeterHandler, RecorderHandler, MetricCell {
  private let value = Mutex(0.0)

  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { self.value.withLock { $0 = value } }
  func increment(by amount: Double) { value.withLock { $0 += amount } }
  func decrement(by amount: Double) { value.withLock { $0 -= amount } }
  func record(_ value: Int64) { set(Double(value)) }
  func record(_ value: Double) { set(value) }

  var samples: [MetricSample] { [MetricSample(value: value.withLock { $0 })] }
}

final class HistogramCell: TimerHandler, RecorderHandler, MetricCell {
  static let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
  static let sizes: [Double] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 100_000, 1_000_000]

  private let bounds: [Double]
  private let state: Mutex<(counts: [Int], sum: Double)>

  init(bounds: [Double]) {
    self.bounds = bounds
    state = Mutex((Array(repeating: 0, count: bounds.count + 1), 0))
  }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    let place = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLock { state in
      state.counts[place] += 1
      state.sum += value
    }
  }

  var samples: [MetricSample] {
    let (counts, sum) = state.withLock { $0 }
    var samples: [MetricSample] = []
    var below = 0
    for (place, count) in counts.enumerated() {
      below += count
      let bound = place < bounds.count ? PrometheusText.number(bounds[place]) : "+Inf"
      samples.append(MetricSample(suffix: "_bucket", labels: [("le", bound)], value: Double(below)))
    }
    return samples + [MetricSample(suffix: "_sum", value: sum), MetricSample(suffix: "_count", value: Double(below))]
  }
}

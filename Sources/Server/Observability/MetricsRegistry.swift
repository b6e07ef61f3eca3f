public import CoreMetrics
import Synchronization

/// Keeps all counters, gauges and histograms of the process, for `/metrics` to show; bootstrap `MetricsSystem` with it.
///
/// Names follow Prometheus: counters end in `_total`, timers in `_seconds`. Of one name at most 5,000 label sets are shown, so that a label with endless values can't fill the memory.
public final class MetricsRegistry: MetricsFactory {
  private let families = Mutex<[String: Family]>([:])
  private let labelSets = 5000

  public init() {}

  /// What the metrics of a name mean, for the `# HELP` line.
  public func describe(_ name: String, _ help: String) {
    families.withLock { $0[MetricName.sanitized(name), default: Family()].help = help }
  }

  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    cell(MetricName.suffixed(label, "_total"), dimensions, .counter) { CounterCell() }
  }

  public func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
    cell(MetricName.suffixed(label, "_total"), dimensions, .counter) { SumCell() }
  }

  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    cell(MetricName.sanitized(label), dimensions, .gauge) { GaugeCell() }
  }

  public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    guard aggregate else { return cell(MetricName.sanitized(label), dimensions, .gauge) { GaugeCell() } }
    return cell(MetricName.sanitized(label), dimensions, .histogram) { HistogramCell(bounds: HistogramCell.sizes) }
  }

  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    cell(MetricName.suffixed(label, "_seconds"), dimensions, .histogram) { HistogramCell(bounds: HistogramCell.seconds) }
  }

  // What was counted stays true after the instrument is gone.
  public func destroyCounter(_ handler: any CounterHandler) {}
  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
  public func destroyMeter(_ handler: any MeterHandler) {}
  public func destroyRecorder(_ handler: any RecorderHandler) {}
  public func destroyTimer(_ handler: any TimerHandler) {}

  struct Family {
    enum Kind: String { case counter, gauge, histogram }

    var help: String?
    var kind: Kind?
    var cells: [(labels: [(String, String)], cell: any MetricCell)] = []
    var places: [String: Int] = [:]
  }

  /// The same cell for the same name and labels; one that isn't shown where the name has another kind, or too many label sets.
  private func cell<Cell: MetricCell>(_ name: String, _ labels: [(String, String)], _ kind: Family.Kind, _ make: () -> Cell) -> Cell {
    let labels = labels.map { (MetricName.sanitized($0.0), $0.1) }.sorted { $0.0 < $1.0 }
    let key = labels.map { "\($0.0)=\($0.1)" }.joined(separator: "\u{0}")
    return families.withLock { families in
      if let family = families[name] {
        if let place = family.places[key] { return family.cells[place].cell as? Cell ?? make() }
        if family.kind != nil && family.kind != kind || family.cells.count >= labelSets { return make() }
      }
      let cell = make()
      var family = families.removeValue(forKey: name) ?? Family()
      family.kind = kind
      family.places[key] = family.cells.count
      family.cells.append((labels, cell))
      families[name] = family
      return cell
    }
  }

  var snapshot: [(name: String, family: Family)] { families.withLock { $0.map { ($0.key, $0.value) } }.sorted { $0.name < $1.name } }
}

/// Names as Prometheus allows them: letters, digits, underscores.
enum MetricName {
  static func sanitized(_ label: String) -> String {
    let text = String(label.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    return text.first?.isNumber == false ? text : "_\(text)"
  }

  static func suffixed(_ label: String, _ suffix: String) -> String {
    let name = sanitized(label)
    return name.hasSuffix(suffix) ? name : name + suffix
  }
}

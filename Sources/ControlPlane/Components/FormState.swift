public import Kernel
internal import Markup

/// Proves that a form was made for this session: a hidden field in everything that changes something.
public struct FormToken: Sendable, Hashable {
  public let text: String

  public init(_ text: String) { self.text = text }
}

/// What a form holds when it is shown: the values to begin with, or what was typed and is wrong with it.
public struct FormState: Sendable {
  /// Keeps the ids of several forms on one page apart.
  public let id: String
  private let values: [String: [String]]
  private let faults: [FieldFault]
  /// Why the form as a whole was refused.
  public let refusal: String?
  /// Whether what the form changes was changed by somebody else since it was opened.
  let isStale: Bool

  /// A form to begin with.
  public init(_ id: String, _ values: KeyValuePairs<String, String> = [:]) {
    self.init(id, values: values.map { ($0.key, $0.value) }, problem: nil)
  }

  /// A form that came back: everything typed is kept, each fault stands at its field.
  public init(_ id: String, values: [(String, String)], problem: Problem?) {
    self.id = id
    self.values = Dictionary(values.map { ($0.0, [$0.1]) }, uniquingKeysWith: +)
    faults = problem?.faults ?? []
    refusal = problem.flatMap { $0.faults.isEmpty ? $0.detail : nil }
    isStale = problem?.code == .stale
  }

  public func value(_ name: String) -> String { values[name]?.first ?? "" }

  public func values(_ name: String) -> [String] { values[name] ?? [] }

  /// The revision that a form which came back was opened with.
  var revision: Int? { Int(value("revision")) }

  func fault(_ name: String) -> String? { faults.first { $0.field == name }?.detail }

  /// The id of a field's control.
  func control(_ name: String) -> String { "\(id)-\(name)" }

  /// The faults in the order of the form's fields, with the ids of their controls; last and without one, those whose field the form doesn't have.
  func marked(in fields: HTML) -> [(control: String?, detail: String)] {
    guard !faults.isEmpty else { return [] }
    let text = String(decoding: fields.bytes, as: UTF8.self)
    let placed = faults.map { fault in (fault, text.firstRange(of: "id=\"\(control(fault.field))\"")?.lowerBound) }
    let known = placed.filter { $0.1 != nil }.sorted { ($0.1 ?? text.endIndex) < ($1.1 ?? text.endIndex) }
    return known.map { (control($0.0.field), $0.0.detail) } + placed.filter { $0.1 == nil }.map { (nil, $0.0.detail) }
  }
}

import Contract
public import Kernel

/// What a machine has, or a preset takes of one.
public struct MachineShape: Sendable, Hashable {
  /// Thousandths of a core.
  public let millicores: Int64
  /// In bytes.
  public let memory: Int64
  public let gpus: Int64
  /// As people call it; empty without GPUs, or where any will do.
  public let gpuModel: String

  /// What can be counted everywhere, also in JSON (RFC 8259 §6).
  static let most = 9_007_199_254_740_991

  /// Refuses with all faults at once.
  public init(millicores: Int, memory: Int, gpus: Int = 0, gpuModel: String = "") throws(Problem) {
    var checker = FieldChecker()
    for (field, number, least) in [("millicores", millicores, 1), ("memory", memory, 1), ("gpus", gpus, 0)] where number < least || number > Self.most {
      checker.reject(field, "Give a whole number from \(least) to \(Self.most).")
    }
    let model = gpuModel.isEmpty ? "" : checker.check("gpu_model") { () throws(Rejection) in try PartName.text(gpuModel) }
    if !gpuModel.isEmpty, gpus == 0 { checker.reject("gpu_model", "Without GPUs there is no model of them.") }
    try checker.finish()
    (self.millicores, self.memory, self.gpus, self.gpuModel) = (Int64(millicores), Int64(memory), Int64(gpus), model ?? "")
  }

  init(storedMillicores millicores: Int64, memory: Int64, gpus: Int64, gpuModel: String) {
    (self.millicores, self.memory, self.gpus, self.gpuModel) = (millicores, memory, gpus, gpuModel)
  }

  /// `4 cores, 16 GiB, 1 GPU (a100)`
  var words: String {
    let cores = Self.cores(millicores)
    let gpuWords = gpus == 0 ? "" : ", \(counted(Int(gpus), "GPU"))\(gpuModel.isEmpty ? "" : " (\(gpuModel))")"
    return "\(cores) \(cores == "1" ? "core" : "cores"), \(Self.bytes(memory))\(gpuWords)"
  }

  /// Cores as a decimal: `0.5`.
  static func cores(_ millicores: Int64) -> String {
    let (whole, rest) = millicores.quotientAndRemainder(dividingBy: 1000)
    if rest == 0 { return String(whole) }
    var digits = String(1000 + rest).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(whole).\(digits)"
  }

  /// In the largest unit that counts it exactly: `16 GiB`.
  static func bytes(_ count: Int64) -> String {
    var (number, unit) = (count, 0)
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while unit < units.count - 1, number >= 1024, number % 1024 == 0 { (number, unit) = (number / 1024, unit + 1) }
    return "\(grouped(Int(number))) \(units[unit])"
  }
}

/// Machines of one kind in a cluster, which come and go with the work.
public struct NodePool: Sendable, Hashable {
  public let name: String
  /// How many machines there are at least and at most.
  public let sizes: ClosedRange<Int64>
  /// Of each machine.
  public let shape: MachineShape
  /// Of each machine, in bytes.
  public let disk: Int64
  /// Whether machines may be taken away while they work.
  public let isPreemptible: Bool

  static let mostMachines = 100_000

  /// Refuses with all faults at once.
  public init(name: String, least: Int, most: Int, shape: MachineShape, disk: Int = 0, isPreemptible: Bool = false) throws(Problem) {
    var checker = FieldChecker()
    let parsedName = checker.check("name") { () throws(Rejection) in try PartName.text(name) }
    if least < 0 || least > Self.mostMachines { checker.reject("min_size", "Give a whole number from 0 to \(Self.mostMachines).") }
    if most < max(least, 1) || most > Self.mostMachines { checker.reject("max_size", "Give a whole number from \(max(least, 1)) to \(Self.mostMachines).") }
    if disk < 0 || disk > MachineShape.most { checker.reject("disk", "Give a whole number from 0 to \(MachineShape.most).") }
    try checker.finish()
    guard let parsedName else { throw Problem(.defect, "A checked field is missing.") }
    self.init(name: parsedName, sizes: Int64(least)...Int64(most), shape: shape, disk: Int64(disk), isPreemptible: isPreemptible)
  }

  init(name: String, sizes: ClosedRange<Int64>, shape: MachineShape, disk: Int64, isPreemptible: Bool) {
    (self.name, self.sizes, self.shape, self.disk, self.isPreemptible) = (name, sizes, shape, disk, isPreemptible)
  }

  var logged: String { "\(name): \(sizes.lowerBound) to \(sizes.upperBound) machines of \(shape.words)" }
}

/// What people choose for a job: so much of a machine, at a price.
public struct ClusterPreset: Sendable, Hashable {
  public let name: String
  /// Of an hour, as people are shown it when they choose. What is charged stands in the price list.
  public let price: Credits
  public let shape: MachineShape
  /// Whether the job may be stopped for others.
  public let isPreemptible: Bool

  /// Refuses with all faults at once.
  public init(name: String, price: String, shape: MachineShape, isPreemptible: Bool = false) throws(Problem) {
    var checker = FieldChecker()
    let parsedName = checker.check("name") { () throws(Rejection) in try PartName.text(name) }
    let parsedPrice = checker.check("credits_per_hour") { () throws(Rejection) in try Credits(decimal: price) }
    try checker.finish()
    guard let parsedName, let parsedPrice else { throw Problem(.defect, "A checked field is missing.") }
    self.init(name: parsedName, price: parsedPrice, shape: shape, isPreemptible: isPreemptible)
  }

  init(name: String, price: Credits, shape: MachineShape, isPreemptible: Bool) {
    (self.name, self.price, self.shape, self.isPreemptible) = (name, price, shape, isPreemptible)
  }

  var logged: String { "\(name): \(shape.words), \(price) an hour" }
}

/// What parts of clusters are called.
enum PartName {
  /// Letters, digits, and `.`, `_`, `-` between them; at most 64.
  static func text(_ text: String) throws(Rejection) -> String {
    let isFit = (1...64).contains(text.utf8.count)
      && text.utf8.enumerated().allSatisfy { place, byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): place > 0
        default: false
        }
      }
    guard isFit else { throw Rejection("Use letters, digits, and \".\", \"_\" or \"-\" between them, at most 64.") }
    return text
  }
}

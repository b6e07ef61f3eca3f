/// Finds numbers by the hash of what they stand for: linear hashing, where buckets are split one by one as it fills. So neither an insertion nor
/// a copy ever costs more because much is in it, and copies share all buckets that neither has changed.
struct NumberIndex: Sendable {
  /// A hash of 32 bits above, the number below.
  private typealias Bucket = ContiguousArray<UInt64>
  private static let load = 20

  private var buckets = Pages<Bucket>()
  private var count = 0

  /// The number with that hash which is the right one.
  @inline(__always)
  func find(_ hash: Int, _ isRight: (Int32) -> Bool) -> Int32? {
    guard buckets.count > 0 else { return nil }
    let hash = UInt32(truncatingIfNeeded: hash)
    let bucket = buckets[place(hash)]
    var index = 0
    while index < bucket.count {
      let entry = bucket[index]
      if UInt32(truncatingIfNeeded: entry >> 32) == hash, isRight(Int32(truncatingIfNeeded: entry)) { return Int32(truncatingIfNeeded: entry) }
      index += 1
    }
    return nil
  }

  mutating func insert(_ hash: Int, _ number: Int32) {
    let hash = UInt32(truncatingIfNeeded: hash)
    if buckets.count == 0 { buckets.append([]) }
    Self.append(UInt64(hash) << 32 | UInt64(UInt32(bitPattern: number)), to: &buckets[place(hash)])
    count += 1
    if count > buckets.count * Self.load { split() }
  }

  mutating func remove(_ hash: Int, _ number: Int32) {
    guard buckets.count > 0 else { return }
    let hash = UInt32(truncatingIfNeeded: hash)
    let before = buckets[place(hash)].count
    buckets[place(hash)].removeAll { $0 == UInt64(hash) << 32 | UInt64(UInt32(bitPattern: number)) }
    count -= before - buckets[place(hash)].count
  }

  private func place(_ hash: UInt32) -> Int {
    let low = Int(hash) & (width - 1)
    return low < buckets.count ? low : low & ((width >> 1) - 1)
  }

  /// The least power of two that is not less than the number of buckets.
  private var width: Int { buckets.count < 2 ? 1 : 1 << (Int.bitWidth - (buckets.count - 1).leadingZeroBitCount) }

  /// Adds one bucket, and gives it what belongs there of the one that held it so far.
  private mutating func split() {
    let added = buckets.count
    buckets.append([])
    let source = added & ((width >> 1) - 1)
    let mask = UInt64(width - 1)
    let all = buckets[source]
    buckets[added] = Bucket(all.filter { Int($0 >> 32 & mask) == added })
    buckets[source] = Bucket(all.filter { Int($0 >> 32 & mask) != added })
  }

  /// Grown by one place: buckets are many.
  private static func append(_ entry: UInt64, to bucket: inout Bucket) {
    if bucket.count == bucket.capacity {
      var grown = Bucket()
      grown.reserveCapacity(bucket.count + 2)
      grown += bucket
      bucket = grown
    }
    bucket.append(entry)
  }

  var bytes: Int {
    var bytes = 0
    buckets.forEach { bytes += $0.capacity * 8 + Memory.header }
    return bytes
  }
}

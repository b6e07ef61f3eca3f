import Kernel
import Synchronization
import Testing

@Suite struct MomentTests {
  enum Thing {}

  private final class Seeded: Sendable {
    private let source: Mutex<SplitMix>
    init(_ seed: UInt64) { source = Mutex(SplitMix(seed: seed)) }
    func moment(at milliseconds: Int64) -> Moment { Moment(now: Timestamp(milliseconds: milliseconds)) { self.source.withLock { $0.next() } } }
  }

  @Test func `A new id is a UUID of version 7 and variant 10 that begins with its instant`() throws {
    let seeded = Seeded(3)
    for milliseconds: Int64 in [0, 1, 1_700_000_000_000, 253_402_300_799_999] {
      for _ in 0..<100 {
        let text = seeded.moment(at: milliseconds).newID(Thing.self).description
        let digits = text.filter { $0 != "-" }
        #expect(try #require(Int64(digits.prefix(12), radix: 16)) == milliseconds)
        #expect(Array(text)[14] == "7")
        #expect("89ab".contains(Array(text)[19]))
      }
    }
  }

  @Test func `Ids of later instants sort later`() {
    let seeded = Seeded(4)
    let ids = (0..<1000).map { seeded.moment(at: 1_700_000_000_000 + Int64($0)).newID(Thing.self) }
    #expect(ids == ids.sorted())
  }

  @Test func `Ids of one instant differ`() {
    let moment = Seeded(5).moment(at: 1)
    #expect(Set((0..<10_000).map { _ in moment.newID(Thing.self) }).count == 10_000)
  }

  @Test(arguments: [0, 1, 7, 8, 9, 31, 32, 33, 1000])
  func `Bytes come in the count that was asked for`(count: Int) { #expect(Seeded(6).moment(at: 0).bytes(count).count == count) }

  @Test func `The same seed gives the same bytes, another seed others`() {
    #expect(Seeded(7).moment(at: 0).bytes(64) == Seeded(7).moment(at: 0).bytes(64))
    #expect(Seeded(7).moment(at: 0).bytes(64) != Seeded(8).moment(at: 0).bytes(64))
  }

  @Test func `SplitMix gives the numbers of its published reference`() {
    var source = SplitMix(seed: 1_234_567)
    let numbers = (0..<5).map { _ in source.next() }
    #expect(
      numbers == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431, 16_408_922_859_458_223_821])
  }
}

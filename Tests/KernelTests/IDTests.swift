import Kernel
import Testing

@Suite struct IDTests {
  enum Thing {}
  enum Other {}

  @Test func `An id reads back from its text, in either case`() {
    var random = Randomness(seed: 1)
    for _ in 0..<1000 {
      let id = ID<Thing>(high: random.word(), low: random.word())
      let text = id.description
      #expect(text.utf8.count == 36)
      #expect(text == text.lowercased())
      #expect(ID<Thing>(text) == id)
      #expect(ID<Thing>(text.uppercased()) == id)
    }
  }

  @Test func `Ids sort as their texts do`() {
    var random = Randomness(seed: 2)
    let ids = (0..<500).map { _ in ID<Thing>(high: random.word() >> UInt64(random.number(below: 64)), low: random.word()) }
    #expect(ids.sorted().map(\.description) == ids.map(\.description).sorted())
  }

  @Test func `A text is written as RFC 9562 writes it`() {
    #expect(ID<Thing>(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210).description == "01234567-89ab-cdef-fedc-ba9876543210")
    #expect(ID<Thing>.nothing.description == "00000000-0000-0000-0000-000000000000")
  }

  @Test(arguments: [
    "", "-", "01234567-89ab-cdef-fedc-ba987654321", "01234567-89ab-cdef-fedc-ba98765432100", "0123456789abcdeffedcba9876543210",
    "{01234567-89ab-cdef-fedc-ba9876543210}", " 01234567-89ab-cdef-fedc-ba9876543210", "01234567-89ab-cdef-fedc-ba9876543210 ",
    "01234567-89ab-cdef-fedc-ba987654321g", "01234567_89ab_cdef_fedc_ba9876543210", "0123456-789ab-cdef-fedc-ba9876543210",
    "٠1234567-89ab-cdef-fedc-ba9876543210", "01234567-89ab-cdef-fedc-ba9876543210\0", "urn:uuid:01234567-89ab-cdef-fedc-ba9876543210",
    "------------------------------------",
  ])
  func `Anything else is no id`(text: String) { #expect(ID<Thing>(text) == nil) }

  @Test func `A cast keeps the identity`() {
    let id = ID<Thing>(high: 7, low: 9)
    let other: ID<Other> = id.cast()
    #expect(other.description == id.description)
    #expect(other.cast(to: Thing.self) == id)
  }
}

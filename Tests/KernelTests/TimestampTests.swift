import Kernel
import Testing

@Suite struct TimestampTests {
  /// Instants that anybody can look up.
  static let known: [(text: String, milliseconds: Int64)] = [
    ("1970-01-01T00:00:00.000Z", 0),
    ("1969-12-31T23:59:59.999Z", -1),
    ("1970-01-01T00:00:00.001Z", 1),
    ("2000-02-29T12:00:00.000Z", 951_825_600_000),
    ("2001-09-09T01:46:40.000Z", 1_000_000_000_000),
    ("2038-01-19T03:14:08.000Z", 2_147_483_648_000),
    ("2024-02-29T23:59:59.999Z", 1_709_251_199_999),
    ("2024-03-01T00:00:00.000Z", 1_709_251_200_000),
    ("2100-03-01T00:00:00.000Z", 4_107_542_400_000),
    ("1900-03-01T00:00:00.000Z", -2_203_891_200_000),
    ("1600-02-29T00:00:00.000Z", -11_670_998_400_000),
    ("0000-01-01T00:00:00.000Z", -62_167_219_200_000),
    ("0000-02-29T00:00:00.000Z", -62_162_121_600_000),
    ("0001-01-01T00:00:00.000Z", -62_135_596_800_000),
    ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
  ]

  @Test(arguments: known)
  func `Known instants are written and read`(text: String, milliseconds: Int64) {
    #expect(Timestamp(milliseconds: milliseconds).description == text)
    #expect(Timestamp(text)?.milliseconds == milliseconds)
  }

  @Test(arguments: [
    (784_111_777_000, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
    (951_782_400_999, "Tue, 29 Feb 2000 00:00:00 GMT"), (253_402_300_799_999, "Fri, 31 Dec 9999 23:59:59 GMT"),
  ] as [(Int64, String)])
  func `HTTP's way to write an instant`(milliseconds: Int64, text: String) { #expect(Timestamp(milliseconds: milliseconds).httpDate == text) }

  @Test func `The last instant is the end of the year 9999`() { #expect(Timestamp.distantFuture.description == "9999-12-31T23:59:59.999Z") }

  @Test(arguments: [
    ("1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.520Z"),
    ("1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57.000Z"),
    ("1990-12-31T23:59:60Z", "1990-12-31T23:59:59.000Z"),
    ("1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.870Z"),
    ("2026-11-21t04:55:39.120z", "2026-11-21T04:55:39.120Z"),
    ("2026-11-21 04:55:39Z", "2026-11-21T04:55:39.000Z"),
    ("2026-11-21", "2026-11-21T00:00:00.000Z"),
    ("2026-11-21T04:55:39.1Z", "2026-11-21T04:55:39.100Z"),
    ("2026-11-21T04:55:39.123999999Z", "2026-11-21T04:55:39.123Z"),
    ("2026-11-21T04:55:39-00:00", "2026-11-21T04:55:39.000Z"),
    ("2026-01-01T00:30:00+23:59", "2025-12-31T00:31:00.000Z"),
    ("2024-02-29T23:30:00-01:00", "2024-03-01T00:30:00.000Z"),
    ("0000-01-01T23:59:00+23:59", "0000-01-01T00:00:00.000Z"),
    ("9999-12-31T00:00:59.999-23:59", "9999-12-31T23:59:59.999Z"),
  ])
  func `Other spellings mean the instant they say`(text: String, utc: String) { #expect(Timestamp(text)?.description == utc) }

  @Test(arguments: [
    "", " ", "now", "2026", "2026-11", "2026-11-21T", "2026-11-21T04", "2026-11-21T04:55", "2026-11-21T04:55Z", "2026-11-21T04:55:39", "2026-11-21T04:55:39.",
    "2026-11-21T04:55:39.Z", "2026-11-21T04:55:39.1234567891Z", "2026-11-21T04:55:39+1", "2026-11-21T04:55:39+01", "2026-11-21T04:55:39+0100", "2026-11-21T04:55:39+24:00",
    "2026-11-21T04:55:39+01:60", "2026-11-21T24:00:00Z", "2026-11-21T23:60:00Z", "2026-11-21T23:59:61Z", "2026-00-21", "2026-13-21", "2026-11-00", "2026-11-31", "2026-02-29",
    "1900-02-29", "2100-02-29", "2026-1-21", "26-11-21", "+2026-11-21", "-0001-11-21", "02026-11-21", "12026-11-21T00:00:00Z", "2026/11/21", "20261121", "2026-11-21T04:55:39ZZ",
    " 2026-11-21", "2026-11-21 ", "2026-11-21\n", "２０２６-11-21", "2026-11-21T04:55:39,1Z", "1700000000000",
  ])
  func `Anything else is no instant`(text: String) { #expect(Timestamp(text) == nil) }

  @Test(arguments: ["0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:59.999-23:59"])
  func `An offset that leads out of the years 0 to 9999 is refused, for it couldn't be written again`(text: String) { #expect(Timestamp(text) == nil) }

  /// An oracle that only knows which years are leap years, and counts days one by one.
  @Test func `The days of all kinds of years are counted right`() {
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    var day: Int64 = -719_528
    var wrong: [String] = []
    for year in 0...9999 {
      let isLeap = year.isMultiple(of: 400) || year.isMultiple(of: 4) && !year.isMultiple(of: 100)
      // The calendar repeats itself every 400 years.
      let isLookedAt = year <= 8 || (1896...2004).contains(year) || year % 100 == 0 || year >= 9995
      for month in 1...12 {
        let length = month == 2 && isLeap ? 29 : lengths[month - 1]
        if isLookedAt {
          for date in [1, length] {
            let text = "\(pad(year, 4))-\(pad(month, 2))-\(pad(date, 2))"
            let expected = (day + Int64(date) - 1) * 86_400_000
            if Timestamp(text)?.milliseconds != expected || Timestamp(milliseconds: expected).description != text + "T00:00:00.000Z" { wrong.append(text) }
          }
          if Timestamp("\(pad(year, 4))-\(pad(month, 2))-\(pad(length + 1, 2))") != nil { wrong.append("\(year)-\(month)-\(length + 1)") }
        }
        day += Int64(length)
      }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(5))")
  }

  @Test func `Any instant of those years reads back from its text, and texts sort as instants do`() {
    var random = Randomness(seed: 11)
    let instants = (0..<5000).map { _ in Timestamp(milliseconds: random.number(in: -62_167_219_200_000...253_402_300_799_999)) }
    for instant in instants { #expect(Timestamp(instant.description) == instant) }
    #expect(instants.sorted().map(\.description) == instants.map(\.description).sorted())
  }

  @Test func `Instants and spans add up`() {
    let start = Timestamp(milliseconds: 1_000)
    #expect(start + .days(1) == Timestamp(milliseconds: 86_401_000))
    #expect(start - .hours(1) == Timestamp(milliseconds: -3_599_000))
    #expect((start + .minutes(5)) - start == .seconds(300))
    #expect(Duration.milliseconds(-1500).wholeSeconds == -1)
    #expect(Duration.microseconds(1999).milliseconds == 1)
  }

  private func pad(_ number: Int, _ width: Int) -> String { String(repeating: "0", count: max(0, width - String(number).count)) + String(number) }
}

@testable import Kernel
import Testing

@Suite struct ZoneTests {
  /// Days on which clocks change, by other programs' reading of the same database.
  @Test(arguments: [
    ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00.000Z", 23.0), ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00.000Z", 25),
    ("America/New_York", "2026-11-01", "2026-11-01T04:00:00.000Z", 25), ("Europe/Dublin", "2026-07-01", "2026-06-30T23:00:00.000Z", 24),
    // Clocks skip midnight, or come back before it, or have it twice.
    ("America/Santiago", "2026-09-06", "2026-09-06T04:00:00.000Z", 23), ("America/Santiago", "2026-04-04", "2026-04-04T03:00:00.000Z", 25),
    ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00.000Z", 23), ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00.000Z", 23),
    ("America/Havana", "2026-03-08", "2026-03-08T05:00:00.000Z", 23), ("America/Havana", "2026-11-01", "2026-11-01T04:00:00.000Z", 25),
    // Half an hour, and the first to have a new year.
    ("Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30:00.000Z", 23.5), ("Pacific/Kiritimati", "2027-01-01", "2026-12-31T10:00:00.000Z", 24),
  ])
  func `A day begins at its midnight, and is as long as clocks make it`(_ name: String, _ day: String, _ begins: String, _ hours: Double) throws {
    let zone = try Zone(named: name)
    let day = Zone.utc.day(at: try #require(Timestamp(day)))
    let beginning = zone.beginning(of: day)
    #expect(beginning.description == begins)
    #expect(Double((zone.beginning(of: day.adding(days: 1)) - beginning).milliseconds) == hours * 3_600_000)
    #expect(zone.day(at: beginning) == day)
    #expect(zone.day(at: beginning - .milliseconds(1)) == day.adding(days: -1))
  }

  @Test func `Every day of two years begins in every place when the database says so`() throws {
    // Places with changes that no rule can say are left out.
    let inexact: Set<String> = ["Africa/Casablanca", "Africa/El_Aaiun", "Asia/Gaza", "Asia/Hebron"]
    let names = Zone.names.filter { !inexact.contains($0) }
    #expect(names.count == 515)
    let first = CalendarDay(year: 2026, month: 1)
    var sum: UInt64 = 0
    for name in names {
      let zone = try Zone(named: name)
      for day in 0..<730 { sum = sum &* 31 &+ UInt64(bitPattern: zone.beginning(of: first.adding(days: Int64(day))).milliseconds / 1000) }
    }
    // Worked out from the database's files by another program.
    #expect(sum == 400_476_152_240_495_040)
  }

  @Test(arguments: ["", "Mars/Olympus", "CET", "Europe/Berlin ", "../Berlin", "+01:00", "Europe/Berlin\u{0}", String(repeating: "x", count: 10_000)])
  func `A name that nobody knows is refused`(_ name: String) { #expect(throws: Rejection.self) { try Zone(named: name) } }

  @Test func `Names are found in whatever case`() throws {
    #expect(try Zone(named: "europe/BERLIN") == Zone(named: "Europe/Berlin"))
    #expect(try Zone(named: "utc").name == "UTC")
  }

  @Test func `Every rule of the table is one`() { for (name, rule) in ZoneTable.rules { #expect(ZoneRule(rule) != nil, "\(name)") } }

  @Test(arguments: ["", "C1", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "<CET-1", "CET-1CEST,J366,J2"])
  func `What is no rule isn't read`(_ text: String) { #expect(ZoneRule(text) == nil) }

  @Test func `Days of the year count as they say`() throws {
    // The 29th of February counts for one kind and not for the other.
    let rule = try #require(ZoneRule("AAA0BBB,J60/0,59/0"))
    for (year, begins) in [(Int64(2027), "2027-03-01"), (2028, "2028-03-01")] {
      #expect(rule.changes(in: year)[0] * 1000 == Timestamp(begins)?.milliseconds)
    }
    let leapDay = try #require(Timestamp("2028-02-29"))
    #expect(rule.changes(in: 2028)[1] * 1000 == (leapDay - .hours(1)).milliseconds)
  }
}

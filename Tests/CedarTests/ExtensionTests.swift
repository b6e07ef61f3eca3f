import Cedar
import Testing

@Suite struct ExtensionTests {
  @Test(arguments: [
    ("0.0", 0), ("1.5", 15_000), ("-1.5", -15_000), ("-0.5", -5000), ("12.3456", 123_456), ("1.50", 15_000), ("00.1", 1000),
    ("922337203685477.5807", Int64.max), ("-922337203685477.5808", Int64.min),
  ] as [(String, Int64)])
  func `a decimal counts ten-thousandths`(text: String, units: Int64) throws {
    let decimal = try #require(Decimal(text))
    #expect(decimal.units == units)
    #expect(Decimal(decimal.description) == decimal)
  }

  @Test(arguments: ["", ".", "1", "1.", ".5", "-.5", "1.23456", "+1.0", "1.0 ", "--1.0", "1.-5", "a.b", "922337203685477.5808", "-922337203685477.5809", "99999999999999999999.0", "1.0.0", "١.٠"])
  func `what is not a decimal is refused`(text: String) { #expect(Decimal(text) == nil) }

  @Test(arguments: [
    ("127.0.0.1", "127.0.0.1"), ("10.0.0.0/8", "10.0.0.0/8"), ("1.2.3.4/32", "1.2.3.4"), ("0.0.0.0/0", "0.0.0.0/0"), ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("fe80::/10", "fe80::/10"),
    ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("0:0:1::0", "0:0:1::"), ("ABCD::ef01/128", "abcd::ef01"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::/0", "::/0"),
  ] as [(String, String)])
  func `an address reads and writes`(text: String, written: String) throws {
    let address = try #require(IPAddress(text))
    #expect(address.description == written)
    #expect(IPAddress(written) == address)
  }

  @Test(arguments: [
    "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4/33", "1.2.3.4/08", "1.2.3.4/", "1.2.3.4/8/8", "1.2.3.-4", "1.2.3.4 ", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
    "12345::", "g::", "::1/129", "::1/0128", "::ffff:1.2.3.4", "fe80::1%eth0", "1:2:3:4:5:6:7:8::",
  ])
  func `what is not an address is refused`(text: String) { #expect(IPAddress(text) == nil) }

  @Test(arguments: [
    ("ip(\"127.0.0.1\").isLoopback()", true), ("ip(\"127.1.2.3/16\").isLoopback()", true), ("ip(\"127.0.0.0/7\").isLoopback()", false), ("ip(\"::1\").isLoopback()", true), ("ip(\"::2\").isLoopback()", false),
    ("ip(\"224.0.0.1\").isMulticast()", true), ("ip(\"223.0.0.1\").isMulticast()", false), ("ip(\"ff00::1\").isMulticast()", true), ("ip(\"fe00::1\").isMulticast()", false),
    ("ip(\"1.1.1.1\").isIpv4()", true), ("ip(\"::1\").isIpv4()", false), ("ip(\"::1\").isIpv6()", true), ("ip(\"1.1.1.1\").isIpv6()", false),
    ("ip(\"10.1.0.0/16\").isInRange(ip(\"10.0.0.0/8\"))", true), ("ip(\"10.0.0.0/8\").isInRange(ip(\"10.1.0.0/16\"))", false), ("ip(\"1.1.1.1\").isInRange(ip(\"::/0\"))", false), ("ip(\"::1\").isInRange(ip(\"::/0\"))", true),
    ("ip(\"1.2.3.4\") == ip(\"1.2.3.4/32\")", true), ("ip(\"10.0.0.1/8\") == ip(\"10.0.0.0/8\")", false),
    ("decimal(\"1.5\").lessThan(decimal(\"1.6\"))", true), ("decimal(\"1.5\").lessThanOrEqual(decimal(\"1.5\"))", true), ("decimal(\"1.5\").greaterThan(decimal(\"1.5\"))", false), ("decimal(\"-1.5\").greaterThanOrEqual(decimal(\"-1.6\"))", true), ("decimal(\"1.5\") == decimal(\"1.50\")", true),
    ("datetime(\"2024-01-01\") < datetime(\"2024-01-01T00:00:00.001Z\")", true), ("datetime(\"2024-01-01T01:00:00+0100\") == datetime(\"2024-01-01\")", true), ("datetime(\"2024-01-01T00:00:00-0030\") == datetime(\"2024-01-01T00:30:00Z\")", true),
    ("datetime(\"2024-01-02\").durationSince(datetime(\"2024-01-01\")) == duration(\"1d\")", true), ("datetime(\"2024-01-01\").offset(duration(\"-1ms\")).toDate() == datetime(\"2023-12-31\")", true),
    ("datetime(\"1969-12-31T23:00:00Z\").toTime() == duration(\"23h\")", true), ("datetime(\"1969-12-31T23:00:00Z\").toDate() == datetime(\"1969-12-31\")", true), ("datetime(\"1969-12-31\").toDate() == datetime(\"1969-12-31\")", true),
    ("datetime(\"1969-12-31\").toTime() == duration(\"0ms\")", true), ("duration(\"1d2h3m4s5ms\").toMilliseconds() == 93784005", true), ("duration(\"-90m\").toHours() == -1", true), ("duration(\"90m\").toHours() == 1 && duration(\"90s\").toMinutes() == 1", true),
    ("duration(\"1999ms\").toSeconds() == 1 && duration(\"47h\").toDays() == 1", true), ("duration(\"60m\") == duration(\"1h\")", true), ("duration(\"1h\") <= duration(\"1h\") && !(duration(\"1h\") < duration(\"1h\"))", true),
    ("datetime(\"2000-02-29\") < datetime(\"2000-03-01\") && datetime(\"0000-02-29\") < datetime(\"9999-12-31\")", true),
  ] as [(String, Bool)])
  func `methods answer as the specification says`(text: String, expected: Bool) throws { #expect(try evaluate(text) == .bool(expected)) }

  @Test(arguments: [
    "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-01", "2024-04-31", "2024-01-00", "2024-1-1", "24-01-01", "2024-01-01T", "2024-01-01Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:60Z",
    "2024-01-01T00:00:00", "2024-01-01T00:00:00.1Z", "2024-01-01T00:00:00.1234Z", "2024-01-01T00:00:00+2400", "2024-01-01T00:00:00+0060", "2024-01-01T00:00:00+01:00", "2024-01-01T00:00:00Zx", "2024-01-01 00:00:00Z", "", "-001-01-01", "2024/01/01",
  ])
  func `what is not an instant is refused`(text: String) { #expect(Datetime(text) == nil) }

  @Test(arguments: ["", "-", "1", "1x", "1h1d", "1d1d", "106751991168d", "9223372036854775808ms", "-9223372036854775809ms", "d", "1 d", "+1d", "1ms1s", "--1d", "99999999999999999999d"])
  func `what is not a duration is refused`(text: String) { #expect(Duration(text) == nil) }

  @Test(arguments: ["0ms", "1d", "-1d2h3m4s5ms", "106751991167d7h12m55s807ms", "-106751991167d7h12m55s808ms", "1h0m0s"])
  func `a duration reads back`(text: String) throws {
    let duration = try #require(Duration(text))
    #expect(Duration(duration.description) == duration)
  }

  @Test(arguments: [Int64.min, .max, 0, -1, 253_402_300_799_999, 253_402_300_800_000, -62_167_219_200_000, -62_167_219_200_001, 86_399_999, -86_400_000, 951_782_400_000])
  func `an instant reads back, also where no date writes it`(milliseconds: Int64) throws {
    let value = Value.datetime(Datetime(milliseconds: milliseconds))
    #expect(try evaluate(value.description) == value)
    #expect(try Value(json: value.json) == value)
    #expect(!Datetime(milliseconds: milliseconds).description.isEmpty)
  }

  @Test(arguments: [
    ("datetime(\"9999-12-31\").offset(duration(\"106751991167d\"))", "extensionFunction"), ("datetime(\"1970-01-01\").offset(duration(\"-106751991167d7h12m55s808ms\")).toDate()", "extensionFunction"),
    ("datetime(\"1970-01-01\").offset(duration(\"-106751991167d7h12m55s808ms\")).durationSince(datetime(\"2024-01-01\"))", "extensionFunction"), ("datetime(\"1970-01-01\").offset(1)", "type"), ("datetime(\"1970-01-01\").durationSince(1)", "type"),
    ("1.offset(duration(\"1d\"))", "type"), ("1.toDays()", "type"), ("1.toTime()", "type"), ("1.isIpv4()", "type"), ("ip(\"1.1.1.1\").isInRange(1)", "type"), ("decimal(\"1.0\").lessThan(1)", "type"), ("decimal(\"x\")", "extensionFunction"),
    ("datetime(\"x\")", "extensionFunction"), ("duration(\"x\")", "extensionFunction"), ("decimal(1)", "type"), ("decimal(principal.name)", "extensionFunction"), ("datetime(\"1970-01-01\").toDate(1)", "type"),
  ] as [(String, String)])
  func `functions fail on overflow and wrong types`(text: String, kind: String) throws {
    let error = #expect(throws: EvaluationError.self) { try evaluate(text) }
    #expect(error?.kind.rawValue == kind)
    let policies = try PolicySet(parsing: "permit(principal, action, resource) when { (\(text)) == 1 };")
    let prepared = Authorizer(PreparedPolicies(policies), PreparedEntities(sampleEntities)).authorize(sampleRequest)
    #expect(prepared.errors.map(\.error.kind) == policies.authorize(sampleRequest, sampleEntities).errors.map(\.error.kind))
    #expect(prepared.errors.count == 1)
  }
}

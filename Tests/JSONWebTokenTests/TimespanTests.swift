import Testing

@testable import JSONWebToken

@Suite struct TimespanTests {
    @Test(arguments: [
        ("2 days", 172_800_000.0), ("1d", 86_400_000), ("10h", 36_000_000), ("2.5 hrs", 9_000_000), ("2h", 7_200_000),
        ("1m", 60_000), ("5s", 5000), ("1y", 31_557_600_000), ("100", 100), ("-3 days", -259_200_000),
        ("-1h", -3_600_000), ("-200", -200), ("10 minutes", 600_000), ("1 week", 604_800_000), ("2w", 1_209_600_000),
        ("53 milliseconds", 53), ("1 msec", 1), ("2 msecs", 2), ("3ms", 3), ("1 millisecond", 1), ("1 sec", 1000),
        ("2 secs", 2000), ("1 second", 1000), ("1 min", 60_000), ("2 mins", 120_000), ("1 hr", 3_600_000),
        ("1 hour", 3_600_000), ("1 yr", 31_557_600_000), ("2 yrs", 63_115_200_000), ("1 year", 31_557_600_000),
        ("1 YEARS", 31_557_600_000), ("1 H", 3_600_000), ("1   d", 86_400_000), (".5h", 1_800_000), ("-.5s", -500),
        ("0", 0), ("-0", 0), ("007", 7), ("1.50s", 1500), ("5 ", 5), ("60", 60),
    ])
    func reads(_ text: String, _ milliseconds: Double) {
        #expect(Timespan.milliseconds(text) == milliseconds)
    }

    @Test(arguments: [
        "", " ", "-", ".", "-.", "h", "1.", "1.h", "1..5", "1.5.5", "--1", "+1", "- 1", "1e3", "1,5h", " 1h", "1h ",
        "1\th",
        "1h\n", "1 h m", "1h30m", "ten", "1 fortnight", "0x10", "１h", "1 ſ", "Infinity", "NaN",
    ])
    func refuses(_ text: String) {
        #expect(Timespan.milliseconds(text) == nil)
    }

    @Test func limitsTheLength() {
        #expect(Timespan.milliseconds(String(repeating: "0", count: 99) + "7") == 7)
        #expect(Timespan.milliseconds(String(repeating: "0", count: 100) + "7") == nil)
    }

    @Test func countsFromATimestamp() {
        #expect(Timespan.seconds(60).seconds(after: 1000) == 1060)
        #expect(Timespan.seconds(-60).seconds(after: 1000.5) == 940.5)
        #expect(Timespan.text("60").seconds(after: 1000) == 1000)
        #expect(Timespan.text("1500").seconds(after: 1000) == 1001)
        #expect(Timespan.text("-1").seconds(after: 1000) == 999)
        #expect(Timespan.text("2h").seconds(after: 1000.5) == 8200)
        #expect(Timespan.text("soon").seconds(after: 1000) == nil)
    }
}

import SocketProtocol
import Testing

@Suite struct ISODateTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (1, "1970-01-01T00:00:00.001Z"),
            (1_767_225_600_000, "2026-01-01T00:00:00.000Z"), (1_767_312_000_000, "2026-01-02T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (4_107_456_000_000, "2100-02-28T00:00:00.000Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"), (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (253_402_300_800_000, "+010000-01-01T00:00:00.000Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"), (-62_167_219_200_001, "-000001-12-31T23:59:59.999Z"),
            (8_640_000_000_000_000, "+275760-09-13T00:00:00.000Z"),
            (-8_640_000_000_000_000, "-271821-04-20T00:00:00.000Z"),
            (.max, "+275760-09-13T00:00:00.000Z"), (.min, "-271821-04-20T00:00:00.000Z"),
        ] as [(Int64, String)]
    )
    func writesWhatJavaScriptWrites(_ milliseconds: Int64, _ text: String) {
        #expect(ISODate.string(millisecondsSince1970: milliseconds) == text)
    }

    @Test func countsEveryDayOfFourCenturies() {
        // An independent calendar, one day after the other.
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var (year, month, day) = (1970, 1, 1)
        for index in 0..<Int64(146_097) {
            if index % 17 == 0 || (month == 2 && day > 27) || (month == 3 && day == 1) {
                let text = ISODate.string(millisecondsSince1970: index * 86_400_000)
                let pad = { (value: Int) in value < 10 ? "0\(value)" : "\(value)" }
                #expect(text == "\(year)-\(pad(month))-\(pad(day))T00:00:00.000Z")
            }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            day += 1
            if day > lengths[month - 1] + (month == 2 && isLeap ? 1 : 0) {
                day = 1
                month += 1
            }
            if month > 12 {
                month = 1
                year += 1
            }
        }
        #expect(year == 2370)
    }
}

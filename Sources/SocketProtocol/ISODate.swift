/// Dates as JavaScript's `Date.prototype.toISOString` writes them, which is how `expiry` and `date` travel (contract
/// §8).
public enum ISODate {
    /// The last millisecond that a JavaScript `Date` can hold; the first is its negative (ECMA-262 §21.4.1.1).
    public static let maximumMilliseconds: Int64 = 8_640_000_000_000_000

    /// The UTC date and time as `2026-01-01T00:00:00.000Z`. Years beyond 0000–9999 get a sign and six digits. Values
    /// beyond ``maximumMilliseconds`` either way are clamped to it.
    public static func string(millisecondsSince1970 milliseconds: Int64) -> String {
        let clamped = min(max(milliseconds, -maximumMilliseconds), maximumMilliseconds)
        let day = floorDivide(clamped, 86_400_000)
        let time = clamped - day * 86_400_000
        let (year, month, dayOfMonth) = civil(day)
        var text = ""
        text.reserveCapacity(27)
        if (0...9999).contains(year) {
            append(year, digits: 4, to: &text)
        } else {
            text += year < 0 ? "-" : "+"
            append(abs(year), digits: 6, to: &text)
        }
        text += "-"
        append(month, digits: 2, to: &text)
        text += "-"
        append(dayOfMonth, digits: 2, to: &text)
        text += "T"
        append(time / 3_600_000, digits: 2, to: &text)
        text += ":"
        append(time / 60_000 % 60, digits: 2, to: &text)
        text += ":"
        append(time / 1000 % 60, digits: 2, to: &text)
        text += "."
        append(time % 1000, digits: 3, to: &text)
        return text + "Z"
    }

    /// Year, month and day of a day counted from 1970-01-01 in the proleptic Gregorian calendar. Years start in March
    /// here, so that the leap day is the last one.
    private static func civil(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : (value - divisor + 1) / divisor
    }

    private static func append(_ value: Int64, digits: Int, to text: inout String) {
        let decimal = String(value)
        text += String(repeating: "0", count: max(0, digits - decimal.utf8.count)) + decimal
    }
}

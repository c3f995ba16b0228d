/// A length of time as the signer's options take it: a number of seconds, or a text read like the `ms` package does.
public enum Timespan: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    /// Whole seconds; negative ones are in the past.
    case seconds(Int64)
    /// `"2h"`, `"1d"`, `"10 minutes"`, `"1.5 hrs"`. A number without a unit is in **milliseconds**, as in JavaScript.
    case text(String)

    /// Whole seconds.
    public init(integerLiteral value: Int64) { self = .seconds(value) }

    /// A text such as `"2h"`.
    public init(stringLiteral value: String) { self = .text(value) }

    /// The longest text read, in bytes, as in `ms`.
    static let maximumTextLength = 100

    /// The point in time this long after `timestamp`, both in seconds since 1970; `nil` for a text that is no timespan.
    ///
    /// A text is rounded down to a whole second, a number of seconds is added as it is.
    func seconds(after timestamp: Double) -> Double? {
        switch self {
        case .seconds(let seconds): timestamp + Double(seconds)
        case .text(let text): Self.milliseconds(text).map { (timestamp + $0 / 1000).rounded(.down) }
        }
    }

    /// Reads a text as `ms` does: `-?(digits)?.?digits`, spaces, an optional unit in any ASCII case, nothing else.
    ///
    /// - Returns: milliseconds, or `nil` where `ms` answers `undefined`.
    public static func milliseconds(_ text: String) -> Double? {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= maximumTextLength else { return nil }
        var index = 0
        if bytes[index] == 0x2D { index += 1 }
        let whole = digits(bytes, from: index)
        var end = whole
        if whole < bytes.count, bytes[whole] == 0x2E {
            end = digits(bytes, from: whole + 1)
            guard end > whole + 1 else { return nil }
        }
        guard end > index else { return nil }
        // `Double` wants a digit before the point, JavaScript's `parseFloat` does not.
        let sign = index > 0 ? -1.0 : 1.0
        let magnitude = "0" + String(decoding: bytes[index..<end], as: UTF8.self)
        guard let number = Double(magnitude) else { return nil }
        var unit = end
        while unit < bytes.count, bytes[unit] == 0x20 { unit += 1 }
        let name = String(decoding: bytes[unit...].map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
        return factor(name).map { sign * number * $0 }
    }

    private static func digits(_ bytes: [UInt8], from start: Int) -> Int {
        var index = start
        while index < bytes.count, (0x30...0x39).contains(bytes[index]) { index += 1 }
        return index
    }

    /// Milliseconds per unit.
    private static func factor(_ unit: String) -> Double? {
        switch unit {
        case "years", "year", "yrs", "yr", "y": 31_557_600_000
        case "weeks", "week", "w": 604_800_000
        case "days", "day", "d": 86_400_000
        case "hours", "hour", "hrs", "hr", "h": 3_600_000
        case "minutes", "minute", "mins", "min", "m": 60_000
        case "seconds", "second", "secs", "sec", "s": 1000
        case "milliseconds", "millisecond", "msecs", "msec", "ms", "": 1
        default: nil
        }
    }
}

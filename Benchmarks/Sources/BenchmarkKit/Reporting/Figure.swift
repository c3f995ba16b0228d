import Foundation

/// Numbers as people read them.
public enum Figure {
    /// `1,234,567`, `86.3 k`, `1.24 M`: three or four digits that matter.
    public static func count(_ value: Double) -> String {
        switch abs(value) {
        case 0: "0"
        case ..<10: text(value, 2)
        case ..<10_000: text(value, 0)
        case ..<1_000_000: "\(text(value / 1000, value < 100_000 ? 1 : 0)) k"
        default: "\(text(value / 1_000_000, 2)) M"
        }
    }

    /// A time given in microseconds: `850 ns`, `12.3 µs`, `4.56 ms`, `1.20 s`.
    public static func time(_ microseconds: Double) -> String {
        switch abs(microseconds) {
        case 0: "0"
        case ..<1: "\(text(microseconds * 1000, 0)) ns"
        case ..<100: "\(text(microseconds, 1)) µs"
        case ..<1000: "\(text(microseconds, 0)) µs"
        case ..<1_000_000: "\(text(microseconds / 1000, microseconds < 10_000 ? 2 : 1)) ms"
        default: "\(text(microseconds / 1_000_000, 2)) s"
        }
    }

    /// A share: `42 %`.
    public static func share(_ value: Double) -> String { "\(text(value * 100, 0)) %" }

    /// A ratio: `1.23 ×`.
    public static func ratio(_ value: Double) -> String { "\(text(value, value < 10 ? 2 : 1)) ×" }

    /// Bytes: `512 B`, `1.23 KiB`.
    public static func bytes(_ value: Double) -> String {
        switch abs(value) {
        case ..<1024: "\(text(value, 0)) B"
        case ..<(1024 * 1024): "\(text(value / 1024, 2)) KiB"
        default: "\(text(value / 1024 / 1024, 1)) MiB"
        }
    }

    /// `median [minimum–maximum]` of a sample.
    public static func range(_ sample: Sample, _ format: (Double) -> String) -> String {
        guard let median = sample.median else { return "–" }
        guard sample.values.count > 1, let minimum = sample.minimum, let maximum = sample.maximum else {
            return format(median)
        }
        return "\(format(median)) [\(format(minimum))–\(format(maximum))]"
    }

    /// A number with that many decimals.
    public static func text(_ value: Double, _ decimals: Int) -> String {
        String(format: "%.\(decimals)f", value)
    }
}
